#![no_main]

use libfuzzer_sys::fuzz_target;
use media::metadata::{ChannelKind, Context, findings, read};

// Whatever a file says of itself, there is something to tell a person, and it is short.
fuzz_target!(|bytes: &[u8]| {
    let context = Context { channel_kind: ChannelKind::Upload, is_forwarded: true, is_frequently_forwarded: true };
    let found = findings(&read(bytes, media::sniff(bytes)), &context);
    assert!(!found.is_empty() && found.iter().all(|f| f.why.len() < 4_096));
});
