//! What a channel reported that belongs to no message: shown on the system page.
//!
//! The same report counts up instead of piling up; a redelivered webhook says nothing new.

use model::{
    Timestamp,
    event::ChannelError,
    ids::{ChannelId, EventId},
};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use crate::{Db, Notice, Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Problem {
    pub id: EventId,
    pub channel_id: Option<ChannelId>,
    pub code: i64,
    pub title: Option<String>,
    pub details: Option<String>,
    pub times: i64,
    pub at: Timestamp,
}

/// Keeps the problem; `false` when the same was known. `whose` tells apart what is not the same.
pub async fn record(
    tx: &mut Tx,
    channel: Option<&ChannelId>,
    error: &ChannelError,
    whose: &str,
    now: Timestamp,
) -> Result<bool> {
    let text = format!("{channel:?} {} {:?} {:?} {whose}", error.code, error.title, error.details);
    let id = EventId::from(hex::encode(Sha256::digest(text.as_bytes())));
    let times: i64 = on_tx!(tx, c => sqlx::query_scalar(
        "insert into problems (id, channel_id, code, title, details, times, at) values ($1, $2, $3, $4, $5, 1, $6)
         on conflict (id) do update set times = problems.times + 1, at = excluded.at returning times")
        .bind(id).bind(channel).bind(error.code).bind(&error.title).bind(&error.details).bind(now)
        .fetch_one(c).await)?;
    tx.notify(Notice::System);
    Ok(times == 1)
}

/// The newest problems.
pub async fn recent(db: &Db, limit: i64) -> Result<Vec<Problem>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, channel_id, code, title, details, times, at from problems order by at desc limit $1")
        .bind(limit).fetch_all(c).await)?,
    )
}
