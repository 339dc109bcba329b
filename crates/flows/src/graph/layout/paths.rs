//! The lines, once every spot has its place from left to right: how high each row is, and where a line meets a box.

use super::{
    Drawing, EDGE_PX, HEAD_PX, Label, Path, Piece, PlacedBox, PlacedWay, Point, round,
    spots::{LOOP_PX, Net, Side},
    ways::{Course, Joined},
};

/// Between two rows: at least so much, and more where ways go far to the side, so that they do not lie flat.
const GAP_PX: f64 = 22.0;
const GAP_PX_MAX: f64 = 64.0;
const SLOPE: f64 = 0.07;

pub(super) fn drawn<'f>(net: &Net, mut boxes: Vec<PlacedBox<'f>>, ways: &[Joined<'f>]) -> Drawing<'f> {
    let heights = heights(net, &boxes);
    let lines: Vec<Vec<Hop>> = net.chains.iter().map(|chain| hops(net, chain)).collect();
    let rows = tops(&heights, &lines);
    for (spot, placed) in net.spots.iter().zip(&mut boxes) {
        placed.x = round(spot.x - placed.width / 2.0);
        placed.y = rows.get(spot.row).map_or(0.0, |row| row.top);
    }
    let mut placed = Vec::with_capacity(ways.len());
    for ((way, hops), label) in ways.iter().zip(&lines).zip(&net.labels) {
        let own = boxes.get(way.from);
        let path = match (way.course, own) {
            (Course::Loop, Some(own)) => around(own),
            (Course::Back, _) => path(&boxes, hops, &rows).reversed(),
            _ => path(&boxes, hops, &rows),
        };
        let label = label.as_ref().map(|(label, spot)| match (way.course, own) {
            (Course::Loop, Some(own)) => beside(own, label),
            _ => at_spot(net, &rows, label, *spot),
        });
        placed.push(PlacedWay {
            from: way.ids.0,
            to: way.ids.1,
            when: way.when(),
            went: way.went,
            is_back: way.course != Course::Down,
            path,
            label,
        });
    }
    let right = net.spots.iter().map(|spot| spot.x + spot.inner.1).fold(EDGE_PX, f64::max);
    let bottom = rows.last().map_or(EDGE_PX, |row| row.bottom);
    Drawing { width: (right + EDGE_PX).ceil(), height: (bottom + EDGE_PX).ceil(), boxes, ways: placed }
}

#[derive(Clone, Copy)]
struct Row {
    top: f64,
    bottom: f64,
}

/// A part of a way from a row to the next.
struct Hop {
    row: usize,
    from: f64,
    to: f64,
    /// The box at its upper end.
    leaves: Option<usize>,
}

fn heights(net: &Net, boxes: &[PlacedBox<'_>]) -> Vec<f64> {
    let mut heights = vec![0.0_f64; net.rows.len()];
    let own = net.spots.iter().zip(boxes).map(|(spot, placed)| (spot.row, placed.height));
    let words = net.labels.iter().flatten().map(|(label, spot)| (net.row_of(*spot), label.height));
    for (row, height) in own.chain(words) {
        if let Some(of) = heights.get_mut(row) {
            *of = of.max(height);
        }
    }
    heights
}

fn hops(net: &Net, chain: &[usize]) -> Vec<Hop> {
    let pairs = chain.iter().zip(chain.iter().skip(1));
    pairs
        .map(|(above, below)| Hop {
            row: net.row_of(*above),
            from: round(net.x(*above) + net.port(*above, *below, Side::Down)),
            to: round(net.x(*below) + net.port(*below, *above, Side::Up)),
            leaves: (*above < net.boxes).then_some(*above),
        })
        .collect()
}

fn tops(heights: &[f64], lines: &[Vec<Hop>]) -> Vec<Row> {
    let mut sideways = vec![0.0_f64; heights.len()];
    for hop in lines.iter().flatten() {
        if let Some(most) = sideways.get_mut(hop.row) {
            *most = most.max((hop.to - hop.from).abs());
        }
    }
    let mut top = EDGE_PX;
    let mut rows = Vec::with_capacity(heights.len());
    for (height, sideways) in heights.iter().zip(sideways) {
        let bottom = top + height;
        rows.push(Row { top, bottom });
        top = bottom + (GAP_PX + SLOPE * sideways).min(GAP_PX_MAX).round();
    }
    rows
}

fn path(boxes: &[PlacedBox<'_>], hops: &[Hop], rows: &[Row]) -> Path {
    let mut start = None;
    let mut pieces = Vec::new();
    for hop in hops {
        let next = hop.row.saturating_add(1);
        let (Some(row), Some(next)) = (rows.get(hop.row), rows.get(next)) else { continue };
        let leaves = hop.leaves.and_then(|at| boxes.get(at));
        let top = leaves.map_or(row.top, |placed| placed.y + placed.height);
        start.get_or_insert(Point { x: hop.from, y: top });
        // Down beside the taller boxes of its row, then over to the next.
        if row.bottom > top {
            pieces.push(Piece::Line(Point { x: hop.from, y: row.bottom }));
        }
        let middle = round(f64::midpoint(row.bottom, next.top));
        let handle = |x| Point { x, y: middle };
        pieces.push(Piece::Curve(handle(hop.from), handle(hop.to), Point { x: hop.to, y: next.top }));
    }
    Path { start: start.unwrap_or(Point { x: 0.0, y: 0.0 }), pieces }
}

/// From a box to itself, at its right side.
fn around(own: &PlacedBox<'_>) -> Path {
    let x = own.x + own.width;
    let (low, high) = (own.y + HEAD_PX - 8.0, own.y + 8.0);
    let out = round(x + LOOP_PX);
    let curve =
        Piece::Curve(Point { x: out, y: low + 4.0 }, Point { x: out, y: high - 4.0 }, Point { x, y: high });
    Path { start: Point { x, y: low }, pieces: vec![curve] }
}

/// The words of a way from a box to itself.
fn beside(own: &PlacedBox<'_>, label: &Label) -> Label {
    let x = round(own.x + own.width + LOOP_PX + label.width / 2.0);
    // Not above the box: its row is as high as the words.
    let y = own.y + (HEAD_PX / 2.0).max(label.height / 2.0);
    Label { x, y, ..label.clone() }
}

fn at_spot(net: &Net, rows: &[Row], label: &Label, spot: usize) -> Label {
    let row = rows.get(net.row_of(spot)).copied().unwrap_or(Row { top: 0.0, bottom: 0.0 });
    Label { x: round(net.x(spot)), y: round(f64::midpoint(row.top, row.bottom)), ..label.clone() }
}
