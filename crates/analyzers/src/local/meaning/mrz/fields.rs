//! The fields of a zone by their places, and the repair of what a reader confuses.

use std::ops::Range;

use crate::local::check;
use crate::local::meaning::date::days;

pub(crate) struct Document {
    pub(crate) format: &'static str,
    pub(crate) document_type: String,
    pub(crate) issuing_country: String,
    pub(crate) number: String,
    pub(crate) surname: String,
    pub(crate) given_names: String,
    pub(crate) nationality: String,
    /// ISO 8601; `None` where a part is unknown or impossible.
    pub(crate) birth_date: Option<String>,
    /// `M`, `F` or `X`.
    pub(crate) sex: &'static str,
    pub(crate) expiry_date: Option<String>,
    pub(crate) optional: String,
    pub(crate) checks: Checks,
    /// How many characters were put right because a check digit then agreed.
    pub(crate) corrected: usize,
}

/// Which check digits hold; `None` where the format has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Checks {
    pub(crate) number: bool,
    pub(crate) birth: bool,
    pub(crate) expiry: bool,
    pub(crate) optional: Option<bool>,
    pub(crate) composite: Option<bool>,
}

impl Checks {
    fn all(&self) -> [(&'static str, Option<bool>); 5] {
        [
            ("document number", Some(self.number)),
            ("date of birth", Some(self.birth)),
            ("date of expiry", Some(self.expiry)),
            ("optional data", self.optional),
            ("composite", self.composite),
        ]
    }

    pub(crate) fn held(&self) -> usize {
        self.all().iter().filter(|(_, holds)| *holds == Some(true)).count()
    }

    pub(crate) fn failing(&self) -> Vec<&'static str> {
        self.all().into_iter().filter(|(_, holds)| *holds == Some(false)).map(|(name, _)| name).collect()
    }
}

/// A field with its check digit, put right if that makes them agree.
struct Field {
    text: Vec<char>,
    check: char,
    holds: bool,
    corrected: usize,
}

/// TD3, TD2 and both visas, as the first letter and the length allow.
pub(super) fn two_lines(upper: &[char], lower: &[char]) -> Vec<Document> {
    let visa = upper.first() == Some(&'V');
    let passport = upper.first() == Some(&'P');
    let length = lower.len();
    let mut readings = Vec::new();
    if passport && length.abs_diff(44) <= 5 {
        readings.extend(passport_like("TD3", upper, lower, 44, 28..42));
    }
    if visa && length.abs_diff(44) <= 3 {
        readings.extend(passport_like("MRV-A", upper, lower, 44, 28..44));
    }
    if visa && length.abs_diff(36) <= 3 {
        readings.extend(passport_like("MRV-B", upper, lower, 36, 28..36));
    }
    if !visa && length.abs_diff(36) <= 4 {
        readings.extend(passport_like("TD2", upper, lower, 36, 28..35));
    }
    readings
}

fn passport_like(
    format: &'static str,
    upper: &[char],
    lower: &[char],
    width: usize,
    optional: Range<usize>,
) -> Option<Document> {
    let upper = fit_end(upper, width)?;
    let lower = fit_run(lower, width)?;
    let birth = numeric(&lower, 13..19, 19)?;
    let expiry = numeric(&lower, 21..27, 27)?;
    let visa = format.starts_with("MRV");
    let composite_place = width - 1;
    let tail = || lower.get(28..composite_place).map(<[char]>::to_vec);
    let composite = |number: &Field| -> Option<bool> {
        let mut all = number.text.clone();
        all.push(number.check);
        all.extend(birth.text.iter().chain([&birth.check]).chain(&expiry.text).chain([&expiry.check]));
        all.extend(tail()?);
        Some(check::icao(&all, digit(*lower.get(composite_place)?)))
    };
    let number = alphanumeric(&lower, 0..9, 9, |number| visa || composite(number) == Some(true))?;
    let text = field(&lower, optional.clone());
    let optional_check = match (format, lower.get(42)) {
        ("TD3", Some(&check)) => lower.get(optional).map(|optional| check::icao(optional, digit(check))),
        _ => None,
    };
    let checks = Checks {
        number: number.holds,
        birth: birth.holds,
        expiry: expiry.holds,
        optional: optional_check,
        composite: if visa { None } else { composite(&number) },
    };
    let (surname, given_names) = names(upper.get(5..)?);
    let expiry_date = date(&expiry.text, None);
    Some(Document {
        format,
        document_type: field(&upper, 0..2),
        issuing_country: letters(&upper, 2..5),
        number: plain(&number.text),
        surname,
        given_names,
        nationality: letters(&lower, 10..13),
        birth_date: date(&birth.text, expiry_date.as_deref()),
        sex: sex(lower.get(20)),
        expiry_date,
        optional: text,
        checks,
        corrected: number.corrected + birth.corrected + expiry.corrected,
    })
}

/// Identity cards: three lines of thirty.
pub(super) fn td1(first: &[char], second: &[char], third: &[char]) -> Option<Document> {
    let near = |line: &[char]| line.len().abs_diff(30) <= 4;
    let kind = first.first().is_some_and(|kind| ['A', 'C', 'I', '1'].contains(kind));
    if !kind || !near(first) || !near(second) {
        return None;
    }
    let (first, second) = (fit_run(first, 30)?, fit_run(second, 30)?);
    let birth = numeric(&second, 0..6, 6)?;
    let expiry = numeric(&second, 8..14, 14)?;
    let composite = |number: &Field| -> Option<bool> {
        let mut all = number.text.clone();
        all.push(number.check);
        all.extend(first.get(15..30)?);
        all.extend(birth.text.iter().chain([&birth.check]).chain(&expiry.text).chain([&expiry.check]));
        all.extend(second.get(18..29)?);
        Some(check::icao(&all, digit(*second.get(29)?)))
    };
    let number = long_number(&first)
        .or_else(|| alphanumeric(&first, 5..14, 14, |number| composite(number) == Some(true)))?;
    let long = number.text.len() > 9;
    let holds = if long { plain_composite(&first, &second) } else { composite(&number) };
    let checks = Checks {
        number: number.holds,
        birth: birth.holds,
        expiry: expiry.holds,
        optional: None,
        composite: Some(holds.unwrap_or(false)),
    };
    let (surname, given_names) = names(third);
    let expiry_date = date(&expiry.text, None);
    let optional = [if long { String::new() } else { field(&first, 15..30) }, field(&second, 18..29)];
    Some(Document {
        format: "TD1",
        document_type: field(&first, 0..2).replacen('1', "I", 1),
        issuing_country: letters(&first, 2..5),
        number: plain(&number.text),
        surname,
        given_names,
        nationality: letters(&second, 15..18),
        birth_date: date(&birth.text, expiry_date.as_deref()),
        sex: sex(second.get(7)),
        expiry_date,
        optional: optional.join(" ").trim().to_owned(),
        checks,
        corrected: number.corrected + birth.corrected + expiry.corrected,
    })
}

/// A number of more than nine characters goes on in the optional data; its check digit is the last before a filler.
fn long_number(first: &[char]) -> Option<Field> {
    if first.get(14) != Some(&'<') {
        return None;
    }
    let rest: Vec<char> = first.get(15..30)?.iter().copied().take_while(|char| *char != '<').collect();
    let (&check, more) = rest.split_last()?;
    let text: Vec<char> = first.get(5..14)?.iter().chain(more).copied().collect();
    let holds = check::icao(&text, check);
    holds.then_some(Field { text, check, holds, corrected: 0 })
}

fn plain_composite(first: &[char], second: &[char]) -> Option<bool> {
    let parts = [first.get(5..30)?, second.get(0..7)?, second.get(8..15)?, second.get(18..29)?];
    Some(check::icao(&parts.concat(), digit(*second.get(29)?)))
}

/// A date: only digits (or fillers for what is unknown) may stand there.
fn numeric(line: &[char], places: Range<usize>, check: usize) -> Option<Field> {
    let raw = line.get(places)?;
    let text: Vec<char> = raw.iter().map(|&char| digit(char)).collect();
    let check = digit(*line.get(check)?);
    let holds = check::icao(&text, check) && text.iter().all(|char| char.is_ascii_digit() || *char == '<');
    let corrected = if holds { raw.iter().zip(&text).filter(|(raw, put)| raw != put).count() } else { 0 };
    Some(Field { text, check, holds, corrected })
}

/// A document's number: letters and digits both may stand there, so a confusable is changed only if the check
/// digit, and where there is one the composite (`confirm`), agree afterwards.
fn alphanumeric(
    line: &[char],
    places: Range<usize>,
    check: usize,
    confirm: impl Fn(&Field) -> bool,
) -> Option<Field> {
    /// Of nine characters no more are confusable at once in a readable picture.
    const CONFUSABLE_MAX: usize = 6;
    let raw = line.get(places)?.to_vec();
    let check = digit(*line.get(check)?);
    let open: Vec<usize> = (0..raw.len())
        .filter(|&place| raw.get(place).is_some_and(|char| twin(*char).is_some()))
        .take(CONFUSABLE_MAX)
        .collect();
    let mut choices: Vec<u32> =
        (0..1_u32 << open.len().min(CONFUSABLE_MAX)).filter(|set| set.count_ones() <= 3).collect();
    choices.sort_by_key(|set| set.count_ones());
    let candidate = |set: u32| {
        let mut text = raw.clone();
        for (bit, &place) in open.iter().enumerate() {
            if set >> bit & 1 == 1
                && let Some(char) = text.get_mut(place)
                && let Some(other) = twin(*char)
            {
                *char = other;
            }
        }
        let holds = check::icao(&text, check);
        Field { text, check, holds, corrected: usize::try_from(set.count_ones()).unwrap_or(0) }
    };
    let as_read = candidate(0);
    // Without a second witness one character in ten would agree by chance: the number as read stands first.
    let confirmed = choices.iter().map(|&set| candidate(set)).find(|field| field.holds && confirm(field));
    Some(match confirmed {
        Some(field) => field,
        None if as_read.holds => as_read,
        None => choices
            .iter()
            .map(|&set| candidate(set))
            .find(|field| field.holds && field.corrected <= 1)
            .unwrap_or(as_read),
    })
}

/// What a reader takes a character for.
fn twin(char: char) -> Option<char> {
    Some(match char {
        'O' | 'Q' | 'D' => '0',
        '0' => 'O',
        'I' | 'L' => '1',
        '1' => 'I',
        'B' => '8',
        '8' => 'B',
        'S' => '5',
        '5' => 'S',
        'Z' => '2',
        '2' => 'Z',
        'G' => '6',
        '6' => 'G',
        _ => return None,
    })
}

/// Where only a digit may stand.
fn digit(char: char) -> char {
    match char {
        'O' | 'Q' | 'D' | 'U' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'G' => '6',
        'T' => '7',
        'B' => '8',
        other => other,
    }
}

/// Where only letters may stand.
fn letters(line: &[char], places: Range<usize>) -> String {
    let chars = line.get(places).unwrap_or_default();
    let letter = |char: &char| match char {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '5' => 'S',
        '6' => 'G',
        '8' => 'B',
        other => *other,
    };
    chars.iter().map(letter).filter(|char| *char != '<').collect()
}

fn field(line: &[char], places: Range<usize>) -> String {
    plain(line.get(places).unwrap_or_default())
}

fn plain(chars: &[char]) -> String {
    let text: String = chars.iter().map(|char| if *char == '<' { ' ' } else { *char }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Surname and given names; what stands after a second run of fillers is a reader's noise.
fn names(chars: &[char]) -> (String, String) {
    let line: String = chars.iter().collect();
    let mut parts = line.trim_start_matches('<').split("<<").map(|part| {
        let chars: Vec<char> = part.replace('<', " ").chars().collect();
        letters(&chars, 0..chars.len()).trim().to_owned()
    });
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn sex(char: Option<&char>) -> &'static str {
    match char {
        Some('M' | 'H') => "M",
        Some('F') => "F",
        _ => "X",
    }
}

/// `YYMMDD`. An expiry is of this century; a birth is before the expiry.
fn date(chars: &[char], expiry: Option<&str>) -> Option<String> {
    let number = |places: Range<usize>| chars.get(places)?.iter().collect::<String>().parse::<u32>().ok();
    let (short, month, day) = (number(0..2)?, number(2..4)?, number(4..6)?);
    let this_century = match expiry {
        None => short < 70,
        Some(expiry) => format!("20{short:02}-{month:02}-{day:02}").as_str() < expiry,
    };
    let year = i32::try_from(short).ok()? + if this_century { 2000 } else { 1900 };
    ((1..=12).contains(&month) && (1..=days(year, month)).contains(&day))
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// A first line, whose end is names and fillers: filled up, or what is too much cut off.
fn fit_end(line: &[char], width: usize) -> Option<Vec<char>> {
    if line.len() < width / 2 {
        return None;
    }
    let mut fitted = line.to_vec();
    fitted.resize(width, '<');
    Some(fitted)
}

/// A line with places up to its end: fillers are added to or taken from its longest run of them.
fn fit_run(line: &[char], width: usize) -> Option<Vec<char>> {
    if line.len() == width {
        return Some(line.to_vec());
    }
    let mut longest: Range<usize> = 0..0;
    let mut start = 0;
    for place in 0..=line.len() {
        if line.get(place) != Some(&'<') {
            if place - start > longest.len() {
                longest = start..place;
            }
            start = place + 1;
        }
    }
    let run = (longest.len() + width).checked_sub(line.len()).filter(|_| longest.len() >= 2)?;
    let (head, tail) = (line.get(..longest.start)?, line.get(longest.end..)?);
    Some([head, &vec!['<'; run], tail].concat())
}
