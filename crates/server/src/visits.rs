//! Technicians' visits, as flows and people book them, and the words in which a customer reads of them.

mod arranged;
mod calendar;
mod remind;
mod times;
mod words;

use std::collections::BTreeMap;

use flows::{engine::Outcome, format::OfVisit};
use jiff::civil::DateTime;
use model::ids::{TechnicianId, TicketId, VisitId};
use store::{
    Tx,
    visits::{self, NewVisit, Visit},
};

use self::times::{Time, Times};
pub use self::{
    arranged::{Arranged, Refusal, Who, arrange, free, move_to},
    calendar::calendar,
    remind::remind,
};
use crate::{app::App, error::AppError};

const SLOTS_MAX: usize = 3;
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
    technicians.retain(|technician| times::comes(technician, what, place));
    let moved = match asked.word("visit") {
        Some(id) => visits::get_in(tx, &VisitId::from(id)).await?,
        None => None,
    };
    let mut times = Times::look(tx, app, moved.as_ref()).await?;
    if let Some(at) = asked.word("not_before").and_then(|text| text.parse::<DateTime>().ok()) {
        times.not_before(at);
    }
    let mut free: Vec<Time> = Vec::new();
    for day in times.days() {
        let mut of_day = times.on(day, &technicians)?;
        of_day.dedup_by_key(|time| time.at);
        free.extend(of_day);
        if free.len() >= SLOTS_MAX {
            break;
        }
    }
    if free.is_empty() {
        return Ok(Outcome::Missing);
    }
    let mut given = BTreeMap::new();
    for (n, Time { at, technician }) in (1..).zip(free.into_iter().take(SLOTS_MAX)) {
        given.insert(format!("slot{n}"), format!("{technician}.{at}"));
        given.insert(format!("slot{n}_title"), words::title(asked.language, at, times.end_of(at)));
    }
    Ok(Outcome::Found(given))
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
        ends_at: app.config.hours.at(times::end_of(at, app.config.visits.hours)),
        booked_by: None,
    };
    take(tx, app, &new, asked.language).await
}

async fn take(tx: &mut Tx, app: &App, new: &NewVisit<'_>, language: &str) -> Result<Outcome, AppError> {
    let visit = claim(tx, app, new).await?;
    Ok(visit.map_or(Outcome::Missing, |visit| Outcome::Found(facts(app, &visit, language))))
}

/// Books a time that somebody chose a moment ago; `None` when it is gone: another has it, it has passed, or the
/// technician left meanwhile.
async fn claim(tx: &mut Tx, app: &App, new: &NewVisit<'_>) -> Result<Option<Visit>, AppError> {
    let now = app.clock.now();
    let known = visits::technicians_in(tx).await?;
    if new.starts_at <= now || !known.iter().any(|technician| technician.id == *new.technician_id) {
        return Ok(None);
    }
    let Some(id) = visits::book(tx, &app.ids, new, now).await? else { return Ok(None) };
    let visit = visits::get_in(tx, &id).await?;
    if let Some(visit) = &visit {
        remind::wind(tx, app, visit).await?;
    }
    Ok(visit)
}

/// What a flow tells the customer of it.
fn facts(app: &App, visit: &Visit, language: &str) -> BTreeMap<String, String> {
    let (from, to) = (app.config.hours.local(visit.starts_at), app.config.hours.local(visit.ends_at));
    [
        ("visit", visit.id.to_string()),
        ("when", words::when(language, from, to)),
        ("technician", visit.technician_name.clone()),
        ("over_at", to.strftime("%Y-%m-%dT%H:%M").to_string()),
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
        ends_at: app.config.hours.at(times::end_of(at, app.config.visits.hours)),
        booked_by: None,
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
