//! Who: the `contacts[]` of a webhook, matched to its messages and statuses.
//!
//! With a username a customer may have no phone number for us, with an old webhook no BSUID; either may be missing on either side.
//! Identities of two people must never be mixed: a contact is joined to a message only where nothing contradicts it.

use std::collections::HashMap;

use model::{
    contact::{Identity, IdentityKind, is_bsuid, phone_digits},
    event::Sender,
};
use serde_json::Value;

use super::fields::{self, Why};

pub(super) struct People<'a> {
    by_name: HashMap<&'a str, &'a Value>,
    /// The one contact of this webhook, if it is one.
    only: Option<&'a Value>,
    /// There is one message at most, so the only contact is its sender whatever the ids say.
    is_one_message: bool,
}

impl<'a> People<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        let list = |key: &str| value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let contacts = list("contacts");
        let mut by_name = HashMap::new();
        for contact in contacts {
            for key in ["wa_id", "user_id", "parent_user_id"] {
                if let Some(name) = fields::text(contact, key) {
                    by_name.entry(name).or_insert(contact);
                }
            }
        }
        let only = if let [contact] = contacts { Some(contact) } else { None };
        Self { by_name, only, is_one_message: list("messages").len() <= 1 }
    }

    /// Who sent `message`; refused when nothing names them.
    pub(super) fn sender(&self, message: &Value) -> Result<Sender, Why> {
        let named = names(message, ["from", "from_user_id", "from_parent_user_id"]);
        let sender = self.join(message, named, ["from", "from_user_id", "from_parent_user_id"]);
        if sender.identities.iter().any(|identity| identity.kind.recognises()) {
            Ok(sender)
        } else {
            Err("nothing names the sender: no phone number and no user id".into())
        }
    }

    /// Whom a message of ours went to; may be empty.
    pub(super) fn recipient(&self, status: &Value) -> Vec<Identity> {
        if fields::text(status, "recipient_type") == Some("group") {
            return Vec::new();
        }
        let keys = ["recipient_id", "recipient_user_id", "parent_recipient_user_id"];
        let mut named = names(status, keys);
        // Meta's pages write the parent's member in two ways.
        add(&mut named, names(status, ["", "", "recipient_parent_user_id"]));
        self.join(status, named, keys).identities
    }

    /// The person of a webhook that has exactly one.
    pub(super) fn only(&self) -> Option<Sender> {
        let contact = self.only?;
        let sender = Sender { identities: contact_names(contact), profile_name: profile_name(contact) };
        (!sender.identities.is_empty()).then_some(sender)
    }

    /// Adds what `contacts[]` knows about the person whom `element` names under `keys`.
    fn join(&self, element: &Value, mut named: Vec<Identity>, keys: [&str; 3]) -> Sender {
        let matching = keys
            .iter()
            .filter_map(|key| fields::text(element, key))
            .find_map(|name| self.by_name.get(name).copied());
        let Some(contact) = matching.or(self.only) else {
            return Sender { identities: named, profile_name: None };
        };
        let known = contact_names(contact);
        let contradicts = |one: &Identity| named.iter().any(|n| n.kind == one.kind && n.value != one.value);
        if !known.iter().any(contradicts) {
            add(&mut named, known);
        } else if matching.is_none() && !self.is_one_message {
            return Sender { identities: named, profile_name: None };
        }
        Sender { identities: named, profile_name: profile_name(contact) }
    }
}

/// The identities that stand under these members: a phone number, a BSUID, a parent's BSUID.
pub(super) fn names(object: &Value, keys: [&str; 3]) -> Vec<Identity> {
    let mut found = Vec::new();
    add(&mut found, keys.iter().filter_map(|key| identity(fields::text(object, key)?)));
    found
}

/// By its shape, whatever member it stood in: a BSUID is never read as a phone number.
fn identity(text: &str) -> Option<Identity> {
    if is_bsuid(text) { Some(Identity::bsuid(text)) } else { phone_digits(text).map(Identity::wa_id) }
}

fn contact_names(contact: &Value) -> Vec<Identity> {
    let mut found = names(contact, ["wa_id", "user_id", "parent_user_id"]);
    let username = contact.get("profile").and_then(|profile| fields::text(profile, "username"));
    if let Some(username) = username.or_else(|| fields::text(contact, "username")) {
        found.push(Identity { kind: IdentityKind::Username, value: fields::short(username) });
    }
    found
}

fn profile_name(contact: &Value) -> Option<String> {
    contact.get("profile").and_then(|profile| fields::text(profile, "name")).map(fields::short)
}

/// Strongest first, each once.
fn add(identities: &mut Vec<Identity>, more: impl IntoIterator<Item = Identity>) {
    identities.extend(more);
    identities.sort();
    identities.dedup();
}
