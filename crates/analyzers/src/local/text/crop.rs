//! A line of text, straightened: its rectangle on the picture becomes a strip that the recogniser reads.

use media::Pixels;

use super::geometry::{Quad, size};

/// The recogniser's one height.
pub const HEIGHT_PX: usize = 48;
/// Longer lines are squeezed: at this width a line has some 300 letters.
const WIDTH_PX_MAX: f32 = 3_200.0;
const WIDTH_PX_MIN: f32 = 16.0;
/// Samples a side for one pixel of the strip, where a large letter is made small.
const SAMPLES_MAX: f32 = 4.0;

/// RGB, [`HEIGHT_PX`] high.
pub struct Strip {
    pub width: usize,
    pub rgb: Vec<u8>,
}

/// The text within `quad`, which begins at the quad's first corner. `pixels` is whole (see `raster::check`).
pub fn strip(pixels: &Pixels, quad: &Quad) -> Strip {
    let (length, thickness) = size(quad);
    let high = number(HEIGHT_PX);
    let width = (length / thickness.max(1.0) * high).ceil().clamp(WIDTH_PX_MIN, WIDTH_PX_MAX);
    let samples = (thickness / high).ceil().clamp(1.0, SAMPLES_MAX);
    let sampler = Sampler::new(pixels);
    let [a, b, c, d] = *quad;
    let mut rgb = Vec::with_capacity(whole(width) * HEIGHT_PX * 3);
    let share = 1.0 / (samples * samples);
    for y in 0..HEIGHT_PX {
        for x in 0..whole(width) {
            let mut sum = [0.0_f32; 3];
            for sy in 0..whole(samples) {
                let v = (number(y) + (number(sy) + 0.5) / samples) / high;
                let left = mix(a, d, v);
                let right = mix(b, c, v);
                for sx in 0..whole(samples) {
                    let u = (number(x) + (number(sx) + 0.5) / samples) / width;
                    sampler.add(mix(left, right, u), &mut sum);
                }
            }
            rgb.extend(sum.map(|s| byte(s * share)));
        }
    }
    Strip { width: whole(width), rgb }
}

/// Bilinear; beyond the edge the edge goes on.
struct Sampler<'a> {
    rgb: &'a [u8],
    row: usize,
    right: f32,
    bottom: f32,
}

impl<'a> Sampler<'a> {
    fn new(pixels: &'a Pixels) -> Self {
        let (width, height) = (usize_of(pixels.width), usize_of(pixels.height));
        Self {
            rgb: &pixels.rgb,
            row: width * 3,
            right: number(width.saturating_sub(1)),
            bottom: number(height.saturating_sub(1)),
        }
    }

    fn add(&self, [x, y]: [f32; 2], sum: &mut [f32; 3]) {
        // Pixels are squares: the centre of the first one is at 0.5.
        let (x, y) = ((x - 0.5).clamp(0.0, self.right), (y - 0.5).clamp(0.0, self.bottom));
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let here = whole(y0) * self.row + whole(x0) * 3;
        let to_right = if x0 < self.right { 3 } else { 0 };
        let below = if y0 < self.bottom { self.row } else { 0 };
        for (at, weight) in [
            (here, (1.0 - fx) * (1.0 - fy)),
            (here + to_right, fx * (1.0 - fy)),
            (here + below, (1.0 - fx) * fy),
            (here + below + to_right, fx * fy),
        ] {
            if let Some([r, g, b]) = self.rgb.get(at..at + 3) {
                sum[0] += f32::from(*r) * weight;
                sum[1] += f32::from(*g) * weight;
                sum[2] += f32::from(*b) * weight;
            }
        }
    }
}

fn mix([ax, ay]: [f32; 2], [bx, by]: [f32; 2], t: f32) -> [f32; 2] {
    [ax + (bx - ax) * t, ay + (by - ay) * t]
}

#[expect(
    clippy::as_conversions,
    reason = "a cast from float saturates; sides of pictures are far below 2^24"
)]
fn whole(number: f32) -> usize {
    number as usize
}

#[expect(clippy::as_conversions, reason = "a cast from float saturates")]
fn byte(number: f32) -> u8 {
    (number + 0.5) as u8
}

#[expect(clippy::as_conversions, reason = "sides of pictures are far below 2^24")]
fn number(px: usize) -> f32 {
    px as f32
}

fn usize_of(px: u32) -> usize {
    usize::try_from(px).unwrap_or(usize::MAX)
}
