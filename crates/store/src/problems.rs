//! What a channel reported that belongs to no message: shown on the system page.

use model::{
    Ids, Timestamp,
    event::ChannelError,
    ids::{ChannelId, EventId},
};
use sqlx::FromRow;

use crate::{Db, Notice, Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Problem {
    pub id: EventId,
    pub channel_id: Option<ChannelId>,
    pub code: i64,
    pub title: Option<String>,
    pub details: Option<String>,
    pub at: Timestamp,
}

pub async fn add(
    tx: &mut Tx,
    ids: &Ids,
    channel: Option<&ChannelId>,
    error: &ChannelError,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("insert into problems (id, channel_id, code, title, details, at) values ($1, $2, $3, $4, $5, $6)")
        .bind(EventId::new(ids, now)).bind(channel).bind(error.code).bind(&error.title).bind(&error.details).bind(now)
        .execute(c).await.map(drop))?;
    tx.notify(Notice::System);
    Ok(())
}

/// The newest problems.
pub async fn recent(db: &Db, limit: i64) -> Result<Vec<Problem>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, channel_id, code, title, details, at from problems order by id desc limit $1")
        .bind(limit).fetch_all(c).await)?,
    )
}
