#![no_main]

use channels::whatsapp::parse::parse;
use libfuzzer_sys::fuzz_target;
use model::event::Event;

// What is understood of a body can be stored and read again.
fuzz_target!(|body: &[u8]| {
    for event in parse(body).unwrap_or_default() {
        let stored = serde_json::to_string(&event).expect("an event can be stored");
        let read: Event = serde_json::from_str(&stored).expect("a stored event can be read");
        assert_eq!(read, event);
    }
});
