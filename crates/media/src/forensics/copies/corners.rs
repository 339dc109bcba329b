//! Corners of a picture and the pairs of them that are alike.

use std::collections::BTreeSet;

use super::Pair;
use crate::quality::Luma;

/// Corners that are compared, spread over the picture: the comparison is their square.
const CORNERS_MAX: usize = 4_000;
const TILES: usize = 8;
/// No two corners are nearer to each other than this many pixels.
const APART_PX: usize = 4;
/// Response of the weakest corner: two edges of about five levels.
const RESPONSE_MIN: f32 = 5.0e5;
/// The side of what is compared around a corner, in pairs of pixels.
const PATCH: usize = 8;
const PATCH_PX: i32 = 2 * PATCH as i32;
/// Likeness of two patches: the cosine of their differences from their means.
const ALIKE_MIN: f32 = 0.93;
/// Whatever is next alike must be less so by half.
const NEXT_RATIO: f32 = 0.5;
/// A copy over its own neighbourhood is none that we could tell from a smooth texture.
const DISTANCE_PX_MIN: i32 = 24;

struct Corner {
    at: [i32; 2],
    response: f32,
}

struct Patch {
    at: [i32; 2],
    values: [f32; PATCH * PATCH],
}

/// Each corner with the one other that it is like, the left or upper one first.
pub(super) fn pairs(luma: &Luma) -> Vec<Pair> {
    let patches: Vec<Patch> = corners(luma).iter().filter_map(|corner| patch(luma, corner.at)).collect();
    // Mostly both find each other: that is one pair.
    let pairs: BTreeSet<[[i32; 2]; 2]> = patches
        .iter()
        .filter_map(|patch| {
            let mut pair = [patch.at, twin(patch, &patches)?.at];
            pair.sort_by_key(|[x, y]| (*y, *x));
            Some(pair)
        })
        .collect();
    pairs.into_iter().map(|[from, to]| Pair { from, to }).collect()
}

/// The most alike, when it is far enough away and nothing elsewhere is nearly as much.
fn twin<'a>(patch: &Patch, all: &'a [Patch]) -> Option<&'a Patch> {
    let mut best: Option<(f32, &Patch)> = None;
    let mut next = 0.0_f32;
    for other in all {
        if is_near(patch.at, other.at, DISTANCE_PX_MIN) {
            continue;
        }
        let alike: f32 = patch.values.iter().zip(&other.values).map(|(a, b)| a * b).sum();
        match best {
            Some((most, held)) if alike <= most => {
                if !is_near(held.at, other.at, 8) {
                    next = next.max(alike);
                }
            }
            _ => {
                if let Some((most, held)) = best
                    && !is_near(held.at, other.at, 8)
                {
                    next = next.max(most);
                }
                best = Some((alike, other));
            }
        }
    }
    let (alike, other) = best?;
    (alike >= ALIKE_MIN && 1.0 - alike <= NEXT_RATIO * (1.0 - next)).then_some(other)
}

fn is_near(a: [i32; 2], b: [i32; 2], px: i32) -> bool {
    (a[0] - b[0]).abs() < px && (a[1] - b[1]).abs() < px
}

/// Means of 2 × 2 pixels around the corner, without their mean, of length one.
#[expect(clippy::as_conversions, reason = "sums of four bytes, and places in a patch of sixteen pixels")]
fn patch(luma: &Luma, at: [i32; 2]) -> Option<Patch> {
    let mut values = [0.0; PATCH * PATCH];
    for (index, value) in values.iter_mut().enumerate() {
        let x = at[0] - PATCH_PX / 2 + 2 * (index % PATCH) as i32;
        let y = at[1] - PATCH_PX / 2 + 2 * (index / PATCH) as i32;
        let sum = luma.at(x, y)? + luma.at(x + 1, y)? + luma.at(x, y + 1)? + luma.at(x + 1, y + 1)?;
        *value = sum as f32;
    }
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    values.iter_mut().for_each(|v| *v -= mean);
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length < 1.0 {
        return None;
    }
    values.iter_mut().for_each(|v| *v /= length);
    Some(Patch { at, values })
}

/// The strongest corners of each tile, each the strongest around itself.
fn corners(luma: &Luma) -> Vec<Corner> {
    let response = responses(luma);
    let (width, height) = (luma.width, luma.height);
    let mut tiles: Vec<Vec<Corner>> = (0..TILES * TILES).map(|_| Vec::new()).collect();
    for (y, row) in response.chunks_exact(width).enumerate() {
        for (x, at) in row.iter().enumerate() {
            if *at < RESPONSE_MIN || !is_peak(&response, width, [x, y], *at) {
                continue;
            }
            let tile = (y * TILES / height) * TILES + x * TILES / width;
            let (Ok(px), Ok(py)) = (i32::try_from(x), i32::try_from(y)) else { continue };
            if let Some(tile) = tiles.get_mut(tile) {
                tile.push(Corner { at: [px, py], response: *at });
            }
        }
    }
    for tile in &mut tiles {
        tile.sort_by(|a, b| b.response.total_cmp(&a.response));
        tile.truncate(CORNERS_MAX / (TILES * TILES));
    }
    tiles.into_iter().flatten().collect()
}

fn is_peak(response: &[f32], width: usize, [x, y]: [usize; 2], at: f32) -> bool {
    let columns = x.saturating_sub(APART_PX)..(x + APART_PX + 1).min(width);
    (y.saturating_sub(APART_PX)..=y + APART_PX).all(|row| {
        let range = row * width + columns.start..row * width + columns.end;
        response.get(range).is_none_or(|others| others.iter().all(|other| *other <= at))
    })
}

/// Harris and Stephens, “A combined corner and edge detector”, 1988, over windows of 5 × 5.
#[expect(clippy::as_conversions, reason = "products of differences of bytes, summed over 25 pixels")]
fn responses(luma: &Luma) -> Vec<f32> {
    let (width, height) = (luma.width, luma.height);
    let mut planes = [(); 3].map(|()| vec![0_i32; width * height]);
    for y in 1..height.saturating_sub(1) {
        let rows = [y - 1, y, y + 1].map(|r| luma.bytes.get(r * width..(r + 1) * width).unwrap_or_default());
        let [above, own, below] = rows;
        let between = own.windows(3).zip(above.iter().skip(1)).zip(below.iter().skip(1));
        for (x, ((near, above), below)) in between.enumerate() {
            let [left, _, right] = *near else { continue };
            let (dx, dy) = (i32::from(right) - i32::from(left), i32::from(*below) - i32::from(*above));
            let products = [dx * dx, dy * dy, dx * dy];
            for (plane, product) in planes.iter_mut().zip(products) {
                if let Some(to) = plane.get_mut(y * width + x + 1) {
                    *to = product;
                }
            }
        }
    }
    let [xx, yy, xy] = planes.map(|plane| sums(&plane, width, 2));
    xx.iter()
        .zip(&yy)
        .zip(&xy)
        .map(|((xx, yy), xy)| {
            let (xx, yy, xy) = (*xx as f32, *yy as f32, *xy as f32);
            xx * yy - xy * xy - 0.05 * (xx + yy) * (xx + yy)
        })
        .collect()
}

/// Sums over squares that reach so far to each side; beyond the border there is nothing.
fn sums(plane: &[i32], width: usize, reach: usize) -> Vec<i32> {
    let mut across = Vec::with_capacity(plane.len());
    for row in plane.chunks_exact(width.max(1)) {
        let ends = |x: usize| (x.saturating_sub(reach), (x + reach + 1).min(width));
        across.extend((0..width).map(|x| {
            let (from, to) = ends(x);
            row.get(from..to).unwrap_or_default().iter().sum::<i32>()
        }));
    }
    let height = plane.len().checked_div(width).unwrap_or(0);
    let mut out = vec![0; plane.len()];
    for (y, to) in out.chunks_exact_mut(width.max(1)).enumerate() {
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            let from = across.get(row * width..(row + 1) * width).unwrap_or_default();
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        }
    }
    out
}

/// Sums of brightness around each pixel, with how many pixels they are of.
pub(super) fn box_sums(luma: &Luma, reach: usize) -> Vec<(i32, i32)> {
    let (width, height) = (luma.width, luma.height);
    let plane: Vec<i32> = luma.bytes.iter().map(|b| i32::from(*b)).collect();
    let length = |at: usize, of: usize| (at + reach + 1).min(of) - at.saturating_sub(reach);
    let summed = sums(&plane, width, reach);
    let count = |index: usize| {
        let count = length(index % width.max(1), width) * length(index / width.max(1), height);
        i32::try_from(count).unwrap_or(1)
    };
    summed.into_iter().enumerate().map(|(index, sum)| (sum, count(index))).collect()
}
