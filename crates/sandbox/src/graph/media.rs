//! Media of the Graph API: upload, look-up, deletion, and the bytes behind a look-up's URL.

use std::{collections::HashMap, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Query, State as Extract},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::{Call, check_token, params, params::UPLOAD_MAX};
use crate::{
    app::{self, App},
    error::GraphError,
    knobs::{Download, Endpoint},
    media::{self, Media, NewMedia},
    picture,
};

/// Where the knobs `private_url` and `redirect_private` lead: what cloud machines keep their secrets behind.
const PRIVATE: &str = "http://169.254.169.254/latest/meta-data/";
const ENDLESS_CHUNK: usize = 64 * 1_024;
const SLOW_CHUNK: usize = 64;
const SLOW_PAUSE: Duration = Duration::from_millis(500);

pub fn upload(app: &App, call: Call) -> Result<Response, GraphError> {
    let params = call.params;
    params.product()?;
    let said = params.text("type").map(str::to_owned);
    let file = params.file.ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    if file.bytes.len() > UPLOAD_MAX {
        return Err(GraphError::new(131_053, "The file is larger than 100 MB"));
    }
    // The part's own type counts; clients that leave it out say it in `type`.
    let useless = |mime: &String| mime.is_empty() || mime == "application/octet-stream";
    let mime = file
        .content_type
        .filter(|mime| !useless(mime))
        .or_else(|| said.filter(|s| s.contains('/')))
        .ok_or_else(|| {
        GraphError::parameter("The type of the file is missing: say it in its part's Content-Type or in type")
    })?;
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    media::check_upload(&mime, size)?;
    let (width, height) =
        if mime.starts_with("image/") { picture::dimensions(&file.bytes).unzip() } else { (None, None) };
    let file_name = file.file_name.map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
    let new = NewMedia { mime_type: mime, file_name, bytes: file.bytes, width, height };
    let mut state = app.state();
    let now = app.now_at(state.meta.clock_offset_s);
    let media = state
        .keep_media(now, new, true)
        .map_err(|error| GraphError::new(131_000, format!("the sandbox cannot store the file: {error}")))?;
    Ok(Json(json!({ "id": media.id })).into_response())
}

pub fn object(app: &App, call: &Call) -> Result<Response, GraphError> {
    let mut state = app.state();
    let now = app.now_at(state.meta.clock_offset_s);
    let of = call.params.text("phone_number_id");
    let media = state
        .alive_media(now, &call.id)
        .filter(|_| of.is_none_or(|of| of == app.config.phone_number_id))
        .ok_or_else(|| super::unknown(call))?;
    match call.method {
        Method::GET => {
            let url = if state.meta.knobs.download == Download::PrivateUrl {
                PRIVATE.to_owned()
            } else {
                media.url(&app.base_url, &app.config.app_secret, now)
            };
            let descriptor = json!({
                "messaging_product": "whatsapp",
                "url": url,
                "mime_type": media.mime_type,
                "sha256": media.sha256,
                "file_size": media.size_bytes,
                "id": media.id,
            });
            Ok(Json(descriptor).into_response())
        }
        Method::DELETE => {
            state.remove_media(&call.id);
            Ok(Json(json!({ "success": true })).into_response())
        }
        _ => Err(super::unknown(call)),
    }
}

/// `GET /media-bytes/attachments/?mid=&ext=&hash=`: needs the token as every call does.
pub async fn bytes(
    Extract(app): Extract<App>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let found = find(&app, &query, &headers);
    match found {
        Ok((media, bytes, knob)) => {
            let mut response = deliver(&app, &media, bytes, knob, &headers);
            let nosniff = header::HeaderValue::from_static("nosniff");
            response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
            response
        }
        Err(error) => error.into_response(),
    }
}

fn find(
    app: &App,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Result<(Media, Bytes, Download), GraphError> {
    let token = params::bearer(headers).or_else(|| query.get("access_token").cloned());
    check_token(app, token.as_deref())?;
    let mut state = app.state();
    if let Some(error) = state.meta.knobs.fail(Some(Endpoint::Download)) {
        return Err(error);
    }
    let now = app.now_at(state.meta.clock_offset_s);
    let id = query.get("mid").map_or("", String::as_str);
    let expires: i64 = query.get("ext").and_then(|e| e.parse().ok()).unwrap_or(0);
    let genuine =
        query.get("hash").is_some_and(|h| *h == media::url_hash(&app.config.app_secret, id, expires));
    let gone = || GraphError::no_object("get", id).with_http(404);
    if !genuine || now.secs() >= expires {
        return Err(gone());
    }
    let media = state.alive_media(now, id).cloned().ok_or_else(gone)?;
    let bytes = state.bytes.read(id).ok_or_else(gone)?;
    Ok((media, bytes, state.meta.knobs.download))
}

fn deliver(app: &App, media: &Media, bytes: Bytes, knob: Download, headers: &HeaderMap) -> Response {
    let of_type = |body: Body| ([(header::CONTENT_TYPE, media.mime_type.clone())], body).into_response();
    match knob {
        Download::Ok | Download::PrivateUrl => ranged(media, bytes, headers),
        Download::Truncate => {
            let half = bytes.slice(..bytes.len() / 2);
            let cut = stream::once(async {
                // One turn for the server to send what it has; an error at once would take the head along.
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut by the knob `download`"))
            });
            let parts = stream::once(async move { Ok(half) }).chain(cut);
            let mut response = of_type(Body::from_stream(parts));
            response.headers_mut().insert(header::CONTENT_LENGTH, bytes.len().into());
            response
        }
        Download::Endless => {
            let chunk = Bytes::from(vec![0xff; ENDLESS_CHUNK]);
            let forever = stream::repeat(chunk).map(Ok::<_, std::io::Error>);
            of_type(Body::from_stream(forever.take_until(app::until_stopped(app.stopped.clone()))))
        }
        Download::WrongBytes => of_type(Body::from(bytes.iter().map(|b| b ^ 0x5a).collect::<Vec<u8>>())),
        Download::Html => {
            let page = "<!doctype html><title>Log in</title><p>Please log in to continue.</p>";
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        }
        Download::RedirectPrivate => Redirect::temporary(PRIVATE).into_response(),
        Download::Slow => {
            let parts: Vec<Bytes> = bytes.chunks(SLOW_CHUNK).map(Bytes::copy_from_slice).collect();
            let drip = stream::iter(parts).then(|part| async {
                tokio::time::sleep(SLOW_PAUSE).await;
                Ok::<_, std::io::Error>(part)
            });
            of_type(Body::from_stream(drip.take_until(app::until_stopped(app.stopped.clone()))))
        }
    }
}

/// The whole file, or the one range that was asked for.
pub fn ranged(media: &Media, bytes: Bytes, headers: &HeaderMap) -> Response {
    let total = bytes.len();
    let kind = media.mime_type.clone();
    let base = [(header::CONTENT_TYPE, kind), (header::ACCEPT_RANGES, "bytes".to_owned())];
    let asked = headers.get(header::RANGE).and_then(|r| r.to_str().ok());
    let Some(range) = asked.and_then(|r| r.strip_prefix("bytes=")).filter(|r| !r.contains(',')) else {
        return (base, bytes).into_response();
    };
    match span(range, total) {
        Some((first, last)) => {
            let part = bytes.slice(first..=last);
            let said = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}"))];
            (StatusCode::PARTIAL_CONTENT, base, said, part).into_response()
        }
        None => {
            let said = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, said).into_response()
        }
    }
}

/// First and last byte of `5-9`, `5-` or `-5`.
fn span(range: &str, total: usize) -> Option<(usize, usize)> {
    let (first, last) = range.split_once('-')?;
    let end = total.checked_sub(1)?;
    if first.is_empty() {
        let count: usize = last.parse().ok().filter(|n| *n > 0)?;
        return Some((total.saturating_sub(count), end));
    }
    let first: usize = first.parse().ok()?;
    let last = if last.is_empty() { end } else { last.parse::<usize>().ok()?.min(end) };
    (first <= last).then_some((first, last))
}
