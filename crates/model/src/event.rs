//! What a channel reports, one element at a time: the output of its parser and the input of the reader.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    contact::Identity,
    content::{Content, Riders},
    message::Status,
};

/// One element of one array of a webhook.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Which of our numbers it concerns (WhatsApp's `phone_number_id`); absent on account-level events.
    pub account: Option<String>,
    pub body: EventBody,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    Message(Box<Inbound>),
    Status(Box<StatusReport>),
    Change(Box<Change>),
    Identity(Box<IdentityChange>),
    /// The channel reports a problem that belongs to no message.
    Problem(Box<Problem>),
    /// A field or kind of event that this version does not act on; kept and counted.
    Other {
        field: String,
        raw: Value,
    },
    /// An element that should have been one of the above and could not be read.
    Malformed {
        field: String,
        why: String,
        raw: Value,
    },
}

/// A message from a customer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inbound {
    /// The channel's id (`wamid…`): unique within the account.
    pub external_id: String,
    pub sender: Sender,
    pub sent_at: Timestamp,
    pub content: Content,
    pub riders: Riders,
    /// What the channel says went wrong with this message (131051, 131052 …).
    pub problems: Vec<ChannelError>,
}

/// Everything that the channel said about who it was.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sender {
    /// Strongest first; may hold only a BSUID, never empty on a readable message.
    pub identities: Vec<Identity>,
    pub profile_name: Option<String>,
}

/// What became of a message of ours.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StatusReport {
    pub external_id: String,
    /// `biz_opaque_callback_data`: our own message id, echoed.
    pub our_id: Option<String>,
    pub status: Status,
    pub at: Timestamp,
    pub recipient: Vec<Identity>,
    pub errors: Vec<ChannelError>,
    /// Pricing and conversation as they came, for the figures.
    pub pricing: Option<Value>,
    pub conversation: Option<Value>,
}

/// Something done to a message that exists already (or will: order is not guaranteed).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The channel's id of this change.
    pub external_id: String,
    /// The message that it is done to.
    pub target: String,
    pub sender: Sender,
    pub at: Timestamp,
    pub what: ChangeKind,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// `None` takes the reaction back.
    Reaction {
        emoji: Option<String>,
    },
    Edit {
        content: Content,
    },
    Revoke,
}

/// A customer has a new number or id: re-key, keep the history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IdentityChange {
    pub external_id: String,
    pub at: Timestamp,
    pub old: Vec<Identity>,
    pub new: Vec<Identity>,
    /// The channel's own sentence, for the timeline.
    pub body: Option<String>,
}

/// `value.errors[]`: about the account or about something that never became a message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Problem {
    pub error: ChannelError,
    /// Whom it concerns, when the webhook names somebody.
    pub sender: Option<Sender>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChannelError {
    pub code: i64,
    pub title: Option<String>,
    pub details: Option<String>,
}
