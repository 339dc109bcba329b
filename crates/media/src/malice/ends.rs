//! Where the file that we see ends, and what hangs behind it or stands before it.

use memchr::memmem;
use model::finding::Finding;
use serde_json::json;

use super::finding;
use crate::{
    metadata::{containers::png_chunks, jpeg},
    sniff::{self, Family, Sniffed, sniff, u32_le},
};

/// Fewer than these behind a picture is a careless writer, not a hiding place.
const TRAILING_BYTES_MIN: usize = 32;
/// A ZIP's last record may be followed by a comment of at most this many bytes.
const ZIP_END_BYTES_MAX: usize = 22 + 65_535;

pub(super) fn findings(bytes: &[u8], sniffed: Sniffed) -> Vec<Finding> {
    let mut found = Vec::new();
    // Containers may hold anything stored as it is; what opens as text is looked at as text.
    if matches!(sniffed.family, Family::Image) || sniffed == sniff::PDF {
        behind(bytes, sniffed, &mut found);
        within(bytes, sniffed, &mut found);
    }
    if sniffed == sniff::PDF {
        before_pdf(bytes, &mut found);
    }
    found
}

fn behind(bytes: &[u8], sniffed: Sniffed, found: &mut Vec<Finding>) {
    let end = end_of(bytes, sniffed);
    let tail = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
    let start = tail.iter().position(|b| !matches!(b, 0 | b'\r' | b'\n' | b' ' | b'\t'));
    let content = start.and_then(|start| tail.get(start..)).unwrap_or_default();
    if let Some(second) = second_file(content) {
        polyglot(
            sniffed,
            &format!("{second} behind its end, at byte {}", bytes.len() - content.len()),
            0.95,
            found,
        );
    } else if is_zip_at_end(bytes) {
        polyglot(
            sniffed,
            "the directory of a ZIP archive at its end, where archive programs look",
            0.95,
            found,
        );
    } else if content.len() >= TRAILING_BYTES_MIN {
        trailing(content, sniffed, found);
    }
}

fn trailing(content: &[u8], sniffed: Sniffed, found: &mut Vec<Finding>) {
    let count = content.len();
    // A second exposure, a depth map, a short film: phones keep them there.
    let is_camera = matches!(sniff(content).family, Family::Image | Family::Video)
        || content.ends_with(b"SEFT")
        || memmem::find(content.get(..4_096).unwrap_or(content), b"ftyp").is_some();
    let (confidence, explanation) = if is_camera {
        (0.3, "it is a second picture or film, as phones keep with live and motion photos")
    } else {
        (0.6, "it is of no kind that we know; cameras leave such bytes, and so does who hides something")
    };
    let why = format!("{count} bytes stand behind the end of the {}: {explanation}", sniffed.extension);
    found.push(finding("file.trailing_data", json!(count), confidence, why));
}

fn polyglot(sniffed: Sniffed, what: &str, confidence: f32, found: &mut Vec<Finding>) {
    let why = format!(
        "it opens as {} and carries {what}: one file that programs may take for two things; people are shown \
         re-encoded pictures only, which carry nothing of it",
        sniffed.mime_type
    );
    found.push(finding("file.polyglot", json!(sniffed.mime_type), confidence, why));
}

/// What stands behind the end is itself a file that does harm in other hands.
fn second_file(content: &[u8]) -> Option<&'static str> {
    if content.starts_with(b"MZ") && content.len() > 64 {
        return Some("a Windows program");
    }
    if content.starts_with(b"\x7FELF") {
        return Some("a Linux program");
    }
    if content.starts_with(b"#!") || content.starts_with(b"<?php") {
        return Some("a script");
    }
    if content.len() < 4 {
        return None;
    }
    let sniffed = sniff(content);
    match sniffed.family {
        Family::Archive => Some("an archive"),
        Family::Markup => Some("a web page or other markup"),
        Family::Document if sniffed != sniff::TEXT && sniffed != sniff::VCARD => Some("a document"),
        _ => None,
    }
}

/// `EOCD` whose directory lies within the file: no accident of four bytes.
fn is_zip_at_end(bytes: &[u8]) -> bool {
    let from = bytes.len().saturating_sub(ZIP_END_BYTES_MAX);
    let tail = bytes.get(from..).unwrap_or_default();
    memmem::rfind_iter(tail, b"PK\x05\x06").take(16).any(|at| {
        let record = tail.get(at..).unwrap_or_default();
        let size = u32_le(record, 12).and_then(|s| usize::try_from(s).ok()).unwrap_or(usize::MAX);
        let directory = from.saturating_add(at).checked_sub(size);
        directory.and_then(|at| bytes.get(at..)).is_some_and(|d| d.starts_with(b"PK\x01\x02"))
    })
}

/// Code for a web server in a comment, or a PDF within the reach of PDF readers.
fn within(bytes: &[u8], sniffed: Sniffed, found: &mut Vec<Finding>) {
    if sniffed.family != Family::Image {
        return;
    }
    for (needle, what) in [
        (&b"<?php"[..], "“<?php”, code for a careless web server"),
        (b"<script", "“<script”, code for a careless browser"),
    ] {
        if found.iter().all(|f| f.kind != "file.polyglot") && memmem::find(bytes, needle).is_some() {
            polyglot(sniffed, what, 0.7, found);
        }
    }
    let head = bytes.get(..1_024).unwrap_or(bytes);
    if memmem::find(head, b"%PDF-").is_some() {
        polyglot(sniffed, "the header of a PDF in its first 1,024 bytes, where PDF readers look", 0.9, found);
    }
}

fn before_pdf(bytes: &[u8], found: &mut Vec<Finding>) {
    let head = bytes.get(..1_024).unwrap_or(bytes);
    let at = memmem::find(head, b"%PDF-").unwrap_or(0);
    let before = head.get(..at).unwrap_or_default();
    let is_harmless = before.iter().all(|b| b.is_ascii_whitespace() || matches!(b, 0xEF | 0xBB | 0xBF | 0));
    if !is_harmless {
        polyglot(sniff::PDF, &format!("{at} bytes of something else before the PDF begins"), 0.8, found);
    }
}

/// The first byte that no longer belongs to the file, where the format says so.
fn end_of(bytes: &[u8], sniffed: Sniffed) -> Option<usize> {
    match sniffed {
        sniff::JPEG => jpeg_end(bytes),
        sniff::PNG => png_chunks(bytes).find(|(kind, ..)| kind == b"IEND").map(|(.., end)| end),
        sniff::GIF => gif_end(bytes),
        sniff::WEBP => usize::try_from(u32_le(bytes, 4)?).ok()?.checked_add(8),
        sniff::BMP => usize::try_from(u32_le(bytes, 2)?).ok().filter(|size| *size > 54),
        sniff::PDF => memmem::rfind(bytes, b"%%EOF")?.checked_add(5),
        _ => None,
    }
}

/// Behind the segments, coded data runs until a marker that is neither stuffing nor a restart; further scans and
/// tables may follow.
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = jpeg::segments(bytes).last().filter(|s| s.marker == 0xDA)?.end;
    loop {
        at = at.checked_add(memchr::memchr(0xFF, bytes.get(at..)?)?)?;
        match *bytes.get(at.checked_add(1)?)? {
            0xD9 => return at.checked_add(2),
            0x00 | 0xD0..=0xD7 => at = at.checked_add(2)?,
            0xFF => at = at.checked_add(1)?,
            _ => {
                let length = bytes.get(at.checked_add(2)?..)?.first_chunk::<2>()?;
                at = at.checked_add(2)?.checked_add(usize::from(u16::from_be_bytes(*length)))?;
            }
        }
    }
}

/// Blocks of a GIF are chains of at most 255 bytes, each with its length in front.
fn gif_end(bytes: &[u8]) -> Option<usize> {
    let color_table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << (usize::from(flags & 7) + 1) };
    let mut at = 13_usize.checked_add(color_table(*bytes.get(10)?))?;
    loop {
        match *bytes.get(at)? {
            0x3B => return at.checked_add(1),
            0x21 => at = at.checked_add(2)?,
            // Its descriptor, its colours, the size of its codes.
            0x2C => at = at.checked_add(11)?.checked_add(color_table(*bytes.get(at.checked_add(9)?)?))?,
            _ => return None,
        }
        loop {
            let length = usize::from(*bytes.get(at)?);
            at = at.checked_add(1)?.checked_add(length)?;
            if length == 0 {
                break;
            }
        }
    }
}
