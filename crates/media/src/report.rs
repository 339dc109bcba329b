//! What is said about a file: its type, its size, the pictures made of it, or why there are none.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use model::finding::Finding;

use crate::{hash::Hashes, metadata::Metadata, quality::Measures, sniff::Sniffed};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    pub sniffed: Sniffed,
    /// As a person sees the picture: after its orientation is applied. `None` when it is not a picture we read.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// It moves; the renditions show the first frame.
    pub is_animated: bool,
    /// The EXIF orientation (1 to 8) that was applied; 1 when there was none. HEIC's own turning is not counted here.
    pub orientation: u8,
    /// Only a part of the picture arrived, and that part is what the renditions show.
    pub is_partial: bool,
    /// `view` first, then `thumb`; empty when nothing could be made.
    pub renditions: Vec<Rendition>,
    /// Of the view; `None` without one.
    pub quality: Option<Measures>,
    pub hashes: Option<Hashes>,
    /// Why a picture has no renditions. `None` for audio, video, documents and archives: none are made of them.
    pub why_none: Option<Unrenderable>,
    /// What the file says of itself; its worth is told by [`crate::metadata::findings`]. `None` when it was not read.
    #[serde(default)]
    pub metadata: Option<Metadata>,
    /// What it hides: [`crate::malice::findings`].
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn without_renditions(sniffed: Sniffed, why_none: Option<Unrenderable>) -> Self {
        Self {
            sniffed,
            width: None,
            height: None,
            is_animated: false,
            orientation: 1,
            is_partial: false,
            renditions: Vec::new(),
            quality: None,
            hashes: None,
            why_none,
            metadata: None,
            findings: Vec::new(),
        }
    }

    pub fn rendition(&self, name: &str) -> Option<&Rendition> {
        self.renditions.iter().find(|r| r.name == name)
    }

    /// What a person must know beside the picture, with a way out; `None` when all is well.
    pub fn note(&self) -> Option<String> {
        match &self.why_none {
            Some(why) => Some(why.sentence()),
            None if self.is_partial => Some(
                "only a part of this picture arrived, and only that part is shown; ask for it to be sent again"
                    .to_owned(),
            ),
            None => None,
        }
    }
}

/// A picture we made: nothing of the original but its pixels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rendition {
    /// `thumb` (320 px) or `view` (1,600 px).
    pub name: String,
    pub mime_type: String,
    pub width: u32,
    pub height: u32,
    /// Behind the header on the wire, not in it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// Why nothing can be shown of a file; the file itself is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unrenderable {
    Empty,
    TooManyPixels { width: u32, height: u32, limit: u64 },
    TooLarge { size_bytes: u64, limit_bytes: u64 },
    NeedsTooMuchMemory { limit_bytes: u64 },
    Damaged { detail: String },
    Unsupported { what: String },
    Markup { mime_type: String },
    NotAPicture { mime_type: String },
}

impl Unrenderable {
    /// One word for a table, a metric or a filter.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooLarge { .. } => "too_large",
            Self::NeedsTooMuchMemory { .. } => "needs_too_much_memory",
            Self::Damaged { .. } => "damaged",
            Self::Unsupported { .. } => "unsupported",
            Self::Markup { .. } => "markup",
            Self::NotAPicture { .. } => "not_a_picture",
        }
    }

    /// For a person, with a way out.
    pub fn sentence(&self) -> String {
        const AGAIN: &str = "ask for it to be sent again, as a photo";
        match self {
            Self::Empty => format!("the file is empty (0 bytes); {AGAIN}"),
            Self::TooManyPixels { width, height, limit } => {
                let megapixels = u64::from(*width).saturating_mul(u64::from(*height)).div_ceil(1_000_000);
                format!(
                    "too many pixels: {width} × {height} is {megapixels} megapixels, at most {} are opened; \
                     ask for a smaller copy or a screenshot of it",
                    limit / 1_000_000
                )
            }
            Self::TooLarge { size_bytes, limit_bytes } => format!(
                "too large to open: {} MiB, at most {} MiB are opened; ask for a smaller copy",
                size_bytes.div_ceil(crate::limits::MIB),
                limit_bytes / crate::limits::MIB
            ),
            Self::NeedsTooMuchMemory { limit_bytes } => format!(
                "it needs more than {} MiB of memory to be opened; ask for a smaller copy or a screenshot of it",
                limit_bytes / crate::limits::MIB
            ),
            Self::Damaged { .. } => format!("the picture is damaged or incomplete; {AGAIN}"),
            Self::Unsupported { what } => {
                format!("{what} cannot be shown here; download it, or ask for it as JPEG or PNG")
            }
            Self::Markup { mime_type } => format!(
                "this is not a picture but {mime_type}, which can run code in a browser; \
                 it is kept for download and never shown"
            ),
            Self::NotAPicture { mime_type } => {
                format!("this is not a picture but {mime_type}; download it, or ask for a photo")
            }
        }
    }
}

/// On the wire a type is its MIME type: the rest follows from our own table, whatever the child says.
impl Serialize for Sniffed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.mime_type)
    }
}

impl<'de> Deserialize<'de> for Sniffed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mime_type = String::deserialize(deserializer)?;
        Self::from_mime_type(&mime_type).ok_or_else(|| de::Error::custom("a type that is not in the table"))
    }
}
