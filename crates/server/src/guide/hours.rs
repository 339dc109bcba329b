//! When people of the desk are there, on the wall clock of the desk.

use std::collections::BTreeSet;

use jiff::{civil::DateTime, tz::TimeZone};
use model::Timestamp;
use model::calendar::Calendar;
pub use model::calendar::Span;
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
    #[schemars(with = "Vec<String>")]
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

    /// What the desk's clocks of promises count by, where no team's do. It has no holidays.
    pub fn calendar(&self) -> Calendar {
        Calendar::new(self.time_zone.clone(), self.open.clone(), BTreeSet::new())
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.local(at);
        self.open.is_empty() || self.open.iter().any(|span| span.holds(local))
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
