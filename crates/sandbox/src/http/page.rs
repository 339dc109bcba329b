//! The phone page and the files it shows; what is neither is a call of the Graph API.

use axum::{
    extract::{Path, Request, State as Extract},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{app::App, graph};

/// The same rules as the console's page has: scripts, styles and connections of its own only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A customer records voice notes and films, and says where they are.
const PERMISSIONS: &str = "camera=(self), microphone=(self), geolocation=(self)";

pub async fn or_graph(app: Extract<App>, request: Request) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(asset) = (app.config.page)(request.uri().path())
    {
        let kind = HeaderValue::from_str(&asset.content_type)
            .unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let cache = if request.uri().path().starts_with("/assets/") {
            "max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
        ];
        return (headers, asset.bytes.into_owned()).into_response();
    }
    graph::serve(app, request).await
}

/// A file of a chat, for the page. It never runs as a page itself, whatever a customer sent.
pub async fn media(Extract(app): Extract<App>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let found = {
        let state = app.state();
        state.media.get(&id).cloned().zip(state.bytes.read(&id))
    };
    let Some((media, bytes)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = graph::ranged(&media, bytes, &headers);
    let out = response.headers_mut();
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    let shown = ["image/", "audio/", "video/"].iter().any(|kind| media.mime_type.starts_with(kind))
        && !media.mime_type.contains("svg");
    if !shown {
        out.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    response
}
