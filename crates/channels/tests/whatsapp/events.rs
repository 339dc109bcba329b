//! Building webhooks as Meta sends them, and reading what the parser made of them as JSON.

use channels::whatsapp::parse::parse;
use serde_json::{Value, json};

pub const ACCOUNT: &str = "700000000000001";
pub const SENT_AT: &str = "2026-11-22T08:53:20Z";

/// A webhook whose one change has this `value`, metadata added.
pub fn webhook(mut value: Value) -> Value {
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({"display_phone_number": "390612345678", "phone_number_id": ACCOUNT});
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "800000000000001", "changes": [{"field": "messages", "value": value}]}]
    })
}

/// A message from Zoë, with these members besides.
pub fn message(members: Value) -> Value {
    let mut message = json!({"from": "393331112223", "id": "wamid.A", "timestamp": "1795337600"});
    for (key, member) in members.as_object().unwrap() {
        message[key] = member.clone();
    }
    message
}

pub fn zoe() -> Value {
    json!([{"profile": {"name": "Zoë"}, "wa_id": "393331112223"}])
}

/// The events of a body, each as the JSON in which it is stored.
pub fn events(body: &Value) -> Vec<Value> {
    let events = parse(body.to_string().as_bytes()).unwrap();
    events.iter().map(|event| serde_json::to_value(event).unwrap()).collect()
}

/// The `body` of the one event that this message (sent by Zoë) becomes.
pub fn one(members: Value) -> Value {
    only(webhook(json!({"contacts": zoe(), "messages": [message(members)]})))
}

pub fn only(body: Value) -> Value {
    let mut events = events(&body);
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(events[0]["account"], ACCOUNT);
    events.remove(0)["body"].take()
}
