//! What people see: the right way up, the right size, the right colours, and nothing but pixels.

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba};
use jpeg_encoder::{ColorType, Encoder};
use media::{Rendition, Report};

use super::{Test, decoder, pictures::*};

pub const TESTS: &[Test] = &[
    ("renditions::every_format_is_shown", every_format_is_shown),
    ("renditions::every_orientation_is_upright", every_orientation_is_upright),
    ("renditions::sizes_follow_the_longer_side", sizes_follow_the_longer_side),
    ("renditions::carry_no_metadata", carry_no_metadata),
    ("renditions::depth_grey_cmyk_and_transparency", depth_grey_cmyk_and_transparency),
    ("renditions::a_wide_profile_is_applied", a_wide_profile_is_applied),
    ("renditions::of_what_moves_show_the_first_frame", of_what_moves_show_the_first_frame),
];

fn inspect(bytes: &[u8]) -> Report {
    let report = decoder().inspect(bytes).unwrap();
    assert_eq!(report.why_none, None);
    assert_eq!(report.renditions.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["view", "thumb"]);
    report
}

fn decoded(rendition: &Rendition) -> RgbImage {
    let mut decoder =
        zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(&rendition.bytes));
    let rgb = decoder.decode().unwrap();
    RgbImage::from_raw(rendition.width, rendition.height, rgb).unwrap()
}

fn assert_close(got: [u8; 3], expect: [u8; 3], what: &str) {
    let is_close = got.iter().zip(expect).all(|(g, e)| g.abs_diff(e) <= 24);
    assert!(is_close, "{what}: {got:?}, not {expect:?}");
}

/// The middle of each quarter: top left, top right, bottom left, bottom right.
fn assert_corners(rendition: &Rendition, expect: [[u8; 3]; 4], what: &str) {
    let picture = decoded(rendition);
    let (w, h) = picture.dimensions();
    let at = [(w / 4, h / 4), (3 * w / 4, h / 4), (w / 4, 3 * h / 4), (3 * w / 4, 3 * h / 4)];
    for ((x, y), color) in at.into_iter().zip(expect) {
        assert_close(picture.get_pixel(x, y).0, color, &format!("{what} {} at {x},{y}", rendition.name));
    }
}

fn every_format_is_shown() {
    let picture = quarters(640, 480);
    for (bytes, mime_type) in [
        (jpeg(&picture), "image/jpeg"),
        (jpeg_with(&picture, |e| e.set_progressive(true)), "image/jpeg"),
        (encode(&picture, ImageFormat::Png), "image/png"),
        (encode(&picture, ImageFormat::WebP), "image/webp"),
        (encode(&picture, ImageFormat::Gif), "image/gif"),
        (encode(&picture, ImageFormat::Tiff), "image/tiff"),
        (encode(&picture, ImageFormat::Bmp), "image/bmp"),
        (heic(&picture), "image/heic"),
    ] {
        let report = inspect(&bytes);
        assert_eq!(report.sniffed.mime_type, mime_type);
        assert_eq!(
            (report.width, report.height, report.is_animated),
            (Some(640), Some(480), false),
            "{mime_type}"
        );
        for rendition in &report.renditions {
            assert_eq!(rendition.mime_type, "image/jpeg");
            assert_corners(rendition, [RED, GREEN, BLUE, YELLOW], mime_type);
        }
    }
}

fn every_orientation_is_upright() {
    let [r, g, b, y] = [RED, GREEN, BLUE, YELLOW];
    // EXIF 2.32, tag 0x0112: where the stored first row and column belong.
    for (orientation, corners, turned) in [
        (1, [r, g, b, y], false),
        (2, [g, r, y, b], false),
        (3, [y, b, g, r], false),
        (4, [b, y, r, g], false),
        (5, [r, b, g, y], true),
        (6, [b, r, y, g], true),
        (7, [y, g, b, r], true),
        (8, [g, y, r, b], true),
        // Nonsense is as good as none.
        (9, [r, g, b, y], false),
    ] {
        let stored = quarters(640, 480);
        let png = png_with_exif(&stored, orientation);
        for (what, bytes) in [("jpeg", jpeg_with_metadata(&stored, orientation)), ("png", png)] {
            let report = inspect(&bytes);
            let size = if turned { (480, 640) } else { (640, 480) };
            assert_eq!((report.width.unwrap(), report.height.unwrap()), size, "{what} {orientation}");
            assert_eq!(report.orientation, if orientation == 9 { 1 } else { orientation });
            for rendition in &report.renditions {
                assert_corners(rendition, corners, &format!("{what} {orientation}"));
            }
        }
    }
    // HEIC turns by its own properties (`irot`, `imir`); its EXIF orientation must not turn it again.
    let image = heifer::decode(&heic(&quarters(640, 480))).unwrap();
    let metadata = heifer::Metadata { exif: Some(exif(6)), ..Default::default() };
    let options = heifer::EncodeOptions { max_threads: 1, ..Default::default() };
    let bytes = heifer::encode_with_metadata(&image, &metadata, &options).unwrap();
    assert_corners(inspect(&bytes).rendition("view").unwrap(), [r, g, b, y], "heic with exif");
    let turned = with_irot(&heic(&quarters(400, 300)), 1);
    assert_corners(inspect(&turned).rendition("view").unwrap(), [g, y, r, b], "heic with irot");
}

fn png_with_exif(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut bytes = encode(picture, ImageFormat::Png);
    bytes.splice(33..33, png_chunk(b"eXIf", &exif(orientation)));
    bytes
}

/// The encoder writes no `irot`: the box that tells the bit depth, which nobody needs, becomes one.
fn with_irot(heic: &[u8], quarters_counter_clockwise: u8) -> Vec<u8> {
    let mut bytes = heic.to_vec();
    let at = bytes.windows(4).position(|w| w == b"pixi").unwrap();
    bytes[at..at + 4].copy_from_slice(b"irot");
    bytes[at + 4] = quarters_counter_clockwise;
    bytes
}

fn sizes_follow_the_longer_side() {
    for (size, view, thumb) in [
        ((4_000, 3_000), (1_600, 1_200), (320, 240)),
        ((3_000, 4_000), (1_200, 1_600), (240, 320)),
        ((1_601, 1), (1_600, 1), (320, 1)),
        ((300, 200), (300, 200), (300, 200)),
        ((1, 1), (1, 1), (1, 1)),
    ] {
        for bytes in [jpeg(&quarters(size.0, size.1)), encode(&quarters(size.0, size.1), ImageFormat::Png)] {
            let report = inspect(&bytes);
            assert_eq!((report.width.unwrap(), report.height.unwrap()), size);
            let sizes: Vec<_> = report.renditions.iter().map(|r| (r.width, r.height)).collect();
            assert_eq!(sizes, [view, thumb], "{size:?}");
            report.renditions.iter().for_each(|r| drop(decoded(r)));
        }
    }
}

fn carry_no_metadata() {
    let picture = quarters(640, 480);
    let image = heifer::decode(&heic(&picture)).unwrap();
    let metadata =
        heifer::Metadata { exif: Some(exif(1)), xmp: Some(CANARY.as_bytes().to_vec()), ..Default::default() };
    let options = heifer::EncodeOptions { max_threads: 1, ..Default::default() };
    for (what, bytes) in [
        ("jpeg", jpeg_with_metadata(&picture, 1)),
        ("png", png_with_exif(&picture, 1)),
        ("png text", png_with_chunk(b"tEXt", format!("Comment\0{CANARY}").as_bytes())),
        ("heic", heifer::encode_with_metadata(&image, &metadata, &options).unwrap()),
    ] {
        let holds = |bytes: &[u8], needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        assert!(holds(&bytes, CANARY.as_bytes()), "{what}: the test is blind");
        for rendition in inspect(&bytes).renditions {
            for needle in [
                &b"CANARY"[..],
                b"Exif",
                b"xap",
                b"ICC_PROFILE",
                b"Photoshop",
                b"\xFF\xE1",
                b"\xFF\xE2",
                b"\xFF\xFE",
            ] {
                // Markers within the coded data are stuffed, so a bare one would be a segment.
                assert!(!holds(&rendition.bytes, needle), "{what} {}: {needle:?}", rendition.name);
            }
        }
    }
}

fn depth_grey_cmyk_and_transparency() {
    let (w, h) = (64, 48);
    let deep = ImageBuffer::from_fn(w, h, |_, _| Rgb([0xDC14_u16, 0x1414, 0x1414]));
    let grey = ImageBuffer::from_fn(w, h, |_, _| Luma([77_u8]));
    let deep_grey = ImageBuffer::from_fn(w, h, |_, _| LumaA([0x4D00_u16, 0xFFFF]));
    let clear = ImageBuffer::from_fn(w, h, |_, _| Rgba([0_u8, 0, 0, 0]));
    let half = ImageBuffer::from_fn(w, h, |_, _| Rgba([0_u8, 0, 0, 128]));
    for (what, image, expect) in [
        ("16 bits", DynamicImage::ImageRgb16(deep), RED),
        ("grey", DynamicImage::ImageLuma8(grey), [77; 3]),
        ("16-bit grey with alpha", DynamicImage::ImageLumaA16(deep_grey), [77; 3]),
        ("transparent", DynamicImage::ImageRgba8(clear), [255; 3]),
        ("half transparent", DynamicImage::ImageRgba8(half), [127; 3]),
    ] {
        let report = inspect(&encode_any(&image, ImageFormat::Png));
        report.renditions.iter().for_each(|r| assert_corners(r, [expect; 4], what));
    }
    for (what, color, pixel, expect) in [
        ("grey jpeg", ColorType::Luma, vec![77], [77; 3]),
        ("cmyk jpeg", ColorType::Cmyk, vec![0, 255, 255, 0], [255, 0, 0]),
        ("ycck jpeg", ColorType::CmykAsYcck, vec![255, 0, 255, 0], [0, 255, 0]),
    ] {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, 95).encode(&pixel.repeat(64 * 48), 64, 48, color).unwrap();
        let report = inspect(&bytes);
        report.renditions.iter().for_each(|r| assert_corners(r, [expect; 4], what));
    }
}

/// Display P3's pure red is outside of sRGB; untreated it would come out as a duller (234, 51, 35) would go in.
fn a_wide_profile_is_applied() {
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let picture = RgbImage::from_pixel(64, 48, Rgb([200, 60, 60]));
    let bytes = jpeg_with(&picture, |encoder| encoder.add_icc_profile(&icc).unwrap());
    let with = decoded(inspect(&bytes).rendition("view").unwrap()).get_pixel(32, 24).0;
    let without = decoded(inspect(&jpeg(&picture)).rendition("view").unwrap()).get_pixel(32, 24).0;
    assert_close(without, [200, 60, 60], "no profile");
    assert!(with[0] >= without[0] + 10 && with[1] + 8 <= without[1], "{with:?} {without:?}");
}

fn of_what_moves_show_the_first_frame() {
    let report = inspect(&moving_gif());
    assert!(report.is_animated);
    report.renditions.iter().for_each(|r| assert_corners(r, [RED; 4], "gif"));
    assert!(!inspect(&encode(&quarters(64, 48), ImageFormat::Gif)).is_animated);
}
