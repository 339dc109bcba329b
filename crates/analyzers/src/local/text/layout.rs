//! In what order people read the lines, and which of them belong together.
//!
//! Rows from top to bottom, as screens, receipts and labels are read; columns only where two texts of long lines stand
//! side by side.

use super::{
    geometry::{Quad, centre, distance, size},
    outline::Forest,
    turn::Read,
};
use crate::local::TextLine;

/// Lines of a column are at least so many times as long as high; a price or a label's name is shorter.
const COLUMN_LINE_MIN: f32 = 10.0;
/// Fewer lines are a row with two long cells.
const COLUMN_LINES_MIN: usize = 3;
/// An empty stripe of so many line heights parts two sections.
const SECTION_GAP: f32 = 0.8;

pub fn in_order(read: Vec<Read>) -> Vec<TextLine> {
    let along = direction(&read);
    let places: Vec<Place> = read.iter().enumerate().map(|(i, line)| place(i, &line.quad, along)).collect();
    let mut blocks = blocks(&places);
    let order = section(places);
    let mut names: Vec<usize> = Vec::new();
    let mut lines = Vec::with_capacity(order.len());
    for place in order {
        let Some(line) = read.get(place.line) else { continue };
        let root = blocks.root(place.line);
        let name = names.iter().position(|name| *name == root).unwrap_or_else(|| {
            names.push(root);
            names.len() - 1
        });
        lines.push(TextLine {
            text: line.reading.text.trim().to_owned(),
            confidence: line.reading.confidence.clamp(0.0, 1.0),
            quad: line.quad,
            block: u32::try_from(name).unwrap_or(u32::MAX),
        });
    }
    lines
}

/// A line on the straightened page: text runs to the right, the next line is below.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: usize,
    left: f32,
    right: f32,
    middle: f32,
    height: f32,
}

impl Place {
    const fn top(&self) -> f32 {
        self.middle - self.height / 2.0
    }

    const fn bottom(&self) -> f32 {
        self.middle + self.height / 2.0
    }

    /// Whether a person sees both in one row.
    fn is_beside(&self, other: &Self) -> bool {
        (self.middle - other.middle).abs() < 0.5 * self.height.min(other.height)
    }
}

/// Where text runs on this page: the sum of the lines' own directions, so that the long ones decide.
fn direction(read: &[Read]) -> [f32; 2] {
    let (x, y) = read.iter().fold((0.0, 0.0), |(x, y), line| {
        let [a, b, c, d] = line.quad;
        (x + b[0] - a[0] + c[0] - d[0], y + b[1] - a[1] + c[1] - d[1])
    });
    let length = distance([0.0, 0.0], [x, y]);
    if length > 1.0 { [x / length, y / length] } else { [1.0, 0.0] }
}

fn place(line: usize, quad: &Quad, [ux, uy]: [f32; 2]) -> Place {
    let (mut left, mut right) = (f32::MAX, f32::MIN);
    for [x, y] in quad {
        left = left.min(x * ux + y * uy);
        right = right.max(x * ux + y * uy);
    }
    let [x, y] = centre(quad);
    Place { line, left, right, middle: y * ux - x * uy, height: size(quad).1 }
}

/// Columns side by side, else sections one below the other, else rows.
fn section(mut places: Vec<Place>) -> Vec<Place> {
    if let Some((left, right)) = columns(&mut places) {
        let mut order = section(left);
        order.append(&mut section(right));
        return order;
    }
    if let Some((above, below)) = sections(&mut places) {
        let mut order = section(above);
        order.append(&mut section(below));
        return order;
    }
    rows(places)
}

/// Cut at a stripe from top to bottom that no line crosses, when a column of text stands on both sides of it.
fn columns(places: &mut [Place]) -> Option<(Vec<Place>, Vec<Place>)> {
    places.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut reach = f32::MIN;
    for (i, place) in places.iter().enumerate() {
        if place.left > reach + 0.5 * place.height {
            let (left, right) = places.split_at(i);
            if is_column(left, right) && is_column(right, left) {
                return Some((left.to_vec(), right.to_vec()));
            }
        }
        reach = reach.max(place.right);
    }
    None
}

/// Long lines, most of them with something beside them: a conversation's two sides are no columns.
fn is_column(column: &[Place], other: &[Place]) -> bool {
    let long = column.iter().filter(|p| p.right - p.left >= COLUMN_LINE_MIN * p.height).count();
    let beside = |p: &&Place| other.iter().any(|o| o.top() < p.bottom() && p.top() < o.bottom());
    column.len() >= COLUMN_LINES_MIN
        && long * 3 >= column.len() * 2
        && column.iter().filter(beside).count() * 2 >= column.len()
}

/// Cut at the widest stripe from side to side that no line crosses.
fn sections(places: &mut [Place]) -> Option<(Vec<Place>, Vec<Place>)> {
    places.sort_by(|a, b| a.top().total_cmp(&b.top()));
    let mut reach = f32::MAX;
    let mut widest = (SECTION_GAP, None);
    for (i, place) in places.iter().enumerate() {
        let gap = (place.top() - reach) / place.height.max(1.0);
        if gap > widest.0 {
            widest = (gap, Some(i));
        }
        reach = if reach == f32::MAX { place.bottom() } else { reach.max(place.bottom()) };
    }
    let (above, below) = places.split_at(widest.1?);
    Some((above.to_vec(), below.to_vec()))
}

fn rows(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    let mut order: Vec<Place> = Vec::with_capacity(places.len());
    let mut row: Vec<Place> = Vec::new();
    for place in places {
        // The neighbour counts, not the first of the row: a photographed row sinks from side to side.
        let near = row.iter().min_by(|a, b| {
            let gap = |p: &Place| (p.left - place.left).abs();
            gap(a).total_cmp(&gap(b))
        });
        if near.is_some_and(|near| !near.is_beside(&place)) {
            flush(&mut row, &mut order);
        }
        row.push(place);
    }
    flush(&mut row, &mut order);
    order
}

fn flush(row: &mut Vec<Place>, order: &mut Vec<Place>) {
    row.sort_by(|a, b| a.left.total_cmp(&b.left));
    order.append(row);
}

/// Lines of about one height that stand close together, in a row or one below the other.
fn blocks(places: &[Place]) -> Forest {
    let mut forest = Forest((0..places.len()).collect());
    for (i, a) in places.iter().enumerate() {
        for b in places.iter().skip(i + 1) {
            let (small, large) = (a.height.min(b.height), a.height.max(b.height));
            if large > small * 1.5 {
                continue;
            }
            let across = a.left.max(b.left) - a.right.min(b.right);
            let down = a.top().max(b.top()) - a.bottom().min(b.bottom());
            let is_row = a.is_beside(b) && across < small * 1.2;
            let narrow = (a.right - a.left).min(b.right - b.left);
            let is_paragraph = down < small * 0.6 && !a.is_beside(b) && -across > narrow * 0.5;
            if is_row || is_paragraph {
                forest.join(a.line, b.line);
            }
        }
    }
    forest
}
