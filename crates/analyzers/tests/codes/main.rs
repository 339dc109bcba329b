//! Codes are read, clean and damaged, each once, where they stand; and where none is, none is read.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests: pixel arithmetic of made pictures, and helpers that end by unwrap"
)]

mod set;

use analyzers::local::codes;
use media::Pixels;
use model::finding::Finding;
use serde_json::json;
use set::{Code, DAMAGES, Dice, FORMATS};

/// Reads each kind of code under a damage; those named may fail.
fn check(damage: &str, may_fail: &[&str]) {
    let damage = DAMAGES.into_iter().find(|known| *known == damage).expect("a damage of the set");
    let mut unread = Vec::new();
    for format in 0..FORMATS.len() {
        let sample = set::sample(format, damage, 1_000);
        let found = codes::find(&sample.pixels);
        let is_read = found.iter().any(|f| f.kind == sample.kind && f.value == sample.text.as_str());
        let wrong: Vec<&Finding> = found.iter().filter(|f| f.value != sample.text.as_str()).collect();
        assert!(wrong.is_empty(), "{damage} {}: {wrong:#?} for {:?}", sample.kind, sample.text);
        if is_read {
            let middle = |axis: usize| {
                let points = &found[0].region.as_ref().unwrap().points;
                points.iter().map(|point| point[axis]).sum::<f32>() / points.len() as f32
            };
            let (x, y) = (sample.pixels.width as f32 / 2.0, sample.pixels.height as f32 / 2.0);
            // Most codes stand about the middle; bars show their direction, not their ends up and down.
            let is_there = (middle(0) - x).abs() < 0.2 * x && (middle(1) - y).abs() < 0.25 * y;
            assert!(is_there, "{damage} {}: read at {}, {} of {x}, {y}", sample.kind, middle(0), middle(1));
            assert_eq!(found.len(), 1, "{damage} {}: {found:#?}", sample.kind);
        } else if !may_fail.contains(&sample.kind) {
            unread.push(sample.kind);
        }
    }
    assert!(unread.is_empty(), "{damage}: not read: {unread:?}");
}

#[test]
fn clean_codes() {
    check("clean", &[]);
}

#[test]
fn turned_codes() {
    // PDF417 is read along its rows: what is measured, not wished.
    check("turned", &["code.pdf_417"]);
    check("sideways", &[]);
}

#[test]
fn small_codes() {
    check("small_2px", &[]);
}

#[test]
fn codes_seen_from_the_side() {
    check("perspective", &[]);
}

#[test]
fn codes_in_bad_light() {
    check("faint", &[]);
    check("shade", &[]);
    // No PDF417 is printed light on dark.
    check("inverted", &["code.pdf_417"]);
}

#[test]
fn codes_partly_covered_or_recompressed() {
    // The middle of an Aztec code is how it is found.
    check("covered", &["code.aztec"]);
    check("jpeg", &[]);
}

/// A picture with several codes on white, one below the other.
fn sheet(codes: &[Code]) -> Pixels {
    let drawn: Vec<Pixels> = codes.iter().map(|code| code.drawn(4)).collect();
    let width = drawn.iter().map(|pixels| pixels.width).max().unwrap() + 80;
    let mut rgb = Vec::new();
    let blank = vec![255; (width * 60 * 3) as usize];
    rgb.extend(&blank);
    for pixels in &drawn {
        for row in pixels.rgb.chunks((pixels.width * 3) as usize) {
            rgb.extend(std::iter::repeat_n(255, 120));
            rgb.extend(row);
            rgb.extend(std::iter::repeat_n(255, ((width - pixels.width) * 3 - 120) as usize));
        }
        rgb.extend(&blank);
    }
    Pixels { width, height: rgb.len() as u32 / 3 / width, rgb }
}

fn found(texts: &[(usize, &str)]) -> Vec<Finding> {
    let codes: Vec<Code> = texts.iter().map(|(format, text)| Code::of(text, FORMATS[*format].1)).collect();
    codes::find(&sheet(&codes))
}

#[test]
fn several_codes_of_one_picture() {
    let texts =
        [(0, "https://example.com/a"), (4, "4006381333931"), (8, "PARCEL-77"), (1, "SN 4711"), (0, "second")];
    let found = found(&texts);
    for (format, text) in texts {
        let same = found.iter().filter(|f| f.kind == FORMATS[format].0 && f.value == text).count();
        assert_eq!(same, 1, "{text}: {found:#?}");
    }
    assert_eq!(found.len(), texts.len(), "{found:#?}");
}

#[test]
fn what_a_code_holds_is_said() {
    let digits = "7".repeat(1_600);
    for (text, value, why) in [
        (
            "upi://pay?pa=shop@okbank&am=249.00",
            json!("upi://pay?pa=shop@okbank&am=249.00"),
            "UPI payment link",
        ),
        ("https://example.com/x", json!("https://example.com/x"), "web link"),
        (
            "WIFI:S:Caff\\;e;T:WPA;P:geheim\\;1;H:true;;",
            json!("WIFI:S:Caff\\;e;T:WPA;P:geheim\\;1;H:true;;"),
            "with its password",
        ),
        ("WIFI:P:geheim;S:x;;", json!("WIFI:P:geheim;S:x;;"), "with its password"),
        ("otpauth://totp/x?secret=GEZDGNBV", json!("otpauth://totp/x?secret=GEZDGNBV"), "secret key"),
        (digits.as_str(), json!(digits), "Aadhaar"),
        ("just text", json!("just text"), "error correction"),
    ] {
        let found = found(&[(0, text)]);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(found[0].value, value);
        assert!(found[0].why.contains(why), "{text}: {}", found[0].why);
    }
}

#[test]
fn bars_say_the_number_that_is_printed_under_them() {
    for (format, text) in [(6, "036000291452"), (7, "01234565"), (5, "96385074"), (4, "4006381333931")] {
        let found = found(&[(format, text)]);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!((found[0].kind.as_str(), &found[0].value), (FORMATS[format].0, &json!(text)));
    }
}

/// A zero byte would end a C string: what comes after it must not be lost, and be no text.
#[test]
fn content_with_a_zero_byte_is_whole() {
    let found = found(&[(0, "a\0b"), (1, "c\0d")]);
    let values: Vec<_> = found.iter().map(|f| f.value.clone()).collect();
    assert!(values.contains(&json!({"base64": "YQBi"})), "{found:#?}");
    assert!(values.contains(&json!({"base64": "YwBk"})), "{found:#?}");
}

/// The region is what is painted over where a code holds a secret.
#[test]
fn the_region_holds_all_of_a_small_and_of_a_large_picture() {
    for module in [2, 9] {
        for (_, format) in FORMATS.into_iter().take(4) {
            let code = Code::of("WIFI:T:WPA;S:home;P:geheim;;", format);
            let pixels = code.drawn(module);
            let dark = |axis: usize| {
                let at = |i: usize| [i % pixels.width as usize, i / pixels.width as usize][axis] as f32;
                let dark = || pixels.rgb.iter().step_by(3).enumerate().filter(|(_, v)| **v == 0);
                let lows = dark().map(|(i, _)| at(i)).fold(f32::MAX, f32::min);
                (lows, dark().map(|(i, _)| at(i)).fold(0.0, f32::max))
            };
            let found = codes::find(&pixels);
            assert_eq!(found.len(), 1, "{module} px: {found:#?}");
            let points = &found[0].region.as_ref().unwrap().points;
            let slack = 1.5 * module as f32;
            for axis in 0..2 {
                let low = points.iter().map(|p| p[axis]).fold(f32::MAX, f32::min);
                let high = points.iter().map(|p| p[axis]).fold(0.0, f32::max);
                let (from, to) = dark(axis);
                assert!(
                    low <= from + slack && high >= to - slack,
                    "{module} px: {low}..{high} of {from}..{to} {found:#?}"
                );
                assert!(
                    low >= from - 12.0 * slack && high <= to + 12.0 * slack,
                    "{module} px: {low}..{high}: {found:#?}"
                );
            }
        }
    }
}

#[test]
fn pictures_without_codes_have_none() {
    let mut dice = Dice(7);
    let (width, height) = (800_u32, 600_u32);
    let mut made = |pixel: &mut dyn FnMut(u32, u32, &mut Dice) -> u8| {
        let rgb = (0..width * height).flat_map(|i| [pixel(i % width, i / width, &mut dice); 3]).collect();
        Pixels { width, height, rgb }
    };
    let pictures = [
        ("noise", made(&mut |_, _, dice| dice.next() as u8)),
        ("coarse noise", {
            let cells: Vec<u8> = (0..10_000)
                .map(|i: u32| if i.wrapping_mul(2_654_435_761) >> 31 == 0 { 20 } else { 230 })
                .collect();
            made(&mut |x, y, _| cells[((y / 8) * 100 + x / 8) as usize])
        }),
        ("stripes", made(&mut |x, _, _| if x / 3 % 2 == 0 { 10 } else { 240 })),
        ("chessboard", made(&mut |x, y, _| if (x / 6 + y / 6) % 2 == 0 { 10 } else { 240 })),
        (
            "rings",
            made(&mut |x, y, _| {
                let r = ((x as f32 - 400.0).hypot(y as f32 - 300.0) / 7.0) as u32;
                if r.is_multiple_of(2) { 10 } else { 240 }
            }),
        ),
        ("white", made(&mut |_, _, _| 255)),
    ];
    for (name, picture) in pictures {
        let found = codes::find(&picture);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn odd_sizes_are_no_trouble() {
    for (width, height) in
        [(0, 0), (1, 1), (1, 5_000), (5_000, 1), (7, 9), (23, 24), (24, 24), (6_000, 40), (40, 6_000)]
    {
        let rgb = (0..width * height * 3).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        codes::find(&Pixels { width, height, rgb });
    }
    let lying = Pixels { width: 500, height: 500, rgb: vec![0; 10] };
    assert!(codes::find(&lying).is_empty());
}
