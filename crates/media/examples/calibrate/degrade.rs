//! What happens to a picture between the thing and the desk: focus, motion, light, reflections, noise, WhatsApp.

use media::{Limits, Pixels, rendition};

/// xorshift64*: the same numbers on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn unit(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1_u32 << 24) as f32
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Log-uniform.
    pub fn scale(&mut self, low: f32, high: f32) -> f32 {
        self.between(low.ln(), high.ln()).exp()
    }

    fn bell(&mut self) -> f32 {
        (0..6).map(|_| self.unit()).sum::<f32>() * std::f32::consts::SQRT_2 - 3.0 * std::f32::consts::SQRT_2
    }
}

/// Linear light, three planes, 1.0 is white.
#[derive(Clone)]
pub struct Scene {
    pub width: usize,
    pub height: usize,
    planes: [Vec<f32>; 3],
}

impl Scene {
    pub fn of(pixels: &Pixels) -> Self {
        let table: Vec<f32> = (0..256).map(|v| (v as f32 / 255.0).powf(2.2)).collect();
        let plane = |c: usize| pixels.rgb.iter().skip(c).step_by(3).map(|v| table[usize::from(*v)]).collect();
        let planes = [plane(0), plane(1), plane(2)];
        Self { width: pixels.width as usize, height: pixels.height as usize, planes }
    }

    /// A new scene whose light at each pixel's corner `draw` says.
    pub fn drawn(&self, width: usize, height: usize, draw: impl Fn(f32, f32) -> [f32; 3]) -> Self {
        let mut planes = [(); 3].map(|()| Vec::with_capacity(width * height));
        for y in 0..height {
            for x in 0..width {
                let light = draw(x as f32, y as f32);
                (0..3).for_each(|c| planes[c].push(light[c]));
            }
        }
        Self { width, height, planes }
    }

    /// The nearest pixel's light; outside, the border's.
    pub fn near(&self, x: f32, y: f32) -> [f32; 3] {
        let x = (x.max(0.0) as usize).min(self.width - 1);
        let y = (y.max(0.0) as usize).min(self.height - 1);
        [0, 1, 2].map(|c| self.planes[c][y * self.width + x])
    }

    /// The mean of the four nearest, by their distance.
    pub fn between(&self, x: f32, y: f32) -> [f32; 3] {
        let (x, y) = (x - 0.5, y - 0.5);
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let at = |dx: f32, dy: f32| self.near(x.floor() + dx, y.floor() + dy);
        let (a, b, c, d) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0));
        [0, 1, 2].map(|n| (a[n] * (1.0 - fx) + b[n] * fx) * (1.0 - fy) + (c[n] * (1.0 - fx) + d[n] * fx) * fy)
    }

    fn map(&self, change: impl Fn(&[f32]) -> Vec<f32>) -> Self {
        Self { planes: [0, 1, 2].map(|c| change(&self.planes[c])), ..*self }
    }

    pub fn exposed(&self, gain: f32) -> Self {
        self.map(|plane| plane.iter().map(|v| v * gain).collect())
    }

    /// Less contrast, as through a dirty lens or fog.
    pub fn veiled(&self, left: f32) -> Self {
        self.map(|plane| plane.iter().map(|v| 0.25 + (v - 0.25) * left).collect())
    }

    /// A disc: what a lens out of focus makes of a point.
    pub fn defocused(&self, radius: f32) -> Self {
        let reach = radius.ceil() as i64;
        let spans: Vec<(i64, f32)> = (-reach..=reach)
            .filter_map(|dy| {
                let half = (radius * radius - (dy * dy) as f32).max(0.0).sqrt();
                (half > 0.0 || dy == 0).then_some((dy, half))
            })
            .collect();
        let taps: Vec<(i64, i64, f32)> = spans
            .iter()
            .flat_map(|(dy, half)| {
                let whole = half.floor() as i64;
                let part = half - half.floor();
                let ends = [(*dy, -whole - 1, part), (*dy, whole + 1, part)];
                (-whole..=whole).map(|dx| (*dy, dx, 1.0)).chain(ends).collect::<Vec<_>>()
            })
            .collect();
        self.filtered(&taps)
    }

    /// A straight move while the shutter was open.
    pub fn moved(&self, length: f32, angle: f32) -> Self {
        let steps = (length * 2.0).ceil() as i64;
        let mut taps = Vec::new();
        for n in 0..=steps {
            let at = (n as f32 / steps as f32 - 0.5) * length;
            let (x, y) = (at * angle.cos(), at * angle.sin());
            let (fx, fy) = (x - x.floor(), y - y.floor());
            let (x, y) = (x.floor() as i64, y.floor() as i64);
            taps.push((y, x, (1.0 - fx) * (1.0 - fy)));
            taps.push((y, x + 1, fx * (1.0 - fy)));
            taps.push((y + 1, x, (1.0 - fx) * fy));
            taps.push((y + 1, x + 1, fx * fy));
        }
        taps.sort_by_key(|(dy, dx, _)| (*dy, *dx));
        taps.dedup_by(|b, a| {
            let is_same = (a.0, a.1) == (b.0, b.1);
            if is_same {
                a.2 += b.2;
            }
            is_same
        });
        self.filtered(&taps)
    }

    /// Row by row and tap by tap, so that the compiler can add eight pixels at once; the border is repeated.
    fn filtered(&self, taps: &[(i64, i64, f32)]) -> Self {
        let sum: f32 = taps.iter().map(|t| t.2).sum();
        let pad = taps.iter().map(|t| t.1.unsigned_abs() as usize).max().unwrap_or(0);
        self.map(|plane| {
            let wide: Vec<Vec<f32>> = plane
                .chunks_exact(self.width)
                .map(|row| {
                    let (first, last) = (row[0], row[row.len() - 1]);
                    [&vec![first; pad][..], row, &vec![last; pad]].concat()
                })
                .collect();
            let mut out = vec![0.0; plane.len()];
            for (y, target) in out.chunks_exact_mut(self.width).enumerate() {
                for (dy, dx, weight) in taps {
                    let from = (y as i64 + dy).clamp(0, self.height as i64 - 1) as usize;
                    let start = (pad as i64 + dx) as usize;
                    let weight = weight / sum;
                    for (t, v) in target.iter_mut().zip(&wide[from][start..start + self.width]) {
                        *t += weight * v;
                    }
                }
            }
            out
        })
    }

    /// A lamp's reflection: a bright core that fades.
    pub fn with_glare(&self, dice: &mut Dice) -> Self {
        let (w, h) = (self.width as f32, self.height as f32);
        let (cx, cy) = (dice.between(0.25, 0.75) * w, dice.between(0.25, 0.75) * h);
        let radius = dice.between(0.05, 0.13) * w.max(h);
        let (squeeze, strength) = (dice.between(0.5, 1.0), dice.between(2.0, 4.0));
        self.map(|plane| {
            let mut out = plane.to_vec();
            for (y, row) in out.chunks_exact_mut(self.width).enumerate() {
                for (x, v) in row.iter_mut().enumerate() {
                    let (dx, dy) = ((x as f32 - cx) / radius, (y as f32 - cy) / (radius * squeeze));
                    *v += strength * (-(dx * dx + dy * dy) * 1.5).exp();
                }
            }
            out
        })
    }

    /// Back to eight bits, with the sensor's noise, as WhatsApp sends it on: JPEG of quality 75, read by our decoder.
    pub fn sent(&self, noise: f32, quality: u8, dice: &mut Dice) -> Pixels {
        let mut rgb = vec![0; self.width * self.height * 3];
        let table: Vec<f32> = (0..=4096).map(|v| (v as f32 / 4096.0).powf(1.0 / 2.2) * 255.0).collect();
        // Noise of a sensor is of all colours together, mostly.
        for (i, pixel) in rgb.chunks_exact_mut(3).enumerate() {
            let grain = if noise > 0.0 { dice.bell() * noise } else { 0.0 };
            for (c, byte) in pixel.iter_mut().enumerate() {
                let light = self.planes[c][i].clamp(0.0, 1.0);
                *byte = (table[(light * 4096.0) as usize] + grain).clamp(0.0, 255.0).round() as u8;
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        encoder
            .encode(&rgb, self.width as u16, self.height as u16, jpeg_encoder::ColorType::Rgb)
            .expect("fits");
        rendition::pixels(&bytes, 1_600, &Limits::default()).expect("a picture")
    }
}
