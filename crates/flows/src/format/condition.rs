//! What a check asks: answers, findings, the contact, the time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    flow::{Found, Hours},
    words::{Language, Many},
};

/// Conditions nest this deep at most.
pub(crate) const DEPTH_MAX: usize = 6;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Answer(AboutAnswer),
    /// On any picture of this conversation.
    Finding(Found),
    /// The contact carries this tag.
    Tag(String),
    Language(Many<Language>),
    Hours(Hours),
    /// The local time of the desk.
    Time(Between),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Everything that is said of the answer has to hold; nothing said means that there is one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutAnswer {
    /// The name it was saved under.
    pub name: String,
    /// One of these; `E*` is everything that begins with E; capitals do not matter.
    #[serde(default)]
    pub is: Many<String>,
    #[serde(default)]
    pub at_least: Option<f64>,
    #[serde(default)]
    pub at_most: Option<f64>,
    /// The same as this other answer: as numbers when both are (`1.234,50 €` is 1234.5), as days when both are, else
    /// as words without capitals, blanks and marks. Does not hold when there is no other answer.
    #[serde(default)]
    pub same_as: Option<String>,
    /// How far `same_as` may be away: so much of numbers, so many days of dates.
    #[serde(default)]
    pub give_or_take: Option<f64>,
    /// A day at least so many days from today; below nought it lies back.
    #[serde(default)]
    pub days_ahead_min: Option<i32>,
    /// A day at most so many days from today: -1 is any day that has passed.
    #[serde(default)]
    pub days_ahead_max: Option<i32>,
}

/// From and to, `HH:MM`; over midnight when `to` is the earlier one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    pub from: String,
    pub to: String,
}

/// Minutes after midnight of `HH:MM`.
pub(crate) fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| hours.saturating_mul(60).saturating_add(minutes))
}
