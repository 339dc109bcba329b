//! What is wrong with a file: where it stands and what to write instead.

use serde::{Deserialize, Serialize};

/// A place in a file; both count from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// One sentence for the author of a flow.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{}:{}: {message}", .place.line, .place.column)]
pub struct Problem {
    pub place: Place,
    pub message: String,
}

impl Problem {
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

/// `; did you mean `ask`?`, or what may stand here, or nothing when there is nothing to offer.
pub(crate) fn hint<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(written, &known) {
        return format!("; did you mean `{near}`?");
    }
    match known.as_slice() {
        [] => String::new(),
        [only] => format!("; write `{only}`"),
        many if many.len() <= OFFERED_MAX => format!("; write one of `{}`", many.join("`, `")),
        _ => String::new(),
    }
}

/// More than this is a list, no longer a hint.
const OFFERED_MAX: usize = 16;

fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(&written.to_lowercase(), &k.to_lowercase()), *k))
        .filter(|(distance, k)| *distance <= k.chars().count().div_ceil(3).min(3))
        .min()
        .map(|(_, k)| k)
}
