//! The bytes of a webhook: escaped the way Meta escapes, and signed as they are.
//!
//! Receivers that parse and write a body again before they check the signature fail on exactly these escapes.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// JSON with everything beyond ASCII as `\uXXXX`, and `/`, `@`, `<` and `%` escaped too.
pub fn body(value: &Value) -> String {
    let plain = value.to_string();
    let mut out = String::with_capacity(plain.len() + plain.len() / 8);
    // These characters stand only inside strings, and never behind a backslash in what serde_json writes.
    for c in plain.chars() {
        match c {
            '/' => out.push_str("\\/"),
            '@' => out.push_str("\\u0040"),
            '<' => out.push_str("\\u003C"),
            '%' => out.push_str("\\u0025"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

/// The value of `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn escapes_like_meta() {
        let cases = [
            (json!("äöå"), r#""\u00e4\u00f6\u00e5""#),
            (json!("a/b"), r#""a\/b""#),
            (json!("x@y<z 5%"), r#""x\u0040y\u003Cz 5\u0025""#),
            (json!("🙂"), r#""\ud83d\ude42""#),
            (json!("back\\slash \" quote"), r#""back\\slash \" quote""#),
        ];
        for (value, expected) in cases {
            let written = body(&value);
            assert_eq!(written, expected);
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
        }
    }

    #[test]
    fn signs_the_test_case_of_rfc_4231() {
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }
}
