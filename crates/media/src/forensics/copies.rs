//! A place of the picture that was copied over another place of it.
//!
//! Corners are found on a smaller picture and compared with each other; pairs that are alike and nothing else is as
//! alike vote for their displacement. Each displacement that several pairs agree on is then measured in full size:
//! the fine detail of two places is the same, block by block, only where one was copied. What repeats by nature
//! (bricks, windows, print) is alike in coarse detail, in many displacements, or in small patches: not in this sense.

#![expect(clippy::as_conversions, reason = "places in a picture whose sides are below 65,536")]

use super::{Copied, plane::Plane};
use crate::quality::Luma;

mod corners;
mod outline;

pub(super) const COPIES_MAX: usize = 3;
pub(super) const POINTS_MAX: usize = 64;
/// The longer side of the picture in which corners are compared.
const SMALL_SIDE_PX: usize = 1_600;
/// Displacements that are measured, the ones with most votes first.
const TRIED_MAX: usize = 8;
const VOTES_MIN: usize = 4;
/// A side of the blocks in which fine detail is compared, in pixels of the file.
const BLOCK_PX: usize = 16;
/// Correlation of the fine detail of two blocks of which one was copied; a later compression takes some.
const CORRELATION_MIN: f32 = 0.80;
/// How much less alike the blocks are when one of them is moved by five pixels in whichever direction: along a
/// straight edge nothing changes, and two straight edges are no copy.
const CORRELATION_DROP_MIN: f32 = 0.3;
const RING: [[i32; 2]; 16] = [
    [5, 0],
    [5, 2],
    [4, 4],
    [2, 5],
    [0, 5],
    [-2, 5],
    [-4, 4],
    [-5, 2],
    [-5, 0],
    [-5, -2],
    [-4, -4],
    [-2, -5],
    [0, -5],
    [2, -5],
    [4, -4],
    [5, -2],
];
/// The fine detail's standard deviation; below it there is only noise or nothing to compare.
const DETAIL_MIN: f32 = 3.0;
/// Blocks of one place: 64 × 64 pixels.
const BLOCKS_MIN: usize = 16;
/// Of the picture's blocks.
const SHARE_MIN: f32 = 0.0015;
/// Of the rectangle around it, how much a place fills.
const FILL_MIN: f32 = 0.4;
/// Its shorter side in blocks: a word or a line is longer than high.
const SIDE_BLOCKS_MIN: usize = 3;

/// The copied places, the largest first. Empty where too many are alike, because then they are so by nature.
pub(super) fn find(plane: &Plane) -> Vec<Copied> {
    let luma = &plane.luma;
    let factor = luma.width.max(luma.height).div_ceil(SMALL_SIDE_PX).max(1);
    let Some(small) = luma.reduced(factor) else { return Vec::new() };
    let pairs = corners::pairs(&small);
    let detail = Detail::of(luma);
    let mut found: Vec<(usize, Copied)> = Vec::new();
    for vote in votes(&pairs) {
        let Some(shift) = detail.refined(&vote, factor as i32) else { continue };
        let Some(place) = detail.place(shift) else { continue };
        let is_known = found.iter().any(|(_, copy)| {
            let near = |a: f32, b: f32| (a - b).abs() < 8.0;
            let [x, y] = on_view_shift(plane, shift, &place);
            near(copy.shift[0].abs(), x.abs()) && near(copy.shift[1].abs(), y.abs())
        });
        if !is_known {
            found.push((place.blocks.len(), copied(plane, &detail, shift, &place)));
        }
    }
    if found.len() > COPIES_MAX {
        return Vec::new();
    }
    found.sort_by_key(|(blocks, _)| std::cmp::Reverse(*blocks));
    found.into_iter().map(|(_, copy)| copy).collect()
}

/// Two corners that are alike, in pixels of the small picture.
struct Pair {
    from: [i32; 2],
    to: [i32; 2],
}

/// A displacement that several pairs agree on.
struct Vote {
    /// In pixels of the small picture.
    shift: [i32; 2],
    from: Vec<[i32; 2]>,
}

/// The displacements with most pairs; pairs within two pixels of each other agree.
fn votes(pairs: &[Pair]) -> Vec<Vote> {
    const CELL: i32 = 3;
    let shift = |pair: &Pair| [pair.to[0] - pair.from[0], pair.to[1] - pair.from[1]];
    let mut cells: std::collections::BTreeMap<[i32; 2], Vec<&Pair>> = std::collections::BTreeMap::new();
    for pair in pairs {
        cells.entry(shift(pair).map(|c| c.div_euclid(CELL))).or_default().push(pair);
    }
    let around = |cell: [i32; 2]| -> Vec<&Pair> {
        let cells = &cells;
        (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dy| [cell[0] + dx, cell[1] + dy]))
            .filter_map(|cell| cells.get(&cell))
            .flatten()
            .copied()
            .collect()
    };
    let mut ranked: Vec<([i32; 2], usize)> =
        cells.keys().map(|cell| (*cell, around(*cell).len())).filter(|(_, n)| *n >= VOTES_MIN).collect();
    ranked.sort_by_key(|(cell, n)| (std::cmp::Reverse(*n), *cell));
    let mut chosen: Vec<[i32; 2]> = Vec::new();
    for (cell, _) in ranked {
        let is_new = chosen.iter().all(|c| c[0].abs_diff(cell[0]).max(c[1].abs_diff(cell[1])) > 1);
        if is_new && chosen.len() < TRIED_MAX {
            chosen.push(cell);
        }
    }
    let vote = |cell: [i32; 2]| {
        let agreeing = around(cell);
        let median = |axis: usize| {
            let mut all: Vec<i32> = agreeing.iter().filter_map(|p| shift(p).get(axis).copied()).collect();
            all.sort_unstable();
            all.get(all.len() / 2).copied().unwrap_or(0)
        };
        Vote { shift: [median(0), median(1)], from: agreeing.iter().map(|p| p.from).collect() }
    };
    chosen.into_iter().map(vote).collect()
}

/// What is left of the brightness without its neighbourhood's mean.
struct Detail {
    width: usize,
    height: usize,
    values: Vec<i16>,
}

/// Blocks that are the same as others one displacement away.
struct Place {
    /// Column and row in blocks.
    blocks: Vec<[usize; 2]>,
    correlation: f32,
}

impl Detail {
    /// Minus the mean of 5 × 5.
    fn of(luma: &Luma) -> Self {
        let sums = corners::box_sums(luma, 2);
        let values = luma
            .bytes
            .iter()
            .zip(&sums)
            .map(|(b, (sum, count))| (i32::from(*b) * 4 - (4 * sum + count / 2) / (*count).max(1)) as i16)
            .collect();
        Self { width: luma.width, height: luma.height, values }
    }

    fn row(&self, x: i32, y: i32, length: usize) -> Option<&[i16]> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x + length > self.width || y >= self.height {
            return None;
        }
        let start = y.checked_mul(self.width)?.checked_add(x)?;
        self.values.get(start..start.checked_add(length)?)
    }

    /// Products of two squares of `side` pixels: of both, of the one, of the other.
    fn products(&self, [x, y]: [i32; 2], [dx, dy]: [i32; 2], side: usize) -> Option<[f32; 3]> {
        let mut sums = [0_i64; 3];
        for row in 0..side as i32 {
            let (a, b) = (self.row(x, y + row, side)?, self.row(x + dx, y + dy + row, side)?);
            let mut line = [0_i32; 3];
            for (a, b) in a.iter().zip(b) {
                let (a, b) = (i32::from(*a), i32::from(*b));
                line[0] += a * b;
                line[1] += a * a;
                line[2] += b * b;
            }
            sums.iter_mut().zip(line).for_each(|(sum, part)| *sum += i64::from(part));
        }
        Some(sums.map(|sum| sum as f32))
    }

    /// The displacement in pixels of the file at which the pairs' surroundings agree best.
    fn refined(&self, vote: &Vote, factor: i32) -> Option<[i32; 2]> {
        const PAIRS: usize = 12;
        const SIDE: usize = 24;
        let reach = 2 * factor + 1;
        let half = SIDE as i32 / 2;
        let centres: Vec<[i32; 2]> = vote
            .from
            .iter()
            .step_by(vote.from.len().div_ceil(PAIRS).max(1))
            .map(|p| p.map(|c| c * factor + factor / 2 - half))
            .collect();
        let base = vote.shift.map(|c| c * factor);
        let score = |shift: [i32; 2]| -> f32 {
            let each = |at: &[i32; 2]| {
                let [both, one, other] = self.products(*at, shift, SIDE)?;
                Some(both / (one * other).sqrt().max(1.0))
            };
            centres.iter().filter_map(each).sum()
        };
        (-reach..=reach)
            .flat_map(|dy| (-reach..=reach).map(move |dx| [base[0] + dx, base[1] + dy]))
            .map(|shift| (shift, score(shift)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(shift, _)| shift)
    }

    /// Whether the blocks are clearly more alike than with one of them moved a little.
    fn is_peak(&self, at: [i32; 2], shift: [i32; 2], correlation: f32) -> bool {
        RING.iter().all(|[x, y]| {
            self.products(at, [shift[0] + x, shift[1] + y], BLOCK_PX).is_none_or(|[both, one, other]| {
                both / (one * other).sqrt().max(1.0) <= correlation - CORRELATION_DROP_MIN
            })
        })
    }

    /// The largest connected place whose blocks are the same one displacement away; `None` when it is no copy.
    fn place(&self, shift: [i32; 2]) -> Option<Place> {
        let (across, down) = (self.width / BLOCK_PX, self.height / BLOCK_PX);
        let size = (BLOCK_PX * BLOCK_PX) as f32;
        // Values are four times the brightness.
        let energy_min = (4.0 * DETAIL_MIN) * (4.0 * DETAIL_MIN) * size;
        let is_same = |[column, row]: [usize; 2]| -> Option<f32> {
            let at = [(column * BLOCK_PX) as i32, (row * BLOCK_PX) as i32];
            let [both, one, other] = self.products(at, shift, BLOCK_PX)?;
            let correlation = both / (one * other).sqrt().max(1.0);
            let is_alike = one.min(other) >= energy_min && correlation >= CORRELATION_MIN;
            (is_alike && self.is_peak(at, shift, correlation)).then_some(correlation)
        };
        let same: Vec<Option<f32>> =
            (0..across * down).map(|i| is_same([i % across.max(1), i / across.max(1)])).collect();
        let blocks = outline::largest(&same, across);
        let correlation = blocks
            .iter()
            .filter_map(|[column, row]| same.get(row * across + column).copied().flatten())
            .sum::<f32>()
            / blocks.len().max(1) as f32;
        let share = blocks.len() as f32 / (across * down).max(1) as f32;
        let (wide, high) = outline::sides(&blocks);
        let is_whole = blocks.len() >= BLOCKS_MIN
            && share >= SHARE_MIN
            && wide.min(high) >= SIDE_BLOCKS_MIN
            && blocks.len() as f32 >= FILL_MIN * (wide * high) as f32;
        is_whole.then_some(Place { blocks, correlation })
    }
}

fn on_view_shift(plane: &Plane, [dx, dy]: [i32; 2], place: &Place) -> [f32; 2] {
    let [column, row] = place.blocks.first().copied().unwrap_or_default();
    let at = [(column * BLOCK_PX) as f32, (row * BLOCK_PX) as f32];
    let (from, to) = (plane.on_view(at), plane.on_view([at[0] + dx as f32, at[1] + dy as f32]));
    [to[0] - from[0], to[1] - from[1]]
}

fn copied(plane: &Plane, detail: &Detail, shift: [i32; 2], place: &Place) -> Copied {
    let corners: Vec<[f32; 2]> = place
        .blocks
        .iter()
        .flat_map(|[column, row]| {
            [(0, 0), (1, 0), (1, 1), (0, 1)]
                .map(|(x, y)| [((column + x) * BLOCK_PX) as f32, ((row + y) * BLOCK_PX) as f32])
        })
        .collect();
    let [dx, dy] = shift.map(|c| c as f32);
    let polygon = |by: [f32; 2]| {
        let points = corners.iter().map(|[x, y]| plane.on_view([x + by[0], y + by[1]])).collect();
        outline::hull(points, POINTS_MAX)
    };
    let all = (detail.width / BLOCK_PX) * (detail.height / BLOCK_PX);
    Copied {
        here: polygon([0.0, 0.0]),
        there: polygon([dx, dy]),
        shift: on_view_shift(plane, shift, place),
        share: (place.blocks.len() as f32 / all.max(1) as f32).min(1.0),
        correlation: place.correlation.clamp(0.0, 1.0),
    }
}
