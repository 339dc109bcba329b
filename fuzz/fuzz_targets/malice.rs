#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let found = media::malice::findings(bytes, media::sniff(bytes));
    assert!(found.iter().all(|f| f.kind.starts_with("file.") && f.why.len() < 4_096));
});
