//! Flow files with one mistake each, and what the checker says of it: line, column, what to write instead.
//!
//! The table is `bad_flows.txt`; `FLOWS_UPDATE=1` writes what is said anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where something is wrong")]

use std::{fs, path::Path};

use flows::{check::check, format};

const GOOD: &str = include_str!("good.yaml");

/// One mistake: the lines to replace (none: the whole file), and by what.
struct Mistake {
    name: String,
    find: Vec<String>,
    put: Vec<String>,
    says: Vec<String>,
}

fn read(table: &str) -> (Vec<String>, Vec<Mistake>) {
    let (mut head, mut all): (Vec<String>, Vec<Mistake>) = (Vec::new(), Vec::new());
    for line in table.lines() {
        let rest = line.get(2..).unwrap_or_default().to_owned();
        match (line.chars().next(), all.last_mut()) {
            (Some('#'), _) if line.starts_with("## ") => {
                all.push(Mistake {
                    name: line.trim_start_matches("## ").to_owned(),
                    find: vec![],
                    put: vec![],
                    says: vec![],
                });
            }
            (Some('#'), None) => head.push(line.to_owned()),
            (Some('-'), Some(m)) => m.find.push(rest),
            (Some('+'), Some(m)) => m.put.push(rest),
            (Some('!'), Some(m)) => m.says.push(rest),
            (None, _) => {}
            _ => unreachable!("what is this line? {line}"),
        }
    }
    (head, all)
}

fn spoil(mistake: &Mistake) -> String {
    let (find, put) = (mistake.find.join("\n"), mistake.put.join("\n"));
    if find.is_empty() {
        return put;
    }
    assert!(GOOD.contains(&find), "{}: good.yaml has no such lines", mistake.name);
    GOOD.replacen(&find, &put, 1)
}

fn write(head: &[String], all: &[Mistake]) -> String {
    let mut table = head.join("\n") + "\n";
    for m in all {
        table += &format!("\n## {}\n", m.name);
        for (mark, lines) in [('-', &m.find), ('+', &m.put), ('!', &m.says)] {
            for line in lines {
                table += format!("{mark} {line}").trim_end();
                table.push('\n');
            }
        }
    }
    table
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_flows.txt");
    let (head, mut all) = read(&fs::read_to_string(&path).unwrap());
    assert!(all.len() >= 50, "{}", all.len());
    let update = std::env::var_os("FLOWS_UPDATE").is_some();
    let mut wrong = Vec::new();
    for mistake in &mut all {
        let problems = check(&spoil(mistake)).err().unwrap_or_default();
        let says: Vec<String> = problems.iter().map(ToString::to_string).collect();
        if update {
            mistake.says = says;
        } else if says != mistake.says {
            wrong.push(format!("{}\n  said   {says:#?}\n  expect {:#?}", mistake.name, mistake.says));
        }
        assert!(!mistake.says.is_empty(), "{}: the checker finds nothing wrong", mistake.name);
    }
    if update {
        fs::write(&path, write(&head, &all)).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_good_flow_is_good_and_survives_being_written_as_json() {
    let flow = check(GOOD).unwrap();
    let json = serde_json::to_string(&flow).unwrap();
    assert_eq!(format::parse(&json).unwrap(), flow, "JSON is YAML");
}

/// Every flow of the library is what the schema says: its properties are those of the types.
#[test]
fn the_schema_names_every_kind_of_step_and_answer() {
    let schema = format::schema().to_string();
    for word in [
        "hand_over",
        "look_up",
        "did_not_help",
        "must_be",
        "first_message",
        "remind_after",
        "\"hi\"",
        "capture",
        "by_link",
        "same_as",
    ] {
        assert!(schema.contains(word), "{word}");
    }
    let wanted = &format::schema()["$defs"]["Wanted"]["oneOf"];
    let plain = wanted.as_array().unwrap().last().unwrap();
    assert_eq!(
        *plain,
        serde_json::json!({ "type": "string", "enum": ["text", "number", "date", "location", "photo", "video", "voice", "document"] })
    );
}
