//! When people of the desk are there, on the wall clock of the desk.

use std::str::FromStr;

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};
use model::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// When the desk is open. Flows ask for it, and customers are told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// The desk's time zone, such as `Europe/Rome`. What is read as "yesterday" depends on it, too.
    #[serde(deserialize_with = "zone")]
    #[schemars(with = "String")]
    pub time_zone: TimeZone,
    /// Spans such as `mon-fri 09:00-18:00` or `sat 09:00-13:00`; without any, the desk is always open.
    pub open: Vec<Span>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC, open: Vec::new() }
    }
}

impl Hours {
    pub fn local(&self, at: Timestamp) -> DateTime {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
        self.time_zone.to_datetime(at)
    }

    /// The moment at which the desk's clock shows this; one that is skipped in spring is taken an hour later.
    pub fn at(&self, local: DateTime) -> Timestamp {
        let zoned = local.to_zoned(self.time_zone.clone());
        zoned.map_or(Timestamp::default(), |at| Timestamp(at.timestamp().as_microsecond()))
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.local(at);
        self.open.is_empty() || self.open.iter().any(|span| span.holds(local))
    }
}

/// Some days of the week, from a time to a later one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, JsonSchema)]
#[schemars(with = "String")]
pub struct Span {
    #[schemars(skip)]
    first: Weekday,
    #[schemars(skip)]
    last: Weekday,
    #[schemars(skip)]
    from: Time,
    #[schemars(skip)]
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

    fn holds(&self, local: DateTime) -> bool {
        self.is_on(local.weekday()) && (self.from..self.to).contains(&local.time())
    }
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

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| {
        serde::de::Error::custom(format!("`{name}` is no time zone; write one such as `Europe/Rome`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(open: &[&str]) -> Hours {
        let open: Vec<String> = open.iter().map(|span| format!("{span:?}")).collect();
        toml::from_str(&format!("time_zone = \"Europe/Rome\"\nopen = [{}]", open.join(", "))).unwrap()
    }

    #[test]
    fn a_desk_is_open_on_its_own_clock() {
        let desk = hours(&["mon-fri 09:00-18:00", "sat 09:00-13:00"]);
        for (utc, open) in [
            // In winter Rome is an hour ahead, in summer two.
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T07:59:59Z", false),
            ("2026-11-23T17:00:00Z", false),
            ("2026-07-06T07:00:00Z", true),
            ("2026-11-28T10:00:00Z", true),
            ("2026-11-28T12:00:00Z", false),
            ("2026-11-29T10:00:00Z", false),
        ] {
            let at = utc.parse::<jiff::Timestamp>().unwrap().as_microsecond();
            assert_eq!(desk.is_open(Timestamp(at)), open, "{utc}");
        }
        assert!(Hours::default().is_open(Timestamp(0)));
        assert!(
            hours(&["sun-mon 00:00-24:00"]).is_open(Timestamp(
                "2026-11-23T22:59:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond()
            ))
        );
    }

    #[test]
    fn what_are_no_hours_is_said() {
        for bad in ["9-18", "mon 9-18", "mon-fry 09:00-18:00", "mon 18:00-09:00", "mon 25:00-26:00"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
        assert!(toml::from_str::<Hours>("time_zone = \"Rome\"").is_err());
    }
}
