//! What the engine wants done. Whoever calls it writes the run and these in one transaction.

use std::collections::BTreeMap;

use model::{clock::Timestamp, ids::AttachmentId, outbound::Outbound, ticket::Priority};
use serde::{Deserialize, Serialize};

use super::event::{Call, Timer};
use crate::format::{FlowId, Language, Source, StepId};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Within WhatsApp's limits, and only while the window is open (a template: always).
    Send(Outbound),
    /// A question that may be put as a native form, and how it is put where there is no such form.
    OfferForm {
        /// The form's name in the configuration.
        form: String,
        body: String,
        otherwise: Outbound,
    },
    /// A picture beside the flow, by its file name.
    ShowPicture(String),
    Schedule {
        timer: Timer,
        at: Timestamp,
    },
    LookUp {
        call: Call,
        source: Source,
        with: BTreeMap<String, String>,
    },
    /// Find the article that fits, send it, say whether there was one.
    Suggest {
        call: Call,
        query: String,
        language: Language,
    },
    SetFields(BTreeMap<String, String>),
    AddTag(String),
    SetPriority(Priority),
    SetTeam(String),
    /// Tell the operator's system.
    Announce {
        name: String,
        with: BTreeMap<String, String>,
    },
    HandOver(Box<Summary>),
    HandToBot {
        call: Call,
        bot: String,
        summary: Box<Summary>,
    },
    /// What the customer said of the article that was suggested.
    Helped(bool),
    /// The run left one step for another.
    Went {
        from: StepId,
        to: StepId,
    },
    /// The matter is settled.
    Solve,
    /// 1 (not good) to 3 (good).
    Rate(u8),
    /// The customer said stop.
    Withdraw,
}

/// Why a person has it now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The flow says so.
    Planned,
    CustomerAsked,
    /// A question was asked as often as it may be.
    TriesUsedUp,
    /// The customer went another way too often.
    LostPatience,
    NoAnswer,
    /// A file was not judged in time.
    NotJudged,
    /// Another system failed or was late.
    LookUpFailed,
    BotGaveUp,
    /// The step that it stood on is gone or is another one.
    FlowChanged,
    /// A limit of the engine was reached.
    TooLong,
}

impl Why {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Planned => "The flow leads to a person here.",
            Self::CustomerAsked => "The customer asked for a person.",
            Self::TriesUsedUp => "The question was asked as often as it may be.",
            Self::LostPatience => "The customer went on about something else.",
            Self::NoAnswer => "No answer came in time.",
            Self::NotJudged => "A file was not judged in time; please look at it.",
            Self::LookUpFailed => "Another system did not answer.",
            Self::BotGaveUp => "The bot could not go on.",
            Self::FlowChanged => "The flow was changed while this conversation was under way.",
            Self::TooLong => "The conversation became longer than a flow may be.",
        }
    }
}

/// Everything that is known, for the person who takes over.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub flow: FlowId,
    pub flow_version: u32,
    pub language: Language,
    pub why: Why,
    pub team: Option<String>,
    /// What the customer answered, by the name it was saved under.
    pub answers: BTreeMap<String, String>,
    pub media: Vec<AttachmentId>,
    /// The same and what was said besides, as text for the ticket.
    pub text: String,
}
