//! Machine-readable zones of travel documents (ICAO 9303): TD1, TD2, TD3 and the visas MRV-A and MRV-B.
//!
//! A reader takes O for 0 and loses fillers. A character is put right only where the check digit then agrees, or
//! where the standard allows no other kind of character; which check digits hold is always said.

mod fields;

use model::finding::{Finding, Region};
use serde_json::{Value, json};

pub(crate) use self::fields::Document;
use super::{ANALYZER, VERSION, round};
use crate::local::page::{Page, Span};

/// A zone on a page.
pub(crate) struct Zone {
    pub(crate) document: Document,
    /// Its lines, from the top; a line read in two boxes is two spans.
    pub(crate) spans: Vec<Span>,
    /// The reader's own, of the worst line.
    pub(crate) read: f32,
}

/// Lines that could be of a zone: stripped of spaces, in the zone's alphabet.
struct Strip {
    text: Vec<char>,
    lines: Vec<usize>,
}

/// Zones of a picture; more than two documents on one picture are rare, more than eight are not looked for.
const ZONES_MAX: usize = 8;

pub(crate) fn zones(page: &Page) -> Vec<Zone> {
    let strips = strips(page);
    let mut zones: Vec<Zone> = Vec::new();
    for start in 0..strips.len() {
        let Some(rest) = strips.get(start..) else { break };
        let Some(zone) = best(page, rest) else { continue };
        let taken = zones.iter().any(|other| zone.spans.iter().any(|span| other.spans.contains(span)));
        if !taken && zones.len() < ZONES_MAX {
            zones.push(zone);
        }
    }
    zones
}

/// Lines that look like a zone's, whether or not they can be understood: what must be hidden.
pub(crate) fn lines(page: &Page) -> Vec<Span> {
    strips(page)
        .into_iter()
        .filter(|strip| {
            let fillers = strip.text.iter().filter(|char| **char == '<').count();
            strip.text.len() >= 26 && fillers >= 3
        })
        .flat_map(|strip| spans(page, &strip.lines))
        .collect()
}

/// The reading of the first lines of `strips` most of whose check digits hold.
fn best(page: &Page, strips: &[Strip]) -> Option<Zone> {
    let (first, second) = (strips.first()?, strips.get(1)?);
    let mut readings: Vec<(Document, Vec<usize>)> = Vec::new();
    let two = [first.lines.as_slice(), &second.lines].concat();
    readings.extend(
        fields::two_lines(&first.text, &second.text).into_iter().map(|document| (document, two.clone())),
    );
    if let Some(third) = strips.get(2) {
        let three = [two.as_slice(), &third.lines].concat();
        readings
            .extend(fields::td1(&first.text, &second.text, &third.text).map(|document| (document, three)));
    }
    let (document, lines) = readings.into_iter().max_by_key(|(document, _)| document.checks.held())?;
    let read =
        lines.iter().filter_map(|&line| page.lines.get(line)).map(|line| line.confidence).fold(1.0, f32::min);
    (document.checks.held() >= 2).then(|| Zone { document, spans: spans(page, &lines), read })
}

fn spans(page: &Page, lines: &[usize]) -> Vec<Span> {
    lines.iter().filter_map(|&line| Some(Span { line, chars: 0..page.lines.get(line)?.len() })).collect()
}

fn strips(page: &Page) -> Vec<Strip> {
    let mut strips: Vec<Strip> = Vec::new();
    for index in 0..page.lines.len() {
        if strips.iter().any(|strip| strip.lines.contains(&index)) {
            continue;
        }
        let Some(mut text) = page.lines.get(index).and_then(|line| alphabet(&line.text)) else { continue };
        let mut lines = vec![index];
        while text.len() < 44
            && let Some(next) = lines.last().and_then(|&last| page.right_of(last))
            && page.lines.get(next).is_some_and(|line| line.text.contains('<') || line.len() <= 20)
            && let Some(more) = page.lines.get(next).and_then(|line| alphabet(&line.text))
            && text.len() + more.len() <= 46
            && lines.len() < 4
            && !lines.contains(&next)
        {
            text.extend(more);
            lines.push(next);
        }
        // A lower line may be full: then it is nearly all digits.
        let digits = text.iter().filter(|char| char.is_ascii_digit()).count();
        if (24..=52).contains(&text.len()) && (text.contains(&'<') || digits >= 12) {
            strips.push(Strip { text, lines });
        }
    }
    strips
}

/// The line in a zone's alphabet, or `None` if too much of it is something else.
fn alphabet(text: &str) -> Option<Vec<char>> {
    let mut strange = 0;
    let mut chars = Vec::new();
    for char in text.chars().filter(|char| !char.is_whitespace()) {
        match char {
            '<' | '‹' | '〈' | '≤' | '＜' | '〱' => chars.push('<'),
            '«' | '《' | '≪' => chars.extend(['<', '<']),
            'A'..='Z' | '0'..='9' => chars.push(char),
            'a'..='z' => {
                // A reader takes a filler for a small c now and then; whole words in small letters are no zone.
                strange += 1;
                chars.push(char.to_ascii_uppercase());
            }
            '.' | ',' | '\'' | '-' | '_' => strange += 1,
            _ => strange += 2,
        }
    }
    (!chars.is_empty() && strange * 8 <= chars.len()).then_some(chars)
}

impl Zone {
    pub(crate) fn finding(&self, page: &Page) -> Finding {
        let checks = &self.document.checks;
        let failing = checks.failing();
        let confidence = match (failing.is_empty(), checks.held()) {
            (true, _) => 0.99,
            (false, 4..) => 0.85,
            (false, 3) => 0.75,
            (false, _) => 0.55,
        };
        let why = if failing.is_empty() {
            format!("a machine-readable zone ({}) all of whose check digits agree", self.document.format)
        } else {
            format!(
                "a machine-readable zone ({}); these check digits do not agree: {}",
                self.document.format,
                failing.join(", ")
            )
        };
        Finding {
            kind: "mrz".to_owned(),
            value: self.value(),
            confidence: round(confidence),
            region: self.region(page),
            why,
            analyzer: ANALYZER.to_owned(),
            version: VERSION.to_owned(),
        }
    }

    fn region(&self, page: &Page) -> Option<Region> {
        page.block_region(&self.spans)
    }

    fn value(&self) -> Value {
        let document = &self.document;
        let checks = &document.checks;
        json!({
            "format": document.format,
            "document_type": document.document_type,
            "issuing_country": document.issuing_country,
            "number": document.number,
            "surname": document.surname,
            "given_names": document.given_names,
            "nationality": document.nationality,
            "birth_date": document.birth_date,
            "sex": document.sex,
            "expiry_date": document.expiry_date,
            "optional_data": document.optional,
            "checks": {
                "number": checks.number,
                "birth_date": checks.birth,
                "expiry_date": checks.expiry,
                "optional_data": checks.optional,
                "composite": checks.composite,
            },
            "valid": checks.failing().is_empty(),
            "corrected_characters": document.corrected,
        })
    }
}
