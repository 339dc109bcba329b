//! Makes two kinds of legal or nearly legal JSON escapes harmless before anything is parsed.
//!
//! A lone surrogate (`\ud83d` cut off from its other half, as a careless truncation leaves it) would make the parser refuse the whole batch.
//! A NUL (`\u0000`) parses, and then PostgreSQL refuses the text for ever.
//! Both become `\ufffd`, which is as long, so every position in the body stays where it was.

use std::borrow::Cow;

const REPLACEMENT: &[u8; 6] = b"\\ufffd";

pub(super) fn mend(body: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(body);
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'\\')) {
        at += found;
        let Some(unit) = escape_at(body, at) else {
            // `\"`, `\\`, `\n` … or something broken: the backslash and what it escapes.
            at += 2;
            continue;
        };
        let is_high = (0xD800..0xDC00).contains(&unit);
        if is_high && escape_at(body, at + 6).is_some_and(|low| (0xDC00..0xE000).contains(&low)) {
            at += 12;
            continue;
        }
        let is_harmful = unit == 0 || (0xD800..0xE000).contains(&unit);
        if is_harmful && let Some(target) = mended.to_mut().get_mut(at..at + 6) {
            target.copy_from_slice(REPLACEMENT);
        }
        at += 6;
    }
    mended
}

/// The UTF-16 unit of the `\uXXXX` that stands at `at`.
fn escape_at(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let mut unit = [0; 2];
    hex::decode_to_slice(digits, &mut unit).ok()?;
    Some(u16::from_be_bytes(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_only_what_would_do_harm() {
        for (body, expected) in [
            (r#""ciao""#, r#""ciao""#),
            (r#""\ud83d\ude00 \u00e8 \/ \\u0000 \n""#, r#""\ud83d\ude00 \u00e8 \/ \\u0000 \n""#),
            (r#""\u0000""#, r#""\ufffd""#),
            (r#""\\\u0000""#, r#""\\\ufffd""#),
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\ude00b""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\u0000""#, r#""\ufffd\ufffd""#),
            (r#""\ud8"#, r#""\ud8"#),
            ("\\", "\\"),
        ] {
            assert_eq!(mend(body.as_bytes()), expected.as_bytes(), "{body}");
        }
    }
}
