//! The few EXIF fields that a help desk can use.

use exif::{Field, In, Reader, Tag, Value};

use super::{Exif, jpeg, text};

/// Of a block without its container, from the TIFF header on. `None` when there is not one field in it.
pub(super) fn read(block: &[u8]) -> Option<Exif> {
    let parsed = Reader::new()
        .continue_on_error(true)
        .read_raw(block.to_vec())
        .or_else(|e| e.distill_partial_result(|_| {}))
        .ok()?;
    parsed.fields().next()?;
    let ascii = |tag| parsed.get_field(tag, In::PRIMARY).and_then(first_text);
    let has = |tags: &[Tag]| tags.iter().any(|tag| parsed.get_field(*tag, In::PRIMARY).is_some());
    let at = |time, offset| {
        let time = ascii(time).filter(|t| t.bytes().any(|b| b.is_ascii_digit() && b != b'0'))?;
        // `2026:03:01 12:00:00`: the colons of the date become hyphens.
        let time = time.replacen(':', "-", 2);
        Some(ascii(offset).map_or_else(|| time.clone(), |offset| format!("{time} {offset}")))
    };
    let uint = |tag, ifd| parsed.get_field(tag, ifd).and_then(|f| f.value.get_uint(0));
    let thumbnail = || {
        let start = usize::try_from(uint(Tag::JPEGInterchangeFormat, In::THUMBNAIL)?).ok()?;
        let length = usize::try_from(uint(Tag::JPEGInterchangeFormatLength, In::THUMBNAIL)?).ok()?;
        jpeg::dimensions(block.get(start..start.checked_add(length)?)?)
    };
    Some(Exif {
        make: ascii(Tag::Make),
        model: ascii(Tag::Model),
        software: ascii(Tag::Software),
        taken_at: at(Tag::DateTimeOriginal, Tag::OffsetTimeOriginal),
        modified_at: at(Tag::DateTime, Tag::OffsetTime),
        user_comment: parsed.get_field(Tag::UserComment, In::PRIMARY).and_then(comment),
        has_location: has(&[Tag::GPSLatitude, Tag::GPSLongitude, Tag::GPSDestLatitude]),
        has_owner: has(&[Tag::CameraOwnerName, Tag::BodySerialNumber, Tag::LensSerialNumber, Tag::Artist]),
        orientation: uint(Tag::Orientation, In::PRIMARY)
            .and_then(|o| u8::try_from(o).ok())
            .filter(|o| (1..=8).contains(o)),
        thumbnail: thumbnail(),
    })
}

fn first_text(field: &Field) -> Option<String> {
    match &field.value {
        Value::Ascii(parts) => parts.iter().find_map(|part| text(part)),
        _ => None,
    }
}

/// Eight bytes name the character set; only ASCII is worth reading here (`Screenshot`).
fn comment(field: &Field) -> Option<String> {
    match &field.value {
        Value::Undefined(bytes, _) => text(bytes.strip_prefix(b"ASCII\0\0\0")?),
        _ => None,
    }
}
