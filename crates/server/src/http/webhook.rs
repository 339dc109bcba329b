//! Where WhatsApp knocks: the signature over the raw bytes, the disk, then the 200 – in that order.

use std::time::Instant;

use axum::{
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use channels::whatsapp::signature::{self, Handshake};
use store::inbox::PutError;

use super::{WEBHOOK_BYTES_MAX, Web};

/// Meta asks whether the address is ours when it is entered in its console.
pub async fn handshake(State(web): State<Web>, Query(given): Query<Handshake>) -> Response {
    let Some(line) = &web.app.whatsapp else { return not_configured() };
    match signature::handshake(&given, &line.verify_token) {
        Some(challenge) => ([(header::CONTENT_TYPE, "text/plain")], challenge).into_response(),
        None => {
            (StatusCode::FORBIDDEN, "the verify token is not the one in our configuration").into_response()
        }
    }
}

/// A webhook. Nothing is parsed here; a 200 says that its bytes are on disk, synced.
pub async fn receive(
    State(web): State<Web>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let began = Instant::now();
    let Some(line) = &web.app.whatsapp else { return not_configured() };
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => return too_large(),
        Err(rejection) => return rejection.into_response(),
    };
    let given = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    if let Err(error) = signature::verify(&line.secrets, &body, given) {
        metrics::counter!("sportello_webhooks_total", "result" => "refused").increment(1);
        tracing::debug!(%error, "a webhook was refused");
        return (StatusCode::UNAUTHORIZED, "the signature is missing or wrong").into_response();
    }
    let stored = web.app.inbox.put("whatsapp", web.app.clock.now(), body).await;
    let (result, response) = match stored {
        Ok(()) => ("stored", StatusCode::OK.into_response()),
        Err(PutError::Full) => ("full", come_back("too much is waiting; come back in a moment")),
        Err(PutError::NotStored(_)) => {
            ("not_stored", come_back("it could not be stored; come back in a moment"))
        }
        Err(PutError::Broken) => ("broken", come_back("the inbox is out of order")),
    };
    metrics::counter!("sportello_webhooks_total", "result" => result).increment(1);
    metrics::histogram!("sportello_webhook_seconds").record(began.elapsed().as_secs_f64());
    response
}

fn too_large() -> Response {
    let why =
        format!("the body is larger than {} MiB, as no webhook of WhatsApp is", WEBHOOK_BYTES_MAX >> 20);
    (StatusCode::PAYLOAD_TOO_LARGE, why).into_response()
}

fn come_back(why: &'static str) -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn not_configured() -> Response {
    (StatusCode::NOT_FOUND, "WhatsApp is not configured here; see `sportello config example`").into_response()
}
