//! What a picture's pixels show at a glance, without knowing what they mean.

#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "statistics of pixels: cells are cut inside the picture, counts stay far below 2^24 where they become f32"
)]

use media::Pixels;
use serde::{Deserialize, Serialize};

/// Side of a cell in pixels.
const CELL: usize = 8;
/// Widths to heights of screens, larger by smaller; phones' and computers'.
const SCREENS: [f32; 9] = [1.333, 1.5, 1.6, 1.667, 1.778, 2.0, 2.056, 2.165, 2.222];
/// A4, US letter, US legal.
const PAGES: [f32; 3] = [1.414, 1.294, 1.647];

#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Look {
    pub width: f32,
    pub height: f32,
    /// Cells whose pixels differ by at most two.
    pub even_share: f32,
    /// Among cells without an edge: the median of how much their pixels differ.
    pub grain: f32,
    /// Pixels that are light and without colour.
    pub paper_share: f32,
    /// Pixels of strong colour.
    pub colour_share: f32,
    /// Mean blue above mean red among light pixels.
    pub blue: f32,
    /// Of brightness.
    pub deviation: f32,
    /// Mean brightness of the middle and of the rim, an eighth wide.
    pub inside: f32,
    pub rim: f32,
}

impl Look {
    pub fn of(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        if width < CELL || height < CELL || pixels.rgb.len() != width * height * 3 {
            return Self::default();
        }
        let mut look = Self { width: width as f32, height: height as f32, ..Self::default() };
        look.colours(pixels);
        look.cells(pixels);
        look
    }

    /// The same look at the same picture in another size.
    #[must_use]
    pub fn scaled(self, by: f32) -> Self {
        Self { width: self.width * by, height: self.height * by, ..self }
    }

    pub fn is_finite(&self) -> bool {
        let Self {
            width,
            height,
            even_share,
            grain,
            paper_share,
            colour_share,
            blue,
            deviation,
            inside,
            rim,
        } = *self;
        let all = [width, height, even_share, grain, paper_share, colour_share, blue, deviation, inside, rim];
        all.iter().all(|value| value.is_finite())
    }

    /// Drawn by a program: no camera's grain, and much that is perfectly even, but not all.
    pub fn is_drawn(&self) -> bool {
        self.even_share > 0.45 && self.grain <= 1.0 && self.deviation > 3.0
    }

    pub fn has_screen_shape(&self) -> bool {
        is_near(self.longer(), &SCREENS, 0.012)
    }

    pub fn has_page_shape(&self) -> bool {
        is_near(self.longer(), &PAGES, 0.012)
    }

    pub fn is_bright_inside_dark(&self) -> bool {
        self.inside > 95.0 && self.rim < 0.5 * self.inside
    }

    pub fn is_cool(&self) -> bool {
        self.blue > 12.0
    }

    fn longer(&self) -> f32 {
        self.width.max(self.height) / self.width.min(self.height).max(1.0)
    }

    /// Every other pixel each way is enough.
    fn colours(&mut self, pixels: &Pixels) {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        let (rim_x, rim_y) = (width / 8, height / 8);
        let (mut paper, mut colour, mut light, mut blue) = (0_u32, 0_u32, 0_u32, 0_i64);
        let (mut sum, mut squares) = (0_u64, 0_u64);
        let (mut inside, mut inside_count, mut rim, mut rim_count) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut count = 0_u32;
        for y in (0..height).step_by(2) {
            for x in (0..width).step_by(2) {
                let start = (y * width + x) * 3;
                let [r, g, b] = [pixels.rgb[start], pixels.rgb[start + 1], pixels.rgb[start + 2]];
                let bright = (u64::from(r) * 77 + u64::from(g) * 150 + u64::from(b) * 29) >> 8;
                let spread = r.max(g).max(b) - r.min(g).min(b);
                count += 1;
                sum += bright;
                squares += bright * bright;
                paper += u32::from(bright > 140 && spread < 40);
                colour += u32::from(spread > 90);
                if bright > 150 {
                    light += 1;
                    blue += i64::from(b) - i64::from(r);
                }
                if x < rim_x || y < rim_y || x >= width - rim_x || y >= height - rim_y {
                    (rim, rim_count) = (rim + bright, rim_count + 1);
                } else {
                    (inside, inside_count) = (inside + bright, inside_count + 1);
                }
            }
        }
        let share = |part: u32| part as f32 / count.max(1) as f32;
        let mean = sum as f32 / count.max(1) as f32;
        self.paper_share = share(paper);
        self.colour_share = share(colour);
        self.blue = if share(light) < 0.05 { 0.0 } else { blue as f32 / light as f32 };
        self.deviation = (squares as f32 / count.max(1) as f32 - mean * mean).max(0.0).sqrt();
        self.inside = inside as f32 / inside_count.max(1) as f32;
        self.rim = rim as f32 / rim_count.max(1) as f32;
    }

    fn cells(&mut self, pixels: &Pixels) {
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        let mut ranges = [0_u32; 256];
        let mut count = 0_u32;
        for top in (0..height - CELL + 1).step_by(CELL) {
            for left in (0..width - CELL + 1).step_by(CELL) {
                let (mut low, mut high) = (255_u8, 0_u8);
                for y in top..top + CELL {
                    let start = (y * width + left) * 3;
                    // Green is most of what is bright.
                    for green in pixels.rgb[start..start + CELL * 3].iter().skip(1).step_by(3) {
                        (low, high) = (low.min(*green), high.max(*green));
                    }
                }
                ranges[usize::from(high - low)] += 1;
                count += 1;
            }
        }
        let even: u32 = ranges[..=2].iter().sum();
        self.even_share = even as f32 / count.max(1) as f32;
        // Cells that differ by more hold an edge or a pattern.
        let plain: u32 = ranges[..=40].iter().sum();
        let mut sum = 0;
        let median = ranges[..=40].iter().position(|cells| {
            sum += cells;
            sum * 2 >= plain
        });
        self.grain = median.unwrap_or(40) as f32;
    }
}

fn is_near(ratio: f32, of: &[f32], tolerance: f32) -> bool {
    of.iter().any(|known| (ratio / known - 1.0).abs() < tolerance)
}
