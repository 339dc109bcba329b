//! One handle over two engines: the same SQL text and the same bindings on SQLite and PostgreSQL.
//!
//! On SQLite there is one writing connection, so writers queue fairly in this process instead of
//! polling the file's lock, and every writing transaction begins IMMEDIATE.
//! What a transaction wants others to know (`Tx::notify`) is told only after it committed.

use std::{path::Path, str::FromStr as _, time::Duration};

use model::Timestamp;
use sqlx::{
    Connection as _, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::broadcast;

use crate::{Result, StoreError};

/// Runs one query body on whichever engine stands behind the handle (`Db` for reading, `Tx` for writing).
macro_rules! on {
    ($db:expr, $c:ident => $body:expr) => {
        match $db.executor() {
            $crate::db::Executor::Sqlite($c) => $body,
            $crate::db::Executor::Postgres($c) => $body,
        }
    };
}

/// The same inside a transaction.
macro_rules! on_tx {
    ($tx:expr, $c:ident => $body:expr) => {
        match &mut $tx.inner {
            $crate::db::Inner::Sqlite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::db::Inner::Postgres(t) => {
                let $c = &mut **t;
                $body
            }
        }
    };
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Picks the text for this engine where one text cannot serve both.
    pub(crate) const fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

#[derive(Clone)]
enum Pools {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// A page of `select` along two columns that order it, after `$2` and `$3`, of at most `$4` rows.
pub(crate) fn page_sql(select: &str, condition: &str, along: (&str, &str), newest_first: bool) -> String {
    let (at, id) = along;
    let (than, down) = if newest_first { ("<", " desc") } else { (">", "") };
    format!(
        "{select} where {condition} and ({at}, {id}) {than} ($2, $3) order by {at}{down}, {id}{down} limit $4"
    )
}

/// Where a page begins: at the cursor, or before everything.
pub(crate) fn page_start(from: Option<(Timestamp, &str)>, newest_first: bool) -> (Timestamp, &str) {
    let first = if newest_first { (Timestamp(i64::MAX), "~") } else { (Timestamp(i64::MIN), "") };
    from.unwrap_or(first)
}

/// The database.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    notices: broadcast::Sender<Notice>,
}

/// What a committed transaction tells whoever listens in this process (and, on PostgreSQL, in the others).
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Something about a ticket changed: what the console shows of it is stale.
    Ticket { ticket_id: model::ids::TicketId, what: String },
    /// There is a job that may be run now.
    Job,
    /// There is a body in the inbox that may be read now.
    Inbox,
    /// A named state of the system changed.
    System,
    /// A flow was stored, or is on for others than before.
    Flows,
    /// A session or a token ended, or an account was closed: who listens asks again whether they may.
    Access,
}

pub(crate) enum Executor<'a> {
    Sqlite(&'a SqlitePool),
    Postgres(&'a PgPool),
}

/// Notices are for screens and wake-ups: who lags behind refetches.
const NOTICES_MAX: usize = 1_024;
/// Further notices of one transaction would only repeat that much changed.
const NOTICES_PER_TX_MAX: usize = 256;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS_MAX: u32 = 4;

impl Db {
    /// Opens (and creates, on SQLite) what `url` names: `sqlite:PATH` or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self> {
        let notices = broadcast::Sender::new(NOTICES_MAX);
        let pools = if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(path)).await?
        } else if url.starts_with("postgres") {
            open_postgres(url).await?
        } else {
            return Err(StoreError::Unusable(
                "the database url must begin with `sqlite:` or `postgres://`".to_owned(),
            ));
        };
        Ok(Self { pools, notices })
    }

    pub const fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The notices of every transaction that commits from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    /// Tells listeners of this process something that no transaction caused.
    pub fn announce(&self, notice: Notice) {
        let _ = self.notices.send(notice);
    }

    pub(crate) fn executor(&self) -> Executor<'_> {
        match &self.pools {
            Pools::Sqlite { read, .. } => Executor::Sqlite(read),
            Pools::Postgres(pool) => Executor::Postgres(pool),
        }
    }

    /// SQLite's one writing connection, for a statement that is a transaction by itself.
    pub(crate) const fn sqlite_writer(&self) -> Option<&SqlitePool> {
        match &self.pools {
            Pools::Sqlite { write, .. } => Some(write),
            Pools::Postgres(_) => None,
        }
    }

    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { write, .. } => Inner::Sqlite(begin_sqlite(write).await?),
            Pools::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        };
        Ok(Tx { inner, notices: Vec::new(), out: self.notices.clone() })
    }

    /// Forwards what other processes committed to this one's listeners; returns only on an error.
    pub async fn listen(&self) -> Result<()> {
        let Pools::Postgres(pool) = &self.pools else { return std::future::pending().await };
        let mut listener = sqlx::postgres::PgListener::connect_with(pool).await?;
        listener.listen("sportello").await?;
        loop {
            let message = listener.recv().await?;
            if let Ok(notice) = serde_json::from_str(message.payload()) {
                self.announce(notice);
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        on!(self, c => sqlx::query("select 1").execute(c).await.map(drop))?;
        Ok(())
    }

    /// Whether SQLite's file is sound; PostgreSQL checks its own pages.
    pub async fn integrity(&self) -> Result<()> {
        let Pools::Sqlite { read, .. } = &self.pools else { return Ok(()) };
        let answer: String = sqlx::query_scalar("pragma integrity_check").fetch_one(read).await?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::Unusable(answer)) }
    }

    /// Writes a consistent copy of a running SQLite database to `to`, which must not exist.
    pub async fn copy_to(&self, to: &Path) -> Result<()> {
        let Pools::Sqlite { read, .. } = &self.pools else {
            return Err(StoreError::Unusable("PostgreSQL is backed up with pg_dump".to_owned()));
        };
        // A connection of its own: the readers may not write, not even elsewhere, and the writer has other work.
        let options = read.connect_options().as_ref().clone().pragma("query_only", "false");
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
        let copied = sqlx::query("vacuum into $1")
            .bind(to.to_string_lossy().into_owned())
            .execute(&mut connection)
            .await;
        connection.close().await?;
        copied?;
        Ok(())
    }

    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a writing transaction on the one connection that writes.
///
/// On a full disk SQLite ends a transaction by itself, and the driver goes on counting it as open for ever.
/// Such a connection is of no more use; the next one is as good as new.
async fn begin_sqlite(write: &SqlitePool) -> Result<Transaction<'static, Sqlite>> {
    const BEGIN: &str = "begin immediate";
    match write.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            write.acquire().await?.close().await?;
            Ok(write.begin_with(BEGIN).await?)
        }
        begun => Ok(begun?),
    }
}

async fn open_sqlite(path: &Path) -> Result<Pools> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        // A file does not go away like a server does; asking before each transaction is a wait for nothing.
        .test_before_acquire(false)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_with(options.clone())
        .await?;
    // Asserted, not assumed: a receiver on a database that does not sync would acknowledge what it can lose.
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&write).await?;
    let journal: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&write).await?;
    if synchronous != 2 || journal != "wal" {
        return Err(StoreError::Unusable(format!(
            "{} runs with journal_mode={journal} and synchronous={synchronous}; WAL and FULL (2) are needed. Is it on a network file system?",
            path.display()
        )));
    }
    let read = SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_lazy_with(options.pragma("query_only", "true"));
    Ok(Pools::Sqlite { read, write })
}

async fn open_postgres(url: &str) -> Result<Pools> {
    let options = PgConnectOptions::from_str(url)?.application_name("sportello");
    let pool =
        PgPoolOptions::new().max_connections(12).acquire_timeout(BUSY_TIMEOUT).connect_with(options).await?;
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String =
            sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&pool).await?;
        if value == "off" {
            return Err(StoreError::Unusable(format!(
                "PostgreSQL runs with {setting}=off: an acknowledged message could be lost. Switch it on."
            )));
        }
    }
    Ok(Pools::Postgres(pool))
}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A writing transaction; dropped without `commit`, it never happened.
pub struct Tx {
    pub(crate) inner: Inner,
    notices: Vec<Notice>,
    out: broadcast::Sender<Notice>,
}

impl Tx {
    pub const fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// To be told when, and only when, this transaction has committed.
    pub fn notify(&mut self, notice: Notice) {
        if self.notices.len() < NOTICES_PER_TX_MAX && !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    pub fn touch(&mut self, ticket_id: &model::ids::TicketId, what: &str) {
        self.notify(Notice::Ticket { ticket_id: ticket_id.clone(), what: what.to_owned() });
    }

    pub async fn commit(mut self) -> Result<()> {
        crate::error::fault("store.commit")?;
        if let Inner::Postgres(t) = &mut self.inner {
            for notice in &self.notices {
                let text = serde_json::to_string(notice).map_err(|e| StoreError::corrupt("notice", e))?;
                sqlx::query("select pg_notify('sportello', $1)").bind(text).execute(&mut **t).await?;
            }
        }
        match self.inner {
            Inner::Sqlite(t) => {
                t.commit().await?;
                for notice in self.notices {
                    let _ = self.out.send(notice);
                }
            }
            // PostgreSQL delivers them through `Db::listen`, to this process as well.
            Inner::Postgres(t) => t.commit().await?,
        }
        crate::error::fault("store.committed")?;
        Ok(())
    }
}
