//! What a look-up is told and what is made of what it tells: keys that the source knows, and on every way a look-up
//! before the step that lives on it.

use std::collections::BTreeSet;

use super::{Findings, walk};
use crate::format::{Ask, Choice, Flow, LookUp, OfLink, Source, Step, StepId, Wanted, hint, path::Path};

/// The page of a `link: capture` is named so in a text.
const URL: &str = "url";

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    for (id, step) in &flow.steps.0 {
        let path = walk::settings_of(id, step);
        match step {
            Step::LookUp(look_up) => keys(look_up, &path, found),
            Step::Ask(ask) => match &ask.wanted {
                Wanted::Choice(choice) => given_options(flow, id, choice, &path, found),
                _ => taken_on_a_page(flow, id, ask, &path, found),
            },
            _ => {}
        }
    }
}

fn keys(look_up: &LookUp, path: &Path, found: &mut Findings<'_>) {
    let Some(keys) = look_up.source.keys() else { return };
    let (with, source) = (path.key("with"), look_up.source.in_words());
    for key in keys.needs.iter().filter(|key| !look_up.with.contains_key(**key)) {
        found.add(&with, format!("`{source}` has to know `{key}`; add `{key}: …` below `with:`"));
    }
    let known = || keys.needs.iter().chain(keys.takes).copied();
    for key in look_up.with.keys().filter(|key| !known().any(|k| k == key.as_str())) {
        found.add(&with.key(key), format!("`{source}` takes no `{key}`{}", hint(key, known())));
    }
}

fn given_options(flow: &Flow, id: &StepId, choice: &Choice, ask: &Path, found: &mut Findings<'_>) {
    let path = ask.key("for").key("choice");
    let Some(from) = &choice.from else {
        if choice.none.is_some() {
            found.add(&path.key("none"), "without `from:` there are always options; take `none:` out");
        }
        return;
    };
    if choice.none.is_none() {
        let said = "the look-up may give no option; add `none:` with the name of a step";
        found.add(&path.key("from"), said);
    }
    let sources: Vec<&Source> = sources(flow, from).collect();
    match sources.iter().find(|source| !source.gives_options()) {
        Some(source) => {
            let said = format!("`{}` gives no options; `visit: slots` and connectors do", source.in_words());
            found.add(&path.key("from"), said);
        }
        None if sources.is_empty() => found.add(&path.key("from"), no_look_up(flow, from)),
        None if can_come_without(flow, id, from, |_| true) => {
            found.add(&path.key("from"), not_before(id, from))
        }
        None => {}
    }
}

fn taken_on_a_page(flow: &Flow, id: &StepId, ask: &Ask, path: &Path, found: &mut Findings<'_>) {
    let Some(link) = by_link(ask) else { return };
    let at = path.key("for").key(walk::medium_key(&ask.wanted)).key("by_link");
    if matches!(ask.wanted, Wanted::Voice(_)) {
        found.add(&at, "the page has a camera and no microphone; ask for the voice note in the chat");
    }
    if ask.on_silence.is_none() {
        let said =
            "a link serves once and for a while; add `on_silence:` with the step that offers another one";
        found.add(path, said);
    }
    let gap = format!("{{{link}.{URL}}}");
    for (language, _) in ask.text.0.iter().filter(|(_, text)| !text.contains(&gap)) {
        found.add(
            &path.key("text").key(language.as_str()),
            format!("the customer needs the address of the page; put `{gap}` into this text"),
        );
    }
    let sources: Vec<&Source> = sources(flow, link).collect();
    if sources.is_empty() {
        found.add(&at, no_look_up(flow, link));
    } else if let Some(source) = sources.iter().find(|source| !is_capture(source)) {
        found.add(
            &at,
            format!("`{}` makes no page to take a picture on; `link: capture` does", source.in_words()),
        );
    } else if can_come_without(flow, id, link, is_capture) {
        found.add(&at, not_before(id, link));
    }
}

/// The name of the link by which a file comes.
pub(super) fn by_link(ask: &Ask) -> Option<&str> {
    match &ask.wanted {
        Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) => m.by_link.as_deref(),
        _ => None,
    }
}

/// Whether `text` shows the page on which what `ask` wants is taken.
pub(super) fn shows_page(ask: &Ask, text: &str) -> bool {
    by_link(ask).is_some_and(|link| text.contains(&format!("{{{link}.{URL}}}")))
}

const fn is_capture(source: &Source) -> bool {
    matches!(source, Source::Link(OfLink::Capture))
}

fn sources<'f>(flow: &'f Flow, save: &str) -> impl Iterator<Item = &'f Source> {
    flow.steps.0.iter().filter_map(move |(_, step)| match step {
        Step::LookUp(look_up) if look_up.save == save => Some(&look_up.source),
        _ => None,
    })
}

fn no_look_up(flow: &Flow, name: &str) -> String {
    let saves = flow.steps.0.iter().filter_map(|(_, step)| match step {
        Step::LookUp(look_up) => Some(look_up.save.as_str()),
        _ => None,
    });
    format!("no look-up saves as `{name}`{}", hint(name, saves.collect::<BTreeSet<_>>()))
}

fn not_before(id: &StepId, name: &str) -> String {
    format!(
        "a way leads to `{id}` on which `{name}` was not looked up and found; let every way come by `found:`"
    )
}

/// Whether `goal` can be reached while nothing that `serves` is known under `save`: a look-up brings it by its way
/// `found`, and by its other ways it is gone again.
fn can_come_without(flow: &Flow, goal: &StepId, save: &str, serves: impl Fn(&Source) -> bool) -> bool {
    let mut reached: BTreeSet<(&StepId, bool)> = BTreeSet::new();
    let mut open: Vec<(&StepId, bool)> = flow.first().map(|first| (first, false)).into_iter().collect();
    while let Some((id, has)) = open.pop() {
        let Some(step) = flow.step(id).filter(|_| reached.insert((id, has))) else { continue };
        match step {
            Step::LookUp(l) if l.save == save => {
                open.push((&l.found, serves(&l.source)));
                open.extend(
                    [Some(&l.missing), l.failed.as_ref()].into_iter().flatten().map(|to| (to, false)),
                );
            }
            _ => {
                let exits =
                    walk::exits(id, step).into_iter().filter_map(|exit| exit.to.or_else(|| flow.below(id)));
                open.extend(exits.map(|to| (to, has)));
            }
        }
    }
    reached.contains(&(goal, false))
}
