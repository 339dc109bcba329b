//! Reports of what became of our messages, each kept once; the message shows the highest rung of its ladder.
//!
//! A report may come before the answer that told us the message's id: it waits here until then.

use model::{
    Timestamp,
    event::StatusReport,
    ids::{ChannelId, MessageId},
};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Reported {
    pub external_id: String,
    pub status: String,
    pub at: Timestamp,
    pub errors: String,
}

/// Keeps the report; `false` when it is a duplicate.
pub async fn record(tx: &mut Tx, channel: &ChannelId, report: &StatusReport, now: Timestamp) -> Result<bool> {
    let errors =
        serde_json::to_string(&report.errors).map_err(|e| StoreError::corrupt("status errors", e))?;
    let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
    let done = on_tx!(tx, c => sqlx::query(
        "insert into statuses (channel_id, external_id, status, at, our_id, errors, pricing, conversation, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (channel_id, external_id, status) do nothing")
        .bind(channel).bind(&report.external_id).bind(report.status.as_str()).bind(report.at).bind(&report.our_id)
        .bind(errors).bind(text(&report.pricing)).bind(text(&report.conversation)).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Every report about the message that the channel calls `external_id`.
pub async fn of(tx: &mut Tx, channel: &ChannelId, external_id: &str) -> Result<Vec<Reported>> {
    Ok(
        on_tx!(tx, c => sqlx::query_as("select external_id, status, at, errors from statuses where channel_id = $1 and external_id = $2 order by at, status")
        .bind(channel).bind(external_id).fetch_all(c).await)?,
    )
}

/// The channel's id of the message that a report called by our own id: the answer to the send was lost.
pub async fn external_id_of(tx: &mut Tx, channel: &ChannelId, our_id: &MessageId) -> Result<Option<String>> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("select external_id from statuses where channel_id = $1 and our_id = $2 limit 1")
        .bind(channel).bind(our_id).fetch_optional(c).await)?,
    )
}

/// Reports about many messages, for a page of the timeline.
pub async fn of_messages(db: &Db, external_ids: &[&str]) -> Result<Vec<Reported>> {
    let sql = db.engine().pick(
        "select external_id, status, at, errors from statuses where external_id in (select value from json_each($1)) order by at, status",
        "select external_id, status, at, errors from statuses where external_id in (select json_array_elements_text($1::json)) order by at, status",
    );
    let list = serde_json::json!(external_ids).to_string();
    Ok(on!(db, c => sqlx::query_as(sql).bind(list).fetch_all(c).await)?)
}
