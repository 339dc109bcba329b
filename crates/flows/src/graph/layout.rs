//! Where the boxes of a drawing stand and how the ways between them run: steps and ways in, places in px out.
//!
//! Layers go by the longest way from the first step, without the ways that lead back. Between two layers of boxes
//! lies one for the words of the ways, so that no word stands on a line. A way over several layers passes each
//! through a place of its own, which it shares with the other ways to the same step: they are one line from where
//! they meet. Every drawing has a place for everything; the same flow is drawn the same every time.

mod labels;
mod order;
mod paths;
mod spots;
mod spread;
#[cfg(test)]
mod tests;
mod ways;

use std::fmt;

use self::spots::Net;
use super::{Box, Way, text};
use crate::format::StepId;

pub const BOX_PX: f64 = 216.0;
/// The band with the name.
pub const HEAD_PX: f64 = 32.0;
pub const LINE_PX: f64 = 16.0;
pub const TEXT_PX: f64 = 12.0;
pub const TITLE_PX: f64 = 12.5;
/// From the side of a box to its text, and to its name, which has a sign before it.
pub const PAD_PX: f64 = 12.0;
pub const TITLE_FROM_PX: f64 = 32.0;
/// A way's words.
pub const LABEL_TEXT_PX: f64 = 11.0;
pub const LABEL_LINE_PX: f64 = 14.0;
const LINES_MAX: usize = 4;
const EDGE_PX: f64 = 24.0;

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A part of a line, from where the one before it ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Piece {
    Line(Point),
    /// Bézier: both handles, then the end.
    Curve(Point, Point, Point),
}

/// A line; written out it is the `d` of an SVG path.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    pub start: Point,
    pub pieces: Vec<Piece>,
}

/// A box with its place: the left upper corner.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedBox<'f> {
    pub of: Box<'f>,
    /// The step's name as people read it, as much of it as fits.
    pub title: String,
    /// The text, as much of it as fits.
    pub lines: Vec<String>,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// The words of a way with their place: the middle.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// Empty when only a count stands here.
    pub lines: Vec<String>,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// All ways from a step to another, which are one line.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedWay<'f> {
    pub from: &'f StepId,
    pub to: &'f StepId,
    /// What has to happen; empty when nothing has to.
    pub when: String,
    /// How many customers went it.
    pub went: i64,
    /// Closes a circle.
    pub is_back: bool,
    pub path: Path,
    pub label: Option<Label>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Drawing<'f> {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<PlacedBox<'f>>,
    pub ways: Vec<PlacedWay<'f>>,
}

/// Places steps and ways. Whoever shows how many customers `went` from a step to another finds room for the number
/// in the last line of the way's label, behind ` · `.
///
/// A way from or to a step without a box is left out.
pub fn layout<'f>(
    boxes: &[Box<'f>],
    ways: &[Way<'f>],
    went: &dyn Fn(&StepId, &StepId) -> i64,
) -> Drawing<'f> {
    let joined = ways::join(boxes, ways, went);
    let layers = ways::layers(boxes.len(), &joined);
    let placed: Vec<PlacedBox<'f>> = boxes.iter().map(unplaced).collect();
    let mut net = Net::new(&placed, &joined, &layers);
    order::order(&mut net);
    spread::spread(&mut net);
    paths::drawn(&net, placed, &joined)
}

/// A box with its size and its words; its place is still to be found.
fn unplaced<'f>(of: &Box<'f>) -> PlacedBox<'f> {
    let lines = text::wrap(&of.text, BOX_PX - 2.0 * PAD_PX, TEXT_PX, LINES_MAX);
    let title =
        text::wrap(&text::titled(of.step.as_str()), BOX_PX - TITLE_FROM_PX - PAD_PX, TITLE_PX * BOLD, 1);
    let words = if lines.is_empty() { 0.0 } else { real(lines.len()) * LINE_PX + 9.0 };
    PlacedBox {
        of: of.clone(),
        title: title.into_iter().next().unwrap_or_default(),
        lines,
        x: 0.0,
        y: 0.0,
        width: BOX_PX,
        height: HEAD_PX + words,
    }
}

/// Bold letters are wider.
const BOLD: f64 = 1.08;

/// A number of things, to count with lengths; there are never so many that it does not fit.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// A tenth of a px is as exact as anybody sees.
fn round(px: f64) -> f64 {
    (px * 10.0).round() / 10.0
}

impl Path {
    /// The same line from its end to its start.
    fn reversed(&self) -> Self {
        let mut start = self.start;
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let (turned, end) = match *piece {
                Piece::Line(end) => (Piece::Line(start), end),
                Piece::Curve(a, b, end) => (Piece::Curve(b, a, start), end),
            };
            pieces.push(turned);
            start = end;
        }
        pieces.reverse();
        Self { start, pieces }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.x, self.y)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{}", self.start)?;
        for piece in &self.pieces {
            match piece {
                Piece::Line(end) => write!(f, "L{end}")?,
                Piece::Curve(a, b, end) => write!(f, "C{a} {b} {end}")?,
            }
        }
        Ok(())
    }
}
