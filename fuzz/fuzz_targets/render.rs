#![no_main]

use libfuzzer_sys::fuzz_target;
use media::{Limits, rendition::render};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { pixels_max: 4_000_000, ..Limits::default() };
    let report = render(bytes, &limits);
    assert!(report.renditions.len() == 2 || report.renditions.is_empty());
});
