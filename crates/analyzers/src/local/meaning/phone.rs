//! Telephone numbers as E.164 where that can be told.
//!
//! A small table instead of a port of Google's metadata (a megabyte of patterns): a help desk needs the calling
//! code, a plausible length and the number to dial, not whether a range has been handed out.

use std::{slice, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use super::amount::region;
use super::normal::Normal;
use crate::local::page::{Page, Span, Taken};

struct Country {
    region: &'static str,
    code: &'static str,
    /// What is dialled before a national number and left out after the calling code. Italy keeps its 0.
    trunk: &'static str,
    /// Digits after the calling code, the trunk left out.
    lengths: std::ops::RangeInclusive<usize>,
}

const fn country(
    region: &'static str,
    code: &'static str,
    trunk: &'static str,
    lengths: std::ops::RangeInclusive<usize>,
) -> Country {
    Country { region, code, trunk, lengths }
}

const COUNTRIES: [Country; 24] = [
    country("IT", "39", "", 6..=11),
    country("US", "1", "1", 10..=10),
    country("CA", "1", "1", 10..=10),
    country("IN", "91", "0", 10..=10),
    country("BR", "55", "0", 10..=11),
    country("ES", "34", "", 9..=9),
    country("PT", "351", "", 9..=9),
    country("DE", "49", "0", 6..=13),
    country("FR", "33", "0", 9..=9),
    country("GB", "44", "0", 9..=10),
    country("IE", "353", "0", 7..=9),
    country("AT", "43", "0", 6..=13),
    country("CH", "41", "0", 9..=9),
    country("NL", "31", "0", 9..=9),
    country("BE", "32", "0", 8..=9),
    country("PL", "48", "", 9..=9),
    country("MX", "52", "", 10..=11),
    country("AR", "54", "0", 10..=11),
    country("CL", "56", "", 9..=9),
    country("CO", "57", "", 10..=10),
    country("PE", "51", "0", 8..=9),
    country("AU", "61", "0", 9..=9),
    country("ZA", "27", "0", 9..=9),
    country("AE", "971", "0", 8..=9),
];

/// The calling codes of the others, as the ITU has given them out.
const OTHER_CODES: &str = " 7 20 30 36 40 45 46 47 53 58 60 62 63 64 65 66 81 82 84 86 90 92 93 94 95 98 211 212 213 216 218 \
    220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 248 249 \
    250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 352 354 355 \
    356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 \
    504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 \
    683 685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 972 973 \
    974 975 976 977 992 993 994 995 996 998 ";

pub(super) fn parse(text: &str, locale: Option<&str>) -> Option<Normal> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.chars().skip(2).all(|char| digits.starts_with(char)) {
        return None;
    }
    if text.trim_start_matches(['(', ' ']).starts_with('+') {
        return international(&digits);
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return international(rest);
    }
    let known = locale.and_then(country_of);
    if let Some(number) = known.and_then(|country| national(country, &digits)) {
        return normal(number, 1.0, None);
    }
    // Without a country the number is kept as it was dialled.
    let plausible = (7..=12).contains(&digits.len());
    let note = "the country is not known, so it is given as written".to_owned();
    plausible.then(|| normal(digits, 0.85, Some(note))).flatten()
}

/// A number that a narrow bubble or label broke.
pub(crate) struct Split {
    /// E.164.
    pub(crate) number: String,
    pub(crate) spans: [Span; 2],
}

static ENDS: LazyLock<Regex> = LazyLock::new(|| expression(r"\+ ?\d{1,3}(?:[ .\-()/]{0,2}\d){2,11}$"));
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| expression(r"^\d{2,10}(?:[ .\-]\d{2,5}){0,2}"));

fn expression(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are part of the program, and a test uses them")]
    Regex::new(pattern).expect("the pattern compiles")
}

/// International numbers whose digits go on at the beginning of the next line.
///
/// A number that is whole without them takes them only where they are all of their line.
pub(crate) fn over_lines(page: &Page) -> Vec<Split> {
    let mut found: Vec<Split> = Vec::new();
    let mut taken = Taken::default();
    for chain in page.chains() {
        for pair in chain.windows(2) {
            let &[first, second] = pair else { continue };
            if let Some(split) = over(page, first, second)
                && taken.take(slice::from_ref(&split.spans[0]))
            {
                found.push(split);
            }
        }
    }
    found
}

fn over(page: &Page, first: usize, second: usize) -> Option<Split> {
    let (line, next) = (page.lines.get(first)?, page.lines.get(second)?);
    let tail = ENDS.find(line.text.trim_end())?;
    let head = GOES_ON.find(&next.text)?;
    let rest = next.text.get(head.end()..)?;
    let is_all = rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
    let goes_on = rest.starts_with(char::is_alphanumeric);
    let is_whole_alone = parse(tail.as_str(), None).is_some();
    if goes_on || (is_whole_alone && !is_all) {
        return None;
    }
    let number = parse(&format!("{}{}", tail.as_str(), head.as_str()), None)?;
    Some(Split {
        number: number.value.as_str()?.to_owned(),
        spans: [
            Span { line: first, chars: line.chars(tail.range()) },
            Span { line: second, chars: next.chars(head.range()) },
        ],
    })
}

fn normal(value: String, certainty: f32, note: Option<String>) -> Option<Normal> {
    Some(Normal { value: Value::String(value), certainty, note })
}

fn country_of(locale: &str) -> Option<&'static Country> {
    // A language alone names its country only where few others speak it.
    let region = region(locale).or_else(|| match locale {
        "it" => Some("IT".to_owned()),
        "hi" => Some("IN".to_owned()),
        "de" => Some("DE".to_owned()),
        "fr" => Some("FR".to_owned()),
        _ => None,
    })?;
    COUNTRIES.iter().find(|country| country.region == region)
}

fn national(country: &Country, digits: &str) -> Option<String> {
    let number = digits.strip_prefix(country.trunk).unwrap_or(digits);
    country.lengths.contains(&number.len()).then(|| format!("+{}{number}", country.code))
}

fn international(digits: &str) -> Option<Normal> {
    let country = COUNTRIES.iter().find(|country| digits.starts_with(country.code));
    let number = match country {
        // +44 (0)20 …: the trunk in brackets is not dialled.
        Some(country) => national(country, digits.strip_prefix(country.code)?)?,
        None => {
            let known = (1..=3).any(|length| {
                let code = digits.get(..length).unwrap_or("?");
                OTHER_CODES.contains(&format!(" {code} "))
            });
            (known && (8..=15).contains(&digits.len())).then(|| format!("+{digits}"))?
        }
    };
    normal(number, 1.0, None)
}
