//! What the Graph API says about the account itself: number, business account, subscription, blocked users.

use axum::{
    Json,
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{Call, messages::phone_digits};
use crate::{
    app::{self, App, Event},
    error::GraphError,
    webhooks::deliver,
};

const OVERRIDE_URL_MAX: usize = 200;
const BLOCKED_MAX: usize = 64_000;
const APP_ID: &str = "600000000000001";
const APP_NAME: &str = "Sportello sandbox app";

type Answer = Result<Response, GraphError>;

fn json_answer(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

fn success() -> Answer {
    json_answer(json!({ "success": true }))
}

pub fn number(app: &App, call: &Call) -> Answer {
    match (&call.method, call.edge.as_deref()) {
        (&Method::GET, None) => json_answer(pick(number_object(app), call)),
        (&Method::POST, None | Some("register" | "deregister" | "request_code" | "verify_code" | "settings")) => {
            success()
        }
        (_, Some("block_users")) => block_users(app, call),
        (&Method::GET, Some("whatsapp_business_profile")) => {
            let mut profile = json!({ "messaging_product": "whatsapp" });
            if let (Some(all), Value::Object(more)) = (profile.as_object_mut(), &app.state().meta.profile) {
                all.extend(more.clone());
            }
            json_answer(json!({ "data": [profile] }))
        }
        (&Method::POST, Some("whatsapp_business_profile")) => {
            call.params.product()?;
            let mut state = app.state();
            state.meta.profile = Value::Object(call.params.map.clone());
            state.record_meta();
            success()
        }
        (_, Some("whatsapp_business_encryption")) => encryption(app, call),
        _ => Err(super::no_edge(call, "WhatsAppBusinessPhoneNumber")),
    }
}

fn number_object(app: &App) -> Map<String, Value> {
    let number = json!({
        "verified_name": app.config.verified_name,
        "code_verification_status": "VERIFIED",
        "display_phone_number": format!("+{}", app.config.display_phone_number),
        "quality_rating": "GREEN",
        "platform_type": "CLOUD_API",
        "throughput": { "level": "STANDARD" },
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "account_mode": "SANDBOX",
        "messaging_limit_tier": "TIER_1K",
        "webhook_configuration": { "application": app.state().webhook_url() },
        "id": app.config.phone_number_id,
    });
    into_map(number)
}

pub fn waba(app: &App, call: &Call) -> Answer {
    match (&call.method, call.edge.as_deref()) {
        (&Method::GET, None) => json_answer(pick(
            into_map(json!({
                "id": app.config.waba_id,
                "name": app.config.verified_name,
                "currency": "EUR",
                "timezone_id": "1",
                "message_template_namespace": "sandbox",
                "account_review_status": "APPROVED",
            })),
            call,
        )),
        (&Method::GET, Some("phone_numbers")) => {
            let number = pick(number_object(app), call);
            json_answer(json!({ "data": [number], "paging": { "cursors": { "before": "0", "after": "0" } } }))
        }
        _ => Err(super::no_edge(call, "WhatsAppBusinessAccount")),
    }
}

/// `me`, `app` and `debug_token`, which diagnostic commands ask.
pub fn own(app: &App, call: &Call) -> Option<Answer> {
    if call.method != Method::GET {
        return None;
    }
    match call.id.as_str() {
        "me" | "app" | APP_ID => Some(json_answer(json!({ "id": APP_ID, "name": APP_NAME }))),
        "debug_token" => {
            let known = call.params.text("input_token").is_some_and(|t| app.config.tokens.iter().any(|k| k == t));
            let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
            Some(json_answer(json!({ "data": {
                "app_id": APP_ID, "application": APP_NAME, "type": "SYSTEM_USER", "is_valid": known,
                "expires_at": 0, "scopes": scopes,
            }})))
        }
        _ => None,
    }
}

pub async fn subscribed_apps(app: &App, call: &Call) -> Answer {
    match call.method {
        Method::GET => {
            let state = app.state();
            let mut row = json!({ "whatsapp_business_api_data": {
                "id": APP_ID, "name": APP_NAME, "link": "https://www.facebook.com/games/?app_id=600000000000001",
            }});
            if let (Some(url), Some(row)) = (&state.meta.override_url, row.as_object_mut()) {
                row.insert("override_callback_uri".to_owned(), url.clone().into());
            }
            let data = if state.meta.unsubscribed { vec![] } else { vec![row] };
            json_answer(json!({ "data": data }))
        }
        Method::POST => {
            let url = call.params.text("override_callback_uri").filter(|u| !u.is_empty());
            if let Some(url) = url {
                let token = call.params.text("verify_token").ok_or_else(|| {
                    GraphError::parameter("The parameter verify_token is required with override_callback_uri.")
                })?;
                if url.len() > OVERRIDE_URL_MAX || app::parse_http(url).is_err() {
                    return Err(GraphError::parameter("override_callback_uri is no web address of at most 200 characters"));
                }
                deliver::verify(app, url, token).await.map_err(|why| GraphError::new(2_200, why))?;
            }
            subscribe(app, Some(url.map(str::to_owned)))
        }
        Method::DELETE => subscribe(app, None),
        _ => Err(super::unknown(call)),
    }
}

/// `None` unsubscribes; `Some` subscribes with an address of its own or without.
fn subscribe(app: &App, with: Option<Option<String>>) -> Answer {
    let mut state = app.state();
    state.meta.unsubscribed = with.is_none();
    state.meta.override_url = with.flatten();
    state.record_meta();
    drop(state);
    app.wake.notify_one();
    app.tell(Event::State);
    success()
}

fn block_users(app: &App, call: &Call) -> Answer {
    let mut state = app.state();
    if call.method == Method::GET {
        let data: Vec<Value> = state
            .meta
            .blocked
            .iter()
            .map(|key| json!({ "messaging_product": "whatsapp", "wa_id": key }))
            .collect();
        return json_answer(json!({ "data": data }));
    }
    call.params.product()?;
    let users = call.params.map.get("block_users").and_then(Value::as_array);
    let users = users.ok_or_else(|| GraphError::parameter("The parameter block_users is required."))?;
    let mut done = Vec::new();
    for user in users.iter().filter_map(|u| u.get("user").or_else(|| u.get("user_id"))).filter_map(Value::as_str) {
        let key = phone_digits(user).unwrap_or_else(|| user.to_owned());
        match call.method {
            Method::POST if state.meta.blocked.len() < BLOCKED_MAX => {
                state.meta.blocked.insert(key.clone());
            }
            Method::DELETE => {
                state.meta.blocked.remove(&key);
            }
            _ => return Err(super::unknown(call)),
        }
        done.push(json!({ "input": user, "wa_id": key }));
    }
    state.record_meta();
    let word = if call.method == Method::POST { "added_users" } else { "removed_users" };
    json_answer(json!({ "messaging_product": "whatsapp", "block_users": { word: done } }))
}

fn encryption(app: &App, call: &Call) -> Answer {
    let mut state = app.state();
    if call.method == Method::GET {
        let row = state.meta.encryption_key.as_ref().map(|key| {
            json!({ "business_public_key": key, "business_public_key_signature_status": "VALID" })
        });
        return json_answer(json!({ "data": row.into_iter().collect::<Vec<_>>() }));
    }
    let key = call.params.text("business_public_key").filter(|k| k.contains("BEGIN PUBLIC KEY"));
    let key = key.ok_or_else(|| GraphError::parameter("business_public_key must be a PEM public key"))?;
    state.meta.encryption_key = Some(key.to_owned());
    state.record_meta();
    success()
}

/// Only the `fields` that were asked for, and the id.
fn pick(object: Map<String, Value>, call: &Call) -> Value {
    let Some(wanted) = call.params.text("fields") else { return Value::Object(object) };
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    object.into_iter().filter(|(key, _)| key == "id" || wanted.contains(&key.as_str())).collect()
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
