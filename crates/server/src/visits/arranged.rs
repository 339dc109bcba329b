//! Visits that a person arranges: from the same free times that flows offer, with the same care for what is taken.

use jiff::civil::DateTime;
use model::{
    Timestamp,
    ids::{TechnicianId, TicketId, UserId, VisitId},
};
use store::{
    Tx,
    visits::{self, NewVisit, Technician, Visit},
};

use super::{
    claim, clip,
    times::{self, Time, Times},
};
use crate::{app::App, error::AppError};

/// As many as a person looks through.
const TIMES_MAX: usize = 60;

/// A free time of one technician.
#[derive(Debug)]
pub struct Free {
    pub technician: TechnicianId,
    pub technician_name: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Who may come.
pub enum Who<'a> {
    /// Anybody who goes there and mends such a thing.
    Fits { what: &'a str, place: &'a str },
    /// One whom a person chose, wherever it is.
    Named(&'a TechnicianId),
}

/// The soonest free times; without that of the visit that is moved.
pub async fn free(
    tx: &mut Tx,
    app: &App,
    wanted: &Who<'_>,
    moved: Option<&Visit>,
) -> Result<Vec<Free>, AppError> {
    let technicians = those_of(tx, wanted).await?;
    let times = Times::look(tx, app, moved).await?;
    let mut free = Vec::new();
    for day in times.days() {
        free.extend(
            times.on(day, &technicians)?.into_iter().map(|time| shown(app, &times, &technicians, time)),
        );
        if free.len() >= TIMES_MAX {
            break;
        }
    }
    free.truncate(TIMES_MAX);
    Ok(free)
}

async fn those_of(tx: &mut Tx, wanted: &Who<'_>) -> Result<Vec<Technician>, AppError> {
    let mut technicians = visits::technicians_in(tx).await?;
    technicians.retain(|technician| match wanted {
        Who::Fits { what, place } => times::comes(technician, what, place),
        Who::Named(id) => technician.id == **id,
    });
    Ok(technicians)
}

fn shown(app: &App, times: &Times<'_>, technicians: &[Technician], Time { at, technician }: Time) -> Free {
    let found = technicians.iter().find(|known| known.id == technician);
    Free {
        technician_name: found.map(|known| known.name.clone()).unwrap_or_default(),
        technician,
        starts_at: app.config.hours.at(at),
        ends_at: app.config.hours.at(times.end_of(at)),
    }
}

/// Why a visit was not arranged.
pub enum Refusal {
    /// Another has that time, or nobody works then.
    Taken,
    /// The visit that was to be moved is over, or there is none such.
    Over,
}

/// What is to be done, where, and when somebody comes.
pub struct Arranged<'a> {
    pub ticket: &'a TicketId,
    pub technician: &'a TechnicianId,
    pub starts_at: Timestamp,
    pub what: &'a str,
    pub place: &'a str,
    pub note: Option<&'a str>,
}

/// Books one of the free times.
pub async fn arrange(
    tx: &mut Tx,
    app: &App,
    wanted: &Arranged<'_>,
    by: Option<&UserId>,
) -> Result<Result<Visit, Refusal>, AppError> {
    let Some(at) = free_at(tx, app, wanted.technician, wanted.starts_at).await? else {
        return Ok(Err(Refusal::Taken));
    };
    let (what, place, note) = (clip(wanted.what), clip(wanted.place), wanted.note.map(clip));
    let new = NewVisit {
        ticket_id: wanted.ticket,
        technician_id: wanted.technician,
        what: &what,
        place: &place,
        note: note.as_deref(),
        starts_at: wanted.starts_at,
        ends_at: app.config.hours.at(times::end_of(at, app.config.visits.hours)),
        booked_by: by,
    };
    Ok(claim(tx, app, &new).await?.ok_or(Refusal::Taken))
}

/// The same time on the desk's clock, when it is one that is free.
async fn free_at(
    tx: &mut Tx,
    app: &App,
    technician: &TechnicianId,
    starts_at: Timestamp,
) -> Result<Option<DateTime>, AppError> {
    let at = app.config.hours.local(starts_at);
    let technicians = those_of(tx, &Who::Named(technician)).await?;
    let times = Times::look(tx, app, None).await?;
    let is_free = times.on(at.date(), &technicians)?.iter().any(|time| time.at == at);
    Ok(is_free.then_some(at))
}

/// Gives a booked visit another time; the old one is given back.
pub async fn move_to(
    tx: &mut Tx,
    app: &App,
    id: &VisitId,
    (technician, starts_at): (&TechnicianId, Timestamp),
    by: Option<&UserId>,
) -> Result<Result<Visit, Refusal>, AppError> {
    let old = visits::get_in(tx, id).await?.filter(|visit| visit.status == "booked");
    let Some(old) = old else { return Ok(Err(Refusal::Over)) };
    let wanted = Arranged {
        ticket: &old.ticket_id,
        technician,
        starts_at,
        what: &old.what,
        place: &old.place,
        note: old.note.as_deref(),
    };
    let moved = arrange(tx, app, &wanted, by).await?;
    // The new time is ours: only now the old one is given back.
    if moved.is_ok() && !visits::cancel(tx, &app.ids, id, Some("moved"), by, app.clock.now()).await? {
        return Ok(Err(Refusal::Over));
    }
    Ok(moved)
}
