//! Where phones post what is filled into a native form. The statuses are WhatsApp's own: what a phone does next
//! depends on them.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use channels::whatsapp::signature;

use super::Web;
use crate::forms::{self, Reply};

/// The phone fetches our public key again and tries once more.
const WRONG_KEY: u16 = 421;
/// The form is closed, and what is sealed in the body is said.
const REFUSED: u16 = 427;
const WRONG_SIGNATURE: u16 = 432;

/// One request of an open form: the signature over the raw bytes, what is sealed in them, the disk, then the answer.
pub async fn exchange(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(line) = &web.app.whatsapp else {
        return (StatusCode::NOT_FOUND, "WhatsApp is not configured here").into_response();
    };
    let given = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    if let Err(error) = signature::verify(&line.secrets, &body, given) {
        tracing::debug!(%error, "the request of a form was refused");
        return told(WRONG_SIGNATURE, "the signature is missing or wrong".to_owned());
    }
    match forms::answer(&web.app, body.to_vec()).await {
        Ok(Reply::Sealed(answer)) => told(200, answer),
        Ok(Reply::Refused(answer)) => told(REFUSED, answer),
        Ok(Reply::WrongKey) => told(WRONG_KEY, "it was sealed for another key".to_owned()),
        Ok(Reply::NotAnEnvelope) => told(400, "this is no sealed request of a form".to_owned()),
        Err(error) => {
            tracing::error!(%error, "the request of a form could not be answered");
            told(503, "it could not be stored; come back in a moment".to_owned())
        }
    }
}

fn told(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    metrics::counter!("sportello_form_requests_total", "status" => status.as_u16().to_string()).increment(1);
    (status, [(header::CONTENT_TYPE, "text/plain")], body).into_response()
}
