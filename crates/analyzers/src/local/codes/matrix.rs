//! Codes of two dimensions that the whole picture did not give: a place is cut out and looked at closer.
//!
//! Every way here was kept because it reads codes that no other does; each costs what a picture of its size costs.

#![expect(clippy::as_conversions, reason = "pixel arithmetic on a cut of bounded size")]

use super::{
    Work,
    gray::{Frame, Gray, SOFT},
    places::Place,
    read::{self, Read, Threshold, Tries},
};

/// A code has two values; below, a place is a texture or soft print.
const TWO_SIDED_MIN: f32 = 0.60;
/// Side at which a place is judged.
const JUDGED_PX: f32 = 240.0;
/// Longest side of what a decoder is given.
const SIDE_PX_MAX: f32 = 1_000.0;
/// A module of one and a half pixels becomes one of three.
const ENLARGE_MAX: f32 = 2.0;
/// Over how many pixels, and how much, what differs from its surroundings is made to differ more.
const SHARPEN: (usize, f32) = (2, 2.0);
/// Below, in pixels, there is no blur to undo.
const SOFTNESS_MIN: f32 = 1.3;
/// More bring back finer modules, and noise.
const ROUNDS: usize = 14;
/// Pixels that undoing a blur is worth.
const DEBLURRED_PX_MAX: usize = 120_000;
const DEBLURRED_ENLARGE_MAX: f32 = 4.0;

/// Decoders are tried in several ways, the likeliest first, until one reads.
pub fn read(gray: &Gray, place: &Place, work: &mut Work) -> Vec<Read> {
    let side = place.frame.width.max(place.frame.height);
    let judged = (JUDGED_PX / side).min(1.0);
    let frame = place.frame.within(gray.width, gray.height);
    let glance = gray.cut(&Frame { scale: judged, ..frame }, 255);
    if glance.two_sidedness() < TWO_SIDED_MIN {
        return Vec::new();
    }
    let softness = glance.softness() / judged;
    let found = sharpened(gray, &frame, work);
    if found.is_empty() && softness >= SOFTNESS_MIN {
        return deblurred(gray, &Frame { scale: SOFT / softness, ..frame }, work);
    }
    found
}

/// Larger and sharper, and also light on dark.
fn sharpened(gray: &Gray, frame: &Frame, work: &mut Work) -> Vec<Read> {
    let (radius, amount) = SHARPEN;
    let scale = (SIDE_PX_MAX / frame.width.max(frame.height)).min(ENLARGE_MAX);
    let (width, height) = Frame { scale, ..*frame }.size();
    if !work.spend(width * height) {
        return Vec::new();
    }
    let cut = gray.cut(&Frame { scale: scale.min(1.0), ..*frame }, 255);
    // What is soft may be enlarged as well: blurring the large one costs four times as much.
    let soft = cut.mean(radius).mean(radius);
    let cut = if scale > 1.0 {
        cut.enlarged(width, height).sharpened(&soft.enlarged(width, height), amount)
    } else {
        cut.sharpened(&soft, amount)
    };
    let tries = Tries { inverted: true, threshold: Threshold::Global, ..Tries::default() };
    placed(&cut, frame, read::MATRICES, tries)
}

/// Shrunk until its blur is the one that can be undone, and then enlarged again.
fn deblurred(gray: &Gray, frame: &Frame, work: &mut Work) -> Vec<Read> {
    let (width, height) = frame.size();
    if width * height > DEBLURRED_PX_MAX || !work.spend(width * height * ROUNDS) {
        return Vec::new();
    }
    let sharp = gray.cut(frame, 255).deblurred(ROUNDS);
    let times = (SIDE_PX_MAX / width.max(height) as f32).clamp(1.0, DEBLURRED_ENLARGE_MAX);
    let large = sharp.enlarged((width as f32 * times) as usize, (height as f32 * times) as usize);
    // Not PDF417: what this leaves of a soft one has passed its error correction with wrong letters.
    placed(&large, frame, read::SQUARES, Tries::default())
}

/// What a decoder reads of a cut, where it stands in the picture.
fn placed(cut: &Gray, frame: &Frame, formats: &[zxingcpp::BarcodeFormat], tries: Tries) -> Vec<Read> {
    let frame = Frame { scale: cut.width as f32 / frame.width, ..*frame };
    let mut found = read::picture(cut, formats, tries);
    for read in &mut found {
        read.quad = read.quad.map(|point| frame.outside(point));
    }
    found
}
