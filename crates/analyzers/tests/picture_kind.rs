//! The kind of a picture, and that it says why.

#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests: pixel arithmetic of made pictures, and helpers that end by unwrap"
)]

use analyzers::local::{
    TextLine,
    picture_kind::{Claim, Evidence, Look, judge},
};
use media::Pixels;
use model::finding::{Finding, Region};

fn made(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Pixels {
    let rgb = (0..width * height).flat_map(|i| pixel(i % width, i / width)).collect();
    Pixels { width, height, rgb }
}

/// A camera's grain.
fn grain(x: u32, y: u32) -> u8 {
    ((x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).wrapping_mul(3_266_489_917) >> 27) as u8
        / 2
}

/// A phone's screen: a coloured bar, cards on light grey.
fn screen() -> Pixels {
    made(720, 1_600, |x, y| match () {
        () if y < 140 => [20, 90, 200],
        () if x % 720 < 40 || x > 680 || y % 200 < 20 => [238, 238, 240],
        () if y % 200 == 100 && x % 3 == 0 => [40, 40, 40],
        () => [255, 255, 255],
    })
}

/// A light sheet on a dark table, by a camera.
fn paper(margin: u32) -> Pixels {
    made(1_200, 1_600, |x, y| {
        let is_table = x < margin || y < margin || x > 1_200 - margin || y > 1_600 - margin;
        let g = grain(x, y);
        if is_table { [70 + g, 55 + g, 40 + g] } else { [205 + g, 203 + g, 198 + g] }
    })
}

/// A lit screen in a dark room.
fn lit() -> Pixels {
    made(1_600, 1_200, |x, y| {
        let g = grain(x, y);
        let is_lit = (260..1_340).contains(&x) && (200..1_000).contains(&y);
        if is_lit { [180 + g, 195 + g, 225 + g] } else { [18 + g, 18 + g, 20 + g] }
    })
}

fn table() -> Pixels {
    made(1_600, 1_200, |x, y| {
        let g = grain(x, y);
        [(90 + x / 20) as u8 + g, (70 + y / 25) as u8 + g, 50 + g]
    })
}

/// Lines one below the other from a left edge, at a height each.
fn lines(left: f32, top: f32, texts: &[&str]) -> Vec<TextLine> {
    texts
        .iter()
        .enumerate()
        .map(|(row, text)| {
            let (y, right) = (top + row as f32 * 36.0, left + text.chars().count() as f32 * 14.0);
            let quad = [[left, y], [right, y], [right, y + 24.0], [left, y + 24.0]];
            TextLine { text: (*text).to_owned(), confidence: 0.95, quad, block: 0 }
        })
        .collect()
}

fn found(kind: &str, left: f32, top: f32, right: f32, bottom: f32) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value: serde_json::Value::from(kind),
        confidence: 0.9,
        region: Some(Region {
            page: None,
            points: vec![[left, top], [right, top], [right, bottom], [left, bottom]],
        }),
        why: String::new(),
        analyzer: "test".to_owned(),
        version: "1".to_owned(),
    }
}

#[derive(Default)]
struct Case {
    lines: Vec<TextLine>,
    codes: Vec<Finding>,
    faces: Vec<Finding>,
    has_mrz: bool,
    has_identity_number: bool,
    is_over_exposed: bool,
    moire: Option<f32>,
    claim: Option<Claim>,
}

#[track_caller]
fn check(pixels: &Pixels, case: &Case, expect: &str, why: &str) {
    let finding = judge(&Evidence {
        look: Look::of(pixels),
        claim: case.claim,
        lines: &case.lines,
        codes: &case.codes,
        faces: &case.faces,
        has_mrz: case.has_mrz,
        has_identity_number: case.has_identity_number,
        is_over_exposed: case.is_over_exposed,
        moire: case.moire,
    });
    assert_eq!(finding.value, expect, "{finding:#?}");
    assert!(finding.why.contains(why), "{:?}", finding.why);
    assert_eq!(finding.kind, "picture.kind");
    assert!((0.0..=1.0).contains(&finding.confidence));
    assert!(finding.region.is_none());
}

#[test]
fn what_a_screen_shows() {
    let chat = lines(60.0, 30.0, &["9:41", "Order 4471", "Something went wrong", "Try again"]);
    check(&screen(), &Case { lines: chat.clone(), ..Case::default() }, "screenshot", "perfectly even");
    check(&screen(), &Case::default(), "screenshot", "shape of a phone");
    // A payment on a screen is a screenshot, though it lists amounts.
    let payment =
        lines(60.0, 30.0, &["9:41", "Total 249.00", "Cash 249.00", "GST 12.00", "A 1.00", "B 2.00"]);
    check(&screen(), &Case { lines: payment, ..Case::default() }, "screenshot", "even");
    check(&lit(), &Case { lines: chat.clone(), ..Case::default() }, "photo_of_screen", "bright rectangle");
    check(&table(), &Case { lines: chat, moire: Some(0.8), ..Case::default() }, "photo_of_screen", "pattern");
}

#[test]
fn what_paper_shows() {
    let till = [
        "CORNER SHOP",
        "Milk 1,29",
        "Bread 2,49",
        "Cheese 4,99",
        "IVA 22% 1,58",
        "TOTALE 8,77",
        "Contanti 10,00",
    ];
    let receipt = Case { lines: lines(420.0, 200.0, &till), ..Case::default() };
    check(&paper(300), &receipt, "receipt", "ends with an amount");
    let prose = ["the quick brown fox jumps over the lazy dog and runs"; 20];
    let letter = Case { lines: lines(150.0, 150.0, &prose), ..Case::default() };
    check(&paper(60), &letter, "document", "long lines");
    let scanned =
        Case { lines: lines(150.0, 150.0, &prose), claim: Some(Claim::Document), ..Case::default() };
    check(&paper(0), &scanned, "document", "sent as a file");
    let bill = [
        "INVOICE",
        "Bill to",
        "Jane Roe",
        "Relay 95,00",
        "Labour 80,00",
        "Total 175,00",
        "Due date 18.12.2026",
        "IBAN",
    ];
    check(
        &paper(60),
        &Case { lines: lines(150.0, 150.0, &bill), ..Case::default() },
        "document",
        "as bills do",
    );
}

#[test]
fn what_people_carry() {
    let card = ["PASSPORT", "Surname ROSSI", "Date of birth 01.02.1980", "Nationality UTO"];
    let face = vec![found("pii.face", 200.0, 300.0, 330.0, 460.0)];
    let with_mrz = Case { has_mrz: true, ..Case::default() };
    check(&paper(200), &with_mrz, "identity_document", "machine-readable zone");
    let seen = Case { lines: lines(500.0, 400.0, &card), faces: face, ..Case::default() };
    check(&paper(200), &seen, "identity_document", "small face");
    let numbered = Case {
        lines: lines(500.0, 400.0, &["9999 4105 7058"]),
        has_identity_number: true,
        ..Case::default()
    };
    check(&table(), &numbered, "identity_document", "number of an identity document");
    let portrait = Case { faces: vec![found("pii.face", 500.0, 300.0, 900.0, 800.0)], ..Case::default() };
    check(&table(), &portrait, "person", "face fills");
}

#[test]
fn what_goods_show() {
    let plate = ["Model WX-200", "S/N 44719023", "220-240V ~ 50Hz", "Made in Italy"];
    check(
        &table(),
        &Case { lines: lines(500.0, 400.0, &plate), ..Case::default() },
        "label",
        "serial number",
    );
    let barcode = vec![found("code.ean_13", 500.0, 500.0, 800.0, 650.0)];
    check(&table(), &Case { codes: barcode, ..Case::default() }, "label", "machine code");
    check(&table(), &Case::default(), "object", "little or no text");
    let controls = ["CALOR PLUS", "ERROR", "RESET", "F28", "21", "RESET", "MODE", "-/+"];
    check(
        &table(),
        &Case { lines: lines(500.0, 400.0, &controls), ..Case::default() },
        "object",
        "controls and displays",
    );
    check(&screen(), &Case { is_over_exposed: true, ..Case::default() }, "other", "nothing");
}

#[test]
fn where_nothing_speaks_for_a_kind_it_is_other() {
    check(&made(300, 290, |_, _| [3, 3, 3]), &Case::default(), "other", "nothing");
    check(&Pixels { width: 0, height: 0, rgb: Vec::new() }, &Case::default(), "other", "nothing");
    check(&made(900, 830, |x, y| [100 + grain(x, y) / 8; 3]), &Case::default(), "other", "nothing");
}
