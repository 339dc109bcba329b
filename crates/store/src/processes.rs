//! The processes of the desk: what each says of itself, and when it said so last.
//!
//! A row is for people to look at: nothing is decided by it, who may do what is a lease.

use model::{Timestamp, ids::ProcessId};
use sqlx::FromRow;

use crate::{Db, Result, Tx};

/// One process, in its own words.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Process {
    pub id: ProcessId,
    /// `web`, `worker` or `web,worker`.
    pub roles: String,
    pub host: String,
    pub version: String,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    /// JSON: its degraded states.
    pub degraded: String,
}

/// Writes what a process says of itself now.
pub async fn beat(tx: &mut Tx, process: &Process) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into processes (id, roles, host, version, started_at, seen_at, degraded) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set seen_at = excluded.seen_at, degraded = excluded.degraded")
        .bind(&process.id).bind(&process.roles).bind(&process.host).bind(&process.version)
        .bind(process.started_at).bind(process.seen_at).bind(&process.degraded)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// A process ended as it should.
pub async fn remove(tx: &mut Tx, id: &ProcessId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from processes where id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets those that were not seen since.
pub async fn forget(tx: &mut Tx, since: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from processes where seen_at < $1").bind(since).execute(c).await.map(drop))?;
    Ok(())
}

/// Those that were seen since, the oldest first.
pub async fn seen(db: &Db, since: Timestamp) -> Result<Vec<Process>> {
    Ok(on!(db, c => sqlx::query_as(
        "select id, roles, host, version, started_at, seen_at, degraded from processes where seen_at >= $1
         order by started_at, id")
        .bind(since).fetch_all(c).await)?)
}

/// Forgets every process: for one that knows itself alone on its database.
pub async fn clear(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(tx, c => sqlx::query("delete from processes").execute(c).await.map(drop))?;
    tx.commit().await
}
