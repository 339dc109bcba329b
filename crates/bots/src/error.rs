//! What goes wrong with a bot. The texts stand on the ticket: sentences for an agent, without a word of the customer.

use reqwest::StatusCode;
use thiserror::Error;

use crate::http::{ANSWER_BYTES_MAX, TIMEOUT};

#[derive(Debug, Error)]
pub enum Error {
    #[error("it could not be reached, or did not answer within {} seconds", TIMEOUT.as_secs())]
    Unreachable(#[source] reqwest::Error),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("its answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// Where, and nothing of what stands there.
    #[error("its answer has not the shape that it should have (line {line}, column {column})")]
    Garbled { line: usize, column: usize },
    #[error("Google gave no access for its service account: {0}")]
    NoAccess(#[source] Box<Error>),
    #[error("the key of its service account does not sign")]
    Unsigned,
}

impl Error {
    /// Whether the same turn may be taken a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Status(status) => {
                // A token that ended early is asked for anew.
                status.is_server_error()
                    || [StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS]
                        .contains(status)
            }
            Self::NoAccess(why) => why.is_passing(),
            Self::TooLong | Self::Garbled { .. } | Self::Unsigned => false,
        }
    }
}

impl From<reqwest::Error> for Error {
    /// Without the address: it names the session, and Rasa's token.
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

/// Why no bot can be made of a configuration.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("{path}: {why}")]
    Credentials { path: String, why: String },
    #[error("cannot set up TLS: {0}; is the `ca-certificates` package installed?")]
    Tls(#[source] reqwest::Error),
}
