//! How many personal numbers are hidden, and how much that is none: a set made by a seed, in the layouts and with
//! the slips of a reader. `SPORTELLO_PERSONAL_SET=file` writes the set as JSON lines, to try another tool on it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    reason = "a test that cannot go on ends"
)]

#[path = "local/page.rs"]
mod layout;
#[path = "local/people.rs"]
mod people;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use analyzers::local::personal::{self, MaskPolicy};
use layout::page;
use people::{Sample, Seeded, negatives, positives};
use serde_json::json;

const SEED: u64 = 20_261_122;

#[test]
fn personal_numbers_are_hidden() {
    let samples = positives(&mut Seeded::new(SEED), 300);
    let mut scores: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missed = String::new();
    for sample in &samples {
        let hidden = is_hidden(sample);
        let score = scores.entry(sample.kind).or_default();
        score.0 += usize::from(hidden);
        score.1 += 1;
        if !hidden && missed.len() < 4_000 {
            writeln!(missed, "{} {:?}", sample.kind, sample.text).unwrap();
        }
    }
    let (hidden, all) = scores.values().fold((0, 0), |sum, score| (sum.0 + score.0, sum.1 + score.1));
    println!("hidden {hidden} of {all}: {scores:?}\n{missed}");
    for (kind, (hidden, all)) in &scores {
        assert!(hidden * 100 >= all * 98, "{kind}: {hidden} of {all}\n{missed}");
    }
    assert!(hidden * 100 >= all * 99, "{hidden} of {all}\n{missed}");
    write_set(&samples);
}

#[test]
fn what_is_no_personal_number_stays() {
    let lines = negatives(&mut Seeded::new(SEED + 1), 6_000);
    let policy = MaskPolicy::default();
    let mut alarms: BTreeMap<String, usize> = BTreeMap::new();
    let mut said = String::new();
    // A screen of twenty lines at a time, as one is met.
    for screen in lines.chunks(20) {
        let text = screen.join("\n");
        let found = personal::find(&page(&text), None);
        for finding in
            found.iter().filter(|finding| policy.kinds.contains(&finding.kind) && finding.confidence >= 0.5)
        {
            *alarms.entry(finding.kind.clone()).or_default() += 1;
            if said.len() < 3_000 {
                writeln!(said, "{} {} {}", finding.kind, finding.value, finding.why).unwrap();
            }
        }
    }
    let all: usize = alarms.values().sum();
    println!("{all} false alarms in {} lines: {alarms:?}\n{said}", lines.len());
    assert!(all * 1_000 <= 5 * lines.len(), "{all} in {} lines: {alarms:?}\n{said}", lines.len());
}

/// No piece of what is to be hidden is left in the text, and the finding itself does not carry it.
fn is_hidden(sample: &Sample) -> bool {
    let lines = page(&sample.text);
    let policy = MaskPolicy::strict();
    let masked = personal::masked(&lines, None, &policy);
    let left: String = masked.iter().map(|line| format!("{}\n", line.text)).collect();
    let findings = personal::find(&lines, None);
    let told = findings.iter().any(|finding| {
        let said = format!("{}{}", finding.value, finding.why);
        sample.secrets.iter().any(|secret| secret.len() > 4 && said.contains(secret.as_str()))
    });
    assert!(!told, "a finding tells what it hides: {:?}", sample.text);
    let found = findings.iter().any(|finding| finding.kind == sample.kind && finding.region.is_some());
    found && !sample.secrets.iter().any(|secret| left.contains(secret.as_str()))
}

fn write_set(samples: &[Sample]) {
    let Some(path) = std::env::var_os("SPORTELLO_PERSONAL_SET") else { return };
    let mut text = String::new();
    for sample in samples {
        writeln!(text, "{}", json!({ "kind": sample.kind, "text": sample.text, "secrets": sample.secrets }))
            .unwrap();
    }
    for screen in negatives(&mut Seeded::new(SEED + 1), 6_000).chunks(20) {
        writeln!(text, "{}", json!({ "kind": "none", "text": screen.join("\n"), "secrets": [] })).unwrap();
    }
    std::fs::write(path, text).unwrap();
}
