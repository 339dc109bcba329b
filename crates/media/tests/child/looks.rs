//! What the child says of a picture beside showing it: measures, hashes, pixels for the models, masked renditions.

use image::{DynamicImage, ImageFormat};
use media::{
    DecodeError, Limits, Unrenderable,
    forensics::{WhyNot, findings},
    hash::HOLDS,
    metadata::ChannelKind,
};
use model::finding::Region;

use super::{Test, child, decoder, pictures::*};

pub const TESTS: &[Test] = &[
    ("looks::measures_and_hashes_come_with_the_renditions", measures_and_hashes),
    ("looks::pixels_are_upright_and_fit", pixels_are_upright_and_fit),
    ("looks::pixels_of_no_picture_say_why", pixels_of_no_picture_say_why),
    ("looks::pixels_that_do_not_fill_their_size_are_refused", false_pixels_are_refused),
    ("looks::masked_renditions_are_black_where_asked", masked_renditions),
    ("looks::traces_of_editing_are_looked_for_in_a_child", traces_of_editing),
    ("looks::false_traces_are_refused", false_traces_are_refused),
    ("looks::a_look_for_traces_is_bounded", a_look_for_traces_is_bounded),
    ("looks::broken_pictures_give_pixels_or_a_reason", broken_pictures),
];

fn measures_and_hashes() {
    let picture = photo(640, 480);
    let report = decoder().inspect(&jpeg(&picture)).unwrap();
    let (quality, hashes) = (report.quality.unwrap(), report.hashes.unwrap());
    assert_eq!((quality.width, quality.height), (640, 480));
    assert!((60.0..200.0).contains(&quality.brightness) && quality.content_share > 0.5, "{quality:?}");
    // The same picture turned and saved again: seen before.
    let turned = DynamicImage::from(picture).rotate180();
    let again = decoder().inspect(&encode_any(&turned, ImageFormat::Png)).unwrap().hashes.unwrap();
    let distances: Vec<u32> = hashes.pdq.iter().map(|p| p.distance(again.pdq[0])).collect();
    let upside_down = HOLDS.iter().position(|h| h.contains("180")).unwrap();
    assert!(distances[upside_down] <= 31, "{distances:?}");
    let nothing = decoder().inspect(b"%PDF-1.7\n").unwrap();
    assert_eq!((nothing.quality, nothing.hashes), (None, None));
}

fn pixels_are_upright_and_fit() {
    let wide = quarters(3_600, 2_400);
    for (side, size) in [(2_560, (1_707, 2_560)), (10_000, (1_707, 2_560)), (800, (533, 800)), (1, (1, 1))] {
        let pixels = decoder().pixels(&jpeg_with_metadata(&wide, 6), side).unwrap().unwrap();
        assert_eq!((pixels.width, pixels.height), size);
        if side > 1 {
            let at = (pixels.height / 8 * pixels.width + pixels.width / 8) as usize * 3;
            // Turned by 90° clockwise, the blue quarter is at the top left.
            let got: [u8; 3] = pixels.rgb[at..at + 3].try_into().unwrap();
            assert!(got.iter().zip(BLUE).all(|(g, b)| g.abs_diff(b) < 10), "{got:?}");
        }
    }
    // 20 MB of pixels are more than renditions may be, and not too much for this.
    let limits = Limits { output_bytes_max: 10_000, ..Limits::default() };
    let square = encode(&quarters(2_560, 2_560), ImageFormat::Png);
    let pixels = child("media-worker", limits).pixels(&square, 2_560).unwrap().unwrap();
    assert_eq!(pixels.rgb.len(), 2_560 * 2_560 * 3);
}

fn pixels_of_no_picture_say_why() {
    let why = |bytes: &[u8]| decoder().pixels(bytes, 500).unwrap().unwrap_err();
    assert_eq!(why(b""), Unrenderable::Empty);
    assert_eq!(why(b"%PDF-1.7\n").as_str(), "not_a_picture");
    assert_eq!(why(b"\xFF\xD8\xFF").as_str(), "damaged");
    assert_eq!(why(&png_that_promises(20_000, 10_000)).as_str(), "too_many_pixels");
    assert_eq!(decoder().masked(b"%PDF-1.7\n", &[]).unwrap().unwrap_err().as_str(), "not_a_picture");
    assert_eq!(decoder().masked(b"\xFF\xD8\xFF", &[]).unwrap().unwrap_err().as_str(), "damaged");
}

fn false_pixels_are_refused() {
    for role in [
        "hand-out-too-few-pixels",
        "hand-out-too-many-pixels",
        "hand-out-no-pixels",
        "hand-out-pixels-too-wide",
        "hand-out-sides-that-overflow",
        "hand-out-html",
        "say-nothing",
        "say-garbage",
    ] {
        let liar = child(role, Limits::default());
        let error = liar.pixels(&jpeg(&quarters(64, 48)), 100).expect_err(role);
        assert!(matches!(error, DecodeError::Protocol { .. }), "{role}: {error}");
        let error = liar.masked(&jpeg(&quarters(64, 48)), &[]).expect_err(role);
        assert!(matches!(error, DecodeError::Protocol { .. }), "{role}: {error}");
    }
    let endless = child("answer-for-ever", Limits::default()).pixels(&jpeg(&quarters(64, 48)), 100);
    assert!(matches!(endless, Err(DecodeError::Killed { .. })), "{endless:?}");
}

fn masked_renditions() {
    let file = jpeg(&quarters(3_200, 2_400));
    let card = Region {
        page: None,
        points: vec![[1_000.0, 200.0], [1_400.0, 240.0], [1_390.0, 340.0], [990.0, 300.0]],
    };
    let renditions = decoder().masked(&file, &[card]).unwrap().unwrap();
    let plain = decoder().inspect(&file).unwrap().renditions;
    for (masked, plain) in renditions.iter().zip(&plain) {
        assert_eq!((&masked.name, masked.width, masked.height), (&plain.name, plain.width, plain.height));
        let pixels = decoder().pixels(&masked.bytes, 1_600).unwrap().unwrap();
        let at = |x: u32, y: u32| {
            let at = (y * pixels.width / 1_600 * pixels.width + x * pixels.width / 1_600) as usize * 3;
            <[u8; 3]>::try_from(&pixels.rgb[at..at + 3]).unwrap()
        };
        assert!(at(1_200, 270).iter().all(|c| *c < 16), "{}: {:?}", masked.name, at(1_200, 270));
        assert!(at(1_200, 600)[1] > 150 && at(400, 270)[0] > 150, "{}", masked.name);
    }
    assert_eq!(decoder().masked(&file, &[]).unwrap().unwrap(), plain);
    // More regions than a header of an answer could hold, and more than any header.
    let dot = |n: u32| Region { page: None, points: vec![[n as f32, 1.0]; 4] };
    let many: Vec<Region> = (0..3_000).map(dot).collect();
    assert_eq!(decoder().masked(&file, &many).unwrap().unwrap().len(), 2);
    let absurd: Vec<Region> = (0..200_000).map(dot).collect();
    assert!(matches!(decoder().masked(&file, &absurd), Err(DecodeError::Protocol { .. })));
}

/// With a camera's name in it.
fn taken(picture: &image::RgbImage) -> Vec<u8> {
    let mut bytes = jpeg(picture);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0F\x01\x02\0\x06\0\0\0\x1A\0\0\0\0\0\0\0Canon\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    bytes.splice(2..2, [&[0xFF, 0xE1][..], &length, exif].concat());
    bytes
}

fn traces_of_editing() {
    let seen = |bytes: &[u8], kind| decoder().forensics(bytes, kind).unwrap().unwrap();
    let photo = taken(&photo(800, 600));
    assert_eq!(seen(&photo, ChannelKind::Photo).why_not, Some(WhyNot::SentAsPhoto));
    let picture = seen(&photo, ChannelKind::Document);
    assert!(picture.why_not.is_none() && picture.copies.is_empty(), "{picture:?}");
    assert!(!findings(&picture).is_empty());
    let png = encode(&quarters(300, 300), ImageFormat::Png);
    assert_eq!(seen(&png, ChannelKind::Document).why_not, Some(WhyNot::NotJpeg));
    // What broke off has what came before, or a reason.
    for n in 1..12 {
        let broken = &photo[..photo.len() * n / 12];
        let answer = decoder().forensics(broken, ChannelKind::Document).unwrap();
        assert!(answer.is_ok() || answer.is_err_and(|why| !why.sentence().is_empty()));
    }
}

fn false_traces_are_refused() {
    let photo = taken(&photo(400, 300));
    for role in ["hand-out-false-copies", "hand-out-html", "hand-out-no-pixels", "say-nothing", "say-garbage"]
    {
        let error = child(role, Limits::default()).forensics(&photo, ChannelKind::Upload).expect_err(role);
        assert!(matches!(error, DecodeError::Protocol { .. }), "{role}: {error}");
    }
}

fn a_look_for_traces_is_bounded() {
    let photo = taken(&photo(400, 300));
    for role in ["hog-memory", "burn-cpu", "answer-for-ever"] {
        let error = child(role, Limits::default()).forensics(&photo, ChannelKind::Upload).expect_err(role);
        assert!(matches!(error, DecodeError::Killed { .. }), "{role}: {error}");
    }
    let never = child("never-answer", Limits { wall_ms: 300, ..Limits::default() });
    let error = never.forensics(&photo, ChannelKind::Upload).unwrap_err();
    assert!(matches!(error, DecodeError::TimedOut { wall_ms: 300 }), "{error}");
}

fn broken_pictures() {
    let picture = photo(320, 240);
    let whole = [jpeg(&picture), encode(&picture, ImageFormat::Png), encode(&picture, ImageFormat::WebP)];
    for bytes in &whole {
        for n in 1..12 {
            let mut broken = bytes[..bytes.len() * n / 12].to_vec();
            let at = broken.len() * n / 13;
            broken[at] ^= 1 << (n % 8);
            let Ok(pixels) = decoder().pixels(&broken, 200).unwrap() else { continue };
            assert_eq!(pixels.rgb.len() as u64, u64::from(pixels.width) * u64::from(pixels.height) * 3);
            assert!(pixels.width.max(pixels.height) <= 200);
        }
    }
}
