//! What is done to something that exists already: reactions, edits, revokes, and changes of number or id.

use model::{
    contact::Identity,
    content::Content,
    event::{Change, ChangeKind, EventBody, IdentityChange, Sender},
};
use serde_json::Value;

use super::{
    content,
    fields::{self, Why},
    people::{self, Names, People},
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
    let new = NEW.read(body);
    let mut old = people::OF_MESSAGE.read(message);
    people::add(&mut old, OLD.read(body));
    if old.is_empty() {
        old.extend(fields::text(body, "body").and_then(|sentence| old_name(sentence, &new)));
    }
    let is_news = new.iter().any(|identity| !old.contains(identity));
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
    let sender = match people.sender(message) {
        // Who they were is not said; who they are now is, and there they will write next.
        Err(_) if !new.is_empty() => Sender { identities: new, profile_name: None },
        sender => sender?,
    };
    super::inbound(message, sender, content)
}

/// `new_wa_id`, `customer` and `previous_user_id` are what some versions of the API write.
const NEW: Names = Names { own: &["wa_id", "new_wa_id", "user_id"], parent: &["parent_user_id"] };
const OLD: Names = Names { own: &["customer", "previous_user_id"], parent: &[] };

/// The old name out of `User ZOË changed from OLD to NEW`: for a changed id it may stand nowhere else.
///
/// The customer chooses the name in the sentence, so only the words after it count, and only if they end in what the message says is new.
fn old_name(sentence: &str, new: &[Identity]) -> Option<Identity> {
    let (_, names) = sentence.trim_end().strip_prefix("User ")?.rsplit_once(" changed from ")?;
    let (before, after) = names.split_once(" to ")?;
    let (before, after) = (people::identity(before)?, people::identity(after.trim_end_matches('.'))?);
    new.contains(&after).then_some(before)
}
