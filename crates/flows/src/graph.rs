//! A flow as a drawing: its boxes and ways, where they stand (`layout`), as a picture (`svg`), and as Mermaid text,
//! which GitHub, GitLab and most wikis show as a picture of their own.
//!
//! A person can be reached from every step, so that way is not drawn.

mod icons;
pub mod layout;
pub mod svg;
mod text;

use std::fmt::Write as _;

use crate::{
    check::walk,
    format::{Flow, Language, Step, StepId},
};

/// Who looks at a drawing wants to know which text it is; the whole stands in the file.
const TEXT_CHARS_MAX: usize = 200;
/// A text in a box of Mermaid's is cut here.
const LABEL_CHARS_MAX: usize = 60;

/// A step, as it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Box<'f> {
    pub step: &'f StepId,
    /// `ask`, `say`, `check` …
    pub kind: &'static str,
    /// What a question is for: `photo`, `choice` …
    pub wants: Option<&'static str>,
    /// What it does or says; a long text is cut.
    pub text: String,
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
        wants: if let Step::Ask(ask) = what { Some(walk::medium_key(&ask.wanted)) } else { None },
        text: crate::engine::clip(&words(what, language), TEXT_CHARS_MAX),
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
    for Box { step, kind, wants, text } in boxes {
        let (open, close) = shape(kind);
        let sign = wants.map_or_else(String::new, |wants| format!("{} ", sign(wants)));
        let label = label(&format!("{sign}{text}"));
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

fn words(step: &Step, language: Language) -> String {
    match step {
        Step::Say(say) => say.text.get(language).to_owned(),
        Step::Ask(ask) => ask.text.get(language).to_owned(),
        Step::Check(check) => match check.cases.len() {
            1 => "One case, or else".to_owned(),
            cases => format!("The first that fits of {cases} cases"),
        },
        Step::LookUp(look_up) => format!("Look up {}", look_up.save),
        Step::Suggest(suggest) => format!("Article for {}", suggest.query),
        Step::Act(act) => match act.deeds.0.len() {
            1 => "One change to the ticket".to_owned(),
            deeds => format!("{deeds} changes to the ticket"),
        },
        Step::Wait(wait) => format!("Wait {}", wait.span),
        Step::HandOver(hand_over) => {
            format!("A person: {}", hand_over.team.as_deref().unwrap_or(&hand_over.why))
        }
        Step::Bot(bot) => format!("Bot {}", bot.name),
        Step::End(end) => end.text.get(language).to_owned(),
    }
}

fn sign(wants: &str) -> &'static str {
    match wants {
        "photo" => "📷",
        "video" => "🎬",
        "voice" => "🎤",
        "document" => "📄",
        "location" => "📍",
        "choice" => "☰",
        "number" => "🔢",
        "date" => "📅",
        _ => "✎",
    }
}

fn label(text: &str) -> String {
    crate::engine::clip(&text.replace('"', "'").replace('\n', " "), LABEL_CHARS_MAX)
}
