//! What the person who takes over reads first: why, what was answered, what was sent, what else was said.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    action::{Summary, Why},
    run::{Glimpse, Medium, clip},
    turn::Turn,
};
use crate::format::{Flow, Source, Step, Wanted};

/// A ticket's first note is read, not scrolled.
const TEXT_CHARS_MAX: usize = 4_000;

pub(super) fn write(turn: &Turn<'_>, why: Why, team: Option<String>, said: Option<String>) -> Summary {
    let run = &turn.run;
    let told = run.answers.iter().filter(|(name, _)| !is_for_the_customer(turn.flow, name));
    let answers: BTreeMap<String, String> = told.map(|(n, a)| (n.clone(), a.in_words())).collect();
    let text = clip(&text(turn, why, said.as_deref(), &answers), TEXT_CHARS_MAX);
    Summary {
        flow: run.flow.clone(),
        flow_version: run.flow_version,
        language: run.language,
        why,
        team,
        answers,
        media: run.media.iter().map(|m| m.id.clone()).collect(),
        text,
    }
}

/// Options that were not chosen, and a link that lets whoever has it in.
fn is_for_the_customer(flow: &Flow, name: &str) -> bool {
    let Some((save, _)) = name.split_once('.') else { return false };
    flow.steps.0.iter().any(|(_, step)| match step {
        Step::LookUp(l) => l.save == save && matches!(l.source, Source::Link(_)),
        Step::Ask(ask) => matches!(&ask.wanted, Wanted::Choice(c) if c.from.as_deref() == Some(save)),
        _ => false,
    })
}

fn text(turn: &Turn<'_>, why: Why, said: Option<&str>, answers: &BTreeMap<String, String>) -> String {
    let run = &turn.run;
    let mut text = said.unwrap_or_else(|| why.sentence()).to_owned();
    let mut line = |what: std::fmt::Arguments<'_>| {
        text.push('\n');
        // Writing to a string does not fail.
        _ = text.write_fmt(what);
    };
    line(format_args!("Flow: {} {}, in {}", run.flow, run.flow_version, run.language.in_english()));
    if let super::At::On(stay) = &run.at
        && why != Why::Planned
    {
        line(format_args!("It stood at: {}", stay.step));
    }
    // Files are listed below, each with what was seen of it.
    let in_words = |name: &String| !matches!(run.answers.get(name), Some(super::Answer::Media(_)));
    let told = answers.iter().filter(|(name, _)| in_words(name) && !is_for_programs(name, answers));
    for (name, value) in told {
        let name = name.strip_suffix(".title").unwrap_or(name);
        line(format_args!("{}: {}", name.replace('_', " "), value));
    }
    for (number, medium) in run.media.iter().enumerate() {
        line(format_args!("file {}: {}", number + 1, about(medium)));
    }
    for note in &run.notes {
        line(format_args!("also said: {note}"));
    }
    if run.is_unsaid {
        line(format_args!("Something could not be said: the customer last wrote more than 24 hours ago."));
    }
    text
}

/// An id that has a title beside it, the id of a visit, a time for an alarm clock.
fn is_for_programs(name: &str, answers: &BTreeMap<String, String>) -> bool {
    let has_title = answers.contains_key(&format!("{name}.title"));
    has_title || name.ends_with(".visit") || name.ends_with(".over_at")
}

fn about(medium: &Medium) -> String {
    let kind = medium.kind.map_or("file", crate::format::MediumKind::as_str);
    let Some(seen) = &medium.judged else { return format!("{kind}, not judged yet") };
    let verdict = match (seen.verdict, seen.reason) {
        (model::finding::Verdict::Usable, _) => "usable".to_owned(),
        (verdict, Some(reason)) => format!("{}, {}", word(&verdict), word(&reason)),
        (verdict, None) => word(&verdict),
    };
    // A part of what stands there as a whole says nothing new.
    let is_part = |kind: &str| {
        seen.findings
            .iter()
            .any(|g| kind.strip_prefix(g.kind.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    let whole = seen.findings.iter().filter(|g| !is_part(&g.kind));
    let read: Vec<String> = whole.filter_map(told).collect();
    if read.is_empty() {
        format!("{kind}, {verdict}")
    } else {
        format!("{kind}, {verdict}; {}", read.join(", "))
    }
}

/// A finding as people read it; `None` for what the verdict says already, or what says nothing.
fn told(glimpse: &Glimpse) -> Option<String> {
    let (kind, value) = (glimpse.kind.as_str(), glimpse.value.as_str());
    let said = match kind {
        "seen.exact" => format!("the very same file came before: {value}"),
        "picture.kind" if matches!(value, "object" | "other") => return None,
        "picture.kind" => value.replace('_', " "),
        _ if kind.starts_with("quality.") => return None,
        _ if kind.starts_with("seen.") => format!("one like it came before: {value}"),
        _ => {
            let name = kind.strip_prefix("entity.").unwrap_or(kind);
            format!("{} {value}", name.replace(['.', '_'], " "))
        }
    };
    Some(said.trim_end().to_owned())
}

/// `out_of_focus` as people read it.
fn word(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(|n| n.as_str()).unwrap_or_default().replace('_', " ")
}
