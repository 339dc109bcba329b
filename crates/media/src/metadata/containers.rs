//! Where a picture's file keeps its metadata: segments of JPEG, chunks of PNG and WebP, items of HEIC, TIFF itself.
//!
//! Steps from length to length and never searches, so that bytes within pixels or thumbnails are not mistaken.

use std::{borrow::Cow, io::Read};

use flate2::read::ZlibDecoder;

use super::{Jpeg, jpeg, text};
use crate::sniff::{self, Sniffed, u32_be, u32_le};

/// A block larger than this is left alone: real ones are a few kilobytes.
const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;
const XMP_BYTES_MAX: usize = 1024 * 1024;
const TEXTS_MAX: usize = 16;
const PARTS_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct Blocks<'a> {
    pub size: Option<(u32, u32)>,
    /// From its TIFF header on.
    pub exif: Option<Cow<'a, [u8]>>,
    pub xmp: Option<Cow<'a, [u8]>>,
    /// The IIM data sets.
    pub iptc: Option<Cow<'a, [u8]>>,
    pub texts: Vec<(String, String)>,
    pub jpeg: Option<Jpeg>,
    pub has_c2pa: bool,
}

pub(crate) fn blocks(bytes: &[u8], sniffed: Sniffed) -> Blocks<'_> {
    let mut blocks = match sniffed {
        sniff::JPEG => jpeg::blocks(bytes),
        sniff::PNG => png(bytes),
        sniff::WEBP => webp(bytes),
        sniff::HEIC | sniff::HEIF | sniff::AVIF => heif(bytes),
        sniff::TIFF => Blocks { exif: Some(Cow::Borrowed(bytes)), ..Blocks::default() },
        _ => Blocks::default(),
    };
    blocks.exif = blocks.exif.filter(|b| b.len() <= BLOCK_BYTES_MAX || sniffed == sniff::TIFF);
    blocks.xmp = blocks.xmp.filter(|b| b.len() <= XMP_BYTES_MAX);
    blocks
}

/// The chunks of a PNG: type, content, and where the chunk ends.
pub(crate) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8], usize)> {
    let mut at = 8_usize;
    std::iter::from_fn(move || {
        let length = usize::try_from(u32_be(bytes, at)?).ok()?;
        let kind = *bytes.get(at.checked_add(4)?..)?.first_chunk::<4>()?;
        let start = at.checked_add(8)?;
        let end = start.checked_add(length)?;
        let content = bytes.get(start..end)?;
        at = end.checked_add(4)?;
        Some((kind, content, at))
    })
    .take(PARTS_MAX)
}

fn png(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    for (kind, content, _) in png_chunks(bytes) {
        match &kind {
            b"IHDR" => blocks.size = u32_be(content, 0).zip(u32_be(content, 4)),
            b"eXIf" => blocks.exif = Some(Cow::Borrowed(content)),
            b"caBX" => blocks.has_c2pa = true,
            b"tEXt" | b"zTXt" | b"iTXt" => {
                let Some((keyword, said)) = png_text(kind, content) else { continue };
                if keyword == "XML:com.adobe.xmp" {
                    blocks.xmp = Some(said);
                } else if blocks.texts.len() < TEXTS_MAX {
                    blocks.texts.extend(text(&said).map(|said| (keyword, said)));
                }
            }
            b"IEND" => break,
            _ => {}
        }
    }
    blocks
}

/// PNG §11.3.3: a keyword of at most 79 bytes, a zero, then the text in the chunk's own dress.
fn png_text(kind: [u8; 4], content: &[u8]) -> Option<(String, Cow<'_, [u8]>)> {
    let (keyword, rest) = at_zero(content.get(..80).unwrap_or(content), content)?;
    let keyword = text(keyword)?;
    let said = match &kind {
        b"tEXt" => Cow::Borrowed(rest),
        b"zTXt" => inflated(rest.get(1..)?),
        _ => {
            let (is_compressed, rest) = (*rest.first()? == 1, rest.get(2..)?);
            let (_language, rest) = at_zero(rest, rest)?;
            let (_translated, rest) = at_zero(rest, rest)?;
            if is_compressed { inflated(rest) } else { Cow::Borrowed(rest) }
        }
    };
    Some((keyword, said))
}

fn at_zero<'a>(within: &[u8], whole: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let zero = within.iter().position(|b| *b == 0)?;
    Some((whole.get(..zero)?, whole.get(zero.checked_add(1)?..)?))
}

/// As far as it goes, and no further than an XMP packet may.
fn inflated(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let limit = u64::try_from(XMP_BYTES_MAX).unwrap_or(u64::MAX);
    // What came before an error is kept.
    let _ = ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out);
    Cow::Owned(out)
}

fn webp(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let mut at = 12_usize;
    for _ in 0..PARTS_MAX {
        let Some((kind, length)) =
            bytes.get(at..).and_then(|b| b.first_chunk::<4>()).zip(u32_le(bytes, at + 4))
        else {
            break;
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let start = at.saturating_add(8);
        let content = bytes.get(start..start.saturating_add(length));
        match (kind, content) {
            (b"EXIF", Some(content)) => {
                // Some writers put JPEG's prefix in front of it.
                blocks.exif = Some(Cow::Borrowed(content.strip_prefix(b"Exif\0\0").unwrap_or(content)));
            }
            (b"XMP ", Some(content)) => blocks.xmp = Some(Cow::Borrowed(content)),
            (b"C2PA", _) => blocks.has_c2pa = true,
            _ => {}
        }
        // Chunks are padded to even lengths.
        at = start.saturating_add(length).saturating_add(length % 2);
    }
    blocks
}

fn heif(bytes: &[u8]) -> Blocks<'_> {
    use heifer::heifer_isobmff::HeifFile;
    let mut blocks = Blocks { has_c2pa: has_c2pa_box(bytes), ..Blocks::default() };
    if let Ok(file) = HeifFile::parse(bytes) {
        blocks.size = file.image_size(file.primary_id).ok().flatten();
        blocks.exif = file.exif(file.primary_id).ok().flatten().map(Cow::Owned);
        blocks.xmp = file.xmp(file.primary_id).ok().flatten().map(Cow::Owned);
    }
    blocks
}

/// A `uuid` box at the top level with C2PA's number (C2PA 2.1 §A.5).
fn has_c2pa_box(bytes: &[u8]) -> bool {
    const C2PA: [u8; 16] =
        [0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81];
    let mut at = 0_usize;
    for _ in 0..PARTS_MAX {
        let Some(size) = u32_be(bytes, at).and_then(|s| usize::try_from(s).ok()).filter(|s| *s >= 8) else {
            return false;
        };
        let body = at.saturating_add(8);
        let is_uuid = bytes.get(at.saturating_add(4)..body) == Some(b"uuid".as_slice());
        if is_uuid && bytes.get(body..).is_some_and(|b| b.starts_with(&C2PA)) {
            return true;
        }
        at = at.saturating_add(size);
    }
    false
}
