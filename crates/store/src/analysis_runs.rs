//! A new look at what is stored, after an upgrade: where it stands, and what comes next.
//!
//! It goes from the newest attachment to the oldest: what people work with now is better first.

use model::{
    Ids, Timestamp,
    ids::{AnalysisRunId, AttachmentId},
};
use sqlx::FromRow;

use crate::{Db, Notice, Result, Tx};

#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Run {
    pub id: AnalysisRunId,
    /// Attachments that came before it are left alone.
    pub since: Timestamp,
    pub position: AttachmentId,
    pub total: i64,
    pub done: i64,
    pub failed: i64,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

const SELECT: &str =
    "select id, since, position, total, done, failed, started_at, ended_at from analysis_runs";
/// Higher than every ULID, in every collation.
const TOP: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZ";

/// Begins a run over everything that came since.
pub async fn start(tx: &mut Tx, ids: &Ids, since: Timestamp, now: Timestamp) -> Result<Run> {
    let total: i64 = on_tx!(tx, c => sqlx::query_scalar(
        "select count(*) from attachments where state = 'ready' and blob_id is not null and created_at >= $1")
        .bind(since).fetch_one(c).await)?;
    let id = AnalysisRunId::new(ids, now);
    on_tx!(tx, c => sqlx::query(
        "insert into analysis_runs (id, since, position, total, done, failed, started_at) values ($1, $2, $3, $4, 0, 0, $5)")
        .bind(&id).bind(since).bind(TOP).bind(total).bind(now).execute(c).await.map(drop))?;
    tx.notify(Notice::System);
    let position = AttachmentId::from(TOP);
    Ok(Run { id, since, position, total, done: 0, failed: 0, started_at: now, ended_at: None })
}

pub async fn get(db: &Db, id: &AnalysisRunId) -> Result<Option<Run>> {
    let sql = format!("{SELECT} where id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// The newest runs first.
pub async fn list(db: &Db, limit: i64) -> Result<Vec<Run>> {
    let sql = format!("{SELECT} order by id desc limit $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(c).await)?)
}

/// What the run looks at next.
pub async fn next(db: &Db, run: &Run, limit: i64) -> Result<Vec<AttachmentId>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select id from attachments where state = 'ready' and blob_id is not null and created_at >= $1 and id < $2 order by id desc limit $3")
        .bind(run.since).bind(&run.position).bind(limit).fetch_all(c).await)?)
}

/// Everything down to `position` was looked at; without a position the run is at its end.
pub async fn advance(
    tx: &mut Tx,
    id: &AnalysisRunId,
    position: Option<&AttachmentId>,
    done: i64,
    failed: i64,
    now: Timestamp,
) -> Result<()> {
    let ended_at = position.is_none().then_some(now);
    on_tx!(tx, c => sqlx::query(
        "update analysis_runs set position = coalesce($2, position), done = done + $3, failed = failed + $4, ended_at = $5 where id = $1")
        .bind(id).bind(position).bind(done).bind(failed).bind(ended_at).execute(c).await.map(drop))?;
    tx.notify(Notice::System);
    Ok(())
}
