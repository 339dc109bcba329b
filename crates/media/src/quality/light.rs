//! How the brightness is spread, and where a reflection burns a hole into the picture.

#![expect(clippy::as_conversions, reason = "counts of pixels and cells as shares")]

use super::{Glare, luma::Luma};
use crate::rendition::Pixels;

/// From here a pixel counts as burnt out.
const CLIPPED_MIN: u8 = 250;

/// Pixels a side of the squares that glare is looked for in.
const CELL_PX: usize = 8;

/// Share of the picture that a glare takes: smaller ones hide nothing, larger ones are an exposure or a white page.
const GLARE_SHARE: std::ops::RangeInclusive<f32> = 0.002..=0.35;

const GLARES_MAX: usize = 3;

pub(crate) struct Light {
    pub mean: f32,
    /// Brightness below which 1, 5, 50, 95 and 99 of a hundred pixels lie.
    pub levels: [u8; 5],
    pub clipped_share: f32,
    pub black_share: f32,
    pub deviation: f32,
}

pub(crate) fn light(luma: &Luma) -> Light {
    // Four tables, so that a flat picture does not wait for its own last count.
    let mut tables = [[0_u32; 256]; 4];
    let (fours, rest) = luma.bytes.as_chunks::<4>();
    for four in fours {
        for (table, byte) in tables.iter_mut().zip(four) {
            if let Some(count) = table.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
    }
    for (table, byte) in tables.iter_mut().zip(rest) {
        if let Some(count) = table.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let mut histogram = [0_u32; 256];
    for table in &tables {
        histogram.iter_mut().zip(table).for_each(|(sum, count)| *sum += count);
    }
    let n = luma.bytes.len().max(1) as f64;
    let moment = |power: i32| {
        (0_u32..).zip(&histogram).map(|(v, c)| f64::from(v).powi(power) * f64::from(*c)).sum::<f64>() / n
    };
    let mean = moment(1);
    let share = |from: usize, to: usize| {
        histogram.iter().skip(from).take(to - from).map(|c| f64::from(*c)).sum::<f64>() / n
    };
    Light {
        mean: mean as f32,
        levels: [0.01, 0.05, 0.5, 0.95, 0.99].map(|part| level(&histogram, part * n)),
        clipped_share: share(usize::from(CLIPPED_MIN), 256) as f32,
        black_share: share(0, 8) as f32,
        deviation: (moment(2) - mean * mean).max(0.0).sqrt() as f32,
    }
}

fn level(histogram: &[u32; 256], target: f64) -> u8 {
    let mut seen = 0.0;
    for (value, count) in (0_u8..=255).zip(histogram) {
        seen += f64::from(*count);
        if seen > target {
            return value;
        }
    }
    u8::MAX
}

/// Bright spots that fade into their surroundings on every side, the largest first.
///
/// White paper, lamps in a dialog and the sky are burnt out as well; they end at an edge or at the picture's border,
/// a reflection fades. So: a compact blob of burnt-out cells, away from the border, whose surroundings get darker
/// step by step over three rings of cells.
pub(crate) fn glares(pixels: &Pixels) -> Vec<Glare> {
    let Some(cells) = Cells::of(pixels) else { return Vec::new() };
    let mut taken = vec![false; cells.level.len()];
    let mut found = Vec::new();
    for start in 0..cells.level.len() {
        let blob = cells.blob(start, &mut taken);
        if let Some(glare) = cells.glare(&blob) {
            found.push(glare);
        }
    }
    found.sort_by(|a, b| b.share.total_cmp(&a.share));
    found.truncate(GLARES_MAX);
    found
}

/// The darkest channel of each cell's mean: a red lamp is bright, a reflection is white.
struct Cells {
    width: usize,
    height: usize,
    level: Vec<u8>,
}

impl Cells {
    fn of(pixels: &Pixels) -> Option<Self> {
        let row_bytes = (pixels.width as usize).checked_mul(3)?;
        let (width, height) = (pixels.width as usize / CELL_PX, pixels.height as usize / CELL_PX);
        if width == 0 || height == 0 {
            return None;
        }
        let mut level = Vec::with_capacity(width * height);
        for band in pixels.rgb.chunks_exact(row_bytes * CELL_PX) {
            let mut sums = vec![[0_u32; 3]; width];
            for row in band.chunks_exact(row_bytes) {
                for (sum, part) in sums.iter_mut().zip(row.chunks_exact(CELL_PX * 3)) {
                    for pixel in part.as_chunks::<3>().0 {
                        sum.iter_mut().zip(pixel).for_each(|(s, c)| *s += u32::from(*c));
                    }
                }
            }
            let area = (CELL_PX * CELL_PX) as u32;
            level.extend(sums.iter().map(|[r, g, b]| (*r.min(g).min(b) / area) as u8));
        }
        Some(Self { width, height, level })
    }

    fn is_burnt(&self, at: usize) -> bool {
        self.level.get(at).is_some_and(|l| *l >= 244)
    }

    fn neighbours(&self, at: usize) -> impl Iterator<Item = usize> {
        let (x, y) = (at % self.width, at / self.width);
        let (width, height) = (self.width, self.height);
        [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then_some(at + 1),
            (y > 0).then(|| at - width),
            (y + 1 < height).then_some(at + width),
        ]
        .into_iter()
        .flatten()
    }

    fn blob(&self, start: usize, taken: &mut [bool]) -> Vec<usize> {
        let mut blob = Vec::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            match taken.get_mut(at) {
                Some(taken) if !*taken && self.is_burnt(at) => *taken = true,
                _ => continue,
            }
            blob.push(at);
            open.extend(self.neighbours(at));
        }
        blob
    }

    fn glare(&self, blob: &[usize]) -> Option<Glare> {
        let share = blob.len() as f32 / self.level.len().max(1) as f32;
        if !GLARE_SHARE.contains(&share) {
            return None;
        }
        let xs = || blob.iter().map(|at| at % self.width);
        let ys = || blob.iter().map(|at| at / self.width);
        let (left, right) = (xs().min()?, xs().max()?);
        let (top, bottom) = (ys().min()?, ys().max()?);
        let touches = left == 0 || top == 0 || right + 1 == self.width || bottom + 1 == self.height;
        let fill = blob.len() as f32 / ((right - left + 1) * (bottom - top + 1)) as f32;
        if touches || fill < 0.4 {
            return None;
        }
        let softness = self.softness(blob);
        let scale = |cell: usize| (cell * CELL_PX) as f32;
        let (x0, y0, x1, y1) = (scale(left), scale(top), scale(right + 1), scale(bottom + 1));
        Some(Glare { share, softness, points: vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]] })
    }

    /// Share of the blob's outer border where the next three cells fade step by step instead of falling off.
    fn softness(&self, blob: &[usize]) -> f32 {
        let (mut soft, mut all) = (0.0_f32, 0.0_f32);
        for at in blob {
            let (x, y) = ((at % self.width) as i32, (at / self.width) as i32);
            for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                let ring = |n: i32| self.at(x + n * dx, y + n * dy);
                let (Some(one), Some(two), Some(three)) = (ring(1), ring(2), ring(3)) else { continue };
                if one >= 244 {
                    continue;
                }
                all += 1.0;
                let fades = one > 200 && two + 3 < one && three < two && one - two < 60 && two - three < 60;
                soft += if fades { 1.0 } else { 0.0 };
            }
        }
        if all < 1.0 { 0.0 } else { soft / all }
    }

    fn at(&self, x: i32, y: i32) -> Option<i32> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        if x >= self.width { None } else { self.level.get(y * self.width + x).map(|l| i32::from(*l)) }
    }
}
