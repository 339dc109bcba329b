//! Free times: working hours without what is booked, of those who go there and mend such a thing.

use std::str::FromStr as _;

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};
use model::{Timestamp, ids::TechnicianId};
use store::{
    Tx,
    visits::{self, Technician, Visit},
};

use crate::{app::App, config::Config, error::AppError, guide::Span};

/// Days that are looked through.
const DAYS_MAX: u16 = 60;

/// A time at which one can come.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Time {
    /// On the desk's clock.
    pub at: DateTime,
    pub technician: TechnicianId,
}

/// What is known when times are looked for.
pub struct Times<'a> {
    config: &'a Config,
    now: DateTime,
    earliest: DateTime,
    booked: Vec<(TechnicianId, Timestamp, Timestamp)>,
    /// The time of a visit that is moved: it is not offered again.
    moved_from: Option<Timestamp>,
}

impl<'a> Times<'a> {
    pub async fn look(tx: &mut Tx, app: &'a App, moved: Option<&Visit>) -> Result<Self, AppError> {
        let now = app.clock.now();
        let local = app.config.hours.local(now);
        let notice = i64::from(app.config.visits.notice_hours).hours();
        Ok(Self {
            config: &app.config,
            now: local,
            earliest: local.checked_add(notice).unwrap_or(local),
            booked: visits::booked(tx, now).await?,
            moved_from: moved.map(|visit| visit.starts_at),
        })
    }

    /// Nothing sooner than this is free.
    pub fn not_before(&mut self, at: DateTime) {
        self.earliest = self.earliest.max(at);
    }

    /// The days for which times are offered.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let today = self.now.date();
        let days = self.config.visits.days_ahead.min(DAYS_MAX);
        (0..i64::from(days)).map_while(move |day| today.checked_add(day.days()).ok())
    }

    /// What is free on that day, the soonest first.
    pub fn on(&self, day: Date, technicians: &[Technician]) -> Result<Vec<Time>, AppError> {
        let mut free = Vec::new();
        for technician in technicians {
            let spans = technician.hours()?;
            let spans = spans.iter().filter_map(|span| Span::from_str(span).ok());
            let starts = spans.flat_map(|span| span.starts_on(day, self.hours()));
            let open = starts.filter(|at| *at >= self.earliest && !self.is_taken(technician, *at));
            free.extend(open.map(|at| Time { at, technician: technician.id.clone() }));
        }
        free.sort();
        Ok(free)
    }

    pub fn end_of(&self, at: DateTime) -> DateTime {
        end_of(at, self.hours())
    }

    const fn hours(&self) -> u8 {
        self.config.visits.hours
    }

    fn is_taken(&self, technician: &Technician, at: DateTime) -> bool {
        let (from, to) = (self.config.hours.at(at), self.config.hours.at(self.end_of(at)));
        let overlaps = |starts: Timestamp, ends: Timestamp| starts < to && from < ends;
        self.moved_from == Some(from)
            || self
                .booked
                .iter()
                .any(|(whose, starts, ends)| *whose == technician.id && overlaps(*starts, *ends))
    }
}

pub fn end_of(at: DateTime, hours: u8) -> DateTime {
    at.checked_add(i64::from(hours).hours()).unwrap_or(at)
}

/// Whether they go there, and mend such a thing.
pub fn comes(technician: &Technician, what: &str, place: &str) -> bool {
    let (place, what) = (place.to_lowercase(), what.to_lowercase());
    let goes_there = |area: &String| {
        let area = area.to_lowercase();
        let is_code = area.starts_with(|c: char| c.is_ascii_digit());
        let mut words = place.split(|c: char| !c.is_alphanumeric());
        if is_code { words.any(|word| word.starts_with(&area)) } else { place.contains(&area) }
    };
    let mends = |skill: &String| what.contains(&skill.to_lowercase());
    let (areas, skills) = (technician.areas().unwrap_or_default(), technician.skills().unwrap_or_default());
    (areas.is_empty() || areas.iter().any(goes_there)) && (skills.is_empty() || skills.iter().any(mends))
}
