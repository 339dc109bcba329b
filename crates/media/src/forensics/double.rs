//! Whether a JPEG was compressed before, with other steps.
//!
//! Compression rounds each frequency of a block of 8 × 8 pixels to multiples of a step. Rounding twice, with different
//! steps, leaves values that no single rounding leaves out or heaps up. What one rounding would have left is read off
//! the same picture with its blocks shifted by four pixels, where no rounding was done (Lukáš and Fridrich, “Estimation
//! of Primary Quantization Matrix in Double Compressed JPEG Images”, 2003); each possible first step is tried on it.
//! The values are read off the decoded pixels: on the file's own blocks the transform gives them back to rounding.

#![expect(clippy::as_conversions, reason = "arithmetic on coefficients, which are below 2,048 in size")]

use std::{array, f32::consts::PI};

use super::{Compression, Steps};
use crate::quality::Luma;

/// The lowest ones but the mean: row and column in the block, with their places in the table's zigzag order.
const PLACES: [(usize, usize, usize); 9] =
    [(0, 1, 1), (1, 0, 2), (2, 0, 3), (1, 1, 4), (0, 2, 5), (0, 3, 6), (1, 2, 7), (2, 1, 8), (3, 0, 9)];
pub(super) const FREQUENCIES: u32 = 9;
/// Blocks that are looked at; of larger pictures every second, third … one.
const BLOCKS_MAX: usize = 60_000;
/// A step beyond it leaves too few values to compare.
const FIRST_STEP_MAX: u16 = 40;
const LAST_STEP_MAX: u16 = 60;
/// Values, counted by size, from one multiple of the step to so many.
const BINS: usize = 48;
/// A frequency with fewer values that are not zero says nothing.
const VALUES_MIN: f32 = 400.0;
/// How finely the shifted values are kept, per unit.
const FINE: f32 = 4.0;
const FINE_BINS: usize = 4 * 1_100;
/// What rounding to whole pixels and to colours adds between the two compressions, as a normal distribution's weights
/// at steps of a quarter: its standard deviation is 0.4.
const NOISE: [f32; 7] = [0.039, 0.115, 0.208, 0.276, 0.208, 0.115, 0.039];
/// A frequency shows two compressions when they are likelier by so much, per value and in all.
const GAIN_MIN: f32 = 0.06;
const GAIN_ALL_MIN: f32 = 60.0;

/// `None` when fewer than four frequencies can be compared.
pub(super) fn compare(luma: &Luma, table: &[u16; 64]) -> Option<Compression> {
    let values = Values::of(luma)?;
    let mut compression = Compression::default();
    for (index, (_, _, zigzag)) in PLACES.iter().enumerate() {
        let last = table.get(*zigzag).copied().filter(|step| (1..=LAST_STEP_MAX).contains(step))?;
        let (Some(own), Some(shifted)) = (values.own.get(index), values.shifted.get(index)) else { continue };
        let Some(tried) = Tried::of(own, shifted, last) else { continue };
        compression.compared += 1;
        compression.steps.extend(tried.best());
    }
    (compression.compared >= 4).then_some(compression)
}

/// The values of each frequency, on the file's blocks and on blocks shifted by half of one.
struct Values {
    own: [Vec<f32>; PLACES.len()],
    shifted: [Vec<f32>; PLACES.len()],
}

impl Values {
    fn of(luma: &Luma) -> Option<Self> {
        // The shifted block ends four pixels behind the own one.
        let across = luma.width.checked_sub(4)? / 8;
        let down = luma.height.checked_sub(4)? / 8;
        let step = (across * down).div_ceil(BLOCKS_MAX).max(1);
        let mut values =
            Self { own: array::from_fn(|_| Vec::new()), shifted: array::from_fn(|_| Vec::new()) };
        let cosines = cosines();
        for index in (0..across * down).step_by(step) {
            let (x, y) = (8 * (index % across.max(1)), 8 * (index / across.max(1)));
            let (Some(own), Some(shifted)) = (block(luma, x, y), block(luma, x + 4, y + 4)) else { continue };
            push(&mut values.own, &own, &cosines);
            push(&mut values.shifted, &shifted, &cosines);
        }
        Some(values)
    }
}

/// `None` over the border, and where pixels are clipped: those lost what the transform had.
fn block(luma: &Luma, x: usize, y: usize) -> Option<[[f32; 8]; 8]> {
    let mut out = [[0.0; 8]; 8];
    for (row, to) in out.iter_mut().enumerate() {
        let start = (y + row).checked_mul(luma.width)?.checked_add(x)?;
        let from = luma.bytes.get(start..start.checked_add(8)?)?;
        if from.iter().any(|b| *b == 0 || *b == 255) {
            return None;
        }
        to.iter_mut().zip(from).for_each(|(to, from)| *to = f32::from(*from) - 128.0);
    }
    Some(out)
}

/// The four lowest waves of the transform, normalised.
fn cosines() -> [[f32; 8]; 4] {
    array::from_fn(|k| {
        let scale = if k == 0 { (1.0_f32 / 8.0).sqrt() } else { 0.5 };
        array::from_fn(|n| scale * (PI * (2.0 * n as f32 + 1.0) * k as f32 / 16.0).cos())
    })
}

fn push(values: &mut [Vec<f32>; PLACES.len()], block: &[[f32; 8]; 8], cosines: &[[f32; 8]; 4]) {
    // First along the rows, then down the columns.
    let rows: [[f32; 4]; 8] = block.map(|row| {
        array::from_fn(|k| cosines.get(k).map_or(0.0, |wave| wave.iter().zip(&row).map(|(a, b)| a * b).sum()))
    });
    for ((v, u, _), to) in PLACES.iter().zip(values) {
        let Some(wave) = cosines.get(*v) else { continue };
        to.push(wave.iter().zip(&rows).map(|(a, row)| a * row.get(*u).copied().unwrap_or(0.0)).sum());
    }
}

/// What was counted of one frequency, and what one rounding would leave.
struct Tried {
    /// By size in steps, from one.
    counted: [f32; BINS],
    /// The shifted values by size, in quarters.
    shifted: Vec<f32>,
    last: u16,
}

impl Tried {
    fn of(own: &[f32], shifted: &[f32], last: u16) -> Option<Self> {
        let step = f32::from(last);
        let mut counted = [0.0; BINS];
        for value in own {
            let size = (value.abs() / step).round() as usize;
            if let Some(bin) = size.checked_sub(1).and_then(|bin| counted.get_mut(bin)) {
                *bin += 1.0;
            }
        }
        let mut fine = vec![0.0; FINE_BINS];
        for value in shifted {
            if let Some(bin) = fine.get_mut((value.abs() * FINE).round() as usize) {
                *bin += 1.0;
            }
        }
        (counted.iter().sum::<f32>() >= VALUES_MIN).then_some(Self { counted, shifted: fine, last })
    }

    /// The likeliest first step, when two compressions are clearly likelier than one.
    fn best(&self) -> Option<Steps> {
        let once = self.fit(&self.expected(None));
        let count: f32 = self.counted.iter().sum();
        let (first, gain) = (1..=FIRST_STEP_MAX)
            .filter(|first| *first != self.last)
            .map(|first| (first, self.fit(&self.expected(Some(first))) - once))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let gain_each = gain / count.max(1.0);
        let is_clear = gain >= GAIN_ALL_MIN && gain_each >= GAIN_MIN;
        is_clear.then_some(Steps { first, last: self.last, gain: gain_each })
    }

    /// How many values of each size there would be, after this first step.
    fn expected(&self, first: Option<u16>) -> [f32; BINS] {
        let mut expected = [0.0; BINS];
        let last = f32::from(self.last);
        let mut put = |value: f32, weight: f32| {
            let size = (value.abs() / last).round() as usize;
            if let Some(bin) = size.checked_sub(1).and_then(|bin| expected.get_mut(bin)) {
                *bin += weight;
            }
        };
        for (value, count) in self.shifted.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let value = value as f32 / FINE;
            let Some(first) = first.map(f32::from) else {
                put(value, *count);
                continue;
            };
            let rounded = (value / first).round() * first;
            for (place, weight) in NOISE.iter().enumerate() {
                put(rounded + (place as f32 - 3.0) / FINE, count * weight);
            }
        }
        expected
    }

    /// The logarithm of how likely the counted values are. The expectation is first brought to the counted envelope,
    /// so that only the pattern within it is judged: the shifted blocks have a little less fine detail.
    fn fit(&self, expected: &[f32; BINS]) -> f32 {
        let (target, own) = (smooth(&self.counted), smooth(expected));
        let mut shaped: [f32; BINS] = array::from_fn(|i| {
            let at = |of: &[f32; BINS]| of.get(i).copied().unwrap_or(0.0);
            // A hundredth of the envelope may lie anywhere: an overlay, a place that was edited.
            at(expected) * at(&target) / at(&own).max(1e-3) + 0.01 * at(&target)
        });
        let sum: f32 = shaped.iter().sum::<f32>().max(1e-6);
        shaped.iter_mut().for_each(|p| *p = (*p / sum).max(1e-7));
        self.counted.iter().zip(&shaped).map(|(count, p)| count * p.ln()).sum()
    }
}

/// The envelope: a weighted mean over neighbouring sizes.
fn smooth(of: &[f32; BINS]) -> [f32; BINS] {
    const REACH: usize = 7;
    array::from_fn(|i| {
        let (from, to) = (i.saturating_sub(REACH), (i + REACH + 1).min(BINS));
        let (sum, weights) = (from..to).fold((0.0, 0.0), |(sum, weights), j| {
            let weight = 1.0 - i.abs_diff(j) as f32 / (REACH as f32 + 1.0);
            (sum + weight * of.get(j).copied().unwrap_or(0.0), weights + weight)
        });
        sum / f32::max(weights, 1.0)
    })
}
