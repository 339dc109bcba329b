//! The line under a street: the postal code with its town, which alone says little and is not found by itself.

use std::sync::LazyLock;

use regex::Regex;

use super::Hit;
use crate::local::page::{Page, Span};

/// Longer lines are sentences.
const TOWN_CHARS_MAX: usize = 45;

/// Four to six digits in one or two groups, or a British code; an amount has no such number.
#[expect(clippy::expect_used, reason = "a constant that a test of this module compiles")]
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[ ,])(?:\d{4,6}(?:-\d{3,4})?|\d{3} \d{2,3}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?:$|[ ,])")
        .expect("the pattern compiles")
});

/// Whole lines, each under a street that has no postal code of its own.
pub(super) fn towns(page: &Page, found: &[Hit]) -> Vec<Hit> {
    let streets = found.iter().filter(|hit| hit.kind == "pii.address");
    let is_other = |line: usize| {
        found.iter().any(|hit| hit.kind != "pii.address" && hit.spans.iter().any(|span| span.line == line))
    };
    // What is hidden more often than an address must not be taken for a part of one.
    let towns = streets.filter_map(|street| town(page, street));
    towns.filter(|town| !town.spans.iter().any(|span| is_other(span.line))).collect()
}

fn town(page: &Page, street: &Hit) -> Option<Hit> {
    let span = street.spans.last()?;
    let is_last = span.chars.end >= page.lines.get(span.line)?.len();
    if !is_last || has_postcode(page.text(span)) {
        return None;
    }
    let line = page.below(span.line)?;
    let below = page.lines.get(line)?;
    if below.len() > TOWN_CHARS_MAX || !has_postcode(&below.text) {
        return None;
    }
    Some(Hit {
        kind: street.kind,
        masked: street.masked.clone(),
        confidence: street.confidence,
        why: "a postal code with its town, under a street".to_owned(),
        spans: vec![Span { line, chars: 0..below.len() }],
    })
}

fn has_postcode(text: &str) -> bool {
    POSTCODE.is_match(text.trim())
}
