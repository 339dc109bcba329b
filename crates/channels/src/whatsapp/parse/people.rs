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

/// The members under which an element names somebody.
pub(super) struct Names {
    /// A phone number or a BSUID: told apart by the shape.
    pub(super) own: &'static [&'static str],
    /// A parent portfolio's BSUID, which may look like any other.
    pub(super) parent: &'static [&'static str],
}

pub(super) const OF_MESSAGE: Names =
    Names { own: &["from", "from_user_id"], parent: &["from_parent_user_id"] };
const OF_CONTACT: Names = Names { own: &["wa_id", "user_id"], parent: &["parent_user_id"] };
/// Meta's pages write the parent's member in three ways.
const OF_STATUS: Names = Names {
    own: &["recipient_id", "recipient_user_id"],
    parent: &["parent_recipient_user_id", "recipient_parent_user_id", "parent_user_id"],
};
const OF_GROUP_STATUS: Names = Names {
    own: &["recipient_participant_id", "recipient_participant_user_id"],
    parent: &["recipient_participant_parent_user_id"],
};

impl Names {
    /// Strongest first, each once.
    pub(super) fn read(&self, element: &Value) -> Vec<Identity> {
        let own = self.texts(self.own, element).filter_map(identity);
        let parent = self.texts(self.parent, element).filter(|text| is_bsuid(text)).map(parent);
        let mut found = Vec::new();
        add(&mut found, own.chain(parent));
        found
    }

    fn texts<'a>(&self, keys: &'static [&'static str], element: &'a Value) -> impl Iterator<Item = &'a str> {
        keys.iter().filter_map(move |key| fields::text(element, key))
    }
}

pub(super) struct People<'a> {
    by_name: HashMap<&'a str, &'a Value>,
    /// The one contact of this webhook, if it is one.
    only: Option<&'a Value>,
    /// There is one message or status, so the only contact is its person even if no id says so.
    is_alone: bool,
}

impl<'a> People<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        let list = |key: &str| value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let contacts = list("contacts");
        let mut by_name = HashMap::new();
        for contact in contacts {
            for name in
                ["wa_id", "user_id", "parent_user_id"].iter().filter_map(|key| fields::text(contact, key))
            {
                by_name.entry(name).or_insert(contact);
            }
        }
        let only = if let [contact] = contacts { Some(contact) } else { None };
        let is_alone = list("messages").len() + list("statuses").len() <= 1;
        Self { by_name, only, is_alone }
    }

    /// Who sent `message`; refused when nothing names them.
    pub(super) fn sender(&self, message: &Value) -> Result<Sender, Why> {
        let sender = self.join(OF_MESSAGE.read(message));
        if sender.identities.iter().any(|identity| identity.kind.recognises()) {
            Ok(sender)
        } else {
            Err("nothing names the sender: no phone number and no user id".into())
        }
    }

    /// Whom a message of ours went to, in a group the participant; may be empty.
    pub(super) fn recipient(&self, status: &Value) -> Vec<Identity> {
        let is_group = fields::text(status, "recipient_type") == Some("group");
        self.join(if is_group { OF_GROUP_STATUS } else { OF_STATUS }.read(status)).identities
    }

    /// The person of a webhook that has exactly one.
    pub(super) fn only(&self) -> Option<Sender> {
        let contact = self.only?;
        let sender = Sender { identities: contact_names(contact), profile_name: profile_name(contact) };
        (!sender.identities.is_empty()).then_some(sender)
    }

    /// Adds what `contacts[]` knows about the person who is `named`.
    fn join(&self, mut named: Vec<Identity>) -> Sender {
        let matching = named.iter().find_map(|name| self.by_name.get(name.value.as_str()).copied());
        let only = self.only.filter(|_| self.is_alone || named.is_empty());
        let Some(contact) = matching.or(only) else {
            return Sender { identities: named, profile_name: None };
        };
        let known = contact_names(contact);
        // A status can carry the parent's id where the person's own is expected; the contact tells.
        for name in &mut named {
            let is_parent = |one: &Identity| one.kind == IdentityKind::ParentBsuid && one.value == name.value;
            if known.iter().any(is_parent) {
                name.kind = IdentityKind::ParentBsuid;
            }
        }
        let contradicts = |one: &Identity| named.iter().any(|n| n.kind == one.kind && n.value != one.value);
        if !known.iter().any(contradicts) {
            add(&mut named, known);
        }
        Sender { identities: named, profile_name: profile_name(contact) }
    }
}

/// By its shape, whatever member it stood in: a BSUID is never read as a phone number.
pub(super) fn identity(text: &str) -> Option<Identity> {
    if is_bsuid(text) { Some(Identity::bsuid(text)) } else { phone_digits(text).map(Identity::wa_id) }
}

/// Strongest first, each once.
pub(super) fn add(identities: &mut Vec<Identity>, more: impl IntoIterator<Item = Identity>) {
    identities.extend(more);
    identities.sort();
    identities.dedup();
}

fn parent(id: &str) -> Identity {
    Identity { kind: IdentityKind::ParentBsuid, value: id.to_owned() }
}

fn contact_names(contact: &Value) -> Vec<Identity> {
    let mut found = OF_CONTACT.read(contact);
    let username = contact.get("profile").and_then(|profile| fields::text(profile, "username"));
    if let Some(username) = username.or_else(|| fields::text(contact, "username")) {
        found.push(Identity { kind: IdentityKind::Username, value: fields::short(username) });
    }
    found
}

fn profile_name(contact: &Value) -> Option<String> {
    contact.get("profile").and_then(|profile| fields::text(profile, "name")).map(fields::short)
}
