//! What is done to something that exists already: reactions, edits, revokes, and changes of number or id.

use model::{
    contact::Identity,
    content::Content,
    event::{Change, ChangeKind, EventBody, IdentityChange},
};
use serde_json::Value;

use super::{
    content,
    fields::{self, Why},
    people::{People, names},
};

/// A `reaction`, an `edit` or a `revoke`.
pub(super) fn change(kind: &str, message: &Value, people: &People<'_>) -> Result<EventBody, Why> {
    let body = fields::member(message, kind)?;
    let (target, what) = match kind {
        "reaction" => ("message_id", ChangeKind::Reaction { emoji: fields::owned(body, "emoji") }),
        "edit" => ("original_message_id", ChangeKind::Edit { content: edited(body)? }),
        _ => ("original_message_id", ChangeKind::Revoke),
    };
    Ok(EventBody::Change(Box::new(Change {
        external_id: fields::id(message, "id")?,
        target: fields::id(body, target)?,
        sender: people.sender(message)?,
        at: fields::timestamp(message)?,
        what,
    })))
}

fn edited(body: &Value) -> Result<Content, Why> {
    let message = fields::member(body, "message")?;
    let kind = fields::text(message, "type").ok_or("`edit.message.type` is missing")?;
    content::content(kind, message)
}

/// The customer changed their number or their id; anything else that the system says stays a message.
pub(super) fn system(message: &Value, people: &People<'_>) -> Result<EventBody, Why> {
    let body = fields::member(message, "system")?;
    let what = fields::text(body, "type").unwrap_or("system");
    // `customer` and `new_wa_id` are what older versions of the API wrote.
    let mut old = names(message, ["from", "from_user_id", "from_parent_user_id"]);
    if old.is_empty() {
        old = names(body, ["customer", "", ""]);
    }
    let new = [["wa_id", "user_id", "parent_user_id"], ["new_wa_id", "", ""]]
        .into_iter()
        .map(|keys| names(body, keys))
        .find(|found| !found.is_empty())
        .unwrap_or_default();
    let is_news = new.iter().any(|identity: &Identity| !old.contains(identity));
    if what.contains("changed") && is_news && !old.is_empty() {
        return Ok(EventBody::Identity(Box::new(IdentityChange {
            external_id: fields::id(message, "id")?,
            at: fields::timestamp(message)?,
            old,
            new,
            body: fields::owned(body, "body"),
        })));
    }
    let content =
        Content::System { body: fields::owned(body, "body").unwrap_or_default(), what: fields::short(what) };
    super::inbound(message, content, people)
}
