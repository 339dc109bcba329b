//! The phone page and the files it shows; what is neither is a call of the Graph API.

use axum::{
    extract::{Path, Request, State as Extract},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{app::App, graph};

pub async fn or_graph(app: Extract<App>, request: Request) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(asset) = (app.config.page)(request.uri().path())
    {
        let kind = HeaderValue::from_str(&asset.content_type)
            .unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let cache =
            if request.uri().path().starts_with("/assets/") { "max-age=31536000, immutable" } else { "no-cache" };
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
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
