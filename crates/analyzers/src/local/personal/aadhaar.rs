//! Aadhaar: twelve digits, 4-4-4, by Verhoeff. Only the first eight are hidden, as the law asks.

use std::sync::LazyLock;

use regex::Regex;

use super::Hit;
use super::glyphs::{Glyphs, Window, windows};
use crate::local::check;
use crate::local::page::Page;

static WORDS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "constants that every test of this module compiles")]
    [
        r"(?i)a+dh?a+r|आधार|uidai|unique identification|government of india|भारत सरकार|enrol?ment no|e-?kyc|\bvid\b",
        r"(?i)\b(?:utr|upi|rrn|ref|reference|txn|transaction|order|invoice|tracking|awb|consignment|shipment|receipt|phone|mobile|tel|whatsapp|call|imps|neft|account|a/c|serial|imei|ean|barcode|crn|ticket|policy)\b|लेन-?देन|यूपीआई|संदर्भ",
    ]
    .map(|words| Regex::new(words).expect("words compile"))
});

/// What is hidden of it.
const HIDDEN: usize = 8;

pub(super) fn find(page: &Page, glyphs: &Glyphs) -> Vec<Hit> {
    let groups = glyphs.groups();
    windows(&groups, 12, 12).iter().filter_map(|window| judge(page, glyphs, window)).collect()
}

fn judge(page: &Page, glyphs: &Glyphs, window: &Window) -> Option<Hit> {
    let starts = window.digits.starts_with(|first: char| ('2'..='9').contains(&first));
    if window.confused > 2 || !starts || !check::verhoeff(&window.digits) {
        return None;
    }
    let whole = glyphs.spans(window.from(), window.from() + window.digits.len());
    // One telephone number in ten would pass.
    let is_dialled = whole.first().is_some_and(|span| {
        let line = page.lines.get(span.line);
        line.is_some_and(|line| line.slice(0..span.chars.start).trim_end().ends_with('+'))
    });
    if is_dialled {
        return None;
    }
    let near: Vec<&str> = whole.iter().flat_map(|span| page.context(span.line)).collect();
    let [words, others] = &*WORDS;
    let named = near.iter().any(|text| words.is_match(text))
        || page.lines.iter().any(|line| words.is_match(&line.text));
    let otherwise = near.iter().any(|text| others.is_match(text));
    let printed = matches!(window.lengths().as_slice(), [4, 4, 4] | [8, 4] | [4, 8]);
    let single = window.groups.len() == 1;
    let confidence = match (named, printed, single) {
        (true, true, _) => 0.98,
        (true, false, true) if !otherwise => 0.93,
        (true, false, false) if !window.continued && window.is_evenly_spaced() => 0.85,
        (false, true, _) if !window.continued && !otherwise => 0.85,
        (false, false, true) if !otherwise => 0.6,
        _ => return None,
    };
    let shown: String = window.digits.chars().skip(HIDDEN).collect();
    Some(Hit {
        kind: "pii.aadhaar",
        masked: format!("•••• •••• {shown}"),
        confidence,
        why: format!(
            "twelve digits{} whose Verhoeff check digit agrees{}",
            if printed { " in groups of four" } else { "" },
            if named { ", where Aadhaar is spoken of" } else { "" }
        ),
        spans: glyphs.spans(window.from(), window.from() + HIDDEN),
    })
}
