//! The queue of work: jobs are enqueued in the transaction that causes them and survive any crash.
//!
//! A claimed job has a lease and a token. Whoever lost the lease can no longer end the job: its
//! transaction finds the token gone and is given up.

use std::time::Duration;

use model::{Ids, Timestamp, ids::JobId};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::FromRow;

use crate::{Db, Notice, Result, StoreError, Tx};

/// A claimed job.
#[derive(Clone, Debug, FromRow)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    /// This try's number, from 1.
    pub attempts: i64,
    pub lock_token: Option<String>,
    pub created_at: Timestamp,
}

impl Job {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload).map_err(|e| StoreError::corrupt("job payload", e))
    }
}

/// A job as the console lists it.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub state: String,
    pub attempts: i64,
    pub run_at: Timestamp,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
}

/// What is to be done, and when.
pub struct NewJob<'a, P> {
    pub kind: &'a str,
    /// Ids and numbers only: personal data never enters a payload.
    pub payload: &'a P,
    pub run_at: Timestamp,
    /// While a job with this key exists, another is not enqueued.
    pub dedup_key: Option<&'a str>,
}

/// Enqueues a job; `false` when one with the same key exists already.
pub async fn enqueue<P: Serialize>(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    job: NewJob<'_, P>,
) -> Result<bool> {
    let payload = serde_json::to_string(job.payload).map_err(|e| StoreError::corrupt("job payload", e))?;
    let done = on_tx!(tx, c => sqlx::query(
        "insert into jobs (id, kind, payload, dedup_key, state, attempts, run_at, created_at)
         values ($1, $2, $3, $4, 'ready', 0, $5, $6) on conflict (dedup_key) do nothing")
        .bind(JobId::new(ids, now)).bind(job.kind).bind(payload).bind(job.dedup_key).bind(job.run_at).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Job);
    Ok(done > 0)
}

const CLAIM_SQLITE: &str =
    "update jobs set state = 'running', attempts = attempts + 1, locked_until = $2, lock_token = $3
    where id in (select id from jobs where state = 'ready' and run_at <= $1 order by run_at, id limit $4)
    returning id, kind, payload, attempts, lock_token, created_at";
// Materialized: a plan that ran the inner query again for each row would take more than the limit.
const CLAIM_POSTGRES: &str = "with due as materialized (
        select id from jobs where state = 'ready' and run_at <= $1 order by run_at, id limit $4 for update skip locked)
    update jobs set state = 'running', attempts = attempts + 1, locked_until = $2, lock_token = $3
    where id in (select id from due)
    returning id, kind, payload, attempts, lock_token, created_at";

/// Takes up to `limit` due jobs for `lease`.
pub async fn claim(db: &Db, ids: &Ids, now: Timestamp, lease: Duration, limit: i64) -> Result<Vec<Job>> {
    let mut tx = db.begin().await?;
    let sql = tx.engine().pick(CLAIM_SQLITE, CLAIM_POSTGRES);
    let token = ids.ulid(now);
    let jobs = on_tx!(tx, c => sqlx::query_as(sql)
        .bind(now).bind(now.plus(lease)).bind(token).bind(limit).fetch_all(c).await)?;
    tx.commit().await?;
    Ok(jobs)
}

/// Whether a job is due, without taking it: spares an idle desk a writing transaction.
pub async fn next_run_at(db: &Db) -> Result<Option<Timestamp>> {
    Ok(
        on!(db, c => sqlx::query_scalar("select run_at from jobs where state = 'ready' order by run_at, id limit 1")
        .fetch_optional(c).await)?,
    )
}

/// Keeps a long job ours.
pub async fn extend(db: &Db, job: &Job, until: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let kept = on_tx!(tx, c => sqlx::query("update jobs set locked_until = $3 where id = $1 and lock_token = $2")
        .bind(&job.id).bind(&job.lock_token).bind(until).execute(c).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(kept > 0)
}

/// Ends the job with the transaction that holds its effects. An error means that another worker has it now.
pub async fn done(tx: &mut Tx, job: &Job) -> Result<()> {
    let gone = on_tx!(tx, c => sqlx::query("delete from jobs where id = $1 and lock_token = $2")
        .bind(&job.id).bind(&job.lock_token).execute(c).await.map(|done| done.rows_affected()))?;
    if gone == 0 {
        Err(StoreError::Unusable(format!("the lease of job {} was lost", job.id)))
    } else {
        Ok(())
    }
}

/// Gives the job back, to be run at `at`. `why` is kept for whoever looks; a snooze has none.
pub async fn again(tx: &mut Tx, job: &Job, at: Timestamp, why: Option<&str>) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update jobs set state = 'ready', run_at = $3, last_error = coalesce($4, last_error), locked_until = null, lock_token = null
         where id = $1 and lock_token = $2")
        .bind(&job.id).bind(&job.lock_token).bind(at).bind(why).execute(c).await.map(drop))?;
    tx.notify(Notice::Job);
    Ok(())
}

/// Puts the job among the dead letters, where a person can replay it; `false` when another worker has it now.
pub async fn bury(tx: &mut Tx, job: &Job, why: &str) -> Result<bool> {
    let buried = on_tx!(tx, c => sqlx::query(
        "update jobs set state = 'dead', last_error = $3, locked_until = null, lock_token = null, dedup_key = null
         where id = $1 and lock_token = $2")
        .bind(&job.id).bind(&job.lock_token).bind(why).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::System);
    Ok(buried > 0)
}

/// Gives back what workers held that died; returns how many. All of them when `at_start` of a lone process.
pub async fn rescue(db: &Db, now: Timestamp, at_start: bool) -> Result<u64> {
    let before = if at_start { Timestamp(i64::MAX) } else { now };
    let mut tx = db.begin().await?;
    let rescued = on_tx!(tx, c => sqlx::query(
        "update jobs set state = 'ready', locked_until = null, lock_token = null where state = 'running' and locked_until < $1")
        .bind(before).execute(c).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(rescued)
}

/// Lets a dead (or waiting) job run now, with its tries counted anew.
pub async fn retry(tx: &mut Tx, id: &JobId, now: Timestamp) -> Result<bool> {
    let found = on_tx!(tx, c => sqlx::query(
        "update jobs set state = 'ready', attempts = 0, run_at = $2 where id = $1 and state in ('dead', 'ready')")
        .bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Job);
    Ok(found > 0)
}

/// Removes the dead letters of this very work: somebody has ordered it anew.
pub async fn forget_dead<P: Serialize>(tx: &mut Tx, kind: &str, payload: &P) -> Result<()> {
    let payload = serde_json::to_string(payload).map_err(|e| StoreError::corrupt("job payload", e))?;
    on_tx!(tx, c => sqlx::query("delete from jobs where state = 'dead' and kind = $1 and payload = $2")
        .bind(kind).bind(payload).execute(c).await.map(drop))?;
    tx.notify(Notice::System);
    Ok(())
}

/// Lets the job with this key run now, if there is one.
pub async fn hasten(tx: &mut Tx, dedup_key: &str, now: Timestamp) -> Result<bool> {
    let found = on_tx!(tx, c => sqlx::query("update jobs set run_at = $2 where dedup_key = $1 and state = 'ready'")
        .bind(dedup_key).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Job);
    Ok(found > 0)
}

/// Jobs in `state` (`ready`, `running`, `dead`), oldest first, after the cursor.
pub async fn list(db: &Db, state: &str, after: &str, limit: i64) -> Result<Vec<Listed>> {
    Ok(on!(db, c => sqlx::query_as(
        "select id, kind, payload, state, attempts, run_at, last_error, created_at from jobs
         where state = $1 and id > $2 order by id limit $3")
        .bind(state).bind(after).bind(limit).fetch_all(c).await)?)
}

pub async fn count(db: &Db, state: &str) -> Result<i64> {
    Ok(
        on!(db, c => sqlx::query_scalar("select count(*) from jobs where state = $1").bind(state).fetch_one(c).await)?,
    )
}

/// Jobs that run or are due, seen at one moment: a job that ends as it enqueues the next is never missed.
pub async fn unfinished(db: &Db, now: Timestamp) -> Result<i64> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select count(*) from jobs where state = 'running' or (state = 'ready' and run_at <= $1)")
        .bind(now).fetch_one(c).await)?)
}
