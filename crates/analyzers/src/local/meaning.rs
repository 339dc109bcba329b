//! What recognised text means: error codes, numbers of things and of parcels, amounts, dates, addresses of machines.
//!
//! Pure functions over lines of text. The rules are data (`rules/*.toml`): a pattern, the words that stand near it,
//! the arithmetic that proves it, the sentence that says why. Nothing here sees a picture or a network.

pub mod mrz;

mod amount;
mod date;
mod normal;
pub(crate) mod phone;
mod rules;

use std::{cmp::Ordering, slice};

use model::finding::{Finding, Region};
use serde_json::Value;

pub(crate) use self::amount::decimal;
use self::rules::{Match, Rule, rules};
use super::TextLine;
use super::page::{Page, Span, Taken};

pub const ANALYZER: &str = "local.meaning";
/// Changes whenever the same text may be understood differently.
pub const VERSION: &str = "2";

/// More than any picture means; a page of nothing but numbers is cut off here.
const FINDINGS_MAX: usize = 500;

/// Everything the rules recognise, in reading order. `locale` is the language the desk or the text speaks
/// (BCP 47): it decides what `$` and 03/04/2026 mean where nothing else does.
pub fn find(lines: &[TextLine], locale: Option<&str>) -> Vec<Finding> {
    let page = Page::new(lines);
    let mut findings: Vec<Finding> = found(&page, locale, |kind| kind.starts_with("entity."))
        .into_iter()
        .take(FINDINGS_MAX)
        .map(|found| {
            let region = page.region(&found.span, 0.0);
            finding(found, region)
        })
        .collect();
    findings.extend(mrz::zones(&page).into_iter().map(|zone| zone.finding(&page)));
    findings
}

/// Something a rule found, and where.
pub(crate) struct Found {
    pub(crate) kind: &'static str,
    pub(crate) value: Value,
    pub(crate) confidence: f32,
    pub(crate) why: String,
    pub(crate) span: Span,
    /// The same text may be two things, as an e-mail address is inside a link: the surer one stays.
    rank: u32,
}

/// What the rules whose kind is `wanted` recognise, without two findings on one character.
pub(crate) fn found(page: &Page, locale: Option<&str>, wanted: impl Fn(&str) -> bool) -> Vec<Found> {
    let mut candidates = Vec::new();
    for rule in rules().iter().filter(|rule| wanted(&rule.kind)) {
        for index in 0..page.lines.len() {
            candidates.extend(
                rule.matches(page, index).into_iter().filter_map(|hit| judge(rule, hit, page, locale)),
            );
        }
    }
    if wanted("entity.amount") {
        candidates.extend(amount::in_columns(page, locale));
    }
    if wanted("entity.phone") {
        candidates.extend(phone::over_lines(page).into_iter().map(broken_phone));
    }
    candidates.sort_by(surest_first);
    let mut taken = Taken::default();
    candidates.retain(|candidate| taken.take(slice::from_ref(&candidate.span)));
    candidates.sort_by_key(|found| (found.span.line, found.span.chars.start));
    candidates
}

/// It goes before what the rules make of its first half.
fn broken_phone(split: phone::Split) -> Found {
    let [span, _] = split.spans;
    Found {
        kind: "entity.phone",
        value: Value::String(split.number),
        confidence: 0.9,
        why: "a plus, a calling code and a number of plausible length, over two lines".to_owned(),
        span,
        rank: 7,
    }
}

fn surest_first(left: &Found, right: &Found) -> Ordering {
    let length = |found: &Found| found.span.chars.len();
    right
        .rank
        .cmp(&left.rank)
        .then(right.confidence.total_cmp(&left.confidence))
        .then(length(right).cmp(&length(left)))
}

/// The value a match stands for, or nothing if its arithmetic fails.
fn judge(rule: &'static Rule, hit: Match, page: &Page, locale: Option<&str>) -> Option<Found> {
    let text = page.text(&hit.span);
    let normal = rule.normalise(text, locale)?;
    let line = page.lines.get(hit.span.line)?;
    // A check digit that agrees is as good as the reader's word; without one the reader may have erred.
    let read = if rule.is_proved() { 1.0 } else { 0.6 + 0.4 * line.confidence };
    let mut why = rule.why.clone();
    if let Some(word) = &hit.word {
        why = format!("{why}; near the word “{word}”");
    }
    if let Some(note) = normal.note {
        why = format!("{why}; {note}");
    }
    Some(Found {
        kind: &rule.kind,
        value: normal.value,
        confidence: round(hit.confidence * normal.certainty * read),
        why,
        span: hit.span,
        rank: rule.rank,
    })
}

fn finding(found: Found, region: Option<Region>) -> Finding {
    Finding {
        kind: found.kind.to_owned(),
        value: found.value,
        confidence: found.confidence,
        region,
        why: found.why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

/// Two decimals are all that such a number is worth.
pub(crate) fn round(confidence: f32) -> f32 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
