//! The rules for meaning, by the tables that stand beside them: `rules/*.cases.toml`.
//!
//! A case is a text (`\n` a line, `\t` a box of the same row) and what must be found in it: everything in `finds`,
//! and nothing else of those kinds; nothing of the kinds in `never`; with neither, nothing at all.

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

use std::collections::BTreeSet;
use std::path::Path;

use analyzers::local::meaning;
use layout::page;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    #[serde(default)]
    finds: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
    locale: Option<String>,
}

#[test]
fn every_table_holds() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut tables = 0;
    let mut failures = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(&rules).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".cases.toml") {
            continue;
        }
        tables += 1;
        let table: Cases = toml::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in table.case {
            cases += 1;
            if let Err(failure) = check(&case) {
                failures.push(format!(
                    "{}: {:?}\n  {failure}",
                    path.file_name().unwrap().to_string_lossy(),
                    case.text
                ));
            }
        }
    }
    assert!(tables >= 8 && cases >= 150, "{tables} tables, {cases} cases");
    assert!(failures.is_empty(), "{} of {cases} cases\n{}", failures.len(), failures.join("\n"));
}

fn check(case: &Case) -> Result<(), String> {
    let lines = page(&case.text);
    let findings = meaning::find(&lines, case.locale.as_deref());
    let found: Vec<String> =
        findings.iter().map(|finding| format!("{} = {}", finding.kind, plain(&finding.value))).collect();
    let kinds: BTreeSet<&str> = case.finds.iter().filter_map(|find| find.split(" = ").next()).collect();
    for find in &case.finds {
        if !found.contains(find) {
            return Err(format!("misses {find}; found {found:?}"));
        }
    }
    for (finding, text) in findings.iter().zip(&found) {
        let unwanted = case.never.contains(&finding.kind)
            || (kinds.contains(finding.kind.as_str()) && !case.finds.contains(text))
            || (case.finds.is_empty() && case.never.is_empty());
        if unwanted {
            return Err(format!("should not find {text} ({})", finding.why));
        }
        if finding.region.is_none() || finding.why.is_empty() || !(0.0..=1.0).contains(&finding.confidence) {
            return Err(format!("{text} has no region, no reason or a strange confidence"));
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => match (object.get("amount"), object.get("currency")) {
            (Some(amount), Some(currency)) => {
                format!("{} {}", amount.as_str().unwrap(), currency.as_str().unwrap())
            }
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}
