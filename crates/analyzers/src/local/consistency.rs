//! Contradictions in what a document says of itself: sums, check digits, dates.
//!
//! Only the cheap and sure ones, and only from text that was read well: a wrong accusation costs more than a
//! missed forgery. A receipt that cannot be understood whole is not judged.

mod dates;
mod receipt;

use model::finding::Finding;
use serde_json::Value;

use super::TextLine;
use super::check;
use super::meaning::{mrz, round};
use super::page::{Page, Span};
use super::personal::iban;

pub const ANALYZER: &str = "local.consistency";
/// Changes whenever the same text may be judged differently.
pub const VERSION: &str = "2";

/// Below this a reader may have erred in any digit, and nothing is said.
const READ_MIN: f32 = 0.9;

/// Something that contradicts itself, and the lines that do.
struct Contradiction {
    kind: &'static str,
    value: Value,
    confidence: f32,
    why: String,
    spans: Vec<Span>,
}

/// What does not add up. Empty for everything that adds up, and for everything that was not understood.
///
/// `today` is the latest day, `2026-11-24`, that it was anywhere on earth when the file came; `None` where nobody knows
/// when that was.
pub fn find(lines: &[TextLine], locale: Option<&str>, today: Option<&str>) -> Vec<Finding> {
    let page = Page::new(lines);
    let mut found: Vec<Contradiction> = receipt::total(&page).into_iter().collect();
    found.extend(dates::contradictions(&page, locale, today));
    found.extend(zones(&page));
    found.extend(accounts(&page));
    found.into_iter().map(|contradiction| contradiction.finding(&page)).collect()
}

impl Contradiction {
    fn finding(self, page: &Page) -> Finding {
        Finding {
            kind: self.kind.to_owned(),
            value: self.value,
            confidence: round(self.confidence),
            region: self.spans.first().and_then(|span| page.region(span, 0.0)),
            why: self.why,
            analyzer: ANALYZER.to_owned(),
            version: VERSION.to_owned(),
        }
    }
}

/// Zones read well, most of whose check digits hold and one does not; or that contradict their own dates.
fn zones(page: &Page) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for zone in mrz::zones(page).into_iter().filter(|zone| zone.read >= READ_MIN) {
        let failing = zone.document.checks.failing();
        if !failing.is_empty() && zone.document.checks.held() >= 3 && zone.document.corrected == 0 {
            found.push(Contradiction {
                kind: "consistency.check_digit",
                value: Value::from(failing.clone()),
                confidence: 0.7,
                why: format!(
                    "in the machine-readable zone the check digit of {} does not agree, and the others do; the reader may have erred in one character",
                    failing.join(", ")
                ),
                spans: zone.spans.clone(),
            });
        }
        let born_after = zone.document.birth_date.as_ref().zip(zone.document.expiry_date.as_ref());
        if let Some((birth, expiry)) = born_after.filter(|(birth, expiry)| birth >= expiry) {
            found.push(Contradiction {
                kind: "consistency.dates",
                value: Value::from(vec![birth.clone(), expiry.clone()]),
                confidence: 0.85,
                why: "in the machine-readable zone the birth is not before the expiry".to_owned(),
                spans: zone.spans,
            });
        }
    }
    found
}

/// A number called IBAN, of its country's length and form, whose check digits do not agree.
fn accounts(page: &Page) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (index, line) in page.lines.iter().enumerate().filter(|(_, line)| line.confidence >= 0.97) {
        let Some(at) = line.text.find("IBAN") else { continue };
        let rest = line.text.get(at + 4..).unwrap_or("").trim_start_matches([':', ' ', '.']);
        let number = check::compact(rest);
        // Only capitals and digits: a small letter is a word that follows.
        let pure =
            !rest.chars().any(|char| char.is_lowercase() || !(char.is_ascii_alphanumeric() || char == ' '));
        if pure && iban::has_form(&number) && !check::mod97(&number) {
            found.push(Contradiction {
                kind: "consistency.check_digit",
                value: Value::from("iban"),
                confidence: 0.75,
                why: "a number called IBAN has its country's length and form, and its check digits do not agree".to_owned(),
                spans: vec![Span { line: index, chars: 0..line.len() }],
            });
        }
    }
    found
}

#[cfg(test)]
mod tests;
