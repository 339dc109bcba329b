//! Whether a picture moves, by a walk over its blocks without decoding one.

use crate::sniff::{self, Sniffed, u32_be};

/// More blocks than this before a second frame: taken as a still picture.
const BLOCKS_MAX: usize = 100_000;

pub(super) fn is_animated(bytes: &[u8], sniffed: Sniffed) -> bool {
    match sniffed {
        sniff::GIF => has_second_gif_frame(bytes).unwrap_or(false),
        // The animation flag of the extended header.
        sniff::WEBP => bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|f| f & 0x02 != 0),
        sniff::PNG => has_animation_chunk(bytes).unwrap_or(false),
        _ => false,
    }
}

fn has_second_gif_frame(bytes: &[u8]) -> Option<bool> {
    let color_table_bytes = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3_usize << ((flags & 0x07) + 1) };
    let mut at = 13_usize.checked_add(color_table_bytes(*bytes.get(10)?))?;
    let mut frames = 0;
    for _ in 0..BLOCKS_MAX {
        match *bytes.get(at)? {
            // Extension: label, then sub-blocks.
            0x21 => at = skip_sub_blocks(bytes, at.checked_add(2)?)?,
            // Frame: descriptor, colours, code size, then sub-blocks.
            0x2C => {
                frames += 1;
                if frames == 2 {
                    return Some(true);
                }
                let flags = *bytes.get(at.checked_add(9)?)?;
                at = skip_sub_blocks(bytes, at.checked_add(11)?.checked_add(color_table_bytes(flags))?)?;
            }
            _ => return Some(false),
        }
    }
    None
}

fn skip_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let size = usize::from(*bytes.get(at)?);
        at = at.checked_add(1)?.checked_add(size)?;
        if size == 0 {
            return Some(at);
        }
    }
}

/// `acTL` comes before the first `IDAT`; its first field counts the frames.
fn has_animation_chunk(bytes: &[u8]) -> Option<bool> {
    let mut at = 8_usize;
    for _ in 0..BLOCKS_MAX {
        let size = usize::try_from(u32_be(bytes, at)?).ok()?;
        match bytes.get(at.checked_add(4)?..)?.first_chunk()? {
            b"acTL" => return Some(u32_be(bytes, at.checked_add(8)?)? > 1),
            b"IDAT" => return Some(false),
            _ => at = at.checked_add(12)?.checked_add(size)?,
        }
    }
    None
}
