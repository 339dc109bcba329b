//! The Graph API: one tree of ids, whatever the version in front of them.

mod account;
mod forms;
pub mod limits;
mod media;
pub mod messages;
pub mod params;
pub mod send;
mod shape;
mod templates;

use std::time::Duration;

use axum::{
    extract::{ConnectInfo, Request, State as Extract},
    http::Method,
    response::{IntoResponse, Response},
};

pub use self::media::{bytes, ranged};
use self::params::Params;
use crate::{app::App, cut::Cut, error::GraphError, knobs::Endpoint};

/// A call that was let in: whom it is for and what it says.
pub struct Call {
    pub method: Method,
    pub id: String,
    pub edge: Option<String>,
    pub params: Params,
    pub cut: Option<Cut>,
}

/// Everything that is no page, no control call and no media byte.
pub async fn serve(Extract(app): Extract<App>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &App, request: Request) -> Result<Response, GraphError> {
    let slow = Duration::from_millis(app.state().meta.knobs.slow_ms);
    if !slow.is_zero() {
        tokio::time::sleep(slow).await;
    }
    let path = request.uri().path().to_owned();
    let mut segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    if segments.first().is_some_and(|first| is_version(first)) {
        segments.remove(0);
    }
    let (id, edge) = match segments.as_slice() {
        [id] => ((*id).to_owned(), None),
        [id, edge] => ((*id).to_owned(), Some((*edge).to_owned())),
        _ => return Err(GraphError::no_object("get", &path).with_http(404)),
    };
    let method = request.method().clone();
    let cut = request.extensions().get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    let is_upload = edge.as_deref() == Some("media") && method == Method::POST;
    let bearer = params::bearer(request.headers());
    // A wrong token in the head is refused before a large body is read.
    if let Some(token) = &bearer {
        check_token(app, Some(token))?;
    }
    let _permit = if is_upload { app.uploads.acquire().await.ok() } else { None };
    let params = Params::read(request, is_upload).await?;
    if bearer.is_none() {
        check_token(app, params.text("access_token"))?;
    }
    let call = Call { method, id, edge, params, cut };
    if let Some(error) = app.state().meta.knobs.fail(endpoint(app, &call)) {
        return Err(error);
    }
    dispatch(app, call).await
}

async fn dispatch(app: &App, call: Call) -> Result<Response, GraphError> {
    if call.id == app.config.phone_number_id {
        return match (&call.method, call.edge.as_deref()) {
            (&Method::POST, Some("messages")) => messages::post(app, &call),
            (&Method::POST, Some("media")) => media::upload(app, call),
            _ => account::number(app, &call),
        };
    }
    if call.id == app.config.waba_id {
        return match call.edge.as_deref() {
            Some("message_templates") => templates::edge(app, &call),
            Some("flows") => forms::edge(app, &call).await,
            Some("subscribed_apps") => account::subscribed_apps(app, &call).await,
            _ => account::waba(app, &call),
        };
    }
    if call.edge.is_none() {
        let is_media = app.state().media.contains_key(&call.id);
        if is_media {
            return media::object(app, &call);
        }
        if let Some(answer) = forms::object(app, &call) {
            return Ok(answer);
        }
        if let Some(answer) = templates::object(app, &call).or_else(|| account::own(app, &call)) {
            return answer;
        }
    }
    Err(unknown(&call))
}

/// What the Graph API says about an id that it does not know.
pub fn unknown(call: &Call) -> GraphError {
    GraphError::no_object(&call.method.as_str().to_lowercase(), &call.id)
}

/// An edge that the object does not have.
pub fn no_edge(call: &Call, kind: &str) -> GraphError {
    match (&call.method, &call.edge) {
        (&Method::GET, Some(edge)) => {
            GraphError::parameter(format!("Tried accessing nonexisting field ({edge}) on node type ({kind})"))
        }
        _ => unknown(call),
    }
}

fn check_token(app: &App, token: Option<&str>) -> Result<(), GraphError> {
    let known = token.is_some_and(|token| app.config.tokens.iter().any(|t| t == token));
    if known { Ok(()) } else { Err(GraphError::token()) }
}

fn endpoint(app: &App, call: &Call) -> Option<Endpoint> {
    match (&call.method, call.edge.as_deref()) {
        (&Method::POST, Some("messages")) => Some(Endpoint::Messages),
        (&Method::POST, Some("media")) => Some(Endpoint::Media),
        // A look-up of an unknown number of digits is meant for media as well.
        (&Method::GET, None) if call.id != app.config.phone_number_id && call.id != app.config.waba_id => {
            Some(Endpoint::Resolve)
        }
        _ => None,
    }
}

/// `v23.0`, `v9`.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '.') && rest.len() <= 6
    })
}
