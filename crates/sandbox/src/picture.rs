//! What a phone does to a picture before it sends it: smaller, re-encoded, without metadata.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder as _, ImageEncoder as _, ImageReader, Limits, codecs::jpeg::JpegEncoder,
    codecs::webp::WebPEncoder, imageops::FilterType,
};

pub const PHOTO_SIDE: u32 = 1_600;
pub const HD_SIDE: u32 = 4_096;
const STICKER_SIDE: u32 = 512;
const JPEG_QUALITY: u8 = 80;
const SIDE_MAX: u32 = 20_000;
const ALLOC_MAX: u64 = 512 * 1_024 * 1_024;

pub struct Picture {
    pub bytes: Bytes,
    pub width: u32,
    pub height: u32,
}

/// A JPEG whose longer side is at most `side`, turned upright, without EXIF, GPS or colour profile.
pub fn photo(bytes: &[u8], side: u32) -> Result<Picture, String> {
    let upright = decode(bytes)?;
    let sized = if upright.width().max(upright.height()) > side {
        upright.resize(side, side, FilterType::CatmullRom)
    } else {
        upright
    };
    let rgb = sized.into_rgb8();
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)
        .write_image(&rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8)
        .map_err(|error| format!("cannot write the photo: {error}"))?;
    Ok(Picture { bytes: out.into(), width: rgb.width(), height: rgb.height() })
}

/// A 512 x 512 WebP; a WebP of that size is left alone (it may be animated).
pub fn sticker(bytes: &[u8]) -> Result<Picture, String> {
    if bytes.starts_with(b"RIFF") && dimensions(bytes) == Some((STICKER_SIDE, STICKER_SIDE)) {
        let bytes = Bytes::copy_from_slice(bytes);
        return Ok(Picture { bytes, width: STICKER_SIDE, height: STICKER_SIDE });
    }
    let small = decode(bytes)?.resize(STICKER_SIDE, STICKER_SIDE, FilterType::CatmullRom).into_rgba8();
    let mut canvas = image::RgbaImage::new(STICKER_SIDE, STICKER_SIDE);
    let x = i64::from((STICKER_SIDE - small.width().min(STICKER_SIDE)) / 2);
    let y = i64::from((STICKER_SIDE - small.height().min(STICKER_SIDE)) / 2);
    image::imageops::overlay(&mut canvas, &small, x, y);
    let mut out = Vec::new();
    WebPEncoder::new_lossless(&mut out)
        .write_image(&canvas, STICKER_SIDE, STICKER_SIDE, image::ExtendedColorType::Rgba8)
        .map_err(|error| format!("cannot write the sticker: {error}"))?;
    Ok(Picture { bytes: out.into(), width: STICKER_SIDE, height: STICKER_SIDE })
}

/// From the header alone.
pub fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.into_dimensions().ok()
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    let sorry = |error: &dyn std::fmt::Display| {
        format!("this phone cannot open the picture ({error}); send a JPEG, PNG, WebP, GIF, BMP or TIFF, or send it as a document")
    };
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| sorry(&error))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOC_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| sorry(&error))?;
    let orientation = decoder.orientation().map_err(|error| sorry(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| sorry(&error))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
