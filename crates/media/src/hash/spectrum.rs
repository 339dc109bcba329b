//! From brightness to bits: down to 64 × 64, the lowest frequencies of that, and which lie above their median.

use std::f32::consts::PI;

use super::Pdq;
use crate::quality::Luma;

const SIDE: usize = 64;
const FREQUENCIES: usize = 16;

/// Of a brightness while it is filtered: 20 bits a value, and no window of a side of 65,535 has more than 512 of them.
const FRACTION_BITS: u32 = 12;

pub(super) type Small = [[f32; SIDE]; SIDE];
type Frequencies = [[f32; FREQUENCIES]; FREQUENCIES];

/// The picture as it is, then turned and mirrored in the order of [`super::HOLDS`].
pub(super) fn held(small: &Small) -> [Pdq; 8] {
    holds(&frequencies(small)).map(|f| bits(&f))
}

pub(super) fn as_it_is(small: &Small) -> Pdq {
    bits(&frequencies(small))
}

/// Two box filters each way, then every n-th pixel.
pub(super) fn small(luma: &Luma) -> Small {
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
pub(super) fn quality(small: &Small) -> u8 {
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
