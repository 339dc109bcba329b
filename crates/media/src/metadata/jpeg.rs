//! The segments of a JPEG, and what its tables say about how it was compressed.

use std::borrow::Cow;

use super::{Jpeg, containers::Blocks, text};

const SEGMENTS_MAX: usize = 5_000;

/// One segment before the coded data: its marker, its content, and where it ends.
pub(crate) struct Segment<'a> {
    pub marker: u8,
    pub content: &'a [u8],
    pub end: usize,
}

/// The segments up to and with the first scan header.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut at = 2_usize;
    let mut is_done = !bytes.starts_with(b"\xFF\xD8");
    std::iter::from_fn(move || {
        while !is_done {
            let [0xFF, marker, high, low] = *bytes.get(at..)?.first_chunk::<4>()? else { return None };
            if marker == 0xFF {
                at = at.checked_add(1)?;
                continue;
            }
            let start = at.checked_add(4)?;
            let end = at.checked_add(2)?.checked_add(usize::from(u16::from_be_bytes([high, low])))?;
            let content = bytes.get(start..end)?;
            is_done = marker == 0xDA;
            at = end;
            return Some(Segment { marker, content, end });
        }
        None
    })
    .take(SEGMENTS_MAX)
}

pub(super) fn blocks(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let mut jpeg = Jpeg::default();
    for Segment { marker, content, .. } in segments(bytes) {
        match marker {
            0xE0 => jpeg.has_jfif |= content.starts_with(b"JFIF\0"),
            0xE1 => app1(content, &mut blocks),
            0xE2 => jpeg.has_icc |= content.starts_with(b"ICC_PROFILE\0"),
            // JPEG universal metadata boxes; the manifest's first one names its kind in the first bytes.
            0xEB => blocks.has_c2pa |= content.starts_with(b"JP") && sniffs_of_c2pa(content),
            0xED => blocks.iptc = blocks.iptc.or_else(|| photoshop_iptc(content).map(Cow::Borrowed)),
            0xEE => jpeg.has_adobe |= content.starts_with(b"Adobe"),
            0xFE => blocks.texts.extend(text(content).map(|said| ("comment".to_owned(), said))),
            0xDB => {
                if let Some(table) = luminance(content) {
                    let (quality, is_exact) = quality(&table);
                    (jpeg.quality, jpeg.has_standard_table) = (Some(quality), is_exact);
                }
            }
            _ if is_frame(marker) => {
                blocks.size = size(content);
                jpeg.subsampling = subsampling(content);
                // SOF2, SOF6, SOF10, SOF14.
                jpeg.is_progressive = marker & 0x03 == 0x02;
            }
            _ => {}
        }
    }
    blocks.texts.truncate(4);
    blocks.jpeg = Some(jpeg);
    blocks
}

/// The steps that the brightness of a JPEG was rounded to, in zigzag order.
pub(crate) fn luminance_table(bytes: &[u8]) -> Option<[u16; 64]> {
    segments(bytes).filter(|s| s.marker == 0xDB).filter_map(|s| luminance(s.content)).last()
}

/// The sides that a JPEG's frame header promises.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    segments(bytes).find(|s| is_frame(s.marker)).and_then(|s| size(s.content))
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

fn size(frame: &[u8]) -> Option<(u32, u32)> {
    let [_, h1, h0, w1, w0, ..] = *frame else { return None };
    Some((u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into()))
}

fn app1<'a>(content: &'a [u8], blocks: &mut Blocks<'a>) {
    if let Some(exif) = content.strip_prefix(b"Exif\0") {
        blocks.exif.get_or_insert(Cow::Borrowed(exif.get(1..).unwrap_or_default()));
    } else if let Some(xmp) = content.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        blocks.xmp.get_or_insert(Cow::Borrowed(xmp));
    }
}

fn sniffs_of_c2pa(content: &[u8]) -> bool {
    content.get(..128).unwrap_or(content).windows(4).any(|w| w == b"jumb" || w == b"c2pa")
}

/// Photoshop's resources (`8BIM`, number, padded name, length, padded data): number 0x0404 holds IPTC.
fn photoshop_iptc(content: &[u8]) -> Option<&[u8]> {
    let mut rest = content.strip_prefix(b"Photoshop 3.0\0")?;
    for _ in 0..256 {
        let after = rest.strip_prefix(b"8BIM")?;
        let [n1, n0, name_len, ..] = *after else { return None };
        // The name is padded so that it and its length byte are even together.
        let name = usize::from(name_len).checked_add(2)? & !1;
        let head = 2_usize.checked_add(name)?;
        let length = usize::try_from(crate::sniff::u32_be(after, head)?).ok()?;
        let start = head.checked_add(4)?;
        let end = start.checked_add(length)?;
        let data = after.get(start..end)?;
        if [n1, n0] == [0x04, 0x04] {
            return Some(data);
        }
        rest = after.get(end.checked_add(length % 2)?..)?;
    }
    None
}

/// Table 0 of a DQT segment, in its zigzag order.
fn luminance(mut content: &[u8]) -> Option<[u16; 64]> {
    loop {
        let (head, rest) = content.split_first()?;
        let is_wide = head >> 4 != 0;
        let (table, after) = rest.split_at_checked(if is_wide { 128 } else { 64 })?;
        if head & 0x0F == 0 {
            let mut out = [0; 64];
            if is_wide {
                let pairs = table.chunks_exact(2).filter_map(|p| p.first_chunk::<2>());
                out.iter_mut().zip(pairs).for_each(|(to, pair)| *to = u16::from_be_bytes(*pair));
            } else {
                out.iter_mut().zip(table).for_each(|(to, from)| *to = u16::from(*from));
            }
            return Some(out);
        }
        content = after;
    }
}

/// ITU-T T.81 table K.1 in zigzag order.
const LUMINANCE: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40,
    58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103,
    104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// The setting of the Independent JPEG Group's encoder whose table is nearest, and whether it is exactly that one.
fn quality(table: &[u16; 64]) -> (u8, bool) {
    let distance = |quality: u8| -> u32 {
        let q = u32::from(quality);
        let scale = if q < 50 { 5_000 / q } else { 200 - 2 * q };
        let at = |base: u16| ((u32::from(base) * scale + 50) / 100).clamp(1, 255);
        LUMINANCE.iter().zip(table).map(|(base, is)| at(*base).abs_diff(u32::from(*is))).sum()
    };
    let best = (1..=100).min_by_key(|q| distance(*q)).unwrap_or(100);
    (best, distance(best) == 0)
}

/// The factors of the components, as photographers write them.
fn subsampling(frame: &[u8]) -> Option<String> {
    let count = usize::from(*frame.get(5)?);
    let factors: Vec<u8> = (0..count.min(4)).filter_map(|i| frame.get(7 + 3 * i).copied()).collect();
    Some(match factors.as_slice() {
        [_] => "grey".to_owned(),
        [0x22, 0x11, 0x11] => "4:2:0".to_owned(),
        [0x21, 0x11, 0x11] | [0x22, 0x12, 0x12] => "4:2:2".to_owned(),
        [0x12, 0x11, 0x11] | [0x22, 0x21, 0x21] => "4:4:0".to_owned(),
        [a, b, c] if a == b && b == c => "4:4:4".to_owned(),
        [0x41, 0x11, 0x11] => "4:1:1".to_owned(),
        other => other.iter().map(|f| format!("{}x{}", f >> 4, f & 0x0F)).collect::<Vec<_>>().join(" "),
    })
}
