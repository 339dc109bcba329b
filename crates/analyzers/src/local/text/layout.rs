//! In what order people read the lines, and which of them belong together.

use super::turn::Read;
use crate::local::TextLine;

pub fn in_order(read: Vec<Read>) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = read
        .into_iter()
        .map(|line| TextLine { text: line.reading.text, confidence: line.reading.confidence, quad: line.quad, block: 0 })
        .collect();
    lines.sort_by(|a, b| a.quad[0][1].total_cmp(&b.quad[0][1]));
    lines
}
