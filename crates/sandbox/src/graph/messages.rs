//! `POST /{number}/messages`: a message is checked, accepted, shown on the phone, and lives on in statuses.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Call, send, shape};
use crate::{
    app::{App, Event},
    customer::{Customer, Direction, Status},
    error::GraphError,
    state::State,
    webhooks::statuses,
};

pub fn post(app: &App, call: &Call) -> Result<Response, GraphError> {
    let params = &call.params;
    params.product()?;
    if let Some(status) = params.text("status") {
        return mark(app, status, params);
    }
    let answer = accept(app, params)?;
    let mut state = app.state();
    if state.meta.knobs.accept_then_cut > 0 {
        state.meta.knobs.accept_then_cut -= 1;
        if let Some(cut) = &call.cut {
            cut.now();
        }
    }
    Ok(Json(answer).into_response())
}

fn accept(app: &App, params: &super::params::Params) -> Result<Value, GraphError> {
    let map = &params.unfolded(&shape::KINDS);
    if let Some(kind) = params.text("recipient_type").filter(|k| *k != "individual") {
        return Err(GraphError::parameter(format!(
            "Param recipient_type must be one of {{INDIVIDUAL}} - got \"{kind}\"."
        )));
    }
    let kind = shape::check(map)?.to_owned();
    let mut state = app.state();
    let now = app.now_at(state.meta.clock_offset_s);
    let (input, customer) = recipient(app, &mut state, map)?;
    let per_second = state.meta.knobs.throughput_mps;
    state.limits.spend(customer.key(), now, per_second)?;
    let out = send::build(app, &mut state, &customer, &kind, map)?;
    let reaction = (kind == "reaction").then(|| map.get("reaction").cloned().unwrap_or_default());
    if let Some(reaction) = reaction {
        let target = reaction.get("message_id").and_then(Value::as_str).unwrap_or_default();
        let emoji = reaction.get("emoji").and_then(Value::as_str);
        state.change_message(target, |m| m.view.react("business", emoji));
    } else {
        state.save_message(out.stored.clone());
    }
    statuses::follow(app, &mut state, &out.stored, out.failure);
    app.tell(Event::Chat(customer.id()));
    app.tell(Event::State);
    let mut contact = json!({ "input": input });
    if let Some(contact) = contact.as_object_mut() {
        match &customer.phone {
            Some(phone) if !customer.bsuid_only => contact.insert("wa_id".to_owned(), phone.clone().into()),
            _ => contact.insert("user_id".to_owned(), customer.user_id.clone().into()),
        };
    }
    let mut message = json!({ "id": out.stored.view.id });
    if let (Some(message), "template") = (message.as_object_mut(), kind.as_str()) {
        message.insert("message_status".to_owned(), "accepted".into());
    }
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [message] }))
}

/// Whom `to` or `recipient` means. A number that nobody here has yet becomes a customer who never wrote.
fn recipient(
    app: &App,
    state: &mut State,
    map: &serde_json::Map<String, Value>,
) -> Result<(String, Customer), GraphError> {
    let field = |key: &str| match map.get(key) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(to) = field("to").filter(|to| !is_user_id(to)) {
        let digits = phone_digits(&to)
            .ok_or_else(|| GraphError::new(131_009, format!("to: \"{to}\" is not a phone number")))?;
        if digits == app.config.display_phone_number {
            return Err(GraphError::new(131_021, "the recipient is the business's own number"));
        }
        if let Some(known) = state.customer_by_phone(&digits) {
            return Ok((to, known.clone()));
        }
        let full = || GraphError::new(131_026, "the sandbox has too many customers; reset it");
        let customer = state.new_customer(Some(digits), None, None).ok_or_else(full)?;
        app.tell(Event::State);
        return Ok((to, customer));
    }
    let Some(user_id) = field("recipient").or_else(|| field("to")) else {
        return Err(GraphError::parameter("The parameter to is required."));
    };
    let nobody = || GraphError::new(131_026, format!("no user {user_id} is known to this business"));
    let customer = state.customer_by_user_id(&user_id).cloned().ok_or_else(nobody)?;
    Ok((user_id, customer))
}

fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase()) && !rest.is_empty()
    })
}

/// Digits of a number written in any usual way.
pub fn phone_digits(text: &str) -> Option<String> {
    let usual = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(usual) && (5..=15).contains(&digits.len())).then_some(digits)
}

/// Blue ticks for a message and all before it; three dots while an answer is written.
fn mark(app: &App, status: &str, params: &super::params::Params) -> Result<Response, GraphError> {
    if status != "read" {
        return Err(GraphError::parameter(format!(
            "Param status must be one of {{READ}} - got \"{status}\"."
        )));
    }
    let wamid = params
        .text("message_id")
        .ok_or_else(|| GraphError::parameter("The parameter message_id is required."))?;
    if !wamid.starts_with("wamid.") {
        return Err(GraphError::new(131_009, "message_id is not the id of a message"));
    }
    if let Some(typing) = params.map.get("typing_indicator")
        && typing.get("type").and_then(Value::as_str) != Some("text")
    {
        return Err(GraphError::new(131_009, "typing_indicator.type must be \"text\""));
    }
    let mut state = app.state();
    if let Some(stored) = state.message(wamid).cloned() {
        let earlier: Vec<String> = state
            .chat(stored.customer)
            .iter()
            .filter(|m| m.n <= stored.n && m.view.direction == Direction::Out)
            .filter(|m| m.view.status < Status::Read)
            .map(|m| m.view.id.clone())
            .collect();
        for id in earlier {
            state.change_message(&id, |m| m.view.status = Status::Read);
        }
        let customer = format!("c{}", stored.customer);
        if params.map.contains_key("typing_indicator") {
            app.tell(Event::Typing(customer.clone()));
        }
        app.tell(Event::Chat(customer));
    }
    Ok(Json(json!({ "success": true })).into_response())
}
