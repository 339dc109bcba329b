#![no_main]

use libfuzzer_sys::fuzz_target;
use media::documents::{Bounds, read};

// Text and pictures; one preview, because drawing is slow.
fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { previews_max: 1, time_ms_max: 2_000, ..Bounds::default() };
    let document = read(bytes, media::sniff(bytes), &bounds);
    assert!(document.text.len() <= bounds.text_bytes_max && document.images.len() <= bounds.images_max);
});
