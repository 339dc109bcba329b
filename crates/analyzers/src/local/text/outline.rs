//! From a map of probabilities to turned rectangles, one a line of text ("differentiable binarization").
//!
//! The network marks the core of every line; a core's smallest rectangle is grown back by what training shrank it.

use super::{
    Found,
    geometry::{Point, hull, smallest_rectangle},
};

/// A pixel belongs to text from here (PaddleOCR's own value).
const PIXEL_MIN: f32 = 0.3;
/// A region is text when its pixels' mean is at least this.
const REGION_MIN: f32 = 0.5;
/// How much training shrank the cores: distance = area / perimeter times this.
const UNCLIP: f32 = 1.6;
/// Cores thinner than this are noise.
const CORE_PX_MIN: f32 = 3.0;
/// Text of everything readable on one picture; a picture of noise has more regions.
const REGIONS_MAX: usize = 3_000;

/// A run of text pixels in one row.
struct Run {
    y: usize,
    begin: usize,
    end: usize,
    sum: f32,
}

/// The outlines in the map's pixels. `map` has rows of `width` numbers from 0 to 1.
pub fn outlines(map: &[f32], width: usize) -> Vec<Found> {
    let runs = runs(map, width);
    let mut regions = regions(&runs);
    regions.sort_by_key(|region| std::cmp::Reverse(region.len()));
    regions.truncate(REGIONS_MAX);
    regions.iter().filter_map(|region| outline(region)).collect()
}

fn runs(map: &[f32], width: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for (y, row) in map.chunks_exact(width.max(1)).enumerate() {
        let mut open: Option<Run> = None;
        for (x, p) in row.iter().enumerate() {
            match (&mut open, *p > PIXEL_MIN) {
                (Some(run), true) => {
                    run.end = x + 1;
                    run.sum += p;
                }
                (None, true) => open = Some(Run { y, begin: x, end: x + 1, sum: *p }),
                (_, false) => runs.extend(open.take()),
            }
        }
        runs.extend(open);
    }
    runs
}

/// Runs that touch, also over a corner, belong together.
fn regions(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut forest = Forest((0..runs.len()).collect());
    let mut above = 0;
    for (i, run) in runs.iter().enumerate() {
        // Runs come row by row and left to right; those that end above or left of this one are done with.
        while let Some(other) = runs.get(above) {
            if other.y + 1 >= run.y && (other.y + 1 > run.y || other.end >= run.begin) {
                break;
            }
            above += 1;
        }
        let touching = runs.iter().enumerate().skip(above);
        for (j, _) in touching.take_while(|(_, o)| o.y < run.y && o.begin <= run.end) {
            forest.join(i, j);
        }
    }
    let mut regions: Vec<Vec<&Run>> = runs.iter().map(|_| Vec::new()).collect();
    for (i, run) in runs.iter().enumerate() {
        if let Some(region) = regions.get_mut(forest.root(i)) {
            region.push(run);
        }
    }
    regions.retain(|region| !region.is_empty());
    regions
}

/// Disjoint sets by their index.
pub struct Forest(pub Vec<usize>);

impl Forest {
    pub fn root(&mut self, mut i: usize) -> usize {
        while let Some(parent) = self.0.get(i).copied().filter(|parent| *parent != i) {
            // Every look shortens the way for the next.
            let grand = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(i) {
                *slot = grand;
            }
            i = grand;
        }
        i
    }

    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}

fn outline(region: &[&Run]) -> Option<Found> {
    let count: usize = region.iter().map(|run| run.end - run.begin).sum();
    let sum: f32 = region.iter().map(|run| run.sum).sum();
    if sum / number(count) < REGION_MIN {
        return None;
    }
    let mut corners: Vec<Point> = region.iter().flat_map(|run| corners(run)).collect();
    let mut rectangle = smallest_rectangle(&hull(&mut corners))?;
    let (width, height) = (rectangle.width, rectangle.height);
    if width.min(height) < CORE_PX_MIN {
        return None;
    }
    let grow = width * height * UNCLIP / (2.0 * (width + height));
    rectangle.width += 2.0 * grow;
    rectangle.height += 2.0 * grow;
    Some(Found { quad: rectangle.corners() })
}

/// A pixel is a square, not a point.
fn corners(run: &Run) -> [Point; 4] {
    let (left, right, top) = (number(run.begin), number(run.end), number(run.y));
    [[left, top], [right, top], [left, top + 1.0], [right, top + 1.0]]
}

#[expect(clippy::as_conversions, reason = "counts of pixels of one picture, far below 2^24")]
fn number(count: usize) -> f32 {
    count as f32
}
