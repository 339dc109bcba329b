//! Codes made for machines: QR, Data Matrix, Aztec, PDF417 and the bars on goods and parcels.
//!
//! A decoder reads the whole picture. Where it read nothing although it looks like a code, the place is looked at
//! closer: bars line by line with a second decoder, the others larger and sharper. What that may cost is counted in
//! pixels, not in time: the same picture always gives the same answer, and a hostile one costs no more than the limit.

mod bars;
mod gray;
mod matrix;
mod payload;
mod places;
mod read;

use media::Pixels;
use model::finding::{Finding, Region};

use gray::Gray;
use read::{Read, Tries};

const ANALYZER: &str = "local.codes";
const VERSION: &str = "2";
/// What looking closer may cost: at bars, in samples of their lines, and at the others, in pixels given to a decoder.
/// Either is worth some 15 ms at most.
const BARS_WORK: usize = 6_000_000;
const MATRICES_WORK: usize = 1_000_000;
/// A small picture is enlarged first, to as many pixels as a messenger's photo has: a module of less than two pixels
/// is seldom read.
const ENLARGE: usize = 2;
const ENLARGED_PX_MAX: usize = 2_000_000;
/// By so much of its longer side a place must go on beyond a code, and so many times larger it may be, to be all of it.
const GROW_MIN: f32 = 0.15;
const GROW_MAX: f32 = 4.0;
/// Findings of one picture: a sheet of labels has a few dozen.
const CODES_MAX: usize = 64;

/// Every code that can be read, each once. Regions are in coordinates of `pixels`.
pub fn find(pixels: &Pixels) -> Vec<Finding> {
    let Some((gray, factor)) = Gray::of(pixels) else { return Vec::new() };
    let mut codes: Vec<Read> = Vec::new();
    for code in whole(&gray) {
        add(&mut codes, code);
    }
    let mut bars_work = Work(BARS_WORK);
    let mut matrices_work = Work(MATRICES_WORK);
    let places = places::places(&gray);
    for code in codes.iter_mut().filter(|code| code.kind == "code.pdf_417") {
        places.iter().filter(|place| !place.is_bars).for_each(|place| code.grow(&place.frame));
    }
    for place in places {
        if codes.iter().any(|code| code.covers(&place.frame)) {
            continue;
        }
        let closer = if place.is_bars {
            bars::read(&gray, &place, &mut bars_work)
        } else {
            matrix::read(&gray, &place, &mut matrices_work)
        };
        for code in closer {
            add(&mut codes, code);
        }
    }
    codes.into_iter().map(|code| code.finding(factor)).collect()
}

/// What the first decoder reads without being told where.
fn whole(gray: &Gray) -> Vec<Read> {
    let tries = Tries { turned: true, smaller: true, ..Tries::default() };
    let (width, height) = (gray.width * ENLARGE, gray.height * ENLARGE);
    if width * height > ENLARGED_PX_MAX {
        return read::picture(gray, read::ALL, tries);
    }
    let mut codes = read::picture(&gray.enlarged(width, height), read::ALL, tries);
    for code in &mut codes {
        code.quad = code.quad.map(|[x, y]| [x / 2.0, y / 2.0]);
    }
    codes
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

fn add(codes: &mut Vec<Read>, code: Read) {
    if codes.len() >= CODES_MAX {
        return;
    }
    let is_known = codes.iter().any(|known| {
        known.kind == code.kind
            && known.text == code.text
            && known.bytes == code.bytes
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

impl Read {
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

    /// A PDF417 may be read without its right end, and a region too small would leave the rest of it unmasked: where
    /// the place that it stands in goes on, so does it.
    fn grow(&mut self, frame: &gray::Frame) {
        let Upright([left, top, right, bottom]) = self.box_of();
        let (wide, high) = frame.reach();
        let place @ [from_x, from_y, to_x, to_y] =
            [frame.x - wide, frame.y - high, frame.x + wide, frame.y + high];
        let is_within = from_x <= left && from_y <= top && to_x >= right && to_y >= bottom;
        let beyond = GROW_MIN * (right - left).max(bottom - top);
        let goes_on = [left - from_x, top - from_y, to_x - right, to_y - bottom];
        let is_same = (to_x - from_x) * (to_y - from_y) < GROW_MAX * (right - left) * (bottom - top);
        if is_within && is_same && goes_on.into_iter().any(|by| by > beyond) {
            let [left, top, right, bottom] = place;
            self.quad = [[left, top], [right, top], [right, bottom], [left, bottom]];
        }
    }

    fn finding(self, factor: f32) -> Finding {
        let Read { kind, text, bytes, .. } = self;
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
