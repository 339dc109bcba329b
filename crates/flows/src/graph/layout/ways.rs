//! Several ways between the same two steps are one; which of them lead back; and in which layer each step stands.

use std::collections::HashMap;

use crate::{
    format::StepId,
    graph::{Box, Way},
};

/// All ways from a box to another, by their places in the list of boxes.
pub(super) struct Joined<'f> {
    pub from: usize,
    pub to: usize,
    pub ids: (&'f StepId, &'f StepId),
    pub whens: Vec<String>,
    /// One of them needs nothing to happen.
    pub is_also_plain: bool,
    pub went: i64,
    pub course: Course,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Course {
    Down,
    /// Closes a circle, seen from the first step.
    Back,
    /// From a box to itself.
    Loop,
}

impl Joined<'_> {
    /// `or` where the same way is also the usual one.
    pub(super) fn when(&self) -> String {
        let words = self.whens.join(", ").replace('_', " ");
        if self.is_also_plain && !words.is_empty() { format!("or {words}") } else { words }
    }
}

pub(super) fn join<'f>(
    boxes: &[Box<'f>],
    ways: &[Way<'f>],
    went: &dyn Fn(&StepId, &StepId) -> i64,
) -> Vec<Joined<'f>> {
    let places: HashMap<&StepId, usize> = boxes.iter().enumerate().map(|(at, b)| (b.step, at)).collect();
    let mut joined: Vec<Joined<'f>> = Vec::new();
    let mut known: HashMap<(usize, usize), usize> = HashMap::new();
    for way in ways {
        let (Some(&from), Some(&to)) = (places.get(way.from), places.get(way.to)) else { continue };
        let at = *known.entry((from, to)).or_insert_with(|| {
            joined.push(Joined {
                from,
                to,
                ids: (way.from, way.to),
                whens: Vec::new(),
                is_also_plain: false,
                went: went(way.from, way.to),
                course: if from == to { Course::Loop } else { Course::Down },
            });
            joined.len().saturating_sub(1)
        });
        let Some(one) = joined.get_mut(at) else { continue };
        if way.when.is_empty() {
            one.is_also_plain = true;
        } else if !one.whens.contains(&way.when) {
            one.whens.push(way.when.clone());
        }
    }
    turn_back(boxes.len(), &mut joined);
    joined
}

/// The ways from each box, in their order.
fn exits(boxes: usize, ways: &[Joined<'_>]) -> Vec<Vec<usize>> {
    let mut exits = vec![Vec::new(); boxes];
    for (at, way) in ways.iter().enumerate() {
        if let Some(of) = exits.get_mut(way.from) {
            of.push(at);
        }
    }
    exits
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// On the walk from the first step to where we are.
    Open,
    Done,
}

/// Walks from the first step and marks the ways that close a circle. Not by recursion: a flow may be a long chain.
fn turn_back(boxes: usize, ways: &mut [Joined<'_>]) {
    let exits = exits(boxes, ways);
    let mut seen = vec![Seen::Not; boxes];
    for first in 0..boxes {
        if seen.get(first) != Some(&Seen::Not) {
            continue;
        }
        let mut walk = vec![(first, 0)];
        set(&mut seen, first, Seen::Open);
        while let Some((at, tried)) = walk.pop() {
            let Some(&exit) = exits.get(at).and_then(|exits| exits.get(tried)) else {
                set(&mut seen, at, Seen::Done);
                continue;
            };
            walk.push((at, tried.saturating_add(1)));
            let Some(way) = ways.get_mut(exit) else { continue };
            match seen.get(way.to) {
                Some(Seen::Open) if way.course == Course::Down => way.course = Course::Back,
                Some(Seen::Not) => {
                    set(&mut seen, way.to, Seen::Open);
                    walk.push((way.to, 0));
                }
                _ => {}
            }
        }
    }
}

fn set(seen: &mut [Seen], at: usize, to: Seen) {
    if let Some(of) = seen.get_mut(at) {
        *of = to;
    }
}

/// For each box the length of the longest way from a first step, without those that lead back.
pub(super) fn layers(boxes: usize, ways: &[Joined<'_>]) -> Vec<usize> {
    let exits = exits(boxes, ways);
    let downs = || ways.iter().filter(|way| way.course == Course::Down);
    let mut above = vec![0_usize; boxes];
    for way in downs() {
        if let Some(of) = above.get_mut(way.to) {
            *of = of.saturating_add(1);
        }
    }
    let mut layers = vec![0_usize; boxes];
    let mut ready: Vec<usize> =
        above.iter().enumerate().filter(|(_, ways)| **ways == 0).map(|(at, _)| at).collect();
    while let Some(at) = ready.pop() {
        let next = layers.get(at).copied().unwrap_or(0).saturating_add(1);
        for way in exits.get(at).into_iter().flatten().filter_map(|exit| ways.get(*exit)) {
            if way.course != Course::Down {
                continue;
            }
            let (Some(layer), Some(left)) = (layers.get_mut(way.to), above.get_mut(way.to)) else { continue };
            *layer = next.max(*layer);
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.push(way.to);
            }
        }
    }
    layers
}
