//! What a search asks for, read from what a person typed.

use super::cut::{self, Span, stands_alone};

/// A query has so many characters at most.
pub const QUERY_CHARS_MAX: usize = 200;
/// Words of a query, each of which must be found; a phrase, a code and a phone number count as one.
pub const WORDS_MAX: usize = 6;
/// Pieces of all of them: `a-b-c` has three.
const PARTS_MAX: usize = 24;
/// Half the words of a desk begin with `a`: so short a word means itself alone.
const PREFIX_CHARS_MIN: usize = 3;

/// Why a query cannot be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    TooLong,
    TooManyWords,
}

/// What is found lies between the two.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    pub from: String,
    pub to: String,
}

impl Range {
    fn exactly(word: &str) -> Self {
        Self { from: word.to_owned(), to: format!("{word}\u{1}") }
    }

    /// What begins with it, or, when it is short, it alone.
    fn beginning(word: &str) -> Self {
        if word.chars().count() < PREFIX_CHARS_MIN && !word.chars().any(stands_alone) {
            return Self::exactly(word);
        }
        Self { from: word.to_owned(), to: format!("{word}{}", char::MAX) }
    }

    pub fn holds(&self, word: &str) -> bool {
        self.from.as_str() <= word && word < self.to.as_str()
    }
}

/// One word of a query: found when all of one of its ways of being written are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    pub ways: Vec<Vec<Range>>,
    /// In quotes: these words, one after the other.
    pub phrase: Option<Vec<String>>,
}

/// What a person asks for. Without a word it finds nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    pub words: Vec<Word>,
}

impl Query {
    pub fn read(text: &str) -> Result<Self, Refused> {
        if text.chars().count() > QUERY_CHARS_MAX {
            return Err(Refused::TooLong);
        }
        let mut words: Vec<Word> = Vec::new();
        let pieces: Vec<&str> = text.split(['"', '“', '”', '„', '«', '»']).collect();
        let last = pieces.len().saturating_sub(1);
        for (at, piece) in pieces.iter().enumerate() {
            // A quote that is not closed is none.
            let is_quoted = at % 2 == 1 && at < last;
            let found = if is_quoted { phrase(piece) } else { plain(piece) };
            for word in found {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        let parts: usize = words.iter().flat_map(|word| &word.ways).map(Vec::len).sum();
        if words.len() > WORDS_MAX || parts > PARTS_MAX {
            return Err(Refused::TooManyWords);
        }
        Ok(Self { words })
    }

    pub fn has_phrase(&self) -> bool {
        self.words.iter().any(|word| word.phrase.is_some())
    }
}

fn phrase(piece: &str) -> Vec<Word> {
    let parts: Vec<String> =
        cut::chunks(piece).into_iter().flat_map(|chunk| chunk.parts).map(|part| part.word).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let way = parts.iter().map(|word| Range::exactly(word)).collect();
    vec![Word { ways: vec![way], phrase: (parts.len() > 1).then_some(parts) }]
}

fn plain(piece: &str) -> Vec<Word> {
    let chunks = cut::chunks(piece);
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(chunk) = chunks.get(at) {
        let (taken, joined) = if chunk.is_of_digits() {
            let run = cut::number_at(&chunks, at);
            (run.len(), cut::numbers(run))
        } else {
            match chunks.get(at + 1).and_then(|next| cut::code(chunk, next)) {
                Some(code) => (2, vec![code.word]),
                None => (1, Vec::new()),
            }
        };
        let run = chunks.get(at..at + taken).unwrap_or_default();
        let whole = run.first().filter(|_| taken == 1).and_then(|chunk| chunk.joined()).map(|span| span.word);
        let parts = run.iter().flat_map(|chunk| &chunk.parts);
        words.push(word(parts, joined.into_iter().chain(whole)));
        at += taken;
    }
    words
}

fn word<'a>(parts: impl Iterator<Item = &'a Span>, joined: impl Iterator<Item = String>) -> Word {
    let mut apart: Vec<Range> = Vec::new();
    for part in parts {
        let range = Range::beginning(&part.word);
        if !apart.contains(&range) {
            apart.push(range);
        }
    }
    let mut ways = vec![apart];
    for one in joined {
        let way = vec![Range::beginning(&one)];
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    Word { ways, phrase: None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use super::*;

    /// Each word as its ways, `|` between them, `+` within one; `=` before what must be the whole word.
    fn shown(text: &str) -> Vec<String> {
        let range = |range: &Range| {
            let mark = if range.to.ends_with('\u{1}') { "=" } else { "" };
            format!("{mark}{}", range.from)
        };
        let way = |way: &Vec<Range>| way.iter().map(range).collect::<Vec<_>>().join("+");
        let words = Query::read(text).unwrap().words;
        words.iter().map(|word| word.ways.iter().map(way).collect::<Vec<_>>().join("|")).collect()
    }

    #[test]
    fn reads_what_people_type() {
        for (text, expect) in [
            ("lavatrice Rossi", vec!["lavatrice", "rossi"]),
            ("sn-44", vec!["=sn+=44|sn44"]),
            ("SN 4471", vec!["=sn+4471|sn4471"]),
            ("447122", vec!["447122"]),
            ("4500 1234", vec!["4500+1234|45001234"]),
            ("la la", vec!["=la"]),
            ("\"scheda bruciata\" oggi", vec!["=scheda+=bruciata", "oggi"]),
            ("\"non chiusa", vec!["non", "chiusa"]),
            ("% _ * \u{200f} \0", vec![]),
            ("型号", vec!["型+号"]),
        ] {
            assert_eq!(shown(text), expect, "{text}");
        }
        let phone = &shown("+39 333 1234567")[0];
        assert!(phone.contains("|3331234567|") && phone.contains("|393331234567"), "{phone}");
    }

    #[test]
    fn refuses_what_would_cost_too_much() {
        assert_eq!(Query::read(&"x".repeat(201)), Err(Refused::TooLong));
        assert_eq!(Query::read("a b c d e f g"), Err(Refused::TooManyWords));
        assert_eq!(Query::read(&"x-".repeat(60)).map(|q| q.words.len()), Ok(1), "the same again is no more");
        let many: String = (0..40).map(|n| format!("-{n}")).collect();
        assert_eq!(Query::read(&many), Err(Refused::TooManyWords));
    }
}
