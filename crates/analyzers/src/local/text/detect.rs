//! Where text stands: the detection network's map of probabilities, cut into outlines of lines.

use media::Pixels;

use super::{Found, ReadError, geometry, network::Network, outline, raster};

/// The network halves its input five times.
const STEP_PX: u32 = 32;

/// Of the first look: what an ordinary screenshot needs.
const AREA_PX: f32 = 480_000.0;
/// Of the second look: what is finer than this is not read.
const AREA_PX_MAX: f32 = 1_900_000.0;
/// An outline, which is higher than its letters by half, of fewer pixels is too small for a sure find.
const FINE_PX: f32 = 18.0;
/// ... and of so many it is surely found.
const GOOD_PX: f32 = 24.0;

pub struct Detector {
    network: Network,
}

impl Detector {
    pub fn new(network: Network) -> Self {
        Self { network }
    }

    /// Lines, the largest first, in the picture's pixels.
    ///
    /// A first look at a small copy costs little and is enough for most; where it shows that the letters are small, or
    /// nothing at all, a second look at a larger copy takes its place.
    pub fn find(&self, pixels: &Pixels) -> Result<Vec<Found>, ReadError> {
        let (width, height) = input_size(pixels.width, pixels.height, AREA_PX);
        let found = self.find_at(pixels, width, height)?;
        let grown = (to_f32(width) * to_f32(height)) * growth(&found, ratio(width, pixels.width));
        let (finer, higher) = input_size(pixels.width, pixels.height, grown.min(AREA_PX_MAX));
        // A little larger would show nothing new.
        if u64::from(finer) * u64::from(higher) * 4 < u64::from(width) * u64::from(height) * 5 {
            return Ok(found);
        }
        self.find_at(pixels, finer, higher)
    }

    fn find_at(&self, pixels: &Pixels, width: u32, height: u32) -> Result<Vec<Found>, ReadError> {
        let rgb = raster::resized(pixels, width, height).map_err(|e| self.network.failed(&e))?;
        let (w, h) = (index(width), index(height));
        let mut numbers = vec![0.0; w * h * 3];
        raster::planes(&rgb, &mut numbers, w, w * h, w);
        drop(rgb);
        let output = self.network.run(numbers, [1, 3, h, w])?;
        if output.numbers.len() != w * h {
            return Err(self.network.failed(&output.shape));
        }
        let (x, y) = (ratio(pixels.width, width), ratio(pixels.height, height));
        let mut found = outline::outlines(&output.numbers, w);
        for line in &mut found {
            line.quad = line.quad.map(|[px, py]| {
                [(px * x).clamp(0.0, to_f32(pixels.width)), (py * y).clamp(0.0, to_f32(pixels.height))]
            });
        }
        found.sort_by(|a, b| height_of(b).total_cmp(&height_of(a)));
        Ok(found)
    }
}

/// How much more area the letters need to be found well: 1 when they are large enough.
fn growth(found: &[Found], scale: f32) -> f32 {
    let mut heights: Vec<f32> = found.iter().map(|line| height_of(line) * scale).collect();
    heights.sort_by(f32::total_cmp);
    let small = heights.get(heights.len() / 5).copied().unwrap_or(0.0).max(1.0);
    if small < FINE_PX { (GOOD_PX / small).powi(2) } else { 1.0 }
}

fn height_of(line: &Found) -> f32 {
    let (width, height) = geometry::size(&line.quad);
    width.min(height)
}

/// The picture's shape, in steps of the network, with about `area_px` pixels and never larger than the picture much.
fn input_size(width: u32, height: u32, area_px: f32) -> (u32, u32) {
    let scale = (area_px / (to_f32(width) * to_f32(height))).sqrt().min(1.0);
    let side = |px: u32| {
        let steps = (to_f32(px) * scale / to_f32(STEP_PX)).round().max(1.0);
        #[expect(clippy::as_conversions, reason = "at least 1 and far below 2^24")]
        let steps = steps as u32;
        steps * STEP_PX
    };
    (side(width), side(height))
}

fn ratio(of: u32, to: u32) -> f32 {
    to_f32(of) / to_f32(to)
}

#[expect(clippy::as_conversions, reason = "sides of pictures are far below 2^24")]
fn to_f32(px: u32) -> f32 {
    px as f32
}

fn index(px: u32) -> usize {
    usize::try_from(px).unwrap_or(usize::MAX)
}
