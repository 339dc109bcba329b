//! The process that holds the models: decoded pixels in, findings out, for as long as it lives.
//!
//! It is the server's own binary, started by a [`Pool`]. It reads the model files, gives up everything but its two
//! pipes and its memory, and only then looks at pixels. A picture that breaks it costs one answer and one restart;
//! a part that fails costs that part.

mod child;
mod pool;
mod wire;

use std::{collections::BTreeMap, path::PathBuf};

use media::Confinement;
use model::finding::Finding;
use serde::{Deserialize, Serialize};

use super::{TextLine, picture_kind, text::Runtime};

pub use child::run;
pub use pool::{Death, Limits, Look, Pool, PoolError, Settings, Urgency};

/// What a worker can look for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text,
    Codes,
    Faces,
    Kind,
}

impl Part {
    pub const ALL: &'static [Self] = &[Self::Text, Self::Codes, Self::Faces, Self::Kind];

    /// The name in `Analysis::ms` and `Analysis::failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Codes => "codes",
            Self::Faces => "faces",
            Self::Kind => "kind",
        }
    }

    /// Every finding of the part has a kind that begins so; what says otherwise is not believed.
    const fn kinds(self) -> Option<&'static str> {
        match self {
            // Its findings are made of the lines (`text::findings`), by whoever asked.
            Self::Text => None,
            Self::Codes => Some("code."),
            Self::Faces => Some("pii.face"),
            // Its finding needs what the text means (`picture_kind::judge`).
            Self::Kind => None,
        }
    }
}

/// What the parts saw on one picture. Coordinates are pixels of the picture that was given.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    pub lines: Vec<TextLine>,
    /// So many lines could not surely be read; some of them are among `lines`.
    pub unread: usize,
    pub findings: Vec<Finding>,
    /// What the pixels show at a glance, from which the kind of picture is judged.
    pub look: Option<picture_kind::Look>,
    /// Wall-clock milliseconds of every part that ran, by its name.
    pub ms: BTreeMap<String, u32>,
    /// The parts that failed, by name, each with a sentence; the others stand.
    pub failed: BTreeMap<String, String>,
    /// What read the text. The worker said so before it saw a picture, and is not asked again.
    #[serde(skip)]
    pub runtime: Runtime,
}

/// What a worker says when it is ready for pictures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ready {
    pub confinement: Confinement,
    /// The parts that cannot work, by name, each with the sentence that says what mends it.
    pub unavailable: BTreeMap<String, String>,
    /// What reads text in it.
    pub runtime: Runtime,
    /// Why that is not the library that was asked for, with what mends it.
    pub why_not_onnxruntime: Option<String>,
    /// What could be done although the confinement forbids it; looked for on request only.
    pub open_doors: Vec<String>,
}

/// The first message to a worker: everything it has to know, before it may know nothing any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Setup {
    models: PathBuf,
    /// Loaded before files are shut; without it, or when it cannot be used, text is read with `rten`.
    onnxruntime: Option<PathBuf>,
    threads: usize,
    memory_bytes: u64,
    needs_full_confinement: bool,
    tries_doors: bool,
}

/// The header of a picture; its pixels follow, `width * height * 3` bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Request {
    width: u32,
    height: u32,
    parts: Vec<Part>,
}
