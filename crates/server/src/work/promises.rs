//! The clocks of what is promised: kept in rows, rung by jobs.

use std::collections::BTreeSet;

use jiff::{civil::Date, tz::TimeZone};
use model::{
    Timestamp,
    calendar::Calendar,
    ids::TicketId,
    sla::{self, Facts, Happened, Rung},
};
use serde_json::json;
use store::{
    Tx, events,
    jobs::{self, NewJob},
    messages, sla as kept,
    teams::Team,
    tickets::Work,
};

use crate::{app::App, error::AppError, jobs::SlaDue};

/// Says what came due until now, sets the clocks to what is the case, and has them looked at when the next is due.
pub async fn keep(
    tx: &mut Tx,
    app: &App,
    work: &Work,
    team: Option<&Team>,
    happened: Happened,
) -> Result<(), AppError> {
    if !work.has_promises {
        return if work.due_at.is_some() { Ok(kept::set_due(tx, &work.id, None).await?) } else { Ok(()) };
    }
    let now = app.clock.now();
    let policies = kept::policies_in(tx).await?;
    let promises = kept::promised(&policies, team.map(|team| &team.id), &work.priority);
    let calendar = match team {
        Some(team) => calendar_of(app, team)?,
        None => app.config.hours.calendar(),
    };
    let before = kept::clocks(tx, &work.id).await?;
    let mut clocks = before.clone();
    let was_answered = before.is_empty() && messages::has_answer_of_person(tx, &work.id).await?;
    let mut rung = sla::ring(&mut clocks, &promises, &calendar, now);
    let facts = Facts { status: work.status, is_led: work.is_led, was_answered };
    sla::advance(&mut clocks, &facts, happened, now, &calendar);
    // A promise that became shorter may be broken already.
    rung.extend(sla::ring(&mut clocks, &promises, &calendar, now));
    for one in rung {
        say(tx, app, &work.id, &one, now).await?;
    }
    kept::keep_clocks(tx, &work.id, &before, &clocks).await?;
    kept::set_due(tx, &work.id, sla::due(&clocks, &promises, &calendar).as_ref()).await?;
    match sla::next_ring(&clocks, &promises, &calendar) {
        Some(at) => ask_again(tx, app, &work.id, at).await,
        None => Ok(()),
    }
}

async fn say(tx: &mut Tx, app: &App, ticket: &TicketId, rung: &Rung, now: Timestamp) -> Result<(), AppError> {
    let kind = if rung.is_breach { "sla.breached" } else { "sla.warned" };
    let data = json!({ "target": rung.target.as_str(), "due_at": rung.due_at });
    metrics::counter!("sportello_promises_total", "target" => rung.target.as_str(), "what" => kind)
        .increment(1);
    Ok(events::add(tx, &app.ids, ticket, kind, None, &data, now).await?)
}

/// Each moment has a job of its own; one that was overtaken finds nothing to say.
async fn ask_again(tx: &mut Tx, app: &App, ticket: &TicketId, at: Timestamp) -> Result<(), AppError> {
    let payload = SlaDue { ticket_id: ticket.clone() };
    let key = format!("{}:{ticket}:{}", SlaDue::KIND, at.micros());
    let job = NewJob { kind: SlaDue::KIND, payload: &payload, run_at: at, dedup_key: Some(&key) };
    jobs::enqueue(tx, &app.ids, app.clock.now(), job).await?;
    Ok(())
}

/// When a team is there. What it is made of was read before it was stored.
pub fn calendar_of(app: &App, team: &Team) -> Result<Calendar, AppError> {
    let zone = TimeZone::get(&team.time_zone).unwrap_or_else(|error| {
        tracing::warn!(%error, team = team.id.as_str(), "a team's time zone is not known any more; the desk's counts");
        app.config.hours.time_zone.clone()
    });
    let open = team.hours()?.iter().filter_map(|span| span.parse().ok()).collect();
    let holidays: BTreeSet<Date> = team.holidays()?.iter().filter_map(|one| one.day.parse().ok()).collect();
    Ok(Calendar::new(zone, open, holidays))
}
