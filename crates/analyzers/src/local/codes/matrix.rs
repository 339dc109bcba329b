//! Codes of two dimensions: a place is cut out and tried in several ways, the likeliest first.
//!
//! Small codes are enlarged, large ones shrunk (which also calms noise), soft ones sharpened, light-on-dark ones
//! inverted. What was read is painted over and the same way tried again: codes often come in pairs.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "pixel arithmetic on a cut of bounded size"
)]

use super::{
    Work,
    gray::{Frame, Gray, SOFT},
    places::Place,
    read::{self, Matrix, Read, Threshold},
};

/// Codes read in one place.
const CODES_MAX: usize = 12;
/// Longest and shortest side of what a decoder is given, where the place allows it.
const SIDE_GOOD: std::ops::RangeInclusive<f32> = 260.0..=1_000.0;
/// Bars are a PDF417's start and stop and most of its inside.
const STACKED_COHERENCE: std::ops::RangeInclusive<f32> = 0.12..=0.97;

#[derive(Clone, Copy)]
enum Treatment {
    Plain(f32),
    Sharp {
        scale: f32,
        radius: usize,
        amount: f32,
    },
    TwoTone,
    Inverted,
    /// Shrunk until its blur is the one that can be undone, times this; then enlarged again.
    Deblurred(f32),
}

impl Treatment {
    /// Times the place's own good scale.
    fn scale(self) -> f32 {
        match self {
            Self::Plain(scale) | Self::Sharp { scale, .. } => scale,
            Self::TwoTone | Self::Inverted | Self::Deblurred(_) => 1.0,
        }
    }
}

const FIRST: &[Matrix] = &[Matrix::Qr, Matrix::Data, Matrix::Aztec];
const QR: &[Matrix] = &[Matrix::Qr, Matrix::QrAgain];

const LADDER: &[(Treatment, Threshold, &[Matrix])] = &[
    (Treatment::Plain(1.0), Threshold::Local, FIRST),
    (Treatment::Plain(0.5), Threshold::Local, FIRST),
    (Treatment::Deblurred(1.0), Threshold::Local, FIRST),
    (Treatment::Deblurred(0.75), Threshold::Global, FIRST),
    (Treatment::Sharp { scale: 1.0, radius: 2, amount: 2.0 }, Threshold::Local, FIRST),
    (Treatment::Inverted, Threshold::Local, FIRST),
    (Treatment::Sharp { scale: 2.0, radius: 4, amount: 2.0 }, Threshold::Local, FIRST),
    (Treatment::Deblurred(1.3), Threshold::Local, FIRST),
    (Treatment::TwoTone, Threshold::Global, FIRST),
    (Treatment::Sharp { scale: 1.0, radius: 6, amount: 4.0 }, Threshold::Global, FIRST),
    (Treatment::Plain(1.0), Threshold::Local, QR),
];
/// Rungs for a place that looks less like a code: as it is, smaller, and with its blur undone.
const FEW: usize = 3;
/// Two-sidedness of a code, and of what may still be a soft one.
const TWO_SIDED: f32 = 0.60;
const TWO_SIDED_MIN: f32 = 0.45;
/// Side at which a place is judged.
const JUDGED_PX: f32 = 480.0;
/// Pixels that undoing a blur is worth.
const DEBLURRED_MAX: usize = 120_000;
/// Below, in pixels, there is no blur to undo.
const SOFTNESS_MIN: f32 = 1.3;
const ENLARGE: f32 = 4.0;
const ROUNDS: usize = 14;

pub struct Placed {
    pub read: Read,
    pub quad: [[f32; 2]; 4],
}

/// `work` is for a place that looks like a code, `guesses` for one that hardly does.
pub fn read(gray: &Gray, place: &Place, work: &mut Work, guesses: &mut Work) -> Vec<Placed> {
    let mut found = Vec::new();
    let good = good_scale(&place.frame);
    let judged = (JUDGED_PX / place.frame.width.max(place.frame.height)).min(1.0);
    let glance = gray.cut(&Frame { scale: judged, ..place.frame }, 255);
    let two_sided = glance.two_sidedness();
    if two_sided < TWO_SIDED_MIN || !work.spend(glance.data.len() * 2) {
        return found;
    }
    let softness = glance.softness() / judged;
    let is_likely = place.is_likely && two_sided >= TWO_SIDED;
    let (rungs, work) = if is_likely { (LADDER.len(), work) } else { (FEW, guesses) };
    for &(treatment, threshold, readers) in LADDER.iter().take(rungs) {
        let scale = match treatment {
            Treatment::Deblurred(_) if softness < SOFTNESS_MIN => continue,
            Treatment::Deblurred(more) => SOFT * more / softness,
            other => good * other.scale(),
        };
        let mut attempt = Attempt { gray, treatment, threshold, work, found: &mut found };
        attempt.read(&Frame { scale, ..place.frame }, readers);
        if STACKED_COHERENCE.contains(&place.coherence) {
            attempt.read(&Frame { scale, ..place.turned }, &[Matrix::Pdf417]);
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

struct Attempt<'a> {
    gray: &'a Gray,
    treatment: Treatment,
    threshold: Threshold,
    work: &'a mut Work,
    found: &'a mut Vec<Placed>,
}

impl Attempt<'_> {
    fn read(&mut self, frame: &Frame, readers: &[Matrix]) {
        let (width, height) = frame.size();
        let is_deblurred = matches!(self.treatment, Treatment::Deblurred(_));
        let cost = width * height * if is_deblurred { ROUNDS } else { 1 };
        if is_deblurred && width * height > DEBLURRED_MAX || !self.work.spend(cost) {
            return;
        }
        let mut cut = treated(self.gray.cut(frame, 255), self.treatment);
        let enlarged = cut.width as f32 / width as f32;
        for &reader in readers {
            for _ in 0..CODES_MAX {
                if !self.work.spend(cut.data.len()) {
                    return;
                }
                let reads = read::matrix(&cut, reader, self.threshold);
                if reads.is_empty() {
                    break;
                }
                for read in reads {
                    let corners = corners(&read, &cut);
                    paint_over(&mut cut, corners);
                    let quad = corners.map(|[x, y]| frame.outside([x / enlarged, y / enlarged]));
                    self.found.push(Placed { quad, read });
                }
            }
        }
    }
}

fn treated(cut: Gray, treatment: Treatment) -> Gray {
    match treatment {
        Treatment::Plain(_) => cut,
        Treatment::Sharp { radius, amount, .. } => cut.sharpened(radius, amount),
        Treatment::TwoTone => {
            let radius = (cut.width.max(cut.height) / 16).max(4);
            cut.two_tone(radius)
        }
        Treatment::Inverted => cut.inverted(),
        Treatment::Deblurred(_) => {
            let sharp = cut.deblurred(ROUNDS);
            let (width, height) = (sharp.width as f32, sharp.height as f32);
            let longest = width.max(height);
            let scale = ENLARGE.min(SIDE_GOOD.end() / longest).max(1.0);
            sharp.cut(&Frame { x: width / 2.0, y: height / 2.0, width, height, angle: 0.0, scale }, 255)
        }
    }
}

fn good_scale(frame: &Frame) -> f32 {
    let side = frame.width.max(frame.height);
    if side < *SIDE_GOOD.start() {
        (SIDE_GOOD.start() / side).min(4.0).ceil()
    } else if side > *SIDE_GOOD.end() {
        SIDE_GOOD.end() / side
    } else {
        1.0
    }
}

/// Four corners, clockwise. Some decoders tell eight points of two ends, some none.
fn corners(read: &Read, cut: &Gray) -> [[f32; 2]; 4] {
    match *read.points.as_slice() {
        [a, b, c, d] => [a, b, c, d],
        [] => {
            let (right, bottom) = (cut.width as f32, cut.height as f32);
            [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]]
        }
        ref points => {
            let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
            for point in points {
                for axis in 0..2 {
                    low[axis] = low[axis].min(point[axis]);
                    high[axis] = high[axis].max(point[axis]);
                }
            }
            [low, [high[0], low[1]], high, [low[0], high[1]]]
        }
    }
}

fn paint_over(cut: &mut Gray, corners: [[f32; 2]; 4]) {
    let side = |low: f32, most: usize| low.clamp(0.0, most as f32) as usize;
    let (xs, ys) = (corners.map(|point| point[0]), corners.map(|point| point[1]));
    let least = |values: [f32; 4]| values.into_iter().fold(f32::MAX, f32::min);
    let most = |values: [f32; 4]| values.into_iter().fold(f32::MIN, f32::max);
    let (left, right) = (side(least(xs), cut.width), side(most(xs), cut.width));
    for y in side(least(ys), cut.height)..side(most(ys), cut.height) {
        let start = y * cut.width;
        cut.data[start + left..start + right].fill(255);
    }
}
