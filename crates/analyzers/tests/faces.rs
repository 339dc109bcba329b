//! Faces are found where they are, large and small, and nowhere else.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests: pixel arithmetic of made pictures, and helpers that end by unwrap"
)]

use std::path::Path;

use analyzers::local::faces::{FaceError, Finder};
use media::Pixels;
use model::finding::Finding;

fn finder() -> Finder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models/face_detection_front_128x128_barracuda.onnx");
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|e| panic!("{}: {e}: run `cargo dev models` in the source folder", path.display()));
    Finder::load(bytes).unwrap()
}

fn picture(name: &str) -> Pixels {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faces").join(name);
    let file = std::fs::File::open(&path).unwrap();
    let mut decoder = zune_jpeg::JpegDecoder::new(std::io::BufReader::new(file));
    let rgb = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    Pixels { width: width as u32, height: height as u32, rgb }
}

/// A grey canvas with the picture on it, scaled, its top left there.
fn placed(picture: &Pixels, side: u32, left: u32, top: u32, canvas: (u32, u32)) -> Pixels {
    let mut rgb = Vec::new();
    for y in 0..canvas.1 {
        for x in 0..canvas.0 {
            let inside = (left..left + side).contains(&x) && (top..top + side).contains(&y);
            if inside {
                let (sx, sy) = ((x - left) * picture.width / side, (y - top) * picture.height / side);
                let start = ((sy * picture.width + sx) * 3) as usize;
                rgb.extend(&picture.rgb[start..start + 3]);
            } else {
                let grain = ((x * 31 + y * 17) % 7) as u8;
                rgb.extend([150 + grain, 148 + grain, 140 + grain]);
            }
        }
    }
    Pixels { width: canvas.0, height: canvas.1, rgb }
}

fn turned(picture: &Pixels, quarters: usize) -> Pixels {
    let mut turned = picture.clone();
    for _ in 0..quarters {
        let (width, height) = (turned.height, turned.width);
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let start = (((turned.height - 1 - x) * turned.width + y) * 3) as usize;
                rgb.extend(&turned.rgb[start..start + 3]);
            }
        }
        turned = Pixels { width, height, rgb };
    }
    turned
}

/// Whether one of the finds lies about this point and is about this wide.
fn is_at(found: &[Finding], x: f32, y: f32, wide: f32) -> bool {
    found.iter().any(|face| {
        let points = &face.region.as_ref().unwrap().points;
        let (middle_x, middle_y) = ((points[0][0] + points[2][0]) / 2.0, (points[0][1] + points[2][1]) / 2.0);
        let width = points[2][0] - points[0][0];
        (middle_x - x).abs() < 0.4 * wide
            && (middle_y - y).abs() < 0.4 * wide
            && (0.5..2.0).contains(&(width / wide))
    })
}

/// In `astronaut.jpg`, of its side: the middle of the face and its width.
const FACE: (f32, f32, f32) = (0.44, 0.24, 0.19);

#[test]
fn a_face_is_found_wherever_it_stands() {
    let (finder, astronaut) = (finder(), picture("astronaut.jpg"));
    for (side, left, top, canvas) in [
        (400, 0, 0, (400, 400)),
        (400, 700, 300, (1_200, 900)),
        (300, 20, 560, (1_200, 900)),
        (600, 500, 100, (1_600, 1_200)),
        (260, 500, 420, (1_600, 1_200)),
    ] {
        let found = finder.find(&placed(&astronaut, side, left, top, canvas)).unwrap();
        let (x, y, wide) = (FACE.0 * side as f32, FACE.1 * side as f32, FACE.2 * side as f32);
        let about = format!("{side} px at {left}, {top} of {canvas:?}: {found:#?}");
        assert!(is_at(&found, left as f32 + x, top as f32 + y, wide), "{about}");
        assert_eq!(found.len(), 1, "{about}");
        assert_eq!(found[0].kind, "pii.face");
        assert!(found[0].confidence >= 0.6);
    }
}

#[test]
fn a_turned_picture_shows_its_face_too() {
    let (finder, astronaut) = (finder(), picture("astronaut.jpg"));
    let (x, y) = (FACE.0 * 400.0, FACE.1 * 400.0);
    for (quarters, x, y) in [(1, 400.0 - y, x), (2, 400.0 - x, 400.0 - y), (3, y, 400.0 - x)] {
        let found = finder.find(&turned(&astronaut, quarters)).unwrap();
        assert!(is_at(&found, x, y, FACE.2 * 400.0), "{quarters} quarters: {found:#?}");
    }
}

#[test]
fn where_nobody_is_nobody_is_found() {
    let finder = finder();
    for name in ["cat.jpg", "coffee.jpg", "rocket.jpg"] {
        let found = finder.find(&picture(name)).unwrap();
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
    let grey = Pixels { width: 900, height: 700, rgb: vec![128; 900 * 700 * 3] };
    assert!(finder.find(&grey).unwrap().is_empty());
    let lying = Pixels { width: 900, height: 700, rgb: vec![128; 100] };
    assert!(finder.find(&lying).unwrap().is_empty());
    let strip = Pixels { width: 20_000, height: 70, rgb: vec![128; 20_000 * 70 * 3] };
    assert!(finder.find(&strip).unwrap().is_empty());
}

#[test]
fn what_is_no_model_does_not_load() {
    let error = Finder::load(b"no model".to_vec()).err().expect("eight bytes are no model");
    assert!(matches!(error, FaceError::Load(_)));
    assert!(error.to_string().contains("cargo dev models"), "{error}");
}
