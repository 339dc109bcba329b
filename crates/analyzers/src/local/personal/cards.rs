//! Payment cards: issuer range, length and Luhn together, in the groups in which cards are printed.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::Hit;
use super::glyphs::{Glyphs, Window, windows};
use crate::local::check;
use crate::local::page::Page;

const FILE: &str = include_str!("../../../rules/cards.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerFile {
    issuer: Vec<IssuerSource>,
    words: Vec<String>,
    other_words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerSource {
    name: String,
    /// First digits: `4`, `51-55`.
    ranges: Vec<String>,
    lengths: Vec<usize>,
    /// Lengths that are cards only near a word for cards.
    #[serde(default)]
    rare_lengths: Vec<usize>,
}

struct Issuers {
    issuers: Vec<IssuerSource>,
    words: Regex,
    other_words: Regex,
}

static ISSUERS: LazyLock<Issuers> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    let file: IssuerFile = toml::from_str(FILE).expect("the issuer table is sound");
    #[expect(clippy::expect_used, reason = "the words are part of the program, and a test compiles them")]
    let words = |words: &[String]| {
        Regex::new(&format!("(?i)(?:^|[^\\p{{L}}])(?:{})(?:$|[^\\p{{L}}])", words.join("|")))
            .expect("words compile")
    };
    Issuers { words: words(&file.words), other_words: words(&file.other_words), issuers: file.issuer }
});

pub(super) fn find(page: &Page, glyphs: &Glyphs) -> Vec<Hit> {
    let groups = glyphs.groups();
    let mut hits: Vec<Hit> =
        windows(&groups, 12, 19).iter().filter_map(|window| judge(page, glyphs, window)).collect();
    // A card with what follows it may be a longer card by chance: the surer one is kept.
    hits.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    hits
}

fn judge(page: &Page, glyphs: &Glyphs, window: &Window) -> Option<Hit> {
    /// More letters than this among the digits are a word, not a reader's slips.
    const CONFUSED_MAX: usize = 3;
    if window.confused > CONFUSED_MAX || !check::luhn(&window.digits) {
        return None;
    }
    let (issuer, rare) = issuer(&window.digits)?;
    let spans = glyphs.spans(window.from(), window.from() + window.digits.len());
    let near: Vec<&str> = spans.iter().flat_map(|span| page.context(span.line)).collect();
    let card_word = near.iter().any(|text| ISSUERS.words.is_match(text));
    let other_word = near.iter().any(|text| ISSUERS.other_words.is_match(text));
    let printed = is_printed(&window.lengths());
    let single = window.groups.len() == 1;
    let layout = match (printed, single) {
        (true, _) => 0.95,
        (false, true) => 0.85,
        // A reader adds and drops spaces; but such a row of groups must be all there is.
        (false, false) if !window.continued && window.is_evenly_spaced() => 0.75,
        (false, false) => return None,
    };
    // A piece of a longer number beside or under it: a table's cells, which are no card.
    if window.is_cut && window.line_ends() > 0 {
        return None;
    }
    let named_otherwise = other_word && !card_word && !printed;
    if named_otherwise || (rare && !card_word) || (window.line_ends() > 0 && !breaks_between_groups(window)) {
        return None;
    }
    let confidence: f32 = layout + if card_word { 0.04 } else { 0.0 }
        - if other_word && !card_word { 0.2 } else { 0.0 }
        - if rare { 0.05 } else { 0.0 };
    let shown: String = window.digits.chars().skip(window.digits.len() - 4).collect();
    Some(Hit {
        kind: "pii.card",
        masked: format!("•••• •••• •••• {shown}"),
        confidence,
        why: format!(
            "{} digits in the range of {issuer} whose check digit agrees{}",
            window.digits.len(),
            if card_word { ", near a word for cards" } else { "" }
        ),
        spans,
    })
}

/// 4-4-4-4, 4-6-5 and their like.
fn is_printed(lengths: &[usize]) -> bool {
    matches!(
        lengths,
        [4, 4, 4, 4]
            | [4, 6, 5]
            | [4, 6, 4]
            | [4, 4, 4, 4, 3]
            | [8, 8]
            | [4, 4, 8]
            | [8, 4, 4]
            | [4, 8, 4]
            | [6, 13]
            | [4, 12]
            | [12, 4]
            | [4, 11]
            | [10, 5]
            | [10, 4]
            | [4, 10]
    )
}

/// A line ends where a group ends, and all pieces but the last are of the same groups of four (or of 4-6-5).
fn breaks_between_groups(window: &Window) -> bool {
    is_printed(&window.lengths())
}

/// The issuer's name, and whether such a length is rare.
fn issuer(digits: &str) -> Option<(&'static str, bool)> {
    let length = digits.len();
    let mut known =
        ISSUERS.issuers.iter().filter(|issuer| issuer.ranges.iter().any(|range| within(digits, range)));
    known.find_map(|issuer| {
        let usual = issuer.lengths.contains(&length);
        (usual || issuer.rare_lengths.contains(&length)).then_some((issuer.name.as_str(), !usual))
    })
}

fn within(digits: &str, range: &str) -> bool {
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    digits.get(..low.len()).is_some_and(|first| (low..=high).contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_test_numbers_have_their_issuers() {
        let known = [
            ("4111111111111111", "Visa"),
            ("5555555555554444", "Mastercard"),
            ("2223003122003222", "Mastercard"),
            ("378282246310005", "American Express"),
            ("6011111111111117", "Discover"),
            ("30569309025904", "Diners Club"),
            ("3530111333300000", "JCB"),
            ("6200000000000005", "UnionPay"),
            ("6759649826438453", "Maestro"),
        ];
        for (number, name) in known {
            assert_eq!(issuer(number).map(|(name, _)| name), Some(name), "{number}");
        }
    }
}
