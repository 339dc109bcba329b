//! The HTTP side: webhooks, the API, the console's files. Only this crate knows status codes.

mod articles;
mod attachments;
mod auth;
mod capture;
mod console;
mod error;
mod findings;
mod flows;
mod forms;
mod leading;
mod live;
mod messages;
mod openapi;
mod page;
mod returns;
mod search;
mod session;
mod system;
mod technicians;
mod tickets;
mod types;
mod uploads;
mod visits;
mod webhook;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, patch, post},
};
use tower::util::MapResponseLayer;
use tower_http::{set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

pub use self::{
    auth::LoginLimits,
    console::{asset, content_type},
    openapi::document as openapi_document,
};
use crate::app::App;

/// JSON bodies of the API are small; uploads have a limit of their own.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Meta's webhooks have 3 MB at most (its documentation); ours is a little more, on this route alone.
const WEBHOOK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// WhatsApp's largest document, and room for the form around it.
const UPLOAD_BYTES_MAX: usize = 101 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);
/// A phone on a weak network sends its picture slowly.
const CAPTURE_TIMEOUT: Duration = Duration::from_secs(180);

/// WhatsApp asks again after ten seconds, and closes the form when nobody answers.
const FORM_TIMEOUT: Duration = Duration::from_secs(9);

/// What handlers share.
#[derive(Clone)]
pub struct Web {
    pub app: Arc<App>,
    pub logins: Arc<LoginLimits>,
}

pub fn router(app: Arc<App>) -> Router {
    let is_secure = is_secure(&app);
    let web = Web { app, logins: Arc::new(LoginLimits::default()) };
    let webhook = Router::new()
        .route("/webhooks/whatsapp", get(webhook::handshake).post(webhook::receive))
        .layer(DefaultBodyLimit::max(WEBHOOK_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    let form = Router::new()
        .route("/webhooks/whatsapp/forms", post(forms::exchange))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, FORM_TIMEOUT));
    let slow = Router::new()
        .route("/api/v1/uploads", post(uploads::upload).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)))
        .route("/api/v1/attachments/{id}/content", get(attachments::content))
        .route("/api/v1/events", get(live::events));
    Router::new()
        .merge(
            api()
                .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT)),
        )
        .merge(slow)
        .layer(middleware::from_fn(api_headers))
        .merge(webhook)
        .merge(form)
        .route("/calendars/{file}", get(technicians::calendar))
        .merge(capture())
        .route("/healthz", get(system::healthz))
        .route("/readyz", get(system::readyz))
        .fallback(console::file)
        .layer(MapResponseLayer::new(move |response| protect(response, is_secure)))
        .with_state(web)
}

/// What a customer's browser asks for, without an account: the link is the key.
fn capture() -> Router<Web> {
    let photo = post(capture::photo).layer(DefaultBodyLimit::max(crate::capture::PICTURE_BYTES_MAX));
    Router::new()
        .route("/capture/{token}", get(capture::page))
        .route("/capture/{token}/state", get(capture::state))
        .route("/capture/{token}/photo", photo)
        .layer(middleware::from_fn(api_headers))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, CAPTURE_TIMEOUT))
}

fn api() -> Router<Web> {
    Router::new()
        .route("/api/v1/session", get(session::current).post(session::sign_in).delete(session::sign_out))
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/tickets", get(tickets::list))
        .route("/api/v1/tickets/{id}", get(tickets::get).patch(tickets::change))
        .route("/api/v1/tickets/{id}/timeline", get(messages::timeline))
        .route("/api/v1/tickets/{id}/messages", get(messages::list).post(messages::send))
        .route("/api/v1/tickets/{id}/notes", post(messages::note))
        .route("/api/v1/tickets/{id}/read", post(messages::read))
        .route("/api/v1/tickets/{id}/typing", post(messages::typing))
        .route("/api/v1/messages/{id}/retry", post(messages::retry))
        .route("/api/v1/attachments/{id}", get(attachments::get))
        .route("/api/v1/attachments/{id}/retry", post(attachments::retry))
        .route("/api/v1/attachments/{id}/findings", get(findings::get))
        .route("/api/v1/analysis/runs", get(findings::runs).post(findings::start_run))
        .route("/api/v1/tickets/{id}/flow", get(leading::of_ticket).post(leading::lead))
        .route("/api/v1/tickets/{id}/articles", post(articles::send))
        .route("/api/v1/articles", get(articles::list))
        .route("/api/v1/articles/{id}", get(articles::get))
        .route("/api/v1/articles/{id}/messages", get(articles::messages))
        .route("/api/v1/technicians", get(technicians::list).post(technicians::add))
        .route("/api/v1/technicians/{id}", patch(technicians::change).delete(technicians::leave))
        .route("/api/v1/visits", get(visits::list).post(visits::book))
        .route("/api/v1/visits/times", get(visits::times))
        .route("/api/v1/visits/{id}", patch(visits::end))
        .route("/api/v1/visits/{id}/move", post(visits::move_to))
        .route("/api/v1/returns", get(returns::list).post(returns::open))
        .route("/api/v1/returns/{id}", get(returns::get).patch(returns::change))
        .route("/api/v1/flows", get(flows::list).post(flows::authoring::publish))
        .route("/api/v1/flows/check", post(flows::authoring::check_source))
        .route("/api/v1/flows/try", post(flows::authoring::try_out))
        .route("/api/v1/flows/{name}/{version}", get(flows::get).patch(flows::switch))
        .route("/api/v1/users", get(system::users))
        .route("/api/v1/templates", get(system::templates))
        .route("/api/v1/system", get(system::state))
        .route("/api/v1/inbox/stats", get(system::inbox_stats))
        .route("/api/v1/inbox/quarantine", get(system::quarantine))
        .route("/api/v1/inbox/{id}/replay", post(system::replay))
        .route("/api/v1/jobs", get(system::jobs))
        .route("/api/v1/jobs/{id}/retry", post(system::retry_job))
        .route("/api/v1/openapi.json", get(openapi::json))
        .route("/api/docs", get(openapi::reference))
}

/// Answers of the API are nobody's to keep, and its refusals have one shape whoever made them.
async fn api_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == "application/json");
    if response.status().is_client_error() && !is_json {
        response = error::from_framework(response).await;
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers that every answer carries. Plain, without a future of its own: storms of webhooks come by here.
fn protect(mut response: Response, is_secure: bool) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(self), microphone=(self), geolocation=()"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Whether people reach us over https.
pub(crate) fn is_secure(app: &App) -> bool {
    app.config.server.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
}

/// For the metrics listener's answers.
pub fn plain_text() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4"),
    )
}
