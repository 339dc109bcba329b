//! The control API has no password, so it listens only to this machine's own pages and programs.
//!
//! A web page elsewhere can make a browser call 127.0.0.1 (or a name that it points there);
//! its Host or Origin gives it away.

use std::net::IpAddr;

use axum::{
    Json,
    extract::{Request, State as Extract},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use url::Url;

use crate::app::App;

pub async fn local(Extract(app): Extract<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str()).or_else(|| request.uri().authority().map(|a| a.as_str()));
    let refused = match host {
        Some(host) if is_ours(&app, host) => !same_site(headers, host),
        _ => true,
    };
    if refused {
        let message = "the sandbox's control API answers only to 127.0.0.1, [::1] and localhost, and to its own page";
        return (StatusCode::FORBIDDEN, Json(json!({ "error": { "message": message } }))).into_response();
    }
    next.run(request).await
}

fn is_ours(app: &App, host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
    let public = app.config.public_url.as_deref().and_then(|u| Url::parse(u).ok());
    if public.is_some_and(|p| p.host_str().is_some() && p.host_str() == url.host_str()) {
        return true;
    }
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

fn same_site(headers: &HeaderMap, host: &str) -> bool {
    if text(headers, "sec-fetch-site") == Some("cross-site") {
        return false;
    }
    match text(headers, header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|of| of.eq_ignore_ascii_case(host)),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
