//! Message templates over the Graph API: the list, one of them, new ones, and their deletion.

use axum::{
    Json,
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Call;
use crate::{app::App, error::GraphError, templates};

const TEMPLATES_MAX: usize = 250;
const PAGE: usize = 25;

pub fn edge(app: &App, call: &Call) -> Result<Response, GraphError> {
    match call.method {
        Method::GET => list(app, call),
        Method::POST => create(app, call),
        Method::DELETE => delete(app, call),
        _ => Err(super::unknown(call)),
    }
}

pub fn object(app: &App, call: &Call) -> Option<Result<Response, GraphError>> {
    let state = app.state();
    let found = state.meta.templates.iter().find(|t| is(t, "id", &call.id))?;
    Some(match call.method {
        Method::GET => Ok(Json(found.clone()).into_response()),
        _ => Err(super::unknown(call)),
    })
}

fn list(app: &App, call: &Call) -> Result<Response, GraphError> {
    let params = &call.params;
    let state = app.state();
    let wanted = |t: &&Value| {
        ["name", "language", "status", "category"]
            .into_iter()
            .all(|key| params.text(key).is_none_or(|value| is(t, key, value)))
    };
    let all: Vec<&Value> = state.meta.templates.iter().filter(wanted).collect();
    let limit = params.text("limit").and_then(|l| l.parse().ok()).unwrap_or(PAGE).clamp(1, 1_000);
    let start = match params.text("after") {
        None => 0,
        Some(id) => {
            let at = all.iter().position(|t| is(t, "id", id));
            at.map(|at| at + 1).ok_or_else(|| GraphError::parameter("The cursor after is not valid"))?
        }
    };
    let page: Vec<&Value> = all.iter().skip(start).take(limit).copied().collect();
    let id = |t: Option<&&Value>| t.and_then(|t| t.get("id")).cloned();
    let mut paging = json!({ "cursors": { "before": id(page.first()), "after": id(page.last()) } });
    if start + page.len() < all.len()
        && let (Some(paging), Some(Value::String(after))) = (paging.as_object_mut(), id(page.last()))
    {
        let waba = &app.config.waba_id;
        let next = format!("{}/{waba}/message_templates?limit={limit}&after={after}", app.base_url);
        paging.insert("next".to_owned(), next.into());
    }
    let data: Vec<Value> = page.into_iter().map(|t| fields(t, params.text("fields"))).collect();
    Ok(Json(json!({ "data": data, "paging": paging })).into_response())
}

fn fields(template: &Value, wanted: Option<&str>) -> Value {
    let (Some(wanted), Some(map)) = (wanted, template.as_object()) else { return template.clone() };
    let keep = |key: &str| key == "id" || wanted.split(',').any(|w| w.trim() == key);
    map.iter().filter(|(key, _)| keep(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// Approved at once: nobody reviews in a sandbox.
fn create(app: &App, call: &Call) -> Result<Response, GraphError> {
    let need = |key: &str| {
        let missing = || GraphError::parameter(format!("The parameter {key} is required."));
        call.params.text(key).ok_or_else(missing)
    };
    let (name, language, category) = (need("name")?, need("language")?, need("category")?);
    let proper = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 512 || !name.chars().all(proper) {
        return Err(GraphError::parameter("Template names have lower-case letters, digits and _ only"));
    }
    if !["UTILITY", "MARKETING", "AUTHENTICATION"].contains(&category) {
        return Err(GraphError::parameter(
            "Param category must be one of {AUTHENTICATION, MARKETING, UTILITY}",
        ));
    }
    let components = call.params.map.get("components").filter(|c| c.is_array()).cloned();
    let components = components.ok_or_else(|| GraphError::parameter("The parameter components is required."))?;
    let mut state = app.state();
    let known = |t: &Value| is(t, "name", name) && is(t, "language", language);
    if state.meta.templates.iter().any(known) {
        return Err(GraphError::parameter("There is already content in this language for this template"));
    }
    if state.meta.templates.len() >= TEMPLATES_MAX {
        return Err(GraphError::parameter("The account has 250 templates, more are not allowed"));
    }
    let n = 1_000 + state.next();
    let template = templates::template(n, name, language, category, components);
    let id = template.get("id").cloned();
    state.meta.templates.push(template);
    state.record_meta();
    Ok(Json(json!({ "id": id, "status": "APPROVED", "category": category })).into_response())
}

fn delete(app: &App, call: &Call) -> Result<Response, GraphError> {
    let name =
        call.params.text("name").ok_or_else(|| GraphError::parameter("The parameter name is required."))?;
    let mut state = app.state();
    let before = state.meta.templates.len();
    state.meta.templates.retain(|t| !is(t, "name", name));
    if state.meta.templates.len() == before {
        return Err(GraphError::parameter("The message template was not found"));
    }
    state.record_meta();
    Ok(Json(json!({ "success": true })).into_response())
}

fn is(template: &Value, key: &str, value: &str) -> bool {
    template.get(key).and_then(Value::as_str) == Some(value)
}
