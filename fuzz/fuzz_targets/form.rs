#![no_main]

use channels::whatsapp::forms::{Answers, read};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

// A filled form shows nobody what opens its files.
fuzz_target!(|body: &[u8]| {
    drop(read(body));
    if let Ok(Value::Object(fields)) = serde_json::from_slice(body) {
        let answers = Answers::salvage(&fields);
        let shown = Value::Object(answers.shown).to_string();
        assert!(!shown.contains(r#""encryption_metadata":"#) && !shown.contains(r#""cdn_url":"#), "{shown}");
    }
});
