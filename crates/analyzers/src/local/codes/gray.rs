//! A picture in grey, and the few things that help a weak code: larger, sharper, straighter.
//!
//! Sides are capped when it is made, so that every size below fits an `i32` and every product a `usize`.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "pixel arithmetic: sides are at most SIDE_MAX times a small factor, indices are clamped to them"
)]

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

    /// What differs from its surroundings is made to differ more.
    pub fn sharpened(&self, radius: usize, amount: f32) -> Self {
        let soft = self.mean(radius).mean(radius);
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

    /// Black where darker than the mean around it, else white.
    pub fn two_tone(&self, radius: usize) -> Self {
        let around = self.mean(radius);
        let data = self
            .data
            .iter()
            .zip(&around.data)
            .map(|(&own, &mean)| if own < mean { 0 } else { 255 })
            .collect();
        Self { width: self.width, height: self.height, data }
    }

    pub fn inverted(&self) -> Self {
        Self {
            width: self.width,
            height: self.height,
            data: self.data.iter().map(|value| 255 - value).collect(),
        }
    }
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
