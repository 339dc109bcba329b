//! The language of recognised text, where there is enough of it to tell.

use whatlang::{Detector, Lang};

use super::TextLine;

/// Languages Sportello speaks or meets; more would make short texts less sure.
const LANGUAGES: [(Lang, &str); 8] = [
    (Lang::Ita, "it"),
    (Lang::Eng, "en"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Hin, "hi"),
    (Lang::Deu, "de"),
    (Lang::Fra, "fr"),
    (Lang::Nld, "nl"),
];

/// Words that only one of the languages has, or one much more often: short screens are little else.
const WORDS: &str = include_str!("../../rules/languages.toml");

/// A screen has more text than is needed to tell.
const CHARS_MAX: usize = 6_000;
/// Three words or so; a name and a button say nothing.
const LETTERS_MIN: usize = 14;

/// BCP 47; `None` for too little text, or for one that could be of several languages.
pub fn of(lines: &[TextLine]) -> Option<&'static str> {
    let words = words(lines);
    let text: String = words.join(" ");
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    if letters < LETTERS_MIN {
        return None;
    }
    let devanagari = text.chars().filter(|char| ('\u{900}'..='\u{97f}').contains(char)).count();
    if devanagari * 3 > letters {
        return Some("hi");
    }
    let votes = votes(&words);
    let allowed = LANGUAGES.iter().map(|(language, _)| *language).collect();
    let guess = Detector::with_allowlist(allowed).detect(&text)?;
    let by_trigrams =
        LANGUAGES.iter().find(|(language, _)| *language == guess.lang()).map(|(_, tag)| *tag)?;
    let (leader, most, second) = votes;
    match leader {
        // Function words decide when they agree with each other; the trigrams of a long text when there are none.
        Some(leader) if most >= 2 && most >= 2 * second => Some(leader),
        Some(leader) if leader == by_trigrams && most > second => Some(leader),
        _ if letters >= 60 && guess.is_reliable() => Some(by_trigrams),
        None if letters >= 120 && guess.confidence() > 0.5 => Some(by_trigrams),
        _ => None,
    }
}

/// Words of letters only, of lines a reader was sure of: no codes, links and numbers.
fn words(lines: &[TextLine]) -> Vec<String> {
    let mut taken = 0;
    lines
        .iter()
        .filter(|line| line.confidence >= 0.5)
        .flat_map(|line| line.text.split_whitespace())
        .map(|word| word.trim_matches(|char: char| !char.is_alphanumeric()))
        .filter(|word| {
            !word.is_empty() && !word.chars().any(|char| char.is_ascii_digit() || "@/\\_:<>".contains(char))
        })
        .map(str::to_lowercase)
        .take_while(|word| {
            taken += word.len();
            taken <= CHARS_MAX
        })
        .collect()
}

/// The language with the most of its own words, how many they are, and how many the next one has.
fn votes(words: &[String]) -> (Option<&'static str>, usize, usize) {
    let mut counts: Vec<(usize, &'static str)> = table()
        .iter()
        .map(|(language, own)| (words.iter().filter(|word| own.contains(&word.as_str())).count(), *language))
        .collect();
    counts.sort_unstable_by(|left, right| right.cmp(left));
    match counts.as_slice() {
        [(most, leader), (second, _), ..] if *most > 0 => (Some(leader), *most, *second),
        _ => (None, 0, 0),
    }
}

fn table() -> &'static [(&'static str, Vec<&'static str>)] {
    static TABLE: std::sync::LazyLock<Vec<(&'static str, Vec<&'static str>)>> =
        std::sync::LazyLock::new(|| {
            LANGUAGES
                .iter()
                .map(|(_, tag)| {
                    let line =
                        WORDS.lines().find_map(|line| line.strip_prefix(tag)?.trim_start().strip_prefix('='));
                    (*tag, line.unwrap_or("").trim().trim_matches('"').split(' ').collect())
                })
                .collect()
        });
    &TABLE
}

#[cfg(test)]
mod tests;
