//! Files that mean harm, or are broken: each has a stated outcome, and the server lives on.

use std::time::{Duration, Instant};

use image::ImageFormat;
use media::{Family, Limits, Report, Unrenderable};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{Test, child, decoder, pictures::*};

pub const TESTS: &[Test] = &[
    ("hostile::what_is_no_picture_says_so", what_is_no_picture_says_so),
    ("hostile::too_many_pixels_are_not_decoded", too_many_pixels_are_not_decoded),
    ("hostile::broken_files_are_shown_in_part_or_called_damaged", broken_files),
    ("hostile::amplifiers_cost_little", amplifiers_cost_little),
    ("hostile::mutations_neither_hang_nor_kill", mutations_neither_hang_nor_kill),
];

fn inspect(bytes: &[u8]) -> Report {
    let report = decoder().inspect(bytes).unwrap();
    assert_eq!(report.renditions.is_empty(), report.renditions.len() != 2);
    report
}

fn reason(bytes: &[u8]) -> &'static str {
    inspect(bytes).why_none.map_or("rendered", |why| {
        assert!(why.sentence().len() > 20);
        why.as_str()
    })
}

fn what_is_no_picture_says_so() {
    assert_eq!(reason(b""), "empty");
    assert_eq!(reason(b"\xFF"), "not_a_picture");
    assert_eq!(reason(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "markup");
    assert_eq!(reason(b"<!doctype html><script>alert(1)</script>"), "markup");
    assert_eq!(reason(b"\xFF\xD8\xFF"), "damaged");
    assert_eq!(reason(b"\0\0\0\x18ftypavif\0\0\0\0avifmif1"), "unsupported");
    // An archive, whatever its name: it is kept, nothing in it is unpacked.
    let zip = inspect(b"PK\x03\x04\x14\0\0\0\x08\0");
    assert_eq!((zip.sniffed.family, zip.why_none, zip.renditions.len()), (Family::Archive, None, 0));
    for (bytes, family) in [
        (&b"%PDF-1.7\n"[..], Family::Document),
        (b"ID3\x04\0\0\0\0\0\0", Family::Audio),
        (b"\0\0\0\x10ftypmp42\0\0\0\0", Family::Video),
    ] {
        let report = inspect(bytes);
        assert_eq!((report.sniffed.family, report.why_none), (family, None));
    }
    // The type of a video needs no child and no limit: 100 MiB of it are fine.
    let mut video = b"\0\0\0\x10ftypmp42\0\0\0\0".to_vec();
    video.resize(100 * 1024 * 1024, 0);
    assert_eq!(inspect(&video).sniffed.mime_type, "video/mp4");
    let mut huge = jpeg(&quarters(64, 48));
    huge.resize(65 * 1024 * 1024, 0);
    assert_eq!(reason(&huge), "too_large");
}

fn too_many_pixels_are_not_decoded() {
    for (name, bytes, size) in [
        ("png", png_that_promises(20_000, 10_000), (20_000, 10_000)),
        ("png of all sides", png_that_promises(0x7FFF_FFFF, 0x7FFF_FFFF), (0x7FFF_FFFF, 0x7FFF_FFFF)),
        ("gif", gif_that_promises(65_535, 65_535), (65_535, 65_535)),
        ("webp", webp_that_promises_268_megapixels(), (16_384, 16_384)),
        ("bmp", bmp_that_promises(30_000, 30_000), (30_000, 30_000)),
        ("tiff", tiff_that_promises(100_000, 100_000), (100_000, 100_000)),
    ] {
        let started = Instant::now();
        let report = inspect(&bytes);
        let limit = 50_000_000;
        let expect = Unrenderable::TooManyPixels { width: size.0, height: size.1, limit };
        assert_eq!(report.why_none, Some(expect), "{name}");
        assert_eq!((report.width, report.height), (Some(size.0), Some(size.1)), "{name}");
        assert!(bytes.len() < 4_096 && started.elapsed() < Duration::from_secs(2), "{name}");
    }
    let sentence = inspect(&png_that_promises(20_000, 10_000)).note().unwrap();
    assert!(sentence.contains("200 megapixels") && sentence.contains("at most 50"), "{sentence}");
    let jpeg = jpeg(&quarters(1_000, 1_001));
    let small = child("media-worker", Limits { pixels_max: 1_000_000, ..Limits::default() });
    assert_eq!(small.inspect(&jpeg).unwrap().why_none.unwrap().as_str(), "too_many_pixels");
}

fn broken_files() {
    let picture = photo(640, 480);
    for (name, bytes) in [
        ("jpeg", jpeg(&picture)),
        ("progressive jpeg", jpeg_with(&picture, |e| e.set_progressive(true))),
        ("png", encode(&picture, ImageFormat::Png)),
    ] {
        let cut = inspect(&bytes[..bytes.len() * 6 / 10]);
        assert_eq!((cut.is_partial, cut.renditions.len()), (true, 2), "{name}: {:?}", cut.why_none);
        assert!(cut.note().unwrap().contains("part"), "{name}");
        assert!(!inspect(&bytes).is_partial, "{name}");
    }
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp]
    {
        let bytes = encode(&picture, format);
        for cut in [bytes.len() / 2, 40, 20] {
            let report = inspect(&bytes[..cut]);
            let is_clear = report.is_partial && report.renditions.len() == 2
                || matches!(
                    report.why_none,
                    Some(Unrenderable::Damaged { .. } | Unrenderable::NotAPicture { .. })
                );
            assert!(is_clear, "{format:?} cut at {cut}: {report:?}");
        }
    }
    let bytes = heic(&picture);
    assert_eq!(reason(&bytes[..bytes.len() / 2]), "damaged");
    // What hangs behind a whole picture (a motion photo, a polyglot) changes nothing.
    let trailed = [&jpeg(&picture)[..], b"<html><script>alert(1)</script>"].concat();
    let report = inspect(&trailed);
    assert!(
        !report.is_partial && report.renditions.iter().all(|r| !r.bytes.windows(7).any(|w| w == b"<script"))
    );
}

fn amplifiers_cost_little() {
    let bytes = tiff_that_bites_its_tail();
    assert_ne!(reason(&bytes), "rendered");
    let text = png_with_chunk(b"tEXt", &[b"Comment\0", &vec![b'x'; 20_000_000][..]].concat());
    assert!(["rendered", "needs_too_much_memory"].contains(&reason(&text)));
    // 200 MB of zeros in a compressed text chunk of 200 kB: stored blocks would be too long, so one byte repeated.
    let zeros = png_with_chunk(b"zTXt", &[b"Comment\0\0", &ZLIB_BOMB[..]].concat());
    assert_eq!(reason(&zeros), "rendered");
    let icc = png_with_chunk(b"iCCP", &[b"p\0\0", &ZLIB_BOMB[..]].concat());
    assert_eq!(reason(&icc), "rendered");
}

/// The head of a zlib stream; what follows is cut off.
const ZLIB_BOMB: [u8; 6] = [0x78, 0xDA, 0xED, 0xC1, 0x01, 0x01];

fn mutations_neither_hang_nor_kill() {
    let picture = photo(96, 64);
    let seeds = [
        jpeg_with_metadata(&picture, 6),
        jpeg_with(&picture, |e| e.set_progressive(true)),
        heic(&picture),
        encode(&picture, ImageFormat::Png),
        encode(&picture, ImageFormat::Gif),
        encode(&picture, ImageFormat::WebP),
        encode(&picture, ImageFormat::Tiff),
        encode(&picture, ImageFormat::Bmp),
    ];
    let mutation = (
        0..seeds.len(),
        prop::collection::vec((any::<u16>(), any::<u8>()), 1..12),
        any::<u16>(),
        any::<bool>(),
    );
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let decoder = child("media-worker", Limits { wall_ms: 5_000, cpu_s: 4, ..Limits::default() });
    runner
        .run(&mutation, |(seed, pokes, cut, near_the_head)| {
            let mut bytes = seeds[seed].clone();
            for (at, value) in pokes {
                let span = if near_the_head { bytes.len().min(400) } else { bytes.len() };
                bytes[usize::from(at) % span] = value;
            }
            if cut % 4 == 0 {
                bytes.truncate(usize::from(cut) % bytes.len());
            }
            let report = decoder.inspect(&bytes).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert!(
                report.why_none.is_some()
                    || !report.renditions.is_empty()
                    || report.sniffed.family != Family::Image
            );
            Ok(())
        })
        .unwrap();
}
