//! Codes made for machines: QR, Data Matrix, Aztec, PDF417 and the bars on goods and parcels.
//!
//! Places that could hold a code are found cheaply; only there decoders are tried, in several ways, until one reads
//! or the work allowed is spent. The work is counted in pixels, not in time: the same picture always gives the same
//! answer, and a hostile one costs no more than the limit.

mod bars;
mod gray;
mod matrix;
mod payload;
mod places;
mod read;

use media::Pixels;
use model::finding::{Finding, Region};

use gray::Gray;
use read::Read;

const ANALYZER: &str = "local.codes";
const VERSION: &str = "1";
/// Pixels that decoders may be given where it looks like a code, for each pixel of the picture, and at least.
const WORK_PER_PIXEL: usize = 8;
const WORK_MIN: usize = 12_000_000;
/// The same where it hardly does: most pictures hold no code, and this is what looking costs.
const GUESSES_PER_PIXEL: usize = 1;
const GUESSES_MIN: usize = 3_000_000;
/// Findings of one picture: a sheet of labels has a few dozen.
const CODES_MAX: usize = 64;

/// Every code that can be read, each once, best known first. Regions are in coordinates of `pixels`.
pub fn find(pixels: &Pixels) -> Vec<Finding> {
    let Some((gray, factor)) = Gray::of(pixels) else { return Vec::new() };
    let mut work = Work(WORK_MIN.max(gray.data.len() * WORK_PER_PIXEL));
    let mut guesses = Work(GUESSES_MIN.max(gray.data.len() * GUESSES_PER_PIXEL));
    let mut codes: Vec<Code> = Vec::new();
    for place in places::places(&gray) {
        if codes.len() >= CODES_MAX || codes.iter().any(|code| code.covers(&place.frame)) {
            continue;
        }
        if place.is_bars {
            let voted = bars::read(&gray, &place, &mut work);
            for voted in voted {
                add(&mut codes, Code { read: voted.read, quad: voted.quad, lines: Some(voted.votes) });
            }
        } else {
            for placed in matrix::read(&gray, &place, &mut work, &mut guesses) {
                add(&mut codes, Code { read: placed.read, quad: placed.quad, lines: None });
            }
        }
    }
    codes.into_iter().map(|code| code.finding(factor)).collect()
}

/// What may still be spent, in pixels given to a decoder.
struct Work(usize);

impl Work {
    fn spend(&mut self, pixels: usize) -> bool {
        match self.0.checked_sub(pixels) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

struct Code {
    read: Read,
    quad: [[f32; 2]; 4],
    /// How many lines across the bars agreed; `None` for a code with its own error correction.
    lines: Option<usize>,
}

fn add(codes: &mut Vec<Code>, code: Code) {
    let is_known = codes.iter().any(|known| {
        known.read.kind == code.read.kind
            && known.read.text == code.read.text
            && known.read.bytes == code.read.bytes
            && known.box_of().overlaps(&code.box_of())
    });
    if !is_known {
        codes.push(code);
    }
}

/// An upright box: left, top, right, bottom.
struct Upright([f32; 4]);

impl Upright {
    fn overlaps(&self, other: &Self) -> bool {
        let ([left, top, right, bottom], [other_left, other_top, other_right, other_bottom]) =
            (self.0, other.0);
        left < other_right && other_left < right && top < other_bottom && other_top < bottom
    }
}

impl Code {
    fn box_of(&self) -> Upright {
        let mut corners = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        for [x, y] in self.quad {
            let [left, top, right, bottom] = corners;
            corners = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
        }
        Upright(corners)
    }

    /// Whether a place is this code again: its middle lies in it and it is hardly larger.
    fn covers(&self, frame: &gray::Frame) -> bool {
        let Upright([left, top, right, bottom]) = self.box_of();
        let (wide, high) = frame.reach();
        let area = (right - left) * (bottom - top);
        (left..=right).contains(&frame.x)
            && (top..=bottom).contains(&frame.y)
            && 4.0 * wide * high < 3.0 * area.max(1.0)
    }

    fn finding(self, factor: f32) -> Finding {
        let Read { kind, text, bytes, .. } = self.read;
        let (confidence, how) = match self.lines {
            None => (0.99, "read with its error correction".to_owned()),
            Some(1) => (0.75, "read on one line across the bars, its check character agrees".to_owned()),
            Some(lines) => (0.95, format!("read alike on {lines} lines across the bars")),
        };
        let content = payload::content(&text, bytes.as_deref());
        let why = match &content.what {
            Some(what) => format!("{how}; {what}"),
            None => how,
        };
        Finding {
            kind: kind.to_owned(),
            value: content.value,
            confidence,
            region: Some(Region {
                page: None,
                points: self.quad.iter().map(|[x, y]| [x * factor, y * factor]).collect(),
            }),
            why,
            analyzer: ANALYZER.to_owned(),
            version: VERSION.to_owned(),
        }
    }
}
