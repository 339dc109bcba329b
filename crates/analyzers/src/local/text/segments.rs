//! Digits of displays made of seven strokes, which the recogniser takes for a picture of something else.
//!
//! The classic test: where each of the seven strokes would be, is there ink or not? A letter counts only when every
//! stroke is clearly there or clearly not, and the two holes between them are empty; one doubtful letter and the whole
//! line says nothing. Unlit strokes that shine through faintly count as background.

use super::{
    crop::{HEIGHT_PX, Strip},
    recognize::Reading,
};

/// Strokes from the top clockwise, the middle one last: `abcdefg`, one bit each, `a` the lowest.
const LETTERS: &[(u8, char)] = &[
    (0b011_1111, '0'),
    (0b000_0110, '1'),
    (0b101_1011, '2'),
    (0b100_1111, '3'),
    (0b110_0110, '4'),
    (0b110_1101, '5'),
    (0b111_1101, '6'),
    (0b000_0111, '7'),
    (0b010_0111, '7'),
    (0b111_1111, '8'),
    (0b110_1111, '9'),
    (0b111_0111, 'A'),
    (0b111_1100, 'b'),
    (0b011_1001, 'C'),
    (0b101_1000, 'c'),
    (0b101_1110, 'd'),
    (0b111_1001, 'E'),
    (0b111_0001, 'F'),
    (0b111_0110, 'H'),
    (0b111_0100, 'h'),
    (0b001_1110, 'J'),
    (0b011_1000, 'L'),
    (0b101_0100, 'n'),
    (0b101_1100, 'o'),
    (0b111_0011, 'P'),
    (0b101_0000, 'r'),
    (0b111_1000, 't'),
    (0b011_1110, 'U'),
    (0b001_1100, 'u'),
    (0b110_1110, 'y'),
    (0b100_0000, '-'),
];

/// The certainty of a line of which every stroke was clear.
const CONFIDENCE: f32 = 0.9;
/// Displays show few letters; a longer line is no display.
const LETTERS_MAX: usize = 12;
/// How far italic displays lean: sideways per height. Of equals the last is taken.
const LEANS: &[f32] = &[-0.06, 0.24, 0.18, 0.12, 0.06, 0.0];
/// Lower letters than this have no clear strokes.
const HEIGHT_MIN: f32 = 18.0;

/// Reads a strip as a seven-stroke display, when it is one.
pub fn read(strip: &Strip) -> Option<Reading> {
    let ink = Ink::of(strip)?;
    let upright = LEANS.iter().map(|lean| ink.leaned(*lean)).max_by_key(Ink::empty_columns)?;
    let letters = upright.letters();
    let widest = letters.iter().map(|(from, to)| to - from).max()?;
    if letters.len() > LETTERS_MAX || number(widest) < 0.35 * upright.height() {
        return None;
    }
    let mut text = String::new();
    let mut last = None;
    for (from, to) in letters {
        if last.is_some_and(|last| number(from - last) > 0.8 * upright.height()) {
            text.push(' ');
        }
        text.push(upright.letter(from, to)?);
        last = Some(to);
    }
    text.chars().any(char::is_alphanumeric).then_some(Reading { text, confidence: CONFIDENCE })
}

/// Which pixels of a strip are ink, light on dark or dark on light.
struct Ink {
    width: usize,
    is_ink: Vec<bool>,
    top: usize,
    bottom: usize,
}

impl Ink {
    fn of(strip: &Strip) -> Option<Self> {
        let channel = (0..3).max_by_key(|c| spread(&strip.rgb, *c))?;
        let values: Vec<u8> = strip.rgb.iter().skip(channel).step_by(3).copied().collect();
        let threshold = threshold(&values)?;
        let bright = values.iter().filter(|v| **v > threshold).count();
        // There is always more background than ink.
        let is_light_ink = bright * 2 < values.len();
        let is_ink = values.iter().map(|v| (*v > threshold) == is_light_ink).collect();
        Self { width: strip.width, is_ink, top: 0, bottom: 0 }.bounded()
    }

    /// The rows from the first to the last with ink.
    fn bounded(mut self) -> Option<Self> {
        let has_ink = |y: &usize| (0..self.width).filter(|x| self.at(*x, *y)).count() >= 2;
        let (top, bottom) = ((0..HEIGHT_PX).find(has_ink)?, (0..HEIGHT_PX).rfind(has_ink)? + 1);
        (self.top, self.bottom) = (top, bottom);
        (self.height() >= HEIGHT_MIN).then_some(self)
    }

    fn at(&self, x: usize, y: usize) -> bool {
        x < self.width && self.is_ink.get(y * self.width + x).copied().unwrap_or(false)
    }

    fn height(&self) -> f32 {
        number(self.bottom - self.top)
    }

    /// Every row shifted, so that strokes that lean to the right stand upright.
    fn leaned(&self, lean: f32) -> Self {
        let mut is_ink = vec![false; self.is_ink.len()];
        let middle = number(self.top + self.bottom) / 2.0;
        for (y, row) in is_ink.chunks_exact_mut(self.width).enumerate() {
            let shift = (middle - number(y)) * lean;
            for (x, pixel) in row.iter_mut().enumerate() {
                let from = number(x) + shift;
                *pixel = from >= 0.0 && self.at(whole(from), y);
            }
        }
        Self { is_ink, ..*self }
    }

    fn is_empty(&self, x: usize) -> bool {
        (self.top..self.bottom).all(|y| !self.at(x, y))
    }

    fn empty_columns(&self) -> usize {
        (0..self.width).filter(|x| self.is_empty(*x)).count()
    }

    /// From and to of every letter; strokes that almost touch are one letter.
    fn letters(&self) -> Vec<(usize, usize)> {
        let mut letters: Vec<(usize, usize)> = Vec::new();
        for x in (0..self.width).filter(|x| !self.is_empty(*x)) {
            match letters.last_mut() {
                Some((_, to)) if number(x - *to) <= 0.05 * self.height() => *to = x + 1,
                _ => letters.push((x, x + 1)),
            }
        }
        // A speck is no letter.
        letters.retain(|(from, to)| to - from >= 2);
        letters
    }

    fn letter(&self, from: usize, to: usize) -> Option<char> {
        let share = number(to - from) / self.height();
        if share > 0.9 {
            return None;
        }
        if share < 0.35 {
            return self.narrow(from, to);
        }
        let mut strokes = 0_u8;
        for (i, place) in STROKES.iter().enumerate() {
            match self.filled(from, to, place) {
                0.7.. => strokes |= 1 << i,
                ..0.25 => {}
                _ => return None,
            }
        }
        if HOLES.iter().any(|place| self.filled(from, to, place) > 0.1) {
            return None;
        }
        LETTERS.iter().find(|(letter, _)| *letter == strokes).map(|(_, letter)| *letter)
    }

    /// A one, which is only its right strokes, and what stands between digits.
    fn narrow(&self, from: usize, to: usize) -> Option<char> {
        let has_ink = |low: f32, high: f32| {
            let (top, bottom) = self.rows(low, high);
            (top..bottom).filter(|y| (from..to).any(|x| self.at(x, *y))).count() * 10 >= (bottom - top) * 8
        };
        let is_clear = |low: f32, high: f32| {
            let (top, bottom) = self.rows(low, high);
            (top..bottom).all(|y| (from..to).all(|x| !self.at(x, y)))
        };
        if has_ink(0.1, 0.4) && has_ink(0.6, 0.9) {
            Some('1')
        } else if is_clear(0.0, 0.75) {
            Some('.')
        } else if is_clear(0.45, 0.55) && is_clear(0.0, 0.1) && is_clear(0.92, 1.0) {
            Some(':')
        } else if is_clear(0.0, 0.35) && is_clear(0.65, 1.0) {
            Some('-')
        } else {
            None
        }
    }

    fn rows(&self, low: f32, high: f32) -> (usize, usize) {
        let at = |share: f32| self.top + whole((share * self.height()).round());
        (at(low), at(high).max(at(low) + 1))
    }

    /// How much of a stroke's length has ink somewhere in its thickness.
    fn filled(&self, from: usize, to: usize, place: &Place) -> f32 {
        let width = number(to - from);
        let column = |share: f32| from + whole((share * width).round());
        let (left, right) = (column(place.x.0), column(place.x.1).max(column(place.x.0) + 1));
        let (top, bottom) = self.rows(place.y.0, place.y.1);
        let (hits, length) = if place.is_flat {
            ((left..right).filter(|x| (top..bottom).any(|y| self.at(*x, y))).count(), right - left)
        } else {
            ((top..bottom).filter(|y| (left..right).any(|x| self.at(x, *y))).count(), bottom - top)
        };
        number(hits) / number(length)
    }
}

/// Where a stroke is, in shares of its letter's width and of the line's height.
struct Place {
    x: (f32, f32),
    y: (f32, f32),
    is_flat: bool,
}

const fn flat(low: f32, high: f32) -> Place {
    Place { x: (0.32, 0.68), y: (low, high), is_flat: true }
}

const fn steep(left: f32, right: f32, low: f32, high: f32) -> Place {
    Place { x: (left, right), y: (low, high), is_flat: false }
}

const STROKES: [Place; 7] = [
    flat(0.0, 0.18),
    steep(0.72, 1.0, 0.2, 0.38),
    steep(0.72, 1.0, 0.62, 0.8),
    flat(0.82, 1.0),
    steep(0.0, 0.28, 0.62, 0.8),
    steep(0.0, 0.28, 0.2, 0.38),
    flat(0.4, 0.6),
];

const HOLES: [Place; 2] = [steep(0.42, 0.58, 0.24, 0.34), steep(0.42, 0.58, 0.66, 0.76)];

/// How far the bright pixels of a channel are from the dark ones.
fn spread(rgb: &[u8], channel: usize) -> u8 {
    let values = || rgb.iter().skip(channel).step_by(3);
    values().max().copied().unwrap_or(0) - values().min().copied().unwrap_or(0)
}

/// Otsu's threshold: the two sides are each as alike as can be. `None` where there is no contrast.
fn threshold(values: &[u8]) -> Option<u8> {
    let mut histogram = [0.0_f32; 256];
    for value in values {
        if let Some(bin) = histogram.get_mut(usize::from(*value)) {
            *bin += 1.0;
        }
    }
    let weighed = |(value, count): (u8, &f32)| f32::from(value) * count;
    let (total, sum): (f32, f32) = (histogram.iter().sum(), (0..=255).zip(&histogram).map(weighed).sum());
    let (mut dark, mut dark_sum, mut best) = (0.0, 0.0, (0.0, None));
    for (value, count) in (0..=255_u8).zip(&histogram) {
        dark += count;
        dark_sum += f32::from(value) * count;
        let bright = total - dark;
        if dark > 0.0 && bright > 0.0 {
            let apart = dark_sum / dark - (sum - dark_sum) / bright;
            let score = dark * bright * apart * apart;
            if apart.abs() > 24.0 && score > best.0 {
                best = (score, Some(value));
            }
        }
    }
    best.1
}

#[expect(clippy::as_conversions, reason = "pixels of one strip, far below 2^24")]
fn number(px: usize) -> f32 {
    px as f32
}

#[expect(clippy::as_conversions, reason = "a cast from float saturates")]
fn whole(number: f32) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws strokes as displays have them: with a slit where two meet, leaning, unlit ones faint.
    fn display(text: &str, thick: f32, lean: f32, ink: u8, paper: u8, ghost: bool) -> Strip {
        let faint = |lit: bool| if lit { ink } else { paper - (paper - ink.min(paper)) / 8 };
        let mut strip = Strip { width: 20 + 30 * text.chars().count(), rgb: Vec::new() };
        let mut pixels = vec![paper; strip.width * HEIGHT_PX];
        for (i, letter) in text.chars().enumerate() {
            let strokes = LETTERS.iter().find(|(_, l)| *l == letter).map_or(0, |(s, _)| *s);
            let (left, right, top, bottom) = (14.0 + 30.0 * number(i), 32.0 + 30.0 * number(i), 8.0, 40.0);
            let middle = f32::midpoint(top, bottom);
            let boxes = [
                (left + 1.0, top, right - 1.0, top + thick),
                (right - thick, top + 1.0, right, middle - 1.0),
                (right - thick, middle + 1.0, right, bottom - 1.0),
                (left + 1.0, bottom - thick, right - 1.0, bottom),
                (left, middle + 1.0, left + thick, bottom - 1.0),
                (left, top + 1.0, left + thick, middle - 1.0),
                (left + 1.0, middle - thick / 2.0, right - 1.0, middle + thick / 2.0),
            ];
            for (bit, (x0, y0, x1, y1)) in boxes.into_iter().enumerate() {
                let lit = strokes & (1 << bit) != 0;
                for (at, pixel) in pixels.iter_mut().enumerate().filter(|_| lit || ghost) {
                    let (x, y) = (number(at % strip.width) + 0.5, number(at / strip.width) + 0.5);
                    let x = x - (middle - y) * lean;
                    if x >= x0 && x < x1 && y >= y0 && y < y1 {
                        *pixel = faint(lit);
                    }
                }
            }
        }
        strip.rgb = pixels.into_iter().flat_map(|p| [p / 2, p, p / 3]).collect();
        strip
    }

    #[test]
    fn lit_strokes_are_read() {
        for text in ["F28", "E04", "230", "H20", "UPd", "8", "Err-", "5b9", "Lot", "0347"] {
            for (thick, lean, ink, paper, ghost) in
                [(5.0, 0.0, 20, 150, false), (4.0, 0.12, 20, 150, true), (6.0, 0.0, 240, 10, false)]
            {
                let reading = read(&display(text, thick, lean, ink, paper, ghost)).map(|r| r.text);
                assert_eq!(reading.as_deref(), Some(text), "thick {thick}, lean {lean}, ink {ink}");
            }
        }
    }

    #[test]
    fn what_is_no_display_says_nothing() {
        let plain =
            |rgb: fn(usize) -> u8| Strip { width: 120, rgb: (0..120 * HEIGHT_PX * 3).map(rgb).collect() };
        assert_eq!(read(&plain(|_| 90)), None);
        assert_eq!(read(&plain(|i| if (i / 3) % 7 < 3 { 0 } else { 255 })), None);
        assert_eq!(read(&plain(|i| u8::try_from(i * 7919 % 251).unwrap_or(0))), None);
        assert_eq!(read(&Strip { width: 0, rgb: Vec::new() }), None);
    }
}
