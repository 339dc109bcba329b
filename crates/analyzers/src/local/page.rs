//! Recognised lines made ready for rules: bounded, folded to plain characters, with their neighbours and places.
//!
//! Folding is one character for one character, so that a match in the folded text has a place in the line's
//! quad. Reading order is the reader's; rows and columns are found again from the quads, because a form's label
//! and its value are often two boxes.

use std::collections::HashMap;
use std::ops::Range;

use model::finding::Region;

use super::TextLine;

/// A dense screenshot has some 300 lines; beyond this the rest is not looked at.
const LINES_MAX: usize = 2_000;
/// A document's paragraph and a code's content may be one line: rules look at it in pieces of so many characters.
const PIECE_CHARS_MAX: usize = 600;
/// A piece ends between words where one ends among its last characters.
const LAST_CHARS: usize = 100;

pub(crate) struct Page {
    pub(crate) lines: Vec<Line>,
}

/// A line, or a piece of one that is too long to be looked at in one go.
pub(crate) struct Line {
    /// Spaces, dashes, digits and quotes of all scripts as their ASCII relatives.
    pub(crate) text: String,
    /// Which of the recognised lines it is of, and the characters before it there.
    pub(crate) source: usize,
    pub(crate) offset: usize,
    /// Where each character begins in `text`, and its end.
    starts: Vec<usize>,
    quad: [[f32; 2]; 4],
    pub(crate) confidence: f32,
    block: u32,
}

/// Characters `chars` of one line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Span {
    pub(crate) line: usize,
    pub(crate) chars: Range<usize>,
}

/// Which characters are spoken for: each is found once.
#[derive(Default)]
pub(crate) struct Taken(HashMap<usize, Vec<Range<usize>>>);

impl Taken {
    /// Takes the spans, unless a character of theirs is taken.
    pub(crate) fn take(&mut self, spans: &[Span]) -> bool {
        let is_taken = |span: &Span| {
            let taken = self.0.get(&span.line).into_iter().flatten();
            taken.into_iter().any(|chars| chars.start < span.chars.end && span.chars.start < chars.end)
        };
        let is_free = !spans.iter().any(is_taken);
        for span in spans.iter().filter(|_| is_free) {
            self.0.entry(span.line).or_default().push(span.chars.clone());
        }
        is_free
    }
}

impl Page {
    pub(crate) fn new(lines: &[TextLine]) -> Page {
        let pieces = lines.iter().enumerate().flat_map(|(source, line)| Line::pieces(source, line));
        Page { lines: pieces.take(LINES_MAX).collect() }
    }

    /// The quad of the line, cut to the span; `padding` widens it by so many characters on either side.
    /// `None` when the line has no place, as a text file's has not.
    pub(crate) fn region(&self, span: &Span, padding: f32) -> Option<Region> {
        let line = self.lines.get(span.line)?;
        let quad = line.placed()?;
        let total = line.width(0..line.len()).max(0.1);
        let from = (line.width(0..span.chars.start) - padding) / total;
        let to = (line.width(0..span.chars.end) + padding) / total;
        Some(Region { page: None, points: share(quad, from.max(0.0), to.min(1.0)).into() })
    }

    /// From the beginning of the first span's line to the end of the last one's: a block of lines as one polygon.
    pub(crate) fn block_region(&self, spans: &[Span]) -> Option<Region> {
        let first = self.region(spans.first()?, 0.0)?;
        let last = self.region(spans.last()?, 0.0)?;
        let ([top_left, top_right, ..], [.., bottom_right, bottom_left]) =
            (first.points.as_slice(), last.points.as_slice())
        else {
            return None;
        };
        Some(Region { page: None, points: vec![*top_left, *top_right, *bottom_right, *bottom_left] })
    }

    /// The text of a span; empty if it lies outside.
    pub(crate) fn text(&self, span: &Span) -> &str {
        self.lines.get(span.line).map_or("", |line| line.slice(span.chars.clone()))
    }

    /// The next box in the same row, as a form puts a value beside its label.
    pub(crate) fn right_of(&self, index: usize) -> Option<usize> {
        let Some(frame) = self.frame(index) else { return self.after(index) };
        self.nearest(index, |other| {
            let (left, middle) = frame.place(other)?;
            let distance = left - frame.width;
            (middle.abs() < 0.6 * frame.height && distance > -frame.height).then_some(distance.abs())
        })
    }

    /// The box whose row this one continues.
    pub(crate) fn left_of(&self, index: usize) -> Option<usize> {
        let Some(frame) = self.frame(index) else { return self.before(index) };
        self.nearest(index, |other| {
            let (left, middle) = frame.place(other)?;
            let distance = -(left + other.width);
            (middle.abs() < 0.6 * frame.height && distance > -frame.height).then_some(distance.abs())
        })
    }

    /// The box under this one, as a form puts a value under its label.
    pub(crate) fn below(&self, index: usize) -> Option<usize> {
        let Some(frame) = self.frame(index) else { return self.after(index) };
        self.nearest(index, |other| {
            let (left, middle) = frame.place(other)?;
            let over = left < frame.width.max(2.0 * frame.height) && left + other.width > -frame.height;
            let near = (0.6 * frame.height..3.5 * frame.height.max(other.height)).contains(&middle);
            (over && near).then_some(middle + left.abs() * 0.25)
        })
    }

    pub(crate) fn above(&self, index: usize) -> Option<usize> {
        let Some(frame) = self.frame(index) else { return self.before(index) };
        self.nearest(index, |other| {
            let (left, middle) = frame.place(other)?;
            let over = left < frame.width && left + other.width > -frame.height;
            let near = (0.6 * frame.height..3.5 * frame.height.max(other.height)).contains(&-middle);
            (over && near).then_some(-middle + left.abs() * 0.25)
        })
    }

    fn after(&self, index: usize) -> Option<usize> {
        (index + 1 < self.lines.len()).then_some(index + 1)
    }

    fn before(&self, index: usize) -> Option<usize> {
        index.checked_sub(1)
    }

    fn frame(&self, index: usize) -> Option<Frame> {
        Frame::new(self.lines.get(index)?.placed()?)
    }

    /// The line, of those about it in reading order, that `distance` says is nearest.
    fn nearest(&self, index: usize, distance: impl Fn(&Frame) -> Option<f32>) -> Option<usize> {
        /// Neighbours in a picture are at most a column's lines apart in reading order.
        const REACH: usize = 80;
        let from = index.saturating_sub(REACH);
        (from..(index + REACH).min(self.lines.len()))
            .filter(|&other| other != index)
            .filter_map(|other| Some((other, distance(&self.frame(other)?)?)))
            .min_by(|left, right| left.1.total_cmp(&right.1))
            .map(|(other, _)| other)
    }

    /// Every order of the lines in which a number split over boxes may be read on: the reader's own, the boxes of
    /// each row joined, and the boxes of each column.
    pub(crate) fn chains(&self) -> Vec<Vec<usize>> {
        let reading: Vec<usize> = (0..self.lines.len()).collect();
        let mut chains = vec![reading];
        for next in [Page::right_of, Page::below] {
            let follows: Vec<Option<usize>> = (0..self.lines.len()).map(|index| next(self, index)).collect();
            for start in 0..self.lines.len() {
                let mut chain = vec![start];
                // A number splits over five boxes at most.
                while let Some(&Some(then)) = chain.last().and_then(|&last| follows.get(last)) {
                    if chain.len() >= 5 || chain.contains(&then) {
                        break;
                    }
                    chain.push(then);
                }
                let already =
                    chain.windows(2).all(|pair| matches!(pair, [left, right] if left + 1 == *right));
                if chain.len() > 1 && !already {
                    chains.push(chain);
                }
            }
        }
        chains
    }

    /// Lines that may say what stands on line `index`: its own, the one to the left, the one above, the one before.
    pub(crate) fn context(&self, index: usize) -> Vec<&str> {
        let same_block = |&other: &usize| {
            self.lines.get(other).map(|line| line.block) == self.lines.get(index).map(|line| line.block)
        };
        let mut about: Vec<usize> =
            [Some(index), self.left_of(index), self.above(index), self.before(index).filter(same_block)]
                .into_iter()
                .flatten()
                .collect();
        about.dedup();
        about.into_iter().filter_map(|index| self.lines.get(index)).map(|line| line.text.as_str()).collect()
    }
}

impl Line {
    /// The whole line, unless it is long: then each piece has its share of the place.
    fn pieces(source: usize, line: &TextLine) -> Vec<Line> {
        let confidence = if line.confidence.is_finite() { line.confidence.clamp(0.0, 1.0) } else { 0.0 };
        let chars: Vec<char> = line.text.chars().map(fold).collect();
        let reach = |chars: &[char]| chars.iter().copied().map(width).sum::<f32>();
        let total = reach(&chars).max(0.1);
        let mut pieces = Vec::new();
        let (mut rest, mut from) = (chars.as_slice(), 0.0);
        loop {
            let (piece, after) = rest.split_at(piece_len(rest));
            let to = if after.is_empty() { 1.0 } else { from + reach(piece) / total };
            let text: String = piece.iter().collect();
            pieces.push(Line {
                source,
                offset: chars.len() - rest.len(),
                starts: text.char_indices().map(|(start, _)| start).chain([text.len()]).collect(),
                text,
                quad: share(line.quad, from, to),
                confidence,
                block: line.block,
            });
            (rest, from) = (after, to);
            if rest.is_empty() {
                return pieces;
            }
        }
    }

    /// Characters, not bytes.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(crate) fn slice(&self, chars: Range<usize>) -> &str {
        let start = self.starts.get(chars.start).copied().unwrap_or(self.text.len());
        let end = self.starts.get(chars.end).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or("")
    }

    /// Bytes of `text` as characters.
    pub(crate) fn chars(&self, bytes: Range<usize>) -> Range<usize> {
        let place = |byte: usize| self.starts.partition_point(|&start| start < byte);
        place(bytes.start)..place(bytes.end)
    }

    fn placed(&self) -> Option<[[f32; 2]; 4]> {
        let finite = self.quad.iter().flatten().all(|value| value.is_finite() && value.abs() < 1e6);
        let [first, second, ..] = self.quad;
        (finite && distance(first, second) >= 1.0).then_some(self.quad)
    }

    /// How far the characters reach, in average characters: between a typewriter's even steps and a book face's.
    fn width(&self, chars: Range<usize>) -> f32 {
        self.text.chars().take(chars.end).skip(chars.start).map(width).sum()
    }
}

/// A number is not cut in two where a space can be found.
fn piece_len(chars: &[char]) -> usize {
    let Some(piece) = chars.get(..PIECE_CHARS_MAX).filter(|_| chars.len() > PIECE_CHARS_MAX) else {
        return chars.len();
    };
    let last = piece.iter().rev().take(LAST_CHARS).position(|char| char.is_whitespace());
    piece.len() - last.unwrap_or(0)
}

fn width(char: char) -> f32 {
    match char {
        'i' | 'l' | 'I' | 'j' | '|' | '.' | ',' | ':' | ';' | '\'' | '!' => 0.7,
        ' ' => 0.75,
        'm' | 'w' | 'M' | 'W' | '@' | '•' => 1.25,
        char if char.is_uppercase() => 1.1,
        '\u{2e80}'..='\u{ffdc}' => 2.0,
        _ => 1.0,
    }
}

/// One character for one character: positions must not move.
fn fold(char: char) -> char {
    match char {
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{b4}' | '`' => '\'',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        '\u{966}'..='\u{96f}' => char::from_u32(u32::from(char) - 0x966 + 0x30).unwrap_or(char),
        '\u{660}'..='\u{669}' => char::from_u32(u32::from(char) - 0x660 + 0x30).unwrap_or(char),
        '\u{6f0}'..='\u{6f9}' => char::from_u32(u32::from(char) - 0x6f0 + 0x30).unwrap_or(char),
        '\u{b7}' | '\u{2219}' | '\u{2027}' | '\u{30fb}' => '.',
        '\n' | '\r' => ' ',
        other => other,
    }
}

/// A line's own coordinates: x along the writing, y across it, from the top left of its first character.
struct Frame {
    origin: [f32; 2],
    along: [f32; 2],
    across: [f32; 2],
    width: f32,
    height: f32,
}

impl Frame {
    fn new([top_left, top_right, _, bottom_left]: [[f32; 2]; 4]) -> Option<Frame> {
        let (width, height) = (distance(top_left, top_right), distance(top_left, bottom_left));
        let along = [(top_right[0] - top_left[0]) / width, (top_right[1] - top_left[1]) / width];
        let across = [-along[1], along[0]];
        (width >= 1.0 && height >= 1.0).then_some(Frame { origin: top_left, along, across, width, height })
    }

    /// Where the other line begins along this one, and how far its middle lies under this one's.
    fn place(&self, other: &Frame) -> Option<(f32, f32)> {
        let straight = self.along[0] * other.along[0] + self.along[1] * other.along[1];
        let step = [other.origin[0] - self.origin[0], other.origin[1] - self.origin[1]];
        let left = step[0] * self.along[0] + step[1] * self.along[1];
        let down = step[0] * self.across[0] + step[1] * self.across[1];
        // Of two slanting lines the farther one has climbed by the time it begins: half a height is forgiven above.
        (straight > 0.9).then_some((left, down + (other.height - self.height) / 2.0))
    }
}

fn distance(from: [f32; 2], to: [f32; 2]) -> f32 {
    (to[0] - from[0]).hypot(to[1] - from[1])
}

/// The part of a line's quad between two shares of its length.
fn share(quad: [[f32; 2]; 4], from: f32, to: f32) -> [[f32; 2]; 4] {
    let [top_left, top_right, bottom_right, bottom_left] = quad;
    [
        between(top_left, top_right, from),
        between(top_left, top_right, to),
        between(bottom_left, bottom_right, to),
        between(bottom_left, bottom_right, from),
    ]
}

fn between(from: [f32; 2], to: [f32; 2], share: f32) -> [f32; 2] {
    [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}
