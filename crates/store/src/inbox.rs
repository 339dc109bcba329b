//! The inbox: raw bodies on disk before anybody is told that we have them.
//!
//! One writer stores and marks for everybody, so that an fsync is shared by all who wait for it.
//! An error that leaves durability in doubt breaks the inbox for good: it acknowledges nothing until a restart.

mod writer;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use model::Timestamp;
use sqlx::FromRow;
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc, oneshot};

use self::writer::{Command, Put, Writer};
use crate::{Db, Result, StoreError};

/// Bodies that may wait for the disk at once; more are told to come back.
const QUEUE_MAX: usize = 8_192;
/// Bytes that may wait for the disk at once.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
#[derive(Debug, Error)]
pub enum PutError {
    /// Too much is waiting already; nothing was kept. Come back in a moment.
    #[error("the inbox is full")]
    Full,
    /// This body could not be written (disk full, database gone); nothing was kept.
    #[error("not stored: {0}")]
    NotStored(String),
    /// A write failed in a way after which nothing may be promised any more; restart needed.
    #[error("the inbox is broken: a commit or sync failed, see the log, then restart")]
    Broken,
}

/// A stored body that has not been read yet.
#[derive(Debug, FromRow)]
pub struct Waiting {
    pub id: i64,
    pub channel: String,
    pub received_at: Timestamp,
    pub body: Vec<u8>,
}

#[derive(Debug, FromRow)]
pub struct Quarantined {
    pub id: i64,
    pub channel: String,
    pub received_at: Timestamp,
    pub body: Vec<u8>,
    pub reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    pub received: i64,
    pub read: i64,
    pub quarantined: i64,
    pub waiting: i64,
}

/// What became of a body after reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Read,
    Quarantined(String),
    /// To be read again.
    Waiting,
}

// A rolled back insert gives its number back on SQLite, so the last number is the count.
const STATS_SQLITE: &str = "select (select coalesce(max(id), 0) from inbox),
    (select count(*) from inbox where state = 0),
    (select count(*) from inbox where state = 2)";
// A sequence has gaps; the writers count in the transaction that stores.
const STATS_POSTGRES: &str = "select (select coalesce(sum(bodies), 0)::bigint from inbox_received),
    (select count(*) from inbox where state = 0),
    (select count(*) from inbox where state = 2)";

/// A handle to the inbox; clones share the writer.
#[derive(Clone)]
pub struct Inbox {
    db: Db,
    queue: mpsc::Sender<Command>,
    room: Arc<Semaphore>,
    senders: Arc<AtomicUsize>,
    is_broken: Arc<AtomicBool>,
}

impl Inbox {
    /// Starts the writer over an inbox schema that is up to date.
    pub fn start(db: Db) -> Self {
        let (queue, commands) = mpsc::channel(QUEUE_MAX);
        let is_broken = Arc::new(AtomicBool::new(false));
        let room = Arc::new(Semaphore::new(QUEUE_BYTES_MAX));
        Writer::spawn(db.clone(), is_broken.clone(), commands);
        Self { db, queue, room, senders: Arc::default(), is_broken }
    }

    /// Returns when `body` is on disk, synced; an error means that it was not kept.
    pub async fn put(
        &self,
        channel: &'static str,
        received_at: Timestamp,
        body: Bytes,
    ) -> Result<(), PutError> {
        if self.is_broken() {
            return Err(PutError::Broken);
        }
        let size = u32::try_from(body.len().max(1)).map_err(|_| PutError::Full)?;
        let room = self.room.clone().try_acquire_many_owned(size).map_err(|_| PutError::Full)?;
        let (stored, answer) = oneshot::channel();
        let put = Put { channel, received_at, body };
        let command = Command::Put { put, stored, _room: room };
        let _waiting = Waits::new(&self.senders);
        self.queue.try_send(command).map_err(|_| PutError::Full)?;
        answer.await.unwrap_or(Err(PutError::Broken))
    }

    /// Records what became of bodies; the caller's own work must be committed before.
    pub async fn mark(&self, marks: Vec<(i64, Outcome)>) -> Result<()> {
        let (marked, answer) = oneshot::channel();
        let gone = || StoreError::Unusable("the inbox writer has stopped".to_owned());
        self.queue.send(Command::Mark { marks, marked }).await.map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The oldest unread bodies after `after`, in the order in which they were stored.
    pub async fn waiting(&self, after: i64, limit: i64) -> Result<Vec<Waiting>> {
        Ok(on!(self.db, c => sqlx::query_as(
            "select id, channel, received_at, body from inbox where state = 0 and id > $1 order by id limit $2")
            .bind(after).bind(limit).fetch_all(c).await)?)
    }

    pub async fn quarantined(&self, after: i64, limit: i64) -> Result<Vec<Quarantined>> {
        Ok(on!(self.db, c => sqlx::query_as(
            "select id, channel, received_at, body, reason from inbox where state = 2 and id > $1 order by id limit $2")
            .bind(after).bind(limit).fetch_all(c).await)?)
    }

    pub async fn is_quarantined(&self, id: i64) -> Result<bool> {
        let count: i64 = on!(self.db, c => sqlx::query_scalar("select count(*) from inbox where id = $1 and state = 2")
            .bind(id).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// How many bodies stand where; `received` counts those that retention removed, too.
    pub async fn stats(&self) -> Result<Stats> {
        let sql = self.db.engine().pick(STATS_SQLITE, STATS_POSTGRES);
        let (received, waiting, quarantined): (i64, i64, i64) =
            on!(self.db, c => sqlx::query_as(sql).fetch_one(c).await)?;
        Ok(Stats { received, read: received - waiting - quarantined, quarantined, waiting })
    }

    /// When the oldest unread body came.
    pub async fn oldest_waiting_at(&self) -> Result<Option<Timestamp>> {
        Ok(
            on!(self.db, c => sqlx::query_scalar("select received_at from inbox where state = 0 order by id limit 1")
            .fetch_optional(c).await)?,
        )
    }

    pub fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::SeqCst)
    }

    /// How many callers wait for the disk right now.
    pub fn senders(&self) -> usize {
        self.senders.load(Ordering::Relaxed)
    }

    pub const fn db(&self) -> &Db {
        &self.db
    }
}

/// Counts a caller for as long as it waits, however that ends.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(senders: &'a AtomicUsize) -> Self {
        senders.fetch_add(1, Ordering::Relaxed);
        Self(senders)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// From which body on not everything has been read.
pub async fn first_unread(db: &Db) -> Result<i64> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select coalesce((select min(id) from inbox where state = 0), (select coalesce(max(id), 0) + 1 from inbox))")
        .fetch_one(c).await)?)
}

/// Has every body from `first` on read again.
pub async fn read_again_from(db: &Db, first: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(tx, c => sqlx::query("update inbox set state = 0, reason = null where id >= $1 and state <> 0")
        .bind(first).execute(c).await.map(drop))?;
    tx.commit().await
}

/// Removes bodies that were read before `before`, looking at `limit` of the oldest; returns how many went. Quarantined
/// ones stay until somebody decides, and the newest stays because its number is the count of all that ever came.
///
/// Numbers and times ascend together, so one look at the oldest says when there is nothing to do: a search of the
/// whole table on the writing connection would make every sender wait.
pub async fn prune(db: &Db, before: Timestamp, limit: i64) -> Result<u64> {
    let oldest: Option<(i64, Timestamp)> = on!(db, c => sqlx::query_as(
        "select id, received_at from inbox where state = 1 order by id limit 1").fetch_optional(c).await)?;
    let Some((first, _)) = oldest.filter(|(_, received_at)| *received_at < before) else { return Ok(0) };
    let mut tx = db.begin().await?;
    let gone = on_tx!(tx, c => sqlx::query(
        "delete from inbox where id >= $2 and id < $2 + $3 and state = 1 and received_at < $1 and id < (select max(id) from inbox)")
        .bind(before).bind(first).bind(limit).execute(c).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(gone)
}
