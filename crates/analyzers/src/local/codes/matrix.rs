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
    gray::{Frame, Gray},
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
    Plain,
    Sharp { radius: usize, amount: f32 },
    TwoTone,
    Inverted,
}

struct Rung {
    /// Of the place's own good scale.
    scale: f32,
    treatment: Treatment,
    threshold: Threshold,
    readers: &'static [Matrix],
}

const FIRST: &[Matrix] = &[Matrix::Qr, Matrix::Data, Matrix::Aztec];
const QR: &[Matrix] = &[Matrix::Qr, Matrix::QrAgain];

const LADDER: &[Rung] = &[
    Rung { scale: 1.0, treatment: Treatment::Plain, threshold: Threshold::Local, readers: FIRST },
    Rung { scale: 0.5, treatment: Treatment::Plain, threshold: Threshold::Local, readers: FIRST },
    Rung {
        scale: 1.0,
        treatment: Treatment::Sharp { radius: 2, amount: 2.0 },
        threshold: Threshold::Local,
        readers: FIRST,
    },
    Rung { scale: 1.0, treatment: Treatment::Inverted, threshold: Threshold::Local, readers: FIRST },
    Rung {
        scale: 2.0,
        treatment: Treatment::Sharp { radius: 4, amount: 2.0 },
        threshold: Threshold::Local,
        readers: FIRST,
    },
    Rung { scale: 1.0, treatment: Treatment::TwoTone, threshold: Threshold::Global, readers: FIRST },
    Rung {
        scale: 1.0,
        treatment: Treatment::Sharp { radius: 6, amount: 4.0 },
        threshold: Threshold::Global,
        readers: FIRST,
    },
    Rung { scale: 1.0, treatment: Treatment::Plain, threshold: Threshold::Local, readers: QR },
];

pub struct Placed {
    pub read: Read,
    pub quad: [[f32; 2]; 4],
}

pub fn read(gray: &Gray, place: &Place, work: &mut Work) -> Vec<Placed> {
    let mut found = Vec::new();
    for rung in LADDER {
        let frame = Frame { scale: good_scale(&place.frame) * rung.scale, ..place.frame };
        read_frame(gray, &frame, rung, rung.readers, work, &mut found);
        if STACKED_COHERENCE.contains(&place.coherence) {
            let (wide, high) = place.frame.reach();
            let (sin, cos) = (place.angle.sin().abs(), place.angle.cos().abs());
            let frame = Frame {
                width: 2.0 * (wide * cos + high * sin).min(wide.hypot(high)),
                height: 2.0 * (wide * sin + high * cos).min(wide.hypot(high)),
                angle: place.angle,
                ..frame
            };
            read_frame(gray, &frame, rung, &[Matrix::Pdf417], work, &mut found);
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

fn read_frame(
    gray: &Gray,
    frame: &Frame,
    rung: &Rung,
    readers: &[Matrix],
    work: &mut Work,
    found: &mut Vec<Placed>,
) {
    let (width, height) = frame.size();
    if !work.spend(width * height) {
        return;
    }
    let mut cut = treated(gray.cut(frame, 255), rung.treatment);
    for &reader in readers {
        for _ in 0..CODES_MAX {
            if !work.spend(width * height) {
                return;
            }
            let reads = read::matrix(&cut, reader, rung.threshold);
            if reads.is_empty() {
                break;
            }
            for read in reads {
                let corners = corners(&read, &cut);
                paint_over(&mut cut, corners);
                found.push(Placed { quad: corners.map(|point| frame.outside(point)), read });
            }
        }
    }
}

fn treated(cut: Gray, treatment: Treatment) -> Gray {
    match treatment {
        Treatment::Plain => cut,
        Treatment::Sharp { radius, amount } => cut.sharpened(radius, amount),
        Treatment::TwoTone => {
            let radius = (cut.width.max(cut.height) / 16).max(4);
            cut.two_tone(radius)
        }
        Treatment::Inverted => cut.inverted(),
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
