//! Reading what the Graph API answers: a size limit, its error body, how long to wait, and never our token in a text.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::whatsapp::errors::{self, Class};

/// Answers of the Graph API are a few KiB; a page of 100 templates can have some hundred.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
const ERROR_BYTES_MAX: usize = 64 * 1024;
/// Nobody is made to wait longer by a header.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known about a call that failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// Meta answered no: surely not accepted.
    #[error("WhatsApp refused ({code}): {message}")]
    Refused {
        class: Class,
        /// The Graph error code, or the HTTP status where the answer carried none.
        code: i64,
        /// Meta's own words, for `errors::explain`.
        message: String,
        retry_after: Option<Duration>,
    },
    /// No connection came about: surely not accepted.
    #[error("WhatsApp cannot be reached: {why}")]
    Unreachable { why: String },
    /// The request went out and the answer is lost: it may have been accepted. Never repeated blindly.
    #[error("WhatsApp's answer was lost, the message may have been sent: {why}")]
    Unknown { why: String },
}

impl SendError {
    pub(super) fn unknown(why: &str) -> Self {
        Self::Unknown { why: why.to_owned() }
    }

    pub(super) fn unreachable(why: &str) -> Self {
        Self::Unreachable { why: why.to_owned() }
    }

    pub(super) fn from_transport(error: &reqwest::Error) -> Self {
        let why = reasons(error);
        if error.is_connect() || error.is_builder() {
            Self::Unreachable { why }
        } else {
            Self::Unknown { why }
        }
    }
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<Duration>,
    /// `None` when it was cut off, too long or not JSON.
    json: Option<Value>,
}

/// The `error` member of an answer.
pub(super) struct GraphError {
    pub(super) code: i64,
    pub(super) subcode: Option<i64>,
    pub(super) message: String,
}

impl Answer {
    pub(super) async fn read(response: reqwest::Response) -> Self {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let limit = if status.is_success() { BODY_BYTES_MAX } else { ERROR_BYTES_MAX };
        let json = bounded(response, limit).await.and_then(|body| serde_json::from_slice(&body).ok());
        Self { status, retry_after, json }
    }

    /// The JSON of a success, or what the failure means.
    pub(super) fn into_json(self, token: &SecretString) -> Result<Value, SendError> {
        let status = self.status.as_u16();
        // Whatever the status: an error that is spelt out is one.
        if let Some(error) = self.graph_error(token) {
            return Err(SendError::Refused {
                class: errors::classify(error.code, status),
                code: error.code,
                message: error.message,
                retry_after: self.retry_after,
            });
        }
        if self.status.is_success() {
            return self.json.ok_or_else(|| SendError::unknown("the answer was cut off or is not JSON"));
        }
        if self.status.is_server_error() || self.status == StatusCode::REQUEST_TIMEOUT {
            return Err(SendError::unknown(&format!("HTTP {status} without an explanation")));
        }
        let message = if self.status.is_redirection() {
            "answered with a redirect, which is not followed; check `base_url`".to_owned()
        } else {
            format!("HTTP {status} without an explanation; is there a proxy or firewall in between?")
        };
        let class =
            if self.status.is_redirection() { Class::Operator } else { errors::classify(i64::MIN, status) };
        Err(SendError::Refused { class, code: i64::from(status), message, retry_after: self.retry_after })
    }

    pub(super) fn graph_error(&self, token: &SecretString) -> Option<GraphError> {
        let error = self.json.as_ref()?.get("error")?;
        let details = error.get("error_data").and_then(|data| data.get("details"));
        let text = details.or_else(|| error.get("message")).and_then(Value::as_str).unwrap_or_default();
        Some(GraphError {
            code: error.get("code").and_then(Value::as_i64)?,
            subcode: error.get("error_subcode").and_then(Value::as_i64),
            message: scrub(text, token),
        })
    }
}

/// A body of at most `limit` bytes; `None` when it is longer or was cut off.
async fn bounded(mut response: reqwest::Response, limit: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// Meta repeats a token that it cannot read ("Malformed access token …"): ours goes no further.
fn scrub(message: &str, token: &SecretString) -> String {
    let message = message.replace(token.expose_secret(), "[token]");
    message.chars().filter(|c| !c.is_control()).take(500).collect()
}

/// What a transport error says, with its causes and without the address (which can carry signatures).
pub(super) fn reasons(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "no connection in time" } else { "no answer in time" }.to_owned();
    }
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause.filter(|_| causes.len() < 8) {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes.dedup();
    if causes.is_empty() { "the request could not be made".to_owned() } else { causes.join(": ") }
}

/// `Retry-After` (seconds or a date), else what Meta's usage header estimates.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let date = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok().map(|at| at.timestamp().as_second());
    let stated = text("retry-after").and_then(|stated| {
        let secs = stated.trim().parse().ok().or_else(|| {
            // Relative to the server's own clock, so that ours does not matter.
            Some(date(stated)? - date(text("date")?)?)
        })?;
        u64::try_from(secs).ok().map(Duration::from_secs)
    });
    stated.or_else(|| usage(text("x-business-use-case-usage")?)).map(|wait| wait.min(RETRY_AFTER_MAX))
}

/// The longest `estimated_time_to_regain_access` (minutes) of any use case; none where nothing is throttled.
fn usage(header: &str) -> Option<Duration> {
    let usage: Value = serde_json::from_str(header).ok()?;
    let cases = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = cases.filter_map(|case| case.get("estimated_time_to_regain_access")?.as_u64()).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &str)]) -> Option<u64> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().unwrap()));
        retry_after(&pairs.collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn honours_every_way_to_be_told_to_wait() {
        let usage = r#"{"1":[{"type":"whatsapp","estimated_time_to_regain_access":0}],"2":[{"estimated_time_to_regain_access":3}]}"#;
        assert_eq!(wait(&[("retry-after", "7")]), Some(7));
        assert_eq!(wait(&[("retry-after", "999999999")]), Some(86_400));
        assert_eq!(wait(&[("x-business-use-case-usage", usage)]), Some(180));
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), date]), Some(60));
        assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:48:37 GMT"), date]), None);
        for nothing in ["", "-5", "soon"] {
            assert_eq!(wait(&[("retry-after", nothing)]), None, "{nothing}");
        }
        assert_eq!(wait(&[("x-business-use-case-usage", "{]")]), None);
    }

    #[test]
    fn never_repeats_the_token() {
        let said = scrub("Malformed access token EAAG\u{0}secret here", &"EAAG\u{0}secret".into());
        assert_eq!(said, "Malformed access token [token] here");
    }
}
