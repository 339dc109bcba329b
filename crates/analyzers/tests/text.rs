//! Reading on real pictures with the real models.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "tests end by unwrap, their helpers too"
)]

mod common;

use std::{sync::LazyLock, time::Duration};

use analyzers::local::{
    TextLine,
    text::{self, Limits, ReadError, Reader, Runtime},
};
use common::{models, picture, plain, turned};
use media::Pixels;

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::load(&models(), 2).unwrap());

fn read(pixels: &Pixels) -> Vec<TextLine> {
    READER.read(pixels).unwrap()
}

fn texts(lines: &[TextLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

const SCREENSHOT: &[&str] = &[
    "10:41",
    "73%",
    "Il tuo ordine",
    "Numero ordine",
    "IT-4471902",
    "Totale",
    "89,90 €",
    "Perché è bloccato?",
    "Errore E-104",
    "La caldaia è andata in blocco",
    "stanotte, così non c'è acqua calda.",
];

#[test]
fn a_screenshot_is_read_row_by_row_with_its_accents() {
    let lines = read(&picture("screenshot.png"));
    assert_eq!(texts(&lines), SCREENSHOT);
    assert!(lines.iter().all(|line| line.confidence > 0.8), "{lines:#?}");
    // The paragraph is one block, a name and its value are two.
    assert_eq!(lines[9].block, lines[10].block);
    assert_ne!(lines[3].block, lines[4].block);
    let [top_left, top_right, bottom_right, _] = lines[4].quad;
    assert!((400.0..425.0).contains(&top_left[0]) && (160.0..178.0).contains(&top_left[1]), "{top_left:?}");
    assert!(top_right[0] > 550.0 && bottom_right[1] > 190.0, "{:?}", lines[4].quad);
}

#[test]
fn a_turned_page_is_read_as_if_it_were_upright() {
    let upright = picture("screenshot.png");
    for quarters in 1..4 {
        let lines = read(&turned(&upright, quarters));
        assert_eq!(texts(&lines), SCREENSHOT, "{quarters} quarters");
        let [from, to, ..] = lines[2].quad;
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let runs = match quarters {
            1 => dy > 100.0,
            2 => dx < -100.0,
            _ => dy < -100.0,
        };
        assert!(runs, "{quarters} quarters: the outline begins where the text begins: {:?}", lines[2].quad);
    }
}

#[test]
fn columns_are_read_one_after_the_other() {
    let lines = read(&picture("columns.png"));
    let texts = texts(&lines);
    let place = |start: &str| {
        texts.iter().position(|text| text.starts_with(start)).unwrap_or_else(|| panic!("{start}: {texts:?}"))
    };
    assert_eq!(place("Warranty"), 0);
    assert!(place("who is allowed") < place("Please keep"), "{texts:?}");
    assert_ne!(lines[1].block, lines[6].block);
    assert_eq!(lines[1].block, lines[5].block);
}

#[test]
fn small_letters_get_a_closer_look() {
    let lines = read(&picture("small.png"));
    assert_eq!(lines.len(), 20, "{:#?}", texts(&lines));
    for (i, line) in lines.iter().enumerate() {
        let expect = format!("pppd[{}]:", 800 + i);
        assert!(line.text.contains(&expect) && line.text.ends_with(&(i * 7919).to_string()), "{}", line.text);
    }
}

#[test]
fn a_dark_picture_is_read_all_the_same() {
    assert_eq!(texts(&read(&picture("dark.png"))), ["Serial number", "SN 2117 4400 2018"]);
}

#[test]
fn nothing_to_read_is_no_error() {
    for pixels in [plain(640, 480, 128), plain(1, 1, 0), plain(1, 900, 255), plain(3000, 8, 255)] {
        assert_eq!(texts(&read(&pixels)), [""; 0], "{}x{}", pixels.width, pixels.height);
    }
    let mut seed = 7_u32;
    let mut noise = plain(400, 300, 0);
    noise.rgb.fill_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    assert!(read(&noise).len() < 20);
}

#[test]
fn what_one_picture_may_cost_is_bounded() {
    let load = |limits| Reader::load(&models(), 1).unwrap().with_limits(limits);
    let page = picture("screenshot.png");
    let few = load(Limits { lines_max: 3, ..Limits::default() });
    assert_eq!(few.read(&page).unwrap().len(), 3);
    let tight = load(Limits { pixels_max: 1000, time_max: Duration::ZERO, ..Limits::default() });
    let error = tight.read(&page).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { pixels: 403_200, limit: 1000 }), "{error}");
    let late = load(Limits { time_max: Duration::ZERO, ..Limits::default() });
    assert!(matches!(late.read(&page).unwrap_err(), ReadError::TimedOut));
    let broken = Pixels { width: 10, height: 10, rgb: vec![0; 299] };
    assert!(matches!(READER.read(&broken).unwrap_err(), ReadError::NotAPicture { width: 10, height: 10 }));
}

#[test]
fn every_line_becomes_a_finding_that_says_why() {
    let lines = read(&picture("screenshot.png"));
    let findings = text::findings(&lines, &Runtime::Rten);
    assert_eq!(findings.len(), SCREENSHOT.len());
    let order = &findings[4];
    assert_eq!((order.kind.as_str(), order.value.as_str()), ("text.line", Some("IT-4471902")));
    assert_eq!(order.region.as_ref().unwrap().points.len(), 4);
    assert_eq!((order.analyzer.as_str(), order.version.as_str()), ("local.text", text::VERSION));
    assert!(order.why.contains('%'), "{}", order.why);
}
