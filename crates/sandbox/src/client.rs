//! The command line's side of the control API: send as a customer, move the clock, turn knobs.

use std::path::{Path, PathBuf};

use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::{Map, Value, json};

use crate::SandboxError;

/// What a customer sends.
#[derive(Clone, Debug, Default)]
pub struct Send<'a> {
    /// The customer's number; the customer is made if nobody has it.
    pub from: &'a str,
    /// `text`, `photo`, `hd`, `document`, `voice`, `video`, `sticker` …
    pub way: &'a str,
    pub files: &'a [PathBuf],
    pub album: bool,
    pub text: Option<&'a str>,
}

/// Sends as a customer; answers the ids of the messages.
pub async fn send(base_url: &str, what: Send<'_>) -> Result<Vec<String>, SandboxError> {
    let client = client()?;
    let customer = post(&client, base_url, "customers", json!({ "phone": what.from })).await?;
    let id = customer.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut form = Form::new().text("as", what.way.to_owned());
    if let Some(text) = what.text {
        form = form.text("text", text.to_owned());
    }
    if what.album {
        form = form.text("album", "true");
    }
    for path in what.files {
        form = form.part("file", part(path).await?);
    }
    let url = format!("{}/sandbox/customers/{id}/messages", base_url.trim_end_matches('/'));
    let sent = answer(&url, client.post(&url).multipart(form).send().await?).await?;
    let ids = sent.get("ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Moves the sandbox's clock forward; answers its time (RFC 3339).
pub async fn clock(base_url: &str, advance: std::time::Duration) -> Result<String, SandboxError> {
    let moved = post(&client()?, base_url, "clock", json!({ "advance_s": advance.as_secs() })).await?;
    Ok(moved.get("now").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// Turns the given knobs and leaves the others; answers all of them.
pub async fn knobs(base_url: &str, changes: Map<String, Value>) -> Result<Value, SandboxError> {
    post(&client()?, base_url, "knobs", Value::Object(changes)).await
}

pub async fn reset_knobs(base_url: &str) -> Result<Value, SandboxError> {
    post(&client()?, base_url, "knobs/reset", json!({})).await
}

fn client() -> Result<Client, SandboxError> {
    Ok(Client::builder().no_proxy().build()?)
}

async fn part(path: &Path) -> Result<Part, SandboxError> {
    let bytes = tokio::fs::read(path)
        .await
        .map_err(|source| SandboxError::File { path: path.display().to_string(), source })?;
    let name = path.file_name().map_or("file".to_owned(), |n| n.to_string_lossy().into_owned());
    Ok(Part::bytes(bytes).file_name(name))
}

async fn post(client: &Client, base_url: &str, path: &str, body: Value) -> Result<Value, SandboxError> {
    let url = format!("{}/sandbox/{path}", base_url.trim_end_matches('/'));
    answer(&url, client.post(&url).json(&body).send().await?).await
}

async fn answer(url: &str, response: reqwest::Response) -> Result<Value, SandboxError> {
    let status = response.status();
    let body = response.text().await?;
    match serde_json::from_str(&body) {
        Ok(value) if status.is_success() => Ok(value),
        _ => Err(SandboxError::Refused { url: url.to_owned(), status: status.as_u16(), body }),
    }
}
