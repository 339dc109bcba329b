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
    pub ticket_number: i64,
    pub contact_id: ContactId,
    /// A name, else a number; a channel may hide both.
    pub contact_name: Option<String>,
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
    /// A person, or nobody: a flow.
    pub opened_by: Option<&'a UserId>,
}

const SELECT: &str = "select r.id, r.number, r.ticket_id, k.number as ticket_number, r.contact_id,
    coalesce(c.name, (select '+' || i.value from identities i where i.contact_id = c.id and i.kind = 'wa_id' and i.retired_at is null order by i.value limit 1)) as contact_name,
    r.order_number, r.item, r.reason, r.wish, r.condition, r.state, r.note, r.created_at, r.updated_at
    from returns r join tickets k on k.id = r.ticket_id join contacts c on c.id = r.contact_id";

/// Opens a return and tells its number, which stands on the parcel.
pub async fn open(tx: &mut Tx, ids: &Ids, new: &NewReturn<'_>, now: Timestamp) -> Result<(ReturnId, i64)> {
    let id = ReturnId::new(ids, now);
    let number: i64 = on_tx!(tx, c => sqlx::query_scalar("update counters set value = value + 1 where name = 'return_number' returning value")
        .fetch_one(c).await)?;
    on_tx!(tx, c => sqlx::query(
        "insert into returns (id, number, ticket_id, contact_id, order_number, item, reason, wish, condition, state, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10, $10)")
        .bind(&id).bind(number).bind(new.ticket_id).bind(new.contact_id).bind(new.order_number).bind(new.item)
        .bind(new.reason).bind(new.wish).bind(new.condition).bind(now).execute(c).await.map(drop))?;
    let data = json!({ "number": number, "order": new.order_number, "item": new.item, "wish": new.wish });
    events::add(tx, ids, new.ticket_id, "return.proposed", new.opened_by, &data, now).await?;
    Ok((id, number))
}

/// The return of that number, if it is this contact's.
pub async fn of_contact(tx: &mut Tx, contact: &ContactId, number: i64) -> Result<Option<Return>> {
    let sql = format!("{SELECT} where r.contact_id = $1 and r.number = $2");
    Ok(
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(contact).bind(number).fetch_optional(c).await)?,
    )
}

pub async fn get(db: &Db, id: &ReturnId) -> Result<Option<Return>> {
    let sql = format!("{SELECT} where r.id = $1");
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

/// Returns in one of these states (all of them without one), or of a ticket; those that changed last come first.
pub async fn list(
    db: &Db,
    states: &[ReturnState],
    ticket: Option<&TicketId>,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Return>> {
    let sql = format!(
        "{SELECT} where ($1 = '' or ',' || $1 || ',' like '%,' || r.state || ',%') and ($2 = '' or r.ticket_id = $2)
         and (r.updated_at, r.id) < ($3, $4) order by r.updated_at desc, r.id desc limit $5"
    );
    let states = states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(",");
    let ticket = ticket.map_or("", TicketId::as_str);
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(states).bind(ticket).bind(before.0).bind(before.1).bind(limit).fetch_all(c).await)?)
}
