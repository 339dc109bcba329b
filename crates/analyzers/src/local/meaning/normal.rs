//! The names rule files call: what proves a match, and what turns its text into a value.

use serde::Deserialize;
use serde_json::Value;

use crate::local::check;
use crate::local::personal::iban;

/// What a match stands for.
pub(super) struct Normal {
    pub(super) value: Value,
    /// 1.0, or less where the text can be read in more than one way.
    pub(super) certainty: f32,
    /// What a person should know of it, after the rule's own sentence.
    pub(super) note: Option<String>,
}

impl Normal {
    fn text(value: impl Into<String>) -> Option<Normal> {
        Some(Normal { value: Value::String(value.into()), certainty: 1.0, note: None })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Validator {
    Luhn,
    Iban,
    UpuS10,
    Ups,
    Fedex,
    Gs1,
    DhlExpress,
    /// At least one digit.
    HasDigit,
    /// At least three digits, so that no word is a number.
    HasDigits,
    /// A letter and a digit.
    Mixed,
    Ipv4,
    /// Eight groups, or `::` once.
    Ipv6,
    /// Digits, or capitals joined as a program's names are.
    CodeLike,
    /// Capitals joined by underscores, at least one.
    ErrorName,
    /// Five characters or more, with a digit, and no date.
    SerialLike,
    /// Eight or more with five digits among them.
    TrackingLike,
    /// The first fifteen digits by Luhn.
    Imei,
    /// A host's name that is no file's.
    BareHost,
    Pan,
    CodiceFiscale,
    Dni,
    Cpf,
    Cnpj,
    Nif,
    Ssn,
    SteuerId,
    Nir,
    /// Nine characters, or ten of which the last is the check digit.
    GermanDocument,
    /// A word of an address and a digit, or a postal code of six digits.
    AddressIndia,
    /// Not the same digit all along, not 123456789.
    NotTrivial,
}

impl Validator {
    pub(super) fn is_arithmetic(self) -> bool {
        use Validator::*;
        matches!(
            self,
            Luhn | Iban
                | UpuS10
                | Ups
                | Fedex
                | Gs1
                | DhlExpress
                | Imei
                | CodiceFiscale
                | Dni
                | Cpf
                | Cnpj
                | Nif
                | SteuerId
                | Nir
        )
    }

    pub(super) fn holds(self, text: &str) -> bool {
        let compact = check::compact(text);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        match self {
            Validator::Luhn => check::luhn(&compact),
            Validator::Iban => iban::is_valid(&compact),
            Validator::UpuS10 => check::upu_s10(&compact),
            Validator::Ups => check::ups(&compact),
            Validator::Fedex => check::fedex(&compact),
            Validator::Gs1 => check::gs1(&compact),
            Validator::DhlExpress => check::dhl_express(&compact),
            Validator::HasDigit => digits >= 1,
            Validator::HasDigits => digits >= 3,
            Validator::Mixed => digits >= 1 && text.chars().any(|char| char.is_ascii_alphabetic()),
            Validator::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Validator::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            Validator::CodeLike => {
                digits >= 1 || text.contains(['_', '-']) && text.chars().any(char::is_alphabetic)
            }
            Validator::ErrorName => text.contains('_'),
            Validator::SerialLike => {
                let date = !text.contains(char::is_alphabetic) && super::date::parse(text, None).is_some();
                digits >= 1 && compact.len() >= 5 && !date
            }

            Validator::TrackingLike => digits >= 5 && compact.len() >= 8,
            Validator::Imei => check::luhn(&compact.chars().take(15).collect::<String>()),
            Validator::BareHost => {
                !text.ends_with(".info") && text.chars().filter(char::is_ascii_alphabetic).count() > 4
            }
            // Six letters, one of which may have been read as a digit.
            Validator::Pan => (3..=5).contains(&digits) && check::pan(&shaped(&compact, "aaaaannnna")),
            Validator::GermanDocument => {
                digits >= 3 && (compact.len() == 9 || check::german_document(&compact))
            }
            Validator::CodiceFiscale => {
                let has_form = |text: &str| {
                    text.chars()
                        .zip("aaaaaaccaccaccca".chars())
                        .all(|(char, place)| place == 'c' || char.is_ascii_uppercase())
                        && text.chars().filter(char::is_ascii_digit).count() >= 3
                };
                let mended = shaped(&compact, "aaaaaannannannna");
                [compact, mended].iter().any(|text| has_form(text) && check::codice_fiscale(text))
            }
            Validator::Dni => {
                // Shorter numbers are printed without their noughts.
                check::dni(&if compact.starts_with(['X', 'Y', 'Z']) {
                    compact
                } else {
                    format!("{compact:0>9}")
                })
            }
            Validator::Cpf => check::cpf(&shaped(&compact, "nnnnnnnnnnn")),
            Validator::Cnpj => check::cnpj(&compact),
            Validator::Nif => check::nif(&compact),
            Validator::Ssn => check::ssn(&compact),
            Validator::SteuerId => check::steuer_id(&compact),
            Validator::Nir => check::nir(&compact),
            Validator::AddressIndia => {
                digits >= 1 && text.chars().filter(|char| char.is_alphabetic()).count() >= 6
            }
            Validator::NotTrivial => {
                let digits: Vec<char> = compact.chars().collect();
                !digits.windows(2).all(|pair| matches!(pair, [left, right] if left == right))
                    && !"01234567890123456789".contains(&compact)
            }
        }
    }
}

/// The text with what a reader confuses put right where only letters (`a`) or only digits (`n`) may stand.
fn shaped(compact: &str, shape: &str) -> String {
    compact
        .chars()
        .zip(shape.chars().chain(std::iter::repeat('c')))
        .map(|(char, place)| match (place, char) {
            ('n', 'O' | 'Q' | 'D') => '0',
            ('n', 'I' | 'L') => '1',
            ('n', 'Z') => '2',
            ('n', 'S') => '5',
            ('n', 'G') => '6',
            ('n', 'B') => '8',
            ('a', '0') => 'O',
            ('a', '1') => 'I',
            ('a', '2') => 'Z',
            ('a', '5') => 'S',
            ('a', '6') => 'G',
            ('a', '8') => 'B',
            (_, char) => char,
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Normaliser {
    /// As it was read, without space around it.
    #[default]
    Trim,
    /// Letters and digits only, in capitals.
    Compact,
    /// Capitals, without spaces.
    Upper,
    Lower,
    /// A code on a small display: the letter, then digits, where a reader takes 0 for O and 1 for I.
    DisplayCode,
    /// A labelled code: as it was read, capitals, O between digits as 0.
    ErrorCode,
    /// The first fifteen digits.
    Imei,
    /// One space between a name and its number.
    Spaced,
    /// One space between a number and its unit.
    SpacedUnit,
    /// A speed in Mbit/s; a number without a unit is one already.
    Speed,
    /// A signal as a radio receives it, in dBm.
    Signal,
    Email,
    Url,
    Mac,
    Amount,
    Date,
    Phone,
}

impl Normaliser {
    pub(super) fn apply(self, text: &str, locale: Option<&str>) -> Option<Normal> {
        let text = text.trim();
        match self {
            Normaliser::Trim => Normal::text(text),
            Normaliser::Compact => Normal::text(check::compact(text)),
            Normaliser::Upper => Normal::text(text.split_whitespace().collect::<String>().to_uppercase()),
            Normaliser::Lower => Normal::text(text.to_lowercase()),
            Normaliser::DisplayCode => Normal::text(display_code(text)?),
            Normaliser::ErrorCode => Normal::text(error_code(text)),
            Normaliser::Imei => Normal::text(check::compact(text).chars().take(15).collect::<String>()),
            Normaliser::Spaced => Normal::text(spaced(text)),
            Normaliser::SpacedUnit => Normal::text(spaced_unit(text)?),
            Normaliser::Speed => Normal::text(speed(text)?),
            Normaliser::Signal => Normal::text(signal(text)?),
            Normaliser::Email => Normal::text(text.split_whitespace().collect::<String>().to_lowercase()),
            Normaliser::Url => Normal::text(url(text)),
            Normaliser::Mac => Normal::text(mac(text)?),
            Normaliser::Amount => super::amount::parse(text, locale),
            Normaliser::Date => super::date::parse(text, locale),
            Normaliser::Phone => super::phone::parse(text, locale),
        }
    }
}

/// `EO3` and `E 0l` are E03 and E01: after the letters of such a code only digits follow.
fn display_code(text: &str) -> Option<String> {
    let upper: String = text.chars().filter(|char| char.is_alphanumeric()).collect();
    if upper.chars().count() > 8 {
        return None;
    }
    let first_digit = upper.find(|char: char| char.is_ascii_digit())?;
    // A letter O right before the digits is one of them, unless it is the code's only letter.
    let letters = upper.get(..first_digit)?;
    let head = letters.trim_end_matches(['O', 'o']);
    let head = if head.is_empty() { letters } else { head };
    let tail = upper.get(head.len()..)?;
    let digits: String = tail
        .chars()
        .map(|char| match char {
            'O' | 'o' => '0',
            'I' | 'l' => '1',
            other => other,
        })
        .collect();
    Some(format!("{head}{digits}"))
}

/// A short code of a display loses its confusions; a longer one stays as it stands.
fn error_code(text: &str) -> String {
    let short =
        text.chars().count() <= 5 && !text.contains([':', '.']) && text.starts_with(char::is_alphabetic);
    let code = if short { display_code(text) } else { None };
    code.unwrap_or_else(|| text.to_owned())
}

/// `iOS17.2` → `iOS 17.2`.
fn spaced(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.find(|char: char| char.is_ascii_digit()).and_then(|at| text.split_at_checked(at)) {
        Some((name, number)) if !name.ends_with(' ') => format!("{name} {number}"),
        _ => text,
    }
}

/// `23ms` → `23 ms`.
fn spaced_unit(text: &str) -> Option<String> {
    let (number, unit) = text.split_at_checked(text.find(char::is_alphabetic)?)?;
    Some(format!("{} {unit}", number.trim()))
}

/// `1,2 Gbps` → `1200`, `512 kbit/s` → `0.512`, `94.20` → `94.2`.
fn speed(text: &str) -> Option<String> {
    let unit = text.find(char::is_alphabetic).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(unit)?;
    let number: f64 = number.trim().replace(',', ".").parse().ok()?;
    let mbit_s = match unit.chars().next() {
        Some('k' | 'K') => number / 1_000.0,
        Some('G') => number * 1_000.0,
        _ => number,
    };
    let text = format!("{mbit_s:.3}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// From the strongest that stands beside a mast to what no radio hears any more.
fn signal(text: &str) -> Option<String> {
    let dbm: i16 = text.chars().filter(char::is_ascii_digit).take(3).collect::<String>().parse().ok()?;
    (20..=140).contains(&dbm).then(|| format!("-{dbm} dBm"))
}

/// Scheme and host in small letters; what a sentence puts after a link is not part of it.
fn url(text: &str) -> String {
    let text = text.trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '>', '!', '?']);
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let host_ends = whole.find("://").map_or(0, |at| at + 3);
    let (head, tail) = whole.split_at_checked(host_ends).unwrap_or(("", &whole));
    let path = tail.find(['/', '?', '#']).unwrap_or(tail.len());
    let (host, path) = tail.split_at_checked(path).unwrap_or((tail, ""));
    format!("{}{}{path}", head.to_lowercase(), host.to_lowercase())
}

/// Six pairs with colons.
fn mac(text: &str) -> Option<String> {
    let compact = check::compact(text);
    let trivial = compact.chars().all(|char| char == '0') || compact.chars().all(|char| char == 'F');
    let pairs: Vec<String> =
        compact.chars().collect::<Vec<_>>().chunks(2).map(|pair| pair.iter().collect()).collect();
    (pairs.len() == 6 && !trivial).then(|| pairs.join(":"))
}
