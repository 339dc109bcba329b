//! Pictures made here, compressed and changed as somebody would.

#![expect(clippy::as_conversions, reason = "a test, of numbers that are small")]

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Compression, Copied, Forensics, Steps, WhyNot, findings, look, why_not};
use crate::{
    limits::Limits,
    metadata::{ChannelKind, Exif, Jpeg, Metadata},
    rendition,
    sniff::{self, sniff},
};

/// A number between 0 and 1 that hangs together with its place only by this.
fn noise(seed: u32, x: u32, y: u32) -> f32 {
    let mut n = seed.wrapping_mul(0x9E37_79B9) ^ x.wrapping_mul(0x85EB_CA6B) ^ y.wrapping_mul(0xC2B2_AE35);
    n = (n ^ (n >> 15)).wrapping_mul(0x2C1B_3C6D);
    n = (n ^ (n >> 12)).wrapping_mul(0x297A_2D39);
    (n ^ (n >> 15)) as f32 / u32::MAX as f32
}

/// Something like a landscape: detail of every size, edges, and a sensor's noise.
fn scene(seed: u32, width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let mut level = 128.0;
        for (octave, weight) in [(64, 60.0), (23, 40.0), (9, 30.0), (4, 14.0), (1, 5.0)] {
            let (fx, fy) = (x as f32 / octave as f32, y as f32 / octave as f32);
            let (x0, y0) = (fx as u32, fy as u32);
            let at = |dx: u32, dy: u32| noise(seed + octave, x0 + dx, y0 + dy) - 0.5;
            let (tx, ty) = (fx.fract(), fy.fract());
            let top = at(0, 0) * (1.0 - tx) + at(1, 0) * tx;
            let bottom = at(0, 1) * (1.0 - tx) + at(1, 1) * tx;
            level += weight * (top * (1.0 - ty) + bottom * ty);
        }
        let tint = 20.0 * (noise(seed + 7, x / 97, y / 97) - 0.5);
        [level + tint, level, level - tint].map(|c| c.clamp(4.0, 251.0) as u8).into()
    })
}

/// As a camera writes it: its maker and how it was held.
fn camera(picture: &RgbImage, quality: u8, orientation: u8) -> Vec<u8> {
    let mut block = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x06\0\0\0\x26\0\0\0".to_vec();
    block.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    block.extend_from_slice(b"Canon\0");
    jpeg(picture, quality, Some(block))
}

fn jpeg(picture: &RgbImage, quality: u8, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(exif) = exif {
        encoder.add_app_segment(1, exif).unwrap();
    }
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> RgbImage {
    let pixels = rendition::pixels(bytes, 4_000, &Limits::default()).unwrap();
    RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb).unwrap()
}

fn seen(bytes: &[u8]) -> Forensics {
    look(bytes, sniff(bytes), ChannelKind::Document, &Limits::default()).unwrap()
}

fn kinds(bytes: &[u8]) -> Vec<String> {
    let seen = seen(bytes);
    assert!(seen.is_plausible(), "{seen:?}");
    findings(&seen).into_iter().map(|f| f.kind).collect()
}

fn copied(picture: &mut RgbImage, from: (u32, u32), to: (u32, u32), size: (u32, u32)) {
    let piece = image::imageops::crop_imm(picture, from.0, from.1, size.0, size.1).to_image();
    image::imageops::replace(picture, &piece, to.0.into(), to.1.into());
}

#[test]
fn what_was_compressed_once_is_not_accused() {
    for (seed, quality) in [(1, 60), (2, 75), (3, 85), (4, 90), (5, 95), (6, 98), (7, 100)] {
        assert_eq!(kinds(&camera(&scene(seed, 800, 600), quality, 1)), ["forensics.none"], "{quality}");
    }
}

#[test]
fn what_was_compressed_twice_is_said_with_its_first_steps() {
    for (seed, first, last) in [(1, 70, 95), (2, 60, 90), (3, 80, 92), (4, 75, 98)] {
        let once = camera(&scene(seed, 800, 600), first, 1);
        let twice = camera(&opened(&once), last, 1);
        assert_eq!(kinds(&twice), ["forensics.double_compression"], "{first}, then {last}");
        let table = crate::metadata::jpeg::luminance_table(&once).unwrap();
        let compression = seen(&twice).compression.unwrap();
        let right = compression.steps.iter().filter(|s| table[1..10].contains(&s.first)).count();
        assert!(right * 4 >= compression.steps.len() * 3, "{compression:?} of {:?}", &table[1..10]);
    }
    let once = camera(&scene(9, 800, 600), 92, 1);
    assert_eq!(kinds(&camera(&opened(&once), 92, 1)), ["forensics.none"], "the same steps leave no trace");
}

#[test]
fn a_copied_place_is_found_where_the_view_shows_it() {
    let mut picture = scene(11, 1_600, 960);
    // Cloth or gravel: what is smooth is not compared.
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let grain = 60.0 * (noise(99, x / 2, y / 2) - 0.5);
        pixel.0 = pixel.0.map(|c| (f32::from(c) + grain).clamp(4.0, 251.0) as u8);
    }
    copied(&mut picture, (203, 301), (1_209, 650), (260, 220));
    for (orientation, from, to) in [
        // Left, top, right and bottom on a view of 1,600 × 960, or of 960 × 1,600.
        (1, [203.0, 301.0, 463.0, 521.0], [1_209.0, 650.0, 1_469.0, 870.0]),
        (6, [439.0, 203.0, 659.0, 463.0], [90.0, 1_209.0, 310.0, 1_469.0]),
        (3, [1_137.0, 439.0, 1_397.0, 659.0], [131.0, 90.0, 391.0, 310.0]),
    ] {
        let found = findings(&seen(&camera(&picture, 90, orientation)));
        let regions: Vec<_> = found.iter().filter(|f| f.kind == "forensics.copy_move").collect();
        assert_eq!(regions.len(), 2, "{orientation}: {found:?}");
        for truth in [from, to] {
            let hit = regions.iter().any(|f| {
                let points = &f.region.as_ref().unwrap().points;
                let side = |axis: usize, of: fn(f32, f32) -> f32, start| {
                    points.iter().map(|p| p[axis]).fold(start, of)
                };
                let place = [
                    side(0, f32::min, f32::MAX),
                    side(1, f32::min, f32::MAX),
                    side(0, f32::max, 0.0),
                    side(1, f32::max, 0.0),
                ];
                // The blocks at its border may be missing.
                place.iter().zip(truth).all(|(a, b)| (a - b).abs() < 30.0)
            });
            assert!(hit, "{orientation}: {truth:?} in {found:?}");
        }
    }
}

#[test]
fn what_repeats_by_nature_is_no_copy() {
    let wall = scene(21, 1_200, 900);
    let bricks = RgbImage::from_fn(1_200, 900, |x, y| {
        let row = y / 40;
        let is_joint = y % 40 < 4 || (x + 45 * (row % 2)) % 90 < 4;
        let level = if is_joint { 190.0 } else { 110.0 } + 0.25 * f32::from(wall.get_pixel(x, y)[1]);
        [level as u8; 3].into()
    });
    // The same twelve signs in ever new order, as print is photographed.
    let print = RgbImage::from_fn(1_200, 900, |x, y| {
        let sign = (noise(5, x / 24, y / 36) * 12.0) as u32;
        let is_ink = x % 24 < 18 && y % 36 < 26 && noise(sign, x % 24 / 3, y % 36 / 3) > 0.5;
        let level = if is_ink { 40.0 } else { 215.0 } + 6.0 * noise(77, x, y);
        [level as u8; 3].into()
    });
    let stripes = RgbImage::from_fn(1_200, 900, |x, y| {
        let level = if (x + y / 3) % 30 < 15 { 60.0 } else { 190.0 } + 5.0 * noise(78, x, y);
        [level as u8; 3].into()
    });
    for (name, picture) in [("wall", wall), ("bricks", bricks), ("print", print), ("stripes", stripes)] {
        for quality in [80, 95] {
            let seen = seen(&camera(&picture, quality, 1));
            assert_eq!(seen.copies, [], "{name} at {quality}");
        }
    }
}

#[test]
fn a_file_that_is_no_original_is_not_looked_at_and_says_why() {
    let picture = scene(31, 640, 480);
    let plain = jpeg(&picture, 75, None);
    for (bytes, channel, expect) in [
        (camera(&picture, 90, 1), ChannelKind::Photo, Some(WhyNot::SentAsPhoto)),
        (camera(&picture, 90, 1), ChannelKind::Document, None),
        (camera(&picture, 90, 1), ChannelKind::Upload, None),
        (plain, ChannelKind::Document, Some(WhyNot::Recompressed)),
        (jpeg(&picture, 97, None), ChannelKind::Document, Some(WhyNot::NoCamera)),
        (camera(&scene(1, 300, 200), 90, 1), ChannelKind::Document, Some(WhyNot::TooSmall)),
    ] {
        let seen = look(&bytes, sniff(&bytes), channel, &Limits::default()).unwrap();
        assert_eq!(seen.why_not, expect, "{channel:?}");
        assert_eq!(findings(&seen).is_empty(), expect.is_some());
        let said = crate::metadata::findings(
            &crate::metadata::read(&bytes, sniff::JPEG),
            &crate::metadata::Context {
                channel_kind: channel,
                is_forwarded: false,
                is_frequently_forwarded: false,
            },
        );
        let telling = said.iter().filter(|f| f.why.contains("traces of editing were not looked for")).count();
        assert_eq!(telling, usize::from(expect.is_some()), "{said:?}");
    }
}

#[test]
fn tables_of_ones_own_stand_for_a_camera_and_a_screenshots_word_against_it() {
    let jpeg = |has_standard_table: bool, subsampling: &str, quality: u8| Metadata {
        width: Some(4_000),
        height: Some(3_000),
        jpeg: Some(Jpeg {
            has_standard_table,
            subsampling: Some(subsampling.to_owned()),
            quality: Some(quality),
            ..Jpeg::default()
        }),
        ..Metadata::default()
    };
    let with = |metadata: Metadata, comment: Option<&str>| Metadata {
        exif: Some(Exif {
            make: Some("Canon".to_owned()),
            user_comment: comment.map(str::to_owned),
            ..Exif::default()
        }),
        ..metadata
    };
    for (metadata, expect) in [
        (jpeg(false, "4:2:2", 93), None),
        (jpeg(false, "4:2:0", 98), None),
        (jpeg(false, "4:2:0", 90), Some(WhyNot::NoCamera)),
        (jpeg(true, "4:4:4", 98), Some(WhyNot::NoCamera)),
        (with(jpeg(true, "4:2:0", 90), None), None),
        (with(jpeg(true, "4:2:0", 90), Some("Screenshot")), Some(WhyNot::Screenshot)),
        (Metadata { width: Some(9_000), ..with(jpeg(true, "4:2:0", 90), None) }, None),
        (Metadata { width: Some(12_000), ..with(jpeg(true, "4:2:0", 90), None) }, Some(WhyNot::TooLarge)),
        (Metadata { jpeg: None, ..with(jpeg(true, "4:2:0", 90), None) }, Some(WhyNot::NotJpeg)),
    ] {
        assert_eq!(why_not(&metadata, ChannelKind::Document), expect, "{metadata:?}");
    }
}

#[test]
fn one_odd_frequency_is_no_finding() {
    let step = Steps { first: 9, last: 3, gain: 0.2 };
    let said = |compared: u32, steps: usize| {
        let compression = Some(Compression { compared, steps: vec![step.clone(); steps] });
        findings(&Forensics { compression, ..Forensics::default() }).remove(0).kind
    };
    assert_eq!(said(9, 2), "forensics.none");
    assert_eq!(said(9, 4), "forensics.none");
    assert_eq!(said(9, 5), "forensics.double_compression");
    assert_eq!(said(4, 2), "forensics.none");
    assert_eq!(said(4, 3), "forensics.double_compression");
}

#[test]
fn what_no_look_can_have_seen_is_not_believed() {
    let square = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
    let copy = |here: Vec<[f32; 2]>, share: f32| Copied {
        here,
        there: square.clone(),
        shift: [20.0, 0.0],
        share,
        correlation: 0.9,
    };
    let of = |copies: Vec<Copied>| Forensics { copies, ..Forensics::default() }.is_plausible();
    assert!(of(vec![copy(square.clone(), 0.1)]));
    assert!(!of(vec![copy(vec![[f32::NAN, 0.0]; 3], 0.1)]));
    assert!(!of(vec![copy(square.clone(), 7.0)]));
    assert!(!of(vec![copy(vec![[1.0, 1.0]; 1_000], 0.1)]));
    assert!(!of(vec![copy(square.clone(), 0.1); 9]));
    let steps = vec![Steps { first: 1, last: 2, gain: 0.1 }; 20];
    let compression = Some(Compression { compared: 9, steps });
    assert!(!Forensics { compression, ..Forensics::default() }.is_plausible());
}
