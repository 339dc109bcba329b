//! Tickets: list, look, change.

use axum::{
    Json,
    extract::{Query, State},
};
use model::{
    access::{Reach, Right},
    ids::{TicketId, UserId},
    ticket::{Priority, TicketStatus},
};
use serde::{Deserialize, Deserializer};
use store::{
    StoreError, Tx,
    tickets::{self as store_tickets, Assignee, Filter, Viewer},
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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TicketQuery {
    /// Statuses, separated by commas; all when left out.
    pub status: Option<String>,
    /// `me`, `none` or a user's id; everybody's when left out.
    pub assignee: Option<String>,
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
    let filter = Filter {
        statuses: statuses(query.status.as_deref())?,
        assignee: assignee(query.assignee.as_deref(), &caller)?,
        viewer: viewer(&caller)?,
        query: query.q.filter(|q| !q.trim().is_empty()).map(|q| search::read(&q)).transpose()?,
        before: page.point()?.map(|(at, id)| (at, TicketId(id))),
        limit: page.limit() + 1,
    };
    let rows = store_tickets::list(&web.app.db, &filter).await?;
    let rows = Page::cut(rows, page.limit(), |row| (row.last_activity_at, row.id.0.clone()));
    Ok(Json(rows.map(|row| Ticket::of(row, &caller.rights))))
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
    if let Some(assignee) = change.assignee_id {
        let assignee = assignee.map(UserId);
        if let Some(user) = &assignee
            && !users::exists(&web.app.db, user).await?
        {
            return Err(ApiError::invalid("this user does not exist"));
        }
        store_tickets::assign(tx, ids, id, assignee.as_ref(), actor, now).await?;
    }
    if let Some(subject) = change.subject {
        let subject: Option<String> =
            subject.map(|s| s.trim().chars().take(200).collect()).filter(|s: &String| !s.is_empty());
        store_tickets::set_subject(tx, ids, id, subject.as_deref(), actor, now).await?;
    }
    if let Some(tags) = change.tags {
        store_tickets::set_tags(tx, ids, id, &clean_tags(tags)?, actor, now).await?;
    }
    Ok(())
}

/// A conversation has one active ticket; waking an old one beside it is refused.
fn second_active(error: StoreError) -> ApiError {
    match error {
        StoreError::Duplicate(_) => ApiError::new(
            axum::http::StatusCode::CONFLICT,
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
