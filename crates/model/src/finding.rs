//! What an analyzer says of a file: advice with evidence, never a decision against a customer.
//!
//! One shape for everything: a blurred picture, a line of text, a card number, a face. A finding says what, how
//! sure, where, why, and who said it, so that a person can check it and a later version can be compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// What was found, from the general to the particular: `quality.blur`, `text.line`, `entity.serial`.
    pub kind: String,
    /// A string for what is read, a number for what is measured, an object where one value is not enough.
    pub value: Value,
    /// 0.0 (a guess) to 1.0 (a check digit agrees).
    pub confidence: f32,
    /// Where it stands; `None` when it is said of the whole file.
    pub region: Option<Region>,
    /// One sentence for a person: what was seen that made the analyzer say so.
    pub why: String,
    /// Who says so: `local.text`, `local.codes`, `local.quality`.
    pub analyzer: String,
    /// Changes whenever the same file may be judged differently: `1`, `pp-ocrv6-small/2`.
    pub version: String,
}

/// A polygon in pixels of the `view` rendition (of a document's page: of that page's preview).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Region {
    /// From 1; `None` for a picture.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<u32>,
    /// `[x, y]`, clockwise from the top left of the thing itself (a turned line begins where its text begins).
    pub points: Vec<[f32; 2]>,
}

/// Whether people and programs can work with the picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Usable,
    /// It may serve; a better one would help.
    Doubtful,
    /// It shows too little: the customer is told how to take it again.
    Retake,
}

/// The one reason that helps most when a picture is not simply usable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The lens was not focused on it.
    OutOfFocus,
    /// The phone or the thing moved.
    MotionBlur,
    TooDark,
    OverExposed,
    /// A reflection hides a part.
    Glare,
    LowContrast,
    TooSmall,
    /// A document runs over the edge.
    CutOff,
    /// A document was taken from the side.
    Tilted,
    /// A screen was photographed where a screenshot would show everything.
    PhotoOfScreen,
    /// One colour, a pocket, a finger on the lens.
    NothingToSee,
    /// No picture could be opened, and so none judged.
    Unreadable,
}

/// Everything said about one file by one run of the analyzers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Analysis {
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// For a person who does not know the customer's language: what would mend it.
    pub hint: Option<String>,
    /// Everything written on it, in reading order, a line a line.
    pub text: String,
    /// BCP 47 of the text, when there is enough of it to tell.
    pub language: Option<String>,
    /// Wall-clock milliseconds of each part: `decode`, `quality`, `text`, `codes`.
    pub ms: BTreeMap<String, u32>,
    /// The parts that failed, each with a sentence; the others still stand.
    pub failed: BTreeMap<String, String>,
    pub findings: Vec<Finding>,
}

impl Analysis {
    /// Whether it shows a passport, a card or their like.
    pub fn is_identity_document(&self) -> bool {
        self.findings.iter().any(|finding| match finding.kind.as_str() {
            "picture.kind" => finding.value == "identity_document",
            kind => matches!(kind, "mrz" | "pii.mrz"),
        })
    }
}
