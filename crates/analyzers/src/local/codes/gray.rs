//! A picture in grey, and the few things that help a weak code: larger, sharper, straighter.
//!
//! Sides are capped when it is made, so that every size below fits an `i32` and every product a `usize`.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "pixel arithmetic: sides are at most SIDE_MAX times a small factor, indices are clamped to them"
)]

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use media::Pixels;

/// Larger pictures are halved until they fit: no code needs more.
const SIDE_MAX: usize = 2_560;

#[derive(Clone, Debug)]
pub struct Gray {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Gray {
    /// The grey picture and by how much its coordinates must be multiplied to be those of `pixels`.
    /// `None` when the buffer is not as long as the sides say.
    pub fn of(pixels: &Pixels) -> Option<(Self, f32)> {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        if width == 0 || height == 0 || pixels.rgb.len() != width.checked_mul(height)?.checked_mul(3)? {
            return None;
        }
        let (texels, _) = pixels.rgb.as_chunks::<3>();
        let data = texels
            .iter()
            .map(|&[r, g, b]| ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8)
            .collect();
        let (mut gray, mut factor) = (Self { width, height, data }, 1.0);
        while gray.width.max(gray.height) > SIDE_MAX {
            gray = gray.half();
            factor *= 2.0;
        }
        Some((gray, factor))
    }

    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// Two by two pixels become one.
    pub fn half(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let mut data = Vec::with_capacity(width * height);
        for y in 0..height {
            let (above, below) =
                (self.row((2 * y).min(self.height - 1)), self.row((2 * y + 1).min(self.height - 1)));
            if self.width == 1 {
                data.push(above[0]);
                continue;
            }
            let (a, _) = above.as_chunks::<2>();
            let (b, _) = below.as_chunks::<2>();
            data.extend(a.iter().zip(b).map(|(a, b)| {
                ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) >> 2) as u8
            }));
        }
        Self { width, height, data }
    }

    /// Between the pixels, by bilinear interpolation; outside it goes on as at the edge.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let (above, below) = (top * self.width, bottom * self.width);
        let upper =
            f32::from(self.data[above + left]) * (1.0 - fx) + f32::from(self.data[above + right]) * fx;
        let lower =
            f32::from(self.data[below + left]) * (1.0 - fx) + f32::from(self.data[below + right]) * fx;
        upper * (1.0 - fy) + lower * fy
    }

    /// A turned and scaled rectangle, upright: `scale` pixels for each of ours. Outside the picture it is `outside`.
    pub fn cut(&self, frame: &Frame, outside: u8) -> Self {
        if frame.scale < 0.6 {
            return self.cut(&Frame { scale: frame.scale * 2.0, ..*frame }, outside).half();
        }
        if frame.angle == 0.0 {
            return self.cut_upright(frame, outside);
        }
        let (width, height) = frame.size();
        let mut data = Vec::with_capacity(width * height);
        let (sin, cos) = frame.angle.sin_cos();
        let step = 1.0 / frame.scale;
        let (right, bottom) = (self.width as f32 - 0.5, self.height as f32 - 0.5);
        for row in 0..height {
            let v = (row as f32 + 0.5) * step - frame.height / 2.0;
            for column in 0..width {
                let u = (column as f32 + 0.5) * step - frame.width / 2.0;
                let x = frame.x + u * cos - v * sin - 0.5;
                let y = frame.y + u * sin + v * cos - 0.5;
                data.push(if x < -0.5 || y < -0.5 || x > right || y > bottom {
                    outside
                } else {
                    (self.at(x, y) + 0.5) as u8
                });
            }
        }
        Self { width, height, data }
    }

    /// Larger, with smooth edges (Catmull-Rom). White when there is nothing to enlarge.
    pub fn enlarged(&self, width: usize, height: usize) -> Self {
        let mut large = Image::new(width as u32, height as u32, PixelType::U8);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        let is_done = ImageRef::new(self.width as u32, self.height as u32, &self.data, PixelType::U8)
            .is_ok_and(|own| Resizer::new().resize(&own, &mut large, &options).is_ok());
        let data = if is_done { large.into_vec() } else { vec![255; width * height] };
        Self { width, height, data }
    }

    /// The same for a rectangle that is not turned, with the places of a row worked out once.
    fn cut_upright(&self, frame: &Frame, outside: u8) -> Self {
        let (width, height) = frame.size();
        let step = 1.0 / frame.scale;
        let taps = |count: usize, start: f32, most: usize| -> Vec<Option<(usize, usize, u32)>> {
            let tap = |index: usize| {
                let place = start + (index as f32 + 0.5) * step - 0.5;
                let is_inside = place >= -0.5 && place <= most as f32 - 0.5;
                let place = place.clamp(0.0, (most - 1) as f32);
                let first = place as usize;
                is_inside.then_some((
                    first,
                    (first + 1).min(most - 1),
                    ((place - first as f32) * 256.0) as u32,
                ))
            };
            (0..count).map(tap).collect()
        };
        let columns = taps(width, frame.x - frame.width / 2.0, self.width);
        let rows = taps(height, frame.y - frame.height / 2.0, self.height);
        let mut data = Vec::with_capacity(width * height);
        for row in rows {
            let Some((above, below, down)) = row else {
                data.extend(std::iter::repeat_n(outside, width));
                continue;
            };
            let (above, below) = (self.row(above), self.row(below));
            data.extend(columns.iter().map(|column| {
                let Some((left, right, across)) = *column else { return outside };
                let mix =
                    |line: &[u8]| u32::from(line[left]) * (256 - across) + u32::from(line[right]) * across;
                ((mix(above) * (256 - down) + mix(below) * down + 32_768) >> 16) as u8
            }));
        }
        Self { width, height, data }
    }

    /// How much its values are of two sorts (Sarle's coefficient): 1.0 for black and white in whatever shares, 0.56
    /// where all between are as frequent, 0.33 for a texture. The mean over blocks, by how much they show.
    pub fn two_sidedness(&self) -> f32 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for top in (0..self.height.saturating_sub(BLOCK - 1)).step_by(BLOCK) {
            for left in (0..self.width.saturating_sub(BLOCK - 1)).step_by(BLOCK) {
                let values = || (top..top + BLOCK).flat_map(|y| &self.row(y)[left..left + BLOCK]);
                let count = BLOCK.pow(2) as f32;
                let mean = values().map(|&value| f32::from(value)).sum::<f32>() / count;
                let [two, three, four] = values().fold([0.0_f32; 3], |[two, three, four], &value| {
                    let apart = f32::from(value) - mean;
                    let square = apart * apart;
                    [two + square, three + square * apart, four + square * square]
                });
                let (two, three, four) = (two / count, three / count, four / count);
                if two < 36.0 {
                    continue;
                }
                let weight = two.sqrt();
                sum += weight * (three * three / two.powi(3) + 1.0) / (four / (two * two));
                weights += weight;
            }
        }
        if weights > 0.0 { sum / weights } else { 0.0 }
    }

    /// Mean over a square of `2 * radius + 1`, smaller at the edges.
    pub fn mean(&self, radius: usize) -> Self {
        let sums = Sums::of(self);
        let mut data = Vec::with_capacity(self.data.len());
        for y in 0..self.height {
            let (top, bottom) = (y.saturating_sub(radius), (y + radius + 1).min(self.height));
            for x in 0..self.width {
                let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(self.width));
                let area = (right - left) * (bottom - top);
                data.push((sums.within(left, top, right, bottom) / area as u32) as u8);
            }
        }
        Self { width: self.width, height: self.height, data }
    }

    /// What differs from its surroundings is made to differ more; `soft` is the same picture without its details.
    pub fn sharpened(&self, soft: &Self, amount: f32) -> Self {
        let data = self
            .data
            .iter()
            .zip(&soft.data)
            .map(|(&own, &around)| {
                let (own, around) = (f32::from(own), f32::from(around));
                (own + (own - around) * amount).clamp(0.0, 255.0) as u8
            })
            .collect();
        Self { width: self.width, height: self.height, data }
    }

    /// How soft its edges are: the deviation, in pixels, of the blur that would make its steepest ones. An edge
    /// of height `h` under a Gaussian of deviation `s` is `h / (s * sqrt(2 * pi))` steep.
    pub fn softness(&self) -> f32 {
        let (mut levels, mut steps, mut count) = ([0_usize; 256], [0_usize; 256], 0);
        for y in (0..self.height).step_by(2) {
            let row = self.row(y);
            for pair in row.windows(2) {
                levels[usize::from(pair[0])] += 1;
                steps[usize::from(pair[0].abs_diff(pair[1]))] += 1;
                count += 1;
            }
        }
        let range = quantile(&levels, count * 97 / 100).saturating_sub(quantile(&levels, count * 3 / 100));
        range as f32 / (2.507 * quantile(&steps, count * 98 / 100).max(1) as f32)
    }

    /// Undoes a blur of `SOFT` pixels, as far as noise allows: what blurring the estimate lacks is added to it, again
    /// and again (Van Cittert).
    pub fn deblurred(&self, rounds: usize) -> Self {
        let measured: Vec<f32> = self.data.iter().map(|&value| f32::from(value)).collect();
        let mut estimate = measured.clone();
        for _ in 0..rounds {
            let soft = self.softened(&estimate);
            for ((value, measured), soft) in estimate.iter_mut().zip(&measured).zip(&soft) {
                *value = (*value + measured - soft).clamp(-60.0, 315.0);
            }
        }
        let data = estimate.into_iter().map(|value| value.clamp(0.0, 255.0) as u8).collect();
        Self { width: self.width, height: self.height, data }
    }

    /// Three means over three pixels each way: a Gaussian of `SOFT` to the eye.
    fn softened(&self, values: &[f32]) -> Vec<f32> {
        let mut soft = values.to_vec();
        let mut before = soft.clone();
        for _ in 0..3 {
            std::mem::swap(&mut soft, &mut before);
            for (from, to) in before.chunks_exact(self.width).zip(soft.chunks_exact_mut(self.width)) {
                for x in 0..self.width {
                    to[x] = (from[x.saturating_sub(1)] + from[x] + from[(x + 1).min(self.width - 1)]) / 3.0;
                }
            }
            std::mem::swap(&mut soft, &mut before);
            for y in 0..self.height {
                let (above, below) =
                    (y.saturating_sub(1) * self.width, (y + 1).min(self.height - 1) * self.width);
                for x in 0..self.width {
                    soft[y * self.width + x] =
                        (before[above + x] + before[y * self.width + x] + before[below + x]) / 3.0;
                }
            }
        }
        soft
    }
}

/// Side of a block of `two_sidedness`.
const BLOCK: usize = 16;

/// The deviation of the blur that `deblurred` undoes, in pixels.
pub const SOFT: f32 = 1.41;

fn quantile(histogram: &[usize; 256], rank: usize) -> usize {
    let mut sum = 0;
    histogram
        .iter()
        .position(|count| {
            sum += count;
            sum > rank
        })
        .unwrap_or(255)
}

/// A turned rectangle of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Its centre.
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    /// Radians, clockwise on the screen.
    pub angle: f32,
    /// Pixels of the cut for each pixel of the picture.
    pub scale: f32,
}

impl Frame {
    /// What of an upright frame lies in a picture of these sides.
    pub fn within(&self, width: usize, height: usize) -> Self {
        let (left, right) =
            ((self.x - self.width / 2.0).max(0.0), (self.x + self.width / 2.0).min(width as f32));
        let (top, bottom) =
            ((self.y - self.height / 2.0).max(0.0), (self.y + self.height / 2.0).min(height as f32));
        Self {
            x: (left + right) / 2.0,
            y: (top + bottom) / 2.0,
            width: right - left,
            height: bottom - top,
            ..*self
        }
    }

    pub fn size(&self) -> (usize, usize) {
        let side = |length: f32| (length * self.scale).round().clamp(1.0, 4_096.0) as usize;
        (side(self.width), side(self.height))
    }

    /// Half the sides of the upright box around it.
    pub fn reach(&self) -> (f32, f32) {
        let (sin, cos) = (self.angle.sin().abs(), self.angle.cos().abs());
        let (wide, high) = (self.width / 2.0, self.height / 2.0);
        (wide * cos + high * sin, wide * sin + high * cos)
    }

    /// A point of the cut as a point of the picture.
    pub fn outside(&self, point: [f32; 2]) -> [f32; 2] {
        let u = point[0] / self.scale - self.width / 2.0;
        let v = point[1] / self.scale - self.height / 2.0;
        let (sin, cos) = self.angle.sin_cos();
        [self.x + u * cos - v * sin, self.y + u * sin + v * cos]
    }
}

/// Sums over rectangles in constant time.
struct Sums {
    stride: usize,
    sums: Vec<u32>,
}

impl Sums {
    fn of(gray: &Gray) -> Self {
        let stride = gray.width + 1;
        let mut sums = vec![0_u32; stride * (gray.height + 1)];
        for y in 0..gray.height {
            let mut line = 0_u32;
            for (x, &value) in gray.row(y).iter().enumerate() {
                line = line.wrapping_add(u32::from(value));
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1].wrapping_add(line);
            }
        }
        Self { stride, sums }
    }

    fn within(&self, left: usize, top: usize, right: usize, bottom: usize) -> u32 {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        at(right, bottom)
            .wrapping_sub(at(left, bottom))
            .wrapping_sub(at(right, top))
            .wrapping_add(at(left, top))
    }
}
