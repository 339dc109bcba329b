//! The ways through a flow: every step can be reached, leads somewhere, and no circle is without an exit.

use std::collections::BTreeSet;

use super::{Findings, walk};
use crate::{
    engine::STEPS_MAX,
    format::{Flow, Step, StepId, Wanted, path::Path},
};

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    let steps = Path::default().key("steps");
    let Some(first) = flow.first() else {
        return found.add(&steps, "a flow needs at least one step; add one below `steps:`");
    };
    dead_ends(flow, found);
    let reached = closure(flow, first);
    let ending = ending(flow);
    for (id, _) in &flow.steps.0 {
        let path = steps.key(id.as_str());
        if !reached.contains(id) {
            found.add(&path, format!("no step leads to `{id}`; name it in a `then:`, or take it out"));
        } else if !ending.contains(id) {
            let said = format!("from `{id}` no way leads to an end; let one lead to `end` or `hand_over`");
            found.add(&path, said);
        } else if silent_circle(flow, id) {
            let said = format!(
                "from `{id}` the flow turns in a circle without asking; let one step of it ask or wait"
            );
            found.add(&path, said);
        }
    }
    silent_length(flow, found);
}

/// A last step that goes on to the one below.
fn dead_ends(flow: &Flow, found: &mut Findings<'_>) {
    let Some((id, step)) = flow.steps.0.last() else { return };
    if walk::exits(id, step).iter().any(|exit| exit.to.is_none()) {
        let said = format!("`{id}` is the last step and leads nowhere; add `then:` with the name of a step");
        found.add(&Path::default().key("steps").key(id.as_str()), said);
    }
}

fn next<'f>(flow: &'f Flow, id: &'f StepId) -> Vec<&'f StepId> {
    let Some(step) = flow.step(id) else { return Vec::new() };
    walk::exits(id, step).into_iter().filter_map(|exit| exit.to.or_else(|| flow.below(id))).collect()
}

/// Everything that can be reached from `start`.
fn closure<'f>(flow: &'f Flow, start: &'f StepId) -> BTreeSet<&'f StepId> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(next(flow, id));
        }
    }
    reached
}

/// The steps from which an end can be reached.
fn ending(flow: &Flow) -> BTreeSet<&StepId> {
    let mut ending: BTreeSet<&StepId> = flow
        .steps
        .0
        .iter()
        .filter(|(_, step)| matches!(step, Step::End(_) | Step::HandOver(_)))
        .map(|(id, _)| id)
        .collect();
    loop {
        let more: Vec<&StepId> = flow
            .steps
            .0
            .iter()
            .map(|(id, _)| id)
            .filter(|id| !ending.contains(id) && next(flow, id).iter().any(|to| ending.contains(to)))
            .collect();
        if more.is_empty() {
            return ending;
        }
        ending.extend(more);
    }
}

/// Whether the run stands still at the step until something happens.
const fn waits(step: &Step) -> bool {
    !matches!(step, Step::Say(_) | Step::Check(_) | Step::Act(_))
}

fn silent_circle(flow: &Flow, id: &StepId) -> bool {
    let mut reached = BTreeSet::new();
    let mut open = silently_next(flow, id);
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(silently_next(flow, id));
        }
    }
    reached.contains(id)
}

/// Where the flow may go on from `id` without waiting: a choice without options is not asked, a time that has passed
/// not waited for.
fn silently_next<'f>(flow: &'f Flow, id: &'f StepId) -> Vec<&'f StepId> {
    match flow.step(id) {
        Some(Step::Ask(ask)) => match &ask.wanted {
            Wanted::Choice(choice) => choice.none.iter().collect(),
            _ => Vec::new(),
        },
        Some(Step::Wait(wait)) => wait.passed.iter().collect(),
        Some(step) if !waits(step) => next(flow, id),
        _ => Vec::new(),
    }
}

/// More silent steps in a row than the engine walks for one event.
fn silent_length(flow: &Flow, found: &mut Findings<'_>) {
    let silent = flow.steps.0.iter().filter(|(_, step)| !waits(step)).count();
    let most = usize::try_from(STEPS_MAX).unwrap_or(usize::MAX) / 2;
    let mut row = 0;
    for (id, step) in &flow.steps.0 {
        row = if waits(step) { 0 } else { row + 1 };
        if row > most && silent > most {
            let said = format!("more than {most} steps in a row ask nothing; put some of them together");
            return found.add(&Path::default().key("steps").key(id.as_str()), said);
        }
    }
}
