//! Late, repeated and out-of-turn answers: each a short talk of `patience.txt`, played on `patient.yaml`; what other
//! systems bring: `offered.txt`, on `offered.yaml`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test ends where something is wrong")]

use std::{fs, path::Path};

use flows::{
    format::{Language, parse},
    talk,
};

#[test]
fn a_clerk_is_patient() {
    each_goes_as_it_is_written(include_str!("patient.yaml"), "tests/patience.txt");
}

#[test]
fn what_is_offered_can_be_taken() {
    each_goes_as_it_is_written(include_str!("offered.yaml"), "tests/offered.txt");
}

#[test]
fn a_form_answers_several_questions() {
    each_goes_as_it_is_written(include_str!("filled.yaml"), "tests/filled.txt");
}

fn each_goes_as_it_is_written(flow: &str, talks: &str) {
    let flow = parse(flow).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(talks);
    let written = fs::read_to_string(&path).unwrap();
    let (head, talks) = written.split_once("\n## ").unwrap();
    let mut told = head.trim_end().to_owned() + "\n";
    for each in talks.split("\n## ") {
        let (name, lines) = each.split_once('\n').unwrap();
        let went = talk::replay(&flow, Language::En, lines).unwrap_or_else(|p| panic!("{name}: {p}"));
        // The greeting is the same everywhere and would be most of the file.
        let went: String =
            went.lines().filter(|l| !l.starts_with("< Hi Zoe!")).map(|l| format!("{l}\n")).collect();
        told += &format!("\n## {name}\n{went}");
    }
    if std::env::var_os("FLOWS_UPDATE").is_some() {
        fs::write(&path, told).unwrap();
    } else {
        assert_eq!(told, written);
    }
}
