//! The engine: told what happened, it says what to do. No I/O, no clock, no chance.
//!
//! What must always hold: it never panics and always ends; the same run, event and context give the same answer;
//! an event counts once; whoever is not led to an end is led to a person, with everything that is known.

mod action;
mod answer;
mod ask;
mod decide;
mod elsewhere;
mod event;
mod filled;
mod glimpse;
mod medium;
mod offer;
mod run;
mod said;
mod say;
mod start;
mod summary;
mod turn;

pub use action::{Action, Summary, Why};
pub use event::{Arrived, Call, Context, Event, Filled, Judged, Outcome, Said, Timer, TimerKind, What};
pub use medium::refuses;
pub(crate) use run::clip;
pub use run::{
    ANSWER_CHARS_MAX, ANSWERS_MAX, Answer, Asking, At, Doing, Ending, FINDINGS_MAX, FORMAT, Glimpse,
    MEDIA_MAX, Medium, NOTES_MAX, PLACES_MAX, Run, SEEN_MAX, Seen, Stay,
};
pub use say::limits;
pub use start::{Incoming, choose, includes};
pub use turn::STEPS_MAX;

use crate::format::Flow;

/// What `event` makes of `run`, and what is to be done.
///
/// `flow` may be another version than the one the run began with: a run whose step is gone goes to a person.
/// A run that is over stays as it is.
pub fn step(flow: &Flow, run: Run, event: &Event, context: &Context) -> (Run, Vec<Action>) {
    let mut turn = turn::Turn::new(flow, run, context);
    if !turn.run.is_over() && turn.run.is_new(&event.id) {
        turn.take(&event.what);
    }
    (turn.run, turn.actions)
}
