//! What the engine is told: the customer, the analyzers, other systems, the clock, people of the desk.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use model::{
    clock::Timestamp,
    finding::{Finding, Reason, Verdict},
    ids::AttachmentId,
};
use serde::{Deserialize, Serialize};

use crate::format::MediumKind;

/// Something that happened. Told twice under the same id, it counts once.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub id: String,
    pub what: What,
}

#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// A trigger fired: the first of all events. What the customer sent so far comes with it.
    Started {
        said: Option<String>,
        media: Vec<Arrived>,
    },
    CustomerSaid(Said),
    MediumArrived(Arrived),
    /// A native form that was offered came back.
    FormFilled(Filled),
    /// The analyzers are done with a file; it may come before its arrival is told.
    MediumJudged(Judged),
    /// A file could not be fetched or opened.
    MediumLost(AttachmentId),
    LookedUp {
        call: Call,
        outcome: Outcome,
    },
    /// The search for an article is done; what fits was sent to the customer.
    Suggested {
        call: Call,
        found: bool,
    },
    BotDone {
        call: Call,
        solved: bool,
    },
    TimerFired(Timer),
    PersonTookOver,
    /// Consent was taken back elsewhere.
    Withdrew,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    Text(String),
    /// A button or a row of a list of ours, or a quick reply of a template.
    Choice {
        id: String,
        title: String,
    },
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
    },
    /// A sticker, a contact card, something that the channel does not pass on.
    Other,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Arrived {
    pub medium: AttachmentId,
    pub kind: MediumKind,
    /// A picture sent as a document keeps its detail and its origin.
    pub as_document: bool,
    pub caption: Option<String>,
}

/// What was filled in, each under the name of the answer that it is for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filled {
    pub words: Vec<(String, String)>,
    pub media: Vec<(String, Arrived)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    pub medium: AttachmentId,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// The shorter side in pixels, when it has pixels.
    pub side_px: Option<u32>,
    pub findings: Vec<Finding>,
    /// What is said in a voice note, when somebody could write it down.
    pub transcript: Option<String>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Found(BTreeMap<String, String>),
    Missing,
    Failed,
}

/// A question to another system; its answer names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Call(pub u32);

/// An alarm clock: of which place in the conversation, and for what. One that rings late changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Timer {
    pub place: u32,
    pub kind: TimerKind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    Remind,
    GiveUp,
    /// A file should have been judged by now.
    Judge,
    WaitOver,
}

/// What the engine may know of the world at this moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Context {
    pub now: Timestamp,
    /// The wall clock of the desk.
    pub local: DateTime,
    /// Until when the customer may be answered freely (`model::outbound::window_closes_at`).
    pub window_closes_at: Option<Timestamp>,
    pub is_desk_open: bool,
    /// As the customer calls themself; `{contact}` in a text.
    pub contact: Option<String>,
    pub tags: Vec<String>,
}
