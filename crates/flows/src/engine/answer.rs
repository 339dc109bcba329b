//! What a typed answer means: an option, a number, a day. Pure, and as forgiving as a clerk who wants to understand.

use jiff::{ToSpan as _, civil::Date as Day};

use crate::{
    format::{ChoiceOption, Date, Number},
    texts::{Phrase, relative_day, tidy},
};

/// Titles shorter than this are not guessed at.
const GUESS_CHARS_MIN: usize = 5;
/// `no` within a sentence means too many things.
const WITHIN_CHARS_MIN: usize = 4;
/// `it was 49,90 euro`; more is a story.
const WORDS_BESIDE_A_SUM_MAX: usize = 3;

/// The option that `text` names: by its title in any language, its id, a word of its own, its number, with a slip,
/// or within a sentence (`it is my washing machine`).
pub(super) fn option<'c>(options: &'c [ChoiceOption], text: &str) -> Option<&'c ChoiceOption> {
    let said = tidy(text);
    if said.is_empty() {
        return None;
    }
    let names: Vec<(&ChoiceOption, Vec<String>)> = options.iter().map(|o| (o, names(o))).collect();
    let named = |fits: &dyn Fn(&String) -> bool| {
        names.iter().filter(|(_, names)| names.iter().any(fits)).map(|(o, _)| *o).collect::<Vec<_>>()
    };
    let by_number = || {
        let number: usize = digits(&said).parse().ok()?;
        options.get(number.checked_sub(1)?)
    };
    let chars = said.chars().count();
    let is_slip = |name: &String| {
        chars >= GUESS_CHARS_MIN
            && name.chars().count().abs_diff(chars) <= 1
            && strsim::osa_distance(name, &said) <= 1
    };
    let sentence = format!(" {said} ");
    let is_within = |name: &String| {
        name.chars().count() >= WITHIN_CHARS_MIN
            && sentence.match_indices(name.as_str()).any(|(at, found)| is_whole(&sentence, at, found.len()))
    };
    named(&|name| *name == said)
        .first()
        .copied()
        .or_else(by_number)
        .or_else(|| only(named(&is_slip).into_iter()))
        .or_else(|| only(named(&is_within).into_iter()))
}

/// Everything that an option is called.
fn names(option: &ChoiceOption) -> Vec<String> {
    let words = option.words.values().flat_map(|w| &w.0);
    option.title.0.values().chain(words).chain([&option.id]).map(|name| tidy(name)).collect()
}

/// Whether the bytes from `at` are whole words: between two spaces.
fn is_whole(sentence: &str, at: usize, len: usize) -> bool {
    let bytes = sentence.as_bytes();
    let is_space = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b' ');
    is_space(at.checked_sub(1)) && is_space(at.checked_add(len))
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}

/// A number in `text`, and the sentence to say when it is none or does not fit.
pub(super) fn number(wanted: &Number, text: &str) -> Result<f64, Phrase> {
    let plain = digits(text.trim()).replace(' ', "").replace(',', ".");
    let number: f64 = plain.parse().ok().or_else(|| sum(text)).ok_or(Phrase::NotANumber)?;
    if !number.is_finite() || (wanted.whole && number.fract() != 0.0) {
        return Err(Phrase::NotANumber);
    }
    if wanted.min.is_some_and(|min| number < min) {
        return Err(Phrase::NumberFrom);
    }
    if wanted.max.is_some_and(|max| number > max) {
        return Err(Phrase::NumberTo);
    }
    Ok(number)
}

/// The one number in a few words: `49,90 €` is 49.9, `EUR 1.234,50` and `1,234.50` are 1234.5.
///
/// A single mark with three digits behind it parts thousands, because sums are what people write so.
pub(super) fn sum(text: &str) -> Option<f64> {
    let text = digits(text.trim());
    let is_digit = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_digit)?, text.rfind(is_digit)?);
    let (before, number, after) = (text.get(..first)?, text.get(first..=last)?, text.get(last + 1..)?);
    if before.split_whitespace().chain(after.split_whitespace()).count() > WORDS_BESIDE_A_SUM_MAX {
        return None;
    }
    let mut blocks = number.split([' ', '\u{a0}', '\u{202f}', '\'']);
    let head = blocks.next()?.to_owned();
    let number = blocks.try_fold(head, |number, block| {
        let thousands = block.chars().take_while(char::is_ascii_digit).count() == 3;
        thousands.then(|| number + block)
    })?;
    let marks: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let (at, mark) = marks.last().copied().unwrap_or((number.len(), '.'));
    if marks.iter().any(|(_, c)| !matches!(c, '.' | ',')) {
        return None;
    }
    let is_alone = marks.iter().filter(|(_, c)| *c == mark).count() == 1;
    let parts_thousands = !is_alone || (marks.len() == 1 && number.len().checked_sub(at) == Some(4));
    let whole: String = number.get(..at)?.chars().filter(char::is_ascii_digit).collect();
    let rest = number.get(at..).unwrap_or_default().trim_start_matches(['.', ',']);
    let written = if parts_thousands { format!("{whole}{rest}") } else { format!("{whole}.{rest}0") };
    let sum: f64 = written.parse().ok()?;
    Some(if before.trim_end().ends_with(['-', '−']) { -sum } else { sum })
}

/// A day: `2026-11-23`, `23/11/2026`, `23.11.26`, `23/11`, today, yesterday, tomorrow. The day comes first.
///
/// A day without a year is the nearest one that fits. कल means yesterday and tomorrow in Hindi: the one that fits.
pub(super) fn date(wanted: &Date, text: &str, today: Day) -> Result<Day, Phrase> {
    let days = |n: i64| today.checked_add(n.days()).ok();
    let candidates: Vec<Day> = match relative_day(text) {
        Some(-1) if tidy(text) == "कल" => [days(-1), days(1)].into_iter().flatten().collect(),
        Some(n) => days(n).into_iter().collect(),
        None => written_days(&digits(text), today),
    };
    if candidates.is_empty() {
        return Err(Phrase::NotADate);
    }
    candidates.into_iter().find(|day| fits(wanted, *day, today)).ok_or(Phrase::DateOutside)
}

fn fits(wanted: &Date, day: Day, today: Day) -> bool {
    let away = i64::from(today.until(day).map(|s| s.get_days()).unwrap_or_default());
    let within = |max: Option<u32>, n: i64| max.is_none_or(|max| n <= i64::from(max));
    within(wanted.days_ahead_max, away) && within(wanted.days_back_max, -away)
}

fn written_days(text: &str, today: Day) -> Vec<Day> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
    let new = |year: i16, month: &str, day: &str| Day::new(year, month.parse().ok()?, day.parse().ok()?).ok();
    let found = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => vec![year.parse().ok().and_then(|y| new(y, month, day))],
        [day, month, year] => {
            let year: Option<i16> = year.parse().ok().map(|y: i16| if y < 100 { y + 2_000 } else { y });
            vec![year.and_then(|y| new(y, month, day))]
        }
        [day, month] => [0, -1, 1].map(|years| new(today.year() + years, month, day)).to_vec(),
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

/// Devanagari digits as ASCII ones.
fn digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;
    use crate::format;

    #[test]
    fn understands_a_typed_choice() {
        let choice: format::Choice = format::read_as(
            "options:\n  - {id: oven, title: {en: Oven, it: Forno, hi: ओवन}, words: {en: [cooker]}}\n  - {id: washer, title: {en: Washing machine, it: Lavatrice}}",
        )
        .unwrap();
        for (said, expect) in [
            ("Oven", Some("oven")),
            ("forno!", Some("oven")),
            ("ओवन", Some("oven")),
            ("cooker", Some("oven")),
            ("2", Some("washer")),
            ("२", Some("washer")),
            ("lavatrce", Some("washer")),
            ("3", None),
            ("0", None),
            ("ovn", None),
            ("it is my Washing Machine!", Some("washer")),
            ("an oven, or a washing machine", None),
            ("dishwasher", None),
            ("", None),
        ] {
            assert_eq!(option(&choice.options, said).map(|o| o.id.as_str()), expect, "{said}");
        }
    }

    #[test]
    fn understands_sums() {
        for (said, expect) in [
            ("49,90 €", Some(49.9)),
            ("€ 49.90", Some(49.9)),
            ("EUR 1.234,50", Some(1_234.5)),
            ("₹1,23,456", Some(123_456.0)),
            ("1,234.50 USD", Some(1_234.5)),
            ("1 234,5", Some(1_234.5)),
            ("1.234.567", Some(1_234_567.0)),
            ("1,234", Some(1_234.0)),
            ("0,5", Some(0.5)),
            ("-12.00", Some(-12.0)),
            ("₹ ४९९", Some(499.0)),
            ("it was 49,90 euro", Some(49.9)),
            ("3 or 4", None),
            ("3 4", None),
            ("it was some 49 euro or so I think", None),
            ("pay_29QQoUBi66xm2f", None),
            ("", None),
            ("nothing", None),
        ] {
            assert_eq!(sum(said), expect, "{said}");
        }
    }

    #[test]
    fn understands_numbers_and_days() {
        let limits = Number { min: Some(1.0), max: Some(10.0), whole: false };
        for (said, expect) in [
            ("3", Ok(3.0)),
            (" 1,5 ", Ok(1.5)),
            ("७", Ok(7.0)),
            ("three", Err(Phrase::NotANumber)),
            ("nan", Err(Phrase::NotANumber)),
            ("inf", Err(Phrase::NotANumber)),
            ("0", Err(Phrase::NumberFrom)),
            ("11", Err(Phrase::NumberTo)),
        ] {
            assert_eq!(number(&limits, said), expect, "{said}");
        }
        let today = day(2026, 1, 5);
        let bought = Date { days_back_max: Some(800), days_ahead_max: Some(0) };
        for (said, expect) in [
            ("2025-12-31", Ok(day(2025, 12, 31))),
            ("31/12/2025", Ok(day(2025, 12, 31))),
            ("31.12.25", Ok(day(2025, 12, 31))),
            ("31/12", Ok(day(2025, 12, 31))),
            ("ieri", Ok(day(2026, 1, 4))),
            ("कल", Ok(day(2026, 1, 4))),
            ("domani", Err(Phrase::DateOutside)),
            ("31/02/2025", Err(Phrase::NotADate)),
            ("last year", Err(Phrase::NotADate)),
            ("1/1/2020", Err(Phrase::DateOutside)),
        ] {
            assert_eq!(date(&bought, said, today), expect, "{said}");
        }
    }
}
