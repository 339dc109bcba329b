//! How fine the detail is, where there is any.
//!
//! A fixed threshold on the Laplacian's variance rejects good pictures of smooth things, so everything here is a ratio
//! within tiles that have content: energy of the second difference against the first (it falls with the square of a
//! blur's radius and knows no contrast), and the width of the strongest edge of each tile, in pixels. Each is also
//! kept by direction: a lens out of focus widens all directions, a hand that moved widens one.

#![expect(clippy::as_conversions, reason = "sums of squared bytes over a tile stay far below 2^31")]

use super::luma::Luma;

/// Pixels a side: large enough to hold an edge and its surroundings, small enough to be sharp or blurred as a whole.
const TILE_PX: usize = 32;

/// Standard deviation of brightness from which a tile shows something: above sensor noise and JPEG's grain.
const CONTENT_DEVIATION_MIN: f32 = 5.0;

/// An edge below this contrast says more about noise than about focus.
const EDGE_CONTRAST_MIN: i32 = 20;

/// Fewer edges of one direction say nothing about it.
const EDGES_MIN: usize = 8;

/// How far an edge is followed to each side.
const EDGE_REACH_PX: i32 = 24;

pub(crate) struct Detail {
    pub laplacian_variance: f32,
    /// Share of the tiles that show something.
    pub content_share: f32,
    /// Second-difference energy by first-difference energy over the tiles with content: median, and the sharpest tenth.
    pub ratio_p50: f32,
    pub ratio_p90: f32,
    /// The same by direction of the difference (0°, 45°, 90°, 135°), over all tiles with content together.
    pub ratio_by_direction: [f32; 4],
    pub edges: u32,
    /// Brightness across the tiles' strongest edges, ninth decile.
    pub edge_contrast: f32,
    /// Width of the tiles' strongest edges: the sharpest tenth and quarter, and the median.
    pub edge_px_p10: f32,
    pub edge_px_p25: f32,
    pub edge_px_p50: f32,
    /// Width of each direction's sharpest fifth; 0 where there are too few edges of that direction.
    pub edge_px_by_direction: [f32; 4],
}

#[derive(Default, Clone)]
struct Tile {
    count: u32,
    sum: u32,
    squares: u32,
    laplacian: i32,
    laplacian_squares: u32,
    first: [u32; 4],
    second: [u32; 4],
    /// By direction: the largest difference, and where.
    steepest: [i16; 4],
    steepest_at: [(i32, i32); 4],
}

pub(crate) fn detail(luma: &Luma) -> Detail {
    let tiles = tiles(luma);
    let n = tiles.iter().map(|t| t.count as f32).sum::<f32>().max(1.0);
    let laplacian_mean = tiles.iter().map(|t| t.laplacian as f32).sum::<f32>() / n;
    let laplacian_squares = tiles.iter().map(|t| t.laplacian_squares as f32).sum::<f32>() / n;
    let with_content: Vec<&Tile> = tiles.iter().filter(|t| t.has_content()).collect();
    let mut ratios: Vec<f32> = with_content.iter().map(|t| t.ratio()).collect();
    let mut ratio_by_direction = [0.0; 4];
    for (direction, ratio) in ratio_by_direction.iter_mut().enumerate() {
        let of = |energy: &[u32; 4]| energy.get(direction).map_or(0.0, |e| *e as f32);
        let first: f32 = with_content.iter().map(|t| of(&t.first)).sum();
        let second: f32 = with_content.iter().map(|t| of(&t.second)).sum();
        *ratio = second / first.max(1.0);
    }
    let edges: Vec<Edge> =
        with_content.iter().flat_map(|t| (0..4).filter_map(move |d| edge(luma, t, d))).collect();
    let mut contrasts: Vec<f32> = edges.iter().map(|e| e.contrast as f32).collect();
    let mut widths: Vec<f32> = edges.iter().map(|e| e.width_px).collect();
    let edge_px_by_direction = [0, 1, 2, 3].map(|direction| {
        let mut own: Vec<f32> =
            edges.iter().filter(|e| e.direction == direction).map(|e| e.width_px).collect();
        if own.len() < EDGES_MIN { 0.0 } else { percentile(&mut own, 0.2) }
    });
    Detail {
        laplacian_variance: (laplacian_squares - laplacian_mean * laplacian_mean).max(0.0),
        content_share: with_content.len() as f32 / tiles.len().max(1) as f32,
        ratio_p50: percentile(&mut ratios, 0.5),
        ratio_p90: percentile(&mut ratios, 0.9),
        ratio_by_direction,
        edges: edges.len() as u32,
        edge_contrast: percentile(&mut contrasts, 0.9),
        edge_px_p10: percentile(&mut widths, 0.1),
        edge_px_p25: percentile(&mut widths, 0.25),
        edge_px_p50: percentile(&mut widths, 0.5),
        edge_px_by_direction,
    }
}

/// 0 for nothing.
pub(crate) fn percentile(values: &mut [f32], share: f32) -> f32 {
    let last = values.len().saturating_sub(1);
    let at = (share * last as f32).round() as usize;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(at.min(last), f32::total_cmp).1
}

impl Tile {
    fn has_content(&self) -> bool {
        let n = self.count.max(1) as f32;
        let mean = self.sum as f32 / n;
        self.squares as f32 / n - mean * mean >= CONTENT_DEVIATION_MIN * CONTENT_DEVIATION_MIN
    }

    fn ratio(&self) -> f32 {
        let [across, _, down, _] = self.first;
        self.laplacian_squares as f32 / (across + down).max(1) as f32
    }
}

/// The picture without its outermost pixels, cut into whole tiles and narrower ones at the right and the bottom.
fn tiles(luma: &Luma) -> Vec<Tile> {
    let columns = luma.width.saturating_sub(2).div_ceil(TILE_PX);
    let mut tiles = vec![Tile::default(); columns * luma.height.saturating_sub(2).div_ceil(TILE_PX)];
    let rows: Vec<&[u8]> = luma.rows().collect();
    for (y, three) in rows.windows(3).enumerate() {
        let [above, row, below] = three else { continue };
        let band = tiles.iter_mut().skip(y / TILE_PX * columns).take(columns);
        for (column, tile) in band.enumerate() {
            let from = column * TILE_PX;
            let to = (from + TILE_PX + 2).min(luma.width);
            if let (Some(above), Some(row), Some(below)) =
                (above.get(from..to), row.get(from..to), below.get(from..to))
            {
                tile.add_row(above, row, below, from as i32 + 1, y as i32 + 1);
            }
        }
    }
    tiles
}

impl Tile {
    /// Three rows of one width; the differences are those around the middle row's inner pixels.
    #[expect(
        clippy::indexing_slicing,
        reason = "the three rows are cut to one length, of which x + 2 is the end; directions are four"
    )]
    fn add_row(&mut self, above: &[u8], row: &[u8], below: &[u8], x0: i32, y: i32) {
        let n = row.len().min(above.len()).min(below.len()).saturating_sub(2).min(TILE_PX);
        let (above, row, below) = (&above[..n + 2], &row[..n + 2], &below[..n + 2]);
        let (mut sum, mut squares, mut lap, mut lap2) = (0_i32, 0_i32, 0_i32, 0_i32);
        let (mut first, mut second) = ([0_i32; 4], [0_i32; 4]);
        let mut slopes = [[0_i16; TILE_PX]; 4];
        for x in 0..n {
            let at = |line: &[u8], dx: usize| i16::from(line[x + dx]);
            let centre = at(row, 1);
            let pairs = [
                (at(row, 0), at(row, 2)),
                (at(above, 0), at(below, 2)),
                (at(above, 1), at(below, 1)),
                (at(above, 2), at(below, 0)),
            ];
            for (d, (a, b)) in pairs.into_iter().enumerate() {
                let (one, two) = (b - a, a + b - 2 * centre);
                first[d] += squared(one);
                second[d] += squared(two);
                slopes[d][x] = one.abs();
            }
            let laplacian = pairs[0].0 + pairs[0].1 + pairs[2].0 + pairs[2].1 - 4 * centre;
            sum += i32::from(centre);
            squares += squared(centre);
            lap += i32::from(laplacian);
            lap2 += squared(laplacian);
        }
        self.count += n as u32;
        self.sum += sum as u32;
        self.squares += squares as u32;
        self.laplacian += lap;
        self.laplacian_squares += lap2 as u32;
        for d in 0..4 {
            self.first[d] += first[d] as u32;
            self.second[d] += second[d] as u32;
        }
        for (d, slope) in slopes.iter().enumerate() {
            let steepest = slope.iter().copied().max().unwrap_or(0);
            if steepest > self.steepest[d] {
                self.steepest[d] = steepest;
                let at = slope.iter().position(|s| *s == steepest).unwrap_or(0);
                self.steepest_at[d] = (x0 + at as i32, y);
            }
        }
    }
}

/// Of a difference of bytes; sixteen bits let the compiler multiply eight at a time.
fn squared(difference: i16) -> i32 {
    i32::from(difference) * i32::from(difference)
}

struct Edge {
    width_px: f32,
    contrast: i32,
    direction: usize,
}

/// Steps along the four directions, and their lengths.
const STEPS: [(i32, i32, f32); 4] =
    [(1, 0, 1.0), (1, 1, std::f32::consts::SQRT_2), (0, 1, 1.0), (-1, 1, std::f32::consts::SQRT_2)];

/// The contrast of the tile's strongest edge of one direction by its steepest step: 1 for a step, 2.5 σ for a blurred
/// one. `None` where brightness rises more steeply in another direction: that edge would look wider than it is.
fn edge(luma: &Luma, tile: &Tile, direction: usize) -> Option<Edge> {
    let (x, y) = *tile.steepest_at.get(direction)?;
    let slope = |(dx, dy, length): (i32, i32, f32)| {
        Some((luma.at(x + dx, y + dy)? - luma.at(x - dx, y - dy)?) as f32 / (2.0 * length))
    };
    let (dx, dy, length) = *STEPS.get(direction)?;
    let rise = slope((dx, dy, length))?;
    if STEPS.into_iter().filter_map(slope).any(|other| other.abs() > rise.abs() * 1.01) {
        return None;
    }
    let sign = if rise < 0.0 { -1 } else { 1 };
    let up = follow(luma, (x, y), (dx * sign, dy * sign), 1)?;
    let down = follow(luma, (x, y), (-dx * sign, -dy * sign), -1)?;
    let contrast = up.end - down.end;
    let steepest = up.steepest.max(down.steepest);
    if contrast < EDGE_CONTRAST_MIN || steepest == 0 {
        return None;
    }
    Some(Edge { width_px: contrast as f32 / steepest as f32 * length, contrast, direction })
}

struct Slope {
    end: i32,
    steepest: i32,
}

/// Walks while it goes on up (`way` 1) or down (−1), over small dents; ends where nothing new comes for three steps.
fn follow(luma: &Luma, (x, y): (i32, i32), (dx, dy): (i32, i32), way: i32) -> Option<Slope> {
    let mut here = luma.at(x, y)?;
    let mut slope = Slope { end: here, steepest: 0 };
    let mut idle = 0;
    for n in 1..=EDGE_REACH_PX {
        let Some(next) = luma.at(x + n * dx, y + n * dy) else { break };
        slope.steepest = slope.steepest.max((next - here) * way);
        if (next - slope.end) * way > 0 {
            slope.end = next;
            idle = 0;
        } else {
            idle += 1;
        }
        if idle == 3 || (slope.end - next) * way > 4 {
            break;
        }
        here = next;
    }
    Some(slope)
}
