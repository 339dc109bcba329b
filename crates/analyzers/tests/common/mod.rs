//! What the tests of this crate share: the models and the pictures.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use analyzers::local::models::Models;
use media::Pixels;

/// The models of the repository. Without them the test fails, with the sentence that says what mends it.
pub fn models() -> Models {
    match Models::open(&models_dir()) {
        Ok(models) => models,
        Err(wrong) => panic!("{}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

pub fn models_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

pub fn picture(name: &str) -> Pixels {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let rgb = image::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).to_rgb8();
    Pixels { width: rgb.width(), height: rgb.height(), rgb: rgb.into_raw() }
}

pub fn plain(width: u32, height: u32, grey: u8) -> Pixels {
    Pixels { width, height, rgb: vec![grey; (width * height * 3) as usize] }
}

/// Turned clockwise by so many quarters.
pub fn turned(pixels: &Pixels, quarters: u8) -> Pixels {
    let image = image::RgbImage::from_raw(pixels.width, pixels.height, pixels.rgb.clone()).unwrap();
    let image = match quarters % 4 {
        1 => image::imageops::rotate90(&image),
        2 => image::imageops::rotate180(&image),
        3 => image::imageops::rotate270(&image),
        _ => image,
    };
    Pixels { width: image.width(), height: image.height(), rgb: image.into_raw() }
}
