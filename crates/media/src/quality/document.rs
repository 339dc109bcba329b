//! A sheet of paper in the picture: whether all of it is there, and whether it was taken from the side.
//!
//! Cheap on purpose: the largest bright patch, if it is a quadrilateral with writing on it and something darker around.
//! A sky is bright and may have four corners as well, but nobody writes on it.

#![expect(clippy::as_conversions, reason = "coordinates within a picture of some two hundred pixels")]

use serde::{Deserialize, Serialize};

use super::luma::Luma;

/// What the longer side is reduced to, at most twice as much.
const SIDE_PX: usize = 200;

/// How much of the patch's outline and of the quadrilateral they must have in common: a sheet has straight sides.
const OVERLAP_MIN: f32 = 0.93;

/// Share of a border that the sheet must cover to run over it.
const TOUCH_SHARE: f32 = 0.25;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sheet {
    /// Its corners from the top left, clockwise, in pixels of the measured picture.
    pub points: Vec<[f32; 2]>,
    /// Of the picture's area.
    pub share: f32,
    /// How many of the picture's four borders it runs over.
    pub borders: u8,
    /// The shorter of two opposite sides by the longer, of the pair that differs more: 1 is taken from above.
    pub evenness: f32,
    /// Share of its tiles that have writing (or anything) on them.
    pub written_share: f32,
}

pub(crate) fn sheet(luma: &Luma) -> Option<Sheet> {
    let n = (luma.width.max(luma.height) / SIDE_PX).max(1);
    let small = luma.reduced(n)?;
    let cells = brightest_patch(&small)?;
    let count = cells.iter().filter(|c| **c).count() as f32;
    if !(0.1..0.9).contains(&(count / cells.len() as f32)) {
        return None;
    }
    let points = corners(&cells, small.width)?;
    if overlap(&cells, small.width, &points) < OVERLAP_MIN {
        return None;
    }
    let outline = area(&points) / cells.len() as f32;
    let scaled = |p: [f32; 2]| [p[0] * n as f32, p[1] * n as f32];
    let corners = points.map(scaled);
    Some(Sheet {
        points: corners.to_vec(),
        share: outline,
        borders: borders(&cells, &small),
        evenness: evenness(&points),
        written_share: written_share(luma, &corners),
    })
}

/// The largest connected patch above Otsu's threshold; `None` where light and dark are hardly apart.
fn brightest_patch(small: &Luma) -> Option<Vec<bool>> {
    let threshold = otsu(small)?;
    let mut label = vec![0_u32; small.bytes.len()];
    let is_bright = |at: usize| small.bytes.get(at).is_some_and(|b| *b > threshold);
    let (mut best, mut next) = ((0, 0), 1);
    for start in 0..small.bytes.len() {
        let mut open = vec![start];
        let mut size = 0_u32;
        while let Some(at) = open.pop() {
            match label.get_mut(at) {
                Some(own) if *own == 0 && is_bright(at) => *own = next,
                _ => continue,
            }
            size += 1;
            let x = at % small.width;
            open.extend((x > 0).then(|| at - 1));
            open.extend((x + 1 < small.width).then_some(at + 1));
            open.extend(at.checked_sub(small.width));
            open.push(at + small.width);
        }
        best = best.max((size, next));
        next += 1;
    }
    Some(label.into_iter().map(|l| l == best.1).collect())
}

fn otsu(small: &Luma) -> Option<u8> {
    let mut histogram = [0_u32; 256];
    for byte in &small.bytes {
        if let Some(count) = histogram.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let all = small.bytes.len() as f32;
    let total: f32 = small.bytes.iter().map(|b| f32::from(*b)).sum();
    let (mut below, mut sum) = (0.0_f32, 0.0_f32);
    let mut best = (0.0_f32, 0_u8, 0.0_f32);
    for (value, count) in (0_u8..=255).zip(histogram) {
        below += count as f32;
        sum += f32::from(value) * count as f32;
        let above = all - below;
        if below < 1.0 || above < 1.0 {
            continue;
        }
        let apart = (total - sum) / above - sum / below;
        let between = below * above * apart * apart;
        if between > best.0 {
            best = (between, value, apart);
        }
    }
    (best.2 >= 45.0).then_some(best.1)
}

/// The patch's outermost points along both diagonals: top left, top right, bottom right, bottom left.
fn corners(cells: &[bool], width: usize) -> Option<[[f32; 2]; 4]> {
    let points = || {
        let inside = cells.iter().enumerate().filter(|(_, inside)| **inside);
        inside.map(move |(at, _)| [(at % width) as f32, (at / width) as f32])
    };
    let most = |by: fn([f32; 2]) -> f32| points().max_by(|a, b| by(*a).total_cmp(&by(*b)));
    Some([most(|p| -p[0] - p[1])?, most(|p| p[0] - p[1])?, most(|p| p[0] + p[1])?, most(|p| p[1] - p[0])?])
}

/// What the patch and the quadrilateral have in common, by what they cover together. Ink makes holes in a patch, so each
/// of its rows counts from its first to its last cell.
fn overlap(cells: &[bool], width: usize, points: &[[f32; 2]; 4]) -> f32 {
    let (mut both, mut either) = (0.0_f32, 0.0_f32);
    for (y, row) in cells.chunks_exact(width).enumerate() {
        let patch = row.iter().position(|c| *c).zip(row.iter().rposition(|c| *c).map(|last| last + 1));
        let (from, to) = patch.map_or((0.0, 0.0), |(from, to)| (from as f32, to as f32));
        let (mut left, mut right) = (f32::MAX, f32::MIN);
        for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
            let y = y as f32;
            if (a[1] <= y) != (b[1] <= y) || a[1] == y {
                let x = if a[1] == b[1] { a[0] } else { a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) };
                (left, right) = (left.min(x), right.max(x));
            }
        }
        let (left, right) = if left <= right { (left, right + 1.0) } else { (0.0, 0.0) };
        let common = (right.min(to) - left.max(from)).max(0.0);
        both += common;
        either += (to - from) + (right - left) - common;
    }
    both / either.max(1.0)
}

fn area(points: &[[f32; 2]; 4]) -> f32 {
    let twice: f32 =
        points.iter().zip(points.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
    (twice / 2.0).abs()
}

fn borders(cells: &[bool], small: &Luma) -> u8 {
    let share = |line: &mut dyn Iterator<Item = &bool>| {
        let (mut inside, mut all) = (0.0_f32, 0.0_f32);
        for cell in line {
            inside += f32::from(u8::from(*cell));
            all += 1.0;
        }
        inside / all.max(1.0)
    };
    let last = cells.len().saturating_sub(small.width);
    let lines: [&mut dyn Iterator<Item = &bool>; 4] = [
        &mut cells.iter().take(small.width),
        &mut cells.iter().skip(last),
        &mut cells.iter().step_by(small.width),
        &mut cells.iter().skip(small.width - 1).step_by(small.width),
    ];
    lines.into_iter().map(|line| u8::from(share(line) >= TOUCH_SHARE)).sum()
}

fn evenness(points: &[[f32; 2]; 4]) -> f32 {
    let [a, b, c, d] = points;
    let length = |p: &[f32; 2], q: &[f32; 2]| (p[0] - q[0]).hypot(p[1] - q[1]).max(1.0);
    let ratio = |one: f32, other: f32| one.min(other) / one.max(other);
    ratio(length(a, b), length(d, c)).min(ratio(length(a, d), length(b, c)))
}

/// Of a grid of points on the sheet, how many have more than the paper's own grain around them.
fn written_share(luma: &Luma, [a, b, c, d]: &[[f32; 2]; 4]) -> f32 {
    const POINTS: usize = 12;
    let (mut written, mut seen) = (0.0_f32, 0.0_f32);
    for row in 1..POINTS {
        for column in 1..POINTS {
            let (u, v) = (column as f32 / POINTS as f32, row as f32 / POINTS as f32);
            let between = |k: usize| {
                let (a, b, c, d) = (a.get(k)?, b.get(k)?, c.get(k)?, d.get(k)?);
                Some(((a * (1.0 - u) + b * u) * (1.0 - v) + (d * (1.0 - u) + c * u) * v) as usize)
            };
            let (Some(x), Some(y)) = (between(0), between(1)) else { continue };
            let (x, y) = (x.saturating_sub(16), y.saturating_sub(16));
            let Some(tile) = luma.cut(x..x + 32, y..y + 32) else { continue };
            let (low, high) = (tile.bytes.iter().min(), tile.bytes.iter().max());
            seen += 1.0;
            written += if high.zip(low).is_some_and(|(h, l)| h - l >= 60) { 1.0 } else { 0.0 };
        }
    }
    written / seen.max(1.0)
}
