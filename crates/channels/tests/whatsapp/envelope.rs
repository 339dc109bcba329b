//! The arrays around the messages: batches, strange neighbours, fields that we do not read.

use channels::whatsapp::parse::{ParseError, parse};
use serde_json::{Value, json};

use crate::events::{ACCOUNT, events, message, webhook, zoe};

fn text(id: &str) -> Value {
    message(json!({"id": id, "type": "text", "text": {"body": id}}))
}

#[test]
fn reads_every_element_of_every_array_in_order() {
    let value = |number: &str, ids: [&str; 2]| json!({"metadata": {"phone_number_id": number}, "contacts": zoe(), "messages": ids.map(text)});
    let change = |number: &str, ids: [&str; 2]| json!({"field": "messages", "value": value(number, ids)});
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"id": "1", "changes": [change("n1", ["a", "b"]), change("n2", ["c", "d"])]},
        {"id": "2", "changes": []},
        {"id": "3", "changes": [change("n3", ["e", "f"])]}
    ]});
    let found = events(&body);
    let ids: Vec<(&str, &str)> = found
        .iter()
        .map(|e| (e["account"].as_str().unwrap(), e["body"]["message"]["external_id"].as_str().unwrap()))
        .collect();
    assert_eq!(ids, [("n1", "a"), ("n1", "b"), ("n2", "c"), ("n2", "d"), ("n3", "e"), ("n3", "f")]);
}

#[test]
fn reads_a_batch_of_a_thousand_with_messages_statuses_and_errors_mixed() {
    let ids: Vec<String> = (0..1_000).map(|n| format!("wamid.{n}")).collect();
    let status = |id: &String| json!({"id": id, "status": "read", "timestamp": "1795337600", "recipient_id": "393331112223"});
    let body = webhook(json!({
        "contacts": zoe(),
        "messages": ids.iter().map(|id| text(id)).collect::<Vec<_>>(),
        "statuses": ids.iter().map(status).collect::<Vec<_>>(),
        "errors": vec![json!({"code": 131_052}); 1_000]
    }));
    let found = events(&body);
    for kind in ["message", "status", "problem"] {
        let of_kind: Vec<&Value> = found.iter().filter_map(|event| event["body"].get(kind)).collect();
        assert_eq!(of_kind.len(), 1_000, "{kind}");
        if kind != "problem" {
            assert!(of_kind.iter().zip(&ids).all(|(event, id)| event["external_id"] == **id), "{kind}");
        }
    }
    assert_eq!(found.len(), 3_000);
}

#[test]
fn a_broken_element_costs_none_of_its_neighbours() {
    let missing = |key: &str| {
        let mut message = text("x");
        message.as_object_mut().unwrap().remove(key);
        message
    };
    let with = |members: Value| message(members);
    for (broken, why) in [
        (json!(null), "`type` is missing"),
        (json!("?"), "`type` is missing"),
        (json!([[]]), "`type` is missing"),
        (missing("type"), "`type` is missing"),
        (missing("id"), "`id` is missing"),
        (missing("text"), "`text` is not an object"),
        (missing("timestamp"), "`timestamp` is not a number of seconds"),
        (with(json!({"type": "text", "text": {"body": 7}})), "`text.body` is missing"),
        (
            with(json!({"type": "text", "text": {"body": "?"}, "id": "x".repeat(513)})),
            "`id` has 513 bytes, at most 512 are an id",
        ),
        (
            with(json!({"type": "text", "text": {"body": "?"}, "timestamp": "99"})),
            "`timestamp` lies outside the years 2009 to 2099",
        ),
        (with(json!({"type": "image", "image": {"caption": "no id"}})), "`id` is missing"),
        (with(json!({"type": "image", "image": [1]})), "`image` is not an object"),
        (
            with(json!({"type": "location", "location": {"latitude": 91, "longitude": 0}})),
            "`location.latitude` is not a number of degrees",
        ),
        (
            with(json!({"type": "location", "location": {"latitude": 1, "longitude": "NaN"}})),
            "`location.longitude` is not a number of degrees",
        ),
        (with(json!({"type": "contacts", "contacts": {}})), "`contacts` is not an array"),
        (with(json!({"type": "order", "order": {}})), "`product_items` is not an array"),
        (with(json!({"type": "interactive", "interactive": {}})), "`interactive.type` is missing"),
        (
            with(json!({"type": "interactive", "interactive": {"type": "button_reply"}})),
            "`button_reply` is not an object",
        ),
        (with(json!({"type": "button", "button": {}})), "`button.text` is missing"),
        (with(json!({"type": "reaction", "reaction": {"emoji": "👍"}})), "`message_id` is missing"),
        (with(json!({"type": "edit", "edit": {"original_message_id": "x"}})), "`message` is not an object"),
        (with(json!({"type": "revoke", "revoke": {}})), "`original_message_id` is missing"),
        (with(json!({"type": "system"})), "`system` is not an object"),
    ] {
        let found =
            events(&webhook(json!({"contacts": zoe(), "messages": [text("before"), broken, text("after")]})));
        let malformed = json!({"malformed": {"field": "messages", "why": why, "raw": broken}});
        assert_eq!(found.len(), 3, "{broken}");
        assert_eq!(found[0]["body"]["message"]["external_id"], "before");
        assert_eq!(found[1], json!({"account": ACCOUNT, "body": malformed}));
        assert_eq!(found[2]["body"]["message"]["external_id"], "after");
    }
}

#[test]
fn broken_statuses_errors_and_arrays_are_kept_too() {
    for (value, field) in [
        (json!({"statuses": [{"id": "x", "timestamp": "1795337600"}]}), "statuses"),
        (json!({"statuses": [{"status": "read", "timestamp": "1795337600"}]}), "statuses"),
        (json!({"statuses": [{"status": "read", "id": "x"}]}), "statuses"),
        (json!({"errors": [{"title": "no code"}]}), "errors"),
        (json!({"messages": {"0": {}}}), "messages"),
        (json!({"statuses": "none"}), "statuses"),
    ] {
        let found = events(&webhook(value.clone()));
        assert_eq!(found.len(), 1, "{value}");
        assert_eq!(found[0]["body"]["malformed"]["field"], field, "{value}");
    }
}

#[test]
fn broken_entries_and_changes_are_kept_and_the_rest_is_read() {
    let good = webhook(json!({"contacts": zoe(), "messages": [text("good")]}))["entry"][0].clone();
    for (entry, field) in [
        (json!(null), "entry"),
        (json!({"id": "1"}), "entry"),
        (json!({"changes": {}}), "entry"),
        (json!({"changes": [null]}), "changes"),
        (json!({"changes": [{"value": {}}]}), "changes"),
        (json!({"changes": [{"field": "messages"}]}), "messages"),
        (json!({"changes": [{"field": "messages", "value": []}]}), "messages"),
    ] {
        let found = events(&json!({"object": "whatsapp_business_account", "entry": [entry, good]}));
        assert_eq!(found.len(), 2, "{entry}");
        assert_eq!(found[0]["body"]["malformed"]["field"], field, "{entry}");
        assert_eq!(found[1]["body"]["message"]["external_id"], "good", "{entry}");
    }
}

#[test]
fn what_we_do_not_read_is_kept_and_named() {
    let change = json!({"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1, "changes": [change]}]});
    assert_eq!(
        events(&body),
        [json!({"account": null, "body": {"other": {"field": "account_update", "raw": change}}})]
    );
    let calls = json!([{"id": "wacid.1", "event": "connect"}]);
    let found =
        events(&webhook(json!({"calls": calls, "contacts": zoe(), "messages": [text("a")], "note": "new"})));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["body"], json!({"other": {"field": "calls", "raw": calls}}));
    let empty = events(&webhook(json!({})));
    assert_eq!(empty[0]["body"]["other"]["field"], "messages");
    let page = events(&json!({"object": "page", "entry": [{"id": "1"}]}));
    assert_eq!(page, [json!({"account": null, "body": {"other": {"field": "page", "raw": {"id": "1"}}}})]);
}

#[test]
fn a_body_that_is_no_webhook_is_refused_with_its_reason() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = |n: usize| webhook(json!({"messages": vec![0; n]})).to_string();
    assert_eq!(parse(many(10_000).as_bytes()).map(|events| events.len()), Ok(10_000));
    let not_json = |why, line, column| ParseError::NotJson { why, line, column };
    for (body, expected) in [
        (&b""[..], not_json("it ends too early", 1, 0)),
        (b"{", not_json("it ends too early", 1, 1)),
        (b"<html>", not_json("unexpected bytes", 1, 1)),
        (b"{}{}", not_json("unexpected bytes", 1, 3)),
        (b"{\"entry\":[\"\xff\"]}", not_json("unexpected bytes", 1, 12)),
        (deep.as_bytes(), ParseError::TooDeep),
        (b"[]", ParseError::NotAWebhook),
        (b"{\"object\":\"whatsapp_business_account\"}", ParseError::NotAWebhook),
        (b"{\"object\":\"whatsapp_business_account\",\"entry\":{}}", ParseError::NotAWebhook),
        (many(10_001).as_bytes(), ParseError::TooMany { limit: 10_000 }),
    ] {
        let refused = parse(body).unwrap_err();
        assert_eq!(refused, expected);
        assert!(refused.to_string().len() > 20);
    }
}

#[test]
fn one_cut_emoji_does_not_cost_the_batch() {
    let body = webhook(json!({"contacts": zoe(), "messages": [text("a"), text("b")]})).to_string();
    let body = body.replace("\"body\":\"a\"", r#""body":"ciao \ud83d \u0000 \ud83d\ude00 \/""#);
    let found = parse(body.as_bytes()).unwrap();
    assert_eq!(found.len(), 2);
    let first = serde_json::to_value(&found[0]).unwrap();
    assert_eq!(first["body"]["message"]["content"]["body"], "ciao \u{fffd} \u{fffd} 😀 /");
}
