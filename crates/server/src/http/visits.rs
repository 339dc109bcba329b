//! Visits of technicians: the agenda, the free times, and what a person books, moves and calls off.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    access::Reach,
    ids::{TechnicianId, TicketId, VisitId},
};
use serde::{Deserialize, Serialize};
use store::visits::{self as kept, Wanted};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    access::{Reached, reach},
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::{
    guide,
    visits::{self, Arranged, Refusal, Who},
};

const VISITS_MAX: i64 = 500;
const OVER: &str = "this visit is over already";

/// A visit at a customer's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Visit {
    pub id: String,
    pub ticket_id: String,
    pub ticket_number: i64,
    /// Their name, else their number; absent when the channel hides both.
    pub contact_name: Option<String>,
    pub technician_id: String,
    pub technician_name: String,
    pub what: String,
    pub place: String,
    pub note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// `booked`, `cancelled` or `done`.
    pub status: String,
    /// Of a cancellation.
    pub why: Option<String>,
}

impl From<kept::Visit> for Visit {
    fn from(row: kept::Visit) -> Self {
        Self {
            id: row.id.0,
            ticket_id: row.ticket_id.0,
            ticket_number: row.ticket_number,
            contact_name: row.contact_name,
            technician_id: row.technician_id.0,
            technician_name: row.technician_name,
            what: row.what,
            place: row.place,
            note: row.note,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            status: row.status,
            why: row.why,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// Those that end after this; from now on when left out.
    #[param(value_type = Option<String>)]
    pub from: Option<Timestamp>,
    /// Those that begin before this.
    #[param(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    pub technician: Option<String>,
    pub ticket: Option<String>,
}

/// The soonest first.
#[utoipa::path(get, path = "/api/v1/visits", tag = "visits", params(VisitQuery), responses((status = 200, body = Page<Visit>)))]
pub async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(query): Query<VisitQuery>,
) -> ApiResult<Json<Page<Visit>>> {
    let now = web.app.clock.now();
    // All of a ticket's visits are told, the past ones as well.
    let from = query.from.unwrap_or(if query.ticket.is_some() { Timestamp::default() } else { now });
    let technician = match caller.reach {
        Reach::Everything => query.technician.map(TechnicianId),
        // A technician sees their own, whatever they ask for; who is none of the desk's sees nobody's.
        Reach::OwnVisits => match caller.user_id() {
            Some(user) => Some(kept::technician_of(&web.app.db, user).await?.unwrap_or_else(|| "".into())),
            None => return Err(ApiError::unauthorized()),
        },
    };
    let ticket = query.ticket.map(TicketId);
    let wanted =
        Wanted { from, until: query.until, technician: technician.as_ref(), ticket: ticket.as_ref() };
    let rows = kept::list(&web.app.db, &wanted, VISITS_MAX).await?;
    Ok(Json(Page::whole(rows.into_iter().map(Visit::from).collect())))
}

/// A time at which a technician could come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VisitTime {
    pub technician_id: String,
    pub technician_name: String,
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitTimeQuery {
    /// What is to be mended: finds those who mend such a thing.
    pub what: Option<String>,
    /// Where: finds those who go there.
    pub place: Option<String>,
    /// Only this technician, whatever it is and wherever.
    pub technician: Option<String>,
    /// A visit that is to be moved: what and where are its own, and its time is not offered again.
    pub visit: Option<String>,
}

/// Free times of technicians, the soonest first: working hours without what is booked. At most 60.
#[utoipa::path(get, path = "/api/v1/visits/times", tag = "visits", params(VisitTimeQuery), responses((status = 200, body = Page<VisitTime>)))]
pub async fn times(
    State(web): State<Web>,
    Query(query): Query<VisitTimeQuery>,
) -> ApiResult<Json<Page<VisitTime>>> {
    let app = &web.app;
    let moved = match query.visit {
        Some(id) => Some(known(&web, &VisitId(id)).await?),
        None => None,
    };
    let technician = query.technician.filter(|id| !id.is_empty()).map(TechnicianId);
    let word = |given: Option<String>, own: fn(&kept::Visit) -> &String| {
        given.or_else(|| moved.as_ref().map(|visit| own(visit).clone())).unwrap_or_default()
    };
    let (what, place) = (word(query.what, |visit| &visit.what), word(query.place, |visit| &visit.place));
    let who = match &technician {
        Some(id) => Who::Named(id),
        None => Who::Fits { what: &what, place: &place },
    };
    let mut tx = app.db.begin().await?;
    let free = visits::free(&mut tx, app, &who, moved.as_ref()).await?;
    let shown = free.into_iter().map(|free| VisitTime {
        technician_id: free.technician.0,
        technician_name: free.technician_name,
        starts_at: free.starts_at,
        ends_at: free.ends_at,
    });
    Ok(Json(Page::whole(shown.collect())))
}

async fn known(web: &Web, id: &VisitId) -> ApiResult<kept::Visit> {
    kept::get(&web.app.db, id).await?.ok_or_else(|| ApiError::not_found("visit"))
}

/// A visit that a person arranged with the customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVisit {
    pub ticket_id: String,
    pub technician_id: String,
    /// One of the free times.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// What is to be mended, in at most 500 characters.
    pub what: String,
    /// Street and town, in at most 500 characters.
    pub place: String,
    /// For the technician.
    pub note: Option<String>,
}

/// Books a free time. The customer is told by whoever books it.
#[utoipa::path(post, path = "/api/v1/visits", tag = "visits", request_body = NewVisit, responses((status = 201, body = Visit)))]
pub async fn book(
    State(web): State<Web>,
    caller: Caller,
    Json(new): Json<NewVisit>,
) -> ApiResult<(StatusCode, Json<Visit>)> {
    let (app, ticket, technician) = (&web.app, TicketId(new.ticket_id), TechnicianId(new.technician_id));
    reach(&app.db, &caller, &ticket).await?;
    let (what, place) = (new.what.trim(), new.place.trim());
    if what.is_empty() || place.is_empty() {
        return Err(ApiError::invalid("write what is to be done and where, so that the technician knows"));
    }
    let wanted = Arranged {
        ticket: &ticket,
        technician: &technician,
        starts_at: new.starts_at,
        what,
        place,
        note: new.note.as_deref().map(str::trim).filter(|note| !note.is_empty()),
    };
    let mut tx = app.db.begin().await?;
    if !store::tickets::exists(&mut tx, &ticket).await? {
        return Err(ApiError::not_found("ticket"));
    }
    let visit = visits::arrange(&mut tx, app, &wanted, caller.user_id()).await?.map_err(refused)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(visit.into())))
}

/// Another time for a visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitMove {
    pub technician_id: String,
    /// One of the free times.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
}

/// Gives a booked visit another time: a new visit takes its place. The customer is told by whoever moves it, who
/// has the conversation from now on; a flow that led it ends.
#[utoipa::path(post, path = "/api/v1/visits/{id}/move", tag = "visits", params(("id" = String, Path)), request_body = VisitMove, responses((status = 200, body = Visit)))]
pub async fn move_to(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<VisitId>,
    Json(to): Json<VisitMove>,
) -> ApiResult<Json<Visit>> {
    let (app, technician) = (&web.app, TechnicianId(to.technician_id));
    let ticket = known(&web, &id).await?.ticket_id;
    let mut tx = app.db.begin().await?;
    let to = (&technician, to.starts_at);
    guide::taken_over(&mut tx, app, &ticket, caller.user_id()).await?;
    let visit = visits::move_to(&mut tx, app, &id, to, caller.user_id()).await?.map_err(refused)?;
    tx.commit().await?;
    Ok(Json(visit.into()))
}

fn refused(refusal: Refusal) -> ApiError {
    let (code, why) = match refusal {
        Refusal::Taken => ("time_taken", "this time is not free any more; choose another one"),
        Refusal::Over => ("visit_over", OVER),
    };
    ApiError::new(StatusCode::CONFLICT, code, why)
}

/// How a visit ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitChange {
    /// `cancelled` or `done`.
    pub status: String,
    /// Of a cancellation; the customer is told by whoever calls it off, who has the conversation from now on.
    pub why: Option<String>,
}

#[utoipa::path(patch, path = "/api/v1/visits/{id}", tag = "visits", params(("id" = String, Path)), request_body = VisitChange, responses((status = 200, body = Visit)))]
pub async fn end(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<VisitId>,
    Json(change): Json<VisitChange>,
) -> ApiResult<Json<Visit>> {
    let app = &web.app;
    let now = app.clock.now();
    let ticket = known(&web, &id).await?.ticket_id;
    let mut tx = app.db.begin().await?;
    let was_booked = match change.status.as_str() {
        "cancelled" => {
            guide::taken_over(&mut tx, app, &ticket, caller.user_id()).await?;
            kept::cancel(&mut tx, &app.ids, &id, change.why.as_deref(), caller.user_id(), now).await?
        }
        "done" => kept::done(&mut tx, &app.ids, &id, caller.user_id(), now).await?,
        _ => return Err(ApiError::invalid("status is `cancelled` or `done`")),
    };
    if !was_booked {
        return Err(ApiError::new(StatusCode::CONFLICT, "visit_over", OVER));
    }
    tx.commit().await?;
    Ok(Json(known(&web, &id).await?.into()))
}
