//! From a file to the two pictures that people look at.
//!
//! Runs in the confined child. The header's dimensions are checked before anything is decoded; the picture is made
//! small first, and turned, coloured and cleaned when it is small; the thumbnail is made from the view.
//! A rendition is a new JPEG: it carries pixels and nothing else.

mod decode;
mod frames;

pub(crate) use decode::JPEG_SCANS_MAX;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::metadata::Orientation;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use model::finding::Region;
use moxcms::{ColorProfile, Layout, TransformOptions};

use model::finding::Finding;

use crate::{
    hash::{Hashes, hashes},
    limits::Limits,
    malice,
    mask::mask,
    metadata::{self, Metadata},
    quality::{Measures, measure},
    report::{Rendition, Report, Unrenderable},
    sniff::{self, Family, Sniffed, sniff},
};

/// Of a hundred: what a photo needs so that nobody sees the difference at this size.
const JPEG_QUALITY: u8 = 82;

/// A rendition by name, with the longest its longer side may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spec {
    pub name: &'static str,
    pub side_px_max: u32,
}

pub const VIEW: Spec = Spec { name: "view", side_px_max: 1_600 };
/// The longest side of what the models' workers are given.
pub const PIXELS_SIDE_PX_MAX: u32 = 2_560;

pub const THUMB: Spec = Spec { name: "thumb", side_px_max: 320 };

/// Whether we read this format.
pub fn is_renderable(sniffed: Sniffed) -> bool {
    [sniff::JPEG, sniff::PNG, sniff::GIF, sniff::WEBP, sniff::HEIC, sniff::HEIF, sniff::TIFF, sniff::BMP]
        .contains(&sniffed)
}

/// The report that needs no decoder; `None` for a picture that has to be decoded.
pub fn verdict_without_decoding(bytes: &[u8], sniffed: Sniffed, limits: &Limits) -> Option<Report> {
    let mime_type = || sniffed.mime_type.to_owned();
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let why_none = match sniffed.family {
        _ if bytes.is_empty() => Some(Unrenderable::Empty),
        Family::Audio | Family::Video | Family::Document | Family::Archive => None,
        Family::Markup => Some(Unrenderable::Markup { mime_type: mime_type() }),
        Family::Unknown => Some(Unrenderable::NotAPicture { mime_type: mime_type() }),
        Family::Image if !is_renderable(sniffed) => Some(Unrenderable::Unsupported { what: mime_type() }),
        Family::Image if size_bytes > limits.input_bytes_max => {
            Some(Unrenderable::TooLarge { size_bytes, limit_bytes: limits.input_bytes_max })
        }
        Family::Image => return None,
    };
    Some(Report::without_renditions(sniffed, why_none))
}

/// Why there are no pixels to be had from a file that the child need not see; `None` for a picture.
pub(crate) fn no_picture(bytes: &[u8], limits: &Limits) -> Option<Unrenderable> {
    let sniffed = sniff(bytes);
    let report = verdict_without_decoding(bytes, sniffed, limits)?;
    let mime_type = sniffed.mime_type.to_owned();
    Some(report.why_none.unwrap_or(Unrenderable::NotAPicture { mime_type }))
}

/// Decodes the picture and makes its renditions. Hostile bytes may make this panic, abort or run long: call it in
/// the child only.
pub fn render(bytes: &[u8], limits: &Limits) -> Report {
    report(bytes, limits, |view| Ok((renditions(view)?, Some(measure(view)), hashes(view))))
}

/// The same pictures with these regions of the view painted over; nothing is measured on them.
pub fn render_masked(bytes: &[u8], regions: &[Region], limits: &Limits) -> Report {
    report(bytes, limits, |view| {
        mask(view, regions);
        Ok((renditions(view)?, None, None))
    })
}

/// The picture upright, in sRGB and with eight bits, its longer side at most `side_px_max`.
pub fn pixels(bytes: &[u8], side_px_max: u32, limits: &Limits) -> Result<Pixels, Unrenderable> {
    if let Some(why) = no_picture(bytes, limits) {
        return Err(why);
    }
    upright(decode::decode(bytes, sniff(bytes), side_px_max, limits)?, side_px_max)
}

type Looked = (Vec<Rendition>, Option<Measures>, Option<Hashes>);

fn report(
    bytes: &[u8],
    limits: &Limits,
    look: impl FnOnce(&mut Pixels) -> Result<Looked, Unrenderable>,
) -> Report {
    let sniffed = sniff(bytes);
    if let Some(report) = verdict_without_decoding(bytes, sniffed, limits) {
        return report;
    }
    let mut report = Report::without_renditions(sniffed, None);
    (report.metadata, report.findings) = said_and_hidden(bytes, sniffed);
    report.is_animated = frames::is_animated(bytes, sniffed);
    let rendered = decode::decode(bytes, sniffed, VIEW.side_px_max, limits).and_then(|picture| {
        let turned = matches!(picture.orientation.to_exif(), 5..=8);
        let (width, height) = picture.full_size;
        (report.width, report.height) =
            if turned { (Some(height), Some(width)) } else { (Some(width), Some(height)) };
        report.orientation = picture.orientation.to_exif();
        report.is_partial = picture.is_partial;
        look(&mut upright(picture, VIEW.side_px_max)?)
    });
    match rendered {
        Ok((renditions, quality, hashes)) => {
            (report.renditions, report.quality, report.hashes) = (renditions, quality, hashes);
        }
        Err(why) => {
            if let Unrenderable::TooManyPixels { width, height, .. } = why {
                (report.width, report.height) = (Some(width), Some(height));
            }
            report.why_none = Some(why);
        }
    }
    report
}

/// Beside the picture: a reader of metadata that fails must not cost the picture.
fn said_and_hidden(bytes: &[u8], sniffed: Sniffed) -> (Option<Metadata>, Vec<Finding>) {
    let metadata = catch_unwind(AssertUnwindSafe(|| metadata::read(bytes, sniffed))).ok();
    let findings = catch_unwind(AssertUnwindSafe(|| malice::findings(bytes, sniffed))).unwrap_or_default();
    (metadata, findings)
}

/// RGB, eight bits, rows without gaps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// What a decoder gives.
pub(crate) struct Picture {
    pub pixels: Pixels,
    /// By the header: a decoder may have given fewer pixels than the file has.
    pub full_size: (u32, u32),
    pub orientation: Orientation,
    pub icc: Option<Vec<u8>>,
    pub is_partial: bool,
}

fn upright(picture: Picture, side_px_max: u32) -> Result<Pixels, Unrenderable> {
    let mut pixels = fit(&picture.pixels, side_px_max, FilterType::CatmullRom)?.unwrap_or(picture.pixels);
    if let Some(icc) = picture.icc {
        to_srgb(&mut pixels, &icc);
    }
    turn(pixels, picture.orientation)
}

fn renditions(view: &Pixels) -> Result<Vec<Rendition>, Unrenderable> {
    let thumb = fit(view, THUMB.side_px_max, FilterType::Lanczos3)?;
    Ok(vec![encode(VIEW, view)?, encode(THUMB, thumb.as_ref().unwrap_or(view))?])
}

/// Makes it fit into a square of `side_px`; `None` when it does, because it is never made larger.
fn fit(pixels: &Pixels, side_px: u32, filter: FilterType) -> Result<Option<Pixels>, Unrenderable> {
    let (width, height) = fitted(pixels.width, pixels.height, side_px);
    if (width, height) == (pixels.width, pixels.height) {
        return Ok(None);
    }
    let source = ImageRef::new(pixels.width, pixels.height, &pixels.rgb, PixelType::U8x3).map_err(damaged)?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new().resize(&source, &mut target, &options).map_err(damaged)?;
    Ok(Some(Pixels { width, height, rgb: target.into_vec() }))
}

/// The longer side becomes `side_px`, the other follows, rounded, and at least one pixel.
fn fitted(width: u32, height: u32, side_px: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= side_px {
        return (width, height);
    }
    let scale = |side: u32| {
        let scaled = (u64::from(side) * u64::from(side_px) + u64::from(long) / 2) / u64::from(long);
        u32::try_from(scaled).unwrap_or(side_px).max(1)
    };
    (scale(width), scale(height))
}

/// Wide-gamut photos (Display P3 of phones) look washed out without this. A profile that is broken or not for RGB
/// leaves the colours as they are: the picture is worth more than its profile.
fn to_srgb(pixels: &mut Pixels, icc: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(icc) else { return };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) =
        profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default())
    else {
        return;
    };
    let mut converted = vec![0; pixels.rgb.len()];
    if transform.transform(&pixels.rgb, &mut converted).is_ok() {
        pixels.rgb = converted;
    }
}

fn turn(pixels: Pixels, orientation: Orientation) -> Result<Pixels, Unrenderable> {
    if orientation == Orientation::NoTransforms {
        return Ok(pixels);
    }
    let buffer = image::RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb)
        .ok_or_else(|| damaged("the decoder gave too few pixels"))?;
    let mut picture = image::DynamicImage::ImageRgb8(buffer);
    picture.apply_orientation(orientation);
    let buffer = picture.into_rgb8();
    Ok(Pixels { width: buffer.width(), height: buffer.height(), rgb: buffer.into_raw() })
}

pub(crate) fn encode(spec: Spec, pixels: &Pixels) -> Result<Rendition, Unrenderable> {
    let bytes = encode_at(JPEG_QUALITY, pixels)?;
    Ok(Rendition {
        name: spec.name.to_owned(),
        mime_type: sniff::JPEG.mime_type.to_owned(),
        width: pixels.width,
        height: pixels.height,
        bytes,
    })
}

/// A plain JPEG at a quality of a hundred.
pub(crate) fn encode_at(quality: u8, pixels: &Pixels) -> Result<Vec<u8>, Unrenderable> {
    let side = |px: u32| u16::try_from(px).map_err(damaged);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(&pixels.rgb, side(pixels.width)?, side(pixels.height)?, ColorType::Rgb)
        .map_err(damaged)?;
    Ok(bytes)
}

fn damaged(detail: impl std::fmt::Display) -> Unrenderable {
    // The text of a decoder may quote the file: short, and without control characters.
    let detail = detail.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    Unrenderable::Damaged { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_without_enlarging_and_never_to_nothing() {
        for (size, side, expect) in [
            ((4_000, 3_000), 1_600, (1_600, 1_200)),
            ((3_000, 4_000), 320, (240, 320)),
            ((1_600, 1_200), 1_600, (1_600, 1_200)),
            ((10, 8), 320, (10, 8)),
            ((50_000, 1), 1_600, (1_600, 1)),
            ((1, 65_535), 320, (1, 320)),
        ] {
            assert_eq!(fitted(size.0, size.1, side), expect, "{size:?}");
        }
    }
}
