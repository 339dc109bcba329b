//! Where a picture could hold a code, cheaply: most pictures hold none.
//!
//! A code is half dark, half light, and full of edges: over a window of 24 pixels it has contrast, a mean in the
//! middle of its range, and steep gradients. Text is a fifth dark at most; photographs seldom reach the contrast.
//! Bars have all their gradients in one direction. Three scales, for modules of 2 to 30 pixels.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "arithmetic on a grid of cells: every index is made from the grid's own sides"
)]

use super::gray::{Frame, Gray};

/// Pixels of a cell's side. A window is three by three cells.
const CELL: usize = 8;
/// The least contrast a window needs, by level: noise is weaker where pixels were averaged.
const RANGES_MIN: [u8; 3] = [36, 24, 20];
/// Dark share of a code, from its mean between its darkest and lightest.
const MIDDLE: std::ops::RangeInclusive<f32> = 0.27..=0.76;
/// How much of the box around it, turned as it is, a code fills.
const COMPACT: f32 = 0.45;
/// How much of the gradients must point one way to be bars.
const COHERENCE_MIN: f32 = 0.72;
/// Places looked at closer, of bars and of others; the whole picture gave what is easily read of a sheet of labels.
const BARS_MAX: usize = 6;
const MATRICES_MAX: usize = 4;

/// A place that may hold codes, in pixels of the picture.
#[derive(Clone, Debug)]
pub struct Place {
    /// For bars: turned so that they stand upright in it. For the others: an upright box.
    pub frame: Frame,
    pub is_bars: bool,
    /// How much the gradients point one way.
    pub coherence: f32,
    score: f32,
}

pub fn places(gray: &Gray) -> Vec<Place> {
    let mut matrices: Vec<Place> = Vec::new();
    let mut bars: Vec<Place> = Vec::new();
    let mut level = None;
    for (depth, range_min) in RANGES_MIN.into_iter().enumerate() {
        let picture = level.as_ref().unwrap_or(gray);
        if picture.width < 3 * CELL || picture.height < 3 * CELL {
            break;
        }
        let cells = Cells::of(picture);
        let factor = (1_usize << depth) as f32;
        cells.matrices(range_min, factor).into_iter().for_each(|place| add(&mut matrices, place));
        cells.bars(range_min, factor).into_iter().for_each(|place| add(&mut bars, place));
        level = Some(picture.half());
    }
    for (found, most) in [(&mut matrices, MATRICES_MAX), (&mut bars, BARS_MAX)] {
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(most);
    }
    bars.append(&mut matrices);
    bars
}

/// Keeps the larger of two that tell of the same place.
fn add(places: &mut Vec<Place>, place: Place) {
    for known in &mut *places {
        let shared = shared_area(&known.frame, &place.frame);
        let (a, b) = (known.frame.width * known.frame.height, place.frame.width * place.frame.height);
        if shared > 0.6 * a.max(b) {
            if place.score > known.score {
                *known = place;
            }
            return;
        }
    }
    places.push(place);
}

/// Of the upright boxes around both.
fn shared_area(a: &Frame, b: &Frame) -> f32 {
    let ((ax, ay), (bx, by)) = (a.reach(), b.reach());
    let wide = (a.x + ax).min(b.x + bx) - (a.x - ax).max(b.x - bx);
    let high = (a.y + ay).min(b.y + by) - (a.y - ay).max(b.y - by);
    wide.max(0.0) * high.max(0.0)
}

#[derive(Clone, Copy, Default)]
struct Cell {
    xx: i32,
    yy: i32,
    xy: i32,
    sum: i32,
    low: u8,
    high: u8,
}

/// A cell with its neighbours.
#[derive(Clone, Copy, Default)]
struct Window {
    xx: f32,
    yy: f32,
    xy: f32,
    /// Gradient energy of a pixel.
    energy: f32,
    range: u8,
    /// Of the mean between the darkest and the lightest.
    middle: f32,
}

impl Window {
    fn coherence(&self) -> f32 {
        let both = self.xx + self.yy;
        if both <= 0.0 { 0.0 } else { (self.xx - self.yy).hypot(2.0 * self.xy) / both }
    }

    /// Of the gradients: across the bars.
    fn angle(&self) -> f32 {
        0.5 * (2.0 * self.xy).atan2(self.xx - self.yy)
    }

    fn is_busy(&self, range_min: u8) -> bool {
        let range = f32::from(self.range);
        self.range >= range_min && self.energy >= (0.055 * range).powi(2) && MIDDLE.contains(&self.middle)
    }
}

struct Cells {
    columns: usize,
    rows: usize,
    windows: Vec<Window>,
}

impl Cells {
    fn of(gray: &Gray) -> Self {
        let (columns, rows) = (gray.width / CELL, gray.height / CELL);
        let mut cells = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                cells.push(cell(gray, column * CELL, row * CELL));
            }
        }
        let mut windows = Vec::with_capacity(cells.len());
        for row in 0..rows {
            for column in 0..columns {
                windows.push(window(&cells, columns, rows, column, row));
            }
        }
        Self { columns, rows, windows }
    }

    fn matrices(&self, range_min: u8, factor: f32) -> Vec<Place> {
        let busy: Vec<bool> = self.windows.iter().map(|window| window.is_busy(range_min)).collect();
        self.groups(&busy, |_, _| true)
            .into_iter()
            .filter(|group| group.len() >= 4)
            .filter_map(|group| self.matrix(&group, factor))
            .collect()
    }

    fn matrix(&self, group: &[usize], factor: f32) -> Option<Place> {
        let columns = group.iter().map(|index| index % self.columns);
        let rows = group.iter().map(|index| index / self.columns);
        let (left, right) = (columns.clone().min()?, columns.max()? + 1);
        let (top, bottom) = (rows.clone().min()?, rows.max()? + 1);
        let fill = group.len() as f32 / ((right - left) * (bottom - top)) as f32;
        if fill < 0.3 {
            return None;
        }
        let mean = self.total(group);
        let cell = CELL as f32 * factor;
        // A window reaches one cell further than its middle; a quiet zone another.
        let margin = 2.0 * cell;
        let (wide, high) = ((right - left) as f32 * cell, (bottom - top) as f32 * cell);
        let turned = self.around(group, mean.angle(), cell);
        if (group.len() as f32) * cell * cell <= COMPACT * turned.width * turned.height {
            return None;
        }
        let frame = Frame {
            x: (left + right) as f32 * cell / 2.0,
            y: (top + bottom) as f32 * cell / 2.0,
            width: wide + 2.0 * margin,
            height: high + 2.0 * margin,
            angle: 0.0,
            scale: 1.0,
        };
        Some(Place {
            frame,
            is_bars: false,
            coherence: mean.coherence(),
            score: wide * high * fill * mean.energy.sqrt().min(60.0),
        })
    }

    /// The box around cells that is turned by `angle`.
    fn around(&self, group: &[usize], angle: f32, cell: f32) -> Frame {
        let (sin, cos) = angle.sin_cos();
        let (mut across, mut along) = ((f32::MAX, f32::MIN), (f32::MAX, f32::MIN));
        for &index in group {
            let x = ((index % self.columns) as f32 + 0.5) * cell;
            let y = ((index / self.columns) as f32 + 0.5) * cell;
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            across = (across.0.min(u), across.1.max(u));
            along = (along.0.min(v), along.1.max(v));
        }
        let (u, v) = ((across.0 + across.1) / 2.0, (along.0 + along.1) / 2.0);
        Frame {
            x: u * cos - v * sin,
            y: u * sin + v * cos,
            width: across.1 - across.0 + cell,
            height: along.1 - along.0 + cell,
            angle,
            scale: 1.0,
        }
    }

    fn bars(&self, range_min: u8, factor: f32) -> Vec<Place> {
        let coherent: Vec<bool> = self
            .windows
            .iter()
            .map(|window| window.is_busy(range_min) && window.coherence() >= COHERENCE_MIN)
            .collect();
        self.groups(&coherent, |a, b| apart(self.windows[a].angle(), self.windows[b].angle()) < 0.3)
            .into_iter()
            .filter(|group| group.len() >= 4)
            .filter_map(|group| self.barred(&group, factor))
            .collect()
    }

    fn barred(&self, group: &[usize], factor: f32) -> Option<Place> {
        let (mean, cell) = (self.total(group), CELL as f32 * factor);
        let tight = self.around(group, mean.angle(), cell);
        // Fewer than four cells across hold too few bars.
        if tight.width < 4.0 * cell || mean.coherence() < 0.5 {
            return None;
        }
        Some(Place {
            frame: Frame { width: tight.width * 1.3 + 4.0 * cell, ..tight },
            is_bars: true,
            coherence: mean.coherence(),
            score: tight.width * tight.height.min(tight.width) * mean.energy.sqrt().min(60.0),
        })
    }

    fn total(&self, group: &[usize]) -> Window {
        let mut total = Window::default();
        for &index in group {
            let window = &self.windows[index];
            total.xx += window.xx;
            total.yy += window.yy;
            total.xy += window.xy;
            total.energy += window.energy / group.len() as f32;
        }
        total
    }

    /// Cells that touch and belong together, each by its index.
    fn groups(&self, wanted: &[bool], together: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
        let mut is_taken = vec![false; wanted.len()];
        let mut groups = Vec::new();
        for start in 0..wanted.len() {
            if !wanted[start] || is_taken[start] {
                continue;
            }
            is_taken[start] = true;
            let mut group = vec![start];
            let mut next = 0;
            while let Some(&index) = group.get(next) {
                next += 1;
                let (column, row) = (index % self.columns, index / self.columns);
                for other_row in row.saturating_sub(1)..(row + 2).min(self.rows) {
                    for other_column in column.saturating_sub(1)..(column + 2).min(self.columns) {
                        let other = other_row * self.columns + other_column;
                        if wanted[other] && !is_taken[other] && together(index, other) {
                            is_taken[other] = true;
                            group.push(other);
                        }
                    }
                }
            }
            groups.push(group);
        }
        groups
    }
}

fn cell(gray: &Gray, left: usize, top: usize) -> Cell {
    let mut cell = Cell { low: 255, ..Cell::default() };
    // The last column and row have no right or lower neighbour: they stand for themselves.
    let wide = CELL.min(gray.width - 1 - left);
    for y in top..top + CELL {
        let row = &gray.row(y)[left..];
        let below = &gray.row((y + 1).min(gray.height - 1))[left..];
        for x in 0..wide {
            let own = i32::from(row[x]);
            let (gx, gy) = (i32::from(row[x + 1]) - own, i32::from(below[x]) - own);
            cell.xx += gx * gx;
            cell.yy += gy * gy;
            cell.xy += gx * gy;
            cell.sum += own;
            cell.low = cell.low.min(row[x]);
            cell.high = cell.high.max(row[x]);
        }
    }
    cell
}

fn window(cells: &[Cell], columns: usize, rows: usize, column: usize, row: usize) -> Window {
    let (mut xx, mut yy, mut xy, mut sum, mut low, mut high, mut count) = (0, 0, 0, 0, 255_u8, 0_u8, 0);
    for y in row.saturating_sub(1)..(row + 2).min(rows) {
        for cell in &cells[y * columns + column.saturating_sub(1)..y * columns + (column + 2).min(columns)] {
            xx += cell.xx;
            yy += cell.yy;
            xy += cell.xy;
            sum += cell.sum;
            low = low.min(cell.low);
            high = high.max(cell.high);
            count += (CELL * CELL) as i32;
        }
    }
    let range = high.saturating_sub(low);
    Window {
        xx: xx as f32,
        yy: yy as f32,
        xy: xy as f32,
        energy: (xx + yy) as f32 / count as f32,
        range,
        middle: (sum as f32 / count as f32 - f32::from(low)) / f32::from(range.max(1)),
    }
}

/// Between two directions that have no front and back, in radians.
fn apart(a: f32, b: f32) -> f32 {
    let difference = (a - b).rem_euclid(std::f32::consts::PI);
    difference.min(std::f32::consts::PI - difference)
}
