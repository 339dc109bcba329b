//! Opening hours as a sum: how much of a span of time somebody was there, and when so much of it is over.
//!
//! Days and times are those of a wall clock; what a night, a holiday or a change of the clocks does follows from that.

use std::{collections::BTreeSet, str::FromStr};

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer};

use crate::clock::Timestamp;

/// Some days of the week, from a time to a later one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    first: Weekday,
    last: Weekday,
    from: Time,
    to: Time,
}

impl Span {
    /// When something that takes so many hours can begin on that day, one after the other.
    pub fn starts_on(self, day: Date, hours: u8) -> Vec<DateTime> {
        if !self.is_on(day.weekday()) {
            return Vec::new();
        }
        let length = i64::from(hours.max(1)).hours();
        let mut starts = Vec::new();
        let mut at = self.from;
        while let Ok(end) = at.checked_add(length) {
            if end > self.to {
                break;
            }
            starts.push(day.to_datetime(at));
            at = end;
        }
        starts
    }

    fn is_on(self, day: Weekday) -> bool {
        self.first.until(day) <= self.first.until(self.last)
    }

    pub fn holds(&self, local: DateTime) -> bool {
        self.is_on(local.weekday()) && (self.from..self.to).contains(&local.time())
    }

    /// From when to when on that day; a span until 24:00 ends as the next day begins.
    fn on(&self, day: Date) -> Option<(DateTime, DateTime)> {
        if !self.is_on(day.weekday()) {
            return None;
        }
        let end = if self.to == Time::MAX { midnight_after(day)? } else { day.to_datetime(self.to) };
        Some((day.to_datetime(self.from), end))
    }
}

fn midnight_after(day: Date) -> Option<DateTime> {
    Some(day.tomorrow().ok()?.to_datetime(Time::MIN))
}

const FORM: &str = "write days and times such as `mon-fri 09:00-18:00`";

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` are no opening hours; {FORM}");
        let (days, times) = text.split_once(' ').ok_or_else(wrong)?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = times.trim().split_once('-').ok_or_else(wrong)?;
        let span = Self {
            first: weekday(first).ok_or_else(wrong)?,
            last: weekday(last).ok_or_else(wrong)?,
            from: time(from).ok_or_else(wrong)?,
            to: time(to).ok_or_else(wrong)?,
        };
        if span.from < span.to { Ok(span) } else { Err(format!("`{text}` ends before it begins; {FORM}")) }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    DAYS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim())).map(|(_, day)| day)
}

/// `09:30`; `24:00` is the end of the day.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24, 0) => Some(Time::MAX),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

/// When somebody is there.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// None: always, but for the holidays.
    open: Vec<Span>,
    holidays: BTreeSet<Date>,
}

/// A sum looks no further than ten years: who is open so rarely promises nothing.
const DAYS_MAX: usize = 3_660;

impl Calendar {
    pub const fn new(zone: TimeZone, open: Vec<Span>, holidays: BTreeSet<Date>) -> Self {
        Self { zone, open, holidays }
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        self.open_us(at, Timestamp(at.micros().saturating_add(1))) > 0
    }

    /// How many microseconds of opening hours lie between two moments.
    pub fn open_us(&self, from: Timestamp, to: Timestamp) -> i64 {
        let spans = self.spans_from(from).take_while(|(start, _)| *start < to);
        spans.map(|(start, end)| end.min(to).micros().saturating_sub(start.micros()).max(0)).sum()
    }

    /// The moment at which so many microseconds of opening hours are over, if ever.
    pub fn after(&self, from: Timestamp, open_us: i64) -> Option<Timestamp> {
        if open_us <= 0 {
            return Some(from);
        }
        let mut left = open_us;
        for (start, end) in self.spans_from(from) {
            let length = end.micros().saturating_sub(start.micros());
            if length >= left {
                return Some(Timestamp(start.micros().saturating_add(left)));
            }
            left = left.saturating_sub(length);
        }
        None
    }

    /// The spans in which it is open from a moment on, in their order, none of them touching another on its day.
    fn spans_from(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let at = jiff::Timestamp::from_microsecond(from.micros()).unwrap_or_default();
        let first = self.zone.to_datetime(at).date();
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(DAYS_MAX);
        days.flat_map(|day| self.spans_on(day)).filter_map(move |(start, end)| {
            let start = start.max(from);
            (start < end).then_some((start, end))
        })
    }

    fn spans_on(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        if self.holidays.contains(&day) {
            return Vec::new();
        }
        let whole = || midnight_after(day).map(|end| (day.to_datetime(Time::MIN), end));
        let local: Vec<(DateTime, DateTime)> = if self.open.is_empty() {
            whole().into_iter().collect()
        } else {
            self.open.iter().filter_map(|span| span.on(day)).collect()
        };
        let mut spans: Vec<(Timestamp, Timestamp)> =
            local.into_iter().map(|(start, end)| (self.moment(start), self.moment(end))).collect();
        spans.sort_unstable();
        let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (start, end) in spans {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        merged
    }

    /// One that is skipped in spring is taken an hour later; of one that comes twice in autumn, the first.
    fn moment(&self, local: DateTime) -> Timestamp {
        let zoned = local.to_zoned(self.zone.clone());
        zoned.map_or(Timestamp::default(), |at| Timestamp(at.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn calendar(open: &[&str], holidays: &[&str]) -> Calendar {
        let open = open.iter().map(|span| span.parse().unwrap()).collect();
        let holidays = holidays.iter().map(|day| day.parse().unwrap()).collect();
        Calendar::new(TimeZone::get("Europe/Rome").unwrap(), open, holidays)
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn minutes_of_opening_hours() {
        let office = ["mon-fri 09:00-18:00", "sat 09:00-13:00"];
        let night = ["mon-sun 22:00-24:00", "mon-sun 00:00-06:00"];
        for (open, holidays, from, minutes, until) in [
            // Monday, 23 November 2026: Rome is an hour ahead.
            (&office[..], &[][..], "2026-11-23T08:00:00Z", 60, "2026-11-23T09:00:00Z"),
            // Asked at night, it begins in the morning.
            (&office[..], &[][..], "2026-11-23T02:00:00Z", 60, "2026-11-23T09:00:00Z"),
            // What is left over goes on the next day.
            (&office[..], &[][..], "2026-11-23T16:30:00Z", 60, "2026-11-24T08:30:00Z"),
            // Exactly until the desk closes is not the next morning.
            (&office[..], &[][..], "2026-11-23T16:00:00Z", 60, "2026-11-23T17:00:00Z"),
            // Over the weekend, and over a holiday on Monday.
            (&office[..], &[][..], "2026-11-28T11:30:00Z", 60, "2026-11-30T08:30:00Z"),
            (&office[..], &["2026-11-30"][..], "2026-11-28T11:30:00Z", 60, "2026-12-01T08:30:00Z"),
            // The clocks went back on Sunday, 25 October: nine in the morning is an hour later for the world.
            (&office[..], &[][..], "2026-10-24T10:30:00Z", 60, "2026-10-26T08:30:00Z"),
            // And forward on Sunday, 29 March.
            (&office[..], &[][..], "2026-03-28T11:30:00Z", 60, "2026-03-30T07:30:00Z"),
            // A night goes over midnight; the one of October has an hour more, that of March one less.
            (&night[..], &[][..], "2026-11-23T20:00:00Z", 8 * 60, "2026-11-24T05:00:00Z"),
            (&night[..], &[][..], "2026-10-24T20:00:00Z", 9 * 60, "2026-10-25T05:00:00Z"),
            (&night[..], &[][..], "2026-03-28T21:00:00Z", 7 * 60, "2026-03-29T04:00:00Z"),
            // Always open is always, but for a holiday on the wall clock.
            (&[][..], &[][..], "2026-10-24T22:00:00Z", 24 * 60, "2026-10-25T22:00:00Z"),
            (&[][..], &["2026-10-25"][..], "2026-10-24T21:00:00Z", 120, "2026-10-26T00:00:00Z"),
            // Spans that touch or overlap count once.
            (
                &["mon 09:00-12:00", "mon 11:00-13:00"][..],
                &[][..],
                "2026-11-23T08:00:00Z",
                240,
                "2026-11-23T12:00:00Z",
            ),
        ] {
            let desk = calendar(open, holidays);
            let due = desk.after(at(from), minutes * MINUTE);
            assert_eq!(due, Some(at(until)), "{minutes} minutes of {open:?} but {holidays:?} after {from}");
            assert_eq!(desk.open_us(at(from), at(until)), minutes * MINUTE, "{from} to {until} of {open:?}");
        }
    }

    #[test]
    fn a_desk_that_never_opens_promises_nothing() {
        let never: Vec<String> = (0..7)
            .map(|n| at("2026-11-23T12:00:00Z").plus(std::time::Duration::from_secs(n * 86_400)).to_string())
            .map(|at| at.split('T').next().unwrap().to_owned())
            .collect();
        let desk = calendar(&[], &never.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!desk.is_open(at("2026-11-25T12:00:00Z")) && desk.is_open(at("2026-12-25T12:00:00Z")));
        // A minute a week: two thousand of them take longer than ten years.
        let rare = calendar(&["mon 09:00-09:01"], &[]);
        assert_eq!(rare.after(at("2026-11-23T12:00:00Z"), 2_000 * MINUTE), None);
        assert_eq!(rare.open_us(at("2026-11-23T12:00:00Z"), at("2026-11-23T11:00:00Z")), 0);
    }

    proptest! {
        #[test]
        fn what_is_due_is_just_then_used_up(start in 0i64..800, minutes in 1i64..5_000, pause in 0i64..5_000) {
            let desk = calendar(&["mon-fri 08:30-12:30", "mon-fri 14:00-18:00", "sat 22:00-24:00"], &["2026-12-25", "2026-04-06"]);
            let from = Timestamp(at("2026-01-01T00:00:00Z").micros() + start * 11 * 60 * MINUTE);
            let due = desk.after(from, minutes * MINUTE).unwrap();
            prop_assert_eq!(desk.open_us(from, due), minutes * MINUTE);
            // Counted in two parts it is the same.
            let half = Timestamp(from.micros() + pause * MINUTE).min(due);
            prop_assert_eq!(desk.open_us(from, half) + desk.open_us(half, due), minutes * MINUTE);
            // A microsecond before, it was not used up.
            prop_assert!(desk.open_us(from, Timestamp(due.micros() - 1)) < minutes * MINUTE);
        }
    }
}
