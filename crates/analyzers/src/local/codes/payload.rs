//! What a code's content is, so that a person need not guess. What of it is shown is decided elsewhere (`personal`).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// What the finding says of the content.
pub struct Content {
    pub value: Value,
    /// A part of a sentence: "a link", "a UPI payment link".
    pub what: Option<String>,
}

/// An Aadhaar card's secure code: a decimal number of this many digits or more.
const AADHAAR_DIGITS_MIN: usize = 1_000;

/// `bytes` are those of the code where they are not the text itself.
pub fn content(text: &str, bytes: Option<&[u8]>) -> Content {
    match bytes {
        Some(bytes) if !is_text(text) => Content {
            value: json!({ "base64": STANDARD.encode(bytes) }),
            what: Some("its content is no text".to_owned()),
        },
        _ if !is_text(text) => Content {
            value: json!({ "base64": STANDARD.encode(text) }),
            what: Some("its content is no text".to_owned()),
        },
        _ => of_text(text),
    }
}

fn of_text(text: &str) -> Content {
    let said = |what: &str| Content { value: Value::from(text), what: Some(what.to_owned()) };
    let lower = text.get(..12).unwrap_or(text).to_ascii_lowercase();
    if lower.starts_with("wifi:") {
        return said("a Wi-Fi network with its password");
    }
    if text.len() >= AADHAAR_DIGITS_MIN && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return said(
            "as long a number as an Aadhaar card's secure code: it holds name, birth date, address and photo",
        );
    }
    if text.starts_with("<?xml") && text.contains("PrintLetterBarcodeData") {
        return said("an Aadhaar letter's code: it holds name, number and address");
    }
    if lower.starts_with("upi://pay") {
        return said("a UPI payment link");
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return said("a web link");
    }
    if lower.starts_with("begin:vcard") || lower.starts_with("mecard:") {
        return said("a business card: it holds a name and ways to reach the person");
    }
    if lower.starts_with("otpauth://") {
        return said("a second factor's secret key");
    }
    if text.starts_with('\u{1d}') || is_gs1(text) {
        return said("a GS1 element string");
    }
    Content { value: Value::from(text), what: None }
}

/// Text, with the separators that codes use in it.
fn is_text(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            !c.is_control() && c != char::REPLACEMENT_CHARACTER
                || matches!(c, '\t' | '\r' | '\n' | '\u{1c}'..='\u{1e}' | '\u{4}')
        })
}

/// `01` and fourteen digits, the last of them the check digit.
fn is_gs1(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("01").and_then(|rest| rest.get(..14)) else { return false };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 1 { 3 } else { 1 })
        .sum();
    sum.is_multiple_of(10)
}
