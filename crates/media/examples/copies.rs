//! How well copies are found: `cargo run --release -p media --example copies -- FILE…`
//!
//! Prints each picture's hash (to compare with other implementations of PDQ), the share of edited copies that are
//! found by the whole picture's hash, and with inner and inner pictures; and how near different pictures come.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a tool for developers on pictures they chose"
)]

use image::{DynamicImage, GenericImage, RgbImage, imageops::FilterType};
use media::{
    Hashes, Limits, Pdq, Pixels,
    hash::{DISTANCE_MAX, QUALITY_MIN, hashes},
    rendition,
};

fn main() {
    let mut pictures = Vec::new();
    for path in std::env::args().skip(1) {
        let pixels = rendition::pixels(&std::fs::read(&path).expect("readable"), 1_600, &Limits::default());
        let Ok(pixels) = pixels else { continue };
        let hashes = hashes(&pixels).unwrap();
        println!("{path} {} {}", hashes.pdq[0], hashes.quality);
        pictures.push((pixels, hashes));
    }
    pictures.retain(|(_, h)| h.quality >= QUALITY_MIN);
    println!("{} pictures of quality {QUALITY_MIN} and more", pictures.len());
    for (name, edit) in EDITS {
        let found: Vec<[bool; 2]> =
            pictures.iter().map(|(p, h)| found(h, &hash_of(edit(buffer(p))))).collect();
        let count = |k: usize| found.iter().filter(|f| f[k]).count();
        println!("{name:34} whole {:3}, with inner {:3} of {}", count(0), count(1), found.len());
    }
    let mut nearest = 256;
    let mut false_pairs = [0; 2];
    for (a, one) in pictures.iter().enumerate() {
        for (_, other) in &pictures[..a] {
            nearest = nearest.min(one.1.pdq.iter().map(|p| p.distance(other.pdq[0])).min().unwrap());
            let found = found(&one.1, other);
            (0..2).for_each(|k| false_pairs[k] += usize::from(found[k]));
        }
    }
    println!("different pictures: nearest {nearest}; taken for copies: {false_pairs:?} (whole, with inner)");
}

/// Whether the copy is near the original's whole hash, held any way; and with the inner picture of each.
fn found(original: &Hashes, copy: &Hashes) -> [bool; 2] {
    let is_near = |a: &[Pdq], b: &[Pdq]| a.iter().any(|a| b.iter().any(|b| a.distance(*b) <= DISTANCE_MAX));
    let whole = is_near(&original.pdq[..1], &copy.pdq);
    let stored = [&original.pdq[..1], original.inner.as_slice()].concat();
    let asked = [&copy.pdq[..], copy.inner.as_slice()].concat();
    [whole, whole || is_near(&stored, &asked)]
}

type Edit = fn(RgbImage) -> RgbImage;

const EDITS: &[(&str, Edit)] = &[
    ("recompressed at quality 40", |p| sent(&p, 40)),
    ("a quarter of the size", |p| scaled(p, 0.25)),
    ("a tenth of the size", |p| scaled(p, 0.1)),
    ("mirrored", |p| DynamicImage::from(p).fliph().into()),
    ("turned by 90°", |p| DynamicImage::from(p).rotate90().into()),
    ("turned by 180°", |p| DynamicImage::from(p).rotate180().into()),
    ("brighter and more contrast", |p| DynamicImage::from(p).brighten(20).adjust_contrast(15.0).into()),
    ("grey", |p| DynamicImage::from(DynamicImage::from(p).to_luma8()).to_rgb8()),
    ("2 % off one side", |p| cropped(p, [0.0, 0.02, 1.0, 1.0])),
    ("5 % off one side", |p| cropped(p, [0.0, 0.05, 1.0, 1.0])),
    ("10 % off one side", |p| cropped(p, [0.1, 0.0, 1.0, 1.0])),
    ("20 % off one side", |p| cropped(p, [0.0, 0.0, 1.0, 0.8])),
    ("5 % off, all around", |p| cropped(p, [0.025, 0.025, 0.975, 0.975])),
    ("10 % off, all around", |p| cropped(p, [0.05, 0.05, 0.95, 0.95])),
    ("20 % off, all around", |p| cropped(p, [0.1, 0.1, 0.9, 0.9])),
    ("screenshot of a gallery, black bars", |p| screenshot(&p, false)),
    ("the same with a status bar", |p| screenshot(&p, true)),
];

fn buffer(pixels: &Pixels) -> RgbImage {
    RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb.clone()).unwrap()
}

fn hash_of(picture: RgbImage) -> Hashes {
    let picture = sent(&picture, 75);
    let (width, height) = picture.dimensions();
    hashes(&Pixels { width, height, rgb: picture.into_raw() }).unwrap()
}

fn sent(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    buffer(&rendition::pixels(&bytes, 1_600, &Limits::default()).unwrap())
}

fn scaled(picture: RgbImage, by: f32) -> RgbImage {
    let side = |px: u32| (px as f32 * by) as u32;
    DynamicImage::from(picture.clone())
        .resize_exact(side(picture.width()), side(picture.height()), FilterType::Triangle)
        .into()
}

fn cropped(picture: RgbImage, [left, top, right, bottom]: [f32; 4]) -> RgbImage {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    DynamicImage::from(picture)
        .crop_imm(
            (left * w) as u32,
            (top * h) as u32,
            ((right - left) * w) as u32,
            ((bottom - top) * h) as u32,
        )
        .into()
}

fn screenshot(picture: &RgbImage, has_bar: bool) -> RgbImage {
    let mut screen = RgbImage::from_pixel(1_080, 2_340, image::Rgb([6; 3]));
    let shown = DynamicImage::from(picture.clone()).resize(1_080, 2_000, FilterType::Triangle).to_rgb8();
    screen.copy_from(&shown, 0, (2_340 - shown.height()) / 2).unwrap();
    if has_bar {
        for x in (30..1_050).filter(|x| x / 14 % 5 != 0 && x % 7 < 4) {
            (30..60).for_each(|y| screen.put_pixel(x, y, image::Rgb([230; 3])));
        }
    }
    screen
}
