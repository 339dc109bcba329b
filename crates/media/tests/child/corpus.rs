//! Every file of the repository's fixtures, cut short and with flipped bits; and any folder of files that somebody has.
//!
//! `SPORTELLO_CORPUS_DIR=FOLDER cargo test -p media --test child corpus` runs a folder and says what became of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use media::{DecodeError, Family, Limits, documents::is_readable, sniff};

use super::{Test, child};

pub const TESTS: &[Test] = &[
    ("corpus::every_fixture_survives_being_damaged", every_fixture_survives_being_damaged),
    ("corpus::every_file_ends_in_a_state_with_a_reason", every_file_ends_in_a_state_with_a_reason),
];

const WALL_MS: u64 = 10_000;
/// The kernel's own time to end a child, and a busy machine's.
const GRACE: Duration = Duration::from_secs(5);

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            // A link could lead in a circle.
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// What became of the bytes: `shown`, the reason why not, or what they are when they are no picture.
fn state(bytes: &[u8]) -> String {
    let began = Instant::now();
    let decoder = child("media-worker", Limits { wall_ms: WALL_MS, cpu_s: 8, ..Limits::default() });
    let inspected = decoder.inspect(bytes);
    let sniffed = sniff(bytes);
    let read = is_readable(sniffed).then(|| decoder.document(bytes));
    let most = Duration::from_millis(WALL_MS) * 2 + GRACE;
    assert!(began.elapsed() < most, "a child outlived its limits: {:?}", began.elapsed());
    let told = |error: DecodeError| {
        assert!(error.is_final() && error.sentence().len() > 20, "{error}");
        "ended by a limit".to_owned()
    };
    let report = match inspected {
        Ok(report) => report,
        Err(error) => return told(error),
    };
    if let Some(Err(error)) = read {
        return told(error);
    }
    match report.why_none {
        Some(why) => {
            assert!(why.sentence().len() > 20, "{}", why.as_str());
            why.as_str().to_owned()
        }
        None if report.renditions.len() == 2 => "shown".to_owned(),
        None => {
            assert_ne!(report.sniffed.family, Family::Image, "a picture without renditions has no reason");
            report.sniffed.mime_type.to_owned()
        }
    }
}

fn every_fixture_survives_being_damaged() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders =
        ["fixtures/evaluation/pictures", "crates/server/tests/fixtures", "crates/analyzers/tests/fixtures"];
    let all: Vec<PathBuf> = folders.iter().flat_map(|folder| files(&root.join(folder))).collect();
    assert!(all.len() > 250, "{} fixtures", all.len());
    let mut noise = 0x9E37_79B9_u32;
    let mut random = |limit: usize| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        noise as usize % limit.max(1)
    };
    for path in &all {
        let whole = fs::read(path).unwrap();
        let mut cut = whole.clone();
        cut.truncate(random(whole.len()));
        state(&cut);
        let mut flipped = whole;
        // Half of them where formats keep their sizes and tables.
        for flip in 0..8 {
            let span = if flip % 2 == 0 { flipped.len().min(600) } else { flipped.len() };
            let at = random(span);
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1 << random(8);
            }
        }
        state(&flipped);
    }
}

fn every_file_ends_in_a_state_with_a_reason() {
    let Some(folder) = std::env::var_os("SPORTELLO_CORPUS_DIR") else { return };
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for path in files(Path::new(&folder)) {
        let bytes = fs::read(&path).unwrap();
        *states.entry(state(&bytes)).or_default() += 1;
    }
    for (state, count) in states {
        println!("{count:>7}  {state}");
    }
}
