//! Technicians, and the calendar that a technician's phone subscribes to.

use std::str::FromStr as _;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use model::{
    access::Right,
    ids::{TechnicianId, UserId},
};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, users,
    visits::{self as kept, NewTechnician, Wanted},
};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::{guide::Span, visits};

const TECHNICIANS_MAX: usize = 500;
const LISTED_MAX: usize = 50;
const VISITS_MAX: i64 = 500;
/// A calendar shows the last weeks as well.
const CALENDAR_BACK: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3_600);

/// One who visits customers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Technician {
    pub id: String,
    pub name: String,
    /// Beginnings of postal codes or names of places; everywhere when empty.
    pub areas: Vec<String>,
    /// What they mend; everything when empty.
    pub skills: Vec<String>,
    /// Such as `mon-fri 09:00-18:00`, on the desk's clock.
    pub hours: Vec<String>,
    /// The path of their calendar (iCalendar); whoever has it may read it. Only told to those who may change technicians.
    pub calendar: Option<String>,
    /// The account with which they sign in: it sees their visits and these visits' tickets.
    pub user_id: Option<String>,
}

impl Technician {
    fn of(row: &kept::Technician, caller: &Caller) -> ApiResult<Self> {
        Ok(Self {
            id: row.id.0.clone(),
            name: row.name.clone(),
            areas: row.areas()?,
            skills: row.skills()?,
            hours: row.hours()?,
            calendar: caller
                .may(Right::TechniciansChange)
                .then(|| format!("/calendars/{}.ics", row.calendar_secret)),
            user_id: row.user_id.clone().map(|id| id.0),
        })
    }
}

#[utoipa::path(get, path = "/api/v1/technicians", tag = "technicians", responses((status = 200, body = Page<Technician>)))]
pub async fn list(State(web): State<Web>, caller: Caller) -> ApiResult<Json<Page<Technician>>> {
    let rows = kept::technicians(&web.app.db).await?;
    let all = rows.iter().map(|row| Technician::of(row, &caller)).collect::<ApiResult<Vec<_>>>()?;
    Ok(Json(Page::whole(all)))
}

/// A technician as an administrator describes them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TechnicianSpec {
    pub name: String,
    #[serde(default)]
    pub areas: Vec<String>,
    #[serde(default)]
    pub skills: Vec<String>,
    pub hours: Vec<String>,
    /// Their account, with the role `technician`; an account belongs to one technician.
    pub user_id: Option<String>,
}

#[utoipa::path(post, path = "/api/v1/technicians", tag = "technicians", request_body = TechnicianSpec, responses((status = 201, body = Technician)))]
pub async fn add(
    State(web): State<Web>,
    caller: Caller,
    Json(spec): Json<TechnicianSpec>,
) -> ApiResult<(StatusCode, Json<Technician>)> {
    let id = TechnicianId::new(&web.app.ids, web.app.clock.now());
    if kept::technicians(&web.app.db).await?.len() >= TECHNICIANS_MAX {
        return Err(ApiError::invalid(format!("a desk has at most {TECHNICIANS_MAX} technicians")));
    }
    store(&web, &caller, &id, &spec).await.map(|technician| (StatusCode::CREATED, Json(technician)))
}

#[utoipa::path(patch, path = "/api/v1/technicians/{id}", tag = "technicians", params(("id" = String, Path)), request_body = TechnicianSpec, responses((status = 200, body = Technician)))]
pub async fn change(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Json(spec): Json<TechnicianSpec>,
) -> ApiResult<Json<Technician>> {
    let id = TechnicianId(id);
    if !kept::technicians(&web.app.db).await?.iter().any(|known| known.id == id) {
        return Err(ApiError::not_found("technician"));
    }
    store(&web, &caller, &id, &spec).await.map(Json)
}

async fn store(
    web: &Web,
    caller: &Caller,
    id: &TechnicianId,
    spec: &TechnicianSpec,
) -> ApiResult<Technician> {
    let name = spec.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(ApiError::invalid("a technician has a name of 1 to 100 characters"));
    }
    if [&spec.areas, &spec.skills, &spec.hours].iter().any(|list| list.len() > LISTED_MAX) {
        return Err(ApiError::invalid(format!("at most {LISTED_MAX} areas, skills and spans")));
    }
    if spec.hours.is_empty() {
        return Err(ApiError::invalid("write when they work, such as `mon-fri 09:00-18:00`"));
    }
    for span in &spec.hours {
        Span::from_str(span).map_err(ApiError::invalid)?;
    }
    let app = &web.app;
    let user = spec.user_id.clone().map(UserId);
    if let Some(user) = &user
        && !users::exists(&app.db, user).await?
    {
        return Err(ApiError::invalid("this user does not exist"));
    }
    let new = NewTechnician {
        name,
        areas: &spec.areas,
        skills: &spec.skills,
        hours: &spec.hours,
        user_id: user.as_ref(),
    };
    let secret = hex::encode(app.ids.bytes::<16>());
    let mut tx = app.db.begin().await?;
    kept::put_technician(&mut tx, id, &new, &secret, app.clock.now()).await.map_err(|error| match error {
        StoreError::Duplicate(_) => {
            ApiError::new(StatusCode::CONFLICT, "account_taken", "this account belongs to another technician")
        }
        error => error.into(),
    })?;
    tx.commit().await?;
    let rows = kept::technicians(&app.db).await?;
    let row = rows.iter().find(|row| row.id == *id).ok_or_else(|| ApiError::not_found("technician"))?;
    Technician::of(row, caller)
}

/// They take no visits any more; those that are booked stand.
#[utoipa::path(delete, path = "/api/v1/technicians/{id}", tag = "technicians", params(("id" = String, Path)), responses((status = 204)))]
pub async fn leave(State(web): State<Web>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let mut tx = web.app.db.begin().await?;
    if !kept::leave(&mut tx, &TechnicianId(id), web.app.clock.now()).await? {
        return Err(ApiError::not_found("technician"));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A technician's visits as iCalendar. The secret in the path is the key: calendars on phones cannot sign in.
pub async fn calendar(State(web): State<Web>, Path(file): Path<String>) -> ApiResult<Response> {
    let app = &web.app;
    let secret = file.strip_suffix(".ics").unwrap_or_default();
    let technician = kept::by_calendar(&app.db, secret).await?.filter(|_| !secret.is_empty());
    let technician = technician.ok_or_else(|| ApiError::not_found("calendar"))?;
    let now = app.clock.now();
    let wanted =
        Wanted { from: now.minus(CALENDAR_BACK), technician: Some(&technician.id), ..Wanted::default() };
    let rows = kept::list(&app.db, &wanted, VISITS_MAX).await?;
    let text = visits::calendar(&technician.name, &rows, now);
    let kind = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, text).into_response())
}
