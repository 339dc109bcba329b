//! The customer's page with the camera: its state, and the one picture that it takes.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use model::Timestamp;
use serde::Serialize;
use store::capture_links;

use super::{Web, console, error::ApiError};
use crate::capture::{self, Refusal};

/// The page itself, whatever its link is good for: it says so.
pub async fn page(headers: HeaderMap) -> Response {
    console::named("capture.html", &headers)
}

/// What a link is good for.
#[derive(Serialize)]
pub struct Page {
    state: &'static str,
    purpose: Option<String>,
    language: Option<String>,
    expires_at: Option<Timestamp>,
}

pub async fn state(State(web): State<Web>, Path(token): Path<String>) -> Result<Json<Page>, ApiError> {
    let link = capture_links::get(&web.app.db, &capture::hash(&token)).await?;
    Ok(Json(Page {
        state: capture::state(link.as_ref(), web.app.clock.now()),
        language: link.as_ref().map(|link| link.language.clone()),
        expires_at: link.as_ref().map(|link| link.expires_at),
        purpose: link.map(|link| link.purpose),
    }))
}

#[derive(Serialize)]
pub struct Taken {
    state: &'static str,
}

pub async fn photo(
    State(web): State<Web>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<Json<Taken>, ApiError> {
    match capture::take(&web.app, &token, body.to_vec()).await {
        Ok(()) => Ok(Json(Taken { state: "used" })),
        Err(refusal) => Err(told(refusal)),
    }
}

fn told(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Unknown => ApiError::not_found("link"),
        Refusal::Used => ApiError::new(
            StatusCode::CONFLICT,
            "used",
            "this link was used already; ask for another one in the chat",
        ),
        Refusal::Expired => {
            ApiError::new(StatusCode::GONE, "expired", "this link is over; ask for another one in the chat")
        }
        Refusal::NotAPicture => ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_a_picture",
            "this is no picture that can be opened; take it again",
        ),
        Refusal::NotNow(why) => {
            tracing::warn!(why, "a captured picture could not be looked at before it was stored");
            ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "come_back",
                "it cannot be taken for the moment; try again in a minute",
            )
        }
        Refusal::App(error) => error.into(),
    }
}
