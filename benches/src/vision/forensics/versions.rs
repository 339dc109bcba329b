//! Photographs as a camera would have written them, and what somebody could have done to them.
//!
//! A source is made smaller first, so that its own compression leaves no traces, and gets a little noise, as a sensor
//! gives; then it is compressed with a camera's name in its EXIF block.

#![expect(clippy::as_conversions, reason = "sides of pictures, and colours that are clamped to a byte")]

use anyhow::{Context, Result};
use image::{RgbImage, imageops::FilterType};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::{Path, PathBuf};

const SEED: u64 = 20_261_122;
/// The first ones that `sources.txt` names; drawings follow.
pub const PHOTOGRAPHS: usize = 35;
/// The longer side of what a camera is taken to have written.
const SIDE_PX_MAX: u32 = 1_600;
const NOISE: f32 = 1.2;

pub struct Version {
    pub kind: &'static str,
    pub file: PathBuf,
    /// Left, top, right and bottom of the two places that are the same, in pixels of the view.
    pub places: Vec<[f32; 4]>,
}

impl Version {
    pub fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Every kind of each source.
pub fn of_photographs(sources: &[PathBuf], folder: &Path) -> Result<Vec<Version>> {
    let mut made = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let dice = &mut dice(source);
        let scene = original(source, dice)?;
        let other = sources.get((index + 1) % sources.len()).context("a source")?;
        let other = original(other, dice)?;
        let stem = format!("{index:03}");
        let mut keep = |kind: &'static str, bytes: &[u8], places: Vec<[f32; 4]>| -> Result<()> {
            let file = folder.join(format!("{kind}-{stem}.jpg"));
            std::fs::write(&file, bytes)?;
            made.push(Version { kind, file, places });
            Ok(())
        };
        keep("original", &camera(&scene, dice.random_range(85..=97))?, Vec::new())?;
        let (low, high) = (dice.random_range(60..=84), dice.random_range(88..=97));
        keep("finer", &camera(&again(&scene, low)?, high)?, Vec::new())?;
        keep("coarser", &camera(&again(&scene, high)?, low)?, Vec::new())?;
        let taken = dice.random_range(80..=90);
        let saved = dice.random_range(92..=97);
        let decoded = again(&scene, taken)?;
        let (width, height) = decoded.dimensions();
        let cropped = image::imageops::crop_imm(&decoded, 3, 5, width - 3, height - 5).to_image();
        keep("cropped", &camera(&cropped, saved)?, Vec::new())?;
        let mut spliced = decoded.clone();
        put(&mut spliced, &other, dice);
        keep("spliced", &camera(&spliced, saved)?, Vec::new())?;
        let mut copied = decoded;
        let places = copy(&mut copied, dice);
        keep("copied", &camera(&copied, saved)?, places.clone())?;
        let mut once = scene.clone();
        let once_places = copy(&mut once, dice);
        keep("copied-once", &camera(&once, dice.random_range(85..=95))?, once_places)?;
        let passed_on =
            image::imageops::resize(&copied, width * 9 / 10, height * 9 / 10, FilterType::Triangle);
        let smaller = places.iter().map(|place| place.map(|c| c * 0.9)).collect();
        keep("messenger", &encoded(&passed_on, 75, false)?, smaller)?;
    }
    Ok(made)
}

/// The set's drawings of labels, papers and screens, as a camera would have written them.
pub fn of_prints(sources: &[PathBuf], folder: &Path) -> Result<Vec<Version>> {
    let mut made = Vec::new();
    for source in sources {
        let dice = &mut dice(source);
        let scene = original(source, dice)?;
        let name = source.file_stem().unwrap_or_default().to_string_lossy();
        let file = folder.join(format!("print-{name}.jpg"));
        std::fs::write(&file, camera(&scene, dice.random_range(85..=97))?)?;
        made.push(Version { kind: "print", file, places: Vec::new() });
    }
    Ok(made)
}

/// By the file's name, so that another picture changes no other.
fn dice(source: &Path) -> StdRng {
    let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sum = name.bytes().fold(SEED, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    StdRng::seed_from_u64(sum)
}

fn original(source: &Path, dice: &mut StdRng) -> Result<RgbImage> {
    let bytes = std::fs::read(source).with_context(|| format!("{}", source.display()))?;
    let picture = decoded(&bytes).with_context(|| format!("{}", source.display()))?;
    let (width, height) = picture.dimensions();
    // At least to seven tenths: then no block of the source is left.
    let scale = (f64::from(SIDE_PX_MAX) / f64::from(width.max(height))).min(0.7);
    let side = |px: u32| ((f64::from(px) * scale) as u32).max(264);
    let mut scene = image::imageops::resize(&picture, side(width), side(height), FilterType::CatmullRom);
    for value in scene.iter_mut() {
        // Three uniform numbers are near enough to a normal distribution.
        let noise: f32 = (0..3).map(|_| dice.random_range(-1.0..1.0_f32)).sum::<f32>() * NOISE;
        *value = (f32::from(*value) + noise).round().clamp(0.0, 255.0) as u8;
    }
    Ok(scene)
}

fn again(scene: &RgbImage, quality: u8) -> Result<RgbImage> {
    decoded(&camera(scene, quality)?)
}

fn decoded(bytes: &[u8]) -> Result<RgbImage> {
    const SIDE_PX: u32 = 6_000;
    let pixels = media::rendition::pixels(bytes, SIDE_PX, &media::Limits::default())
        .map_err(|why| anyhow::anyhow!(why.sentence()))?;
    RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb).context("too few pixels")
}

fn camera(scene: &RgbImage, quality: u8) -> Result<Vec<u8>> {
    encoded(scene, quality, true)
}

fn encoded(scene: &RgbImage, quality: u8, is_cameras: bool) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if is_cameras {
        encoder.add_app_segment(1, exif())?;
    }
    let (width, height) = (u16::try_from(scene.width())?, u16::try_from(scene.height())?);
    encoder.encode(scene.as_raw(), width, height, ColorType::Rgb)?;
    Ok(bytes)
}

/// One field: the maker.
fn exif() -> Vec<u8> {
    let mut block = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0F\x01\x02\0\x06\0\0\0\x1A\0\0\0\0\0\0\0".to_vec();
    block.extend_from_slice(b"Canon\0");
    block
}

/// Copies a place with texture over another one; says where both are.
fn copy(scene: &mut RgbImage, dice: &mut StdRng) -> Vec<[f32; 4]> {
    let (width, height) = scene.dimensions();
    let (w, h) = (width * dice.random_range(10..=20) / 100, height * dice.random_range(12..=24) / 100);
    let spot = |dice: &mut StdRng| (dice.random_range(0..width - w), dice.random_range(0..height - h));
    let from = (0..12)
        .map(|_| spot(dice))
        .max_by(|a, b| texture(scene, *a, (w, h)).total_cmp(&texture(scene, *b, (w, h))))
        .unwrap_or_default();
    let is_apart = |to: &(u32, u32)| to.0.abs_diff(from.0) > w || to.1.abs_diff(from.1) > h;
    let to = (0..200).map(|_| spot(dice)).find(is_apart).unwrap_or_default();
    let piece = image::imageops::crop_imm(scene, from.0, from.1, w, h).to_image();
    image::imageops::replace(scene, &piece, to.0.into(), to.1.into());
    let scale = (1_600.0 / width.max(height) as f32).min(1.0);
    [from, to].map(|(x, y)| [x, y, x + w, y + h].map(|c| c as f32 * scale)).to_vec()
}

/// Mean difference of neighbours.
fn texture(scene: &RgbImage, (x, y): (u32, u32), (w, h): (u32, u32)) -> f64 {
    let at = |x: u32, y: u32| f64::from(scene.get_pixel(x, y)[1]);
    let places = (y..y + h).step_by(3).flat_map(|y| (x..x + w - 1).step_by(3).map(move |x| (x, y)));
    places.map(|(x, y)| (at(x, y) - at(x + 1, y)).abs()).sum()
}

fn put(scene: &mut RgbImage, other: &RgbImage, dice: &mut StdRng) {
    let (w, h) = (scene.width().min(other.width()) / 4, scene.height().min(other.height()) / 4);
    let piece = image::imageops::crop_imm(other, other.width() / 3, other.height() / 3, w, h).to_image();
    let (x, y) = (dice.random_range(0..scene.width() - w), dice.random_range(0..scene.height() - h));
    image::imageops::replace(scene, &piece, x.into(), y.into());
}
