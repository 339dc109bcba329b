//! Bars: lines across them become one row of black and white each, and rows vote.
//!
//! A line is the mean of a few beside it (noise goes, bars stay), sampled finer than the picture, and made black and
//! white in three ways: against the middle of its surroundings, the same after sharpening, and against its own mean
//! over two or three modules, which finds narrow bars that a blur has made shallow.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "arithmetic on one row of samples: windows are cut at its ends"
)]

use super::{
    Work,
    gray::{Frame, Gray},
    places::Place,
    read::{self, Read},
};

/// Lines across the bars, over their height.
const LINES: usize = 9;
/// Samples of a pixel.
const FINE: f32 = 3.0;
/// The narrowest code has 8 bars a side of its middle; text seldom alternates so often in one line.
const CHANGES_MIN: usize = 18;
/// Turned a little, for a place whose direction was judged with what stands beside it. Radians.
const TURNS: [f32; 3] = [0.0, 0.045, -0.045];

/// A read with how many lines agreed.
pub struct Voted {
    pub read: Read,
    pub votes: usize,
    pub quad: [[f32; 2]; 4],
}

pub fn read(gray: &Gray, place: &Place, work: &mut Work) -> Vec<Voted> {
    let mut found: Vec<Voted> = Vec::new();
    for turn in TURNS {
        let frame = Frame { angle: place.frame.angle + turn, ..place.frame };
        let mut could_be = false;
        for line in 0..LINES {
            let profile = profile(gray, &frame, line);
            if changes(&against_middle(&profile)) < CHANGES_MIN || !work.spend(profile.len() * 40) {
                continue;
            }
            could_be = true;
            if let Some(read) = of_profile(&profile) {
                vote(&mut found, read, &frame, profile.len());
            }
        }
        found.retain(|voted| voted.votes > 1 || is_checked(voted.read.kind));
        if !found.is_empty() || !could_be {
            break;
        }
    }
    found
}

/// Whether a wrong read is caught by the code's own check.
fn is_checked(kind: &str) -> bool {
    matches!(kind, "code.code_128" | "code.code_93" | "code.ean_13" | "code.upc_a")
}

fn vote(found: &mut Vec<Voted>, read: Read, frame: &Frame, samples: usize) {
    if let Some(known) =
        found.iter_mut().find(|known| known.read.kind == read.kind && known.read.text == read.text)
    {
        known.votes += 1;
        return;
    }
    let fine = Frame { scale: FINE, ..*frame };
    let ends = read.points.iter().map(|point| point[0]);
    let (left, right) = (ends.clone().fold(f32::MAX, f32::min), ends.fold(f32::MIN, f32::max));
    let (left, right) = if left < right { (left, right) } else { (0.0, samples as f32) };
    let bottom = frame.height * FINE;
    let quad = [[left, 0.0], [right, 0.0], [right, bottom], [left, bottom]].map(|point| fine.outside(point));
    found.push(Voted { read, votes: 1, quad });
}

/// All that one line can be read as; usually nothing or one thing.
fn of_profile(profile: &[f32]) -> Option<Read> {
    let middle = against_middle(profile);
    let module = (profile.len() as f32 / changes(&middle).max(1) as f32 / 2.0).clamp(2.0, 60.0);
    let sharper = sharpened(profile, module as usize, 2.0);
    for row in [middle, against_middle(&sharper), against_mean(profile, (module * 2.5) as usize)] {
        let inverse = || row.iter().map(|bit| !bit).collect::<Vec<_>>();
        if let Some(read) = both_ways(&row).or_else(|| both_ways(&inverse())) {
            return Some(read);
        }
    }
    None
}

fn both_ways(row: &[bool]) -> Option<Read> {
    read::bars(row).or_else(|| {
        let backwards: Vec<bool> = row.iter().rev().copied().collect();
        let mut read = read::bars(&backwards)?;
        read.points.iter_mut().for_each(|point| point[0] = row.len() as f32 - point[0]);
        Some(read)
    })
}

/// One line across the bars: the mean of its neighbours, `FINE` samples a pixel.
fn profile(gray: &Gray, frame: &Frame, line: usize) -> Vec<f32> {
    let (sin, cos) = frame.angle.sin_cos();
    let band = frame.height / LINES as f32;
    let depth = band.clamp(1.0, 6.0) as usize;
    let v = (line as f32 + 0.5) * band - frame.height / 2.0;
    let length = (frame.width * FINE).clamp(1.0, 9_000.0) as usize;
    let share = 1.0 / depth as f32;
    (0..length)
        .map(|sample| {
            let u = (sample as f32 + 0.5) / FINE - frame.width / 2.0;
            (0..depth)
                .map(|beside| {
                    let v = v + beside as f32 - (depth - 1) as f32 / 2.0;
                    gray.at(frame.x + u * cos - v * sin - 0.5, frame.y + u * sin + v * cos - 0.5)
                })
                .sum::<f32>()
                * share
        })
        .collect()
}

/// Black where darker than half way between the darkest and the lightest around.
fn against_middle(profile: &[f32]) -> Vec<bool> {
    let reach = (profile.len() / 14).max(12);
    let blocks: Vec<(f32, f32)> = profile
        .chunks(reach)
        .map(|chunk| chunk.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v))))
        .collect();
    let whole = blocks.iter().fold((f32::MAX, f32::MIN), |all, b| (all.0.min(b.0), all.1.max(b.1)));
    let least = (whole.1 - whole.0) * 0.25;
    let mut row = Vec::with_capacity(profile.len());
    for (index, chunk) in profile.chunks(reach).enumerate() {
        let around = &blocks[index.saturating_sub(1)..(index + 2).min(blocks.len())];
        let (low, high) = around.iter().fold((f32::MAX, f32::MIN), |all, b| (all.0.min(b.0), all.1.max(b.1)));
        let limit = if high - low < least { (whole.0 + whole.1) / 2.0 } else { (low + high) / 2.0 };
        row.extend(chunk.iter().map(|&value| value < limit));
    }
    row
}

fn against_mean(profile: &[f32], radius: usize) -> Vec<bool> {
    means(profile, radius).into_iter().zip(profile).map(|(mean, &value)| value < mean - 1.0).collect()
}

fn sharpened(profile: &[f32], radius: usize, amount: f32) -> Vec<f32> {
    let soft = means(&means(profile, radius), radius);
    profile
        .iter()
        .zip(soft)
        .map(|(&value, soft)| (value + (value - soft) * amount).clamp(-255.0, 510.0))
        .collect()
}

fn means(profile: &[f32], radius: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(profile.len() + 1);
    let mut sum = 0.0_f64;
    sums.push(sum);
    for &value in profile {
        sum += f64::from(value);
        sums.push(sum);
    }
    (0..profile.len())
        .map(|index| {
            let (from, to) = (index.saturating_sub(radius), (index + radius + 1).min(profile.len()));
            ((sums[to] - sums[from]) / (to - from) as f64) as f32
        })
        .collect()
}

fn changes(row: &[bool]) -> usize {
    row.windows(2).filter(|pair| pair[0] != pair[1]).count()
}
