//! Fetching what a customer sent: the id is resolved to an address that lives five minutes, and the address gives the bytes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT},
};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Client,
    answer::{Answer, GraphError, SendError, reasons, retry_after},
    destination::{Refusal, is_private_address},
};
use crate::whatsapp::{
    errors::{self, Class},
    parse::sha256_hex,
};

/// Some of Meta's media hosts turn away clients that they do not know; this one they know.
const KNOWN_USER_AGENT: &str = "curl/8.14.1";

/// What Meta knows about a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Descriptor {
    /// Good for five minutes.
    pub url: String,
    pub mime_type: Option<String>,
    /// Lower-case hex, whatever the wire used.
    pub sha256: Option<String>,
    pub file_size: Option<u64>,
}

/// A file on its way. The length is the sender's word; the stream ends with an error rather than beyond the limit.
pub struct Download {
    pub content_type: Option<String>,
    pub length: Option<u64>,
    pub bytes: BoxStream<'static, Result<Bytes, FetchError>>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("content_type", &self.content_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Why a file did not come, by what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchError {
    #[error("WhatsApp no longer has the file; ask the customer to send it again")]
    Gone,
    /// Resolve the id again; if that works and this does not, the token lacks a right.
    #[error("the link to the file has expired")]
    LinkExpired,
    #[error("WhatsApp did not accept our access token ({code}): {message}")]
    Credentials { code: i64, message: String },
    #[error("{0}")]
    Refused(Refusal),
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("WhatsApp is busy")]
    Busy { retry_after: Option<Duration> },
    /// No connection, or it broke off: try again.
    #[error("the file could not be fetched: {why}")]
    Network { why: String },
    /// Anything else that Meta answered; trying again soon will not help.
    #[error("WhatsApp refused the file ({code}): {message}")]
    Rejected { class: Class, code: i64, message: String },
}

/// As whom we fetch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visitor {
    /// With our token.
    Known,
    Anybody,
}

impl Client {
    /// Asks where the file is. The answer's URL is only a claim: [`Client::download`] decides whether to go there.
    pub async fn resolve(&self, media_id: &str) -> Result<Descriptor, FetchError> {
        if !is_media_id(media_id) {
            return Err(FetchError::Refused(Refusal::NotAMediaId));
        }
        let number = &self.config.phone_number_id;
        let answer = self
            .exchange(Method::GET, media_id, |request| request.query(&[("phone_number_id", number)]))
            .await
            .map_err(lost)?;
        if let Some(error) = self.failure(&answer) {
            return Err(error);
        }
        let found = answer.into_json(&self.config.token).map_err(lost)?;
        let text = |key: &str| found.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let size = |size: &Value| size.as_u64().or_else(|| size.as_str()?.trim().parse().ok());
        Ok(Descriptor {
            url: text("url")
                .ok_or_else(|| FetchError::Network { why: "the answer names no address".to_owned() })?
                .to_owned(),
            mime_type: text("mime_type").map(str::to_owned),
            sha256: text("sha256").and_then(sha256_hex),
            file_size: found.get("file_size").and_then(size),
        })
    }

    /// Fetches the bytes from `url` (of a webhook or of [`Client::resolve`]), at most `size_bytes_max` of them.
    pub async fn download(&self, url: &str, size_bytes_max: u64) -> Result<Download, FetchError> {
        self.download_as(Visitor::Known, url, size_bytes_max).await
    }

    /// The same for a file that lies sealed on WhatsApp's network, where nobody asks who comes: our token stays here.
    pub async fn download_sealed(&self, url: &str, size_bytes_max: u64) -> Result<Download, FetchError> {
        self.download_as(Visitor::Anybody, url, size_bytes_max).await
    }

    async fn download_as(
        &self,
        visitor: Visitor,
        url: &str,
        size_bytes_max: u64,
    ) -> Result<Download, FetchError> {
        let url = self.destinations.admit(url).map_err(FetchError::Refused)?;
        let mut response = self.get(visitor, &url, None).await?;
        let status = response.status();
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            response = self.get(visitor, &url, Some(KNOWN_USER_AGENT)).await?;
        }
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        let length = response.content_length();
        if length.is_some_and(|length| length > size_bytes_max) {
            return Err(FetchError::TooLarge { limit: size_bytes_max });
        }
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Download {
            content_type: content_type.map(str::to_owned),
            length,
            bytes: capped(response, size_bytes_max, self.config.timeouts.idle),
        })
    }

    async fn get(
        &self,
        visitor: Visitor,
        url: &Url,
        user_agent: Option<&str>,
    ) -> Result<reqwest::Response, FetchError> {
        let mut request = self
            .http
            .get(url.clone())
            .timeout(self.config.timeouts.transfer)
            .header(ACCEPT_ENCODING, "identity");
        if visitor == Visitor::Known {
            request = request.bearer_auth(self.config.token.expose_secret());
        }
        if let Some(name) = user_agent {
            request = request.header(USER_AGENT, name);
        }
        match timeout(self.config.timeouts.idle, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if is_private_address(&error) => Err(FetchError::Refused(Refusal::PrivateAddress)),
            Ok(Err(error)) => Err(broken_off(&error)),
            Err(_) => Err(stalled()),
        }
    }

    /// What an answer of a media host other than 200 means.
    async fn refusal(&self, response: reqwest::Response) -> FetchError {
        let status = response.status();
        if status.is_redirection() {
            return FetchError::Refused(Refusal::Redirect);
        }
        match status.as_u16() {
            // 403 is what the content network says when the signature in a link has expired.
            401 | 403 | 404 | 410 => return FetchError::LinkExpired,
            429 | 500..=599 => return FetchError::Busy { retry_after: retry_after(response.headers()) },
            _ => {}
        }
        let answer = Answer::read(response).await;
        self.failure(&answer).unwrap_or_else(|| FetchError::Network { why: format!("HTTP {status}") })
    }

    /// What a failed look-up means; `None` for a success.
    fn failure(&self, answer: &Answer) -> Option<FetchError> {
        let stated = answer.graph_error(&self.config.token);
        if answer.status.is_success() && stated.is_none() {
            return None;
        }
        let status = answer.status.as_u16();
        let GraphError { code, subcode, message } = stated.unwrap_or_else(|| GraphError {
            code: i64::from(status),
            subcode: None,
            message: format!("HTTP {status} without an explanation"),
        });
        if answer.status.is_redirection() {
            return Some(FetchError::Refused(Refusal::Redirect));
        }
        let class = errors::classify(code, status);
        Some(match (code, subcode, class) {
            (100, Some(33), _) => FetchError::Gone,
            (_, _, Class::Credentials) => FetchError::Credentials { code, message },
            (_, _, Class::Retry | Class::RetryPair) => FetchError::Busy { retry_after: answer.retry_after },
            _ => FetchError::Rejected { class, code, message },
        })
    }
}

/// Media ids go into a path: nothing but what Meta's are made of.
pub(super) fn is_media_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A look-up can always be repeated, so it does not matter whether the request arrived.
fn lost(error: SendError) -> FetchError {
    FetchError::Network {
        why: match error {
            SendError::Unreachable { why } | SendError::Unknown { why } => why,
            refused @ SendError::Refused { .. } => refused.to_string(),
        },
    }
}

fn broken_off(error: &reqwest::Error) -> FetchError {
    FetchError::Network { why: reasons(error) }
}

fn stalled() -> FetchError {
    FetchError::Network { why: "no answer in time".to_owned() }
}

/// The bytes as they come; one error, then the end.
///
/// The idle time-out is kept here because that of the HTTP client would run while a request is being written, too,
/// and end long uploads.
fn capped(
    response: reqwest::Response,
    limit: u64,
    idle: Duration,
) -> BoxStream<'static, Result<Bytes, FetchError>> {
    let start = Some((response, limit));
    futures_util::stream::unfold(start, move |state| async move {
        let (mut response, left) = state?;
        let chunk = match timeout(idle, response.chunk()).await {
            Ok(Ok(chunk)) => chunk?,
            Ok(Err(error)) => return Some((Err(broken_off(&error)), None)),
            Err(_) => return Some((Err(stalled()), None)),
        };
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        match left.checked_sub(length) {
            Some(left) => Some((Ok(chunk), Some((response, left)))),
            None => Some((Err(FetchError::TooLarge { limit }), None)),
        }
    })
    .boxed()
}
