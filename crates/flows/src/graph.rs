//! A flow as a drawing: Mermaid text, which GitHub, GitLab and most wikis show as a picture.
//!
//! A person can be reached from every step, so that way is not drawn.

use std::fmt::Write as _;

use crate::{
    check::walk,
    format::{Flow, Language, Step, StepId, Wanted},
};

/// A text in a box is cut here.
const LABEL_CHARS_MAX: usize = 60;

/// A step, as it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Box<'f> {
    pub step: &'f StepId,
    /// `ask`, `say`, `check` …
    pub kind: &'static str,
    pub label: String,
}

/// A way from a step to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way<'f> {
    pub from: &'f StepId,
    pub to: &'f StepId,
    /// What has to happen; empty when nothing has to.
    pub when: String,
}

/// Steps and ways in the order of the file, the texts in `language`.
pub fn draw(flow: &Flow, language: Language) -> (Vec<Box<'_>>, Vec<Way<'_>>) {
    let steps = &flow.steps.0;
    let boxes = steps.iter().map(|(step, what)| Box {
        step,
        kind: walk::kind(what),
        label: label(&text(what, language)),
    });
    let ways = steps.iter().flat_map(|(from, step)| {
        walk::exits(from, step).into_iter().filter_map(move |exit| {
            Some(Way { from, to: exit.to.or_else(|| flow.below(from))?, when: label(&exit.when) })
        })
    });
    (boxes.collect(), ways.collect())
}

/// The flow as Mermaid, its texts in `language`.
pub fn mermaid(flow: &Flow, language: Language) -> String {
    let mut drawn = String::from("flowchart TD\n");
    // Writing to a string does not fail.
    if let Some(first) = flow.first() {
        _ = writeln!(drawn, "  start(({})) --> {first}_", label(flow.flow.as_str()));
    }
    let (boxes, ways) = draw(flow, language);
    for Box { step, kind, label } in boxes {
        let (open, close) = shape(kind);
        // `end` is a word of Mermaid's own: every name gets a tail.
        _ = writeln!(drawn, "  {step}_{open}\"{label}\"{close}");
        for way in ways.iter().filter(|way| way.from == step) {
            let when = if way.when.is_empty() { String::new() } else { format!("|\"{}\"|", way.when) };
            _ = writeln!(drawn, "  {step}_ -->{when} {}_", way.to);
        }
    }
    drawn
}

fn shape(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "check" => ("{", "}"),
        "ask" | "suggest" => ("([", "])"),
        "look_up" | "bot" => ("[[", "]]"),
        "hand_over" | "end" => ("(((", ")))"),
        _ => ("[", "]"),
    }
}

fn text(step: &Step, language: Language) -> String {
    match step {
        Step::Say(say) => say.text.get(language).to_owned(),
        Step::Ask(ask) => format!("{} {}", icon(&ask.wanted), ask.text.get(language)),
        Step::Check(check) => match check.cases.len() {
            1 => "check".to_owned(),
            cases => format!("check, {cases} cases"),
        },
        Step::LookUp(look_up) => format!("look up {}", look_up.save),
        Step::Suggest(suggest) => format!("article for {}", suggest.query),
        Step::Act(act) => format!("act, {} deeds", act.deeds.0.len()),
        Step::Wait(wait) => format!("wait {}", wait.span),
        Step::HandOver(hand_over) => {
            format!("a person: {}", hand_over.team.as_deref().unwrap_or(&hand_over.why))
        }
        Step::Bot(bot) => format!("bot {}", bot.name),
        Step::End(end) => end.text.get(language).to_owned(),
    }
}

const fn icon(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Photo(_) => "📷",
        Wanted::Video(_) => "🎬",
        Wanted::Voice(_) => "🎤",
        Wanted::Document(_) => "📄",
        Wanted::Location(_) => "📍",
        Wanted::Choice(_) => "☰",
        Wanted::Number(_) => "🔢",
        Wanted::Date(_) => "📅",
        Wanted::Text(_) => "✎",
    }
}

fn label(text: &str) -> String {
    crate::engine::clip(&text.replace('"', "'").replace('\n', " "), LABEL_CHARS_MAX)
}
