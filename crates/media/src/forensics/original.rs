//! Whether a file is as a camera wrote it, so that traces in its pixels mean something.

use serde::{Deserialize, Serialize};

use crate::metadata::{ChannelKind, MESSENGER_HD_SIDE_PX_MAX, Metadata, is_recompressed};

/// The shorter side: below it there is too little to count.
const SIDE_PX_MIN: u32 = 256;
/// Bounds the time and the memory of the look.
const PIXELS_MAX: u64 = 30_000_000;

/// Why traces of editing were not looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    SentAsPhoto,
    Recompressed,
    Screenshot,
    NotJpeg,
    NoCamera,
    TooSmall,
    TooLarge,
}

impl WhyNot {
    /// One sentence for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SentAsPhoto => {
                "traces of editing were not looked for: the messenger compressed the picture anew, and after that an \
                 untouched one scores like a changed one"
            }
            Self::Recompressed => {
                "traces of editing were not looked for: it was compressed anew on its way, and after that an \
                 untouched picture scores like a changed one"
            }
            Self::Screenshot => {
                "traces of editing were not looked for: on a screen letters and symbols repeat, which looks like \
                 copying"
            }
            Self::NotJpeg => {
                "traces of editing were not looked for: they are known of JPEG files as cameras write them, and this \
                 is another format"
            }
            Self::NoCamera => {
                "traces of editing were not looked for: nothing in the file says that a camera wrote it, and scans, \
                 drawings and pictures of print repeat themselves as copies do"
            }
            Self::TooSmall => {
                "traces of editing were not looked for: the picture is too small (at least 256 pixels a side are \
                 needed)"
            }
            Self::TooLarge => {
                "traces of editing were not looked for: the picture is too large (at most 30 megapixels are looked \
                 at)"
            }
        }
    }
}

/// `None` for an original: a JPEG that came as a file, with a camera's name in it or with compression tables that are
/// neither a messenger's nor the standard's.
pub fn why_not(metadata: &Metadata, channel_kind: ChannelKind) -> Option<WhyNot> {
    if channel_kind == ChannelKind::Photo {
        return Some(WhyNot::SentAsPhoto);
    }
    if metadata.is_screenshot() {
        return Some(WhyNot::Screenshot);
    }
    let Some(jpeg) = &metadata.jpeg else { return Some(WhyNot::NotJpeg) };
    if is_recompressed(metadata, channel_kind) {
        return Some(WhyNot::Recompressed);
    }
    let (width, height) = metadata.width.zip(metadata.height).unwrap_or_default();
    let has_camera = metadata.exif.as_ref().is_some_and(|e| e.make.is_some() || e.model.is_some());
    // In HD a messenger leaves large pictures with tables of the phone's own encoder.
    let may_be_a_messengers = width.max(height) <= MESSENGER_HD_SIDE_PX_MAX
        && jpeg.subsampling.as_deref() == Some("4:2:0")
        && jpeg.quality.is_none_or(|quality| quality <= 95);
    if !has_camera && (jpeg.has_standard_table || may_be_a_messengers) {
        return Some(WhyNot::NoCamera);
    }
    if width.min(height) < SIDE_PX_MIN {
        return Some(WhyNot::TooSmall);
    }
    (u64::from(width).saturating_mul(u64::from(height)) > PIXELS_MAX).then_some(WhyNot::TooLarge)
}
