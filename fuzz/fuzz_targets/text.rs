#![no_main]

use analyzers::local::{
    TextLine, meaning,
    personal::{self, MaskPolicy},
};
use libfuzzer_sys::fuzz_target;

// Hiding keeps every character in its place, and changes none but those that it hides.
fuzz_target!(|text: &str| {
    let line = |text: &str| TextLine { text: text.to_owned(), confidence: 1.0, quad: [[0.0; 2]; 4], block: 0 };
    let lines: Vec<TextLine> = text.lines().map(line).collect();
    let shown = personal::masked(&lines, None, &MaskPolicy::strict());
    drop(meaning::find(&shown, None));
    for (line, shown) in lines.iter().zip(&shown) {
        let is_same = |(was, is): (char, char)| was == is || is == '•' && was.is_alphanumeric();
        assert!(line.text.chars().zip(shown.text.chars()).all(is_same), "{} became {}", line.text, shown.text);
    }
});
