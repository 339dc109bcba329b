//! Text without a format: which bytes are which letters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Enough to tell an encoding by.
const GUESS_BYTES: usize = 64 * 1024;
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// By its byte order mark, else UTF-8 if it is that, else by what its letters look like. Line ends become `\n`.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes);
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(encoding, _)| encoding);
    let (text, ..) = encoding.decode(bytes);
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..GUESS_BYTES).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, true);
    // A file that is cut within a letter is UTF-8 all the same.
    detector.guess(None, Utf8Detection::Allow)
}

/// Bytes that are no UTF-8 and yet look like text of an older encoding: nearly no control characters, and letters.
pub(super) fn is_legacy_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..GUESS_BYTES).unwrap_or(bytes);
    let is_control = |b: &&u8| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    let controls = head.iter().filter(is_control).count();
    let plain = head.iter().filter(|b| b.is_ascii_alphanumeric() || b.is_ascii_whitespace()).count();
    // A quarter: half of Shift_JIS is letters of its own.
    !head.is_empty() && controls == 0 && plain.saturating_mul(4) > head.len()
}
