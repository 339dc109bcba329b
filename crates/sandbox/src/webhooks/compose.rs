//! The JSON of webhooks: the envelope, whom it is about, and how a batch is put together.

use model::Timestamp;
use serde_json::{Map, Value, json};

use super::queue::Update;
use crate::{config::Config, customer::Customer};

/// The whole body. A batch fills all four arrays of Meta's format: entries, changes, messages and statuses.
pub fn envelope(waba_id: &str, updates: &[Update]) -> Value {
    let half = updates.len().div_ceil(2).max(1);
    let entries: Vec<Value> = updates
        .chunks(half)
        .map(|part| json!({ "id": waba_id, "changes": merge(part.iter().map(|u| &u.change)) }))
        .collect();
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

/// Neighbours of one kind (messages, statuses) share a `value`.
fn merge<'a>(changes: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for change in changes {
        let joined = merged.last_mut().is_some_and(|last| join(last, change));
        if !joined {
            merged.push(change.clone());
        }
    }
    merged
}

fn join(into: &mut Value, change: &Value) -> bool {
    let kind = |change: &Value| {
        ["messages", "statuses"].into_iter().find(|key| change.pointer(&format!("/value/{key}")).is_some())
    };
    let Some(key) = kind(change) else { return false };
    if kind(into) != Some(key) || into.get("field") != change.get("field") {
        return false;
    }
    for list in [key, "contacts"] {
        let Some(Value::Array(more)) = change.pointer(&format!("/value/{list}")) else { continue };
        let Some(value) = into.get_mut("value").and_then(Value::as_object_mut) else { return false };
        let all = value.entry(list).or_insert_with(|| json!([]));
        if let Value::Array(all) = all {
            for item in more {
                if list != "contacts" || !all.contains(item) {
                    all.push(item.clone());
                }
            }
        }
    }
    true
}

/// How the number is hidden in this webhook.
#[derive(Clone, Copy, Debug)]
pub struct Hides(pub bool);

impl Hides {
    pub fn of(customer: &Customer, knob: bool) -> Self {
        Self(knob || customer.bsuid_only || customer.phone.is_none())
    }
}

fn value(config: &Config) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("messaging_product".to_owned(), "whatsapp".into());
    value.insert(
        "metadata".to_owned(),
        json!({
            "display_phone_number": config.display_phone_number,
            "phone_number_id": config.phone_number_id,
        }),
    );
    value
}

pub fn contact(customer: &Customer, hides: Hides) -> Value {
    let mut profile = json!({ "name": customer.name });
    if let (Some(username), Some(profile)) = (&customer.username, profile.as_object_mut()) {
        profile.insert("username".to_owned(), format!("@{}", username.trim_start_matches('@')).into());
    }
    let mut contact = json!({ "profile": profile, "user_id": customer.user_id });
    put_number(&mut contact, "wa_id", customer, hides);
    contact
}

fn put_number(object: &mut Value, key: &str, customer: &Customer, hides: Hides) {
    if let (Some(phone), false, Some(map)) = (&customer.phone, hides.0, object.as_object_mut()) {
        map.insert(key.to_owned(), phone.clone().into());
    }
}

/// A message from a customer: what all have in common, around the member named like its type.
pub struct Inbound<'a> {
    pub customer: &'a Customer,
    pub wamid: &'a str,
    pub at: Timestamp,
    pub kind: &'a str,
    /// Members of the message beside the common ones: the body, `context`, `referral`, `errors` …
    pub members: Map<String, Value>,
}

pub fn message(config: &Config, inbound: Inbound<'_>, hides: Hides) -> Value {
    let Inbound { customer, wamid, at, kind, members } = inbound;
    let mut message = json!({
        "from_user_id": customer.user_id,
        "id": wamid,
        "timestamp": at.secs().to_string(),
        "type": kind,
    });
    put_number(&mut message, "from", customer, hides);
    if let Some(map) = message.as_object_mut() {
        map.extend(members);
        if kind == "system" {
            map.remove("from_user_id");
        }
    }
    let mut value = value(config);
    // A system message says itself whom it is about.
    if kind != "system" {
        value.insert("contacts".to_owned(), json!([contact(customer, hides)]));
    }
    value.insert("messages".to_owned(), json!([message]));
    Value::Object(value)
}

pub fn status(config: &Config, customer: &Customer, mut status: Value, with: (bool, Hides)) -> Value {
    let (contacts, hides) = with;
    if let Some(map) = status.as_object_mut() {
        map.insert("recipient_user_id".to_owned(), customer.user_id.clone().into());
    }
    put_number(&mut status, "recipient_id", customer, hides);
    let mut value = value(config);
    // Meta leaves the contacts out when a message failed.
    if contacts && status.get("status").and_then(Value::as_str) != Some("failed") {
        value.insert("contacts".to_owned(), json!([contact(customer, hides)]));
    }
    value.insert("statuses".to_owned(), json!([status]));
    Value::Object(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(list: &str, id: u64) -> Update {
        let change =
            json!({ "field": "messages", "value": { list: [{ "id": id }], "contacts": [{"wa_id": "1"}] } });
        Update { change, wamid: None, customer: None }
    }

    #[test]
    fn a_batch_fills_every_array() {
        let updates = [("messages", 1), ("messages", 2), ("statuses", 3), ("statuses", 4), ("messages", 5)]
            .map(|(list, id)| update(list, id));
        let body = envelope("W", &updates);
        let entries = body["entry"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["changes"].as_array().unwrap().len(), 2);
        assert_eq!(entries[0]["changes"][0]["value"]["messages"].as_array().unwrap().len(), 2);
        assert_eq!(entries[0]["changes"][0]["value"]["contacts"].as_array().unwrap().len(), 1);
        assert_eq!(entries[1]["changes"][0]["value"]["statuses"][0]["id"], 4);
        assert_eq!(entries[1]["changes"][1]["value"]["messages"][0]["id"], 5);
    }
}
