//! Our own numbers and mailboxes: what customers write to.

use model::{Ids, Timestamp, ids::ChannelId};
use sqlx::FromRow;

use crate::{Db, Result, Tx};

#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Channel {
    pub id: ChannelId,
    pub kind: String,
    /// The channel's own name for it: WhatsApp's `phone_number_id`.
    pub account: String,
    pub name: String,
}

/// The channel of an account, made on first sight: a message to a number that the configuration
/// forgot is kept and shown, it just cannot be answered.
pub async fn of_account(
    tx: &mut Tx,
    ids: &Ids,
    kind: &str,
    account: &str,
    name: &str,
    now: Timestamp,
) -> Result<Channel> {
    on_tx!(tx, c => sqlx::query("insert into channels (id, kind, account, name, created_at) values ($1, $2, $3, $4, $5)
         on conflict (kind, account) do nothing")
        .bind(ChannelId::new(ids, now)).bind(kind).bind(account).bind(name).bind(now).execute(c).await.map(drop))?;
    Ok(
        on_tx!(tx, c => sqlx::query_as("select id, kind, account, name from channels where kind = $1 and account = $2")
        .bind(kind).bind(account).fetch_one(c).await)?,
    )
}

pub async fn rename(tx: &mut Tx, id: &ChannelId, name: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update channels set name = $2 where id = $1 and name <> $2")
        .bind(id).bind(name).execute(c).await.map(drop))?;
    Ok(())
}

pub async fn get(db: &Db, id: &ChannelId) -> Result<Channel> {
    Ok(
        on!(db, c => sqlx::query_as("select id, kind, account, name from channels where id = $1").bind(id).fetch_one(c).await)?,
    )
}

pub async fn list(db: &Db) -> Result<Vec<Channel>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, kind, account, name from channels order by id").fetch_all(c).await)?,
    )
}
