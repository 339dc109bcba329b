//! The console's files, embedded in the binary when it was built after the console.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::ApiError;

/// What `npm run build` made. A checkout without it still builds and says what is missing.
#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

/// A file of the built pages by its path; used by the sandbox for its phone page as well.
pub fn asset(path: &str) -> Option<EmbeddedFile> {
    Files::get(path)
}

const NOT_BUILT: &str = "<!doctype html><html lang=en><title>Sportello</title><h1>The console is not built in</h1>\
    <p>The server works. Build it with its console by <code>cargo dev build</code>, then start it again.";

/// A file of the console, or its page for every address that the console itself understands.
pub async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("webhooks/") {
        let nothing = ApiError::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here");
        return ([(header::CACHE_CONTROL, "no-store")], nothing).into_response();
    }
    match asset(path).filter(|_| !matches!(path, "phone.html" | "capture.html")) {
        Some(file) => serve(path, &file, &headers),
        None if path.starts_with("assets/") => {
            (StatusCode::NOT_FOUND, "there is nothing here\n").into_response()
        }
        None => named("index.html", &headers),
    }
}

/// One of the pages, at whatever address.
pub fn named(page: &str, headers: &HeaderMap) -> Response {
    match asset(page) {
        Some(file) => serve(page, &file, headers),
        None => (StatusCode::OK, Html(NOT_BUILT)).into_response(),
    }
}

/// Files under `assets/` carry a hash in their name and never change; pages are asked for anew.
fn serve(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    if headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.clone().into_owned().into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        out.insert(header::ETAG, etag);
    }
    response
}

pub fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
