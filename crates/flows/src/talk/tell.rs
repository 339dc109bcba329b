//! The lines of a talk as they are written down.

use std::{collections::BTreeMap, fmt::Write as _};

use model::outbound::{Choice, Outbound};

use super::script::Doing;
use crate::{engine::Action, format::Source};

pub(super) fn doing(doing: &Doing, title: Option<&str>) -> String {
    let title = title.map(|t| format!("  [{t}]")).unwrap_or_default();
    let line = match doing {
        Doing::Says(text) => format!("says: {text}"),
        Doing::Picks(id) => format!("picks: {id}{title}"),
        Doing::PicksOld(id) => format!("picks old: {id}{title}"),
        Doing::Location { latitude, longitude } => format!("location: {latitude}, {longitude}"),
        Doing::Sticker => "sticker".to_owned(),
        Doing::Sends { kind, name, as_document, caption } => {
            let word = kind.as_str().split(' ').next().unwrap_or_default();
            let document = if *as_document { " as document" } else { "" };
            let caption = caption.as_ref().map(|c| format!(": {c}")).unwrap_or_default();
            format!("{word} {name}{document}{caption}")
        }
        Doing::Judged { name, verdict, reason, side_px, findings, transcript } => {
            let mut line = format!("judged {name}: {}", word(verdict));
            let mut add = |part: String| {
                line.push(' ');
                line.push_str(&part);
            };
            reason.iter().for_each(|r| add(word(r)));
            side_px.iter().for_each(|s| add(format!("side={s}")));
            for finding in findings {
                let sure = if (finding.confidence - 0.9).abs() < 1e-6 {
                    String::new()
                } else {
                    format!("~{}", finding.confidence)
                };
                let value = finding.value.as_str().map_or_else(|| finding.value.to_string(), str::to_owned);
                add(format!("{}={value}{sure}", finding.kind));
            }
            transcript.iter().for_each(|t| add(format!("says={t}")));
            line
        }
        Doing::Fills(fields) => format!("fills: {}", quoted(fields)),
        Doing::Lost(name) => format!("lost {name}"),
        Doing::LookedUp(Some(values)) => format!("looked up: found {}", quoted(values)),
        Doing::LookedUp(None) => "looked up: missing".to_owned(),
        Doing::LookUpFails => "looked up: failed".to_owned(),
        Doing::Suggested(found) => format!("article: {}", if *found { "found" } else { "none" }),
        Doing::BotDone(solved) => format!("bot: {}", if *solved { "solved" } else { "person" }),
        Doing::Passes(span) => format!("passes: {span}"),
        Doing::PersonTakesOver => "person takes over".to_owned(),
        Doing::Withdraws => "withdraws".to_owned(),
    };
    format!("> {line}\n")
}

/// What we do, as lines; alarm clocks are not worth one.
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::Send(message) => sent(message),
        Action::OfferForm { form, otherwise, .. } => {
            format!("= offers the form {form}, or says:\n{}", sent(otherwise))
        }
        Action::ShowPicture(picture) => format!("< (picture {picture})\n"),
        Action::Schedule { .. } | Action::Went { .. } => String::new(),
        Action::LookUp { source, with, .. } => {
            format!("= looks up in {}: {}\n", source_name(source), pairs(with))
        }
        Action::Suggest { query, language, .. } => {
            format!("= looks for an article in {}: {query}\n", language.as_str())
        }
        Action::SetFields(fields) => format!("= sets {}\n", pairs(fields)),
        Action::AddTag(tag) => format!("= tags {tag}\n"),
        Action::SetPriority(priority) => format!("= priority {}\n", priority.as_str()),
        Action::SetTeam(team) => format!("= team {team}\n"),
        Action::Announce { name, with } if with.is_empty() => {
            format!("= tells another system of {name}\n")
        }
        Action::Announce { name, with } => format!("= tells another system of {name}: {}\n", pairs(with)),
        Action::HandOver(summary) => {
            let team = summary.team.as_ref().map(|t| format!(" to {t}")).unwrap_or_default();
            lines(&format!("= hands over{team}: "), "=   ", &summary.text)
        }
        Action::HandToBot { bot, .. } => format!("= hands to the bot {bot}\n"),
        Action::Helped(helped) => {
            format!("= the article {}\n", if *helped { "helped" } else { "did not help" })
        }
        Action::Solve => "= solved\n".to_owned(),
        Action::Rate(stars) => format!("= rated {stars} of 3\n"),
        Action::Withdraw => "= consent withdrawn\n".to_owned(),
    }
}

fn sent(message: &Outbound) -> String {
    let mut told = match message {
        Outbound::Template(t) => {
            lines(&format!("< (template {}) ", t.name), "<   ", t.preview.as_deref().unwrap_or_default())
        }
        other => lines("< ", "< ", other.text().unwrap_or_default()),
    };
    match message {
        Outbound::Buttons(buttons) => {
            let titles: Vec<String> = buttons.buttons.iter().map(|b| format!("[{}]", b.title)).collect();
            _ = writeln!(told, "<   {}", titles.join(" "));
        }
        Outbound::List(list) => {
            for row in list.sections.iter().flat_map(|s| &s.rows) {
                _ = writeln!(told, "<   {}", row_text(row));
            }
        }
        Outbound::LocationRequest { .. } => told.push_str("<   [📍]\n"),
        _ => {}
    }
    told
}

fn row_text(row: &Choice) -> String {
    let description = row.description.as_ref().map(|d| format!(" – {d}")).unwrap_or_default();
    format!("· {}{description}", row.title)
}

fn lines(first: &str, others: &str, text: &str) -> String {
    let mut told = String::new();
    for (n, line) in text.trim_end().lines().enumerate() {
        let line = format!("{}{line}", if n == 0 { first } else { others });
        told.push_str(line.trim_end());
        told.push('\n');
    }
    told
}

fn pairs(fields: &BTreeMap<String, String>) -> String {
    fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
}

fn source_name(source: &Source) -> &str {
    match source {
        Source::Payment => "payments",
        Source::Article => "articles",
        other => other.in_words(),
    }
}

/// What a script can read again: a value with a blank stands in quotes.
fn quoted(fields: &BTreeMap<String, String>) -> String {
    let each = |(key, value): (&String, &String)| match value.contains(char::is_whitespace) {
        true => format!("{key}=\"{value}\""),
        false => format!("{key}={value}"),
    };
    fields.iter().map(each).collect::<Vec<_>>().join(" ")
}

fn word(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(|n| n.as_str()).unwrap_or_default().to_owned()
}
