//! Bars: lines across them become one row of black and white each, and rows vote.
//!
//! A line is the mean of a few beside it (noise goes, bars stay), sampled finer than the picture, and made black and
//! white in several ways: against the middle of its surroundings, the same after sharpening, against its own mean
//! over two or three modules, which finds narrow bars that a blur has made shallow, and after undoing the blur that
//! its steepest edges show.

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
/// Three from everywhere to judge by; then the mean of most of it (number 0), and the rest.
const LINES_IN_ORDER: [usize; LINES] = [4, 7, 2, 0, 5, 3, 6, 1, 8];
/// When fewer than two look like bars up to this line, the rest is not looked at.
const LAST_GLANCE: usize = 2;
/// Lines that are worth much work.
const LINES_HARD: usize = 5;
/// Widest to narrowest bar: four modules or five, more where dirt or a threshold widened one.
const WIDTHS_APART: f32 = 7.0;
/// A quiet zone is wider than the widest bar or gap by this.
const QUIET: f32 = 1.7;
/// In samples: from here on bars may have run together.
const SOFTNESS_MIN: f32 = 4.5;
/// Soft bars still point all one way; soft surroundings seldom do.
const COHERENCE_SOFT: f32 = 0.85;
/// In samples: below there is no blur to undo.
const SOFTNESS_HARD: f32 = 2.6;
/// Samples of a pixel.
const FINE: f32 = 3.0;
/// The narrowest code has 8 bars a side of its middle; text seldom alternates so often in one line.
const CHANGES_MIN: usize = 18;
/// Of undoing a blur: more bring back finer bars, and noise.
const ROUNDS: usize = 20;
/// What a sample of a line costs: to be made, to be read in the easy ways, and in the hard ones.
const MAKING: usize = 12;
const EASY_WORK: usize = 40;
const HARD_WORK: usize = 400;

/// What a decoder reads on one line, and where it begins and ends, in samples.
pub struct Line {
    pub kind: &'static str,
    pub text: String,
    pub ends: Vec<f32>,
}

pub fn read(gray: &Gray, place: &Place, work: &mut Work) -> Vec<Read> {
    let frame = &place.frame;
    let mut profiles = Vec::new();
    for line in LINES_IN_ORDER {
        let profile = profile(gray, frame, line);
        if !work.spend(profile.len() * MAKING) {
            break;
        }
        if could_be_bars(&profile, place.coherence) {
            profiles.push(profile);
        }
        if line == LAST_GLANCE && profiles.len() < 2 {
            return Vec::new();
        }
    }
    let found = voted(frame, &profiles, EASY, EASY_WORK, work);
    if !found.is_empty() {
        return found;
    }
    profiles.retain(|profile| softness(profile) >= SOFTNESS_HARD);
    profiles.truncate(LINES_HARD);
    voted(frame, &profiles, HARD, HARD_WORK, work)
}

/// What at least two lines say, or one where the code itself would tell a wrong read.
fn voted(frame: &Frame, profiles: &[Vec<f32>], ways: &[Way], cost: usize, work: &mut Work) -> Vec<Read> {
    let mut found = Vec::new();
    for profile in profiles {
        if !work.spend(profile.len() * cost) {
            break;
        }
        if let Some(line) = of_profile(profile, ways) {
            vote(&mut found, line, frame, profile);
        }
    }
    found.retain(|read: &Read| read.lines > Some(1) || is_checked(read.kind));
    found
}

/// Enough bars, none of them out of all proportion; or too soft to tell.
fn could_be_bars(profile: &[f32], coherence: f32) -> bool {
    let row = against_middle(profile);
    if changes(&row) < CHANGES_MIN {
        return false;
    }
    let mut runs = Vec::new();
    for bit in row.chunk_by(|a, b| a == b) {
        runs.push(bit.len());
    }
    let is_regular = runs.windows(CHANGES_MIN - 2).any(|window| {
        let mut window = window.to_vec();
        window.sort_unstable();
        // The second of each end: one bar may be dirt.
        window[window.len() - 2] as f32 <= WIDTHS_APART * window[1] as f32
    });
    is_regular || coherence > COHERENCE_SOFT && softness(profile) > SOFTNESS_MIN
}

/// Whether the code's own check catches a wrong read. A check digit does not: it lets one in ten through.
fn is_checked(kind: &str) -> bool {
    matches!(kind, "code.code_128" | "code.code_93")
}

fn vote(found: &mut Vec<Read>, line: Line, frame: &Frame, profile: &[f32]) {
    let Line { kind, text, ends } = line;
    if let Some(known) = found.iter_mut().find(|known| known.kind == kind && known.text == text) {
        known.lines = known.lines.map(|lines| lines + 1);
        return;
    }
    let fine = Frame { scale: FINE, ..*frame };
    let ends = ends.into_iter();
    let (left, right) = extent(profile, ends.clone().fold(f32::MAX, f32::min), ends.fold(f32::MIN, f32::max));
    let bottom = frame.height * FINE;
    let quad = [[left, 0.0], [right, 0.0], [right, bottom], [left, bottom]].map(|point| fine.outside(point));
    found.push(Read { kind, text, bytes: None, quad, lines: Some(1) });
}

/// From quiet zone to quiet zone. Decoders tell points within some sorts of bars, and ends of others.
fn extent(profile: &[f32], from: f32, to: f32) -> (f32, f32) {
    let mut runs = Vec::new();
    let mut start = 0;
    for bits in against_middle(profile).chunk_by(|a, b| a == b) {
        runs.push((start, start + bits.len(), bits[0]));
        start += bits.len();
    }
    let within = |run: &&(usize, usize, bool)| run.1 as f32 > from && (run.0 as f32) < to;
    let widest = runs.iter().filter(within).map(|run| run.1 - run.0).max().unwrap_or_default();
    let middle = ((from + to) / 2.0).max(0.0) as usize;
    let is_quiet = |run: &&(usize, usize, bool)| (run.1 - run.0) as f32 > QUIET * widest as f32;
    let left = runs.iter().rev().filter(|run| run.1 <= middle).find(is_quiet).map_or(0, |run| run.1);
    let right = runs.iter().filter(|run| run.0 > middle).find(is_quiet).map_or(profile.len(), |run| run.0);
    (left as f32, right as f32)
}

/// A way to make a line black and white; the second number is about the samples of a module.
type Way = fn(&[f32], f32) -> Vec<bool>;

const EASY: &[Way] = &[
    |profile, _| against_middle(profile),
    |profile, module| against_middle(&sharpened(profile, module as usize, 2.0)),
    |profile, module| against_mean(profile, (module * 2.5) as usize),
];
const HARD: &[Way] = &[
    |profile, _| against_middle(&deblurred(profile, 1.0)),
    |profile, _| against_middle(&deblurred(profile, 0.8)),
    |profile, module| against_mean(&deblurred(profile, 1.15), (module * 2.5) as usize),
];

/// What one line can be read as; usually nothing.
fn of_profile(profile: &[f32], ways: &[Way]) -> Option<Line> {
    let changes = changes(&against_middle(profile)).max(1);
    let module = (profile.len() as f32 / changes as f32 / 2.0).clamp(2.0, 60.0);
    for way in ways {
        let row = way(profile, module);
        let inverse = || row.iter().map(|bit| !bit).collect::<Vec<_>>();
        if let Some(read) = both_ways(&row).or_else(|| both_ways(&inverse())) {
            return Some(read);
        }
    }
    None
}

fn both_ways(row: &[bool]) -> Option<Line> {
    read::line(row).or_else(|| {
        let backwards: Vec<bool> = row.iter().rev().copied().collect();
        let mut read = read::line(&backwards)?;
        read.ends.iter_mut().for_each(|end| *end = row.len() as f32 - *end);
        Some(read)
    })
}

/// One line across the bars: the mean of its neighbours, `FINE` samples a pixel.
fn profile(gray: &Gray, frame: &Frame, line: usize) -> Vec<f32> {
    let (sin, cos) = frame.angle.sin_cos();
    let band = frame.height / LINES as f32;
    let (depth, apart, v) = if line == 0 {
        // The mean over most of the height: the best there is of a noisy or blurred code that lies straight.
        let depth = (frame.height * 0.6).clamp(1.0, 24.0).floor();
        (depth, frame.height * 0.6 / depth, 0.0)
    } else {
        (band.clamp(1.0, 6.0).floor(), 1.0, (line as f32 + 0.5) * band - frame.height / 2.0)
    };
    let length = (frame.width * FINE).clamp(1.0, 9_000.0) as usize;
    let (share, depth) = (1.0 / depth, depth as usize);
    (0..length)
        .map(|sample| {
            let u = (sample as f32 + 0.5) / FINE - frame.width / 2.0;
            (0..depth)
                .map(|beside| {
                    let v = v + (beside as f32 - (depth - 1) as f32 / 2.0) * apart;
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

/// How soft its steepest edges are: the deviation of a blur, in samples.
fn softness(profile: &[f32]) -> f32 {
    let mut steps: Vec<f32> = profile.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let (low, high) = ends(profile);
    if steps.is_empty() {
        return 0.0;
    }
    let rank = steps.len() * 97 / 100;
    let steepest = *steps.select_nth_unstable_by(rank, f32::total_cmp).1;
    (high - low) / (2.507 * steepest.max(0.05))
}

fn ends(profile: &[f32]) -> (f32, f32) {
    profile.iter().fold((f32::MAX, f32::MIN), |(low, high), &value| (low.min(value), high.max(value)))
}

/// Undoes the blur that the steepest edges show, times `more`, as far as noise allows (Van Cittert).
fn deblurred(profile: &[f32], more: f32) -> Vec<f32> {
    let (low, high) = ends(profile);
    let softness = more * softness(profile);
    // Three means over a window of w samples blur by sqrt((w * w - 1) / 4).
    let radius = ((((4.0 * softness * softness + 1.0).sqrt() - 1.0) / 2.0).round() as usize).clamp(1, 60);
    let mut estimate = profile.to_vec();
    for _ in 0..ROUNDS {
        let soft = means(&means(&means(&estimate, radius), radius), radius);
        for ((value, measured), soft) in estimate.iter_mut().zip(profile).zip(soft) {
            *value = (*value + measured - soft).clamp(low - 60.0, high + 60.0);
        }
    }
    estimate
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
