//! What the strips say: the recognition network, a batch of like widths at a time, and its answer spelled out.

use std::time::Instant;

use rayon::prelude::*;

use super::{
    ReadError,
    crop::{HEIGHT_PX, Strip},
    network::{Network, Output},
    raster,
};

/// Where the model file keeps its alphabet, one character a line.
const ALPHABET_KEY: &str = "character";
/// Pixels of width in one batch, padding included. It bounds the memory of the network's answer, and a batch of few
/// lines stays in the processor's cache: a fifth faster than batches of 4,096.
const BATCH_PX: usize = 512;
/// Narrower strips are padded to this.
const WIDTH_PX_MIN: usize = 48;
/// Widths are rounded up to this, a little more padding for fewer shapes.
const WIDTH_STEP_PX: usize = 16;

pub struct Recognizer {
    network: Network,
    /// By the network's class, from 1; class 0 is "no character here".
    alphabet: Vec<String>,
}

/// A strip's text; empty when there is none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reading {
    pub text: String,
    /// Mean probability of its characters.
    pub confidence: f32,
}

impl Recognizer {
    pub fn new(network: Network) -> Result<Self, ReadError> {
        let characters = network.metadata(ALPHABET_KEY);
        let mut alphabet: Vec<String> = characters.unwrap_or_default().lines().map(str::to_owned).collect();
        if alphabet.is_empty() {
            return Err(network.failed(&"the file has no alphabet"));
        }
        // The space is the one character that the file leaves out.
        alphabet.push(" ".to_owned());
        Ok(Self { network, alphabet })
    }

    /// One reading a strip, in the order of the strips. Past `until` no further batch is begun and the whole fails.
    ///
    /// Batches are small, so that a batch stays in a processor's own cache, and run side by side.
    pub fn read(&self, strips: &[Strip], until: Instant) -> Result<Vec<Reading>, ReadError> {
        let mut order: Vec<(usize, &Strip)> = strips.iter().enumerate().collect();
        order.sort_by_key(|(_, strip)| strip.width);
        let mut batches = Vec::new();
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_len(rest));
            batches.push(batch);
            rest = after;
        }
        let read = |batch: &&[(usize, &Strip)]| {
            if Instant::now() < until { self.read_batch(batch) } else { Err(ReadError::TimedOut) }
        };
        // The longest first: what is left for the end is short.
        let done: Result<Vec<_>, ReadError> =
            self.network.on_threads(|| batches.par_iter().with_max_len(1).rev().map(read).collect());
        let mut readings = vec![Reading::default(); strips.len()];
        for (batch, read) in batches.iter().rev().zip(done?) {
            for ((i, _), reading) in batch.iter().zip(read) {
                if let Some(slot) = readings.get_mut(*i) {
                    *slot = reading;
                }
            }
        }
        Ok(readings)
    }

    /// Work of ours on the network's threads.
    pub fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.network.on_threads(work)
    }

    fn read_batch(&self, batch: &[(usize, &Strip)]) -> Result<Vec<Reading>, ReadError> {
        let width = batch.iter().map(|(_, strip)| padded(strip)).max().unwrap_or(WIDTH_PX_MIN);
        let plane = HEIGHT_PX * width;
        // Zero, the middle grey, is the padding of the training.
        let mut numbers = vec![0.0; batch.len() * plane * 3];
        for ((_, strip), to) in batch.iter().zip(numbers.chunks_exact_mut(plane * 3)) {
            raster::planes(&strip.rgb, to, width, plane, strip.width);
        }
        let output = self.network.run(numbers, [batch.len(), 3, HEIGHT_PX, width])?;
        self.spell(&output, batch.len())
    }

    /// The best class of every step, repeated ones once, "no character" left out.
    fn spell(&self, output: &Output, count: usize) -> Result<Vec<Reading>, ReadError> {
        let &[lines, steps, classes] = output.shape.as_slice() else {
            return Err(self.network.failed(&output.shape));
        };
        if lines != count || classes != self.alphabet.len() + 1 || steps == 0 {
            return Err(self.network.failed(&output.shape));
        }
        Ok(output.numbers.chunks_exact(steps * classes).map(|line| self.spell_line(line, classes)).collect())
    }

    fn spell_line(&self, line: &[f32], classes: usize) -> Reading {
        let (mut text, mut sum, mut count, mut last) = (String::new(), 0.0_f32, 0.0_f32, 0);
        for step in line.chunks_exact(classes) {
            let (class, probability) = best(step);
            if class != 0 && class != last {
                text.push_str(self.alphabet.get(class - 1).map_or("", String::as_str));
                sum += probability;
                count += 1.0;
            }
            last = class;
        }
        let confidence = if count > 0.0 { sum / count } else { 0.0 };
        Reading { text, confidence }
    }
}

/// Two passes: the first is one instruction for many numbers.
fn best(step: &[f32]) -> (usize, f32) {
    let max = step.iter().fold(f32::MIN, |a, b| if *b > a { *b } else { a });
    (step.iter().position(|p| *p >= max).unwrap_or(0), max)
}

fn padded(strip: &Strip) -> usize {
    strip.width.max(WIDTH_PX_MIN).next_multiple_of(WIDTH_STEP_PX)
}

/// As many of the narrowest as fit; at least one.
fn batch_len(strips: &[(usize, &Strip)]) -> usize {
    let fits = |(count, (_, strip)): &(usize, &(usize, &Strip))| (count + 1) * padded(strip) <= BATCH_PX;
    strips.iter().enumerate().take_while(fits).count().max(1)
}
