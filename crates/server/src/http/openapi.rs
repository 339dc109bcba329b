//! The API's own description: served, committed beside the console, and held against the code by a test.

use axum::{
    Json,
    response::{Html, IntoResponse as _, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{attachments, live, messages, session, system, tickets};

#[derive(OpenApi)]
#[openapi(
    info(title = "Sportello", description = "The help desk that looks. Lists are pages: `?limit=&cursor=` in, `{items, next}` out. Errors are `{error: {code, message}}`."),
    modifiers(&Security),
    security(("token" = []), ("session" = [])),
    components(schemas(super::error::ErrorBody)),
    paths(
        session::sign_in, session::current, session::sign_out,
        tickets::list, tickets::get, tickets::change,
        messages::list, messages::timeline, messages::send, messages::retry, messages::note, messages::read, messages::typing,
        attachments::get, attachments::content, attachments::retry, attachments::upload,
        system::state, system::inbox_stats, system::quarantine, system::replay, system::jobs, system::retry_job, system::users, system::templates,
        live::events,
    )
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let token =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token.")).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "sportello",
            "A session, with X-CSRF-Token on what changes something.",
        ));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// The document as it is committed: pretty, with a line end.
pub fn document() -> String {
    let text = Document::openapi().to_pretty_json().unwrap_or_default();
    format!("{text}\n")
}

pub async fn json() -> Response {
    Json(Document::openapi()).into_response()
}

/// A plain reference that needs no script: every operation with its parameters and bodies.
pub async fn reference() -> Html<String> {
    Html(crate::reference::page(&Document::openapi()))
}
