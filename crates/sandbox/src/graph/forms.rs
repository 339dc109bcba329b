//! Forms of the account (`flows` at Meta): made and published in one call, and looked up.

use axum::{
    Json,
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Call;
use crate::{
    app::{self, App, Event},
    error::GraphError,
    forms::{self, Form},
    ids,
};

const FORMS_MAX: usize = 1_000;
const NAME_MAX: usize = 200;

pub async fn edge(app: &App, call: &Call) -> Result<Response, GraphError> {
    match call.method {
        Method::GET => {
            let rows: Vec<Value> = app.state().meta.forms.iter().map(row).collect();
            Ok(Json(json!({ "data": rows })).into_response())
        }
        Method::POST => publish(app, call).await,
        _ => Err(super::unknown(call)),
    }
}

pub fn object(app: &App, call: &Call) -> Option<Response> {
    let state = app.state();
    let form = state.form(&call.id).filter(|_| call.method == Method::GET)?;
    Some(Json(row(form)).into_response())
}

fn row(form: &Form) -> Value {
    json!({
        "id": form.id, "name": form.name, "status": "PUBLISHED", "categories": ["CUSTOMER_SUPPORT"],
        "validation_errors": [], "endpoint_uri": form.endpoint,
    })
}

async fn publish(app: &App, call: &Call) -> Result<Response, GraphError> {
    let name = call.params.text("name").filter(|name| (1..=NAME_MAX).contains(&name.chars().count()));
    let name = name.ok_or_else(|| GraphError::parameter("The parameter name is required."))?.to_owned();
    if call.params.map.get("categories").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return Err(GraphError::parameter("The parameter categories is required."));
    }
    let params = call.params.unfolded(&["flow_json"]);
    let definition = params.get("flow_json").filter(|json| json.is_object()).cloned();
    let definition = definition
        .ok_or_else(|| GraphError::parameter("flow_json is no JSON object; it is required here"))?;
    forms::Last::of(&definition).map_err(GraphError::parameter)?;
    let endpoint = call.params.text("endpoint_uri").map(str::to_owned);
    if definition.get("data_api_version").is_some() != endpoint.is_some() {
        return Err(GraphError::parameter("endpoint_uri and data_api_version go together"));
    }
    if let Some(endpoint) = &endpoint {
        app::parse_http(endpoint).map_err(|error| GraphError::parameter(error.to_string()))?;
        forms::ping(app, endpoint).await.map_err(GraphError::parameter)?;
    }
    let mut state = app.state();
    if state.meta.forms.len() >= FORMS_MAX || state.form(&name).is_some() {
        return Err(GraphError::parameter("The name of the flow is not unique, or there are too many"));
    }
    let n = state.next();
    let id = ids::media(state.seed, n);
    state.meta.forms.push(Form { id: id.clone(), name, definition, endpoint });
    state.record_meta();
    app.tell(Event::State);
    Ok(Json(json!({ "id": id, "success": true, "validation_errors": [] })).into_response())
}
