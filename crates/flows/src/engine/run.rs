//! A run: one customer's way through one flow. Small, plain, stored as JSON between two events.
//!
//! It names its flow and version and refers to steps by name only, so that a flow may change under it.

use std::collections::{BTreeMap, VecDeque};

use model::{
    clock::Timestamp,
    finding::{Reason, Verdict},
    ids::AttachmentId,
};
use serde::{Deserialize, Serialize};

use crate::format::{Flow, FlowId, Language, MediumKind, StepId};

/// The shape of a stored run; a later program reads an older number.
pub const FORMAT: u8 = 1;
/// An event told again after so many others would count anew; the store's unique keys catch that.
pub const SEEN_MAX: usize = 128;
/// Questions, look-ups and waits of one run: more than any flow needs, few enough to end.
pub const PLACES_MAX: u32 = 100;
pub const MEDIA_MAX: usize = 40;
pub const ANSWERS_MAX: usize = 100;
pub const NOTES_MAX: usize = 8;
/// Longer answers are cut in the run; the message itself is kept whole elsewhere.
pub const ANSWER_CHARS_MAX: usize = 500;
pub const FINDINGS_MAX: usize = 16;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Run {
    pub format: u8,
    pub flow: FlowId,
    /// The version it began with.
    pub flow_version: u32,
    pub language: Language,
    pub at: At,
    /// How many places (questions, look-ups, waits) it has come by; names the present one.
    pub place: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Medium>,
    /// What a form brought and no question has taken yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filled: BTreeMap<String, String>,
    /// The forms that were offered: each once, then the chat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<String>,
    /// What the customer said besides, for the person who takes over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// When a file came last: what follows within seconds belongs to the same album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_medium_at: Option<Timestamp>,
    /// Something was not said because the window was closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unsaid: bool,
    /// Hashes of the newest event ids.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub seen: VecDeque<u64>,
}

impl Run {
    pub fn new(flow: &Flow, language: Language) -> Self {
        Self {
            format: FORMAT,
            flow: flow.flow.clone(),
            flow_version: flow.version,
            language,
            at: At::Start,
            place: 0,
            answers: BTreeMap::new(),
            filled: BTreeMap::new(),
            offered: Vec::new(),
            media: Vec::new(),
            notes: Vec::new(),
            last_medium_at: None,
            is_unsaid: false,
            seen: VecDeque::new(),
        }
    }

    pub const fn is_over(&self) -> bool {
        matches!(self.at, At::Over(_))
    }

    /// Whether an event of this id is new; remembers it.
    pub(super) fn is_new(&mut self, event: &str) -> bool {
        let hash = fnv(event.as_bytes());
        if self.seen.contains(&hash) {
            return false;
        }
        if self.seen.len() >= SEEN_MAX {
            self.seen.pop_front();
        }
        self.seen.push_back(hash);
        true
    }
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): stable across programs and versions.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Nothing was said yet.
    Start,
    On(Stay),
    Over(Ending),
}

/// Waiting at a step for something to happen.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stay {
    pub step: StepId,
    pub doing: Doing,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    Asking(Asking),
    LookingUp,
    Suggesting,
    /// Did the article help?
    Helping {
        detours: u8,
    },
    Waiting,
    WithBot,
    /// How was it?
    Rating {
        detours: u8,
    },
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Asking {
    /// How often it was asked; 0 while a file that came earlier is looked at first.
    pub asked: u8,
    /// How often the customer was led back to it.
    #[serde(default)]
    pub detours: u8,
    /// The page of a long list.
    #[serde(default)]
    pub page: u8,
    #[serde(default)]
    pub is_reminded: bool,
    /// When the files under way should have been judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_by: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Settled.
    Ended,
    /// A person has it.
    HandedOver,
    /// The customer said stop.
    Withdrawn,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Text(String),
    /// An option's id.
    Choice(String),
    Number(f64),
    /// `2026-11-23`
    Date(String),
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
    },
    Media(Vec<AttachmentId>),
    /// Read off a file.
    Read(String),
}

impl Answer {
    /// For texts, checks and people.
    pub fn in_words(&self) -> String {
        match self {
            Self::Text(text) | Self::Choice(text) | Self::Date(text) | Self::Read(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Location { name: Some(name), .. } => name.clone(),
            Self::Location { latitude, longitude, name: None } => format!("{latitude:.5}, {longitude:.5}"),
            Self::Media(ids) => ids.len().to_string(),
        }
    }
}

/// A file of this conversation, as far as the flow has to know it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Medium {
    pub id: AttachmentId,
    /// `None` while only its judgement has come.
    pub kind: Option<MediumKind>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_document: bool,
    /// The question that it answers; 0 for none.
    pub place: u32,
    pub judged: Option<Seen>,
    /// The answer for which a form brought it; it serves no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// It answered a question.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_used: bool,
    /// Its flaws were told, or are not worth telling.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_told: bool,
}

/// What was seen of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_px: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Glimpse>,
}

/// A finding without its evidence, which is stored elsewhere.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Glimpse {
    pub kind: String,
    pub value: String,
    pub confidence: f32,
}

/// At most `chars_max` characters of `text`, with an ellipsis where it was cut.
pub(crate) fn clip(text: &str, chars_max: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(chars_max) else { return text.to_owned() };
    let head = text.get(..cut).unwrap_or_default();
    let shorter = head.char_indices().next_back().map_or(0, |(last, _)| last);
    format!("{}…", head.get(..shorter).unwrap_or_default())
}
