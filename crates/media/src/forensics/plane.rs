//! The brightness as it stands in the file: full size, not turned, not coloured.

use image::metadata::Orientation;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use crate::{
    limits::Limits,
    quality::Luma,
    rendition::{JPEG_SCANS_MAX, VIEW},
    report::Unrenderable,
};

pub(super) struct Plane {
    pub luma: Luma,
    /// 1 to 8, as the view is turned.
    orientation: u8,
}

impl Plane {
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Unrenderable> {
        let damaged = |what: String| Unrenderable::Damaged { detail: what };
        let options = DecoderOptions::default()
            .set_strict_mode(false)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .jpeg_set_max_scans(JPEG_SCANS_MAX)
            .jpeg_set_out_colorspace(ColorSpace::Luma);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(|_| damaged("the header cannot be read".to_owned()))?;
        let info = decoder.info().ok_or_else(|| damaged("no header".to_owned()))?;
        let (width, height) = (usize::from(info.width), usize::from(info.height));
        if u64::from(info.width).saturating_mul(info.height.into()) > limits.pixels_max {
            let (width, height) = (info.width.into(), info.height.into());
            return Err(Unrenderable::TooManyPixels { width, height, limit: limits.pixels_max });
        }
        if !matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma)) {
            return Err(Unrenderable::Unsupported { what: "a JPEG of these colours".to_owned() });
        }
        let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
        let bytes = decoder.decode().map_err(|_| damaged("it cannot be decoded".to_owned()))?;
        let is_whole = width > 0 && height > 0 && width.checked_mul(height) == Some(bytes.len());
        if !is_whole {
            return Err(damaged("the pixels do not fill their size".to_owned()));
        }
        let orientation = orientation.unwrap_or(Orientation::NoTransforms).to_exif();
        Ok(Self { luma: Luma { width, height, bytes }, orientation })
    }

    /// From pixels of the file to pixels of the view.
    pub fn scale(&self) -> f32 {
        let side = |px: usize| f32::from(u16::try_from(px).unwrap_or(u16::MAX));
        let view = f32::from(u16::try_from(VIEW.side_px_max).unwrap_or(u16::MAX));
        (view / side(self.luma.width.max(self.luma.height)).max(1.0)).min(1.0)
    }

    /// A place of the file as the view shows it.
    pub fn on_view(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let side = |px: usize| f32::from(u16::try_from(px).unwrap_or(u16::MAX));
        let (w, h) = (side(self.luma.width), side(self.luma.height));
        let turned = match self.orientation {
            2 => [w - x, y],
            3 => [w - x, h - y],
            4 => [x, h - y],
            5 => [y, x],
            6 => [h - y, x],
            7 => [h - y, w - x],
            8 => [y, w - x],
            _ => [x, y],
        };
        turned.map(|c| c * self.scale())
    }
}
