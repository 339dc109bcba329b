#![no_main]

use flows::{check::check, format::Language, graph};
use libfuzzer_sys::fuzz_target;

// What the checker passes can be drawn.
fuzz_target!(|source: &str| {
    if let Ok(flow) = check(source) {
        drop(graph::mermaid(&flow, Language::default()));
        drop(graph::svg::svg(&flow, Language::default()));
    }
});
