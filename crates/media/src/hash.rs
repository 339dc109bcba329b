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
    /// Of the picture without the plain border around it (a gallery's black bars), when it has one.
    pub inner: Option<Pdq>,
    /// 0 to 100: how much there is in the picture to tell it by; [`QUALITY_MIN`] and more can be relied on.
    pub quality: u8,
}

/// `None` when the bytes do not fill the picture's size.
pub fn hashes(pixels: &Pixels) -> Option<Hashes> {
    let luma = Luma::of(pixels)?;
    let small = small(&luma);
    let frequencies = frequencies(&small);
    let pdq = holds(&frequencies).map(|f| bits(&f));
    // Where the border ends is seen at a smaller size as well.
    let inner = within_border(&reduced(luma)).map(|part| bits(&self::frequencies(&self::small(&part))));
    Some(Hashes { pdq, inner, quality: quality(&small) })
}

/// What is shown on a plain ground of one brightness: the longest run of rows that are not ground, and of its columns
/// (a status bar or a caption is a shorter run). `None` when there is no ground, or when hardly anything else is there.
fn within_border(luma: &Luma) -> Option<Luma> {
    let rows: Vec<(u8, u8)> = luma.rows().map(|row| range(row.iter())).collect();
    let ground = [rows.first(), rows.last()]
        .into_iter()
        .flatten()
        .find(|(low, high)| high - low <= PLAIN)
        .map_or_else(|| plain_side(luma), |(low, _)| Some(*low))?;
    let is_ground = |(low, high): &(u8, u8)| {
        high.saturating_sub(*low) <= PLAIN && low.abs_diff(ground) <= PLAIN && high.abs_diff(ground) <= PLAIN
    };
    let down = longest_run(rows.iter().map(|r| !is_ground(r)));
    let mut columns = vec![(u8::MAX, u8::MIN); luma.width];
    for row in luma.rows().skip(down.start).take(down.len()) {
        columns.iter_mut().zip(row).for_each(|(r, v)| *r = (r.0.min(*v), r.1.max(*v)));
    }
    let across = longest_run(columns.iter().map(|c| !is_ground(c)));
    let is_cut = down.len() * 100 < luma.height * 98 || across.len() * 100 < luma.width * 98;
    let is_enough = down.len() * 5 > luma.height && across.len() * 5 > luma.width;
    if is_cut && is_enough { luma.cut(across, down) } else { None }
}

/// Brightness may differ by this within a border: JPEG's grain.
const PLAIN: u8 = 12;

fn range<'a>(values: impl Iterator<Item = &'a u8>) -> (u8, u8) {
    values.fold((u8::MAX, u8::MIN), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// The brightness of the first or last column, when it is plain: bars at the sides.
fn plain_side(luma: &Luma) -> Option<u8> {
    let of = |side: fn(&[u8]) -> Option<&u8>| range(luma.rows().filter_map(side));
    [of(<[u8]>::first), of(<[u8]>::last)]
        .into_iter()
        .find(|(low, high)| high.saturating_sub(*low) <= PLAIN)
        .map(|(low, _)| low)
}

fn longest_run(is_in: impl Iterator<Item = bool>) -> std::ops::Range<usize> {
    let (mut best, mut start) = (0..0, None);
    let mut end = |start: &mut Option<usize>, at: usize| {
        if let Some(from) = start.take()
            && at - from > best.len()
        {
            best = from..at;
        }
    };
    let mut at = 0;
    for is_in in is_in {
        if is_in {
            start.get_or_insert(at);
        } else {
            end(&mut start, at);
        }
        at += 1;
    }
    end(&mut start, at);
    best
}

/// By whole squares, while the filter that follows stays wider than they are.
fn reduced(luma: Luma) -> Luma {
    let squares = luma.width.min(luma.height) / 320;
    if squares > 1 { luma.reduced(squares).unwrap_or(luma) } else { luma }
}

/// Of a brightness while it is filtered: 20 bits a value, and no window of a side of 65,535 has more than 512 of them.
const FRACTION_BITS: u32 = 12;

type Small = [[f32; SIDE]; SIDE];
type Frequencies = [[f32; FREQUENCIES]; FREQUENCIES];

/// Two box filters each way, then every n-th pixel.
fn small(luma: &Luma) -> Small {
    let (width, height) = (luma.width, luma.height);
    let mut plane: Vec<u32> = luma.bytes.iter().map(|b| u32::from(*b) << FRACTION_BITS).collect();
    let mut other = vec![0; plane.len()];
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
            let value = plane.get(y * width + x).copied().unwrap_or(0);
            *cell = value as f32 / (1 << FRACTION_BITS) as f32;
        }
    }
    small
}

fn window(side: usize) -> usize {
    side.div_ceil(2 * SIDE)
}

/// The mean over `window` pixels around each, over fewer at the ends. Whole numbers, because their sums do not wait for
/// one another as long as those of fractions.
fn box_row(from: &[u32], to: &mut [u32], window: usize) {
    let ahead = window / 2 + 1;
    let behind = window - ahead;
    let n = from.len();
    let entering = || from.iter().skip(ahead - 1);
    let mut sum: u32 = from.iter().take(ahead - 1).sum();
    let mut count = (ahead - 1).min(n);
    let (start, rest) = to.split_at_mut((behind + 1).min(n));
    let mut enters = entering();
    for target in start {
        if let Some(value) = enters.next() {
            sum += value;
            count += 1;
        }
        *target = mean(sum, 1.0 / count.max(1) as f32);
    }
    let steady = n.saturating_sub(ahead - 1).saturating_sub(behind + 1);
    let (middle, end) = rest.split_at_mut(steady.min(rest.len()));
    let scale = 1.0 / count.max(1) as f32;
    for ((target, enter), leave) in middle.iter_mut().zip(entering().skip(behind + 1)).zip(from) {
        sum = sum + enter - leave;
        *target = mean(sum, scale);
    }
    for (target, leave) in end.iter_mut().zip(from.iter().skip(steady)) {
        sum -= leave;
        count -= 1;
        *target = mean(sum, 1.0 / count.max(1) as f32);
    }
}

fn mean(sum: u32, scale: f32) -> u32 {
    (sum as f32 * scale) as u32
}

/// The same down the columns, all of a row together.
fn box_columns(from: &[u32], to: &mut [u32], width: usize, window: usize) {
    let ahead = window / 2 + 1;
    let behind = window - ahead;
    let row = |y: usize| from.get(y * width..(y + 1) * width);
    let mut sums = vec![0_u32; width];
    let mut count = 0_usize;
    for entering in (0..ahead - 1).filter_map(row) {
        sums.iter_mut().zip(entering).for_each(|(s, v)| *s += v);
        count += 1;
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
        target.iter_mut().zip(&sums).for_each(|(t, s)| *t = mean(*s, scale));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves of many sizes, unlike their own mirror images.
    fn picture(width: u32, height: u32, seed: f32) -> Pixels {
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
                let wave: f32 = (1..14)
                    .map(|k| {
                        let k = k as f32;
                        ((u * k * 2.3 + v * (k * seed).sin() * 5.0 + k * k * seed).sin() * 60.0) / k.sqrt()
                    })
                    .sum();
                rgb.extend([(128.0 + wave).clamp(0.0, 255.0) as u8; 3]);
            }
        }
        Pixels { width, height, rgb }
    }

    fn changed(pixels: &Pixels, size: (u32, u32), from: impl Fn(u32, u32) -> (u32, u32)) -> Pixels {
        let mut rgb = Vec::new();
        for y in 0..size.1 {
            for x in 0..size.0 {
                let (x, y) = from(x, y);
                let at = ((y * pixels.width + x) * 3) as usize;
                rgb.extend_from_slice(&pixels.rgb[at..at + 3]);
            }
        }
        Pixels { width: size.0, height: size.1, rgb }
    }

    #[test]
    fn every_hold_is_the_hash_of_the_turned_picture() {
        let (w, h) = (640, 480);
        let whole = picture(w, h, 1.7);
        let hold = hashes(&whole).unwrap();
        let turned: [Pixels; 8] = [
            whole.clone(),
            changed(&whole, (w, h), |x, y| (w - 1 - x, y)),
            changed(&whole, (w, h), |x, y| (x, h - 1 - y)),
            changed(&whole, (w, h), |x, y| (w - 1 - x, h - 1 - y)),
            changed(&whole, (h, w), |x, y| (y, x)),
            changed(&whole, (h, w), |x, y| (y, h - 1 - x)),
            changed(&whole, (h, w), |x, y| (w - 1 - y, x)),
            changed(&whole, (h, w), |x, y| (w - 1 - y, h - 1 - x)),
        ];
        for (n, pixels) in turned.iter().enumerate() {
            let own = hashes(pixels).unwrap().pdq[0];
            let distances: Vec<u32> = hold.pdq.iter().map(|p| p.distance(own)).collect();
            assert!(distances[n] <= 12, "{}: {distances:?}", HOLDS[n]);
            assert!(
                distances.iter().filter(|d| **d <= DISTANCE_MAX).count() == 1,
                "{}: {distances:?}",
                HOLDS[n]
            );
        }
        assert!(hold.quality >= QUALITY_MIN, "{}", hold.quality);
        assert!(
            hashes(&picture(w, h, 0.4)).unwrap().pdq.iter().all(|p| p.distance(hold.pdq[0]) > DISTANCE_MAX)
        );
    }

    #[test]
    fn a_screenshot_of_a_picture_is_near_it_by_its_inner_part() {
        let whole = picture(1_000, 800, 1.7);
        let own = hashes(&whole).unwrap();
        let mut framed = Pixels { width: 1_000, height: 1_400, rgb: vec![9; 1_000 * 1_400 * 3] };
        framed.rgb[300 * 3_000..1_100 * 3_000].copy_from_slice(&whole.rgb);
        // A status bar.
        (20..40).for_each(|y| framed.rgb[y * 3_000 + 300..y * 3_000 + 900].fill(220));
        let inner = hashes(&framed).unwrap().inner.unwrap();
        assert!(inner.distance(own.pdq[0]) <= 12 && own.inner.is_none(), "{}", inner.distance(own.pdq[0]));
        // Bars at its sides.
        let mut wide = Pixels { width: 1_600, height: 800, rgb: vec![250; 1_600 * 800 * 3] };
        for (to, from) in wide.rgb.chunks_exact_mut(4_800).zip(whole.rgb.chunks_exact(3_000)) {
            to[900..3_900].copy_from_slice(from);
        }
        let inner = hashes(&wide).unwrap().inner.unwrap();
        assert!(inner.distance(own.pdq[0]) <= 12, "{}", inner.distance(own.pdq[0]));
    }

    #[test]
    fn odd_sizes_and_empty_pictures_are_no_trouble() {
        for (width, height) in [(1, 1), (1, 700), (700, 1), (65, 3), (2, 129)] {
            let rgb = vec![40; (width * height * 3) as usize];
            let plain = hashes(&Pixels { width, height, rgb }).unwrap();
            assert!(plain.quality < QUALITY_MIN && plain.inner.is_none());
        }
        assert_eq!(hashes(&Pixels { width: 0, height: 0, rgb: vec![] }), None);
        assert_eq!(hashes(&Pixels { width: 9, height: 9, rgb: vec![0; 7] }), None);
    }

    #[test]
    fn is_written_as_the_reference_writes_it() {
        let hash = Pdq([0x1, 0, 0, 0xF000_0000_0000_0000]);
        let text = "f000000000000000000000000000000000000000000000000000000000000001";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse(), Ok(hash));
        for wrong in [
            "",
            "f",
            &text.replace("f0", "f"),
            "+000000000000000000000000000000000000000000000000000000000000001",
        ] {
            assert_eq!(wrong.parse::<Pdq>(), Err(NotAPdq));
        }
    }
}
