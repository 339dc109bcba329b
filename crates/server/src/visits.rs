//! Technicians' visits: which times are free, and the words in which a customer reads them.

mod words;

use std::{collections::BTreeMap, str::FromStr as _};

use flows::{engine::Outcome, format::OfVisit};
use jiff::{ToSpan as _, civil::DateTime};
use model::{
    Timestamp,
    ids::{TechnicianId, TicketId, VisitId},
};
use store::{
    Tx,
    visits::{self, NewVisit, Technician, Visit},
};

use crate::{app::App, config::Visits, error::AppError, guide::Span};

const SLOTS_MAX: usize = 3;
/// Days that are looked through.
const DAYS_MAX: u16 = 60;
/// Of what a customer wrote.
const WORDS_CHARS_MAX: usize = 500;

/// A flow's question.
pub struct Asked<'a> {
    pub ticket: &'a TicketId,
    pub language: &'a str,
    pub with: &'a BTreeMap<String, String>,
}

impl Asked<'_> {
    pub fn word(&self, key: &str) -> Option<&str> {
        self.with.get(key).map(|word| word.trim()).filter(|word| !word.is_empty())
    }
}

/// Answers within the transaction in which the flow hears of it: what is promised is booked.
pub async fn answer(tx: &mut Tx, app: &App, of: OfVisit, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    match of {
        OfVisit::Slots => slots(tx, app, asked).await,
        OfVisit::Book => book(tx, app, asked).await,
        OfVisit::Change => change(tx, app, asked).await,
        OfVisit::Cancel => cancel(tx, app, asked).await,
    }
}

async fn slots(tx: &mut Tx, app: &App, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let (what, place) = (asked.word("what").unwrap_or_default(), asked.word("place").unwrap_or_default());
    let mut technicians = visits::technicians_in(tx).await?;
    technicians.retain(|technician| comes(technician, what, place));
    let not_before = asked.word("not_before").and_then(|text| text.parse::<DateTime>().ok());
    let moved = match asked.word("visit") {
        Some(id) => visits::get_in(tx, &VisitId::from(id)).await?,
        None => None,
    };
    let free = free(tx, app, &technicians, not_before, moved.as_ref()).await?;
    if free.is_empty() {
        return Ok(Outcome::Missing);
    }
    let mut given = BTreeMap::new();
    for (n, (at, technician)) in (1..).zip(free) {
        let end = at.checked_add(i64::from(app.config.visits.hours).hours()).unwrap_or(at);
        given.insert(format!("slot{n}"), format!("{technician}.{at}"));
        given.insert(format!("slot{n}_title"), words::title(asked.language, at, end));
    }
    Ok(Outcome::Found(given))
}

/// Whether they go there, and mend such a thing.
fn comes(technician: &Technician, what: &str, place: &str) -> bool {
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

/// The soonest free times, each with one who can come then.
async fn free(
    tx: &mut Tx,
    app: &App,
    technicians: &[Technician],
    not_before: Option<DateTime>,
    moved: Option<&Visit>,
) -> Result<Vec<(DateTime, TechnicianId)>, AppError> {
    let Visits { hours, notice_hours, days_ahead } = app.config.visits;
    let now = app.clock.now();
    let local = app.config.hours.local(now);
    let earliest = local.checked_add(i64::from(notice_hours).hours()).unwrap_or(local);
    let earliest = not_before.map_or(earliest, |at| at.max(earliest));
    let booked = visits::booked(tx, now).await?;
    let is_taken = |technician: &Technician, at: DateTime| {
        let (from, to) = (app.config.hours.at(at), app.config.hours.at(end_of(at, hours)));
        let own = moved.is_some_and(|visit| visit.starts_at == from);
        own || booked
            .iter()
            .any(|(whose, starts, ends)| *whose == technician.id && *starts < to && from < *ends)
    };
    let mut free: Vec<(DateTime, TechnicianId)> = Vec::new();
    for day in 0..i64::from(days_ahead.min(DAYS_MAX)) {
        let Ok(date) = local.date().checked_add(day.days()) else { break };
        let mut of_day: Vec<(DateTime, TechnicianId)> = Vec::new();
        for technician in technicians {
            let spans = technician.hours()?;
            let spans = spans.iter().filter_map(|span| Span::from_str(span).ok());
            let starts = spans.flat_map(|span| span.starts_on(date, hours));
            let open = starts.filter(|at| *at >= earliest && !is_taken(technician, *at));
            of_day.extend(open.map(|at| (at, technician.id.clone())));
        }
        of_day.sort();
        of_day.dedup_by_key(|(at, _)| *at);
        free.extend(of_day);
        if free.len() >= SLOTS_MAX {
            break;
        }
    }
    free.truncate(SLOTS_MAX);
    Ok(free)
}

fn end_of(at: DateTime, hours: u8) -> DateTime {
    at.checked_add(i64::from(hours).hours()).unwrap_or(at)
}

/// The technician and the time of a slot that was offered.
fn parse_slot(text: &str) -> Option<(TechnicianId, DateTime)> {
    let (technician, at) = text.split_once('.')?;
    Some((TechnicianId::from(technician), at.parse().ok()?))
}

async fn book(tx: &mut Tx, app: &App, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let Some((technician, at)) = asked.word("slot").and_then(parse_slot) else { return Ok(Outcome::Failed) };
    let what = clip(asked.word("what").unwrap_or_default());
    let place = clip(asked.word("place").unwrap_or_default());
    let note = asked.word("note").map(clip);
    let new = NewVisit {
        ticket_id: asked.ticket,
        technician_id: &technician,
        what: &what,
        place: &place,
        note: note.as_deref(),
        starts_at: app.config.hours.at(at),
        ends_at: app.config.hours.at(end_of(at, app.config.visits.hours)),
    };
    take(tx, app, &new, asked.language).await
}

async fn take(tx: &mut Tx, app: &App, new: &NewVisit<'_>, language: &str) -> Result<Outcome, AppError> {
    let now = app.clock.now();
    let known = visits::technicians_in(tx).await?;
    // One who left meanwhile, or a time that has passed: offered anew.
    if new.starts_at <= now || !known.iter().any(|technician| technician.id == *new.technician_id) {
        return Ok(Outcome::Missing);
    }
    let Some(id) = visits::book(tx, &app.ids, new, now).await? else { return Ok(Outcome::Missing) };
    let Some(visit) = visits::get_in(tx, &id).await? else { return Ok(Outcome::Failed) };
    Ok(Outcome::Found(facts(app, &visit, language)))
}

/// What a flow tells the customer of it.
fn facts(app: &App, visit: &Visit, language: &str) -> BTreeMap<String, String> {
    let (from, to) = (app.config.hours.local(visit.starts_at), app.config.hours.local(visit.ends_at));
    // The evening before, or a few hours before when that is over.
    let evening = from.date().yesterday().map(|day| day.at(17, 0, 0, 0)).unwrap_or(from);
    let now = app.config.hours.local(app.clock.now());
    let remind_at = if evening > now { evening } else { from.checked_sub(2.hours()).unwrap_or(from) };
    [
        ("visit", visit.id.to_string()),
        ("when", words::when(language, from, to)),
        ("technician", visit.technician_name.clone()),
        ("remind_at", remind_at.strftime("%Y-%m-%dT%H:%M").to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

async fn change(tx: &mut Tx, app: &App, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let Some(visit) = of_ticket(tx, asked).await? else { return Ok(Outcome::Failed) };
    let Some((technician, at)) = asked.word("slot").and_then(parse_slot) else { return Ok(Outcome::Failed) };
    let new = NewVisit {
        ticket_id: asked.ticket,
        technician_id: &technician,
        what: &visit.what,
        place: &visit.place,
        note: visit.note.as_deref(),
        starts_at: app.config.hours.at(at),
        ends_at: app.config.hours.at(end_of(at, app.config.visits.hours)),
    };
    let taken = take(tx, app, &new, asked.language).await?;
    if matches!(taken, Outcome::Found(_)) {
        // The new time is ours: only now the old one is given back.
        visits::cancel(tx, &app.ids, &visit.id, Some("moved"), None, app.clock.now()).await?;
    }
    Ok(taken)
}

async fn cancel(tx: &mut Tx, app: &App, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let Some(visit) = of_ticket(tx, asked).await? else { return Ok(Outcome::Missing) };
    let why = asked.word("why").map(clip);
    let is_off = visits::cancel(tx, &app.ids, &visit.id, why.as_deref(), None, app.clock.now()).await?;
    Ok(if is_off { Outcome::Found([("visit".to_owned(), visit.id.0)].into()) } else { Outcome::Missing })
}

/// The visit that is named, if it is this customer's and still ahead.
async fn of_ticket(tx: &mut Tx, asked: &Asked<'_>) -> Result<Option<Visit>, AppError> {
    let Some(id) = asked.word("visit") else { return Ok(None) };
    let visit = visits::get_in(tx, &VisitId::from(id)).await?;
    Ok(visit.filter(|visit| visit.ticket_id == *asked.ticket && visit.status == "booked"))
}

fn clip(text: &str) -> String {
    text.chars().take(WORDS_CHARS_MAX).collect()
}

/// A technician's visits as a calendar (RFC 5545).
pub fn calendar(name: &str, visits: &[Visit], now: Timestamp) -> String {
    let stamp = |at: Timestamp| {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
        at.strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Sportello//Visits//EN".to_owned(),
        format!("X-WR-CALNAME:{}", escaped(name)),
    ];
    for visit in visits {
        let status = if visit.status == "cancelled" { "CANCELLED" } else { "CONFIRMED" };
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}@sportello", visit.id),
            format!("DTSTAMP:{}", stamp(visit.updated_at.min(now))),
            format!("DTSTART:{}", stamp(visit.starts_at)),
            format!("DTEND:{}", stamp(visit.ends_at)),
            format!("SUMMARY:{}", escaped(&visit.what)),
            format!("LOCATION:{}", escaped(&visit.place)),
            format!("DESCRIPTION:{}", escaped(visit.note.as_deref().unwrap_or_default())),
            format!("STATUS:{status}"),
            "END:VEVENT".to_owned(),
        ]);
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Backslash, comma, semicolon and line ends mean something in a value.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line has 75 bytes at most; what goes on begins with a space.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for c in line.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_keeps_to_the_format() {
        let visit = Visit {
            id: VisitId::from("01V"),
            ticket_id: TicketId::from("01T"),
            technician_id: TechnicianId::from("01N"),
            technician_name: "Gino".to_owned(),
            what: "Washer; leaks, a lot".to_owned(),
            place: "Via Roma 1\n20121 Milano".to_owned(),
            note: Some("è rumorosa ".repeat(12)),
            starts_at: Timestamp::from_secs(1_795_424_400),
            ends_at: Timestamp::from_secs(1_795_431_600),
            status: "booked".to_owned(),
            why: None,
            updated_at: Timestamp::from_secs(1_795_000_000),
        };
        let text = calendar("Gino", &[visit], Timestamp::from_secs(1_795_000_000));
        assert!(text.contains("DTSTART:20261123T090000Z\r\n"), "{text}");
        assert!(text.contains("SUMMARY:Washer\\; leaks\\, a lot\r\n"), "{text}");
        assert!(text.contains("LOCATION:Via Roma 1\\n20121 Milano\r\n"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    }
}
