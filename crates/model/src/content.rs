//! What a customer can send, in words that no channel owns.
//!
//! `Content` is stored as JSON beside the message and shown by the console; its tag is the message's `kind`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of an inbound message. What we do not know is kept whole in `Unknown`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    Text {
        body: String,
    },
    Image(Media),
    Video(Media),
    Audio(Media),
    Document(Media),
    Sticker(Media),
    Location(Location),
    Contacts {
        cards: Vec<Value>,
    },
    /// A button or a list row of an interactive message of ours was chosen.
    Choice {
        id: String,
        title: String,
        description: Option<String>,
    },
    /// A form (WhatsApp Flow) came back.
    Form {
        name: Option<String>,
        answers: Value,
    },
    /// A quick reply of a template of ours was pressed.
    Button {
        payload: Option<String>,
        text: String,
    },
    Order {
        text: Option<String>,
        items: Vec<Value>,
        catalog_id: Option<String>,
    },
    /// The channel itself says something: a number changed, somebody joined.
    System {
        body: String,
        what: String,
    },
    /// The customer sent something that the channel does not pass on.
    Unsupported {
        what: Option<String>,
    },
    /// A type that this version does not know; `raw` is what came.
    Unknown {
        what: String,
        raw: Value,
    },
}

impl Content {
    /// The stored `kind` of the message.
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
            Self::Choice { .. } => "choice",
            Self::Form { .. } => "form",
            Self::Button { .. } => "button",
            Self::Order { .. } => "order",
            Self::System { .. } => "system",
            Self::Unsupported { .. } => "unsupported",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The words in it: a body, a caption, a chosen title. What search finds and a list of tickets shows.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { body } | Self::System { body, .. } => Some(body),
            Self::Image(m) | Self::Video(m) | Self::Audio(m) | Self::Document(m) | Self::Sticker(m) => {
                m.caption.as_deref()
            }
            Self::Location(l) => l.name.as_deref().or(l.address.as_deref()),
            Self::Choice { title, .. } => Some(title),
            Self::Button { text, .. } => Some(text),
            Self::Order { text, .. } => text.as_deref(),
            Self::Contacts { .. } | Self::Form { .. } | Self::Unsupported { .. } | Self::Unknown { .. } => {
                None
            }
        }
    }

    pub const fn media(&self) -> Option<&Media> {
        match self {
            Self::Image(m) | Self::Video(m) | Self::Audio(m) | Self::Document(m) | Self::Sticker(m) => {
                Some(m)
            }
            _ => None,
        }
    }
}

/// A file that the channel holds for us. All of it is the sender's word until the bytes are here.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Media {
    /// The channel's id for the file; it lives for days.
    pub external_id: String,
    /// Where it may be fetched at once; it lives for minutes and may be absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// As said, parameters included: `audio/ogg; codecs=opus`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mime_type: Option<String>,
    /// SHA-256 in lower-case hex, whatever the wire used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caption: Option<String>,
    /// A voice note, not an audio file.
    #[serde(default)]
    pub is_voice: bool,
    #[serde(default)]
    pub is_animated: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
}

/// What rides on any type of message.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Riders {
    /// The message that this one answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Evidence is weaker when it was passed on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_forwarded: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_forwarded_often: bool,
    /// The advertisement that the customer came from, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referred_product: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}
