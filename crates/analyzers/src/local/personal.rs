//! What in a text nobody needs to see: cards, accounts, identity numbers, addresses of people.
//!
//! A finding never carries the number: its value shows the last characters only, and neither does its sentence.
//! A number split over lines is a finding for each line, with the same value. What is painted black is a policy's
//! decision, taken from findings by `regions`; `masked` does the same to the text.

pub(crate) mod iban;

mod aadhaar;
mod addresses;
mod cards;
mod carried;
mod glyphs;

use std::collections::{BTreeSet, HashSet};

use model::finding::{Finding, Region};
use serde_json::Value;

pub use self::carried::carried;
use self::glyphs::Glyphs;
use super::TextLine;
use super::meaning::{
    found,
    mrz::{self, Zone},
    phone, round,
};
use super::page::{Page, Span, Taken};

pub const ANALYZER: &str = "local.personal";
/// Changes whenever the same text may be judged differently.
pub const VERSION: &str = "2";

/// More than a picture holds. What is hidden in a text has no such limit.
const FINDINGS_MAX: usize = 2_000;

/// Something personal, before it becomes findings.
pub(crate) struct Hit {
    pub(crate) kind: &'static str,
    /// What may be shown.
    pub(crate) masked: String,
    pub(crate) confidence: f32,
    pub(crate) why: String,
    /// What is to be hidden, a span a line.
    pub(crate) spans: Vec<Span>,
}

/// Which findings are painted black.
#[derive(Clone, PartialEq, Debug)]
pub struct MaskPolicy {
    /// Whole kinds (`pii.card`); an empty set hides nothing.
    pub kinds: BTreeSet<String>,
    /// Findings less sure than this stay visible.
    pub confidence_min: f32,
}

impl Default for MaskPolicy {
    /// What an agent does not need to help: everything but how to reach the customer.
    fn default() -> MaskPolicy {
        let kinds = [
            "pii.aadhaar",
            "pii.card",
            "pii.card_code",
            "pii.iban",
            "pii.id_number",
            "pii.mrz",
            "pii.pan",
            "pii.passport",
            "pii.secret",
        ];
        MaskPolicy { kinds: kinds.into_iter().map(str::to_owned).collect(), confidence_min: 0.5 }
    }
}

impl MaskPolicy {
    /// For what leaves the house: addresses, telephones and mail as well.
    pub fn strict() -> MaskPolicy {
        let mut policy = MaskPolicy { confidence_min: 0.3, ..MaskPolicy::default() };
        policy.kinds.extend(["pii.address", "pii.email", "pii.phone", "pii.face"].map(str::to_owned));
        policy
    }

    fn hides(&self, kind: &str, confidence: f32) -> bool {
        confidence >= self.confidence_min && self.kinds.contains(kind)
    }
}

/// Personal data in the text, in reading order.
pub fn find(lines: &[TextLine], locale: Option<&str>) -> Vec<Finding> {
    let page = Page::new(lines);
    hits(&page, locale).into_iter().flat_map(|hit| findings(hit, &page)).take(FINDINGS_MAX).collect()
}

/// What a policy paints black, from anybody's findings: of faces as of numbers.
pub fn regions(findings: &[Finding], policy: &MaskPolicy) -> Vec<Region> {
    findings
        .iter()
        .filter(|finding| policy.hides(&finding.kind, finding.confidence))
        .filter_map(|finding| finding.region.clone())
        .collect()
}

/// The lines with what the policy hides as bullets, a character for a character: for the search index, the other
/// analyzers and whoever is not to see the number. What lies beyond a page's limit was not looked at and is left out.
pub fn masked(lines: &[TextLine], locale: Option<&str>, policy: &MaskPolicy) -> Vec<TextLine> {
    let page = Page::new(lines);
    let mut hidden: HashSet<(usize, usize)> = HashSet::new();
    for hit in hits(&page, locale).iter().filter(|hit| policy.hides(hit.kind, hit.confidence)) {
        for span in &hit.spans {
            hidden.extend(span.chars.clone().map(|place| (span.line, place)));
        }
    }
    let mut masked: Vec<TextLine> = Vec::new();
    let mut chars = "".chars();
    for (index, piece) in page.lines.iter().enumerate() {
        if let Some(line) = lines.get(piece.source).filter(|_| piece.offset == 0) {
            chars = line.text.chars();
            masked.push(TextLine { text: String::new(), quad: line.quad, ..*line });
        }
        let hide = |(place, char): (usize, char)| {
            if hidden.contains(&(index, place)) && char.is_alphanumeric() { '•' } else { char }
        };
        let shown = chars.by_ref().take(piece.len()).enumerate().map(hide);
        if let Some(line) = masked.last_mut() {
            line.text.extend(shown);
        }
    }
    masked
}

fn hits(page: &Page, locale: Option<&str>) -> Vec<Hit> {
    let mut hits = Hits::default();
    let zones = mrz::zones(page);
    hits.add(lines_of_zones(page, &zones));
    hits.add(numbers_of_zones(page, &zones));
    // A chain is the lines in one of the orders in which a number may be read on.
    for chain in page.chains() {
        let glyphs = Glyphs::new(page, &chain);
        hits.add(iban::find(&glyphs));
        hits.add(cards::find(page, &glyphs));
        hits.add(aadhaar::find(page, &glyphs));
    }
    hits.add(phones_over_lines(page));
    let by_rules = by_rules(page, locale);
    hits.add(addresses::towns(page, &by_rules));
    hits.add(by_rules);
    hits.all.sort_by_key(|hit| hit.spans.first().map(|span| (span.line, span.chars.start)));
    hits.all
}

/// The same characters are said once: the first finder is the surest.
#[derive(Default)]
struct Hits {
    all: Vec<Hit>,
    taken: Taken,
}

impl Hits {
    fn add(&mut self, more: Vec<Hit>) {
        for hit in more {
            if self.taken.take(&hit.spans) {
                self.all.push(hit);
            }
        }
    }
}

fn lines_of_zones(page: &Page, zones: &[Zone]) -> Vec<Hit> {
    let hit = |span: Span, confidence: f32, why: &str| Hit {
        kind: "pii.mrz",
        masked: "••••".to_owned(),
        confidence,
        why: why.to_owned(),
        spans: vec![span],
    };
    let why = "a line of a machine-readable zone whose check digits agree";
    let spans = zones.iter().flat_map(|zone| zone.spans.iter().cloned());
    let mut hits: Vec<Hit> = spans.map(|span| hit(span, 0.98, why)).collect();
    let why = "a line in the alphabet and of the length of a machine-readable zone";
    hits.extend(mrz::lines(page).into_iter().map(|span| hit(span, 0.8, why)));
    hits
}

/// What a zone says is the paper's number, where it is printed once more for people.
fn numbers_of_zones(page: &Page, zones: &[Zone]) -> Vec<Hit> {
    const CHARS_MIN: usize = 6;
    let mut hits = Vec::new();
    for document in zones.iter().map(|zone| &zone.document) {
        let number: Vec<char> = document.number.chars().filter_map(as_printed).collect();
        if number.len() < CHARS_MIN {
            continue;
        }
        let is_card = matches!(document.format, "TD1" | "TD2");
        for line in 0..page.lines.len() {
            let glyphs = Glyphs::new(page, &[line]).all;
            let places = glyphs.windows(number.len()).filter(|window| {
                let said = window.iter().filter_map(|glyph| as_printed(glyph.char));
                said.eq(number.iter().copied())
            });
            hits.extend(places.filter_map(|window| {
                let chars = window.first()?.place..window.last()?.place + 1;
                Some(Hit {
                    kind: if is_card { "pii.id_number" } else { "pii.passport" },
                    masked: mask(&document.number),
                    confidence: 0.97,
                    why: "the number that the paper's machine-readable zone has".to_owned(),
                    spans: vec![Span { line, chars }],
                })
            }));
        }
    }
    hits
}

/// A letter or digit without what a reader confuses: the two ways of printing use different faces.
fn as_printed(char: char) -> Option<char> {
    let char = char.to_ascii_uppercase();
    char.is_ascii_alphanumeric().then(|| glyphs::digit(char).unwrap_or(char))
}

fn phones_over_lines(page: &Page) -> Vec<Hit> {
    phone::over_lines(page)
        .into_iter()
        .map(|split| Hit {
            kind: "pii.phone",
            masked: mask(&split.number),
            confidence: 0.9,
            why: "a plus, a calling code and a number of plausible length, over two lines".to_owned(),
            spans: split.spans.into(),
        })
        .collect()
}

/// The rules of kind `pii.…`, and what the rules for meaning know of mail and telephones.
fn by_rules(page: &Page, locale: Option<&str>) -> Vec<Hit> {
    let wanted = |kind: &str| kind.starts_with("pii.") || kind == "entity.email" || kind == "entity.phone";
    found(page, locale, wanted)
        .into_iter()
        .map(|found| {
            let value = found.value.as_str().unwrap_or_default();
            let (kind, masked) = match found.kind {
                "entity.email" => ("pii.email", mask_email(value)),
                "entity.phone" => ("pii.phone", mask(value)),
                "pii.address" | "pii.card_code" => (found.kind, "••••".to_owned()),
                kind => (kind, mask(value)),
            };
            Hit { kind, masked, confidence: found.confidence, why: found.why, spans: vec![found.span] }
        })
        .collect()
}

fn findings(hit: Hit, page: &Page) -> Vec<Finding> {
    // Half a character more on either side: a proportional cut is not exact.
    const PADDING: f32 = 0.5;
    hit.spans
        .iter()
        .map(|span| Finding {
            kind: hit.kind.to_owned(),
            value: Value::String(hit.masked.clone()),
            confidence: round(hit.confidence),
            region: page.region(span, PADDING),
            why: hit.why.clone(),
            analyzer: ANALYZER.to_owned(),
            version: VERSION.to_owned(),
        })
        .collect()
}

/// Bullets for all but the last characters: four of twelve, three of nine, two of six.
fn mask(value: &str) -> String {
    let chars: Vec<char> = value.chars().filter(|char| char.is_alphanumeric()).collect();
    let shown = match chars.len() {
        12.. => 4,
        9.. => 3,
        6.. => 2,
        _ => 0,
    };
    let hidden = chars.len().saturating_sub(shown);
    "•".repeat(hidden).chars().chain(chars.into_iter().skip(hidden)).collect()
}

fn mask_email(value: &str) -> String {
    let ending = value.rsplit('.').next().unwrap_or_default();
    format!("••••@••••.{ending}")
}

#[cfg(test)]
mod tests;
