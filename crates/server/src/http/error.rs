//! Errors of the API: a status, a stable code for programs, a sentence for people.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::AppError, health::FILES, outbox::Refusal};

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable name, such as `window_closed`.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
}

#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub retry_after_s: Option<u64>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after_s: None }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("this {what} does not exist"))
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    /// The place for files is in trouble: what that means for this request.
    pub fn files(message: &str) -> Self {
        let mut away = Self::new(StatusCode::SERVICE_UNAVAILABLE, FILES, message);
        away.retry_after_s = Some(5);
        away
    }

    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "sign in, or send `Authorization: Bearer` with an API token",
        )
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: ErrorDetail { code: self.code, message: self.message } };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(secs) = self.retry_after_s {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, secs.into());
        }
        response
    }
}

/// A refusal of the framework (a body that is no JSON, a method that is not served) in the shape of ours.
pub async fn from_framework(response: Response) -> Response {
    const TEXT_BYTES_MAX: usize = 4_096;
    let status = response.status();
    let text = axum::body::to_bytes(response.into_body(), TEXT_BYTES_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    let (code, fallback) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this address does not serve that method"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is too large"),
        StatusCode::NOT_FOUND => ("not_found", "there is nothing here"),
        _ => ("invalid", "the request cannot be understood"),
    };
    ApiError::new(status, code, if text.is_empty() { fallback.to_owned() } else { text }).into_response()
}

/// What happened inside is for the log; outside it is only that it happened.
impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match &error {
            AppError::Missing { what, .. } => Self::not_found(what),
            AppError::Store(error) if error.is_of_files() => {
                tracing::warn!(%error, "the place for files does not do what a request needs");
                Self::files(
                    "The file cannot be opened for the moment, because the place where files are kept does not answer. It is not lost; try again in a moment",
                )
            }
            AppError::Store(store::StoreError::Blobs(error)) => {
                tracing::error!(%error, "a file is missing in its place");
                let why = "The file is not where files are kept any more; the server's log says which one. Whoever runs the desk can bring it back from a backup";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "file_missing", why)
            }
            error if error.is_transient() => {
                tracing::warn!(%error, "a request could not be served for the moment");
                let mut busy = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "busy",
                    "the database is busy; try again in a moment",
                );
                busy.retry_after_s = Some(1);
                busy
            }
            error => {
                tracing::error!(%error, "a request failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "something went wrong here; the server's log says what",
                )
            }
        }
    }
}

impl From<store::StoreError> for ApiError {
    fn from(error: store::StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::App(error) => error.into(),
            Refusal::NoTicket => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            Refusal::WindowClosed => Self::new(StatusCode::CONFLICT, "window_closed", message),
            Refusal::Invalid(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_message", message),
            Refusal::NoAttachment => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "no_attachment", message),
        }
    }
}
