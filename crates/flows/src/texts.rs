//! What the engine itself says, and the words of customers that count at every step.
//!
//! A language is a file in `texts/` and a line here; a missing or an unknown text fails the tests.

mod phrases;
mod words;

pub(crate) use phrases::fill;
pub use phrases::{Phrase, phrase};
pub(crate) use words::{is_in_passing, relative_day, same, tidy, wants_new_link, yes_or_no};
pub use words::{wants_person, wants_stop};
