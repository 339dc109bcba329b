//! Pictures as numbers: what goes into the networks.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use media::Pixels;

use super::ReadError;

/// A picture with a wider range of brightness, of 255, is fine as it is ...
const SPAN_GOOD: u8 = 120;
/// ... and one with a narrower shows nothing.
const SPAN_MIN: u8 = 8;

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

/// Brighter and of full contrast, where the whole picture has little: a display in the dark, a faint copy.
pub fn brightened(pixels: &Pixels) -> Option<Pixels> {
    let mut histogram = [0_u32; 256];
    let mut count = 0;
    // Green carries most of the brightness; every fifth pixel is sample enough.
    for [_, green, _] in pixels.rgb.as_chunks::<3>().0.iter().step_by(5) {
        if let Some(bin) = histogram.get_mut(usize::from(*green)) {
            *bin += 1;
            count += 1;
        }
    }
    let at = |share: f32| {
        let mut left = share * to_f32(count);
        let step = |bin: &u32| {
            left -= to_f32(*bin);
            left < 0.0
        };
        histogram.iter().position(step).and_then(|i| u8::try_from(i).ok()).unwrap_or(255)
    };
    let (dark, bright) = (at(0.005), at(0.995));
    let span = bright.saturating_sub(dark);
    if !(SPAN_MIN..SPAN_GOOD).contains(&span) {
        return None;
    }
    let stretched: Vec<u8> = (0..=u8::MAX)
        .map(|byte| {
            let share = u32::from(byte.saturating_sub(dark)) * 255 / u32::from(span);
            u8::try_from(share).unwrap_or(255)
        })
        .collect();
    let rgb =
        pixels.rgb.iter().map(|byte| stretched.get(usize::from(*byte)).copied().unwrap_or(255)).collect();
    Some(Pixels { width: pixels.width, height: pixels.height, rgb })
}

#[expect(clippy::as_conversions, reason = "counts of pixels need no more than 24 bits of precision")]
fn to_f32(count: u32) -> f32 {
    count as f32
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
