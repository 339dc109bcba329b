//! The flows of the desk as they were written, each version whole, and for whom each is on.

use model::{
    Timestamp,
    ids::{AttachmentId, UserId},
};
use sqlx::FromRow;

use crate::{Db, Notice, Result, Tx};

/// A version of a flow.
#[derive(Clone, Debug, FromRow)]
pub struct Stored {
    pub name: String,
    pub version: i64,
    pub source: String,
    pub origin: String,
    pub rollout: String,
    pub changed_at: Timestamp,
    pub changed_by: Option<UserId>,
}

/// A version to be stored.
pub struct NewFlow<'a> {
    pub name: &'a str,
    pub version: i64,
    pub source: &'a str,
    pub origin: &'a str,
    /// Of a version that is new; one that is known keeps what the desk decided.
    pub rollout: &'a str,
    pub by: Option<&'a UserId>,
}

const SELECT: &str = "select name, version, source, origin, rollout, changed_at, changed_by from flows";

/// Stores a version, or its changed text; `false` when it is stored like this already.
pub async fn put(tx: &mut Tx, flow: &NewFlow<'_>, now: Timestamp) -> Result<bool> {
    let changed = on_tx!(tx, c => sqlx::query(
        "insert into flows (name, version, source, origin, rollout, changed_at, changed_by) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (name, version) do update set source = excluded.source, origin = excluded.origin, changed_at = excluded.changed_at,
             changed_by = excluded.changed_by
         where flows.source <> excluded.source or flows.origin <> excluded.origin")
        .bind(flow.name).bind(flow.version).bind(flow.source).bind(flow.origin).bind(flow.rollout).bind(now).bind(flow.by)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        tx.notify(Notice::Flows);
    }
    Ok(changed > 0)
}

/// Every version, by name and the newest first.
pub async fn list(db: &Db) -> Result<Vec<Stored>> {
    let sql = format!("{SELECT} order by name, version desc");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?)
}

/// Decides for whom a version is on; `false` when there is none such.
pub async fn set_rollout(tx: &mut Tx, name: &str, version: i64, rollout: &str) -> Result<bool> {
    let found = on_tx!(tx, c => sqlx::query("update flows set rollout = $3 where name = $1 and version = $2")
        .bind(name).bind(version).bind(rollout).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Flows);
    Ok(found > 0)
}

/// Keeps a picture beside a flow under its name.
pub async fn put_picture(tx: &mut Tx, flow: &str, name: &str, file: &AttachmentId) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into flow_pictures (flow, name, attachment_id) values ($1, $2, $3)
         on conflict (flow, name) do update set attachment_id = excluded.attachment_id")
        .bind(flow).bind(name).bind(file).execute(c).await.map(drop))?;
    Ok(())
}

pub async fn picture(tx: &mut Tx, flow: &str, name: &str) -> Result<Option<AttachmentId>> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("select attachment_id from flow_pictures where flow = $1 and name = $2")
        .bind(flow).bind(name).fetch_optional(c).await)?,
    )
}

/// The SHA-256 of a picture, in hex.
pub async fn picture_hash(db: &Db, flow: &str, name: &str) -> Result<Option<String>> {
    let hash: Option<Option<String>> = on!(db, c => sqlx::query_scalar(
        "select a.sha256 from flow_pictures p join attachments a on a.id = p.attachment_id where p.flow = $1 and p.name = $2")
        .bind(flow).bind(name).fetch_optional(c).await)?;
    Ok(hash.flatten())
}
