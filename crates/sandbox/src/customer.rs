//! The customers of the sandbox and what stands in their chats.

use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Customer {
    pub n: u64,
    /// Digits only; `None` when the customer hides the number.
    pub phone: Option<String>,
    pub user_id: String,
    pub name: String,
    pub username: Option<String>,
    /// The number exists but is in no webhook.
    pub bsuid_only: bool,
    /// Opens the 24-hour window.
    pub last_inbound_at: Option<Timestamp>,
}

impl Customer {
    pub fn id(&self) -> String {
        format!("c{}", self.n)
    }

    /// What names this customer in ids and in the pair-rate table.
    pub fn key(&self) -> &str {
        self.phone.as_deref().unwrap_or(&self.user_id)
    }
}

/// Seen from the customer's phone: `Out` is what the customer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Out,
    In,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChatMessage {
    pub id: String,
    pub direction: Direction,
    #[serde(rename = "type")]
    pub kind: String,
    pub at: Timestamp,
    pub text: Option<String>,
    pub media: Option<ChatMedia>,
    pub location: Option<Value>,
    pub contacts: Option<Value>,
    pub interactive: Option<Value>,
    pub template: Option<Value>,
    pub context_id: Option<String>,
    #[serde(default)]
    pub forwarded: bool,
    pub reactions: Vec<Reaction>,
    pub status: Status,
    /// Why it failed, as the business was told.
    #[serde(default)]
    pub error: Option<Failure>,
    pub edited: bool,
    pub revoked: bool,
}

impl ChatMessage {
    pub fn new(id: String, direction: Direction, kind: &str, at: Timestamp) -> Self {
        Self {
            id,
            direction,
            kind: kind.to_owned(),
            at,
            text: None,
            media: None,
            location: None,
            contacts: None,
            interactive: None,
            template: None,
            context_id: None,
            forwarded: false,
            reactions: Vec::new(),
            status: Status::Sent,
            error: None,
            edited: false,
            revoked: false,
        }
    }

    /// `who` has at most one reaction on a message; without an emoji it is taken back.
    pub fn react(&mut self, who: &str, emoji: Option<&str>) {
        self.reactions.retain(|r| r.from != who);
        if let Some(emoji) = emoji.filter(|e| !e.is_empty()) {
            self.reactions.push(Reaction { from: who.to_owned(), emoji: emoji.to_owned() });
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    pub code: i64,
    pub message: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChatMedia {
    pub url: String,
    pub mime_type: String,
    pub file_name: Option<String>,
    pub size_bytes: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub voice: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reaction {
    pub from: String,
    pub emoji: String,
}

/// A message as the sandbox keeps it: what the phone shows, and what only the sandbox needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    pub n: u64,
    pub customer: u64,
    /// `biz_opaque_callback_data`, echoed in every status.
    pub opaque: Option<String>,
    /// For the price in the statuses.
    pub category: Option<String>,
    pub view: ChatMessage,
}

pub fn summary(customer: &Customer, chat: &[Stored], hides_numbers: bool) -> Value {
    let unread = chat
        .iter()
        .filter(|m| m.view.direction == Direction::In)
        .filter(|m| matches!(m.view.status, Status::Sent | Status::Delivered))
        .count();
    let last = chat.last().map(|m| {
        json!({
            "text": m.view.text, "kind": m.view.kind, "at": m.view.at, "direction": m.view.direction,
        })
    });
    json!({
        "id": customer.id(),
        "wa_id": customer.phone,
        "user_id": customer.user_id,
        "name": customer.name,
        "username": customer.username,
        "bsuid_only": customer.bsuid_only || customer.phone.is_none() || hides_numbers,
        "unread": unread,
        "last_message": last,
    })
}
