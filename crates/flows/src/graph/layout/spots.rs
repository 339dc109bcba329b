//! The net of places that is ordered and spread: boxes, words of ways, and where long ways pass.
//!
//! Row 2n holds the boxes of layer n, row 2n + 1 the words of the ways between it and the next.

use std::collections::{HashMap, HashSet};

use super::{
    BOX_PX, Label, PlacedBox,
    labels::label,
    real,
    ways::{Course, Joined},
};

/// On each side of a box, of words, and of a line that passes.
const BOX_FREE_PX: f64 = 18.0;
const LABEL_FREE_PX: f64 = 6.0;
const PASS_FREE_PX: f64 = 10.0;
/// Ways at the same side of a box meet it so far apart, when there is room, and not at its corners.
const PORT_PX: f64 = 34.0;
const CORNER_PX: f64 = 20.0;
/// How far a way from a box to itself stands out, and where its words begin.
pub(super) const LOOP_PX: f64 = 30.0;

/// A place in a row; `x` is the middle of its box, words or line.
pub(super) struct Spot {
    pub row: usize,
    pub x: f64,
    /// What has to be free on both sides of `x`, with the distance to the neighbours.
    pub left: f64,
    pub right: f64,
    /// The same without that distance.
    pub inner: (f64, f64),
    pub up: Vec<usize>,
    pub down: Vec<usize>,
}

/// Spots by their number: first the boxes in their order, then all others.
pub(super) struct Net {
    pub spots: Vec<Spot>,
    pub rows: Vec<Vec<usize>>,
    /// For each way the spots from its upper box to its lower one.
    pub chains: Vec<Vec<usize>>,
    /// For each way its words, and the spot at which they stand.
    pub labels: Vec<Option<(Label, usize)>>,
    pub boxes: usize,
}

impl Net {
    pub(super) fn new(boxes: &[PlacedBox<'_>], ways: &[Joined<'_>], layers: &[usize]) -> Self {
        let spots: Vec<Spot> = boxes
            .iter()
            .zip(layers)
            .map(|(placed, layer)| Spot::new(layer.saturating_mul(2), placed.width / 2.0, BOX_FREE_PX))
            .collect();
        let rows = layers.iter().max().map_or(0, |last| last.saturating_mul(2).saturating_add(1));
        let (labels, chains) = (Vec::with_capacity(ways.len()), Vec::with_capacity(ways.len()));
        let mut net = Self { boxes: spots.len(), spots, rows: vec![Vec::new(); rows], chains, labels };
        let mut builder = Builder { net: &mut net, shared: HashMap::new(), linked: HashSet::new() };
        ways.iter().for_each(|way| builder.add(way));
        net
    }

    pub(super) fn x(&self, spot: usize) -> f64 {
        self.spots.get(spot).map_or(0.0, |spot| spot.x)
    }

    pub(super) fn row_of(&self, spot: usize) -> usize {
        self.spots.get(spot).map_or(0, |spot| spot.row)
    }

    /// Joined spots stand in the order of their rows, once that is final: a box's ways meet it in this order.
    pub(super) fn sort_joined(&mut self) {
        let mut places = vec![0; self.spots.len()];
        for row in &self.rows {
            for (at, spot) in row.iter().enumerate() {
                if let Some(place) = places.get_mut(*spot) {
                    *place = at;
                }
            }
        }
        for spot in &mut self.spots {
            spot.up.sort_by_key(|other| places.get(*other));
            spot.down.sort_by_key(|other| places.get(*other));
        }
    }

    /// Where the way to `other` meets this spot, from its middle: at a box beside the others, elsewhere in the middle.
    pub(super) fn port(&self, spot: usize, other: usize, side: Side) -> f64 {
        if spot >= self.boxes {
            return 0.0;
        }
        let joined = self.beside(spot, side);
        let at = joined.iter().position(|o| *o == other).unwrap_or_default();
        let others = real(joined.len().saturating_sub(1));
        let apart = PORT_PX.min((BOX_PX - 2.0 * CORNER_PX) / others.max(1.0));
        (real(at) - others / 2.0) * apart
    }

    /// What a spot is joined to in the row above or below.
    pub(super) fn beside(&self, spot: usize, side: Side) -> &[usize] {
        self.spots.get(spot).map_or(&[], |spot| match side {
            Side::Up => &spot.up,
            Side::Down => &spot.down,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Up,
    Down,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

impl Spot {
    fn new(row: usize, half: f64, free: f64) -> Self {
        Self {
            row,
            x: 0.0,
            left: half + free,
            right: half + free,
            inner: (half, half),
            up: Vec::new(),
            down: Vec::new(),
        }
    }
}

struct Builder<'n> {
    net: &'n mut Net,
    /// Where the ways to a box pass a row, those down to it and those back to it.
    shared: HashMap<(usize, Course, usize), usize>,
    linked: HashSet<(usize, usize)>,
}

impl Builder<'_> {
    fn add(&mut self, way: &Joined<'_>) {
        let label = label(way);
        if way.course == Course::Loop {
            let room = LOOP_PX + label.as_ref().map_or(0.0, |label| label.width);
            if let Some(spot) = self.net.spots.get_mut(way.from) {
                spot.right += room;
                spot.inner.1 += room;
            }
            self.net.chains.push(vec![way.from]);
            self.net.labels.push(label.map(|label| (label, way.from)));
            return;
        }
        let is_back = way.course == Course::Back;
        let (upper, lower) = if is_back { (way.to, way.from) } else { (way.from, way.to) };
        let (first, last) = (self.net.row_of(upper), self.net.row_of(lower));
        // Its words stand where it begins.
        let words_at = if is_back { last.saturating_sub(1) } else { first.saturating_add(1) };
        let mut chain = vec![upper];
        for row in first.saturating_add(1)..last {
            chain.push(if row == words_at {
                let half = label.as_ref().map_or(0.0, |label| label.width / 2.0);
                let free = if label.is_some() { LABEL_FREE_PX } else { PASS_FREE_PX };
                self.push(Spot::new(row, half, free))
            } else {
                self.pass(way, row)
            });
        }
        chain.push(lower);
        for (above, below) in chain.iter().zip(chain.iter().skip(1)) {
            self.link(*above, *below);
        }
        let words = chain.iter().copied().find(|spot| self.net.row_of(*spot) == words_at);
        self.net.labels.push(label.zip(words));
        self.net.chains.push(chain);
    }

    fn push(&mut self, spot: Spot) -> usize {
        self.net.spots.push(spot);
        self.net.spots.len().saturating_sub(1)
    }

    fn pass(&mut self, way: &Joined<'_>, row: usize) -> usize {
        let key = (way.to, way.course, row);
        if let Some(known) = self.shared.get(&key) {
            return *known;
        }
        let spot = self.push(Spot::new(row, 0.0, PASS_FREE_PX));
        self.shared.insert(key, spot);
        spot
    }

    fn link(&mut self, above: usize, below: usize) {
        if !self.linked.insert((above, below)) {
            return;
        }
        if let Some(spot) = self.net.spots.get_mut(above) {
            spot.down.push(below);
        }
        if let Some(spot) = self.net.spots.get_mut(below) {
            spot.up.push(above);
        }
    }
}
