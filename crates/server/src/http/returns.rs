//! Goods that come back: what was proposed, what a person decided, how far each is.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    ids::{ReturnId, TicketId},
    returns::ReturnState,
};
use serde::{Deserialize, Serialize};
use store::returns as kept;
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    access::{Reached, reach},
    auth::Caller,
    error::{ApiError, ApiResult},
    page::{Page, PageQuery},
};
use crate::returns;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Return {
    pub id: String,
    /// What stands on the parcel: `R-1042`.
    pub number: String,
    pub ticket_id: String,
    pub ticket_number: i64,
    /// Their name, else their number; absent when the channel hides both.
    pub contact_name: Option<String>,
    pub order_number: String,
    pub item: String,
    pub reason: Option<String>,
    /// What the customer would like.
    pub wish: Option<String>,
    pub condition: Option<String>,
    /// `proposed`, `approved`, `refused`, `received`, `refunded` or `replaced`.
    pub state: String,
    /// Where it may go from here.
    pub next: Vec<String>,
    /// Of the person who decided.
    pub note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<kept::Return> for Return {
    fn from(row: kept::Return) -> Self {
        let next = ReturnState::parse(&row.state).map(ReturnState::next).unwrap_or_default();
        Self {
            id: row.id.0,
            number: returns::shown(row.number),
            ticket_id: row.ticket_id.0,
            ticket_number: row.ticket_number,
            contact_name: row.contact_name,
            order_number: row.order_number,
            item: row.item,
            reason: row.reason,
            wish: row.wish,
            condition: row.condition,
            next: next.iter().map(|state| state.as_str().to_owned()).collect(),
            state: row.state,
            note: row.note,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReturnQuery {
    /// One or several, with commas.
    pub state: Option<String>,
    pub ticket: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Those that changed last come first.
#[utoipa::path(get, path = "/api/v1/returns", tag = "returns", params(ReturnQuery), responses((status = 200, body = Page<Return>)))]
pub async fn list(State(web): State<Web>, Query(query): Query<ReturnQuery>) -> ApiResult<Json<Page<Return>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor, order: None };
    let wanted = query.state.as_deref().unwrap_or_default();
    let states = wanted.split(',').filter(|state| !state.is_empty()).map(parse);
    let states = states.collect::<ApiResult<Vec<_>>>()?;
    let ticket = query.ticket.map(TicketId);
    let point = page.point()?;
    let before = point.as_ref().map_or((Timestamp(i64::MAX), "~"), |(at, id)| (*at, id.as_str()));
    let rows = kept::list(&web.app.db, &states, ticket.as_ref(), before, page.limit() + 1).await?;
    let rows = Page::cut(rows, page.limit(), |row| (row.updated_at, row.id.0.clone()));
    Ok(Json(rows.map(Return::from)))
}

fn parse(state: &str) -> ApiResult<ReturnState> {
    ReturnState::parse(state).ok_or_else(|| {
        let known = ReturnState::ALL.map(ReturnState::as_str).join(", ");
        ApiError::invalid(format!("state `{state}` is unknown; one of {known} is needed"))
    })
}

#[utoipa::path(get, path = "/api/v1/returns/{id}", tag = "returns", params(("id" = String, Path)), responses((status = 200, body = Return)))]
pub async fn get(State(web): State<Web>, Reached(id): Reached<ReturnId>) -> ApiResult<Json<Return>> {
    known(&web, &id).await.map(|row| Json(row.into()))
}

async fn known(web: &Web, id: &ReturnId) -> ApiResult<kept::Return> {
    kept::get(&web.app.db, id).await?.ok_or_else(|| ApiError::not_found("return"))
}

/// A return as an agent writes it down; each text has at most 500 characters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReturn {
    pub ticket_id: String,
    pub order_number: String,
    pub item: String,
    pub reason: Option<String>,
    /// What the customer would like: a refund, a replacement.
    pub wish: Option<String>,
    pub condition: Option<String>,
}

const TEXT_CHARS_MAX: usize = 500;

/// Proposes a return, as a flow does; whether the goods may come back is decided after it.
#[utoipa::path(post, path = "/api/v1/returns", tag = "returns", request_body = NewReturn, responses((status = 201, body = Return)))]
pub async fn open(
    State(web): State<Web>,
    caller: Caller,
    Json(new): Json<NewReturn>,
) -> ApiResult<(StatusCode, Json<Return>)> {
    let (app, ticket) = (&web.app, TicketId(new.ticket_id));
    reach(&app.db, &caller, &ticket).await?;
    let row = store::tickets::get(&app.db, &ticket).await?.ok_or_else(|| ApiError::not_found("ticket"))?;
    let clean = |text: &str| text.trim().chars().take(TEXT_CHARS_MAX).collect::<String>();
    let given = |text: Option<String>| text.map(|text| clean(&text)).filter(|text| !text.is_empty());
    let (order, item) = (clean(&new.order_number), clean(&new.item));
    if order.is_empty() || item.is_empty() {
        return Err(ApiError::invalid("write the number of the order and what comes back"));
    }
    let (reason, wish, condition) = (given(new.reason), given(new.wish), given(new.condition));
    let new = kept::NewReturn {
        ticket_id: &ticket,
        contact_id: &row.contact_id,
        order_number: &order,
        item: &item,
        reason: reason.as_deref(),
        wish: wish.as_deref(),
        condition: condition.as_deref(),
        opened_by: caller.user_id(),
    };
    let mut tx = app.db.begin().await?;
    let (id, _) = kept::open(&mut tx, &app.ids, &new, app.clock.now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(known(&web, &id).await?.into())))
}

/// What a person decided, or what happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnChange {
    /// `approved`, `refused`, `received`, `refunded` or `replaced`.
    pub state: String,
    /// For colleagues.
    pub note: Option<String>,
}

/// Moves a return on. A decision needs a person: a token that belongs to nobody is refused.
#[utoipa::path(patch, path = "/api/v1/returns/{id}", tag = "returns", params(("id" = String, Path)), request_body = ReturnChange, responses((status = 200, body = Return)))]
pub async fn change(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<ReturnId>,
    Json(change): Json<ReturnChange>,
) -> ApiResult<Json<Return>> {
    let app = &web.app;
    let Some(person) = caller.user_id() else {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "person_needed",
            "whether goods may come back is a person's decision; use a token of a user",
        ));
    };
    let to = parse(&change.state)?;
    let row = known(&web, &id).await?;
    let from = ReturnState::parse(&row.state).unwrap_or(to);
    let conflict = |why: String| ApiError::new(StatusCode::CONFLICT, "return_state", why);
    if !from.next().contains(&to) {
        return Err(conflict(format!("a return that is {} cannot become {}", from.as_str(), to.as_str())));
    }
    let note = change.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let mut tx = app.db.begin().await?;
    if !kept::move_on(&mut tx, &app.ids, &row, to, note, Some(person), app.clock.now()).await? {
        return Err(conflict("a colleague has moved it on meanwhile; look again".to_owned()));
    }
    tx.commit().await?;
    Ok(Json(known(&web, &id).await?.into()))
}
