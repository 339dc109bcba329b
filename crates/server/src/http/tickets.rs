//! Tickets: list, look, change.

use std::time::Duration;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    access::{Reach, Right},
    ids::{TicketId, UserId},
    ticket::{Priority, TicketStatus},
};
use serde::{Deserialize, Deserializer};
use store::{
    StoreError, Tx,
    jobs::{self, NewJob},
    tickets::{self as store_tickets, Assignee, Filter, Order, Viewer},
    users,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    access::Reached,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::{Page, PageQuery},
    search,
    types::Ticket,
};
use crate::{
    jobs::TicketWake,
    work::{self, Moved},
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TicketQuery {
    /// Statuses, separated by commas; all when left out.
    pub status: Option<String>,
    /// `me`, `none` or a user's id; everybody's when left out.
    pub assignee: Option<String>,
    /// The name of a team.
    pub team: Option<String>,
    /// Only those that are put aside (`true`), or only those that are not.
    pub snoozed: Option<bool>,
    /// Only those of which a promise is broken and still to be kept.
    pub breached: Option<bool>,
    /// `activity` (newest first, the default) or `due` (what is due first; only tickets of which something is promised).
    /// Where words are searched, the newest come first.
    pub sort: Option<String>,
    /// Words, of which each must stand somewhere in the ticket, as `/search` reads them.
    pub q: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(TicketQuery), responses((status = 200, body = Page<Ticket>)))]
pub async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(query): Query<TicketQuery>,
) -> ApiResult<Json<Page<Ticket>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor, order: None };
    let words = query.q.filter(|q| !q.trim().is_empty()).map(|q| search::read(&q)).transpose()?;
    let filter = Filter {
        statuses: statuses(query.status.as_deref())?,
        assignee: assignee(query.assignee.as_deref(), &caller)?,
        team: query.team.filter(|team| !team.is_empty()),
        is_snoozed: query.snoozed,
        is_breached: query.breached.unwrap_or(false),
        order: if words.is_some() { Order::Activity } else { order(query.sort.as_deref())? },
        viewer: viewer(&caller)?,
        query: words,
        before: page.point()?.map(|(at, id)| (at, TicketId(id))),
        limit: page.limit() + 1,
    };
    let rows = store_tickets::list(&web.app.db, &filter).await?;
    let rows = Page::cut(rows, page.limit(), |row| (filter.point(row), row.id.0.clone()));
    Ok(Json(rows.map(|row| Ticket::of(row, &caller.rights))))
}

fn order(text: Option<&str>) -> ApiResult<Order> {
    match text {
        None | Some("activity") => Ok(Order::Activity),
        Some("due") => Ok(Order::Due),
        Some(other) => Err(ApiError::invalid(format!("sort is `{other}`; activity or due is needed"))),
    }
}

/// What is there for whom.
pub(super) fn viewer(caller: &Caller) -> ApiResult<Viewer> {
    let visited_by = match (caller.reach, caller.user_id()) {
        (Reach::Everything, _) => None,
        (Reach::OwnVisits, Some(user)) => Some(user.clone()),
        (Reach::OwnVisits, None) => return Err(ApiError::unauthorized()),
    };
    Ok(Viewer { visited_by, reads_papers: caller.may(Right::IdentityDocumentsRead) })
}

pub(super) fn statuses(text: Option<&str>) -> ApiResult<Vec<TicketStatus>> {
    let parse = |name: &str| {
        TicketStatus::parse(name).ok_or_else(|| {
            ApiError::invalid(format!(
                "status `{name}` is unknown; new, open, waiting, solved or closed is needed"
            ))
        })
    };
    let mut found = text
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(parse)
        .collect::<ApiResult<Vec<_>>>()?;
    found.dedup();
    found.truncate(TicketStatus::ALL.len());
    Ok(found)
}

pub(super) fn assignee(text: Option<&str>, caller: &Caller) -> ApiResult<Assignee> {
    match text {
        None | Some("") => Ok(Assignee::Anyone),
        Some("none") => Ok(Assignee::Nobody),
        Some("me") => match caller.user_id() {
            Some(id) => Ok(Assignee::User(id.clone())),
            None => Err(ApiError::invalid("this token belongs to no user; `me` has no meaning for it")),
        },
        Some(id) => Ok(Assignee::User(UserId::from(id))),
    }
}

#[utoipa::path(get, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = String, Path)), responses((status = 200, body = Ticket)))]
pub async fn get(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
) -> ApiResult<Json<Ticket>> {
    found(&web, &caller, &id).await.map(Json)
}

async fn found(web: &Web, caller: &Caller, id: &TicketId) -> ApiResult<Ticket> {
    let row = store_tickets::get(&web.app.db, id).await?;
    row.map(|row| Ticket::of(row, &caller.rights)).ok_or_else(|| ApiError::not_found("ticket"))
}

/// What is to change; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TicketChange {
    pub status: Option<String>,
    pub priority: Option<String>,
    /// `null` for nobody.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub assignee_id: Option<Option<String>>,
    /// The name of a team, or any other word; `null` for none. Who is not in the team does not keep the ticket.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub team: Option<Option<String>>,
    /// `null` for none; at most 200 characters.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub subject: Option<Option<String>>,
    /// At most 20 of at most 50 characters.
    pub tags: Option<Vec<String>>,
}

/// Tells `null` from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

#[utoipa::path(patch, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = String, Path)), request_body = TicketChange, responses((status = 200, body = Ticket)))]
pub async fn change(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Json(change): Json<TicketChange>,
) -> ApiResult<Json<Ticket>> {
    let mut tx = web.app.db.begin().await?;
    if !store_tickets::exists(&mut tx, &id).await? {
        return Err(ApiError::not_found("ticket"));
    }
    apply(&mut tx, &web, &caller, &id, change).await?;
    tx.commit().await?;
    found(&web, &caller, &id).await.map(Json)
}

async fn apply(
    tx: &mut Tx,
    web: &Web,
    caller: &Caller,
    id: &TicketId,
    change: TicketChange,
) -> ApiResult<()> {
    let (ids, now, actor) = (&web.app.ids, web.app.clock.now(), caller.user_id());
    if let Some(status) = change.status.as_deref() {
        let to = TicketStatus::parse(status).ok_or_else(|| {
            ApiError::invalid(format!(
                "status `{status}` is unknown; new, open, waiting, solved or closed is needed"
            ))
        })?;
        store_tickets::set_status(tx, ids, id, to, actor, now).await.map_err(second_active)?;
    }
    if let Some(priority) = change.priority.as_deref() {
        let to = Priority::parse(priority).ok_or_else(|| {
            ApiError::invalid(format!(
                "priority `{priority}` is unknown; low, normal, high or urgent is needed"
            ))
        })?;
        store_tickets::set_priority(tx, ids, id, to, actor, now).await?;
    }
    if let Some(team) = change.team {
        let team: Option<String> =
            team.map(|t| t.trim().chars().take(60).collect()).filter(|t: &String| !t.is_empty());
        work::hand_to_team(tx, &web.app, id, team.as_deref(), actor).await?;
    }
    if let Some(assignee) = change.assignee_id {
        let before = store_tickets::work(tx, id).await?.and_then(|work| work.assignee_id);
        let assignee = assignee.map(UserId);
        if let Some(user) = &assignee
            && !users::exists(&web.app.db, user).await?
        {
            return Err(ApiError::invalid("this user does not exist"));
        }
        store_tickets::assign(tx, ids, id, assignee.as_ref(), actor, now).await?;
        // Taken from everybody by a person, it is not given to the next by itself.
        store_tickets::leave_to_people(tx, id, assignee.is_none()).await?;
        if let Some(before) = before.filter(|before| Some(before) != assignee.as_ref()) {
            work::freed(tx, &web.app, &before).await?;
        }
    }
    if let Some(subject) = change.subject {
        let subject: Option<String> =
            subject.map(|s| s.trim().chars().take(200).collect()).filter(|s: &String| !s.is_empty());
        store_tickets::set_subject(tx, ids, id, subject.as_deref(), actor, now).await?;
    }
    if let Some(tags) = change.tags {
        store_tickets::set_tags(tx, ids, id, &clean_tags(tags)?, actor, now).await?;
    }
    Ok(work::moved(tx, &web.app, id, Moved::Changed).await?)
}

/// Until when a ticket is put aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    /// At most a year ahead; `null` until the customer writes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

const SNOOZE_MAX: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Puts a ticket aside: it comes back at that time, or when the customer writes.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/snooze", tag = "tickets", params(("id" = String, Path)), request_body = Snooze, responses((status = 200, body = Ticket)))]
pub async fn snooze(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Json(snooze): Json<Snooze>,
) -> ApiResult<Json<Ticket>> {
    let (app, now) = (&web.app, web.app.clock.now());
    if snooze.until.is_some_and(|until| until <= now || until > now.plus(SNOOZE_MAX)) {
        return Err(ApiError::invalid("a ticket is put aside until a time that comes, at most a year ahead"));
    }
    let mut tx = app.db.begin().await?;
    let work = store_tickets::work(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("ticket"))?;
    if !work.status.is_active() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_active",
            "a solved ticket is not put aside; open it first",
        ));
    }
    store_tickets::snooze(&mut tx, &app.ids, &id, snooze.until, caller.user_id(), now).await?;
    if let Some(at) = snooze.until {
        let payload = TicketWake { ticket_id: id.clone(), at };
        let key = payload.key();
        let job = NewJob { kind: TicketWake::KIND, payload: &payload, run_at: at, dedup_key: Some(&key) };
        jobs::enqueue(&mut tx, &app.ids, now, job).await?;
    }
    work::moved(&mut tx, app, &id, Moved::Changed).await?;
    tx.commit().await?;
    found(&web, &caller, &id).await.map(Json)
}

/// Brings a ticket back that was put aside.
#[utoipa::path(delete, path = "/api/v1/tickets/{id}/snooze", tag = "tickets", params(("id" = String, Path)), responses((status = 200, body = Ticket)))]
pub async fn wake(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
) -> ApiResult<Json<Ticket>> {
    let (app, now) = (&web.app, web.app.clock.now());
    let mut tx = app.db.begin().await?;
    store_tickets::wake(&mut tx, &app.ids, &id, "person", caller.user_id(), now).await?;
    work::moved(&mut tx, app, &id, Moved::Changed).await?;
    tx.commit().await?;
    found(&web, &caller, &id).await.map(Json)
}

/// A conversation has one active ticket; waking an old one beside it is refused.
fn second_active(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate(_) => ApiError::new(
            StatusCode::CONFLICT,
            "another_is_active",
            "this customer has another active ticket on this channel; answer there, or solve it first",
        ),
        error => error.into(),
    }
}

fn clean_tags(tags: Vec<String>) -> ApiResult<Vec<String>> {
    let mut clean: Vec<String> =
        tags.iter().map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect();
    clean.sort();
    clean.dedup();
    if clean.len() > 20 || clean.iter().any(|tag| tag.chars().count() > 50) {
        return Err(ApiError::invalid("at most 20 tags of at most 50 characters"));
    }
    Ok(clean)
}
