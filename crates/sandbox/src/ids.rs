//! Ids as Meta shapes them, made from a counter and a seed: unique, and the same in every run.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Media ids have sixteen digits and begin with 1; multiplying by a number coprime to ten never repeats one.
const MEDIA_SPAN: u128 = 1_000_000_000_000_000;
const MEDIA_STEP: u128 = 982_451_653;

/// Country codes of the phone numbers that people try first; the rest get a placeholder country.
const COUNTRIES: [(&str, &str); 24] = [
    ("39", "IT"),
    ("44", "GB"),
    ("49", "DE"),
    ("33", "FR"),
    ("34", "ES"),
    ("351", "PT"),
    ("31", "NL"),
    ("32", "BE"),
    ("41", "CH"),
    ("43", "AT"),
    ("48", "PL"),
    ("353", "IE"),
    ("55", "BR"),
    ("54", "AR"),
    ("52", "MX"),
    ("57", "CO"),
    ("56", "CL"),
    ("91", "IN"),
    ("62", "ID"),
    ("65", "SG"),
    ("234", "NG"),
    ("27", "ZA"),
    ("61", "AU"),
    ("1", "US"),
];

pub fn wamid(seed: u64, n: u64, who: &str, from_business: bool) -> String {
    let digest = Sha256::digest(format!("wamid {seed} {n}"));
    let tail: String = hex::encode_upper(digest).chars().take(20).collect();
    let mut raw = vec![0x1c, 0x18, u8::try_from(who.len()).unwrap_or(u8::MAX)];
    raw.extend_from_slice(who.as_bytes());
    raw.extend_from_slice(&[0x15, 0x02, 0x00, if from_business { 0x11 } else { 0x12 }, 0x18, 0x14]);
    raw.extend_from_slice(tail.as_bytes());
    raw.push(0);
    format!("wamid.{}", STANDARD.encode(raw))
}

pub fn media(seed: u64, n: u64) -> String {
    let position = (u128::from(n) * MEDIA_STEP + u128::from(seed) * 7_919) % MEDIA_SPAN;
    (MEDIA_SPAN + position).to_string()
}

/// The business-scoped id of a user; it changes when the phone number does.
pub fn bsuid(seed: u64, phone: Option<&str>, n: u64) -> String {
    let country = phone.map_or("ZZ", country);
    let of = phone.map_or_else(|| format!("#{n}"), str::to_owned);
    let digest = Sha256::digest(format!("bsuid {seed} {of}"));
    let digits: String = digest.iter().map(|byte| char::from(b'0' + byte % 10)).take(16).collect();
    format!("{country}.{digits}")
}

fn country(phone: &str) -> &'static str {
    COUNTRIES.iter().find(|(code, _)| phone.starts_with(code)).map_or("ZZ", |(_, country)| country)
}

/// What Meta's support asks for; here it only has to look alike and be the same each time.
pub fn trace(of: &str) -> String {
    let digest = Sha256::digest(of);
    let text: String =
        STANDARD.encode(digest).chars().filter(char::is_ascii_alphanumeric).take(22).collect();
    format!("A{text}")
}
