//! Pictures as numbers: what goes into the networks.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use media::Pixels;

use super::ReadError;

/// Refuses what the code below could not index safely.
pub fn check(pixels: &Pixels, pixels_max: u64) -> Result<(), ReadError> {
    let (width, height) = (pixels.width, pixels.height);
    let count = u64::from(width) * u64::from(height);
    if count > pixels_max {
        return Err(ReadError::TooLarge { pixels: count, limit: pixels_max });
    }
    let is_whole = count > 0 && u64::try_from(pixels.rgb.len()).is_ok_and(|n| n == count * 3);
    if is_whole { Ok(()) } else { Err(ReadError::NotAPicture { width, height }) }
}

/// Averages where it shrinks, so that thin strokes do not vanish.
pub fn resized(pixels: &Pixels, width: u32, height: u32) -> Result<Vec<u8>, String> {
    if (pixels.width, pixels.height) == (width, height) {
        return Ok(pixels.rgb.clone());
    }
    let source = ImageRef::new(pixels.width, pixels.height, &pixels.rgb, PixelType::U8x3)
        .map_err(|e| e.to_string())?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&source, &mut target, &options).map_err(|e| e.to_string())?;
    Ok(target.into_vec())
}

/// Blue, green, red, each a plane, -1 to 1: as the networks were trained.
pub fn planes(rgb: &[u8], to: &mut [f32], row_px: usize, plane_px: usize, width_px: usize) {
    let scale = |byte: u8| f32::from(byte) / 127.5 - 1.0;
    let (blue, rest) = to.split_at_mut(plane_px);
    let (green, red) = rest.split_at_mut(plane_px);
    let rows = rgb.chunks_exact(width_px * 3);
    let targets = blue.chunks_mut(row_px).zip(green.chunks_mut(row_px)).zip(red.chunks_mut(row_px));
    for (row, ((blue, green), red)) in rows.zip(targets) {
        for (pixel, ((b, g), r)) in row.chunks_exact(3).zip(blue.iter_mut().zip(green).zip(red)) {
            if let [red, green, blue] = *pixel {
                (*b, *g, *r) = (scale(blue), scale(green), scale(red));
            }
        }
    }
}
