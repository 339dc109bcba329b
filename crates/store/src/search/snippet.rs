//! A piece of a text around what was found in it.

use super::cut::Span;

const CHARS_MAX: usize = 160;
/// What stands before the first word that was found.
const BEFORE: usize = 40;

/// The piece in one line, and where in it the words stand, in characters, in order and apart from one another.
pub fn of<'a>(text: &str, found: impl Iterator<Item = &'a Span>) -> (String, Vec<(usize, usize)>) {
    let mut places: Vec<(usize, usize)> = found.map(|span| (span.start, span.end)).collect();
    places.sort_unstable();
    let chars: Vec<char> = text.chars().collect();
    let first = places.first().map_or(0, |(start, _)| *start);
    let start =
        if chars.len() <= CHARS_MAX { 0 } else { word_start(&chars, first.saturating_sub(BEFORE), first) };
    let end = chars.len().min(start + CHARS_MAX);
    let lead = if start > 0 { "…" } else { "" };
    let tail = if end < chars.len() { "…" } else { "" };
    let piece = chars.get(start..end).unwrap_or_default();
    let line: String =
        piece.iter().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { *c }).collect();
    let shift = lead.chars().count();
    let mut matches: Vec<(usize, usize)> = Vec::new();
    for (from, to) in places {
        if from < start || to > end {
            continue;
        }
        let (from, to) = (from - start + shift, to - start + shift);
        match matches.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => matches.push((from, to)),
        }
    }
    (format!("{lead}{line}{tail}"), matches)
}

/// Behind the next space from here on, so that no word is cut; here when there is none before `until`.
fn word_start(chars: &[char], from: usize, until: usize) -> usize {
    if from == 0 {
        return 0;
    }
    (from..until).find(|at| chars.get(*at).is_some_and(|c| c.is_whitespace())).map_or(from, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::cut;

    fn shown(text: &str, word: &str) -> String {
        let spans = cut::spans(text);
        let (line, matches) = of(text, spans.iter().filter(|span| span.word == word));
        let mut out = String::new();
        for (at, c) in line.chars().enumerate() {
            out.push_str(if matches.iter().any(|m| m.0 == at) { "[" } else { "" });
            out.push(c);
            out.push_str(if matches.iter().any(|m| m.1 == at + 1) { "]" } else { "" });
        }
        out
    }

    #[test]
    fn shows_what_stands_around() {
        assert_eq!(shown("Perché l’E18\nè <b>rosso</b>?", "rosso"), "Perché l’E18 è <b>[rosso]</b>?");
        assert_eq!(shown("no", "yes"), "no");
        let long = format!("{} qui {}", "prima ".repeat(40), "dopo ".repeat(60));
        let piece = shown(&long, "qui");
        assert!(
            piece.starts_with("…prima") && piece.contains("[qui] dopo") && piece.ends_with('…'),
            "{piece}"
        );
        assert!(piece.chars().count() <= CHARS_MAX + 4, "{piece}");
    }
}
