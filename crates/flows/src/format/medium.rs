//! What is asked of a file: which qualities, how many, what has to be readable on it.

use model::finding::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    flow::Found,
    words::{Many, Texts},
};

/// A file, and what makes it usable.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Medium {
    /// How many, 1 to 10.
    pub count: u8,
    /// Detail or origin matter: it has to come as a document.
    pub as_document: bool,
    /// What is asked again even when it is only doubtful. What shows too little is always asked again.
    pub must_be: Many<Quality>,
    /// The shorter side in pixels.
    pub side_px_min: u32,
    /// What has to be readable on one of them.
    pub reads: Vec<Reads>,
    /// What is kept when it happens to be readable.
    pub keeps: Vec<Keeps>,
    /// Whether a file that came earlier, unasked, may serve.
    pub earlier_serves: bool,
    /// It is taken on the page of a `link: capture`, by the name under which that look-up saves; the question shows
    /// `{name.url}`. What comes by the chat as a photo does not serve then. Identity papers are asked for so only.
    pub by_link: Option<String>,
}

impl Default for Medium {
    fn default() -> Self {
        Self {
            count: 1,
            as_document: false,
            must_be: Many::default(),
            side_px_min: 0,
            reads: Vec::new(),
            keeps: Vec::new(),
            earlier_serves: true,
            by_link: None,
        }
    }
}

/// A demand on a picture, in an author's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    Sharp,
    Bright,
    /// Nothing hidden by a reflection.
    Unhidden,
    /// All four corners are there.
    Whole,
    /// Taken from above, not from the side.
    Straight,
    Large,
    /// A screenshot, not a photo of a screen.
    Screenshot,
}

impl Quality {
    /// What an analyzer says when it is not met.
    pub const fn failed_by(self) -> &'static [Reason] {
        match self {
            Self::Sharp => &[Reason::OutOfFocus, Reason::MotionBlur],
            Self::Bright => &[Reason::TooDark, Reason::OverExposed, Reason::LowContrast],
            Self::Unhidden => &[Reason::Glare],
            Self::Whole => &[Reason::CutOff],
            Self::Straight => &[Reason::Tilted],
            Self::Large => &[Reason::TooSmall],
            Self::Screenshot => &[Reason::PhotoOfScreen],
        }
    }
}

/// Something that has to be read off a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    pub finding: Found,
    /// What the customer is told when it cannot be read: what, and how to mend it.
    pub mend: Texts,
    /// The name under which the value is kept.
    #[serde(default)]
    pub save: Option<String>,
}

/// Something that is kept when it can be read, and never asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keeps {
    pub finding: Found,
    /// The name under which the value is kept.
    pub save: String,
}
