//! Codes of an authenticator app (RFC 6238: HMAC-SHA-1, 30 seconds, six digits, which every app can), and recovery codes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use model::{Ids, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use zxingcpp::BarcodeFormat;

const STEP_SECS: i64 = 30;
const DIGITS: usize = 6;
/// Clocks of phones are a little wrong: a code of one step before or after is taken.
const DRIFT_STEPS: i64 = 1;
/// As long as the hash, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
pub const RECOVERY_CODES: usize = 10;
/// 80 bits: such a code may be kept as a plain hash (SP 800-63B-4, look-up secrets).
const RECOVERY_BYTES: usize = 10;

pub fn new_secret(ids: &Ids) -> [u8; SECRET_BYTES] {
    ids.bytes()
}

/// What somebody typed at the second step.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// Of the app.
    Code(String),
    /// Of the list that was shown once, as it is kept.
    Recovery(String),
}

impl Typed {
    /// People put spaces and dashes where they like.
    pub fn of(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .take(64)
            .collect();
        if plain.len() == DIGITS && plain.bytes().all(|b| b.is_ascii_digit()) {
            Self::Code(plain)
        } else {
            Self::Recovery(plain)
        }
    }
}

/// The step whose code this is, if it is one of now and newer than `after`.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp, after: i64) -> Option<i64> {
    let current = now.secs().div_euclid(STEP_SECS);
    // Each is compared, so that the time it takes says nothing.
    (current - DRIFT_STEPS..=current + DRIFT_STEPS)
        .filter(|step| bool::from(code_of(secret, *step).as_bytes().ct_eq(code.as_bytes())))
        .filter(|step| *step > after)
        .max()
}

/// The code that an app shows at a time.
pub fn code_at(secret: &[u8], at: Timestamp) -> String {
    code_of(secret, at.secs().div_euclid(STEP_SECS))
}

/// RFC 4226, section 5.3: four bytes of the hash, from where its last four bits point to.
fn code_of(secret: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last().copied().unwrap_or_default() & 0x0f);
    let four = hash.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).unwrap_or_default();
    format!("{:0DIGITS$}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// The link that an app reads from the QR code.
pub fn link(issuer: &str, account: &str, secret: &[u8]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, account) = (encode(issuer), encode(account));
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

/// A QR code as an SVG picture, with the quiet zone that cameras need.
pub fn qr(text: &str) -> Result<String, zxingcpp::Error> {
    zxingcpp::create(BarcodeFormat::QRCode)
        .from_str(text)?
        .to_svg_with(&zxingcpp::write().scale(4).add_quiet_zones(true))
}

/// Ten codes for when the app is gone, in groups of four.
pub fn recovery_codes(ids: &Ids) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| base32(&ids.bytes::<RECOVERY_BYTES>())).collect()
}

/// As it is shown: `ABCD-EFGH-…`.
pub fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// RFC 4648, without padding: what apps take and people can type.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T',
        'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let mut out = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let five = usize::try_from((held >> bits) & 31).unwrap_or_default();
            out.extend(ALPHABET.get(five));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        let five = usize::try_from((held << (5 - bits)) & 31).unwrap_or_default();
        out.extend(ALPHABET.get(five));
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, Timestamp::from_secs(secs)), code, "{secs}");
        }
    }

    #[test]
    fn a_code_is_taken_a_step_early_and_late_and_never_again() {
        let now = Timestamp::from_secs(30 * 1_000);
        for (step, is_taken) in [(998, false), (999, true), (1_000, true), (1_001, true), (1_002, false)] {
            let code = code_of(SECRET, step);
            assert_eq!(step_of(SECRET, &code, now, 0), is_taken.then_some(step), "{step}");
            assert_eq!(step_of(SECRET, &code, now, step), None, "{step} once more");
        }
        assert_eq!(step_of(SECRET, "", now, 0), None);
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        // RFC 4648, section 10.
        for (plain, written) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), written);
        }
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD-EFGH-IJ");
        assert_eq!(
            link("Sportello", "ada@example.org", SECRET),
            "otpauth://totp/Sportello:ada%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sportello&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(Typed::of(" 287 082 "), Typed::Code("287082".to_owned()));
        assert_eq!(Typed::of("abcd-efgh"), Typed::Recovery("ABCDEFGH".to_owned()));
        let codes = recovery_codes(&Ids::from_seed(1));
        assert!(codes.len() == RECOVERY_CODES && codes.iter().all(|code| code.len() == 16), "{codes:?}");
        let svg = qr(&link("Sportello", "ada@example.org", SECRET)).unwrap();
        assert!(svg.contains("<svg") && svg.contains("<path"), "{svg}");
    }
}
