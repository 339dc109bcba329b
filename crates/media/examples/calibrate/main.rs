//! Finds the thresholds of `src/quality/thresholds.rs`, and says how well they do.
//!
//! `cargo run --release -p media --example calibrate -- FOLDER [MEASURES.jsonl]`, then, after a change of constants,
//! `cargo run --release -p media --example calibrate -- MEASURES.jsonl`
//!
//! FOLDER holds the pictures that `sources.txt` names (packages unpacked into it, each by its own paths). Pages of
//! made-up letters are added. Every source is sent on as it is and in seeded, degraded versions; the even sources
//! teach what blur is, the odd ones are held out and scored. Prints the weights as Rust, then the scores of the constants that are
//! compiled in, with 95 % intervals from 1,000 resamplings of the sources.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a tool for developers on pictures they chose"
)]

mod degrade;
mod fit;
mod pages;
mod staged;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use degrade::{Dice, Scene};
use media::{
    Limits, Measures, Pixels,
    quality::{blur_features, judge, measure, motion_features},
    rendition,
};
use model::finding::{Reason, Verdict};

const PAGES: u64 = 32;

/// One version of one source.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Sample {
    pub source: usize,
    pub what: String,
    /// Radius, length, gain: what the degradation was done with.
    pub amount: f32,
    pub measures: Measures,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("the folder of source pictures, or a file of measures"));
    if folder.is_file() {
        let lines = fs::read_to_string(&folder).expect("readable");
        let samples: Vec<Sample> =
            lines.lines().map(|line| serde_json::from_str(line).expect("written by this tool")).collect();
        return report(&samples);
    }
    let mut out = args.next().map(|path| fs::File::create(path).expect("a file to write"));
    let mut sources = named(&folder);
    let pictures = sources.len();
    println!("{pictures} pictures of sources.txt found, {PAGES} pages made");
    sources.extend((0..PAGES).map(|seed| Box::new(move || pages::page(seed)) as Box<dyn Fn() -> Pixels>));
    let mut samples = Vec::new();
    for (source, pixels) in sources.iter().enumerate() {
        let pixels = pixels();
        let is_sheet = source >= pictures && source % 2 == 1;
        let sheets = if is_sheet { sheets(&pixels, source as u64) } else { Vec::new() };
        for (what, amount, pixels) in versions(&pixels, source as u64).into_iter().chain(sheets) {
            let sample = Sample { source, what: what.to_owned(), amount, measures: measure(&pixels) };
            if let Some(out) = &mut out {
                writeln!(out, "{}", serde_json::to_string(&sample).expect("plain")).expect("written");
            }
            samples.push(sample);
        }
    }
    report(&samples);
}

fn report(samples: &[Sample]) {
    fit_and_print(samples);
    score(samples, samples.iter().map(|s| s.source + 1).max().unwrap_or(0));
}

fn named(folder: &Path) -> Vec<Box<dyn Fn() -> Pixels>> {
    include_str!("sources.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| folder.join(line))
        .filter(|path| path.exists())
        .map(|path| {
            Box::new(move || {
                let bytes = fs::read(&path).expect("readable");
                rendition::pixels(&bytes, 1_600, &Limits::default()).expect("a picture")
            }) as Box<dyn Fn() -> Pixels>
        })
        .collect()
}

/// Blurs between sharp and blurred (radius under 3, length under 10 pixels) are made too: they teach nothing and
/// are counted on their own.
fn versions(pixels: &Pixels, seed: u64) -> Vec<(&'static str, f32, Pixels)> {
    let dice = &mut Dice::new(seed);
    let scene = Scene::of(pixels);
    let mut out = vec![
        ("sharp", 0.0, scene.sent(0.0, 75, dice)),
        ("sharp noisy", 4.0, scene.sent(4.0, 75, dice)),
        ("sharp dim", 0.3, scene.exposed(0.3).sent(2.0, 75, dice)),
        ("sharp coarse", 50.0, scene.sent(0.0, 50, dice)),
    ];
    for _ in 0..3 {
        let (radius, noise) = (dice.scale(1.2, 12.0), dice.between(0.0, 3.0));
        let what = if radius < 3.0 { "focus little" } else { "focus" };
        out.push((what, radius, scene.defocused(radius).sent(noise, 75, dice)));
        let (length, noise) = (dice.scale(4.0, 40.0), dice.between(0.0, 3.0));
        let what = if length < 10.0 { "motion little" } else { "motion" };
        let angle = dice.between(0.0, std::f32::consts::PI);
        out.push((what, length, scene.moved(length, angle).sent(noise, 75, dice)));
    }
    if seed.is_multiple_of(2) {
        return out;
    }
    let gain = dice.scale(0.003, 0.03);
    out.push(("dark", gain, scene.exposed(gain).sent(3.0, 75, dice)));
    let gain = dice.scale(6.0, 16.0);
    out.push(("over", gain, scene.exposed(gain).sent(1.0, 75, dice)));
    out.push(("glare", 1.0, scene.with_glare(dice).sent(1.0, 75, dice)));
    let left = dice.scale(0.03, 0.2);
    out.push(("veil", left, scene.veiled(left).sent(1.5, 75, dice)));
    if seed % 4 == 1 {
        out.push(("screen", 0.0, staged::screen(&scene, dice).sent(1.5, 75, dice)));
    }
    out
}

/// Only pages lie on tables.
fn sheets(page: &Pixels, seed: u64) -> Vec<(&'static str, f32, Pixels)> {
    let dice = &mut Dice::new(seed + 1_000);
    let page = Scene::of(page);
    let layouts: [(&str, staged::Corners); 3] = [
        ("sheet whole", staged::whole(dice)),
        ("sheet cut", staged::cut(dice)),
        ("sheet tilted", staged::tilted(dice)),
    ];
    let lay = |(what, corners)| (what, 0.0, staged::table(&page, corners, dice).sent(2.0, 75, dice));
    layouts.into_iter().map(lay).collect()
}

fn is_blurred(sample: &Sample) -> Option<bool> {
    match sample.what.as_str() {
        "sharp" | "sharp noisy" | "sharp dim" | "sharp coarse" => Some(false),
        "focus" | "motion" => Some(true),
        _ => None,
    }
}

fn fit_and_print(samples: &[Sample]) {
    let teaching = || samples.iter().filter(|s| s.source % 2 == 0 && s.measures.edges > 0);
    let blur: Vec<_> =
        teaching().filter_map(|s| Some((blur_features(&s.measures).to_vec(), is_blurred(s)?))).collect();
    println!("pub const BLUR: [f32; {}] = {:?};", blur[0].0.len() + 1, fit::logistic(&blur));
    let motion: Vec<_> = teaching()
        .filter(|s| is_blurred(s) == Some(true))
        .map(|s| (motion_features(&s.measures).to_vec(), s.what == "motion"))
        .collect();
    println!("pub const MOTION: [f32; {}] = {:?};", motion[0].0.len() + 1, fit::logistic(&motion));
}

/// What the compiled-in constants make of the held-out sources.
fn score(samples: &[Sample], sources: usize) {
    let held_out: Vec<&Sample> = samples.iter().filter(|s| s.source % 2 == 1).collect();
    let judged = |s: &Sample| judge(&s.measures, None);
    let share = |name: &str, kind: &dyn Fn(&Sample) -> bool, hit: &dyn Fn(&Sample) -> bool| {
        let of: Vec<&&Sample> = held_out.iter().filter(|s| kind(s)).collect();
        let hits: Vec<(usize, bool)> = of.iter().map(|s| (s.source, hit(s))).collect();
        let (low, high) = fit::interval(&hits, sources);
        let n = hits.iter().filter(|h| h.1).count();
        println!(
            "{name:42} {n:4}/{:<4} {:5.1} % [{low:.1}, {high:.1}]",
            hits.len(),
            100.0 * n as f32 / hits.len().max(1) as f32
        );
    };
    let has = |s: &Sample, kinds: &[&str]| judged(s).2.iter().any(|f| kinds.contains(&f.kind.as_str()));
    let blur = |s: &Sample| has(s, &["quality.blur", "quality.motion"]);
    println!("held out:");
    for what in ["sharp", "sharp noisy", "sharp dim", "sharp coarse"] {
        share(&format!("{what}: retake"), &|s| s.what == what, &|s| judged(s).0 == Verdict::Retake);
        share(&format!("{what}: not usable"), &|s| s.what == what, &|s| judged(s).0 != Verdict::Usable);
    }
    share("all sharp: called blurred", &|s| is_blurred(s) == Some(false), &blur);
    share("all sharp: retake", &|s| is_blurred(s) == Some(false), &|s| judged(s).0 == Verdict::Retake);
    for what in ["focus little", "focus", "motion little", "motion"] {
        share(&format!("{what}: called blurred"), &|s| s.what == what, &blur);
        share(&format!("{what}: retake"), &|s| s.what == what, &|s| judged(s).0 == Verdict::Retake);
    }
    share("focus, found: called focus", &|s| s.what == "focus" && blur(s), &|s| has(s, &["quality.blur"]));
    share("motion, found: called motion", &|s| s.what == "motion" && blur(s), &|s| {
        has(s, &["quality.motion"])
    });
    for (what, reason, kind) in [
        ("dark", Reason::TooDark, "quality.dark"),
        ("over", Reason::OverExposed, "quality.overexposed"),
        ("glare", Reason::Glare, "quality.glare"),
        ("veil", Reason::LowContrast, "quality.contrast"),
        ("screen", Reason::PhotoOfScreen, "quality.screen"),
        ("sheet cut", Reason::CutOff, "quality.cut_off"),
        ("sheet tilted", Reason::Tilted, "quality.tilted"),
    ] {
        share(&format!("{what}: found"), &|s| s.what == what, &|s| has(s, &[kind]));
        share(&format!("{what}: the reason given"), &|s| s.what == what, &|s| judged(s).1 == Some(reason));
        share(
            &format!("sharp, noisy: false {kind}"),
            &|s| s.what.starts_with("sharp") && s.what != "sharp dim" || s.what == "sheet whole",
            &|s| has(s, &[kind]),
        );
    }
    share("whole sheet: not usable", &|s| s.what == "sheet whole", &|s| judged(s).0 != Verdict::Usable);
    let half = |truth: bool| {
        let of: Vec<bool> =
            held_out.iter().filter(|s| is_blurred(s) == Some(truth)).map(|s| blur(s)).collect();
        of.iter().filter(|b| **b == truth).count() as f32 / of.len().max(1) as f32
    };
    println!("balanced accuracy of blur: {:.3}", f32::midpoint(half(true), half(false)));
}
