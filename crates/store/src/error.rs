use thiserror::Error;

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What a caller can act on when something durable fails.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// Another writer held the lock too long; the same call may succeed later.
    #[error("database is busy: {0}")]
    Busy(#[source] sqlx::Error),
    /// A unique key says that this exists already.
    #[error("exists already: {0}")]
    Duplicate(String),
    #[error("database cannot be used: {0}")]
    Unusable(String),
    #[error("blob store: {0}")]
    Blobs(#[from] object_store::Error),
    #[error("sealed data does not open: {0}")]
    Sealed(&'static str),
    #[error("master key: {0}")]
    MasterKey(String),
    #[error("stored {what} cannot be read: {why}")]
    Corrupt { what: &'static str, why: String },
    #[error("i/o on {path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("fault injected at {0}")]
    Fault(&'static str),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::Database(db) => {
                // SQLITE_BUSY and its kin; PostgreSQL's serialization failure and deadlock.
                let code = db.code().unwrap_or_default();
                if db.is_unique_violation() {
                    return Self::Duplicate(db.message().to_owned());
                }
                if matches!(code.as_ref(), "5" | "6" | "261" | "517" | "40001" | "40P01") {
                    return Self::Busy(error);
                }
                Self::Database(error)
            }
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Whether the same call may work later without anybody doing anything: busy, away, out of space.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Io { .. } | Self::Fault(_) => true,
            Self::Blobs(_) => self.is_of_files(),
            Self::Database(sqlx::Error::Database(db)) => {
                // SQLITE_IOERR and SQLITE_FULL; PostgreSQL's connection, resource and shutdown classes.
                let code = db.code().unwrap_or_default();
                let primary = code.parse::<i64>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
                matches!(primary, Some(10 | 13))
                    || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
            }
            Self::Database(error) => matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
            _ => false,
        }
    }

    /// Whether the place for files failed as a whole: away, full, refusing. One file that is missing there is not that.
    pub const fn is_of_files(&self) -> bool {
        matches!(self, Self::Blobs(error) if !matches!(error, object_store::Error::NotFound { .. }))
    }

    pub(crate) fn corrupt(what: &'static str, why: impl ToString) -> Self {
        Self::Corrupt { what, why: why.to_string() }
    }
}

/// A named point at which tests make things go wrong (`error`, `panic`, `delay`); nothing without the `faults` feature.
#[cfg_attr(not(feature = "faults"), expect(unused_variables, reason = "fault points are compiled out"))]
pub fn fault(point: &'static str) -> Result<()> {
    fail::fail_point!(point, |_| Err(StoreError::Fault(point)));
    Ok(())
}
