//! One call to a bot: bounded in time and size, to the configured address and nowhere else.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, redirect::Policy, retry};
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::{Error, OpenError};

/// Connecting, asking and reading together.
pub const TIMEOUT: Duration = Duration::from_secs(10);
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

pub fn client(user_agent: &str) -> Result<Client, OpenError> {
    let client = Client::builder()
        .user_agent(user_agent)
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy();
    client.build().map_err(OpenError::Tls)
}

/// Sends, and reads a 2xx as JSON.
pub async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Error> {
    let response = sent(request).await?;
    let body = body(response).await?;
    // Serde's own text quotes what it stumbled over.
    serde_json::from_slice(&body).map_err(|e| Error::Garbled { line: e.line(), column: e.column() })
}

/// Sends, and asks only for a 2xx.
pub async fn sent(request: RequestBuilder) -> Result<Response, Error> {
    let response = request.send().await?;
    if response.status().is_success() { Ok(response) } else { Err(Error::Status(response.status())) }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len().saturating_add(part.len()) > ANSWER_BYTES_MAX {
            return Err(Error::TooLong);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// `base` with these segments behind it, each percent-encoded.
pub fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Whatever has a host has a path; the configuration is checked for one.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
