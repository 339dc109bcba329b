//! The words of a way and how much room they need.

use super::{LABEL_LINE_PX, LABEL_TEXT_PX, Label, real, ways::Joined};
use crate::graph::text;

const WIDTH_PX_MAX: f64 = 160.0;
const LINES_MAX: usize = 3;
/// On both sides of the words together.
const PAD_PX: f64 = 16.0;
const BETWEEN: &str = " · ";

/// The label of a way, still without its place; nothing when there is nothing to say.
pub(super) fn label(way: &Joined<'_>) -> Option<Label> {
    let lines = text::wrap(&way.when(), WIDTH_PX_MAX - PAD_PX, LABEL_TEXT_PX, LINES_MAX);
    let count = count(way.went);
    if lines.is_empty() && count.is_empty() {
        return None;
    }
    let last = lines.len().saturating_sub(1);
    let widths = lines.iter().enumerate().map(|(at, line)| match at {
        _ if at < last || count.is_empty() => text::width(line, LABEL_TEXT_PX),
        _ => text::width(&format!("{line}{BETWEEN}{count}"), LABEL_TEXT_PX),
    });
    let alone = if lines.is_empty() { text::width(&count, LABEL_TEXT_PX) } else { 0.0 };
    let width = widths.fold(alone, f64::max) + PAD_PX;
    let height = real(lines.len().max(1)) * LABEL_LINE_PX + 4.0;
    Some(Label { lines, x: 0.0, y: 0.0, width: width.ceil(), height })
}

/// As long as the number is written, with a sign after every third digit; which sign it is, the reader's language says.
fn count(went: i64) -> String {
    if went <= 0 {
        return String::new();
    }
    let digits = went.to_string();
    let signs = digits.len().saturating_sub(1).checked_div(3).unwrap_or(0);
    format!("{digits}{}", ",".repeat(signs))
}
