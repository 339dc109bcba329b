//! The old Office container: the names of its directory tell of macros and locks.

use model::finding::Finding;

use super::{active, encrypted};

/// A directory entry is 128 bytes and stands on a multiple of 128: sectors are powers of two from 512 up.
const ENTRY_BYTES: usize = 128;

pub(super) fn findings(bytes: &[u8], found: &mut Vec<Finding>) {
    for name in bytes.chunks_exact(ENTRY_BYTES).filter_map(entry_name) {
        match name.as_str() {
            "_VBA_PROJECT" | "VBA" | "Macros" | "_VBA_PROJECT_CUR" => {
                active("office.macros", 0.95, "the document carries macros (a VBA project)", found);
            }
            "EncryptedPackage" | "EncryptionInfo" => {
                encrypted("the document is protected by a password", found)
            }
            "\u{1}Ole10Native" => {
                active(
                    "office.embedded_object",
                    0.8,
                    "the document carries an embedded object or file",
                    found,
                );
            }
            _ => {}
        }
    }
}

/// [MS-CFB] §2.6.1: 64 bytes of name in UTF-16, its length with its zero, then its kind (storage or stream).
fn entry_name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([*entry.get(64)?, *entry.get(65)?]));
    if !matches!(length, 4..=64) || length % 2 != 0 || !matches!(entry.get(66)?, 1 | 2 | 5) {
        return None;
    }
    let units: Vec<u16> = entry
        .get(..length.checked_sub(2)?)?
        .chunks_exact(2)
        .filter_map(|pair| pair.first_chunk().map(|p| u16::from_le_bytes(*p)))
        .collect();
    String::from_utf16(&units).ok()
}
