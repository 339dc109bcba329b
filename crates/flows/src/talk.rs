//! Conversations as text: what an author writes beside a flow, what tests replay, what a person of the desk can read.
//!
//! A line with `>` is what the customer or the world does, a line with `<` is what we say, one with `=` is what we do:
//!
//! ```text
//! > says: Hello, my oven is broken
//! < Good morning! …
//! <   [Oven] [Washing machine]
//! > picks: oven
//! > photo p1
//! > judged p1: retake too_dark
//! > passes: 2h
//! = hands over: The customer asked for a person.
//! ```
//!
//! Replaying a talk keeps its `>` lines and writes the others anew; a test compares the two.

mod script;
mod tell;
mod world;

pub use world::World;

use crate::format::{Flow, Language, Place, Problem};

/// Plays the `>` lines of `talk` against `flow` and returns the whole conversation as it goes now.
///
/// A line that cannot be read is a problem with its place.
pub fn replay(flow: &Flow, language: Language, talk: &str) -> Result<String, Problem> {
    let mut world = World::new(flow, language);
    let mut told = String::new();
    for (number, line) in (1..).zip(talk.lines()) {
        if line.starts_with('#') {
            told.push_str(line);
            told.push('\n');
        } else if let Some(doing) = line.strip_prefix('>') {
            let place = Place { line: number, column: 1 };
            let doing = script::read(doing.trim()).map_err(|why| Problem::new(place, why))?;
            told.push_str(&world.play(&doing).map_err(|why| Problem::new(place, why))?);
        }
    }
    Ok(told)
}
