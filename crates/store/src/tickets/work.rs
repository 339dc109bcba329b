//! What decides who works on a ticket and when: read in one look, and put aside until its time.

use model::{
    Ids, Timestamp,
    ids::{ConversationId, TicketId, UserId},
    ticket::TicketStatus,
};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::status;
use crate::{Result, StoreError, Tx, events};

#[derive(FromRow)]
struct Row {
    conversation_id: ConversationId,
    status: String,
    priority: String,
    tags: String,
    team: Option<String>,
    assignee_id: Option<UserId>,
    language: Option<String>,
    is_led: bool,
    flow: Option<String>,
    is_by_hand: bool,
    snoozed_at: Option<Timestamp>,
    snoozed_until: Option<Timestamp>,
    due_at: Option<Timestamp>,
    has_promises: bool,
    has_teams: bool,
}

/// A ticket as whoever gives out work sees it.
#[derive(Clone, Debug)]
pub struct Work {
    pub id: TicketId,
    pub conversation_id: ConversationId,
    pub status: TicketStatus,
    pub priority: String,
    pub tags: Vec<String>,
    pub team: Option<String>,
    pub assignee_id: Option<UserId>,
    /// Of the customer.
    pub language: Option<String>,
    /// Whether a flow leads the customer now, and the one that led them last.
    pub is_led: bool,
    pub flow: Option<String>,
    /// A person took it from everybody.
    pub is_by_hand: bool,
    pub snoozed_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    /// Whether the desk promises anything, and whether it has teams.
    pub has_promises: bool,
    pub has_teams: bool,
}

/// The ticket, held until the transaction ends.
pub async fn work(tx: &mut Tx, id: &TicketId) -> Result<Option<Work>> {
    let lock = tx.engine().pick("", " for no key update of t");
    let sql = format!(
        "select t.conversation_id, t.status, t.priority, t.tags, t.team, t.assignee_id, c.language, t.is_by_hand, t.snoozed_at, t.snoozed_until, t.due_at,
           exists (select 1 from flow_runs r where r.conversation_id = t.conversation_id and r.ending is null) as is_led,
           (select r.flow from flow_runs r where r.ticket_id = t.id order by r.started_at desc, r.id desc limit 1) as flow,
           exists (select 1 from sla_policies) as has_promises, exists (select 1 from teams) as has_teams
         from tickets t join contacts c on c.id = t.contact_id where t.id = $1{lock}"
    );
    let row: Option<Row> =
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Work {
        id: id.clone(),
        status: status(&row.status)?,
        tags: serde_json::from_str(&row.tags).map_err(|e| StoreError::corrupt("ticket tags", e))?,
        conversation_id: row.conversation_id,
        priority: row.priority,
        team: row.team,
        assignee_id: row.assignee_id,
        language: row.language,
        is_led: row.is_led,
        flow: row.flow,
        is_by_hand: row.is_by_hand,
        snoozed_at: row.snoozed_at,
        snoozed_until: row.snoozed_until,
        due_at: row.due_at,
        has_promises: row.has_promises,
        has_teams: row.has_teams,
    }))
}

/// Nobody waits for anybody: the ticket is given to no one by itself, until it gets a team or a person again.
pub async fn leave_to_people(tx: &mut Tx, id: &TicketId, is_by_hand: bool) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update tickets set is_by_hand = $2 where id = $1").bind(id).bind(is_by_hand).execute(c).await.map(drop))?;
    Ok(())
}

/// Puts a ticket aside, until a time or (`None`) until the customer writes.
pub async fn snooze(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    until: Option<Timestamp>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update tickets set snoozed_at = $2, snoozed_until = $3, updated_at = $2 where id = $1")
        .bind(id).bind(now).bind(until).execute(c).await.map(drop))?;
    events::add(tx, ids, id, "ticket.snoozed", actor, &json!({ "until": until }), now).await?;
    tx.touch(id, "ticket");
    Ok(())
}

/// Brings a ticket back (`why`: `time`, `customer` or `person`); `false` when it is not put aside.
pub async fn wake(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    why: &str,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    let woken = on_tx!(tx, c => sqlx::query(
        "update tickets set snoozed_at = null, snoozed_until = null, updated_at = $2 where id = $1 and snoozed_at is not null")
        .bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    if woken == 0 {
        return Ok(false);
    }
    events::add(tx, ids, id, "ticket.woken", actor, &json!({ "why": why }), now).await?;
    tx.touch(id, "ticket");
    Ok(true)
}

/// Gives a ticket to somebody by a rule; the timeline says which.
pub async fn give(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: &UserId,
    why: Value,
    now: Timestamp,
) -> Result<()> {
    super::changing::assign_for(tx, ids, id, Some(to), None, why, now).await
}
