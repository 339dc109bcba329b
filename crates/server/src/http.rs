//! The HTTP side: webhooks, the API, the console's files. Only this crate knows status codes.

mod access;
mod account;
mod articles;
mod attachments;
mod audit;
mod auth;
mod capture;
mod console;
mod error;
mod findings;
mod flows;
mod forms;
mod invitations;
mod leading;
mod live;
mod messages;
mod openapi;
mod page;
mod people;
mod promises;
mod returns;
mod search;
mod session;
mod system;
mod teams;
mod technicians;
mod tickets;
mod tokens;
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
    routing::{delete, get, patch, post},
};
use model::access::Right;
use tower::util::MapResponseLayer;
use tower_http::{set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use self::access::{Need, guard};
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
        .route(
            "/api/v1/uploads",
            guard(&web, Need::Right(Right::TicketsChange), post(uploads::upload))
                .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)),
        )
        .route(
            "/api/v1/attachments/{id}/content",
            guard(&web, Need::Right(Right::TicketsRead), get(attachments::content)),
        )
        .route("/api/v1/events", guard(&web, Need::Right(Right::TicketsRead), get(live::events)));
    Router::new()
        .merge(
            api(&web)
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

/// Every address of the API beside the slow ones.
fn api(web: &Web) -> Router<Web> {
    let own = get(session::current).delete(session::sign_out);
    Router::new()
        .route("/api/v1/session", post(session::sign_in).merge(guard(web, Need::SignedIn, own)))
        .merge(conversations(web))
        .merge(offers(web))
        .merge(running(web))
        .merge(accounts(web))
        .route("/api/v1/openapi.json", get(openapi::json))
        .route("/api/docs", get(openapi::reference))
}

/// Tickets and what hangs on them, each address with the right that it needs.
fn conversations(web: &Web) -> Router<Web> {
    use Right as R;
    let needs = |right, route| guard(web, Need::Right(right), route);
    Router::new()
        .route("/api/v1/search", needs(R::TicketsRead, get(search::search)))
        .route("/api/v1/tickets", needs(R::TicketsRead, get(tickets::list)))
        .route(
            "/api/v1/tickets/{id}",
            needs(R::TicketsRead, get(tickets::get)).merge(needs(R::TicketsChange, patch(tickets::change))),
        )
        .route(
            "/api/v1/tickets/{id}/snooze",
            needs(R::TicketsChange, post(tickets::snooze).delete(tickets::wake)),
        )
        .route("/api/v1/tickets/{id}/timeline", needs(R::TicketsRead, get(messages::timeline)))
        .route(
            "/api/v1/tickets/{id}/messages",
            needs(R::TicketsRead, get(messages::list)).merge(needs(R::TicketsChange, post(messages::send))),
        )
        .route("/api/v1/tickets/{id}/notes", needs(R::TicketsChange, post(messages::note)))
        .route("/api/v1/tickets/{id}/read", needs(R::TicketsChange, post(messages::read)))
        .route("/api/v1/tickets/{id}/typing", needs(R::TicketsChange, post(messages::typing)))
        .route("/api/v1/messages/{id}/retry", needs(R::TicketsChange, post(messages::retry)))
        .route("/api/v1/attachments/{id}", needs(R::TicketsRead, get(attachments::get)))
        .route(
            "/api/v1/attachments/{id}/redactions",
            needs(R::TicketsChange, post(attachments::redaction::redact)),
        )
        .route(
            "/api/v1/tickets/{id}/attachments",
            needs(R::TicketsRead, get(attachments::listing::of_ticket)),
        )
        .route(
            "/api/v1/contacts/{id}/attachments",
            needs(R::TicketsRead, get(attachments::listing::of_contact)),
        )
        .route("/api/v1/attachments/{id}/retry", needs(R::TicketsChange, post(attachments::retry)))
        .route("/api/v1/attachments/{id}/findings", needs(R::TicketsRead, get(findings::get)))
        .route(
            "/api/v1/tickets/{id}/flow",
            needs(R::TicketsRead, get(leading::of_ticket))
                .merge(needs(R::TicketsChange, post(leading::lead))),
        )
        .route("/api/v1/tickets/{id}/articles", needs(R::TicketsChange, post(articles::send)))
        .route("/api/v1/templates", needs(R::TicketsChange, get(system::templates)))
}

/// What a customer is offered: articles, visits, returns, guidance.
fn offers(web: &Web) -> Router<Web> {
    use Right as R;
    let needs = |right, route| guard(web, Need::Right(right), route);
    Router::new()
        .route("/api/v1/articles", needs(R::ArticlesRead, get(articles::list)))
        .route("/api/v1/articles/{id}", needs(R::ArticlesRead, get(articles::get)))
        .route("/api/v1/articles/{id}/messages", needs(R::ArticlesRead, get(articles::messages)))
        .route(
            "/api/v1/technicians",
            needs(R::VisitsRead, get(technicians::list))
                .merge(needs(R::TechniciansChange, post(technicians::add))),
        )
        .route(
            "/api/v1/technicians/{id}",
            needs(R::TechniciansChange, patch(technicians::change).delete(technicians::leave)),
        )
        .route(
            "/api/v1/visits",
            needs(R::VisitsRead, get(visits::list)).merge(needs(R::VisitsChange, post(visits::book))),
        )
        .route("/api/v1/visits/times", needs(R::VisitsChange, get(visits::times)))
        .route("/api/v1/visits/{id}", needs(R::VisitsEnd, patch(visits::end)))
        .route("/api/v1/visits/{id}/move", needs(R::VisitsChange, post(visits::move_to)))
        .route(
            "/api/v1/returns",
            needs(R::ReturnsRead, get(returns::list)).merge(needs(R::ReturnsChange, post(returns::open))),
        )
        .route(
            "/api/v1/returns/{id}",
            needs(R::ReturnsRead, get(returns::get)).merge(needs(R::ReturnsDecide, patch(returns::change))),
        )
        .route(
            "/api/v1/flows",
            needs(R::FlowsRead, get(flows::list))
                .merge(needs(R::FlowsChange, post(flows::authoring::publish))),
        )
        .route("/api/v1/flows/check", needs(R::FlowsRead, post(flows::authoring::check_source)))
        .route("/api/v1/flows/try", needs(R::FlowsRead, post(flows::authoring::try_out)))
        .route(
            "/api/v1/flows/{name}/{version}",
            needs(R::FlowsRead, get(flows::get)).merge(needs(R::FlowsChange, patch(flows::switch))),
        )
}

/// People, and how the desk is.
fn running(web: &Web) -> Router<Web> {
    use Right as R;
    let needs = |right, route| guard(web, Need::Right(right), route);
    Router::new()
        .route("/api/v1/users", needs(R::PeopleRead, get(people::list)))
        .route("/api/v1/users/{id}", needs(R::PeopleChange, patch(people::change)))
        .route(
            "/api/v1/teams",
            needs(R::PeopleRead, get(teams::list)).merge(needs(R::TeamsChange, post(teams::add))),
        )
        .route("/api/v1/teams/{id}", needs(R::TeamsChange, patch(teams::change).delete(teams::remove)))
        .route(
            "/api/v1/promises",
            needs(R::PeopleRead, get(promises::list)).merge(needs(R::TeamsChange, patch(promises::change))),
        )
        .route("/api/v1/presence", needs(R::TicketsChange, post(teams::presence)))
        .route("/api/v1/audit", needs(R::AuditRead, get(audit::list)))
        .route("/api/v1/system", needs(R::SystemRead, get(system::state)))
        .route("/api/v1/inbox/stats", needs(R::SystemRead, get(system::inbox_stats)))
        .route("/api/v1/inbox/quarantine", needs(R::SystemInspect, get(system::quarantine)))
        .route("/api/v1/inbox/{id}/replay", needs(R::SystemChange, post(system::replay)))
        .route("/api/v1/jobs", needs(R::SystemInspect, get(system::jobs)))
        .route("/api/v1/jobs/{id}/retry", needs(R::SystemChange, post(system::retry_job)))
        .route(
            "/api/v1/analysis/runs",
            needs(R::SystemRead, get(findings::runs))
                .merge(needs(R::SystemChange, post(findings::start_run))),
        )
}

/// One's own account, and the keeping of everybody's.
fn accounts(web: &Web) -> Router<Web> {
    let keeps = |route| guard(web, Need::Right(Right::PeopleChange), route);
    let own = |route| guard(web, Need::OwnSession, route);
    Router::new()
        .route("/api/v1/account", own(get(account::get)))
        .route(
            "/api/v1/account/sessions",
            own(get(account::list_sessions).delete(account::end_other_sessions)),
        )
        .route("/api/v1/account/sessions/{id}", own(delete(account::end_session)))
        .route("/api/v1/account/password", own(post(account::change_password)))
        .route("/api/v1/account/second-factor", own(post(account::begin_second_factor)))
        .route("/api/v1/account/second-factor/confirm", own(post(account::confirm_second_factor)))
        .route("/api/v1/account/second-factor/off", own(post(account::drop_second_factor)))
        .route("/api/v1/account/recovery-codes", own(post(account::new_recovery_codes)))
        .route("/api/v1/accounts", keeps(get(people::accounts)))
        .route("/api/v1/users/{id}/sessions", keeps(delete(people::end_sessions)))
        .route("/api/v1/users/{id}/second-factor", keeps(delete(people::reset_second_factor)))
        .route("/api/v1/invitations", keeps(get(invitations::list).post(invitations::invite)))
        .route("/api/v1/invitations/{id}", keeps(delete(invitations::revoke)))
        // Whoever has the link has no account yet: the secret in it is the key.
        .route("/api/v1/invitations/open", post(invitations::open))
        .route("/api/v1/invitations/accept", post(invitations::accept))
        .route("/api/v1/tokens", keeps(get(tokens::list).post(tokens::add)))
        .route("/api/v1/tokens/{id}", keeps(delete(tokens::revoke)))
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
