//! Whatever comes: the parser does not panic, loses no element, and what it returns can be stored and read again.

use channels::whatsapp::parse::parse;
use model::event::Event;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::events::{message, webhook, zoe};

/// One of everything.
fn specimen() -> Value {
    webhook(json!({
        "contacts": zoe(),
        "messages": [
            message(json!({"type": "text", "text": {"body": "ciao"}, "context": {"id": "w", "forwarded": true}})),
            message(json!({"type": "image", "image": {"id": "1", "sha256": "x", "mime_type": "image/jpeg"}})),
            message(json!({"type": "location", "location": {"latitude": 1, "longitude": "2"}})),
            message(json!({"type": "contacts", "contacts": [{"name": {}}]})),
            message(json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{\"a\":[1]}"}}})),
            message(json!({"type": "order", "order": {"product_items": []}})),
            message(json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "393330000000"}})),
            message(json!({"type": "reaction", "reaction": {"message_id": "w"}})),
            message(json!({"type": "edit", "edit": {"original_message_id": "w", "message": {"type": "text", "text": {"body": "x"}}}})),
            message(json!({"type": "unsupported", "errors": [{"code": 131_051}]})),
            message(json!({"type": "hologram"}))
        ],
        "statuses": [{"id": "w", "status": "failed", "timestamp": "1795337600", "errors": [{"code": 1}]}],
        "errors": [{"code": 131_052}]
    }))
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("image"),
            Just("IT.44"),
            Just("1795337600"),
            Just("edit"),
            Just("NaN"),
            Just("\u{0}")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Replaces (or removes) the node at which a walk through `value` with these turns ends.
fn mutate(value: &mut Value, turns: &[usize], with: &Value) {
    let Some((turn, rest)) = turns.split_first() else {
        *value = with.clone();
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = turn % items.len();
            mutate(&mut items[at], rest, with);
        }
        Value::Object(members) if !members.is_empty() => {
            let key = members.keys().nth(turn % members.len()).unwrap().clone();
            if rest.is_empty() && turn % 5 == 0 {
                members.remove(&key);
            } else {
                mutate(&mut members[&key], rest, with);
            }
        }
        leaf => *leaf = with.clone(),
    }
}

fn elements(root: &Value) -> usize {
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let changes: Vec<Value> = list(root, "entry").iter().flat_map(|entry| list(entry, "changes")).collect();
    let is_read = |change: &&Value| change["field"] == "messages";
    let arrays =
        |change: &Value| ["messages", "statuses", "errors"].map(|key| list(&change["value"], key).len());
    changes.iter().filter(is_read).flat_map(arrays).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn any_damage_to_the_bytes_is_read_or_refused(
        hits in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8),
        cut in any::<usize>(),
    ) {
        let mut bytes = specimen().to_string().into_bytes();
        for (at, byte) in hits {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = parse(&bytes);
        let _ = parse(&bytes[..cut % bytes.len()]);
    }

    #[test]
    fn any_change_of_the_json_loses_no_element(
        changes in proptest::collection::vec((proptest::collection::vec(any::<usize>(), 1..12), anything()), 1..4),
    ) {
        let mut body = specimen();
        for (turns, with) in &changes {
            mutate(&mut body, turns, with);
        }
        let Ok(events) = parse(body.to_string().as_bytes()) else {
            prop_assert!(!body["entry"].is_array(), "{body}");
            return Ok(());
        };
        if body["object"] == "whatsapp_business_account" {
            prop_assert!(events.len() >= elements(&body), "{} events of {}", events.len(), body);
        }
        for event in &events {
            let stored = serde_json::to_string(event).unwrap();
            prop_assert!(!stored.contains("\\u0000"), "{stored}");
            let again: Event = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&again, event);
        }
    }
}

/// What is just shallow enough to be parsed must not become too deep to be stored and read.
#[test]
fn the_deepest_body_that_is_taken_can_be_stored() {
    let mut is_taken = 0;
    for depth in 1..130 {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let answers = serde_json::to_string(&nested).unwrap();
        for member in [
            format!(r#""type":"hologram","hologram":{nested}"#),
            format!(
                r#""type":"interactive","interactive":{{"type":"nfm_reply","nfm_reply":{{"response_json":{answers}}}}}"#
            ),
            format!(r#""type":"text","text":{{"body":"?"}},"referral":{{"a":{nested}}}"#),
        ] {
            let body = webhook(json!({"messages": ["HERE"]})).to_string();
            let message = format!(r#"{{"from":"393331112223","id":"w","timestamp":"1795337600",{member}}}"#);
            let Ok(events) = parse(body.replace("\"HERE\"", &message).as_bytes()) else { continue };
            is_taken += 1;
            for event in events {
                let stored = serde_json::to_string(&event).unwrap();
                let again: Event = serde_json::from_str(&stored).unwrap();
                assert_eq!(again, event);
            }
        }
    }
    assert!(is_taken > 300, "{is_taken}");
}
