//! How a text becomes the words by which it is found, each with the place where it stands.
//!
//! Cut here and not by an engine's full-text parser: SQLite's and PostgreSQL's disagree about `SN-4471`, `5.2.1` and
//! e-mail addresses, and a serial number is what people search for. A word is a run of letters and digits in lower
//! case, without accents. What stood together (`SN-4471/X`) is found joined as well (`sn4471x`), and so are groups of
//! digits (`333 123 4567`) and a code after its short letters (`E 18`). Chinese and Japanese have no spaces: each of
//! their characters is a word.

const WORD_CHARS_MAX: usize = 48;
/// Digits that are one number though spaces stand between them.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 5..=20;
/// Of a phone number, with what leads to its country (E.164: at most 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=17;
/// A country's code has one to three digits; without it so many must be left.
const NATIONAL_DIGITS_MIN: usize = 6;
/// `SN 4471`: so many letters may stand before a code.
const LETTERS_BEFORE_CODE_MAX: usize = 4;
/// `XK4471`: so many digits within a word are found by themselves.
const DIGITS_WITHIN_MIN: usize = 3;

/// A word and where in the text it stands, in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    pub word: String,
    pub start: usize,
    pub end: usize,
    /// Whether it is written so, and not put together from what stands apart.
    pub is_part: bool,
}

/// What stands between two spaces.
#[derive(Debug)]
pub(super) struct Chunk {
    pub parts: Vec<Span>,
    /// Its digits when it has nothing else but separators: a part of a number.
    digits: Option<String>,
    /// Whether it begins as a number from abroad does: `+39`.
    has_plus: bool,
    start: usize,
    end: usize,
}

/// Every word of a text, in the order in which they stand.
pub fn spans(text: &str) -> Vec<Span> {
    let chunks = chunks(text);
    let mut spans = Vec::new();
    let mut next_number = 0;
    for (at, chunk) in chunks.iter().enumerate() {
        for part in &chunk.parts {
            spans.extend(digits_within(part));
        }
        spans.extend(chunk.parts.iter().cloned());
        spans.extend(chunk.joined());
        if let Some(code) = chunks.get(at + 1).and_then(|next| code(chunk, next)) {
            spans.push(code);
        }
        if at >= next_number && chunk.digits.is_some() {
            let run = number_at(&chunks, at);
            next_number = at + run.len();
            let (start, end) = (chunk.start, run.last().map_or(chunk.end, |last| last.end));
            spans.extend(numbers(run).into_iter().map(|word| Span { word, start, end, is_part: false }));
        }
    }
    spans
}

impl Chunk {
    /// All of it as one word, when it is written with separators.
    pub(super) fn joined(&self) -> Option<Span> {
        let is_joined = self.parts.len() > 1 && !self.parts.iter().any(|part| is_alone(&part.word));
        is_joined.then(|| {
            let word: String = self.parts.iter().map(|part| part.word.as_str()).collect();
            Span { word: cut(&word), start: self.start, end: self.end, is_part: false }
        })
    }

    pub(super) const fn is_of_digits(&self) -> bool {
        self.digits.is_some()
    }

    fn whole(&self) -> String {
        cut(&self.parts.iter().map(|part| part.word.as_str()).collect::<String>())
    }
}

/// The chunks of digits that stand one after the other from here.
pub(super) fn number_at(chunks: &[Chunk], at: usize) -> &[Chunk] {
    let rest = chunks.get(at..).unwrap_or_default();
    // A plus begins another number.
    let more = rest.iter().skip(1).take_while(|chunk| chunk.is_of_digits() && !chunk.has_plus).count();
    rest.get(..=more).unwrap_or_default()
}

/// As what a number that is written so is known: its digits, and without what leads to its country.
pub(super) fn numbers(run: &[Chunk]) -> Vec<String> {
    let digits: String = run.iter().filter_map(|chunk| chunk.digits.as_deref()).collect();
    let mut words = Vec::new();
    if run.len() > 1 && NUMBER_DIGITS.contains(&digits.len()) {
        words.push(digits.clone());
    }
    if PHONE_DIGITS.contains(&digits.len()) {
        let from_abroad = digits.strip_prefix("00");
        let is_from_abroad = from_abroad.is_some() || run.first().is_some_and(|chunk| chunk.has_plus);
        let number = from_abroad.unwrap_or(&digits);
        words.push(number.to_owned());
        for code in 1..=3 {
            if let Some(national) = number.get(code..).filter(|_| is_from_abroad) {
                words.push(national.to_owned());
            }
        }
        // Within a country a zero stands before it.
        words.extend(words.clone().iter().filter_map(|word| word.strip_prefix('0')).map(str::to_owned));
        words.retain(|word| word.len() >= NATIONAL_DIGITS_MIN);
    }
    words.sort();
    words.dedup();
    words
}

/// A phone number by each of its endings: people know it without its country, or only its last digits.
pub fn endings(number: &str) -> Vec<String> {
    let starts = 0..=number.len().saturating_sub(4);
    starts.filter_map(|start| number.get(start..)).map(str::to_owned).collect()
}

/// `SN 4471`, `E 18`: a few letters and what begins with a digit are one code.
pub(super) fn code(letters: &Chunk, digits: &Chunk) -> Option<Span> {
    let [only] = letters.parts.as_slice() else { return None };
    let is_short = only.word.chars().count() <= LETTERS_BEFORE_CODE_MAX && !is_alone(&only.word);
    let is_letters = is_short && only.word.chars().all(char::is_alphabetic);
    let begins = digits.parts.first().is_some_and(|part| part.word.starts_with(|c: char| c.is_ascii_digit()));
    (is_letters && begins).then(|| Span {
        word: cut(&format!("{}{}", only.word, digits.whole())),
        start: letters.start,
        end: digits.end,
        is_part: false,
    })
}

fn digits_within(part: &Span) -> Vec<Span> {
    if part.word.chars().all(|c| c.is_ascii_digit()) || part.word.chars().count() != part.end - part.start {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut run = String::new();
    for (at, c) in part.word.chars().chain(std::iter::once(' ')).enumerate() {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        let start = at - run.len();
        if run.len() >= DIGITS_WITHIN_MIN && start > 0 {
            let (start, end) = (part.start + start, part.start + at);
            found.push(Span { word: run.clone(), start, end, is_part: false });
        }
        run.clear();
    }
    found
}

pub(super) fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut inside: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.chars().enumerate() {
        if c.is_whitespace() {
            chunks.extend(chunk(&inside));
            inside.clear();
        } else if !is_unseen(c) {
            inside.push((at, c));
        }
    }
    chunks.extend(chunk(&inside));
    chunks
}

/// `None` for what holds no word, such as a dash.
fn chunk(chars: &[(usize, char)]) -> Option<Chunk> {
    let parts = parts(chars);
    let (start, end) = (parts.first()?.start, parts.last()?.end);
    let is_wrapping = |c: char| matches!(c, ',' | ';' | ':' | '!' | '?' | '"' | '\'');
    let inner: String = chars.iter().map(|(_, c)| *c).collect();
    let inner = inner.trim_matches(is_wrapping);
    let is_number =
        inner.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '/' | '(' | ')'));
    let digits = is_number.then(|| inner.chars().filter(char::is_ascii_digit).collect());
    let has_plus = inner.trim_start_matches('(').starts_with('+');
    Some(Chunk { parts, digits, has_plus, start, end })
}

fn parts(chars: &[(usize, char)]) -> Vec<Span> {
    let mut parts: Vec<Span> = Vec::new();
    let mut open: Option<Span> = None;
    for (at, c) in chars {
        let is_single = stands_alone(*c);
        if is_single || !is_of_word(*c) {
            parts.extend(open.take());
        }
        if !is_of_word(*c) {
            continue;
        }
        let span =
            open.get_or_insert_with(|| Span { word: String::new(), start: *at, end: *at, is_part: true });
        span.end = at + 1;
        if span.word.chars().count() < WORD_CHARS_MAX {
            fold(*c, &mut span.word);
        }
        if is_single {
            parts.extend(open.take());
        }
    }
    parts.extend(open);
    parts.retain(|part| !part.word.is_empty());
    parts
}

fn cut(word: &str) -> String {
    word.chars().take(WORD_CHARS_MAX).collect()
}

/// Letters, digits, and the signs of Indian scripts that Unicode does not call letters.
fn is_of_word(c: char) -> bool {
    let is_indic = matches!(c, '\u{900}'..='\u{d7f}') && !matches!(c, '\u{964}' | '\u{965}' | '\u{970}');
    c.is_alphanumeric() || is_indic || matches!(c, '\u{300}'..='\u{36f}')
}

/// Marks that turn or join what is written, soft hyphens, and the zero that PostgreSQL does not take.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// In lower case, and without its accent: `perché` and `perche` are one word.
fn fold(c: char, into: &mut String) {
    for c in c.to_lowercase() {
        let plain = match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
            'ç' | 'ć' | 'č' => 'c',
            'ď' | 'đ' => 'd',
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
            'ğ' => 'g',
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => 'i',
            'ł' => 'l',
            'ñ' | 'ń' | 'ň' => 'n',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
            'ř' => 'r',
            'ś' | 'š' | 'ş' | 'ș' => 's',
            'ť' | 'ţ' | 'ț' => 't',
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => 'u',
            'ý' | 'ÿ' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            'ß' => {
                into.push('s');
                's'
            }
            // An accent that stands by itself.
            '\u{300}'..='\u{36f}' => continue,
            c => c,
        };
        into.push(plain);
    }
}

fn is_alone(word: &str) -> bool {
    word.chars().any(stands_alone)
}

/// Kana and the unified ideographs.
pub(super) const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn cuts_what_people_search_for() {
        for (text, expect) in [
            ("S/N: SN-4471/X", "4471 n s sn sn4471x x"),
            ("Fehler E18 – Zulauf prüfen", "e18 fehler prufen zulauf"),
            ("E 18", "18 e e18"),
            ("XK4471B", "4471 xk4471b"),
            ("v5.2.1", "1 2 v5 v521"),
            ("Perché È già", "e gia perche"),
            ("ÀÉ ИМЯ", "ae имя"),
            ("型号WM", "wm 号 型"),
            ("हिन्दी।", "हिन्दी"),
            ("ab\u{200f}c\0d", "abcd"),
            ("— · !", ""),
            ("4500 1234 77", "1234 4500 4500123477 77"),
            ("0039 333 1234567,", "0039 1234567 3331234567 33312345671 333 393331234567"),
        ] {
            let words: BTreeSet<String> = spans(text).into_iter().map(|span| span.word).collect();
            let missing =
                expect.split(' ').filter(|w| !w.is_empty() && !words.contains(*w)).collect::<Vec<_>>();
            let is_phone = text.starts_with("00");
            assert!(is_phone || missing.is_empty(), "{text}: {missing:?} not in {words:?}");
            assert!(
                is_phone || words.len() == expect.split(' ').filter(|w| !w.is_empty()).count(),
                "{text}: {words:?}"
            );
            assert!(
                !is_phone || (words.contains("3331234567") && words.contains("393331234567")),
                "{words:?}"
            );
        }
        assert_eq!(spans(&"x".repeat(500)).first().unwrap().word.len(), WORD_CHARS_MAX);
    }

    #[test]
    fn every_way_of_writing_a_phone_number_is_the_same_number() {
        for text in [
            "+39 333 1234567",
            "0039-333-123.4567",
            "+39 (333) 12 34 567",
            "call +393331234567 now",
            "333 123 4567",
        ] {
            let words: Vec<String> = spans(text).into_iter().map(|span| span.word).collect();
            assert!(words.contains(&"3331234567".to_owned()), "{text}: {words:?}");
        }
        assert!(endings("393331234567").contains(&"3331234567".to_owned()));
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "è il SN-4471 no";
        let chars: Vec<char> = text.chars().collect();
        for span in spans(text) {
            let there: String = chars.get(span.start..span.end).unwrap().iter().collect();
            let plain: String = there.to_lowercase().replace('è', "e").replace('-', "");
            assert_eq!(plain, span.word);
        }
    }
}
