//! The control API: what the sandbox remembers, its knobs, its clock, its webhooks.

use std::collections::HashMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State as Extract},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    app::{self, App, Event},
    knobs::Knobs,
    webhooks::{deliver, wire},
};

/// The clock moves at most ten years at a time, and never backwards.
const ADVANCE_MAX_S: i64 = 10 * 366 * 24 * 60 * 60;

/// What the control API answers when it cannot do as told.
pub struct Refusal(pub StatusCode, pub String);

impl Refusal {
    pub fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }

    pub fn missing(what: &str) -> Self {
        Self(StatusCode::NOT_FOUND, format!("{what} does not exist"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": { "message": self.1 } }))).into_response()
    }
}

pub async fn not_found() -> Refusal {
    Refusal::missing("this path of the control API")
}

pub async fn state(Extract(app): Extract<App>) -> Json<Value> {
    let state = app.state();
    let now = app.now_at(state.meta.clock_offset_s);
    Json(state.overview(now, &app.config))
}

pub async fn knobs(Extract(app): Extract<App>) -> Json<Knobs> {
    Json(app.state().meta.knobs.clone())
}

pub async fn turn(
    Extract(app): Extract<App>,
    Json(changes): Json<Map<String, Value>>,
) -> Result<Json<Knobs>, Refusal> {
    let knobs = app.state().meta.knobs.turned(changes).map_err(Refusal::bad)?;
    Ok(Json(set_knobs(&app, knobs)))
}

pub async fn reset_knobs(Extract(app): Extract<App>) -> Json<Knobs> {
    Json(set_knobs(&app, Knobs::default()))
}

fn set_knobs(app: &App, knobs: Knobs) -> Knobs {
    let mut state = app.state();
    state.meta.knobs = knobs.clone();
    state.record_meta();
    drop(state);
    app.wake.notify_one();
    app.tell(Event::State);
    knobs
}

#[derive(Deserialize)]
pub struct Advance {
    advance_s: i64,
}

pub async fn clock(
    Extract(app): Extract<App>,
    Json(Advance { advance_s }): Json<Advance>,
) -> Result<Json<Value>, Refusal> {
    if !(0..=ADVANCE_MAX_S).contains(&advance_s) {
        return Err(Refusal::bad(format!("advance_s must be between 0 and {ADVANCE_MAX_S}")));
    }
    let mut state = app.state();
    state.meta.clock_offset_s = state.meta.clock_offset_s.saturating_add(advance_s);
    state.record_meta();
    // Later is when repetitions are due.
    state.queue.hurry();
    let now = app.now_at(state.meta.clock_offset_s);
    drop(state);
    app.wake.notify_one();
    app.tell(Event::State);
    Ok(Json(json!({ "now": now })))
}

#[derive(Deserialize)]
pub struct Webhook {
    url: Option<String>,
}

/// Where webhooks go from now on; answers how the handshake went.
pub async fn webhook(
    Extract(app): Extract<App>,
    Json(Webhook { url }): Json<Webhook>,
) -> Result<Json<Value>, Refusal> {
    app::set_webhook_url(&app, url.as_deref()).map_err(|error| Refusal::bad(error.to_string()))?;
    if url.is_some() {
        deliver::handshake(&app).await;
    }
    let handshake = app.state().handshake.clone();
    Ok(Json(json!({ "webhook_url": url, "handshake": handshake })))
}

pub async fn deliveries(
    Extract(app): Extract<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let limit = query.get("limit").and_then(|l| l.parse().ok()).unwrap_or(50);
    let state = app.state();
    let items: Vec<Value> = state.log.iter().rev().take(limit).map(|row| json!(row)).collect();
    Json(json!({ "items": items }))
}

/// Delivers the given bytes once, signed as they are: for bodies that the sandbox would never write.
pub async fn raw(
    Extract(app): Extract<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let url = app.state().webhook_url().map(str::to_owned);
    let url = url.ok_or_else(|| Refusal::bad("no webhook address is set; start the sandbox with one"))?;
    let signature = match headers.get("x-sandbox-signature").and_then(|v| v.to_str().ok()) {
        Some("none") => None,
        Some("bad") => Some(wire::signature("not the app secret", &body)),
        None => Some(wire::signature(&app.config.app_secret, &body)),
        Some(other) => return Err(Refusal::bad(format!("X-Sandbox-Signature is bad or none, not {other}"))),
    };
    let (status, body) = deliver::send(&app, &url, body.to_vec(), signature)
        .await
        .map_err(|error| Refusal(StatusCode::BAD_GATEWAY, error))?;
    Ok(Json(json!({ "status": status, "body": body })))
}

pub async fn reset(Extract(app): Extract<App>) -> Result<Json<Value>, Refusal> {
    let done = app.state().reset();
    done.map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    app.tell(Event::State);
    Ok(Json(json!({ "success": true })))
}
