//! Dates, as numbers or with a month's name, as ISO 8601; which of two numbers is the month is said when it is a guess.

use serde_json::Value;

use super::amount::region;
use super::normal::Normal;

/// The first letters that tell the twelve months apart, by language: it, en, es, pt, de, fr, hi.
const MONTHS: [&[&str]; 12] = [
    &["jan", "gen", "ene", "jän", "जन"],
    &["feb", "fev", "fév", "फर", "फ़र"],
    &["mar", "mär", "mae", "mrz", "मार्च"],
    &["apr", "abr", "avr", "अप्रैल"],
    &["may", "mai", "mag", "मई"],
    &["jun", "giu", "juin", "जून"],
    &["jul", "lug", "juil", "जुल"],
    &["aug", "ago", "aoû", "aou", "अग"],
    &["sep", "set", "सित"],
    &["oct", "okt", "ott", "out", "अक्ट", "अक्तू"],
    &["nov", "नव"],
    &["dec", "dez", "dic", "déc", "दिस"],
];

/// Years a customer's picture may speak of.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2099;

pub(super) fn parse(text: &str, locale: Option<&str>) -> Option<Normal> {
    // A reader takes the O of October for a zero: no number is followed by these letters.
    let text = &text.replace("0ct", "oct").replace("0CT", "oct");
    let numbers: Vec<&str> =
        text.split(|char: char| !char.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let month_name = text
        .split(|char: char| char.is_ascii_digit() || char.is_whitespace() || ".,/-'".contains(char))
        .filter(|word| word.chars().count() >= 2)
        .find_map(month);
    match (month_name, numbers.as_slice()) {
        (Some(month), [first, second]) => named(month, first, second),
        (None, [first, second, third]) if first.len() == 4 => whole(first, second, third, 1.0, None),
        (None, [first, second, third]) => numeric(text, first, second, third, locale),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    // “juillet” begins like “juin” begins: the longer beginning decides.
    MONTHS
        .iter()
        .zip(1..)
        .flat_map(|(names, number)| names.iter().map(move |name| (*name, number)))
        .filter(|(name, _)| word.starts_with(name))
        .max_by_key(|(name, _)| name.len())
        .map(|(_, number)| number)
}

/// `12 Nov 2026`, `Nov 12, 2026`, `2026 Nov 12`.
fn named(month: u32, first: &str, second: &str) -> Option<Normal> {
    let (year, day) = if first.len() == 4 { (first, second) } else { (second, first) };
    let (year, certainty, note) = century(year)?;
    iso(year, month, day.parse().ok()?, certainty, note)
}

fn whole(year: &str, month: &str, day: &str, certainty: f32, note: Option<String>) -> Option<Normal> {
    iso(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?, certainty, note)
}

/// Day, month and year as numbers: the day comes first everywhere but in the United States, and there with slashes.
fn numeric(text: &str, first: &str, second: &str, third: &str, locale: Option<&str>) -> Option<Normal> {
    let (left, right): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
    let (year, certainty, note) = century(third)?;
    let american = locale.and_then(region).is_some_and(|region| region == "US") && !text.contains('.');
    match (left, right) {
        (_, 13..) => iso(year, left, right, certainty, note),
        (13.., _) => iso(year, right, left, certainty, note),
        // A point between them is never American, and the same number twice cannot be mistaken.
        _ if text.contains('.') || left == right => iso(year, right, left, certainty, note),
        _ => {
            let (month, day) = if american { (left, right) } else { (right, left) };
            let other = format!("{year:04}-{day:02}-{month:02}");
            let ambiguous = format!("day and month could be the other way round ({other})");
            let note = note.map_or(ambiguous.clone(), |note| format!("{note}; {ambiguous}"));
            iso(year, month, day, certainty * 0.7, Some(note))
        }
    }
}

/// A year of two digits is of this century up to 79.
fn century(year: &str) -> Option<(i32, f32, Option<String>)> {
    let number: i32 = year.parse().ok()?;
    match year.len() {
        4 => Some((number, 1.0, None)),
        2 => {
            let full = if number < 80 { 2000 + number } else { 1900 + number };
            Some((full, 0.85, Some(format!("the year has two digits and was taken for {full}"))))
        }
        _ => None,
    }
}

fn iso(year: i32, month: u32, day: u32, certainty: f32, note: Option<String>) -> Option<Normal> {
    let valid = YEARS.contains(&year) && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    valid.then(|| Normal { value: Value::String(format!("{year:04}-{month:02}-{day:02}")), certainty, note })
}

pub(crate) fn days(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}
