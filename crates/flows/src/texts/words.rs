//! What customers say that means the same at every step: a person, stop, one moment.
//!
//! All languages count always: an Italian writes `agent`, an Englishman in Rome writes `operatore`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::format::{self, WordLists};

/// In a longer message `person` is more likely a noun than a wish.
const WORDS_OF_A_WISH_MAX: usize = 6;
/// `talk to a person` is a wish in a longer one too.
const WORDS_OF_A_PHRASE_MAX: usize = 10;

/// The lists as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    person: WordLists,
    stop: WordLists,
    in_passing: WordLists,
    new_link: WordLists,
    today: WordLists,
    yesterday: WordLists,
    tomorrow: WordLists,
    yes: WordLists,
    no: WordLists,
}

/// Tidied once, each between two spaces, so that a search finds whole words.
struct Lists {
    person: Vec<String>,
    stop: Vec<String>,
    in_passing: Vec<String>,
    new_link: Vec<String>,
    days: [(Vec<String>, i64); 3],
    yes: Vec<String>,
    no: Vec<String>,
}

#[expect(clippy::expect_used, reason = "the file is part of the binary, and a test reads it")]
static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let written: Written =
        format::read_as(include_str!("words.yaml")).expect("the lists of words are readable");
    Lists {
        person: all(&written.person),
        stop: all(&written.stop),
        in_passing: all(&written.in_passing),
        new_link: all(&written.new_link),
        yes: all(&written.yes),
        no: all(&written.no),
        days: [(all(&written.today), 0), (all(&written.yesterday), -1), (all(&written.tomorrow), 1)],
    }
});

fn all(words: &WordLists) -> Vec<String> {
    words.values().flat_map(|list| list.0.iter().map(|word| format!(" {} ", tidy(word)))).collect()
}

/// Whether the customer asks for a person: one of the words in a short message.
pub fn wants_person(text: &str) -> bool {
    let said = tidy(text);
    let words = said.split(' ').count();
    let said = format!(" {said} ");
    let counts = |word: &String| {
        let is_phrase = word.trim().contains(' ');
        words <= if is_phrase { WORDS_OF_A_PHRASE_MAX } else { WORDS_OF_A_WISH_MAX }
    };
    LISTS.person.iter().any(|word| said.contains(word) && counts(word))
}

/// Whether the customer wants no more of it: one of the words as the whole message.
pub fn wants_stop(text: &str) -> bool {
    is_one_of(&LISTS.stop, text)
}

/// Whether the customer says that a link of ours serves no more.
pub(crate) fn wants_new_link(text: &str) -> bool {
    let said = tidy(text);
    said.split(' ').count() <= WORDS_OF_A_PHRASE_MAX && {
        let said = format!(" {said} ");
        LISTS.new_link.iter().any(|word| said.contains(word))
    }
}

/// Whether it is said in passing (`ok`, `one moment`, a thumb) and answers nothing.
pub(crate) fn is_in_passing(text: &str) -> bool {
    tidy(text).is_empty() || is_one_of(&LISTS.in_passing, text)
}

/// Days from today of `today`, `yesterday` and `tomorrow`.
pub(crate) fn relative_day(text: &str) -> Option<i64> {
    LISTS.days.iter().find(|(words, _)| is_one_of(words, text)).map(|(_, days)| *days)
}

/// What a short answer says, when it can mean nothing else.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    if is_one_of(&LISTS.yes, text) {
        return Some(true);
    }
    is_one_of(&LISTS.no, text).then_some(false)
}

/// Whether two texts are the same to a patient reader.
pub(crate) fn same(a: &str, b: &str) -> bool {
    tidy(a) == tidy(b)
}

/// Small letters, without punctuation or emoji, one space between words.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            tidied.push(c.to_ascii_lowercase());
        } else if is_devanagari(c) {
            // It knows no capitals, and to ask Unicode for each letter takes a third of a step's time.
            tidied.push(c);
        } else if c.is_alphanumeric() || c == '\u{200d}' {
            tidied.extend(c.to_lowercase());
        } else if !tidied.is_empty() && !tidied.ends_with(' ') {
            tidied.push(' ');
        }
    }
    tidied.truncate(tidied.trim_end().len());
    tidied
}

/// Letters, marks (Unicode calls the virama and the nukta not alphabetic) and digits of the block; its stress marks, full stops and the sign of abbreviation are none.
const fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{950}' | '\u{955}'..='\u{963}' | '\u{966}'..='\u{96f}' | '\u{971}'..='\u{97f}')
}

fn is_one_of(words: &[String], text: &str) -> bool {
    let said = format!(" {} ", tidy(text));
    words.contains(&said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hears_the_wish_for_a_person_in_every_language() {
        for said in [
            "agent",
            "AGENT!!",
            "can I talk to a person?",
            "I want to talk to a person",
            "human please",
            "operatore",
            "vorrei parlare con un operatore",
            "Operatore.",
            "persona",
            "quiero un agente",
            "hablar con alguien",
            "atendente",
            "falar com alguém",
            "quero falar com uma pessoa",
            "इंसान",
            "इंसान से बात करनी है",
            "एजेंट",
            "insaan se baat karo",
        ] {
            assert!(wants_person(said), "{said}");
        }
        for said in [
            "",
            "ok",
            "the oven is broken",
            "personal",
            "magenta",
            "the cleaning agent ran out of the machine and over the floor",
        ] {
            assert!(!wants_person(said), "{said}");
        }
    }

    #[test]
    fn knows_the_letters_of_hindi_as_unicode_does() {
        for c in '\u{900}'..='\u{97f}' {
            let is_letter = c.is_alphanumeric() || matches!(c, '\u{94d}' | '\u{93c}');
            assert_eq!(is_devanagari(c), is_letter, "{:x}", u32::from(c));
        }
    }

    #[test]
    fn hears_stop_only_alone() {
        for said in [
            "STOP",
            "stop.",
            "Stop!",
            "basta",
            "alto",
            "parar",
            "बंद",
            "बंद करो",
            "delete my data",
            " 🛑 stop ",
        ] {
            assert!(wants_stop(said), "{said}");
        }
        for said in ["it does not stop leaking", "non si ferma", "", "stopper"] {
            assert!(!wants_stop(said), "{said}");
        }
    }

    #[test]
    fn knows_what_is_said_in_passing() {
        for said in ["ok", "👍", "Un attimo!", "ठीक है", "...", "thanks 🙏"] {
            assert!(is_in_passing(said), "{said}");
        }
        assert!(!is_in_passing("ok it is the E20"));
        assert_eq!(relative_day("Ieri"), Some(-1));
        assert_eq!(relative_day("gestern"), None);
    }
}
