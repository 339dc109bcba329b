//! One function a format family; each checks the header's dimensions first.

use std::io::Cursor;

use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, metadata::Orientation,
};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{Picture, Pixels, damaged, fitted};
use crate::{
    limits::Limits,
    report::Unrenderable,
    sniff::{self, Sniffed, u32_be},
};

/// Progressive JPEGs may repeat scans for ever: real ones have about ten.
pub(crate) const JPEG_SCANS_MAX: usize = 64;

/// A decoder that can leave out detail for nothing may do so, down to a longer side of `side_px`.
pub(super) fn decode(
    bytes: &[u8],
    sniffed: Sniffed,
    side_px: u32,
    limits: &Limits,
) -> Result<Picture, Unrenderable> {
    match sniffed {
        sniff::JPEG => jpeg(bytes, side_px, limits),
        sniff::HEIC | sniff::HEIF => heic(bytes, limits),
        sniff::PNG => {
            // Before its decoder, which says of absurd sizes only that they need too much memory.
            check_size(png_size(bytes)?, limits)?;
            other(bytes, ImageFormat::Png, limits)
        }
        sniff::GIF => other(bytes, ImageFormat::Gif, limits),
        sniff::WEBP => other(bytes, ImageFormat::WebP, limits),
        sniff::TIFF => other(bytes, ImageFormat::Tiff, limits),
        sniff::BMP => other(bytes, ImageFormat::Bmp, limits),
        _ => Err(Unrenderable::Unsupported { what: sniffed.mime_type.to_owned() }),
    }
}

fn check_size((width, height): (u32, u32), limits: &Limits) -> Result<(), Unrenderable> {
    if width == 0 || height == 0 {
        return Err(damaged("a side of zero pixels"));
    }
    if u64::from(width).saturating_mul(u64::from(height)) > limits.pixels_max {
        return Err(Unrenderable::TooManyPixels { width, height, limit: limits.pixels_max });
    }
    Ok(())
}

/// `IHDR` is always the first chunk, and opens with the two sides.
fn png_size(bytes: &[u8]) -> Result<(u32, u32), Unrenderable> {
    u32_be(bytes, 16).zip(u32_be(bytes, 20)).ok_or_else(|| damaged("no header"))
}

fn jpeg(bytes: &[u8], side_px: u32, limits: &Limits) -> Result<Picture, Unrenderable> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(JPEG_SCANS_MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| damaged(format!("{e:?}")))?;
    let info = decoder.info().ok_or_else(|| damaged("no header"))?;
    let full_size = (u32::from(info.width), u32::from(info.height));
    check_size(full_size, limits)?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    // A profile for CMYK says nothing about the RGB that comes out.
    let is_rgb = matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::RGB));
    let icc = decoder.icc_profile().filter(|_| is_rgb);
    let is_partial = !jpeg_is_whole(bytes);
    let is_ycbcr = decoder.input_colorspace() == Some(ColorSpace::YCbCr);
    let scaled = if is_ycbcr && !is_partial { scaled_jpeg(bytes, full_size, side_px) } else { None };
    let pixels = match scaled {
        Some(pixels) => pixels,
        None => {
            let rgb = decoder.decode().map_err(|e| damaged(format!("{e:?}")))?;
            Pixels { width: full_size.0, height: full_size.1, rgb }
        }
    };
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Picture { pixels, full_size, orientation, icc, is_partial })
}

/// A large photo, decoded at a half, a quarter or an eighth by leaving out the frequencies that would be lost anyway:
/// half the work at 12 megapixels. `None` where that is no gain or does not succeed: the other decoder has the word.
fn scaled_jpeg(bytes: &[u8], (width, height): (u32, u32), side_px: u32) -> Option<Pixels> {
    use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
    if width.max(height) < side_px.saturating_mul(2) {
        return None;
    }
    let (view_width, view_height) = fitted(width, height, side_px);
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    // It sets no limit to the scans of a progressive file.
    if info.coding_process != CodingProcess::DctSequential || info.pixel_format != PixelFormat::RGB24 {
        return None;
    }
    let (width, height) = decoder.scale(view_width.try_into().ok()?, view_height.try_into().ok()?).ok()?;
    let rgb = decoder.decode().ok()?;
    let is_exact = rgb.len() == usize::from(width).checked_mul(usize::from(height))?.checked_mul(3)?;
    is_exact.then_some(Pixels { width: width.into(), height: height.into(), rgb })
}

/// Whether an end-of-image marker stands behind the first scan: coded data never holds one by accident.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let mut at = 2_usize;
    // Segments are stepped over by their length, because a thumbnail within one has an end marker of its own.
    while let Some([0xFF, marker, high, low]) = bytes.get(at..).and_then(|b| b.first_chunk::<4>()) {
        if *marker == 0xDA {
            break;
        }
        let step = if *marker == 0xFF { 1 } else { 2 + usize::from(u16::from_be_bytes([*high, *low])) };
        at = at.saturating_add(step);
    }
    let coded = bytes.get(at..).unwrap_or_default();
    coded.windows(2).rev().any(|pair| pair == [0xFF, 0xD9])
}

fn heic(bytes: &[u8], limits: &Limits) -> Result<Picture, Unrenderable> {
    use heifer::{Error, Options, heifer_isobmff::HeifFile};
    let refused = |e: Error| match e {
        Error::Unsupported(what) => Unrenderable::Unsupported { what: format!("this kind of HEIF ({what})") },
        other => damaged(other),
    };
    let file = HeifFile::parse(bytes).map_err(damaged)?;
    let coded_size = file.image_size(file.primary_id).map_err(damaged)?;
    check_size(coded_size.ok_or_else(|| damaged("no size"))?, limits)?;
    let icc = file.icc_profile(file.primary_id).map_err(damaged)?.map(<[u8]>::to_vec);
    let options = Options { max_threads: 1, max_pixels: limits.pixels_max };
    // Crop, rotation and mirror are already applied: the EXIF orientation of a HEIC is not to be applied again.
    let image = heifer::decode_rgba8(bytes, &options).map_err(refused)?;
    let full_size = (image.width, image.height);
    check_size(full_size, limits)?;
    let rgb = if image.has_alpha { on_white(&image.data) } else { without_alpha(&image.data) };
    Ok(Picture {
        pixels: Pixels { width: image.width, height: image.height, rgb },
        full_size,
        orientation: Orientation::NoTransforms,
        icc,
        is_partial: false,
    })
}

fn other(bytes: &[u8], format: ImageFormat, limits: &Limits) -> Result<Picture, Unrenderable> {
    let allocation_bytes_max = limits.memory_bytes / 8 * 5;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut image_limits = image::Limits::no_limits();
    image_limits.max_alloc = Some(allocation_bytes_max);
    reader.limits(image_limits);
    let refused = |e| refusal(e, limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let full_size = decoder.dimensions();
    check_size(full_size, limits)?;
    if decoder.total_bytes() > allocation_bytes_max {
        return Err(Unrenderable::NeedsTooMuchMemory { limit_bytes: limits.memory_bytes });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc = decoder.icc_profile().ok().flatten();
    let (image, is_partial) = read(decoder, full_size).map_err(refused)?;
    let icc = icc.filter(|_| image.color().has_color());
    Ok(Picture {
        pixels: Pixels { width: full_size.0, height: full_size.1, rgb: flatten(image) },
        full_size,
        orientation,
        icc,
        is_partial,
    })
}

/// Decodes into a white sheet, so that what a broken file gave before it broke off can be kept.
fn read(decoder: impl ImageDecoder, (width, height): (u32, u32)) -> Result<(DynamicImage, bool), ImageError> {
    use image::ColorType::{L8, La8, Rgb8, Rgba8};
    let color = decoder.color_type();
    if !matches!(color, L8 | La8 | Rgb8 | Rgba8) {
        return Ok((DynamicImage::from_decoder(decoder)?, false));
    }
    let mut sheet = vec![0xFF; usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX)];
    let broken = decoder.read_image(&mut sheet).err();
    // Not one pixel came: there is nothing to show.
    if let Some(error) = broken {
        if sheet.iter().all(|b| *b == 0xFF) {
            return Err(error);
        }
        return Ok((sheet_image(color, width, height, sheet), true));
    }
    Ok((sheet_image(color, width, height, sheet), false))
}

fn sheet_image(color: image::ColorType, width: u32, height: u32, sheet: Vec<u8>) -> DynamicImage {
    let image = match color {
        image::ColorType::L8 => ImageBuffer::from_raw(width, height, sheet).map(DynamicImage::ImageLuma8),
        image::ColorType::La8 => ImageBuffer::from_raw(width, height, sheet).map(DynamicImage::ImageLumaA8),
        image::ColorType::Rgba8 => ImageBuffer::from_raw(width, height, sheet).map(DynamicImage::ImageRgba8),
        _ => ImageBuffer::from_raw(width, height, sheet).map(DynamicImage::ImageRgb8),
    };
    image.unwrap_or_else(|| DynamicImage::new_rgb8(width, height))
}

fn refusal(error: ImageError, limits: &Limits) -> Unrenderable {
    match error {
        ImageError::Limits(_) => Unrenderable::NeedsTooMuchMemory { limit_bytes: limits.memory_bytes },
        ImageError::Unsupported(what) => {
            Unrenderable::Unsupported { what: format!("this kind of {}", what.format_hint()) }
        }
        other => damaged(other),
    }
}

/// To eight bits of RGB, with white behind what is transparent.
fn flatten(image: DynamicImage) -> Vec<u8> {
    match image {
        DynamicImage::ImageRgb8(rgb) => rgb.into_raw(),
        DynamicImage::ImageRgba8(rgba) => on_white(rgba.as_raw()),
        other if other.color().has_alpha() => on_white(other.into_rgba8().as_raw()),
        other => other.into_rgb8().into_raw(),
    }
}

fn on_white(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks::<4>();
    let mut rgb = Vec::with_capacity(pixels.len().saturating_mul(3));
    for [r, g, b, alpha] in pixels {
        let alpha = u32::from(*alpha);
        let blend = |c: u8| {
            let sum = u32::from(c) * alpha + 255 * (255 - alpha);
            u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
        };
        rgb.extend_from_slice(&[blend(*r), blend(*g), blend(*b)]);
    }
    rgb
}

fn without_alpha(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks::<4>();
    let mut rgb = Vec::with_capacity(pixels.len().saturating_mul(3));
    for [r, g, b, _] in pixels {
        rgb.extend_from_slice(&[*r, *g, *b]);
    }
    rgb
}
