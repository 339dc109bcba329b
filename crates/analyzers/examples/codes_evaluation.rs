//! `codes_evaluation [tune|held_out|all] [--misses]`: codes read of the evaluation set, and processor time a picture.
//!
//! The time is that of reading codes alone, without decoding the file, so that a change to the readers shows itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, clippy::expect_used)]

use std::{collections::BTreeMap, fs, path::Path};

use analyzers::local::codes;
use media::{Limits, rendition};
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let set = arguments.first().map_or("all", String::as_str);
    let tells_misses = arguments.iter().any(|argument| argument == "--misses");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/evaluation");
    let manifest = fs::read_to_string(folder.join("manifest.jsonl")).expect("the manifest");
    let mut read: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let (mut with, mut without, mut invented) = (Vec::new(), Vec::new(), 0);
    for line in manifest.lines() {
        let truth: Value = serde_json::from_str(line).expect("a picture's truth");
        if set != "all" && truth["set"] != set {
            continue;
        }
        let name = truth["file"].as_str().unwrap();
        let bytes = fs::read(folder.join(name)).expect("the picture");
        let pixels =
            rendition::pixels(&bytes, rendition::PIXELS_SIDE_PX_MAX, &Limits::default()).expect("it decodes");
        let before = processor_ms();
        let findings = codes::find(&pixels);
        let took = processor_ms() - before;
        let codes = truth["codes"].as_array().unwrap();
        if codes.is_empty() { &mut without } else { &mut with }.push(took);
        let is_same = |found: &model::finding::Finding, code: &Value| {
            let text = found.value.as_str().unwrap_or_default().replace('\u{1d}', "");
            code["payload"].as_str().unwrap().trim() == text.trim()
        };
        for code in codes {
            let kind = format!("code.{}", code["kind"].as_str().unwrap());
            let is_read = findings.iter().any(|found| found.kind == kind && is_same(found, code));
            for key in [kind.as_str(), "all"] {
                let cell = read.entry(key.to_owned()).or_default();
                *cell = (cell.0 + u32::from(is_read), cell.1 + 1);
            }
            if tells_misses && !is_read {
                println!("missed {kind} {name} {} {:.0} ms", code["damage"], took);
            }
        }
        for found in findings.iter().filter(|found| !codes.iter().any(|code| is_same(found, code))) {
            println!("invented {} {} on {name}", found.kind, found.value);
            invented += 1;
        }
    }
    for (kind, (good, all)) in read {
        println!("{kind:18} {good:>4} of {all:>4}  {:.1} %", 100.0 * f64::from(good) / f64::from(all));
    }
    println!("invented {invented}");
    let both: Vec<f64> = with.iter().chain(&without).copied().collect();
    for (name, mut ms) in [("with codes", with), ("without", without), ("all", both)] {
        ms.sort_by(f64::total_cmp);
        let at = |share: usize| ms[(ms.len() - 1) * share / 100];
        println!(
            "{name:10} {:>4} pictures, processor ms: mean {:.1} median {:.1} p95 {:.1} max {:.1}",
            ms.len(),
            ms.iter().sum::<f64>() / ms.len() as f64,
            at(50),
            at(95),
            at(100)
        );
    }
}

/// Of this thread, as the scheduler counted it.
fn processor_ms() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e6
}
