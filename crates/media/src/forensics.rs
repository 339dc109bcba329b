//! Traces of a second hand in a picture: compressed twice, or a place of it copied over another.
//!
//! Looked at only where it means something, which is an original as a camera wrote it: a messenger's recompression
//! wipes the traces out (after it an untouched picture scores like a changed one), and screens, scans and print repeat
//! their letters. [`why_not()`] decides that, here and in what [`crate::metadata::findings`] says of the file.
//! Reads bytes from outside: call [`look`] in the confined child only. [`findings()`] says what it is worth.

mod copies;
mod double;
mod findings;
mod original;
mod plane;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use findings::{ANALYZER, VERSION, findings};
pub use original::{WhyNot, why_not};

use crate::{
    limits::Limits,
    metadata::{self, ChannelKind},
    report::Unrenderable,
    sniff::Sniffed,
};

/// What a look costs at most: the child is ended after so much. A photo of 18 megapixels took 1.1 s of processor time.
pub const WALL_MS_MAX: u64 = 8_000;
pub const CPU_S_MAX: u64 = 4;

/// What was seen. All numbers are finite and bounded; of a child that says otherwise nothing is believed.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Forensics {
    /// Set when it was not looked at, and then nothing else is.
    pub why_not: Option<WhyNot>,
    /// What of the compression was compared; `None` where the tables or the picture gave too little to compare.
    pub compression: Option<Compression>,
    pub copies: Vec<Copied>,
}

/// How the brightness was compressed, frequency by frequency.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Compression {
    /// The lowest frequencies whose values are many enough to be compared; at most nine.
    pub compared: u32,
    /// Those that show an earlier, different compression.
    pub steps: Vec<Steps>,
}

/// The two steps that one frequency was rounded to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Steps {
    pub first: u16,
    pub last: u16,
    /// How much likelier two compressions are than one: natural logarithm, per value.
    pub gain: f32,
}

/// A place that looks exactly like another one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Copied {
    /// Both outlines in pixels of the view, clockwise; which of them was there first cannot be told.
    pub here: Vec<[f32; 2]>,
    pub there: Vec<[f32; 2]>,
    /// From the one to the other, in pixels of the view.
    pub shift: [f32; 2],
    /// Of the picture's area, one of the two.
    pub share: f32,
    /// Of their fine detail, 0 to 1.
    pub correlation: f32,
}

/// Looks for both, or says why not.
pub fn look(
    bytes: &[u8],
    sniffed: Sniffed,
    channel_kind: ChannelKind,
    limits: &Limits,
) -> Result<Forensics, Unrenderable> {
    let metadata = metadata::read(bytes, sniffed);
    if let Some(why) = why_not(&metadata, channel_kind) {
        return Ok(Forensics { why_not: Some(why), ..Forensics::default() });
    }
    let plane = plane::Plane::decode(bytes, limits)?;
    let compression = metadata::jpeg::luminance_table(bytes).and_then(|t| double::compare(&plane.luma, &t));
    Ok(Forensics { why_not: None, compression, copies: copies::find(&plane) })
}

impl Forensics {
    /// Whether this may come from [`look`]; a child that was taken over can say anything.
    pub(crate) fn is_plausible(&self) -> bool {
        let is_place = |points: &[[f32; 2]]| {
            (3..=copies::POINTS_MAX).contains(&points.len())
                && points.iter().flatten().all(|c| (0.0..=10_000.0).contains(c))
        };
        let is_share = |share: f32| (0.0..=1.0).contains(&share);
        let are_copies = self.copies.iter().all(|copy| {
            is_place(&copy.here)
                && is_place(&copy.there)
                && copy.shift.iter().all(|c| c.is_finite())
                && is_share(copy.share)
                && is_share(copy.correlation)
        });
        let are_steps = self.compression.as_ref().is_none_or(|compression| {
            compression.compared <= double::FREQUENCIES
                && compression.steps.len() <= usize::try_from(compression.compared).unwrap_or(0)
                && compression.steps.iter().all(|steps| steps.gain.is_finite())
        });
        self.copies.len() <= copies::COPIES_MAX && are_copies && are_steps
    }
}
