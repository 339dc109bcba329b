//! IBAN: the country's length and form, and the check digits (ISO 13616).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Hit;
use super::glyphs::{Gap, Glyphs, digit};
use crate::local::check;

const FILE: &str = include_str!("../../../rules/iban.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    /// Country to form: `4a14n` is four letters and fourteen digits, `c` is either.
    bban: BTreeMap<String, String>,
}

/// What may stand at each place after the country and the check digits.
static FORMS: LazyLock<BTreeMap<String, Vec<char>>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    let registry: Registry = toml::from_str(FILE).expect("the IBAN registry is sound");
    registry.bban.into_iter().map(|(country, form)| (country, expand(&form))).collect()
});

/// `4a14n` → `aaaannnnnnnnnnnnnn`.
fn expand(form: &str) -> Vec<char> {
    let mut places = Vec::new();
    let mut count = 0;
    for char in form.chars() {
        match char.to_digit(10).and_then(|digit| usize::try_from(digit).ok()) {
            Some(digit) => count = count * 10 + digit,
            None => places.extend(std::iter::repeat_n(char, std::mem::take(&mut count))),
        }
    }
    places
}

/// Letters and digits only, in capitals.
pub(crate) fn is_valid(compact: &str) -> bool {
    has_form(compact) && check::mod97(compact)
}

/// Country, length and kinds of characters are right, whatever the check digits say.
pub(crate) fn has_form(compact: &str) -> bool {
    let form = compact.get(..2).and_then(|country| FORMS.get(country));
    form.is_some_and(|form| {
        compact.len() == form.len() + 4
            && compact.chars().skip(2).take(2).all(|char| char.is_ascii_digit())
            && compact.chars().skip(4).zip(form).all(|(char, place)| match place {
                'n' => char.is_ascii_digit(),
                'a' => char.is_ascii_uppercase(),
                _ => char.is_ascii_alphanumeric(),
            })
    })
}

pub(super) fn find(glyphs: &Glyphs) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut from = 0;
    while from + 15 <= glyphs.all.len() {
        match at(glyphs, from) {
            Some((hit, length)) => {
                hits.push(hit);
                from += length;
            }
            None => from += 1,
        }
    }
    hits
}

fn at(glyphs: &Glyphs, from: usize) -> Option<(Hit, usize)> {
    // “VISA 65…” and “No. 99…” are no account of Saudi Arabia and of Norway: one check in a hundred agrees by chance.
    let country = glyphs.all.get(from..from + 2)?;
    if !begins(glyphs, from) || !country.iter().all(|glyph| glyph.char.is_ascii_uppercase()) {
        return None;
    }
    let country: String =
        glyphs.all.get(from..from + 2)?.iter().map(|glyph| glyph.char.to_ascii_uppercase()).collect();
    let form = FORMS.get(&country)?;
    let length = form.len() + 4;
    let all = glyphs.all.get(from..from + length)?;
    if all.iter().skip(1).any(|glyph| glyph.gap == Gap::Wall) {
        return None;
    }
    let read: String = all.iter().map(|glyph| glyph.char.to_ascii_uppercase()).collect();
    // Where either may stand, most accounts have digits.
    let mended = |either: char| -> String {
        all.iter()
            .zip("aann".chars().chain(form.iter().copied()))
            .map(|(glyph, place)| match if place == 'c' { either } else { place } {
                'n' => digit(glyph.char).unwrap_or(glyph.char),
                'a' => letter(glyph.char),
                _ => glyph.char.to_ascii_uppercase(),
            })
            .collect()
    };
    let number = [read, mended('c'), mended('n')].into_iter().find(|number| is_valid(number))?;
    let shown: String = number.chars().skip(length - 4).collect();
    let hit = Hit {
        kind: "pii.iban",
        masked: format!("{country}•• •••• {shown}"),
        confidence: 0.99,
        why: format!("an account number of the length and form of {country} whose check digits agree"),
        spans: glyphs.spans(from, from + length),
    };
    Some((hit, length))
}

/// At the beginning of a word, or glued to the word IBAN.
fn begins(glyphs: &Glyphs, from: usize) -> bool {
    let glued = glyphs.all.get(from).is_some_and(|glyph| glyph.gap == Gap::None);
    let before = from.checked_sub(4).and_then(|start| glyphs.all.get(start..from)).unwrap_or_default();
    !glued || before.iter().map(|glyph| glyph.char.to_ascii_uppercase()).eq("IBAN".chars())
}

fn letter(char: char) -> char {
    match char {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '5' => 'S',
        '6' => 'G',
        '8' => 'B',
        other => other.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registrys_examples_are_valid() {
        let examples = [
            "AL47212110090000000235698741",
            "AD1200012030200359100100",
            "AT611904300234573201",
            "BE68539007547034",
            "BR9700360305000010009795493P1",
            "BG80BNBG96611020345678",
            "HR1210010051863000160",
            "CY17002001280000001200527600",
            "CZ6508000000192000145399",
            "DK5000400440116243",
            "EE382200221020145685",
            "FI2112345600000785",
            "FR1420041010050500013M02606",
            "DE89370400440532013000",
            "GR1601101250000000012300695",
            "HU42117730161111101800000000",
            "IE29AIBK93115212345678",
            "IT60X0542811101000000123456",
            "LV80BANK0000435195001",
            "LT121000011101001000",
            "LU280019400644750000",
            "MT84MALT011000012345MTLCAST001S",
            "NL91ABNA0417164300",
            "NO9386011117947",
            "PL61109010140000071219812874",
            "PT50000201231234567890154",
            "RO49AAAA1B31007593840000",
            "SM86U0322509800000000270100",
            "SA0380000000608010167519",
            "SK3112000000198742637541",
            "SI56263300012039086",
            "ES9121000418450200051332",
            "SE4550000000058398257466",
            "CH9300762011623852957",
            "TR330006100519786457841326",
            "AE070331234567890123456",
            "GB29NWBK60161331926819",
        ];
        for example in examples {
            assert!(is_valid(example), "{example}");
        }
    }
}
