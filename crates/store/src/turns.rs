//! A turn: what a customer sends in one go. An album is many webhooks and one turn.
//!
//! A turn stays open while messages keep coming and closes when it has been quiet for a moment.

use std::time::Duration;

use model::{
    Ids, Timestamp,
    ids::{ConversationId, TicketId, TurnId},
};
use sqlx::FromRow;

use crate::{Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Turn {
    pub id: TurnId,
    pub conversation_id: ConversationId,
    pub ticket_id: TicketId,
    pub quiet_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

/// The turn to which a message that arrives now belongs; `true` when it begins with it.
pub async fn join(
    tx: &mut Tx,
    ids: &Ids,
    conversation: &ConversationId,
    ticket: &TicketId,
    debounce: Duration,
    now: Timestamp,
) -> Result<(TurnId, bool)> {
    let quiet_at = now.plus(debounce);
    let open: Option<TurnId> = on_tx!(tx, c => sqlx::query_scalar(
        "update turns set quiet_at = case when quiet_at < $3 then $3 else quiet_at end
         where conversation_id = $1 and closed_at is null and ticket_id = $2 and quiet_at >= $4 returning id")
        .bind(conversation).bind(ticket).bind(quiet_at).bind(now).fetch_optional(c).await)?;
    if let Some(id) = open {
        return Ok((id, false));
    }
    on_tx!(tx, c => sqlx::query("update turns set closed_at = quiet_at where conversation_id = $1 and closed_at is null")
        .bind(conversation).execute(c).await.map(drop))?;
    let id = TurnId::new(ids, now);
    on_tx!(tx, c => sqlx::query("insert into turns (id, conversation_id, ticket_id, opened_at, quiet_at) values ($1, $2, $3, $4, $5)")
        .bind(&id).bind(conversation).bind(ticket).bind(now).bind(quiet_at).execute(c).await.map(drop))?;
    Ok((id, true))
}

/// Closes the turn if it is quiet by `now`; otherwise says when to look again.
///
/// A turn that the next one closed is told as closed, too: what was sent in it is complete.
pub async fn close_if_quiet(tx: &mut Tx, id: &TurnId, now: Timestamp) -> Result<Quiet> {
    let turn: Option<Turn> = on_tx!(tx, c => sqlx::query_as("select id, conversation_id, ticket_id, quiet_at, closed_at from turns where id = $1")
        .bind(id).fetch_optional(c).await)?;
    let Some(turn) = turn else { return Ok(Quiet::Gone) };
    if turn.closed_at.is_some() {
        return Ok(Quiet::Closed(turn));
    }
    if turn.quiet_at > now {
        return Ok(Quiet::NotBefore(turn.quiet_at));
    }
    on_tx!(tx, c => sqlx::query("update turns set closed_at = $2 where id = $1").bind(id).bind(now).execute(c).await.map(drop))?;
    Ok(Quiet::Closed(turn))
}

/// Whether a customer has been quiet for long enough.
#[derive(Clone, Debug)]
pub enum Quiet {
    NotBefore(Timestamp),
    Closed(Turn),
    /// It was part of another and is no more.
    Gone,
}
