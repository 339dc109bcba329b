//! Text as a reader would hand it over: a line a line, a tab between the boxes of one row.

use analyzers::local::TextLine;

const HEIGHT: f32 = 30.0;
const ADVANCE: f32 = 15.0;

pub fn page(text: &str) -> Vec<TextLine> {
    let mut lines = Vec::new();
    for (row, line) in (0_u16..).zip(text.split('\n')) {
        let mut left = 20.0;
        for part in line.split('\t') {
            let width = ADVANCE * f32::from(u16::try_from(part.chars().count()).unwrap().max(1));
            let top = 20.0 + f32::from(row) * HEIGHT * 1.6;
            let quad = [[left, top], [left + width, top], [left + width, top + HEIGHT], [left, top + HEIGHT]];
            left += width + 5.0 * ADVANCE;
            if !part.trim().is_empty() {
                lines.push(TextLine { text: part.to_owned(), confidence: 0.98, quad, block: u32::from(row) });
            }
        }
    }
    lines
}
