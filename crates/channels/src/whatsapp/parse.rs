//! From the body of a webhook to events: one for each element of each array.
//!
//! Tolerant by design: Meta adds fields and types without notice, identities may be absent, numbers come as strings.
//! What is unknown is kept raw (`Other`, `Content::Unknown`); what is broken becomes `Malformed` and never costs its neighbours.
//! No value of the payload appears in a `why` or in a [`ParseError`]: those may be logged.

mod content;
mod deeds;
mod fields;
mod mend;
mod people;
mod reports;

pub(crate) use self::fields::sha256_hex;

use model::{
    content::Content,
    event::{Event, EventBody, Inbound, Sender},
};
use serde_json::Value;

use self::{fields::Why, people::People};

/// The body as a whole is no webhook; it goes to quarantine.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseError {
    #[error("the body is not JSON: {why} at line {line}, column {column}")]
    NotJson { why: &'static str, line: usize, column: usize },
    #[error("the body is nested deeper than 127 levels; Meta's webhooks have about a dozen")]
    TooDeep,
    #[error("the body has no `entry` array; it is not a webhook of the WhatsApp Business Platform")]
    NotAWebhook,
    #[error("the body has more than {limit} elements; Meta sends at most 1,000 at once")]
    TooMany { limit: usize },
}

/// Meta batches up to 1,000 updates. A body of ten times as many is not read, so that small elements cannot become large events.
const ELEMENTS_MAX: usize = 10_000;

/// Reads every element of `body`, those of an array in its order.
///
/// Text comes out free of NUL and of lone surrogates (as U+FFFD): databases refuse the first, JSON parsers the second.
pub fn parse(body: &[u8]) -> Result<Vec<Event>, ParseError> {
    let body = mend::mend(body);
    let root: Value = serde_json::from_slice(&body).map_err(|error| explain(&error))?;
    let entries = root.get("entry").and_then(Value::as_array).ok_or(ParseError::NotAWebhook)?;
    let mut events = Events::default();
    match fields::text(&root, "object") {
        Some("whatsapp_business_account") => entries.iter().for_each(|entry| read_entry(entry, &mut events)),
        object => {
            let field = object.unwrap_or("entry");
            entries.iter().for_each(|entry| events.push(None, other(field, entry)));
        }
    }
    if events.is_over { Err(ParseError::TooMany { limit: ELEMENTS_MAX }) } else { Ok(events.list) }
}

#[derive(Default)]
struct Events {
    list: Vec<Event>,
    is_over: bool,
}

impl Events {
    fn push(&mut self, account: Option<&str>, body: EventBody) {
        if self.list.len() < ELEMENTS_MAX {
            self.list.push(Event { account: account.map(str::to_owned), body });
        } else {
            self.is_over = true;
        }
    }
}

fn read_entry(entry: &Value, events: &mut Events) {
    match entry.get("changes").and_then(Value::as_array) {
        Some(changes) => changes.iter().for_each(|change| read_change(change, events)),
        None => events.push(None, malformed("entry", "`changes` is not an array", entry)),
    }
}

fn read_change(change: &Value, events: &mut Events) {
    let Some(field) = fields::text(change, "field") else {
        return events.push(None, malformed("changes", "`field` is missing", change));
    };
    let value = change.get("value").unwrap_or(&Value::Null);
    let account = value.get("metadata").and_then(|metadata| fields::id(metadata, "phone_number_id").ok());
    let account = account.as_deref();
    match (field, value) {
        ("messages", Value::Object(_)) => read_value(account, value, events),
        ("messages", _) => events.push(account, malformed(field, "`value` is not an object", change)),
        _ => events.push(account, other(field, change)),
    }
}

/// The `value` of a change of `messages`: four arrays that we know, and whatever else came.
fn read_value(account: Option<&str>, value: &Value, events: &mut Events) {
    let count_before = events.list.len();
    let people = People::of(value);
    for (key, part) in value.as_object().into_iter().flatten() {
        let read: fn(&Value, &People<'_>) -> Result<EventBody, Why> = match key.as_str() {
            _ if part.is_null() => continue,
            "messages" => read_message,
            "statuses" => reports::status,
            "errors" => reports::problem,
            "messaging_product" | "metadata" | "contacts" => continue,
            _ if part.is_array() || part.is_object() => {
                events.push(account, other(key, part));
                continue;
            }
            _ => continue,
        };
        let Some(elements) = part.as_array() else {
            events.push(account, malformed(key, "not an array", part));
            continue;
        };
        for element in elements {
            let body = read(element, &people).unwrap_or_else(|why| malformed(key, &why, element));
            events.push(account, body);
        }
    }
    if events.list.len() == count_before {
        events.push(account, other("messages", value));
    }
}

fn read_message(message: &Value, people: &People<'_>) -> Result<EventBody, Why> {
    let kind = fields::text(message, "type").ok_or("`type` is missing")?;
    match kind {
        "reaction" | "edit" | "revoke" => deeds::change(kind, message, people),
        "system" => deeds::system(message, people),
        _ => {
            let content = content::content(kind, message)?;
            inbound(message, people.sender(message)?, content)
        }
    }
}

/// A message as such: who, when, what, and its riders.
fn inbound(message: &Value, sender: Sender, content: Content) -> Result<EventBody, Why> {
    Ok(EventBody::Message(Box::new(Inbound {
        external_id: fields::id(message, "id")?,
        sender,
        sent_at: fields::timestamp(message)?,
        content,
        riders: content::riders(message),
        problems: reports::errors(message),
    })))
}

fn other(field: &str, raw: &Value) -> EventBody {
    EventBody::Other { field: fields::short(field), raw: raw.clone() }
}

fn malformed(field: &str, why: &str, raw: &Value) -> EventBody {
    EventBody::Malformed { field: fields::short(field), why: why.to_owned(), raw: raw.clone() }
}

fn explain(error: &serde_json::Error) -> ParseError {
    // serde_json tells its recursion limit from other errors by the text alone.
    if error.to_string().starts_with("recursion limit exceeded") {
        return ParseError::TooDeep;
    }
    let why = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "unexpected bytes",
    };
    ParseError::NotJson { why, line: error.line(), column: error.column() }
}
