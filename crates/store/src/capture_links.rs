//! One-time links to a page with the camera.

use model::{
    Timestamp,
    ids::{ContactId, FlowRunId, TicketId},
};
use sqlx::FromRow;

use crate::{Db, Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Link {
    pub token_hash: String,
    pub run_id: FlowRunId,
    pub ticket_id: TicketId,
    pub contact_id: ContactId,
    pub purpose: String,
    pub language: String,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

const SELECT: &str = "select token_hash, run_id, ticket_id, contact_id, purpose, language, expires_at, used_at from capture_links";

/// Makes a link. An earlier one of the same conversation serves no more.
pub async fn make(tx: &mut Tx, link: &Link, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update capture_links set expires_at = $2 where run_id = $1 and used_at is null and expires_at > $2")
        .bind(&link.run_id).bind(now).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query(
        "insert into capture_links (token_hash, run_id, ticket_id, contact_id, purpose, language, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(&link.token_hash).bind(&link.run_id).bind(&link.ticket_id).bind(&link.contact_id).bind(&link.purpose)
        .bind(&link.language).bind(link.expires_at).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

pub async fn get(db: &Db, token_hash: &str) -> Result<Option<Link>> {
    let sql = format!("{SELECT} where token_hash = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(token_hash).fetch_optional(c).await)?)
}

/// Uses the link up; `false` when it was used or is over.
pub async fn take(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<bool> {
    let taken = on_tx!(tx, c => sqlx::query(
        "update capture_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2")
        .bind(token_hash).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(taken > 0)
}
