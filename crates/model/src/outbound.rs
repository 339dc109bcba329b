//! What we can send, and the limits within which every channel of ours will take it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::Timestamp, content::Location, ids::AttachmentId};

/// A customer may be answered freely for this long after their last message (Meta's customer service window).
pub const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// When free answers end; `None` when the customer has not written yet.
pub fn window_closes_at(last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    last_inbound_at.map(|at| at.plus(WINDOW))
}

pub fn window_is_open(last_inbound_at: Option<Timestamp>, now: Timestamp) -> bool {
    window_closes_at(last_inbound_at).is_some_and(|closes| now < closes)
}

/// The body of an outbound message, stored as JSON and shown by the console.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outbound {
    Text {
        body: String,
        #[serde(default)]
        preview_url: bool,
    },
    Image(OutMedia),
    Video(OutMedia),
    Audio(OutMedia),
    Document(OutMedia),
    Sticker(OutMedia),
    Location(Location),
    Contacts {
        cards: Vec<Value>,
    },
    /// `emoji: None` takes the reaction back. `target` is the channel's id of the message.
    Reaction {
        target: String,
        emoji: Option<String>,
    },
    Buttons(Buttons),
    List(List),
    Link {
        body: String,
        display_text: String,
        url: String,
    },
    LocationRequest {
        body: String,
    },
    /// A form (WhatsApp Flow); `parameters` goes out as it is.
    Form {
        body: String,
        parameters: Value,
    },
    Template(Template),
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OutMedia {
    pub attachment_id: Option<AttachmentId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_name: Option<String>,
    /// A voice note: the file is mono Ogg/Opus.
    #[serde(default)]
    pub is_voice: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Buttons {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<String>,
    pub body: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer: Option<String>,
    pub buttons: Vec<Choice>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct List {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<String>,
    pub body: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer: Option<String>,
    /// What opens the list.
    pub button: String,
    pub sections: Vec<Section>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Section {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    pub rows: Vec<Choice>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Template {
    pub name: String,
    pub language: String,
    /// Meta's `components`, as they go out.
    #[serde(default)]
    pub components: Vec<Value>,
    /// The text as the customer will read it, for our own timeline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub preview: Option<String>,
}

impl Outbound {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
            Self::Buttons(_) => "buttons",
            Self::List(_) => "list",
            Self::Link { .. } => "link",
            Self::LocationRequest { .. } => "location_request",
            Self::Form { .. } => "form",
            Self::Template(_) => "template",
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { body, .. }
            | Self::Link { body, .. }
            | Self::LocationRequest { body }
            | Self::Form { body, .. } => Some(body),
            Self::Buttons(b) => Some(&b.body),
            Self::List(l) => Some(&l.body),
            Self::Template(t) => t.preview.as_deref().or(Some(&t.name)),
            Self::Image(m) | Self::Video(m) | Self::Audio(m) | Self::Document(m) | Self::Sticker(m) => {
                m.caption.as_deref()
            }
            Self::Location(l) => l.name.as_deref().or(l.address.as_deref()),
            Self::Reaction { emoji, .. } => emoji.as_deref(),
            Self::Contacts { .. } => None,
        }
    }

    pub const fn media(&self) -> Option<&OutMedia> {
        match self {
            Self::Image(m) | Self::Video(m) | Self::Audio(m) | Self::Document(m) | Self::Sticker(m) => {
                Some(m)
            }
            _ => None,
        }
    }

    /// Only a template may be sent when the window is closed.
    pub const fn needs_window(&self) -> bool {
        !matches!(self, Self::Template(_))
    }
}
