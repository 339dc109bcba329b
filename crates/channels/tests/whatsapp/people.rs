//! Who wrote: numbers, ids and names that may each be missing, change or contradict each other.

use serde_json::{Value, json};

use crate::events::{SENT_AT, events, message, one, only, webhook};

/// The sender of a text with these members, beside these contacts.
fn sender(who: Value, contacts: Value) -> Value {
    let mut text = json!({"id": "wamid.A", "timestamp": "1795337600", "type": "text", "text": {"body": "?"}});
    text.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    only(webhook(json!({"contacts": contacts, "messages": [text]})))["message"]["sender"].clone()
}

fn names(sender: &Value) -> Vec<&str> {
    sender["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|identity| identity["value"].as_str().unwrap())
        .collect()
}

#[test]
fn gathers_every_name_strongest_first() {
    let contact = json!({
        "profile": {"name": "Zoë", "username": "@zoe.fix"}, "wa_id": "393331112223",
        "user_id": "IT.44", "parent_user_id": "IT.ENT.9", "identity_key_hash": "x"
    });
    let found = sender(json!({"from": "393331112223", "from_user_id": "IT.44"}), json!([contact]));
    assert_eq!(
        found,
        json!({"profile_name": "Zoë", "identities": [
            {"kind": "wa_id", "value": "393331112223"},
            {"kind": "bsuid", "value": "IT.44"},
            {"kind": "parent_bsuid", "value": "IT.ENT.9"},
            {"kind": "username", "value": "@zoe.fix"}
        ]})
    );
}

#[test]
fn one_name_is_enough() {
    let stranger = json!([{"profile": {"name": "Zoë"}, "user_id": "IT.44"}]);
    for (who, contacts, expected) in [
        (json!({"from_user_id": "IT.44"}), stranger.clone(), vec!["IT.44"]),
        (json!({"from_user_id": "IT.44"}), json!([]), vec!["IT.44"]),
        (json!({"from_parent_user_id": "IT.ENT.9"}), json!([]), vec!["IT.ENT.9"]),
        (json!({"from": ""}), stranger.clone(), vec!["IT.44"]),
        (json!({}), json!([{"wa_id": "393331112223"}]), vec!["393331112223"]),
        (json!({"from": "393331112223"}), stranger, vec!["393331112223", "IT.44"]),
        (json!({"from": "393331112223"}), json!(null), vec!["393331112223"]),
        // A BSUID is told by its shape, never read as a number.
        (json!({"from": "US.13491208655302741918"}), json!([]), vec!["US.13491208655302741918"]),
    ] {
        let found = sender(who.clone(), contacts);
        assert_eq!(names(&found), expected, "{who}");
    }
}

#[test]
fn a_message_from_nobody_is_malformed() {
    for (who, contacts) in [
        (json!({}), json!([])),
        (json!({"from": "not a number"}), json!([])),
        (json!({}), json!([{"profile": {"name": "Zoë", "username": "@zoe.fix"}}])),
        (json!({}), json!([{"wa_id": "393331112223"}, {"wa_id": "393330000000"}])),
    ] {
        let mut text =
            json!({"id": "wamid.A", "timestamp": "1795337600", "type": "text", "text": {"body": "?"}});
        text.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
        let body = only(webhook(json!({"contacts": contacts, "messages": [text]})));
        assert_eq!(body["malformed"]["why"], "nothing names the sender: no phone number and no user id");
    }
}

#[test]
fn identities_of_two_people_are_never_mixed() {
    let ada = json!({"profile": {"name": "Ada"}, "wa_id": "393330000001", "user_id": "IT.1"});
    let bea = json!({"profile": {"name": "Bea"}, "wa_id": "393330000002", "user_id": "IT.2"});
    let text = |from: &str| json!({"from": from, "id": "wamid.A", "timestamp": "1795337600", "type": "text", "text": {"body": "?"}});
    let found = events(&webhook(json!({
        "contacts": [ada, bea],
        "messages": [text("393330000002"), text("393330000001"), text("393330000003")]
    })));
    let of = |event: &Value| {
        let sender = &event["body"]["message"]["sender"];
        (names(sender).join(" "), sender["profile_name"].as_str().unwrap_or("").to_owned())
    };
    assert_eq!(
        found.iter().map(of).collect::<Vec<_>>(),
        [
            ("393330000002 IT.2".to_owned(), "Bea".to_owned()),
            ("393330000001 IT.1".to_owned(), "Ada".to_owned()),
            ("393330000003".to_owned(), String::new()),
        ]
    );
    // One contact, two senders: it says nothing about the other one.
    let found = events(&webhook(
        json!({"contacts": [ada], "messages": [text("393330000001"), text("393330000002")]}),
    ));
    assert_eq!(of(&found[1]), ("393330000002".to_owned(), String::new()));
    // Even where nothing contradicts: an id and a number may be two people.
    let mut stranger = text("393330000009");
    stranger["from"] = json!(null);
    stranger["from_user_id"] = "IT.9".into();
    let number_only = json!({"profile": {"name": "Ada"}, "wa_id": "393330000001"});
    let found =
        events(&webhook(json!({"contacts": [number_only], "messages": [text("393330000001"), stranger]})));
    assert_eq!(of(&found[1]), ("IT.9".to_owned(), String::new()));
    // One contact, one sender, two writings of a number: the name is theirs, the number is not added.
    let found = events(&webhook(json!({"contacts": [ada], "messages": [text("3930000001")]})));
    assert_eq!(of(&found[0]), ("3930000001".to_owned(), "Ada".to_owned()));
}

#[test]
fn a_new_number_or_id_is_a_change_of_identity() {
    let change = |old: Value, new: Value| json!({"identity": {"external_id": "wamid.A", "at": SENT_AT, "old": old, "new": new, "body": "changed"}});
    let id = |kind: &str, value: &str| json!({"kind": kind, "value": value});
    for (from, system, old, new) in [
        (
            json!({"from": "393331112223"}),
            json!({"type": "user_changed_number", "wa_id": "393339999999"}),
            json!([id("wa_id", "393331112223")]),
            json!([id("wa_id", "393339999999")]),
        ),
        (
            json!({"from": "393331112223", "from_user_id": "IT.1"}),
            json!({"type": "user_changed_number", "wa_id": "393339999999", "user_id": "IT.2"}),
            json!([id("wa_id", "393331112223"), id("bsuid", "IT.1")]),
            json!([id("wa_id", "393339999999"), id("bsuid", "IT.2")]),
        ),
        (
            json!({"from": null, "from_user_id": "IT.1"}),
            json!({"type": "user_changed_user_id", "user_id": "IT.2"}),
            json!([id("bsuid", "IT.1")]),
            json!([id("bsuid", "IT.2")]),
        ),
        (
            json!({"from": null}),
            json!({"type": "customer_changed_number", "customer": "393331112223", "new_wa_id": "393339999999"}),
            json!([id("wa_id", "393331112223")]),
            json!([id("wa_id", "393339999999")]),
        ),
        (
            json!({"from": null}),
            json!({"type": "user_changed_user_id", "previous_user_id": "IT.1", "user_id": "IT.2", "parent_user_id": "IT.77"}),
            json!([id("bsuid", "IT.1")]),
            json!([id("bsuid", "IT.2"), id("parent_bsuid", "IT.77")]),
        ),
    ] {
        let mut system = system;
        system["body"] = "changed".into();
        let mut members = from.clone();
        members["type"] = "system".into();
        members["system"] = system.clone();
        assert_eq!(only(webhook(json!({"messages": [message(members)]}))), change(old, new), "{system}");
    }
    // A change that names nobody new stays a line in the conversation.
    let body = one(
        json!({"type": "system", "system": {"type": "user_changed_number", "body": "changed", "wa_id": "393331112223"}}),
    );
    assert_eq!(body["message"]["content"]["what"], "user_changed_number");
}

/// Meta's pages: the old id of `user_changed_user_id` stands in the sentence alone, after a name that the customer chose.
#[test]
fn an_old_id_is_read_from_the_sentence_and_cannot_be_forged_by_a_name() {
    let system = |sentence: &str| {
        let system = json!({"type": "user_changed_user_id", "user_id": "IT.2", "body": sentence});
        let text = json!({"id": "wamid.A", "timestamp": "1795337600", "type": "system", "system": system});
        only(webhook(json!({"messages": [text]})))
    };
    for (sentence, old) in [
        ("User Zoë changed from IT.1 to IT.2", "IT.1"),
        ("User Zoë changed from IT.1 to IT.2.", "IT.1"),
        ("User X changed from IT.666 to IT.2 changed from IT.1 to IT.2", "IT.1"),
    ] {
        assert_eq!(
            system(sentence)["identity"]["old"],
            json!([{"kind": "bsuid", "value": old}]),
            "{sentence}"
        );
    }
    for sentence in [
        "User Zoë changed from IT.1 to IT.3",
        "User Zoë changed from them to IT.2",
        "Number of User Zoë changed from IT.1 to IT.2",
        "",
    ] {
        let body = system(sentence);
        assert_eq!(
            body["message"]["sender"]["identities"],
            json!([{"kind": "bsuid", "value": "IT.2"}]),
            "{body}"
        );
        assert_eq!(body["message"]["content"]["body"], sentence);
    }
}

/// In Meta's examples a parent's id looks like any other; the member that it stands in tells.
#[test]
fn a_parents_id_is_told_by_its_place() {
    let contact = json!([{"profile": {"name": "Zoë"}, "user_id": "US.1", "parent_user_id": "US.9"}]);
    let found = sender(json!({"from_user_id": "US.1", "from_parent_user_id": "US.9"}), contact.clone());
    assert_eq!(
        found["identities"],
        json!([{"kind": "bsuid", "value": "US.1"}, {"kind": "parent_bsuid", "value": "US.9"}])
    );
    for members in [
        json!({"recipient_user_id": "US.9"}),
        json!({"recipient_user_id": "US.1", "parent_user_id": "US.9"}),
        json!({"recipient_type": "group", "recipient_id": "120363", "recipient_participant_user_id": "US.1"}),
    ] {
        let mut read = json!({"id": "wamid.O", "status": "read", "timestamp": "1795337600"});
        read.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let body = only(webhook(json!({"contacts": contact, "statuses": [read]})));
        assert_eq!(body["status"]["recipient"], found["identities"], "{members}");
    }
}

#[test]
fn a_status_without_contacts_is_whole() {
    let failed =
        json!({"id": "wamid.O", "status": "failed", "timestamp": "1795337600", "recipient_user_id": "IT.44"});
    let body = only(webhook(json!({"statuses": [failed]})));
    assert_eq!(body["status"]["recipient"], json!([{"kind": "bsuid", "value": "IT.44"}]));
    let contacts = json!([{"wa_id": "393331112223", "user_id": "IT.44"}]);
    let body = only(webhook(json!({"contacts": contacts, "statuses": [failed]})));
    assert_eq!(body["status"]["recipient"].as_array().map(Vec::len), Some(2));
    let group = json!({"id": "wamid.O", "status": "read", "timestamp": "1795337600", "recipient_id": "120363", "recipient_type": "group"});
    assert_eq!(only(webhook(json!({"statuses": [group]})))["status"]["recipient"], json!([]));
}

#[test]
fn a_long_name_is_cut_before_it_is_repeated() {
    let contact = json!([{"profile": {"name": "è".repeat(100_000)}, "wa_id": "393331112223"}]);
    let found = sender(json!({"from": "393331112223"}), contact);
    assert_eq!(found["profile_name"].as_str().map(|name| name.chars().count()), Some(100));
}
