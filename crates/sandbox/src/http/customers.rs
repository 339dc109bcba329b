//! Customers and what they do with their phones.

use axum::{
    Json,
    extract::{Multipart, Path, State as Extract},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::Refusal;
use crate::{
    app::{App, Event},
    customer::{Customer, Direction, Status, Stored},
    graph::messages::phone_digits,
    phone::{self, Draft, draft::Attached},
    webhooks::statuses,
};

const FILES_COUNT_MAX: usize = 30;
const TEXT_MAX: usize = 64 * 1_024;
const NAME_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    phone: Option<String>,
    name: Option<String>,
    username: Option<String>,
    bsuid_only: Option<bool>,
}

impl Wanted {
    fn phone(&self) -> Result<Option<String>, Refusal> {
        let Some(phone) = self.phone.as_deref().filter(|p| !p.trim().is_empty()) else { return Ok(None) };
        let digits = phone_digits(phone.trim());
        digits.map(Some).ok_or_else(|| Refusal::bad(format!("\"{phone}\" is not a phone number")))
    }

    fn check(&self) -> Result<(), Refusal> {
        let long = |text: &Option<String>| text.as_ref().is_some_and(|t| t.chars().count() > NAME_MAX);
        if long(&self.name) || long(&self.username) {
            return Err(Refusal::bad(format!("a name has at most {NAME_MAX} characters")));
        }
        Ok(())
    }
}

pub async fn create(
    Extract(app): Extract<App>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Refusal> {
    wanted.check()?;
    let phone = wanted.phone()?;
    let mut state = app.state();
    let known = phone.as_deref().and_then(|p| state.customer_by_phone(p)).cloned();
    let mut customer = match known {
        Some(customer) => customer,
        None => state
            .new_customer(phone, wanted.name.clone(), wanted.username.clone())
            .ok_or_else(|| Refusal(StatusCode::CONFLICT, "there are too many customers; reset the sandbox".to_owned()))?,
    };
    customer.name = wanted.name.unwrap_or(customer.name);
    customer.username = wanted.username.or(customer.username);
    customer.bsuid_only = wanted.bsuid_only.unwrap_or(customer.bsuid_only);
    state.save_customer(customer.clone());
    app.tell(Event::State);
    Ok(Json(state.summary(&customer)))
}

pub async fn change(
    Extract(app): Extract<App>,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Refusal> {
    wanted.check()?;
    let phone = wanted.phone()?;
    let mut state = app.state();
    let mut customer = known(&state, &id)?;
    customer.name = wanted.name.unwrap_or(customer.name);
    customer.username = wanted.username.or(customer.username);
    customer.bsuid_only = wanted.bsuid_only.unwrap_or(customer.bsuid_only);
    let moved = phone.filter(|p| customer.phone.as_ref() != Some(p));
    if let Some(phone) = &moved
        && state.customer_by_phone(phone).is_some()
    {
        return Err(Refusal(StatusCode::CONFLICT, format!("+{phone} belongs to another customer")));
    }
    state.save_customer(customer.clone());
    if let Some(phone) = moved {
        customer = phone::change_number(&app, &mut state, &customer, phone)
            .map_err(|error| Refusal(StatusCode::SERVICE_UNAVAILABLE, error.body().to_string()))?;
    }
    app.tell(Event::State);
    Ok(Json(state.summary(&customer)))
}

fn known(state: &crate::state::State, id: &str) -> Result<Customer, Refusal> {
    state.customer(id).cloned().ok_or_else(|| Refusal::missing(&format!("customer {id}")))
}

pub async fn messages(Extract(app): Extract<App>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let state = app.state();
    let customer = known(&state, &id)?;
    let items: Vec<_> = state.chat(customer.n).iter().map(|m| &m.view).collect();
    Ok(Json(json!({ "items": items })))
}

pub async fn send(
    Extract(app): Extract<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Json<Value>, Refusal> {
    let _permit = app.uploads.acquire().await.ok();
    known(&app.state(), &id)?;
    let draft = read(form).await?;
    let prepared = phone::prepare(&app, draft).await.map_err(Refusal::bad)?;
    let mut state = app.state();
    let customer = known(&state, &id)?;
    let ids = phone::send(&app, &mut state, &customer, prepared)
        .map_err(|error| Refusal(StatusCode::SERVICE_UNAVAILABLE, error))?;
    app.tell(Event::Chat(id));
    app.tell(Event::State);
    Ok(Json(json!({ "ids": ids })))
}

async fn read(mut form: Multipart) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    while let Some(field) = form.next_field().await.map_err(|e| Refusal(e.status(), e.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let mime_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|e| Refusal(e.status(), e.body_text()))?;
        if name == "file" {
            draft.files.push(Attached { file_name, mime_type, bytes });
        } else if bytes.len() <= TEXT_MAX {
            draft.fields.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        } else {
            return Err(Refusal::bad(format!("{name} is longer than {TEXT_MAX} bytes")));
        }
        if draft.files.len() > FILES_COUNT_MAX || draft.fields.len() > FILES_COUNT_MAX {
            return Err(Refusal::bad(format!("at most {FILES_COUNT_MAX} files and fields at a time")));
        }
    }
    Ok(draft)
}

pub async fn seen(Extract(app): Extract<App>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let mut state = app.state();
    let customer = known(&state, &id)?;
    let read = statuses::seen(&app, &mut state, customer.n);
    if read > 0 {
        app.tell(Event::State);
    }
    Ok(Json(json!({ "read": read })))
}

#[derive(Deserialize)]
pub struct Played {
    id: String,
}

/// A voice note of the business was listened to.
pub async fn played(
    Extract(app): Extract<App>,
    Path(id): Path<String>,
    Json(Played { id: wamid }): Json<Played>,
) -> Result<Json<Value>, Refusal> {
    let mut state = app.state();
    let customer = known(&state, &id)?;
    let mine = |m: &&Stored| m.customer == customer.n && m.view.direction == Direction::In;
    let stored = state.message(&wamid).filter(mine).cloned();
    let stored = stored.ok_or_else(|| Refusal::missing("the message"))?;
    if stored.view.status < Status::Played {
        statuses::report(&app, &mut state, &stored, Status::Played, None);
    }
    Ok(Json(json!({ "success": true })))
}
