//! Which path goes where. Control and page are for this machine only; the Graph API asks for a token.

mod control;
mod customers;
mod events;
mod forms;
mod guard;
mod page;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, patch, post},
};

use crate::{app::App, graph};

/// Bodies of the control API that are not files.
const CONTROL_MAX: usize = 4 * 1_024 * 1_024;
/// More than any receiver should take: a body over its limit is one of the things to try.
const RAW_MAX: usize = 8 * 1_024 * 1_024;
pub const FILES_MAX: usize = graph::params::UPLOAD_MAX;

pub fn router(app: App) -> Router {
    let control = Router::new()
        .route("/state", get(control::state))
        .route("/customers", post(customers::create))
        .route("/customers/{id}", patch(customers::change))
        .route("/customers/{id}/seen", post(customers::seen))
        .route("/customers/{id}/played", post(customers::played))
        .route("/media/{id}", get(page::media))
        .route("/events", get(events::stream))
        .route("/knobs", get(control::knobs).post(control::turn))
        .route("/knobs/reset", post(control::reset_knobs))
        .route("/clock", post(control::clock))
        .route("/webhook", post(control::webhook))
        .route("/webhooks", get(control::deliveries))
        .route("/reset", post(control::reset))
        .layer(DefaultBodyLimit::max(CONTROL_MAX))
        .route("/webhooks/raw", post(control::raw).layer(DefaultBodyLimit::max(RAW_MAX)))
        .route(
            "/customers/{id}/messages",
            get(customers::messages).post(customers::send).layer(DefaultBodyLimit::max(FILES_MAX)),
        )
        .route("/customers/{id}/forms/{wamid}", post(forms::fill).layer(DefaultBodyLimit::max(FILES_MAX)))
        .fallback(control::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), guard::local));
    Router::new()
        .nest("/sandbox", control)
        .route("/media-bytes/{*rest}", get(graph::bytes))
        .route("/cdn/{name}", get(forms::sealed))
        .fallback(page::or_graph)
        .with_state(app)
}
