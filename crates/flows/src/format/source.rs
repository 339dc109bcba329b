//! Whom a look-up asks, what it has to be told, and what it tells: the contract between a flow and the desk.
//!
//! The desk knows the run: its contact, its conversation and its language, in which every text it gives is written.
//! An answer is `found` with some of the keys that are given, `missing`, or `failed`. One that comes after
//! `give_up_after` is not heard any more: what was booked or opened by then stands where the desk keeps it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A connector of the configuration, by its name: a flow never names an address.
    Http(String),
    /// A payment of this contact. Missing: the provider knows none like it.
    Payment,
    Article,
    Visit(OfVisit),
    Return(OfReturn),
    Link(OfLink),
}

/// A technician's visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfVisit {
    /// Up to three free times. Missing: there is none.
    Slots,
    /// Takes one of them. Missing: somebody else took it meanwhile.
    Book,
    /// Moves a visit to another time. Missing: that time was taken meanwhile; the visit stays as it was.
    Change,
    /// Calls a visit off. Missing: there is none, or it is over.
    Cancel,
}

/// Goods that come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfReturn {
    /// Opens a return, with a proposal that a person approves. Missing: nothing was bought that could come back.
    Open,
    /// How far a return is. Missing: this contact has none of that number.
    State,
}

/// A page of ours that a customer opens in a browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfLink {
    /// An HTTPS address that serves once: a page with the camera. What is taken there arrives as a file of the
    /// conversation, sent as a document. Missing: no such page is set up.
    Capture,
}

/// The keys of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keys {
    /// What `with:` has to hold.
    pub needs: &'static [&'static str],
    /// What `with:` may hold besides.
    pub takes: &'static [&'static str],
    /// What is kept as `save.key` when it is found; some may be absent.
    pub gives: &'static [&'static str],
}

/// `slot1` is an option when `slot1_title` stands beside it.
pub(crate) const TITLE: &str = "_title";
pub(crate) const DESCRIPTION: &str = "_description";

const BOOKED: &[&str] = &["visit", "when", "technician", "over_at"];

impl Source {
    /// `None` for a source whose keys are not ours to say.
    pub const fn keys(&self) -> Option<Keys> {
        let (needs, takes, gives): (&[&str], &[&str], &[&str]) = match self {
            Self::Http(_) | Self::Article => return None,
            Self::Payment => (
                &[],
                &["reference", "amount", "currency", "date"],
                &["reference", "amount", "currency", "date", "status", "refunded", "method"],
            ),
            Self::Visit(OfVisit::Slots) => (
                &["what", "place"],
                &["not_before", "visit"],
                &["slot1", "slot1_title", "slot2", "slot2_title", "slot3", "slot3_title"],
            ),
            Self::Visit(OfVisit::Book) => (&["slot", "what", "place"], &["note"], BOOKED),
            Self::Visit(OfVisit::Change) => (&["visit", "slot"], &[], BOOKED),
            Self::Visit(OfVisit::Cancel) => (&["visit"], &["why"], &["visit"]),
            Self::Return(OfReturn::Open) => {
                (&["order", "item"], &["reason", "wish", "condition"], &["number", "state"])
            }
            Self::Return(OfReturn::State) => (&["number"], &[], &["number", "state", "says"]),
            Self::Link(OfLink::Capture) => (&["for"], &["minutes"], &["url", "expires"]),
        };
        Some(Keys { needs, takes, gives })
    }

    /// Whether what it gives can be the options of a choice: a key and the same with `_title`.
    pub fn gives_options(&self) -> bool {
        self.keys().is_none_or(|keys| keys.gives.iter().any(|key| key.ends_with(TITLE)))
    }

    /// As an author writes it; the name alone of a connector.
    pub fn in_words(&self) -> &str {
        match self {
            Self::Http(name) => name,
            Self::Payment => "payment",
            Self::Article => "article",
            Self::Visit(OfVisit::Slots) => "visit: slots",
            Self::Visit(OfVisit::Book) => "visit: book",
            Self::Visit(OfVisit::Change) => "visit: change",
            Self::Visit(OfVisit::Cancel) => "visit: cancel",
            Self::Return(OfReturn::Open) => "return: open",
            Self::Return(OfReturn::State) => "return: state",
            Self::Link(OfLink::Capture) => "link: capture",
        }
    }
}
