//! The objects with which a bot's author says what the bot's own format has no word for.
//!
//! The same for all three: Rasa's `custom`, a payload of Dialogflow ES or CX. `richContent` is the format of
//! Dialogflow Messenger, which authors of CX know.

use serde_json::Value;

use crate::reply::{Choice, Reply, Then};

/// Cards of a payload that are looked at.
const CARDS_MAX: usize = 20;

/// Adds what `custom` says; what is not known is left to others.
pub fn read(custom: &Value, reply: &mut Reply) {
    let is_true = |key: &str| custom.get(key).and_then(Value::as_bool) == Some(true);
    if is_true("handoff") {
        reply.then(Then::Person);
    }
    if is_true("solved") {
        reply.then(Then::Solved);
    }
    if let Some(text) = text(custom, "text") {
        reply.text(text);
    }
    if let Some(url) = text(custom, "image") {
        reply.picture(url);
    }
    reply.options(items(custom, "buttons").filter_map(button));
    for card in items(custom, "richContent").filter_map(Value::as_array).flatten().take(CARDS_MAX) {
        read_card(card, reply);
    }
}

fn read_card(card: &Value, reply: &mut Reply) {
    match text(card, "type") {
        Some("chips") => {
            reply.options(items(card, "options").filter_map(|chip| text(chip, "text")).map(Choice::named));
        }
        Some("image") => {
            if let Some(url) = text(card, "rawUrl") {
                reply.picture(url);
            }
        }
        Some("description") => {
            let title = text(card, "title").into_iter();
            let lines: Vec<&str> = title.chain(items(card, "text").filter_map(Value::as_str)).collect();
            reply.text(&lines.join("\n"));
        }
        Some("info") => {
            let lines: Vec<&str> = ["title", "subtitle"].iter().filter_map(|key| text(card, key)).collect();
            reply.text(&lines.join("\n"));
        }
        _ => {}
    }
}

/// `{"title": …, "payload": …}`; without a payload, it comes back as its title.
pub fn button(button: &Value) -> Option<Choice> {
    let title = text(button, "title")?;
    Some(Choice { title: title.to_owned(), payload: text(button, "payload").unwrap_or(title).to_owned() })
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reply::Say;

    #[test]
    fn what_an_author_may_say() {
        let mut reply = Reply::default();
        read(
            &json!({
                "text": "Which one?", "buttons": [{ "title": "A", "payload": "/a" }, { "title": "B" }, 7],
                "richContent": [[
                    { "type": "info", "title": "Parcel", "subtitle": "on its way" },
                    { "type": "chips", "options": [{ "text": "Fine" }, { "link": "https://example.org" }] },
                    { "type": "carousel" },
                ]],
                "handoff": "true", "solved": true, "unknown": {},
            }),
            &mut reply,
        );
        let a = Choice { title: "A".to_owned(), payload: "/a".to_owned() };
        let first = Say::Choice { text: "Which one?".to_owned(), options: vec![a, Choice::named("B")] };
        let options = vec![Choice::named("Fine")];
        let second = Say::Choice { text: "Parcel\non its way".to_owned(), options };
        assert_eq!(reply, Reply { says: vec![first, second], then: Then::Solved });
    }

    #[test]
    fn what_is_no_object_says_nothing() {
        for odd in [json!(null), json!([1]), json!("handoff"), json!({ "richContent": [7, [null]] })] {
            let mut reply = Reply::default();
            read(&odd, &mut reply);
            assert_eq!(reply, Reply::default(), "{odd}");
        }
    }
}
