//! A flow as a drawing: Mermaid text, which GitHub, GitLab and most wikis show as a picture.
//!
//! A person can be reached from every step, so that way is not drawn.

use std::fmt::Write as _;

use crate::{
    check::walk,
    format::{Flow, Language, Step, Wanted},
};

/// A text in a box is cut here.
const LABEL_CHARS_MAX: usize = 60;

/// The flow as Mermaid, its texts in `language`.
pub fn mermaid(flow: &Flow, language: Language) -> String {
    let mut drawn = String::from("flowchart TD\n");
    // Writing to a string does not fail.
    if let Some(first) = flow.first() {
        _ = writeln!(drawn, "  start(({})) --> {first}_", label(flow.flow.as_str()));
    }
    for (id, step) in &flow.steps.0 {
        let (open, close) = shape(step);
        // `end` is a word of Mermaid's own: every name gets a tail.
        _ = writeln!(drawn, "  {id}_{open}\"{}\"{close}", label(&text(step, language)));
        for exit in walk::exits(id, step) {
            let Some(to) = exit.to.or_else(|| flow.below(id)) else { continue };
            let when =
                if exit.when.is_empty() { String::new() } else { format!("|\"{}\"|", label(&exit.when)) };
            _ = writeln!(drawn, "  {id}_ -->{when} {to}_");
        }
    }
    drawn
}

const fn shape(step: &Step) -> (&'static str, &'static str) {
    match step {
        Step::Check(_) => ("{", "}"),
        Step::Ask(_) | Step::Suggest(_) => ("([", "])"),
        Step::LookUp(_) | Step::Bot(_) => ("[[", "]]"),
        Step::HandOver(_) | Step::End(_) => ("(((", ")))"),
        Step::Say(_) | Step::Act(_) | Step::Wait(_) => ("[", "]"),
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
