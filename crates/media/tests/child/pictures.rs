//! Sample files, made here: whole ones of every format, and hostile ones.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

/// Stands in every metadata block of [`jpeg_with_metadata`]; must stand in no rendition.
pub const CANARY: &str = "CANARY 45.4642N 9.1900E";

pub const RED: [u8; 3] = [220, 20, 20];
pub const GREEN: [u8; 3] = [20, 200, 20];
pub const BLUE: [u8; 3] = [20, 20, 220];
pub const YELLOW: [u8; 3] = [230, 220, 20];

/// Four quarters of different colours, wider than high: every turn and mirror looks different.
///
/// ```text
/// red  green
/// blue yellow
/// ```
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

/// Waves and a little noise: compresses like a photo, not like a test card.
pub fn photo(width: u32, height: u32) -> RgbImage {
    let mut noise = 0x2545_F491_u32;
    RgbImage::from_fn(width, height, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let wave = |p: f32, q: f32| ((x as f32 / p).sin() * (y as f32 / q).cos() + 1.0) * 110.0;
        let grain = (noise % 16) as f32;
        Rgb([
            (wave(97.0, 61.0) + grain) as u8,
            (wave(41.0, 133.0) + grain) as u8,
            (wave(211.0, 23.0) + grain) as u8,
        ])
    })
}

pub fn encode(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    encode_any(&DynamicImage::ImageRgb8(picture.clone()), format)
}

pub fn encode_any(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    jpeg_with(picture, |_| {})
}

pub fn jpeg_with(picture: &RgbImage, prepare: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    prepare(&mut encoder);
    let side = |px: u32| u16::try_from(px).unwrap();
    encoder.encode(picture.as_raw(), side(picture.width()), side(picture.height()), ColorType::Rgb).unwrap();
    bytes
}

pub fn heic(picture: &RgbImage) -> Vec<u8> {
    let options = heifer::EncodeOptions { max_threads: 1, ..Default::default() };
    heifer::encode_rgb8(picture.width(), picture.height(), picture.as_raw(), &options).unwrap()
}

/// A little-endian TIFF block with an orientation, a description and a GPS folder.
pub fn exif(orientation: u8) -> Vec<u8> {
    let text = CANARY.as_bytes();
    let text_len = u32::try_from(text.len()).unwrap();
    let mut block = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut e = tag.to_le_bytes().to_vec();
        e.extend_from_slice(&kind.to_le_bytes());
        e.extend_from_slice(&count.to_le_bytes());
        e.extend_from_slice(&value.to_le_bytes());
        e
    };
    // Header 8, count 2, three entries of 12, next 4: the text starts at 50, the GPS folder behind it.
    let entries = [
        entry(0x010E, 2, text_len, 50),
        entry(0x0112, 3, 1, u32::from(orientation)),
        entry(0x8825, 4, 1, 50 + text_len),
    ];
    let gps = [entry(0x001D, 2, text_len, 50)];
    block.extend_from_slice(&3_u16.to_le_bytes());
    block.extend_from_slice(&entries.concat());
    block.extend_from_slice(&[0; 4]);
    block.extend_from_slice(text);
    block.extend_from_slice(&1_u16.to_le_bytes());
    block.extend_from_slice(&gps.concat());
    block.extend_from_slice(&[0; 4]);
    block
}

pub fn jpeg_with_metadata(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut bytes = jpeg_with(picture, |encoder| {
        let exif = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
        encoder.add_app_segment(1, exif).unwrap();
        let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{CANARY}</x:xmpmeta>");
        encoder.add_app_segment(1, xmp.into_bytes()).unwrap();
        let icc = [b"ICC_PROFILE\0\x01\x01".to_vec(), CANARY.as_bytes().to_vec()].concat();
        encoder.add_app_segment(2, icc).unwrap();
        encoder.add_app_segment(13, format!("Photoshop 3.0\0{CANARY}").into_bytes()).unwrap();
    });
    let comment =
        [b"\xFF\xFE".to_vec(), u16::try_from(CANARY.len() + 2).unwrap().to_be_bytes().to_vec()].concat();
    bytes.splice(2..2, [comment, CANARY.as_bytes().to_vec()].concat());
    bytes.extend_from_slice(CANARY.as_bytes());
    bytes
}

/// A PNG chunk by the book, with its checksum.
pub fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length, &kind[..], content, &(!crc).to_be_bytes()].concat()
}

/// A PNG of a few hundred bytes whose header promises `width` × `height` pixels.
pub fn png_that_promises(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let small = encode(&quarters(8, 8), ImageFormat::Png);
    let at = small.windows(4).position(|w| w == b"IDAT").unwrap() - 4;
    [b"\x89PNG\r\n\x1A\n", &png_chunk(b"IHDR", &header)[..], &small[at..]].concat()
}

/// Behind the header of a whole PNG, before its pixels.
pub fn png_with_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&quarters(64, 48), ImageFormat::Png);
    bytes.splice(33..33, png_chunk(kind, content));
    bytes
}

pub fn gif_that_promises(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = encode(&quarters(8, 8), ImageFormat::Gif);
    bytes[6..8].copy_from_slice(&width.to_le_bytes());
    bytes[8..10].copy_from_slice(&height.to_le_bytes());
    bytes
}

/// An extended WebP whose canvas is 16,384 pixels on each side.
pub fn webp_that_promises_268_megapixels() -> Vec<u8> {
    let small = encode(&quarters(8, 8), ImageFormat::WebP);
    let extended = [&b"VP8X\x0A\0\0\0\0\0\0\0"[..], &[0xFF, 0x3F, 0], &[0xFF, 0x3F, 0]].concat();
    let body = [b"WEBP", &extended[..], &small[12..]].concat();
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

pub fn bmp_that_promises(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = encode(&quarters(8, 8), ImageFormat::Bmp);
    bytes[18..22].copy_from_slice(&width.to_le_bytes());
    bytes[22..26].copy_from_slice(&height.to_le_bytes());
    bytes
}

pub fn tiff_that_promises(width: u32, height: u32) -> Vec<u8> {
    tiff(width, height, 0)
}

/// One folder whose successor is itself.
pub fn tiff_that_bites_its_tail() -> Vec<u8> {
    tiff(64, 64, 8)
}

fn tiff(width: u32, height: u32, next_folder_at: u32) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, value: u32| {
        [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let entries = [
        entry(256, width),
        entry(257, height),
        entry(258, 8),
        entry(259, 1),
        entry(262, 1),
        entry(273, 8),
        entry(277, 1),
        entry(278, height),
        entry(279, u32::MAX),
        // A sub-folder that is the folder itself.
        entry(330, 8),
        entry(34665, 8),
    ];
    bytes.extend_from_slice(&u16::try_from(entries.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&entries.concat());
    bytes.extend_from_slice(&next_folder_at.to_le_bytes());
    bytes
}

/// Two frames, red then green.
pub fn moving_gif() -> Vec<u8> {
    use image::{Delay, Frame, codecs::gif::GifEncoder};
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for color in [RED, GREEN] {
        let still = DynamicImage::ImageRgb8(RgbImage::from_pixel(40, 30, Rgb(color))).into_rgba8();
        encoder.encode_frame(Frame::from_parts(still, 0, 0, Delay::from_numer_denom_ms(100, 1))).unwrap();
    }
    drop(encoder);
    bytes
}
