//! `event.post`: the operator's system is told of what happened in a flow, until it takes it.
//!
//! What is told stands on the ticket (`flow.event`); every try has the same id, so that whoever heard it twice knows.

use std::{collections::BTreeMap, time::Duration};

use model::{
    Timestamp,
    ids::{EventId, TicketId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Tx, events,
    jobs::{self, Job},
    tickets,
};

use super::{End, spread};
use crate::{
    app::App,
    error::{AppError, to_json},
    outgoing::Told,
};

/// Between the tries: three days and some hours in all, as Standard Webhooks advises.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];
/// Why nobody is told, and what to do, on the ticket and among the dead letters.
pub const NOT_CONFIGURED: &str = "the configuration has no [flows.events]";
const REFUSED: &str = "it answered 410 Gone, which says that it wants no such events any more";

#[derive(Serialize, Deserialize)]
pub struct EventPost {
    /// The `flow.event` on the ticket.
    pub event_id: EventId,
}

impl EventPost {
    pub const KIND: &str = "event.post";

    pub fn key(&self) -> String {
        format!("{}:{}", Self::KIND, self.event_id)
    }
}

/// What a flow announces, as it stands on the ticket.
#[derive(Serialize, Deserialize)]
pub struct Announced {
    pub name: String,
    pub with: BTreeMap<String, String>,
    pub flow: String,
    pub version: i64,
}

impl Announced {
    pub const KIND: &str = "flow.event";
    const UNTOLD: &str = "flow.event_untold";
    const TOLD: &str = "flow.event_told";
}

/// An announcement in its place.
struct Found {
    ticket: TicketId,
    announced: Announced,
    at: Timestamp,
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let EventPost { event_id } = job.read()?;
    let Some(found) = find(app, &event_id).await? else {
        // The customer was forgotten meanwhile, and what they said with them.
        return finish(app, job, &event_id, None).await;
    };
    let Some(receiver) = &app.events else { return Ok(End::Fail(NOT_CONFIGURED.to_owned())) };
    let Some(body) = body(app, &found).await? else { return finish(app, job, &event_id, None).await };
    let told = receiver.tell(&format!("evt_{event_id}"), &body, app.clock.now()).await;
    metrics::counter!("sportello_flow_events_total", "end" => told.name()).increment(1);
    match told {
        Told::Taken => finish(app, job, &event_id, Some(&found)).await,
        Told::Refused => Ok(End::Fail(REFUSED.to_owned())),
        Told::Failed(why) => Ok(match pause(job) {
            Some(pause) => {
                End::Retry { at: app.clock.now().plus(pause.mul_f64(1.0 + spread(app) / 10.0)), why }
            }
            None => End::Fail(format!("it was tried {} times over three days; at last {why}", job.attempts)),
        }),
    }
}

/// After which pause it is tried again; `None` after the last try.
fn pause(job: &Job) -> Option<Duration> {
    let tries = usize::try_from(job.attempts).unwrap_or(usize::MAX);
    PAUSES.get(tries.saturating_sub(1)).copied()
}

async fn find(app: &App, id: &EventId) -> Result<Option<Found>, AppError> {
    let Some(event) = events::find(&app.db, id).await? else { return Ok(None) };
    let announced = serde_json::from_str(&event.data)
        .map_err(|source| AppError::Json { what: "an event of a flow", source })?;
    Ok(Some(Found { ticket: event.ticket_id, announced, at: event.at }))
}

/// The same over all tries. What the author of the flow named, and ids: nothing else of the customer.
async fn body(app: &App, found: &Found) -> Result<Option<String>, AppError> {
    let Some(ticket) = tickets::get(&app.db, &found.ticket).await? else { return Ok(None) };
    let Announced { name, with, flow, version } = &found.announced;
    let mut data: serde_json::Map<String, Value> =
        with.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    data.insert("ticket".to_owned(), json!({ "id": ticket.id, "number": ticket.number }));
    data.insert("contact".to_owned(), json!({ "id": ticket.contact_id }));
    data.insert("flow".to_owned(), json!({ "name": flow, "version": version }));
    let body = json!({ "type": name, "timestamp": found.at, "data": data });
    to_json("an event for another system", &body).map(Some)
}

/// The job is over. Where the ticket says that nobody was told, it now says that somebody was.
async fn finish(app: &App, job: &Job, id: &EventId, told: Option<&Found>) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    if let Some(found) = told
        && events::exists(&mut tx, &untold_id(id)).await?
    {
        let data = json!({ "name": found.announced.name });
        let id = EventId::from(format!("{id}:told"));
        events::add_with_id(&mut tx, &id, &found.ticket, Announced::TOLD, None, &data, app.clock.now())
            .await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// The tries are over: the ticket says that the other system was not told, and why.
pub async fn buried(tx: &mut Tx, app: &App, job: &Job, why: &str) -> Result<(), AppError> {
    let Ok(EventPost { event_id }) = job.read() else { return Ok(()) };
    let Some(found) = find(app, &event_id).await? else { return Ok(()) };
    let id = untold_id(&event_id);
    let untold =
        Untold { id: &id, ticket: &found.ticket, announced: &found.announced, why, tries: job.attempts };
    untold.note(tx, app).await
}

/// Named after the announcement: a second funeral says nothing new.
fn untold_id(id: &EventId) -> EventId {
    EventId::from(format!("{id}:untold"))
}

/// What the other system was not told.
pub struct Untold<'a> {
    pub id: &'a EventId,
    pub ticket: &'a TicketId,
    pub announced: &'a Announced,
    pub why: &'a str,
    /// How often it was tried; a job that was never there cannot be run again.
    pub tries: i64,
}

impl Untold<'_> {
    /// Says so on the ticket.
    pub async fn note(&self, tx: &mut Tx, app: &App) -> Result<(), AppError> {
        let Announced { name, with, .. } = self.announced;
        let data = json!({ "name": name, "with": with, "why": self.why, "tries": self.tries });
        let now = app.clock.now();
        Ok(events::add_with_id(tx, self.id, self.ticket, Announced::UNTOLD, None, &data, now).await?)
    }
}
