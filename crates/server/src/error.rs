//! What goes wrong at the start and inside the process, for whoever handles it.

use store::StoreError;
use thiserror::Error;

/// Why the server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("{0}")]
    Config(String),
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("{0} is in use by another sportello; stop that one first, or choose another data folder")]
    InUse(String),
}

#[derive(Debug, Error)]
pub enum AppError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{what} cannot be written as JSON: {source}")]
    Json { what: &'static str, source: serde_json::Error },
    #[error("{what} {id} does not exist")]
    Missing { what: &'static str, id: String },
    #[error(transparent)]
    FormKey(#[from] channels::whatsapp::forms::KeyError),
    #[error("a task panicked: {0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl AppError {
    /// Whether the same may work later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }

    pub(crate) fn missing(what: &'static str, id: impl ToString) -> Self {
        Self::Missing { what, id: id.to_string() }
    }
}

/// Writes our own types as JSON.
pub(crate) fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|source| AppError::Json { what, source })
}
