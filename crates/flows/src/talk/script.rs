//! The `>` lines of a talk.

use std::collections::BTreeMap;

use model::finding::{Finding, Reason, Verdict};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::format::{MediumKind, Span, hint};

/// What somebody does.
#[derive(Clone, PartialEq, Debug)]
pub enum Doing {
    Says(String),
    /// An option of the newest question, by its id; `more` turns the page.
    Picks(String),
    /// An option of an earlier question.
    PicksOld(String),
    Location {
        latitude: f64,
        longitude: f64,
    },
    Sticker,
    Sends {
        kind: MediumKind,
        name: String,
        as_document: bool,
        caption: Option<String>,
    },
    Judged {
        name: String,
        verdict: Verdict,
        reason: Option<Reason>,
        side_px: Option<u32>,
        findings: Vec<Finding>,
        transcript: Option<String>,
    },
    /// A form comes back: words by the name of their answer, `@a` for a photo called `a`.
    Fills(BTreeMap<String, String>),
    Lost(String),
    LookedUp(Option<BTreeMap<String, String>>),
    LookUpFails,
    Suggested(bool),
    BotDone(bool),
    Passes(Span),
    PersonTakesOver,
    Withdraws,
}

const WORDS: [&str; 18] = [
    "says",
    "picks",
    "picks old",
    "location",
    "sticker",
    "photo",
    "video",
    "voice",
    "document",
    "judged",
    "fills",
    "lost",
    "looked up",
    "article",
    "bot",
    "passes",
    "person takes over",
    "withdraws",
];

pub(super) fn read(line: &str) -> Result<Doing, String> {
    let (head, tail) = line.split_once(':').map_or((line, ""), |(h, t)| (h.trim(), t.trim()));
    // The title that a replay writes behind an option is for readers only.
    let option = || tail.split_whitespace().next().map(str::to_owned).ok_or("name the option by its id");
    Ok(match head {
        "says" => Doing::Says(tail.to_owned()),
        "picks" => Doing::Picks(option()?),
        "picks old" => Doing::PicksOld(option()?),
        "location" => {
            let (latitude, longitude) = tail.split_once(',').ok_or("write `location: 45.1, 9.2`")?;
            let degrees = |t: &str| t.trim().parse().map_err(|_| "write `location: 45.1, 9.2`");
            Doing::Location { latitude: degrees(latitude)?, longitude: degrees(longitude)? }
        }
        "sticker" => Doing::Sticker,
        "fills" => Doing::Fills(named(tail)),
        "looked up" => looked_up(tail)?,
        "article" => Doing::Suggested(tail == "found"),
        "bot" => Doing::BotDone(tail == "solved"),
        "passes" => Doing::Passes(Span::parse(tail).ok_or("write a time like `passes: 2h`")?),
        "person takes over" => Doing::PersonTakesOver,
        "withdraws" => Doing::Withdraws,
        _ => return file(head, tail),
    })
}

fn file(head: &str, tail: &str) -> Result<Doing, String> {
    let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
    let kind = match word {
        "photo" => MediumKind::Photo,
        "video" => MediumKind::Video,
        "voice" => MediumKind::Voice,
        "document" => MediumKind::Document,
        "judged" => return judged(rest.trim(), tail),
        "lost" => return Ok(Doing::Lost(rest.trim().to_owned())),
        _ => return Err(format!("unknown doing `{head}`{}", hint(head, WORDS))),
    };
    let (name, as_document) = match rest.trim().strip_suffix("as document") {
        Some(name) => (name.trim(), true),
        None => (rest.trim(), false),
    };
    if name.is_empty() {
        return Err(format!("name the file, such as `{word} a`"));
    }
    let caption = (!tail.is_empty()).then(|| tail.to_owned());
    Ok(Doing::Sends { kind, name: name.to_owned(), as_document, caption })
}

/// `usable`, `doubtful glare`, `retake too_dark`, then `side=800`, `entity.serial=AB12`, `says=…` (to the end).
fn judged(name: &str, tail: &str) -> Result<Doing, String> {
    let (tail, transcript) = match tail.split_once("says=") {
        Some((tail, words)) => (tail, Some(words.trim().to_owned())),
        None => (tail, None),
    };
    let mut verdict = Verdict::Usable;
    let (mut reason, mut side_px, mut findings) = (None, None, Vec::new());
    for word in tail.split_whitespace() {
        match word.split_once('=') {
            Some(("side", side)) => side_px = side.parse().ok(),
            Some((kind, value)) => findings.push(finding(kind, value)),
            None => match (known::<Verdict>(word), known::<Reason>(word)) {
                (Some(v), _) => verdict = v,
                (_, Some(r)) => reason = Some(r),
                _ => return Err(format!("`{word}` is neither a verdict nor a reason")),
            },
        }
    }
    Ok(Doing::Judged { name: name.to_owned(), verdict, reason, side_px, findings, transcript })
}

fn known<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

/// `entity.serial=AB12~0.4` is an unsure one.
fn finding(kind: &str, value: &str) -> Finding {
    let (value, confidence) = match value.split_once('~') {
        Some((value, sure)) => (value, sure.parse().unwrap_or(1.0)),
        None => (value, 0.9),
    };
    // `mrz={"valid":true}`, without blanks, is more than one value.
    let parts = value.starts_with('{').then(|| serde_json::from_str(value).ok()).flatten();
    Finding {
        kind: kind.to_owned(),
        value: parts.unwrap_or_else(|| Value::String(value.to_owned())),
        confidence,
        region: None,
        why: "written in the talk".to_owned(),
        analyzer: "talk".to_owned(),
        version: "1".to_owned(),
    }
}

/// The words of a line; what stands in quotes is one, without them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in line.chars().chain([' ']) {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty())),
            _ => word.push(c),
        }
    }
    words
}

/// `key=value key="more words"`
fn named(line: &str) -> BTreeMap<String, String> {
    let words = words(line);
    words.iter().filter_map(|w| w.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn looked_up(tail: &str) -> Result<Doing, String> {
    let (word, rest) = tail.split_once(' ').unwrap_or((tail, ""));
    match word {
        "found" => Ok(Doing::LookedUp(Some(named(rest)))),
        "missing" => Ok(Doing::LookedUp(None)),
        "failed" => Ok(Doing::LookUpFails),
        _ => {
            Err("write `looked up: found key=value`, `looked up: missing` or `looked up: failed`".to_owned())
        }
    }
}
