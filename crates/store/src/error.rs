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
    pub(crate) fn corrupt(what: &'static str, why: impl ToString) -> Self {
        Self::Corrupt { what, why: why.to_string() }
    }
}
