//! What customers are promised: a first answer, each next one, and a solution, in minutes of opening hours.
//!
//! A clock runs while somebody of ours has to do something, and stands still while the ticket waits for the customer:
//! because we answered, or because a flow asked them. Only a person's answer stops the clock of an answer; what a flow
//! or the desk itself says does not.

use std::collections::BTreeMap;

use crate::{calendar::Calendar, clock::Timestamp, ticket::TicketStatus};

/// What is promised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    FirstAnswer,
    /// To whatever the customer wrote after an answer.
    NextAnswer,
    Solution,
}

impl Target {
    pub const ALL: [Self; 3] = [Self::FirstAnswer, Self::NextAnswer, Self::Solution];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstAnswer => "first_answer",
            Self::NextAnswer => "next_answer",
            Self::Solution => "solution",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }
}

/// Minutes of opening hours for each promise that is made.
pub type Promises = BTreeMap<Target, i64>;

/// How far a promise is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    /// Microseconds of opening hours until `since`.
    pub spent_us: i64,
    /// Running since; `None` while it stands still.
    pub since: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub warned_at: Option<Timestamp>,
    pub breached_at: Option<Timestamp>,
}

impl Clock {
    const fn ended(at: Timestamp) -> Self {
        Self { spent_us: 0, since: None, ended_at: Some(at), warned_at: None, breached_at: None }
    }

    const fn start(&mut self, now: Timestamp) {
        if self.since.is_none() {
            self.since = Some(now);
        }
    }

    fn stand(&mut self, now: Timestamp, calendar: &Calendar) {
        if let Some(since) = self.since.take() {
            self.spent_us = self.spent_us.saturating_add(calendar.open_us(since, now));
        }
    }

    fn end(&mut self, now: Timestamp, calendar: &Calendar) {
        self.stand(now, calendar);
        self.ended_at.get_or_insert(now);
    }

    /// When so many microseconds are used up, if it goes on running.
    fn at(&self, used_us: i64, calendar: &Calendar) -> Option<Timestamp> {
        calendar.after(self.since?, used_us.saturating_sub(self.spent_us))
    }
}

/// The clocks of a ticket.
pub type Clocks = BTreeMap<Target, Clock>;

/// What the clocks need to know of a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    pub status: TicketStatus,
    /// Whether a flow leads the customer: what is waited for then is theirs to send.
    pub is_led: bool,
    /// Whether a person answered before the clocks were set.
    pub was_answered: bool,
}

impl Facts {
    /// Whether it is our turn.
    const fn is_ours(&self) -> bool {
        matches!(self.status, TicketStatus::New | TicketStatus::Open) && !self.is_led
    }
}

/// What happened to a ticket, as far as it matters to what is promised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happened {
    CustomerWrote,
    PersonAnswered,
    /// Its status, team or priority changed, a flow began or ended, or time went by.
    Other,
}

const MINUTE_US: i64 = 60_000_000;
/// A warning comes when so many hundredths of a promise are used up.
const WARNING_PERCENT: i64 = 80;

/// A promise that is nearly broken, or is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rung {
    pub target: Target,
    pub is_breach: bool,
    pub due_at: Timestamp,
}

/// Marks what came due until now, each warning and each breach once.
pub fn ring(clocks: &mut Clocks, promises: &Promises, calendar: &Calendar, now: Timestamp) -> Vec<Rung> {
    let mut rung = Vec::new();
    for (&target, clock) in clocks {
        let Some((warn_at, due_at)) = moments(clock, promises.get(&target), calendar) else { continue };
        let mut says = |is_breach| rung.push(Rung { target, is_breach, due_at });
        if clock.breached_at.is_none() && due_at <= now {
            clock.breached_at = Some(due_at);
            says(true);
        } else if clock.breached_at.is_none() && clock.warned_at.is_none() && warn_at <= now {
            clock.warned_at = Some(warn_at);
            says(false);
        }
    }
    rung
}

/// When a running clock warns, and when its promise is broken.
fn moments(clock: &Clock, minutes: Option<&i64>, calendar: &Calendar) -> Option<(Timestamp, Timestamp)> {
    let promised_us = minutes?.saturating_mul(MINUTE_US);
    let warn_us = promised_us.saturating_mul(WARNING_PERCENT).checked_div(100)?;
    Some((clock.at(warn_us, calendar)?, clock.at(promised_us, calendar)?))
}

/// Sets the clocks to what is the case now.
pub fn advance(clocks: &mut Clocks, facts: &Facts, happened: Happened, now: Timestamp, calendar: &Calendar) {
    if clocks.is_empty() && facts.was_answered {
        // The promise is younger than the ticket: it counts from here.
        clocks.insert(Target::FirstAnswer, Clock::ended(now));
        if facts.is_ours() {
            clocks.insert(Target::NextAnswer, Clock::default());
        }
    }
    clocks.entry(Target::FirstAnswer).or_default();
    let solution = clocks.entry(Target::Solution).or_default();
    if facts.status.is_active() {
        solution.ended_at = None;
    } else {
        solution.end(now, calendar);
    }
    match happened {
        Happened::PersonAnswered => {
            for target in [Target::FirstAnswer, Target::NextAnswer] {
                if let Some(clock) = clocks.get_mut(&target) {
                    clock.end(now, calendar);
                }
            }
        }
        Happened::CustomerWrote => {
            let is_over = |target| clocks.get(&target).is_none_or(|clock: &Clock| clock.ended_at.is_some());
            if is_over(Target::FirstAnswer) && is_over(Target::NextAnswer) {
                clocks.insert(Target::NextAnswer, Clock::default());
            }
        }
        Happened::Other => {}
    }
    for clock in clocks.values_mut().filter(|clock| clock.ended_at.is_none()) {
        if facts.is_ours() {
            clock.start(now);
        } else {
            clock.stand(now, calendar);
        }
    }
}

/// What is due next of a ticket, for lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    pub at: Timestamp,
    pub target: Target,
    /// Since when a promise that still runs is broken.
    pub breached_at: Option<Timestamp>,
}

pub fn due(clocks: &Clocks, promises: &Promises, calendar: &Calendar) -> Option<Due> {
    let running = clocks.iter().filter_map(|(&target, clock)| {
        let (_, at) = moments(clock, promises.get(&target), calendar)?;
        Some((at, target, clock.breached_at))
    });
    let all: Vec<_> = running.collect();
    let (at, target, _) = *all.iter().min_by_key(|(at, target, _)| (*at, *target))?;
    Some(Due { at, target, breached_at: all.iter().filter_map(|(.., breached_at)| *breached_at).min() })
}

/// When something has to be looked at again: the next warning or breach that was not said yet.
pub fn next_ring(clocks: &Clocks, promises: &Promises, calendar: &Calendar) -> Option<Timestamp> {
    let next =
        clocks.iter().filter(|(_, clock)| clock.breached_at.is_none()).filter_map(|(target, clock)| {
            let (warn_at, due_at) = moments(clock, promises.get(target), calendar)?;
            Some(if clock.warned_at.is_some() { due_at } else { warn_at })
        });
    next.min()
}

/// How long a promise may be: longer ones are a mistake of whoever writes them.
pub const MINUTES_MAX: i64 = 60 * 24 * 90;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(TimeZone::UTC, vec!["mon-fri 09:00-17:00".parse().unwrap()], BTreeSet::new())
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(format!("2026-11-{text}:00Z").parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    const OPEN: Facts = Facts { status: TicketStatus::Open, is_led: false, was_answered: false };
    const NEW: Facts = Facts { status: TicketStatus::New, ..OPEN };
    const LED: Facts = Facts { is_led: true, ..NEW };
    const WAITING: Facts = Facts { status: TicketStatus::Waiting, ..OPEN };
    const SOLVED: Facts = Facts { status: TicketStatus::Solved, ..OPEN };

    fn promises() -> Promises {
        [(Target::FirstAnswer, 60), (Target::NextAnswer, 120), (Target::Solution, 480)].into()
    }

    /// Tells what happens, each with its time; then what is due.
    fn told(story: &[(&str, Happened, Facts)]) -> (Clocks, Vec<(Target, bool)>) {
        let (mut clocks, mut said) = (Clocks::new(), Vec::new());
        for (time, happened, facts) in story {
            said.extend(ring(&mut clocks, &promises(), &calendar(), at(time)));
            advance(&mut clocks, facts, *happened, at(time), &calendar());
        }
        (clocks, said.into_iter().map(|rung| (rung.target, rung.is_breach)).collect())
    }

    fn due_of(story: &[(&str, Happened, Facts)]) -> Option<(Target, Timestamp)> {
        due(&told(story).0, &promises(), &calendar()).map(|due| (due.target, due.at))
    }

    #[test]
    fn what_is_due_next() {
        use Happened::{CustomerWrote as Wrote, Other, PersonAnswered as Answered};
        use Target::{FirstAnswer, NextAnswer, Solution};
        // Monday is the 23rd.
        let began = ("23T10:00", Wrote, NEW);
        for (story, expect) in [
            (vec![began], Some((FirstAnswer, "23T11:00"))),
            // Writing again does not set the clock back.
            (vec![began, ("23T10:30", Wrote, NEW)], Some((FirstAnswer, "23T11:00"))),
            // At night it has not begun.
            (vec![("22T20:00", Wrote, NEW)], Some((FirstAnswer, "23T10:00"))),
            // While a flow leads, it stands still; when it hands over, it goes on.
            (vec![("23T10:00", Wrote, LED)], None),
            (vec![began, ("23T10:10", Other, LED)], None),
            (
                vec![began, ("23T10:10", Other, LED), ("23T12:00", Other, OPEN)],
                Some((FirstAnswer, "23T12:50")),
            ),
            // Answered: the customer's turn, nothing is due.
            (vec![began, ("23T10:30", Answered, WAITING)], None),
            // They write again: the next answer, and the solution goes on with half an hour used up.
            (
                vec![began, ("23T10:30", Answered, WAITING), ("23T14:00", Wrote, OPEN)],
                Some((NextAnswer, "23T16:00")),
            ),
            // An answer to part of it that leaves the ticket open ends the answer's clock, not the solution's.
            (vec![began, ("23T10:30", Answered, OPEN)], Some((Solution, "24T10:00"))),
            // Set back to open by hand: nobody waits for an answer, only for the solution.
            (
                vec![began, ("23T10:30", Answered, WAITING), ("23T14:00", Other, OPEN)],
                Some((Solution, "24T13:30")),
            ),
            // Solved, and woken by a message: the solution goes on.
            (vec![began, ("23T10:30", Answered, SOLVED)], None),
            (
                vec![
                    began,
                    ("23T10:30", Answered, SOLVED),
                    ("24T09:00", Wrote, OPEN),
                    ("24T09:10", Answered, OPEN),
                ],
                Some((Solution, "24T16:30")),
            ),
            // A promise that is younger than the ticket counts from when it was made.
            (vec![("23T12:00", Other, Facts { was_answered: true, ..OPEN })], Some((NextAnswer, "23T14:00"))),
            (vec![("23T12:00", Other, Facts { was_answered: true, ..WAITING })], None),
        ] {
            let expect = expect.map(|(target, time)| (target, at(time)));
            assert_eq!(due_of(&story), expect, "{story:#?}");
        }
    }

    #[test]
    fn a_warning_and_a_breach_are_said_once() {
        use Happened::{CustomerWrote as Wrote, Other, PersonAnswered as Answered};
        let began = ("23T10:00", Wrote, NEW);
        let first = |is_breach| (Target::FirstAnswer, is_breach);
        for (later, expect) in [
            (vec![("23T10:47", Other, NEW)], vec![]),
            (vec![("23T10:48", Other, NEW), ("23T10:50", Other, NEW)], vec![first(false)]),
            (
                vec![("23T10:48", Other, NEW), ("23T11:00", Other, NEW), ("23T12:00", Other, NEW)],
                vec![first(false), first(true)],
            ),
            // Nobody looked in time: the breach says it all, even when it is an answer that comes too late.
            (vec![("23T12:00", Answered, WAITING)], vec![first(true)]),
            (vec![("23T10:59", Answered, WAITING), ("23T12:00", Other, WAITING)], vec![first(false)]),
        ] {
            let story: Vec<_> = [began].into_iter().chain(later).collect();
            assert_eq!(told(&story).1, expect, "{story:#?}");
        }
        let (clocks, _) = told(&[began, ("23T12:00", Other, NEW)]);
        let now = due(&clocks, &promises(), &calendar()).unwrap();
        assert_eq!((now.at, now.breached_at), (at("23T11:00"), Some(at("23T11:00"))));
        // What is looked at next is the warning of the solution: 80 % of eight hours.
        assert_eq!(next_ring(&clocks, &promises(), &calendar()), Some(at("23T16:24")));
        let (clocks, _) = told(&[began, ("23T12:00", Answered, WAITING)]);
        assert_eq!(
            (due(&clocks, &promises(), &calendar()), next_ring(&clocks, &promises(), &calendar())),
            (None, None)
        );
    }

    proptest! {
        #[test]
        fn looking_more_often_changes_nothing(moves in prop::collection::vec((1i64..400, 0usize..5, 0usize..3), 1..20)) {
            let facts = [NEW, OPEN, WAITING, LED, SOLVED];
            let happenings = [Happened::CustomerWrote, Happened::PersonAnswered, Happened::Other];
            let (mut rarely, mut often) = (Clocks::new(), Clocks::new());
            let mut now = at("23T08:00");
            let mut last = NEW;
            for (minutes, fact, happened) in moves {
                for step in 1..=minutes {
                    if step % 37 == 0 && !often.is_empty() {
                        advance(&mut often, &last, Happened::Other, Timestamp(now.micros() + step * MINUTE_US), &calendar());
                    }
                }
                now = Timestamp(now.micros() + minutes * MINUTE_US);
                last = facts[fact];
                for clocks in [&mut rarely, &mut often] {
                    advance(clocks, &last, happenings[happened], now, &calendar());
                }
                prop_assert_eq!(due(&rarely, &promises(), &calendar()), due(&often, &promises(), &calendar()));
            }
        }
    }
}
