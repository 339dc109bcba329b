//! What a picture looks like, in 256 bits: the same photo sent again, smaller, recompressed or turned, is found.
//!
//! PDQ, written from its published description (Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
//! Algorithm", 2019): brightness, blurred by two passes of a box filter down to 64 × 64, the 16 × 16 lowest
//! frequencies of its cosine transform without the constant ones, each a bit that says whether it lies above their
//! median. Turning and mirroring a picture only swaps and negates frequencies, so all eight ways to hold it cost one
//! transform.

#![expect(clippy::as_conversions, reason = "sides of pictures and 64 × 64 tables as numbers and back")]

pub mod index;

use std::{f32::consts::PI, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{quality::Luma, rendition::Pixels};

const SIDE: usize = 64;
const FREQUENCIES: usize = 16;

/// The distance up to which PDQ's authors take two hashes for the same picture.
pub const DISTANCE_MAX: u32 = 31;

/// Below this there is too little in a picture for its hash to mean anything (blank pages, plain walls).
pub const QUALITY_MIN: u8 = 50;

/// Bit `16 * row + column` of the frequencies, row after row; `0` holds the lowest 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Pdq(pub [u64; 4]);

impl Pdq {
    /// In how many of 256 bits they differ.
    pub fn distance(self, other: Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// 64 hexadecimal digits, highest bit first, as the reference implementation prints it.
impl fmt::Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a perceptual hash is 64 hexadecimal digits")]
pub struct NotAPdq;

impl FromStr for Pdq {
    type Err = NotAPdq;

    fn from_str(text: &str) -> Result<Self, NotAPdq> {
        let (words, rest) = text.as_bytes().as_chunks::<16>();
        let words: &[[u8; 16]; 4] = words.try_into().map_err(|_| NotAPdq)?;
        if !rest.is_empty() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAPdq);
        }
        let mut bits = [0; 4];
        for (word, digits) in bits.iter_mut().rev().zip(words) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAPdq)?;
            *word = u64::from_str_radix(digits, 16).map_err(|_| NotAPdq)?;
        }
        Ok(Self(bits))
    }
}

impl Serialize for Pdq {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pdq {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// How a picture may be held: what was done to it before it was hashed.
pub const HOLDS: [&str; 8] = [
    "as it is",
    "mirrored",
    "upside down and mirrored",
    "turned by 180°",
    "transposed",
    "turned by 90°",
    "turned by 270°",
    "transposed across",
];

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hashes {
    /// The picture as it is, then turned and mirrored in the order of [`HOLDS`].
    pub pdq: [Pdq; 8],
    /// 0 to 100: how much there is in the picture to tell it by; [`QUALITY_MIN`] and more can be relied on.
    pub quality: u8,
}

/// `None` when the bytes do not fill the picture's size.
pub fn hashes(pixels: &Pixels) -> Option<Hashes> {
    let small = small(&Luma::of(pixels)?);
    let frequencies = frequencies(&small);
    Some(Hashes { pdq: holds(&frequencies).map(|f| bits(&f)), quality: quality(&small) })
}

type Small = [[f32; SIDE]; SIDE];
type Frequencies = [[f32; FREQUENCIES]; FREQUENCIES];

/// Two box filters each way, then every n-th pixel.
///
/// A large picture is made smaller by whole squares first: the reference, too, starts from 512 pixels, and the filter
/// that follows is wider than these squares by far.
fn small(luma: &Luma) -> Small {
    let squares = luma.width.min(luma.height) / 320;
    let reduced = if squares > 1 { luma.reduced(squares) } else { None };
    let luma = reduced.as_ref().unwrap_or(luma);
    let (width, height) = (luma.width, luma.height);
    let mut plane: Vec<f32> = luma.bytes.iter().map(|b| f32::from(*b)).collect();
    let mut other = vec![0.0; plane.len()];
    for _ in 0..2 {
        for (from, to) in plane.chunks_exact(width).zip(other.chunks_exact_mut(width)) {
            box_row(from, to, window(width));
        }
        box_columns(&other, &mut plane, width, window(height));
    }
    let mut small = [[0.0; SIDE]; SIDE];
    for (i, row) in small.iter_mut().enumerate() {
        let y = (2 * i + 1) * height / (2 * SIDE);
        for (j, cell) in row.iter_mut().enumerate() {
            let x = (2 * j + 1) * width / (2 * SIDE);
            *cell = plane.get(y * width + x).copied().unwrap_or(0.0);
        }
    }
    small
}

fn window(side: usize) -> usize {
    side.div_ceil(2 * SIDE)
}

/// The mean over `window` pixels around each, over fewer at the ends.
fn box_row(from: &[f32], to: &mut [f32], window: usize) {
    let ahead = window.div_ceil(2);
    let behind = window - ahead;
    let n = from.len();
    let mut sum: f32 = from.iter().take(ahead.saturating_sub(1)).sum();
    let mut count = ahead.saturating_sub(1).min(n);
    for (x, target) in to.iter_mut().enumerate() {
        if let Some(entering) = from.get(x + ahead - 1) {
            sum += entering;
            count += 1;
        }
        if let Some(leaving) = x.checked_sub(behind + 1).and_then(|at| from.get(at)) {
            sum -= leaving;
            count -= 1;
        }
        *target = sum / count.max(1) as f32;
    }
}

/// The same down the columns, all of a row together.
fn box_columns(from: &[f32], to: &mut [f32], width: usize, window: usize) {
    let ahead = window.div_ceil(2);
    let behind = window - ahead;
    let row = |y: usize| from.chunks_exact(width).nth(y);
    let mut sums = vec![0.0_f32; width];
    let mut count = 0_usize;
    for y in 0..ahead.saturating_sub(1) {
        if let Some(entering) = row(y) {
            sums.iter_mut().zip(entering).for_each(|(s, v)| *s += v);
            count += 1;
        }
    }
    for (y, target) in to.chunks_exact_mut(width).enumerate() {
        if let Some(entering) = row(y + ahead - 1) {
            sums.iter_mut().zip(entering).for_each(|(s, v)| *s += v);
            count += 1;
        }
        if let Some(leaving) = y.checked_sub(behind + 1).and_then(row) {
            sums.iter_mut().zip(leaving).for_each(|(s, v)| *s -= v);
            count -= 1;
        }
        let scale = 1.0 / count.max(1) as f32;
        target.iter_mut().zip(&sums).for_each(|(t, s)| *t = s * scale);
    }
}

/// The sum of whole-percent steps between neighbours, by the reference's divisor.
fn quality(small: &Small) -> u8 {
    let step = |a: f32, b: f32| ((a - b) * 100.0 / 255.0).trunc().abs() as u32;
    let down: u32 = small
        .windows(2)
        .filter_map(|pair| pair.split_first().zip(pair.last()))
        .flat_map(|((a, _), b)| a.iter().zip(b).map(|(a, b)| step(*a, *b)))
        .sum();
    let across: u32 =
        small.iter().flat_map(|row| row.iter().zip(row.iter().skip(1)).map(|(a, b)| step(*a, *b))).sum();
    ((down + across) / 90).min(100) as u8
}

/// Cosine transform, rows and columns 1 to 16 of it.
fn frequencies(small: &Small) -> Frequencies {
    let mut cosines = [[0.0_f32; SIDE]; FREQUENCIES];
    for (k, row) in cosines.iter_mut().enumerate() {
        for (n, value) in row.iter_mut().enumerate() {
            let angle = PI / (2.0 * SIDE as f32) * (k + 1) as f32 * (2 * n + 1) as f32;
            *value = (2.0 / SIDE as f32).sqrt() * angle.cos();
        }
    }
    let mut half = [[0.0_f32; SIDE]; FREQUENCIES];
    for (row, cosine) in half.iter_mut().zip(&cosines) {
        for (line, weight) in small.iter().zip(cosine) {
            row.iter_mut().zip(line).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    let mut frequencies = [[0.0; FREQUENCIES]; FREQUENCIES];
    for (row, line) in frequencies.iter_mut().zip(&half) {
        for (value, cosine) in row.iter_mut().zip(&cosines) {
            *value = line.iter().zip(cosine).map(|(a, b)| a * b).sum();
        }
    }
    frequencies
}

/// A mirror negates every odd frequency (of which the first is one) across it; a transposition swaps the two sides.
fn holds(f: &Frequencies) -> [Frequencies; 8] {
    let variant = |transposed: bool, across: bool, down: bool| {
        let mut out = [[0.0; FREQUENCIES]; FREQUENCIES];
        let columns = |i: usize| f.iter().filter_map(move |row| row.get(i));
        for (i, row) in out.iter_mut().enumerate() {
            let source: Vec<f32> = if transposed {
                columns(i).copied().collect()
            } else {
                f.get(i).map(|row| row.to_vec()).unwrap_or_default()
            };
            for (j, (value, from)) in row.iter_mut().zip(source).enumerate() {
                let is_negated = (across && j % 2 == 0) != (down && i % 2 == 0);
                *value = if is_negated { -from } else { from };
            }
        }
        out
    };
    [
        variant(false, false, false),
        variant(false, true, false),
        variant(false, false, true),
        variant(false, true, true),
        variant(true, false, false),
        variant(true, true, false),
        variant(true, false, true),
        variant(true, true, true),
    ]
}

fn bits(frequencies: &Frequencies) -> Pdq {
    let mut sorted: Vec<f32> = frequencies.iter().flatten().copied().collect();
    let lower_median = sorted.len() / 2 - 1;
    let median = *sorted.select_nth_unstable_by(lower_median, f32::total_cmp).1;
    let mut words = [0_u64; 4];
    for (word, four) in words.iter_mut().zip(frequencies.as_chunks::<4>().0) {
        for (at, value) in four.iter().flatten().enumerate() {
            *word |= u64::from(*value > median) << at;
        }
    }
    Pdq(words)
}
