//! The timeline of a ticket: everything that happened to it besides messages.

use model::{
    Ids, Timestamp,
    ids::{ConversationId, EventId, TicketId, UserId},
};
use serde_json::Value;
use sqlx::FromRow;

use crate::{
    Db, Result, Tx,
    db::{page_sql, page_start},
    search,
};

/// What people write for one another; the one event whose words are searched.
const NOTE: &str = "note.added";

#[derive(Clone, Debug, FromRow)]
pub struct Event {
    pub id: EventId,
    pub ticket_id: TicketId,
    pub kind: String,
    pub actor_id: Option<UserId>,
    pub actor_name: Option<String>,
    pub data: String,
    pub at: Timestamp,
}

pub async fn add(
    tx: &mut Tx,
    ids: &Ids,
    ticket: &TicketId,
    kind: &str,
    actor: Option<&UserId>,
    data: &Value,
    now: Timestamp,
) -> Result<()> {
    add_with_id(tx, &EventId::new(ids, now), ticket, kind, actor, data, now).await
}

/// The same with a chosen id: adding it again changes nothing.
pub async fn add_with_id(
    tx: &mut Tx,
    id: &EventId,
    ticket: &TicketId,
    kind: &str,
    actor: Option<&UserId>,
    data: &Value,
    now: Timestamp,
) -> Result<()> {
    let added = on_tx!(tx, c => sqlx::query("insert into events (id, ticket_id, kind, actor_id, data, at) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing")
        .bind(id).bind(ticket).bind(kind).bind(actor).bind(data.to_string()).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if added > 0 && kind == NOTE {
        search::note(tx, ticket, data).await?;
    }
    tx.touch(ticket, "event");
    Ok(())
}

/// Keeps an event of a conversation that has no ticket yet; the first one that opens takes it up.
pub async fn add_early(
    tx: &mut Tx,
    id: &EventId,
    conversation: &ConversationId,
    kind: &str,
    data: &Value,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("insert into early_events (id, conversation_id, kind, data, at) values ($1, $2, $3, $4, $5) on conflict (id) do nothing")
        .bind(id).bind(conversation).bind(kind).bind(data.to_string()).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Moves what happened before there was a ticket into its timeline.
pub(crate) async fn take_up(tx: &mut Tx, conversation: &ConversationId, ticket: &TicketId) -> Result<()> {
    for sql in [
        "insert into events (id, ticket_id, kind, data, at)
         select id, $2, kind, data, at from early_events where conversation_id = $1 on conflict (id) do nothing",
        "delete from early_events where conversation_id = $1 and $2 <> ''",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(conversation).bind(ticket).execute(c).await.map(drop))?;
    }
    Ok(())
}

const SELECT: &str = "select e.id, e.ticket_id, e.kind, e.actor_id, u.name as actor_name, e.data, e.at
    from events e left join users u on u.id = e.actor_id";

pub async fn get(db: &Db, id: &EventId) -> Result<Event> {
    let sql = format!("{SELECT} where e.id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_one(c).await)?)
}

/// The same when it may be gone.
pub async fn find(db: &Db, id: &EventId) -> Result<Option<Event>> {
    let sql = format!("{SELECT} where e.id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn exists(tx: &mut Tx, id: &EventId) -> Result<bool> {
    let count: i64 = on_tx!(tx, c => sqlx::query_scalar("select count(*) from events where id = $1").bind(id).fetch_one(c).await)?;
    Ok(count > 0)
}

/// Events of a ticket after (or, backwards, before) a point in time, nearest first.
pub async fn list(
    db: &Db,
    ticket: &TicketId,
    from: Option<(Timestamp, &str)>,
    newest_first: bool,
    limit: i64,
) -> Result<Vec<Event>> {
    let sql = page_sql(SELECT, "e.ticket_id = $1", ("e.at", "e.id"), newest_first);
    let (at, id) = page_start(from, newest_first);
    Ok(
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ticket).bind(at).bind(id).bind(limit).fetch_all(c).await)?,
    )
}
