//! Sums of money, as ten countries write them.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::{Found, normal::Normal, round};
use crate::local::page::{Page, Span};

/// Symbols and codes before or after a number. `parse` knows each of them.
pub(super) const CURRENCY_PATTERN: &str = r"(?:R\$|US\$|AU\$|CA\$|A\$|C\$|NZ\$|HK\$|S\$|MX\$|NT\$|\$U|S/\.?|€|\$|£|₹|¥|₽|₺|₩|₫|₴|₦|₱|฿|₪|zł|Kč|Ft|lei|\bRs\b\.?|\bINR\b|\bEUR[O0]?\b|\bEuro\b|\beuros?\b|\bUSD\b|\bGBP\b|\bBRL\b|\bCHF\b|\bFr\.|\bJPY\b|\bCNY\b|\bRMB\b|\bAUD\b|\bCAD\b|\bNZD\b|\bSGD\b|\bHKD\b|\bMXN\b|\bARS\b|\bCLP\b|\bCOP\b|\bPEN\b|\bUYU\b|\bPLN\b|\bCZK\b|\bHUF\b|\bRON\b|\bBGN\b|\bSEK\b|\bNOK\b|\bDKK\b|\bkr\b|\bTRY\b|\bTL\b|\bRUB\b|\bUAH\b|\bAED\b|\bSAR\b|\bQAR\b|\bKWD\b|\bBHD\b|\bOMR\b|\bEGP\b|\bILS\b|\bZAR\b|\bKES\b|\bNGN\b|\bPKR\b|\bBDT\b|\bLKR\b|\bNPR\b|\bTHB\b|\bVND\b|\bIDR\b|\bRp\b|\bMYR\b|\bRM\b|\bPHP\b|\bKRW\b|\bTWD\b)";

#[expect(clippy::expect_used, reason = "constants that every test of this module compiles")]
static CURRENCY_LAST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("({CURRENCY_PATTERN})[ :.]*$")).expect("the pattern compiles"));
#[expect(clippy::expect_used, reason = "constants that every test of this module compiles")]
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ *(-?(?:\d{1,3}(?:[., ']\d{2,3}){0,5}|\d+)[.,]\d{2}) *$").expect("the pattern compiles")
});

/// Sums that stand in a column of their own, as on a bill: the currency ends the box to the left.
pub(super) fn in_columns(page: &Page, locale: Option<&str>) -> Vec<Found> {
    (0..page.lines.len()).filter_map(|index| in_column(page, index, locale)).collect()
}

fn in_column(page: &Page, index: usize, locale: Option<&str>) -> Option<Found> {
    let line = page.lines.get(index)?;
    let number = BARE.captures(&line.text)?.get(1)?;
    let label = &page.lines.get(page.left_of(index)?)?.text;
    let currency = CURRENCY_LAST.captures(label)?.get(1)?.as_str();
    let Normal { value, certainty, note } = parse(&format!("{currency} {}", number.as_str()), locale)?;
    let why = format!("a number in the row of “{}”", label.trim());
    Some(Found {
        kind: "entity.amount",
        value,
        confidence: round(0.9 * certainty * (0.6 + 0.4 * line.confidence)),
        why: note.map_or(why.clone(), |note| format!("{why}; {note}")),
        span: Span { line: index, chars: line.chars(number.range()) },
        rank: 1,
    })
}

/// `€1.234,56` as amount and currency; `None` where the number is no sum.
pub(super) fn parse(text: &str, locale: Option<&str>) -> Option<Normal> {
    let first = text.find(|char: char| char.is_ascii_digit())?;
    let last = text.rfind(|char: char| char.is_ascii_digit())?;
    let number = text.get(first..=last)?;
    let around = format!("{} {}", text.get(..first)?, text.get(last + 1..)?);
    let negative = around.contains('-') && !around.contains(".-") && !around.contains(",-");
    let word = around
        .trim_matches(|char: char| char.is_whitespace() || matches!(char, '-' | '+' | ',' | ':' | '(' | ')'));
    let (currency, certainty, note) = currency(word, locale)?;
    let amount = decimal(number, currency)?;
    let amount = if negative { format!("-{amount}") } else { amount };
    Some(Normal { value: json!({ "amount": amount, "currency": currency }), certainty, note })
}

/// A sign, what it means where several countries use it, and what it means in all the others, if that needs saying.
type Shared = (&'static str, &'static [(&'static str, &'static str)], Option<&'static str>);

const SHARED: [Shared; 4] = [
    (
        "$",
        &[
            ("US", "USD"),
            ("MX", "MXN"),
            ("AR", "ARS"),
            ("CL", "CLP"),
            ("CO", "COP"),
            ("CA", "CAD"),
            ("AU", "AUD"),
            ("NZ", "NZD"),
            ("SG", "SGD"),
            ("HK", "HKD"),
        ],
        Some("USD"),
    ),
    ("¥", &[("JP", "JPY"), ("CN", "CNY")], Some("JPY")),
    ("kr", &[("SE", "SEK"), ("NO", "NOK"), ("DK", "DKK")], Some("SEK")),
    // Elsewhere it is India's, which the others' desks know.
    ("Rs", &[("PK", "PKR"), ("LK", "LKR"), ("NP", "NPR")], None),
];

/// The ISO 4217 code a sign stands for. `$`, `¥` and `kr` belong to several countries: the locale decides.
fn currency(word: &str, locale: Option<&str>) -> Option<(&'static str, f32, Option<String>)> {
    let region = locale.and_then(region).unwrap_or_default();
    let trimmed = word.trim_end_matches(['.', ',']);
    let shared = SHARED.iter().find(|(sign, ..)| *sign == trimmed);
    let own = shared.and_then(|(_, countries, _)| countries.iter().find(|(country, _)| *country == region));
    let (own, usual) = (own.map(|(_, code)| *code), shared.and_then(|(.., usual)| *usual));
    if let Some(code) = own.or(usual) {
        let note = || format!("the sign “{trimmed}” is used for several currencies and was taken for {code}");
        return Some(if own == usual { (code, 1.0, None) } else { (code, 0.85, Some(note())) });
    }
    let sure = match trimmed {
        "R$" => "BRL",
        "US$" => "USD",
        "AU$" | "A$" => "AUD",
        "CA$" | "C$" => "CAD",
        "NZ$" => "NZD",
        "HK$" => "HKD",
        "S$" => "SGD",
        "MX$" => "MXN",
        "NT$" => "TWD",
        "$U" => "UYU",
        "S/" => "PEN",
        "€" | "EURO" | "EUR0" | "EUR" | "Euro" | "euro" | "euros" => "EUR",
        "£" => "GBP",
        "₹" | "Rs" => "INR",
        "₽" => "RUB",
        "₺" | "TL" => "TRY",
        "₩" => "KRW",
        "₫" => "VND",
        "₴" => "UAH",
        "₦" => "NGN",
        "₱" => "PHP",
        "฿" => "THB",
        "₪" => "ILS",
        "zł" => "PLN",
        "Kč" => "CZK",
        "Ft" => "HUF",
        "lei" => "RON",
        "Fr" => "CHF",
        "RMB" => "CNY",
        "Rp" => "IDR",
        "RM" => "MYR",
        code => CODES.iter().find(|known| **known == code)?,
    };
    Some((sure, 1.0, None))
}

const CODES: [&str; 47] = [
    "INR", "USD", "GBP", "BRL", "CHF", "JPY", "CNY", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP",
    "COP", "PEN", "UYU", "PLN", "CZK", "HUF", "RON", "BGN", "SEK", "NOK", "DKK", "TRY", "RUB", "UAH", "AED",
    "SAR", "QAR", "KWD", "BHD", "OMR", "EGP", "ILS", "ZAR", "KES", "NGN", "PKR", "BDT", "LKR", "NPR", "THB",
    "VND", "IDR",
];

/// The country of a locale: of `es-MX` MX; of `en` none.
pub(super) fn region(locale: &str) -> Option<String> {
    locale.split(['-', '_']).skip(1).find(|part| part.len() == 2).map(str::to_uppercase)
}

/// The number without its separators, with a point: `1.234,56` → `1234.56`, `1,23,456` → `123456`.
pub(crate) fn decimal(number: &str, currency: &str) -> Option<String> {
    let groups: Vec<&str> =
        number.split(|char: char| !char.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let separators: Vec<char> =
        number.chars().filter(|char| !char.is_ascii_digit() && *char != ' ').collect();
    let (last, head) = groups.split_last()?;
    let Some((first, middle)) = head.split_first() else { return bounded(last) };
    let spaced = separators.is_empty();
    let several = separators.windows(2).any(|pair| matches!(pair, [left, right] if left != right));
    let decimals = match last.len() {
        1 | 2 => !spaced,
        3 => {
            ["KWD", "BHD", "OMR"].contains(&currency) && groups.len() == 2
                || several && groups.len() > 2 && middle_of_three(middle)
        }
        _ => return None,
    };
    if last.len() == 3 && decimals && several {
        // 1.234,567: three decimals only where the currency has them.
        return ["KWD", "BHD", "OMR"]
            .contains(&currency)
            .then(|| bounded(&format!("{}.{last}", head.concat())))?;
    }
    // 1,23,456 (India) and 1.234.567: what stands between has two or three digits, what is before at most three.
    let grouped = if decimals { middle } else { head.get(1..)? };
    let whole_ends_in_three = !decimals || grouped.last().is_none_or(|group| group.len() == 3);
    if first.len() > 3 && !(decimals && middle.is_empty())
        || !grouped.iter().all(|group| matches!(group.len(), 2 | 3))
        || !whole_ends_in_three
        || (spaced && last.len() != 3)
    {
        return None;
    }
    if decimals { bounded(&format!("{}.{last}", head.concat())) } else { bounded(&groups.concat()) }
}

fn middle_of_three(middle: &[&str]) -> bool {
    middle.iter().all(|group| group.len() == 3)
}

/// No sum has more than fifteen digits; leading noughts go, one stays before the point.
fn bounded(number: &str) -> Option<String> {
    let trimmed = number.trim_start_matches('0');
    let number = if trimmed.is_empty() || trimmed.starts_with('.') {
        format!("0{trimmed}")
    } else {
        trimmed.to_owned()
    };
    (number.len() <= 16).then_some(number)
}
