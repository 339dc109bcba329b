//! The only one who writes to the inbox.
//!
//! It takes whatever has gathered during the last fsync and commits it whole (group commit): batches form by
//! themselves, and what has been read is marked in the same commits.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use model::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::{Outcome, PutError};
use crate::{Db, Engine, Notice, Result, StoreError, Tx, error::fault};

/// Bodies in one commit: more would not be faster and would make everybody wait longer.
const BATCH_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Rows of one insert statement. Each size up to this is a statement of its own, prepared once and kept: a hand-over
/// to the database's thread costs more than a row.
const STATEMENT_ROWS_MAX: usize = 64;

// Each connection counts in a row of its own, so that nodes do not wait for one another's commits.
const COUNT_POSTGRES: &str = "insert into inbox_received (slot, bodies) values (pg_backend_pid() % 64, $1)
    on conflict (slot) do update set bodies = inbox_received.bodies + excluded.bodies";

/// A body to be stored.
pub(super) struct Put {
    pub channel: &'static str,
    pub received_at: Timestamp,
    pub body: Bytes,
}

pub(super) enum Command {
    Put { put: Put, stored: Reply<PutError>, _room: OwnedSemaphorePermit },
    Mark { marks: Vec<(i64, Outcome)>, marked: Reply<StoreError> },
}

pub(super) type Reply<E> = oneshot::Sender<Result<(), E>>;

pub(super) struct Writer {
    db: Db,
    is_broken: Arc<AtomicBool>,
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
            Command::Put { put, stored, _room } => {
                self.bytes += put.body.len();
                self.puts.push(put);
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
        $chunk.iter().fold(sqlx::query(insert_sql($chunk.len())), |query, put| {
            query.bind(put.channel).bind(put.received_at).bind(&put.body[..])
        })
    };
}

impl Writer {
    /// Writes until the last handle is gone. A panic leaves nothing acknowledged that is not stored, and breaks the inbox.
    pub(super) fn spawn(db: Db, is_broken: Arc<AtomicBool>, commands: mpsc::Receiver<Command>) {
        let writer = Self { db: db.clone(), is_broken: is_broken.clone() };
        tokio::spawn(async move {
            if tokio::spawn(writer.run(commands)).await.is_err() {
                tracing::error!("the inbox writer panicked; nothing is acknowledged until a restart");
                is_broken.store(true, Ordering::SeqCst);
                db.announce(Notice::System);
            }
        });
    }

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
                self.db.announce(Notice::System);
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
        fault("inbox.write")?;
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
            tx.notify(Notice::Inbox);
        }
        fault("inbox.commit")?;
        tx.commit().await
    }

    /// One statement is a transaction by itself, begun and committed by SQLite: that spares the two waits for it.
    async fn insert_alone(&self, writer: &sqlx::SqlitePool, puts: &[Put]) -> Result<()> {
        fault("inbox.commit")?;
        fault("store.commit")?;
        bind_rows!(puts).execute(writer).await?;
        self.db.announce(Notice::Inbox);
        fault("store.committed")
    }
}

async fn insert(tx: &mut Tx, chunk: &[Put]) -> Result<()> {
    on_tx!(tx, c => bind_rows!(chunk).execute(c).await.map(drop))?;
    Ok(())
}

/// Nearly everything is simply read: one statement for all of it, one for each of the others.
async fn mark_all(tx: &mut Tx, marks: &[(i64, Outcome)]) -> Result<()> {
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

/// The statement for so many rows, written once.
fn insert_sql(rows: usize) -> &'static str {
    static SQL: LazyLock<Vec<String>> = LazyLock::new(|| {
        let values = |row: usize| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3);
        let statement = |rows: usize| {
            let values: Vec<String> = (0..rows).map(values).collect();
            format!("insert into inbox (channel, received_at, body) values {}", values.join(", "))
        };
        (0..=STATEMENT_ROWS_MAX).map(statement).collect()
    });
    // Chunks are cut at that size.
    SQL.get(rows).map(String::as_str).unwrap_or_default()
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
