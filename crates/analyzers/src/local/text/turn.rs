//! Which way up: reads every line the right way round, on a page that may lie on its side or stand on its head.
//!
//! The recogniser is the judge: upside down it is unsure, the right way up it is not. An upright page, the usual one,
//! pays nothing for the question.

use std::time::Instant;

use media::Pixels;
use rayon::prelude::*;

use super::{
    Found, ReadError,
    crop::strip,
    geometry::{Quad, size, turned},
    recognize::{Reading, Recognizer},
    segments,
};

/// Lines that are read both ways to learn how the page lies.
const JURY: usize = 4;
/// A line surer than this stands the right way up.
const SURE: f32 = 0.8;
/// So many unsure lines are tried another way round.
const RETRIES_MAX: usize = 40;
/// Below this a reading is a guess and left out (rapidocr's own value).
const READ_MIN: f32 = 0.5;
/// Below this a line may be a display of seven strokes instead.
const DISPLAY_SURE: f32 = 0.95;
/// So many in a row are the filling of a machine-readable zone that stands on its head.
const HEAD_DOWN: &str = ">>>>>";
/// A line is at least so many times as long as high, unless it is very short.
const LONG: f32 = 1.5;

/// A read line, its outline begun where its text begins.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    pub quad: Quad,
    pub reading: Reading,
}

impl Read {
    /// How sure it is that the line is read the right way up. A machine-readable zone is read well on its head, too:
    /// only its filling tells.
    fn certainty(&self) -> f32 {
        if self.reading.text.contains(HEAD_DOWN) { 0.0 } else { self.reading.confidence }
    }
}

/// Reads the found lines; those that say nothing are left out. Beside them: how many could not surely be read.
pub fn read_upright(
    recognizer: &Recognizer,
    pixels: &Pixels,
    found: &[Found],
    until: Instant,
) -> Result<(Vec<Read>, usize), ReadError> {
    let read = |tasks: &[Quad]| -> Result<Vec<Read>, ReadError> {
        let strips: Vec<_> =
            recognizer.on_threads(|| tasks.par_iter().map(|quad| strip(pixels, quad)).collect());
        let readings = recognizer.read(&strips, until)?;
        let pairs = tasks.iter().zip(readings);
        Ok(pairs.map(|(quad, reading)| Read { quad: *quad, reading }).collect())
    };
    let is_sideways = lies_on_its_side(found);
    let mut page = u8::from(is_sideways);
    if is_sideways && best_turn(&read, found, &[1, 3])? == 3 {
        page = 3;
    }
    let mut lines = read(&outlines(found, page))?;
    if !is_sideways && mean(&lines) < SURE && best_turn(&read, found, &[0, 2])? == 2 {
        page = 2;
        lines = read(&outlines(found, page))?;
    }
    try_other_ways(&read, &mut lines)?;
    read_displays(pixels, &mut lines);
    let unread = lines.iter().filter(|line| line.reading.confidence < SURE).count();
    lines.retain(|line| line.reading.confidence >= READ_MIN && !line.reading.text.trim().is_empty());
    Ok((lines, unread))
}

fn outlines(found: &[Found], page: u8) -> Vec<Quad> {
    found.iter().map(|line| begun(&line.quad, page)).collect()
}

/// The outline as the page's turn says, or turned once more when the line stands upright on the page.
fn begun(quad: &Quad, page: u8) -> Quad {
    let quad = turned(quad, page);
    let (width, height) = size(&quad);
    if height >= width * LONG { turned(&quad, 1) } else { quad }
}

/// Whether most of the long lines run up or down the picture, weighed by their length.
fn lies_on_its_side(found: &[Found]) -> bool {
    let (mut flat, mut steep) = (0.0, 0.0);
    for (width, height) in found.iter().map(|line| size(&line.quad)) {
        if width >= height * LONG {
            flat += width;
        } else if height >= width * LONG {
            steep += height;
        }
    }
    steep > flat
}

/// The turn under which the longest lines are read best.
fn best_turn(
    read: &impl Fn(&[Quad]) -> Result<Vec<Read>, ReadError>,
    found: &[Found],
    turns: &[u8],
) -> Result<u8, ReadError> {
    let mut longest: Vec<&Found> = found.iter().collect();
    let length = |line: &Found| {
        let (width, height) = size(&line.quad);
        width.max(height) / width.min(height).max(1.0)
    };
    longest.sort_by(|a, b| length(b).total_cmp(&length(a)));
    longest.truncate(JURY);
    let mut best = (turns.first().copied().unwrap_or(0), f32::MIN);
    for turn in turns {
        let quads: Vec<Quad> = longest.iter().map(|line| turned(&line.quad, *turn)).collect();
        let score = mean(&read(&quads)?);
        if score > best.1 {
            best = (*turn, score);
        }
    }
    Ok(best.0)
}

/// Lines that the page's turn does not suit: upside down among others, or a single tall letter taken for a line.
fn try_other_ways(
    read: &impl Fn(&[Quad]) -> Result<Vec<Read>, ReadError>,
    lines: &mut [Read],
) -> Result<(), ReadError> {
    let mut unsure: Vec<&mut Read> = lines.iter_mut().filter(|l| l.certainty() < SURE).collect();
    unsure.sort_by(|a, b| size(&b.quad).0.total_cmp(&size(&a.quad).0));
    unsure.truncate(RETRIES_MAX);
    let ways: Vec<Quad> = unsure.iter().map(|line| turned(&line.quad, 2)).collect();
    for (line, other) in unsure.iter_mut().zip(read(&ways)?) {
        if other.certainty() > line.certainty() {
            **line = other;
        }
    }
    Ok(())
}

/// Where the recogniser is in doubt, or saw a sign of a script of pictures: a display made of strokes looks like one.
fn read_displays(pixels: &Pixels, lines: &mut [Read]) {
    let is_doubtful =
        |reading: &Reading| reading.confidence < DISPLAY_SURE || reading.text.chars().all(|c| c > '\u{2e7f}');
    for line in lines.iter_mut().filter(|line| is_doubtful(&line.reading)) {
        if let Some(reading) = segments::read(&strip(pixels, &line.quad)) {
            line.reading = reading;
        }
    }
}

/// Mean certainty, by the length of the text: a stray mark weighs little.
fn mean(lines: &[Read]) -> f32 {
    let (sum, weight) = lines.iter().fold((0.0, 0.0), |(sum, weight), line| {
        let (width, height) = size(&line.quad);
        let letters = width / height.max(1.0);
        (sum + line.certainty() * letters, weight + letters)
    });
    if weight > 0.0 { sum / weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recogniser that reads a zone on its head as surely as upright, and a word only upright.
    fn read(tasks: &[Quad]) -> Result<Vec<Read>, ReadError> {
        let line = |quad: &Quad| {
            let [first, second, ..] = *quad;
            let (text, confidence) = match second[0] - first[0] {
                300.0.. => ("I<UTO<<<<<<<<<<", 0.97),
                ..=-300.0 => (">>>>>>>>>>OLN>I", 0.98),
                0.0.. => ("Authority", 0.96),
                _ => ("AJ!joyjnV", 0.4),
            };
            Read { quad: *quad, reading: Reading { text: text.to_owned(), confidence } }
        };
        Ok(tasks.iter().map(line).collect())
    }

    fn found(width: f32) -> Found {
        Found { quad: [[0.0, 0.0], [width, 0.0], [width, 20.0], [0.0, 20.0]] }
    }

    #[test]
    fn a_zone_on_its_head_is_no_sure_reading() {
        let upright = [found(400.0), found(400.0), found(100.0)];
        let on_its_head = upright.map(|line| Found { quad: turned(&line.quad, 2) });
        for (lines, turn) in [(upright, 0), (on_its_head, 2)] {
            assert_eq!(best_turn(&read, &lines, &[0, 2]).unwrap(), turn);
            let outlines: Vec<Quad> = lines.iter().map(|line| line.quad).collect();
            let mut lines = read(&outlines).unwrap();
            try_other_ways(&read, &mut lines).unwrap();
            let texts: Vec<&str> = lines.iter().map(|line| line.reading.text.as_str()).collect();
            assert_eq!(texts, ["I<UTO<<<<<<<<<<", "I<UTO<<<<<<<<<<", "Authority"]);
        }
    }
}
