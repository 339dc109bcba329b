//! The API's own description: served, committed beside the console, and held against the code by a test.

use axum::{
    Json,
    response::{Html, IntoResponse as _, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr, Schema,
        path::{Operation, PathItem},
        schema::ArrayItems,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    account, articles, attachments, audit, findings, flows, invitations, leading, live, messages, people,
    promises, returns, search, session, system, teams, technicians, tickets, tokens, uploads, visits,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Sportello", description = "The help desk that looks. Lists are pages: `?limit=&cursor=` in, `{items, next}` out. Errors are `{error: {code, message}}`."),
    modifiers(&Security, &Precise),
    security(("token" = []), ("session" = [])),
    components(schemas(super::error::ErrorBody)),
    paths(
        session::sign_in, session::current, session::sign_out,
        tickets::list, tickets::get, tickets::change, tickets::snooze, tickets::wake, search::search,
        teams::list, teams::add, teams::change, teams::remove, teams::presence,
        promises::list, promises::change,
        messages::list, messages::timeline, messages::send, messages::retry, messages::note, messages::read, messages::typing,
        attachments::get, attachments::content, attachments::retry, uploads::upload,
        attachments::redaction::redact, attachments::listing::of_ticket, attachments::listing::of_contact,
        findings::get, findings::runs, findings::start_run,
        technicians::list, technicians::add, technicians::change, technicians::leave,
        visits::list, visits::times, visits::book, visits::move_to, visits::end,
        returns::list, returns::get, returns::open, returns::change,
        articles::list, articles::get, articles::messages, articles::send,
        flows::list, flows::get, flows::switch, flows::authoring::check_source, flows::authoring::publish, flows::authoring::try_out, leading::of_ticket, leading::lead,
        system::state, system::inbox_stats, system::quarantine, system::replay, system::jobs, system::retry_job, system::templates,
        people::list, people::change, people::accounts, people::end_sessions, people::reset_second_factor, audit::list,
        account::get, account::list_sessions, account::end_session, account::end_other_sessions, account::change_password,
        account::begin_second_factor, account::confirm_second_factor, account::drop_second_factor, account::new_recovery_codes,
        invitations::list, invitations::invite, invitations::revoke, invitations::open, invitations::accept,
        tokens::list, tokens::add, tokens::revoke,
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

/// What programs that generate clients rely on, and what the attributes do not say by themselves.
struct Precise;

/// What callers send: there, what may be absent may be left out.
const SENT: [&str; 32] = [
    "Acceptance",
    "CodeGiven",
    "InvitationSecret",
    "InvitationSpec",
    "PasswordAgain",
    "PasswordChange",
    "TokenSpec",
    "TeamSpec",
    "TeamMemberSpec",
    "Promises",
    "Presence",
    "Snooze",
    "UserChange",
    "ReturnChange",
    "TechnicianSpec",
    "VisitChange",
    "VisitMove",
    "NewReturn",
    "NewVisit",
    "ArticleToSend",
    "FlowRollout",
    "FlowSource",
    "FlowTry",
    "FlowWish",
    "NewAnalysisRun",
    "NewAnswer",
    "NewNote",
    "NewRedaction",
    "RedactionBox",
    "SignIn",
    "TicketChange",
    "UploadForm",
];

impl Modify for Precise {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            operations(item).into_iter().flatten().for_each(name);
        }
        let Some(components) = &mut openapi.components else { return };
        for (name, schema) in &mut components.schemas {
            if !SENT.contains(&name.as_str()) {
                fill(schema);
            }
        }
    }
}

const fn operations(item: &mut PathItem) -> [Option<&mut Operation>; 4] {
    [item.get.as_mut(), item.post.as_mut(), item.patch.as_mut(), item.delete.as_mut()]
}

/// Ids must be unique in the document, and `list` and `get` exist for more than one noun.
fn name(operation: &mut Operation) {
    let noun = operation.tags.as_ref().and_then(|tags| tags.first());
    if let (Some(noun), Some(verb)) = (noun, &operation.operation_id) {
        operation.operation_id = Some(format!("{noun}_{verb}"));
    }
}

/// Our answers carry every member; what is absent is `null`.
fn fill(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(fill);
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                fill(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(fill),
        _ => {}
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
