//! The inbox: raw bodies on disk before anybody is told that we have them.
//!
//! One writer drains a bounded queue and commits whole batches (group commit): an fsync is shared by
//! everybody who waits for it. The same writer marks what has been read, so nobody else ever writes here.
//! An error that leaves durability in doubt breaks the inbox for good: it acknowledges nothing until a restart.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use bytes::Bytes;
use model::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::{Db, Engine, Result, StoreError};

/// Bodies that may wait for the disk at once; more are told to come back.
const QUEUE_MAX: usize = 8_192;
/// Bytes that may wait for the disk at once.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bodies in one commit: more would not be faster and would make everybody wait longer.
const BATCH_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Rows of one insert statement. Each size up to this is a statement of its own, prepared once and kept: a hand-over
/// to the database's thread costs more than a row.
const STATEMENT_ROWS_MAX: usize = 64;

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

enum Command {
    Put {
        channel: &'static str,
        received_at: Timestamp,
        body: Bytes,
        stored: Reply<PutError>,
        _room: OwnedSemaphorePermit,
    },
    Mark {
        marks: Vec<(i64, Outcome)>,
        marked: Reply<StoreError>,
    },
}

type Reply<E> = oneshot::Sender<Result<(), E>>;

// A rolled back insert gives its number back on SQLite, so the last number is the count.
const STATS_SQLITE: &str = "select (select coalesce(max(id), 0) from inbox),
    (select count(*) from inbox where state = 0),
    (select count(*) from inbox where state = 2)";
// A sequence has gaps; the writers count in the transaction that stores.
const STATS_POSTGRES: &str = "select (select coalesce(sum(bodies), 0)::bigint from inbox_received),
    (select count(*) from inbox where state = 0),
    (select count(*) from inbox where state = 2)";
// Each connection counts in a row of its own, so that nodes do not wait for one another's commits.
const COUNT_POSTGRES: &str = "insert into inbox_received (slot, bodies) values (pg_backend_pid() % 64, $1)
    on conflict (slot) do update set bodies = inbox_received.bodies + excluded.bodies";

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
        let writer = Writer { db: db.clone(), is_broken: is_broken.clone() };
        tokio::spawn({
            let (db, is_broken) = (db.clone(), is_broken.clone());
            async move {
                if tokio::spawn(writer.run(commands)).await.is_err() {
                    tracing::error!("the inbox writer panicked; nothing is acknowledged until a restart");
                    is_broken.store(true, Ordering::SeqCst);
                    db.announce(crate::Notice::System);
                }
            }
        });
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
        let command = Command::Put { channel, received_at, body, stored, _room: room };
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

struct Writer {
    db: Db,
    is_broken: Arc<AtomicBool>,
}

struct Put {
    channel: &'static str,
    received_at: Timestamp,
    body: Bytes,
}

#[derive(Default)]
struct Batch {
    puts: Vec<Put>,
    marks: Vec<(i64, Outcome)>,
    stored: Vec<(Reply<PutError>, OwnedSemaphorePermit)>,
    marked: Vec<Reply<StoreError>>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, command: Command) {
        match command {
            Command::Put { channel, received_at, body, stored, _room } => {
                self.bytes += body.len();
                self.puts.push(Put { channel, received_at, body });
                self.stored.push((stored, _room));
            }
            Command::Mark { marks, marked } => {
                self.marks.extend(marks);
                self.marked.push(marked);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.puts.len() >= BATCH_MAX || self.bytes >= BATCH_BYTES_MAX
    }
}

/// The statement that inserts these rows, with their values.
macro_rules! bind_rows {
    ($chunk:expr) => {
        $chunk.iter().fold(sqlx::query(AssertSqlSafe(insert_sql($chunk.len()))), |query, put| {
            query.bind(put.channel).bind(put.received_at).bind(&put.body[..])
        })
    };
}

impl Writer {
    async fn run(self, mut commands: mpsc::Receiver<Command>) {
        while let Some(first) = commands.recv().await {
            let mut batch = Batch::default();
            batch.add(first);
            while !batch.is_full() {
                let Ok(next) = commands.try_recv() else { break };
                batch.add(next);
            }
            let written = self.write(&batch.puts, &batch.marks).await;
            metrics::histogram!("sportello_inbox_batch_rows")
                .record(u32::try_from(batch.puts.len()).unwrap_or(u32::MAX));
            self.answer(batch, written);
        }
    }

    fn answer(&self, batch: Batch, written: Result<()>) {
        if let Err(error) = &written {
            let leaves_doubt = leaves_doubt(error);
            tracing::error!(%error, leaves_doubt, bodies = batch.puts.len(), "inbox commit failed; its senders were not acknowledged");
            if leaves_doubt {
                self.is_broken.store(true, Ordering::SeqCst);
                self.db.announce(crate::Notice::System);
            }
        }
        for (stored, _room) in batch.stored {
            let answer = match &written {
                Ok(()) => Ok(()),
                Err(_) if self.is_broken.load(Ordering::SeqCst) => Err(PutError::Broken),
                Err(error) => Err(PutError::NotStored(error.to_string())),
            };
            let _ = stored.send(answer);
        }
        for marked in batch.marked {
            let _ = marked.send(match &written {
                Ok(()) => Ok(()),
                Err(error) => Err(StoreError::Unusable(error.to_string())),
            });
        }
    }

    async fn write(&self, puts: &[Put], marks: &[(i64, Outcome)]) -> Result<()> {
        crate::error::fault("inbox.write")?;
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(StoreError::Unusable("an earlier commit failed".to_owned()));
        }
        if let Some(writer) = self.db.sqlite_writer()
            && marks.is_empty()
            && puts.len() <= STATEMENT_ROWS_MAX
        {
            return self.insert_alone(writer, puts).await;
        }
        let mut tx = self.db.begin().await?;
        for chunk in puts.chunks(STATEMENT_ROWS_MAX) {
            insert(&mut tx, chunk).await?;
        }
        if tx.engine() == Engine::Postgres && !puts.is_empty() {
            let bodies = i64::try_from(puts.len()).unwrap_or(i64::MAX);
            on_tx!(tx, c => sqlx::query(COUNT_POSTGRES).bind(bodies).execute(c).await.map(drop))?;
        }
        mark_all(&mut tx, marks).await?;
        if !puts.is_empty() || marks.iter().any(|(_, outcome)| *outcome == Outcome::Waiting) {
            // The reader may be in another process.
            tx.notify(crate::Notice::Inbox);
        }
        crate::error::fault("inbox.commit")?;
        tx.commit().await
    }

    /// One statement is a transaction by itself, begun and committed by SQLite: that spares the two waits for it.
    async fn insert_alone(&self, writer: &sqlx::SqlitePool, puts: &[Put]) -> Result<()> {
        crate::error::fault("inbox.commit")?;
        crate::error::fault("store.commit")?;
        bind_rows!(puts).execute(writer).await?;
        self.db.announce(crate::Notice::Inbox);
        crate::error::fault("store.committed")
    }
}

async fn insert(tx: &mut crate::Tx, chunk: &[Put]) -> Result<()> {
    on_tx!(tx, c => bind_rows!(chunk).execute(c).await.map(drop))?;
    Ok(())
}

/// Nearly everything is simply read: one statement for all of it, one for each of the others.
async fn mark_all(tx: &mut crate::Tx, marks: &[(i64, Outcome)]) -> Result<()> {
    let read: Vec<i64> =
        marks.iter().filter(|(_, outcome)| *outcome == Outcome::Read).map(|(id, _)| *id).collect();
    if !read.is_empty() {
        let sql = tx.engine().pick(
            "update inbox set state = 1, reason = null where id in (select value from json_each($1))",
            "update inbox set state = 1, reason = null where id in (select json_array_elements_text($1::json)::bigint)",
        );
        let list = serde_json::json!(read).to_string();
        on_tx!(tx, c => sqlx::query(sql).bind(list).execute(c).await.map(drop))?;
    }
    for (id, outcome) in marks {
        let (state, reason) = match outcome {
            Outcome::Read => continue,
            Outcome::Waiting => (0i16, None),
            Outcome::Quarantined(why) => (2, Some(why.as_str())),
        };
        on_tx!(tx, c => sqlx::query("update inbox set state = $2, reason = $3 where id = $1")
            .bind(id).bind(state).bind(reason).execute(c).await.map(drop))?;
    }
    Ok(())
}

fn insert_sql(rows: usize) -> String {
    let values: Vec<String> =
        (0..rows).map(|row| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3)).collect();
    format!("insert into inbox (channel, received_at, body) values {}", values.join(", "))
}

/// Whether after this error it is unknown what is on disk.
///
/// A full disk or a lost connection rolls back cleanly; a failed sync (SQLITE_IOERR) or a damaged file does not.
fn leaves_doubt(error: &StoreError) -> bool {
    match error {
        StoreError::Database(sqlx::Error::Database(db)) => {
            let code = db.code().and_then(|code| code.parse::<i64>().ok()).unwrap_or(0);
            matches!(code & 0xff, 10 | 11 | 26)
        }
        StoreError::Fault("inbox.commit") => true,
        _ => false,
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
