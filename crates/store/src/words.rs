//! The words by which an article is found. What the desk itself is searched by is cut in `search`.
//!
//! Cut here and not by an engine's full-text parser: SQLite's and PostgreSQL's disagree about `SN-4471`, `5.2.1` and
//! e-mail addresses, and a serial number is what people search for. A word is a run of letters and digits in lower
//! case; what stood together (`SN-4471/X`) is found joined as well (`sn4471x`). Chinese and Japanese have no
//! spaces: each of their characters is a word.

use std::collections::BTreeSet;

/// A text has this many different words at most; further ones are not found.
pub const WORDS_MAX: usize = 4_000;
const WORD_CHARS_MAX: usize = 48;

/// What is kept of a text.
pub fn kept(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for chunk in text.split_whitespace() {
        let parts = parts(chunk);
        if parts.len() > 1 && !chunk.chars().any(stands_alone) {
            words.insert(cut(&parts.concat()));
        }
        words.extend(parts.iter().map(|part| cut(part)));
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    words
}

fn cut(word: &str) -> String {
    word.chars().take(WORD_CHARS_MAX).collect()
}

fn parts(chunk: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut run = String::new();
    for c in chunk.chars().flat_map(char::to_lowercase) {
        let alone = stands_alone(c);
        if (alone || !c.is_alphanumeric()) && !run.is_empty() {
            parts.push(std::mem::take(&mut run));
        }
        if alone {
            parts.push(c.to_string());
        } else if c.is_alphanumeric() {
            run.push(c);
        }
    }
    if !run.is_empty() {
        parts.push(run);
    }
    parts
}

/// Kana and the unified ideographs.
const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_what_people_search_for() {
        for (text, expect) in [
            ("S/N: SN-4471/X", vec!["4471", "n", "s", "sn", "sn4471x", "x"]),
            ("Fehler E18 – Zulauf prüfen", vec!["e18", "fehler", "prüfen", "zulauf"]),
            ("v5.2.1", vec!["1", "2", "v5", "v521"]),
            ("ÀÉ ИМЯ", vec!["àé", "имя"]),
            ("型号WM", vec!["wm", "号", "型"]),
            ("— · !", vec![]),
        ] {
            assert_eq!(kept(text).iter().map(String::as_str).collect::<Vec<_>>(), expect, "{text}");
        }
        assert_eq!(kept(&"x".repeat(500)).first().map(String::len), Some(WORD_CHARS_MAX));
    }
}
