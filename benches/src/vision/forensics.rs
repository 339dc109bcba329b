//! Hits and false alarms of the search for traces of editing, on photographs that are changed here with a seed.
//!
//! The set's own photographs are few and small; `--photographs FOLDER` adds the ones that
//! `crates/media/examples/calibrate/sources.txt` names. Every second of those is for tuning.

mod versions;

use super::answer::Answer;
use super::bootstrap::{Share, share_interval};
use super::manifest::{Picture, Set};
use super::report::{Table, percent};
use super::sportello;
use anyhow::Result;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use versions::Version;

const SOURCES: &str = include_str!("../../../crates/media/examples/calibrate/sources.txt");
const DOUBLE: &str = "forensics.double_compression";
const COPY: &str = "forensics.copy_move";

/// What is made, and in the words of the table.
const ROWS: [(&str, &str); 9] = [
    ("original", "untouched original"),
    ("print", "photographed label, paper or screen, untouched"),
    ("finer", "saved again at a higher quality"),
    ("coarser", "saved again at a lower quality"),
    ("cropped", "cropped off the grid and saved again"),
    ("spliced", "part of another photograph put in, saved again"),
    ("copied", "a place copied over another, saved again"),
    ("copied-once", "a place copied over another before the only compression"),
    ("messenger", "copied, then passed on by a messenger"),
];

/// The table, and the pictures to look at when asked for.
pub fn section(
    pictures: &[Picture],
    fixtures: &Path,
    photographs: Option<&Path>,
    cache: &Path,
    set: Set,
    names_misses: bool,
) -> String {
    let made = match made(pictures, fixtures, photographs, cache, set) {
        Ok(made) => made,
        Err(error) => return format!("The versions could not be made: {error:#}."),
    };
    let files: Vec<PathBuf> = made.iter().map(|version| version.file.clone()).collect();
    let options = ["--only".into(), "forensics,provenance".into()];
    let run = sportello::binary().and_then(|binary| sportello::run(&binary, &files, &options));
    match run {
        Ok(run) => told(&made, &run.answers, names_misses),
        Err(error) => format!("Sportello did not answer: {error:#}."),
    }
}

fn made(
    pictures: &[Picture],
    fixtures: &Path,
    photographs: Option<&Path>,
    cache: &Path,
    set: Set,
) -> Result<Vec<Version>> {
    let folder = cache.join("forensics");
    std::fs::create_dir_all(&folder)?;
    let is_photograph =
        |picture: &&Picture| picture.name().starts_with("photo-") && picture.quality == "sharp";
    let mut sources: Vec<PathBuf> =
        pictures.iter().filter(is_photograph).map(|picture| fixtures.join(&picture.file)).collect();
    let named = SOURCES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    for (index, line) in named.take(versions::PHOTOGRAPHS).enumerate() {
        let is_wanted = match set {
            Set::All => true,
            Set::Tune => index % 2 == 0,
            Set::HeldOut => index % 2 == 1,
        };
        let paths =
            photographs.into_iter().flat_map(|dir| [dir.join(line), dir.join("usr/share").join(line)]);
        sources.extend(paths.filter(|path| is_wanted && path.exists()));
    }
    eprintln!("==> versions of {} photographs", sources.len());
    let mut made = versions::of_photographs(&sources, &folder)?;
    let prints = pictures.iter().filter(|picture| !picture.name().starts_with("photo-"));
    made.extend(versions::of_prints(&prints.map(|p| fixtures.join(&p.file)).collect::<Vec<_>>(), &folder)?);
    Ok(made)
}

fn told(made: &[Version], answers: &HashMap<String, Answer>, names_misses: bool) -> String {
    let mut table = Table::new(
        "What is said of pictures of which it is known how they were made, %.",
        &[
            "picture",
            "count",
            "“compressed twice”",
            "“copied place”, at the place",
            "“copied place”, elsewhere",
        ],
    );
    let mut misses = Vec::new();
    for (kind, words) in ROWS {
        let of: Vec<(&Version, &Answer)> = made
            .iter()
            .filter(|version| version.kind == kind)
            .filter_map(|version| Some((version, answers.get(&version.name())?)))
            .collect();
        let share = |hit: &dyn Fn(&Version, &Answer) -> bool| {
            let shares: Vec<Share> = of
                .iter()
                .map(|(version, answer)| Share {
                    part: if hit(version, answer) { 1.0 } else { 0.0 },
                    whole: 1.0,
                })
                .collect();
            percent(share_interval(&shares))
        };
        let is_copied = |version: &Version| !version.places.is_empty();
        let at = |version: &Version, answer: &Answer| copies(version, answer).0;
        table.row(&[
            words.to_owned(),
            of.len().to_string(),
            share(&|_, answer| has(answer, DOUBLE)),
            if of.iter().any(|(v, _)| is_copied(v)) { share(&at) } else { "–".to_owned() },
            share(&|version, answer| copies(version, answer).1),
        ]);
        misses.extend(
            of.iter().filter(|(v, a)| is_wrong(v, a)).map(|(v, _)| format!("- {kind}: {}", v.name())),
        );
    }
    let unread =
        made.iter().filter(|v| answers.get(&v.name()).is_none_or(|a| a.failed.contains_key("forensics")));
    let mut ms: Vec<f64> = answers.values().filter_map(|a| a.ms.get("forensics").copied()).collect();
    ms.sort_by(f64::total_cmp);
    let median = ms.get(ms.len() / 2).copied().unwrap_or_default();
    let mut text = table.text();
    text.push_str(&format!(
        "\n\nNot answered or failed: {}. Median time of the look: {median:.0} ms, at most {:.0} ms.",
        unread.count(),
        ms.last().copied().unwrap_or_default()
    ));
    if names_misses {
        text.push_str(&format!("\n\nTo look at:\n{}", misses.join("\n")));
    }
    text
}

fn has(answer: &Answer, kind: &str) -> bool {
    answer.findings.iter().any(|finding| finding.kind == kind)
}

/// Whether a copy was found where one is, and whether one was found where none is.
fn copies(version: &Version, answer: &Answer) -> (bool, bool) {
    let found = answer.findings.iter().filter(|finding| finding.kind == COPY);
    let is_true = |region: &[[f32; 2]]| version.places.iter().any(|place| overlap(region, *place) >= 0.3);
    let (right, wrong): (Vec<_>, Vec<_>) = found.partition(|finding| is_true(&finding.region));
    (!right.is_empty(), !wrong.is_empty())
}

fn is_wrong(version: &Version, answer: &Answer) -> bool {
    let (at, elsewhere) = copies(version, answer);
    let is_double = matches!(version.kind, "finer" | "coarser" | "spliced" | "copied");
    let misses_copy = matches!(version.kind, "copied" | "copied-once") && !at;
    elsewhere || misses_copy || has(answer, DOUBLE) != is_double && version.kind != "cropped"
}

/// Of two upright rectangles, the common area over the area of both; the region is taken with its outer rectangle.
fn overlap(region: &[[f32; 2]], [left, top, right, bottom]: [f32; 4]) -> f32 {
    let (l, t, r, b) =
        region.iter().fold((f32::MAX, f32::MAX, f32::MIN, f32::MIN), |(l, t, r, b), [x, y]| {
            (l.min(*x), t.min(*y), r.max(*x), b.max(*y))
        });
    let area = |w: f32, h: f32| w.max(0.0) * h.max(0.0);
    let common = area(r.min(right) - l.max(left), b.min(bottom) - t.max(top));
    common / (area(r - l, b - t) + area(right - left, bottom - top) - common).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn places_are_held_against_the_truth() {
        let square = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        assert_eq!(overlap(&square, [0.0, 0.0, 10.0, 10.0]), 1.0);
        assert_eq!(overlap(&square, [20.0, 0.0, 30.0, 10.0]), 0.0);
        assert!((overlap(&square, [5.0, 0.0, 15.0, 10.0]) - 1.0 / 3.0).abs() < 1e-6);
    }
}
