//! Every type of message with its body, and every rider.

use serde_json::{Value, json};

use crate::events::{SENT_AT, message, one, only, webhook, zoe};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const BASE64: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn content(members: Value) -> Value {
    let body = one(members.clone());
    assert!(body.get("message").is_some(), "{members} became {body}");
    body["message"]["content"].clone()
}

#[test]
fn a_message_says_who_when_and_what() {
    assert_eq!(
        one(json!({"type": "text", "text": {"body": "ciao 😀 \u{e8}"}})),
        json!({"message": {
            "external_id": "wamid.A",
            "sender": {"identities": [{"kind": "wa_id", "value": "393331112223"}], "profile_name": "Zoë"},
            "sent_at": SENT_AT,
            "content": {"kind": "text", "body": "ciao 😀 è"},
            "riders": {},
            "problems": []
        }})
    );
}

#[test]
fn files_come_with_everything_that_is_said_about_them() {
    let url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1";
    let plain = json!({"is_voice": false, "is_animated": false});
    for (kind, wire, expected) in [
        (
            "image",
            json!({"id": "1", "mime_type": "image/jpeg", "sha256": BASE64, "caption": "la targhetta", "url": url}),
            json!({"external_id": "1", "mime_type": "image/jpeg", "sha256": HEX, "caption": "la targhetta", "url": url}),
        ),
        ("image", json!({"id": 12345}), json!({"external_id": "12345"})),
        (
            "video",
            json!({"id": "2", "mime_type": "video/mp4", "sha256": HEX}),
            json!({"external_id": "2", "mime_type": "video/mp4", "sha256": HEX}),
        ),
        (
            "audio",
            json!({"id": "3", "mime_type": "audio/ogg; codecs=opus", "sha256": BASE64, "voice": true}),
            json!({"external_id": "3", "mime_type": "audio/ogg; codecs=opus", "sha256": HEX, "is_voice": true}),
        ),
        ("audio", json!({"id": "4", "voice": false}), json!({"external_id": "4"})),
        (
            "document",
            json!({"id": "5", "mime_type": "image/heic", "filename": "../IMG 1.HEIC", "sha256": "none", "url": null}),
            json!({"external_id": "5", "mime_type": "image/heic", "file_name": "../IMG 1.HEIC"}),
        ),
        (
            "sticker",
            json!({"id": "6", "mime_type": "image/webp", "animated": true}),
            json!({"external_id": "6", "mime_type": "image/webp", "is_animated": true}),
        ),
    ] {
        let mut whole = plain.clone();
        whole["kind"] = kind.into();
        whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        let message = json!({"type": kind, kind: wire});
        assert_eq!(content(message), whole, "{wire}");
    }
}

#[test]
fn every_other_type_keeps_its_meaning() {
    for (wire, expected) in [
        (
            json!({"type": "location", "location": {"latitude": 41.9, "longitude": 12.5}}),
            json!({"kind": "location", "latitude": 41.9, "longitude": 12.5}),
        ),
        (
            json!({"type": "location", "location": {
                "latitude": "-41.5", "longitude": " 12.25", "name": "Officina", "address": "Via Po 1", "url": "https://a.example"
            }}),
            json!({
                "kind": "location", "latitude": -41.5, "longitude": 12.25,
                "name": "Officina", "address": "Via Po 1", "url": "https://a.example"
            }),
        ),
        (
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Ada"}, "phones": [{"phone": "+39 1"}]}]}),
            json!({"kind": "contacts", "cards": [{"name": {"formatted_name": "Ada"}, "phones": [{"phone": "+39 1"}]}]}),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "yes", "title": "Sì"}}}),
            json!({"kind": "choice", "id": "yes", "title": "Sì", "description": null}),
        ),
        (
            json!({"type": "interactive", "interactive": {
                "type": "list_reply", "list_reply": {"id": "r1", "title": "Lavatrice", "description": "carica dall'alto"}
            }}),
            json!({"kind": "choice", "id": "r1", "title": "Lavatrice", "description": "carica dall'alto"}),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {
                "name": "flow", "body": "Sent", "response_json": "{\"photos\":[{\"id\":\"9\"}],\"note\":\"a\\u0000b\"}"
            }}}),
            json!({"kind": "form", "name": "flow", "answers": {"photos": [{"id": "9"}], "note": "a\u{fffd}b"}}),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{oops"}}}),
            json!({"kind": "form", "name": null, "answers": "{oops"}),
        ),
        (
            json!({"type": "button", "button": {"payload": "p1", "text": "Confermo"}}),
            json!({"kind": "button", "payload": "p1", "text": "Confermo"}),
        ),
        (
            json!({"type": "order", "order": {
                "catalog_id": "c", "text": "presto", "product_items": [{"product_retailer_id": "x", "quantity": 2}]
            }}),
            json!({
                "kind": "order", "catalog_id": "c", "text": "presto",
                "items": [{"product_retailer_id": "x", "quantity": 2}]
            }),
        ),
        (
            json!({"type": "system", "system": {"type": "group_joined", "body": "Ada joined"}}),
            json!({"kind": "system", "what": "group_joined", "body": "Ada joined"}),
        ),
    ] {
        assert_eq!(content(wire.clone()), expected, "{wire}");
    }
}

#[test]
fn what_whatsapp_does_not_pass_on_comes_with_its_reason() {
    for (wire, what, code) in [
        (
            json!({"unsupported": {"type": "poll_creation"}, "errors": [{"code": 131_051}]}),
            json!("poll_creation"),
            131_051,
        ),
        (
            json!({"errors": [{"code": "131060", "title": "This message is currently unavailable."}]}),
            json!(null),
            131_060,
        ),
        (json!({"errors": [{"code": 131_052, "title": "Media download error"}]}), json!(null), 131_052),
    ] {
        let mut members = wire.clone();
        members["type"] = "unsupported".into();
        let body = one(members);
        assert_eq!(body["message"]["content"], json!({"kind": "unsupported", "what": what}));
        assert_eq!(body["message"]["problems"][0]["code"], code, "{body}");
    }
}

#[test]
fn an_unknown_type_is_kept_whole() {
    for members in [
        json!({"type": "hologram", "hologram": {"depth": 3}}),
        json!({"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}}),
    ] {
        let content = content(members.clone());
        assert_eq!(content["kind"], "unknown");
        assert_eq!(content["raw"], message(members));
    }
    assert_eq!(
        content(json!({"type": "interactive", "interactive": {"type": "poll"}}))["what"],
        "interactive.poll"
    );
}

#[test]
fn riders_ride_on_any_type() {
    let referral = json!({"source_type": "ad", "headline": "Sconto", "welcome_message": {"text": "Ciao"}});
    let product = json!({"catalog_id": "c", "product_retailer_id": "x"});
    for (extra, expected) in [
        (json!({"context": {"from": "390612345678", "id": "wamid.Q"}}), json!({"reply_to": "wamid.Q"})),
        (json!({"context": {"forwarded": true}}), json!({"is_forwarded": true})),
        (
            json!({"context": {"frequently_forwarded": true}}),
            json!({"is_forwarded": true, "is_forwarded_often": true}),
        ),
        (
            json!({"context": {"id": "wamid.Q", "forwarded": true, "referred_product": product}}),
            json!({"reply_to": "wamid.Q", "is_forwarded": true, "referred_product": product}),
        ),
        (json!({"referral": referral}), json!({"referral": referral})),
        (json!({"group_id": "120363@g.us"}), json!({"group_id": "120363@g.us"})),
        (json!({"context": null, "referral": {}, "group_id": ""}), json!({})),
    ] {
        for (kind, body) in
            [("text", json!({"body": "?"})), ("image", json!({"id": "1"})), ("hologram", json!({}))]
        {
            let mut members = extra.clone();
            members["type"] = kind.into();
            members[kind] = body;
            assert_eq!(one(members.clone())["message"]["riders"], expected, "{members}");
        }
    }
}

#[test]
fn reactions_edits_and_revokes_are_done_to_a_message() {
    let sender = json!({"identities": [{"kind": "wa_id", "value": "393331112223"}], "profile_name": "Zoë"});
    let change = |what: Value| json!({"change": {"external_id": "wamid.A", "target": "wamid.T", "sender": sender, "at": SENT_AT, "what": what}});
    for (wire, what) in [
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.T", "emoji": "👍"}}),
            json!({"reaction": {"emoji": "👍"}}),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.T"}}),
            json!({"reaction": {"emoji": null}}),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.T", "emoji": ""}}),
            json!({"reaction": {"emoji": null}}),
        ),
        (
            json!({"type": "edit", "edit": {"original_message_id": "wamid.T", "message": {
                "context": {"id": "wamid.Q"}, "type": "text", "text": {"body": "corretto"}
            }}}),
            json!({"edit": {"content": {"kind": "text", "body": "corretto"}}}),
        ),
        (json!({"type": "revoke", "revoke": {"original_message_id": "wamid.T"}}), json!("revoke")),
    ] {
        assert_eq!(one(wire.clone()), change(what), "{wire}");
    }
}

#[test]
fn a_status_tells_what_became_of_our_message() {
    let status = |extra: Value| {
        let mut report = json!({"id": "wamid.O", "recipient_id": "393331112223", "timestamp": "1795337600"});
        report.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        only(webhook(json!({"statuses": [report]})))
    };
    for stated in ["sent", "delivered", "read", "played", "failed"] {
        assert_eq!(
            status(json!({"status": stated})),
            json!({"status": {
                "external_id": "wamid.O", "our_id": null, "status": stated, "at": SENT_AT,
                "recipient": [{"kind": "wa_id", "value": "393331112223"}],
                "errors": [], "pricing": null, "conversation": null
            }})
        );
    }
    let pricing = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"});
    let conversation = json!({"id": "c1", "origin": {"type": "service"}});
    let whole = status(json!({
        "status": "failed", "biz_opaque_callback_data": "01JD", "recipient_user_id": "IT.44",
        "parent_recipient_user_id": "IT.ENT.9", "pricing": pricing, "conversation": conversation,
        "errors": [{"code": 131_047, "title": "Re-engagement message", "message": "Re-engagement message",
            "error_data": {"details": "more than 24 hours"}, "href": "https://a.example"}]
    }));
    assert_eq!(
        whole["status"],
        json!({
            "external_id": "wamid.O", "our_id": "01JD", "status": "failed", "at": SENT_AT,
            "recipient": [
                {"kind": "wa_id", "value": "393331112223"},
                {"kind": "bsuid", "value": "IT.44"},
                {"kind": "parent_bsuid", "value": "IT.ENT.9"}
            ],
            "errors": [{"code": 131_047, "title": "Re-engagement message", "details": "more than 24 hours"}],
            "pricing": pricing, "conversation": conversation
        })
    );
    let ringing = status(json!({"status": "RINGING", "type": "call"}));
    assert_eq!(ringing["other"]["field"], "statuses");
}

#[test]
fn a_problem_of_the_account_names_its_person_only_if_there_is_one() {
    let error = json!({"code": 131_052, "title": "Media download error", "message": "Media download error",
        "error_data": {"details": "larger than 100 MB"}});
    let expected = json!({"code": 131_052, "title": "Media download error", "details": "larger than 100 MB"});
    let sender = json!({"identities": [{"kind": "wa_id", "value": "393331112223"}], "profile_name": "Zoë"});
    let two = json!([zoe()[0], {"wa_id": "393330000000"}]);
    for (contacts, sender) in [(zoe(), sender), (json!([]), json!(null)), (two, json!(null))] {
        assert_eq!(
            only(webhook(json!({"contacts": contacts, "errors": [error]}))),
            json!({"problem": {"error": expected, "sender": sender}})
        );
    }
}
