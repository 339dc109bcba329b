//! Goods that come back: from the proposal over a person's decision to the refund or the replacement.

use model::{
    Ids, Timestamp,
    ids::{ContactId, ReturnId, TicketId, UserId},
    returns::ReturnState,
};
use serde_json::json;
use sqlx::FromRow;

use crate::{Db, Result, Tx, events};

#[derive(Clone, Debug, FromRow)]
pub struct Return {
    pub id: ReturnId,
    pub number: i64,
    pub ticket_id: TicketId,
    pub contact_id: ContactId,
    pub order_number: String,
    pub item: String,
    pub reason: Option<String>,
    pub wish: Option<String>,
    pub condition: Option<String>,
    pub state: String,
    pub note: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A return that is proposed.
pub struct NewReturn<'a> {
    pub ticket_id: &'a TicketId,
    pub contact_id: &'a ContactId,
    pub order_number: &'a str,
    pub item: &'a str,
    pub reason: Option<&'a str>,
    pub wish: Option<&'a str>,
    pub condition: Option<&'a str>,
}

const SELECT: &str = "select id, number, ticket_id, contact_id, order_number, item, reason, wish, condition, state, note, created_at, updated_at from returns";

/// Opens a return and tells its number.
pub async fn open(tx: &mut Tx, ids: &Ids, new: &NewReturn<'_>, now: Timestamp) -> Result<i64> {
    let number: i64 = on_tx!(tx, c => sqlx::query_scalar("update counters set value = value + 1 where name = 'return_number' returning value")
        .fetch_one(c).await)?;
    on_tx!(tx, c => sqlx::query(
        "insert into returns (id, number, ticket_id, contact_id, order_number, item, reason, wish, condition, state, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10, $10)")
        .bind(ReturnId::new(ids, now)).bind(number).bind(new.ticket_id).bind(new.contact_id).bind(new.order_number).bind(new.item)
        .bind(new.reason).bind(new.wish).bind(new.condition).bind(now).execute(c).await.map(drop))?;
    let data = json!({ "number": number, "order": new.order_number, "item": new.item, "wish": new.wish });
    events::add(tx, ids, new.ticket_id, "return.proposed", None, &data, now).await?;
    Ok(number)
}

/// The return of that number, if it is this contact's.
pub async fn of_contact(tx: &mut Tx, contact: &ContactId, number: i64) -> Result<Option<Return>> {
    let sql = format!("{SELECT} where contact_id = $1 and number = $2");
    Ok(
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(contact).bind(number).fetch_optional(c).await)?,
    )
}

pub async fn get(db: &Db, id: &ReturnId) -> Result<Option<Return>> {
    let sql = format!("{SELECT} where id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// Moves a return on; `false` when it stands elsewhere by now.
pub async fn move_on(
    tx: &mut Tx,
    ids: &Ids,
    moved: &Return,
    to: ReturnState,
    note: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update returns set state = $3, note = coalesce($4, note), updated_at = $5 where id = $1 and state = $2")
        .bind(&moved.id).bind(&moved.state).bind(to.as_str()).bind(note).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if done == 0 {
        return Ok(false);
    }
    let data = json!({ "number": moved.number, "from": moved.state, "to": to.as_str(), "note": note });
    events::add(tx, ids, &moved.ticket_id, "return.changed", actor, &data, now).await?;
    Ok(true)
}

/// Returns in a state (all of them without one), or of a ticket; those that changed last come first.
pub async fn list(
    db: &Db,
    state: Option<ReturnState>,
    ticket: Option<&TicketId>,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Return>> {
    let sql = format!(
        "{SELECT} where ($1 = '' or state = $1) and ($2 = '' or ticket_id = $2) and (updated_at, id) < ($3, $4)
         order by updated_at desc, id desc limit $5"
    );
    let state = state.map_or("", ReturnState::as_str);
    let ticket = ticket.map_or("", TicketId::as_str);
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(state).bind(ticket).bind(before.0).bind(before.1).bind(limit).fetch_all(c).await)?)
}
