//! What a picture's file says of itself: camera, software, times, how it was compressed, who signed it.
//!
//! Reads bytes from outside: call it in the confined child. Everything here is a statement of the file, which anybody
//! can write and every messenger strips; [`findings()`] says in each sentence how much that is worth. Coordinates are
//! never kept, only that there are some. Broken metadata is no metadata, never an error.

#[cfg(feature = "c2pa")]
pub mod c2pa;
pub(crate) mod containers;
mod exif;
mod findings;
mod iptc;
pub(crate) mod jpeg;
mod xmp;

use serde::{Deserialize, Serialize};

pub use findings::{ChannelKind, Context, findings};
pub(crate) use findings::{MESSENGER_HD_SIDE_PX_MAX, is_recompressed};

use crate::sniff::Sniffed;

/// A text of the file, as far as it is kept.
const TEXT_CHARS_MAX: usize = 200;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Metadata {
    /// By the header, before any turning. `None` where the reader of that format has no need to know.
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub exif: Option<Exif>,
    pub xmp: Option<Xmp>,
    pub iptc: Option<Iptc>,
    pub jpeg: Option<Jpeg>,
    /// The keywords of a PNG's text chunks and a JPEG's comment, with the beginning of what they say.
    pub texts: Vec<(String, String)>,
    pub c2pa: C2pa,
}

/// The fields of an EXIF block that a help desk can use.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Exif {
    pub make: Option<String>,
    pub model: Option<String>,
    pub software: Option<String>,
    /// Local time without a zone, as the camera wrote it: `2026-03-01 12:00:00`, with the offset where it has one.
    pub taken_at: Option<String>,
    pub modified_at: Option<String>,
    pub user_comment: Option<String>,
    /// Coordinates stand in the file; they are not read out.
    pub has_location: bool,
    /// A serial number of the body, the lens or an owner's name: personal, and not read out.
    pub has_owner: bool,
    /// 1 to 8.
    pub orientation: Option<u8>,
    /// The small picture inside, by its own header.
    pub thumbnail: Option<(u32, u32)>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Xmp {
    pub creator_tool: Option<String>,
    /// The last part of the IPTC term: `trainedAlgorithmicMedia`, `digitalCapture`, …
    pub digital_source_type: Option<String>,
    pub credit: Option<String>,
    /// The programs that an editing history names, each once, at most eight.
    pub history_software: Vec<String>,
    pub history_steps: u32,
    pub has_location: bool,
}

/// IPTC-IIM, the older block that newspapers use.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Iptc {
    pub credit: Option<String>,
    pub program: Option<String>,
    pub has_byline: bool,
}

/// How the pixels were packed: it survives where every other trace is stripped.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Jpeg {
    pub is_progressive: bool,
    /// `4:2:0`, `4:2:2`, `4:4:4`, `4:4:0`, `grey`, or the factors as they stand.
    pub subsampling: Option<String>,
    /// 1 to 100 on the scale of the Independent JPEG Group, estimated from the luminance table.
    pub quality: Option<u8>,
    /// The table is exactly the standard's at that quality; cameras and Photoshop use tables of their own.
    pub has_standard_table: bool,
    pub has_jfif: bool,
    pub has_icc: bool,
    /// Adobe's segment: written by Photoshop and by some libraries.
    pub has_adobe: bool,
}

/// Content Credentials: a signed record of how the picture came to be.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum C2pa {
    #[default]
    Absent,
    /// There is a manifest, and this build does not verify any.
    Unverified,
    /// The picture is as it was signed.
    Valid {
        /// A certificate on the list of trusted signers leads to it. We ship no such list, so it is never set yet.
        is_trusted: bool,
        signer: Option<String>,
        /// The program that made the claim.
        generator: Option<String>,
        signed_at: Option<String>,
        digital_source_type: Option<String>,
    },
    /// The picture or its record was changed after signing.
    Invalid { why: String },
    /// The record stands on a server; nothing is fetched from here.
    Remote,
}

impl Metadata {
    /// Phones write it into the EXIF comment of their screenshots.
    pub fn is_screenshot(&self) -> bool {
        let comment = self.exif.as_ref().and_then(|exif| exif.user_comment.as_deref());
        comment.is_some_and(|comment| comment.eq_ignore_ascii_case("screenshot"))
    }
}

/// What the file says of itself. Empty for a format that has none of it.
pub fn read(bytes: &[u8], sniffed: Sniffed) -> Metadata {
    let blocks = containers::blocks(bytes, sniffed);
    let jpeg = blocks.jpeg.clone();
    let exif = blocks.exif.as_deref().and_then(exif::read);
    let xmp = blocks.xmp.as_deref().and_then(xmp::read);
    let is_remote = blocks.xmp.as_deref().is_some_and(xmp::names_remote_manifest);
    let c2pa = match (blocks.has_c2pa, is_remote) {
        (true, _) => verify(bytes, sniffed),
        (false, true) => C2pa::Remote,
        (false, false) => C2pa::Absent,
    };
    Metadata {
        width: blocks.size.map(|(width, _)| width),
        height: blocks.size.map(|(_, height)| height),
        exif,
        xmp,
        iptc: blocks.iptc.as_deref().and_then(iptc::read),
        jpeg,
        texts: blocks.texts,
        c2pa,
    }
}

#[cfg(feature = "c2pa")]
fn verify(bytes: &[u8], sniffed: Sniffed) -> C2pa {
    c2pa::verify(bytes, sniffed)
}

#[cfg(not(feature = "c2pa"))]
fn verify(_: &[u8], _: Sniffed) -> C2pa {
    C2pa::Unverified
}

/// Readable and short: no control characters, no padding, nothing at all rather than an empty string.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let readable = String::from_utf8_lossy(bytes.get(..4 * TEXT_CHARS_MAX).unwrap_or(bytes)).into_owned();
    let clean: String = readable
        .chars()
        .filter(|c| !c.is_control())
        .take(TEXT_CHARS_MAX)
        .collect::<String>()
        .trim()
        .to_owned();
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests;
