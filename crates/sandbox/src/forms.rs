//! Native forms, which Meta calls Flows: what a phone does when its owner fills one in.
//!
//! A form with an endpoint is posted there, sealed for the business's key, its files lying sealed on a network that
//! asks nobody for a token; then, and for a form without an endpoint at once, the message with the answers goes out.

mod definition;
mod seal;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

pub use self::definition::Last;
use crate::{
    app::App,
    knobs::FormFault,
    media::{Media, NewMedia},
    phone::{self, Draft, draft::Attached},
    state::State,
    webhooks::{deliver, wire},
};

/// Where the knob `form=private_url` leads.
const PRIVATE: &str = "https://169.254.169.254/latest/meta-data/";
const VERSION: &str = "3.0";

/// A form that was published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Form {
    pub id: String,
    pub name: String,
    pub definition: Value,
    pub endpoint: Option<String>,
}

/// What became of a form that was sent.
#[derive(Serialize)]
pub struct Sent {
    /// What the endpoint answered, when there is one.
    pub endpoint_status: Option<u16>,
    /// What the phone says when the endpoint would not have it.
    pub said: Option<String>,
    /// The messages that went out.
    pub ids: Vec<String>,
}

/// What was filled in: files carry the name of their input.
#[derive(Default)]
pub struct Filled {
    pub words: Map<String, Value>,
    pub files: Vec<(String, Attached)>,
}

/// The form that a message of the business opens, and its token.
pub struct Opened {
    pub form: Form,
    pub token: String,
}

pub fn opened(state: &State, interactive: &Value) -> Option<Opened> {
    let of = |key: &str| interactive.pointer(&format!("/action/parameters/{key}"))?.as_str();
    let form = state.form(of("flow_id").or_else(|| of("flow_name"))?)?.clone();
    Some(Opened { form, token: of("flow_token").unwrap_or_default().to_owned() })
}

/// Fills the form in that stands in message `wamid` of customer `id`, and sends it.
pub async fn fill(app: &App, id: &str, wamid: &str, filled: Filled) -> Result<Sent, String> {
    let opened = {
        let state = app.state();
        let message = state.message(wamid).ok_or("there is no such message")?;
        let interactive = message.view.interactive.as_ref().ok_or("this message opens no form")?;
        opened(&state, interactive).ok_or("this form was not published here")?
    };
    let last = Last::of(&opened.form.definition)?;
    let answers = last.answers(app, &filled)?;
    let (status, params) = match opened.form.endpoint.as_deref().filter(|_| last.asks_endpoint) {
        None => (None, Ok(answers)),
        Some(endpoint) => {
            let (status, params) = exchange(app, endpoint, &opened.token, &last.screen, answers).await?;
            (Some(status), params)
        }
    };
    let mut params = match params {
        Ok(params) => params,
        Err(said) => return Ok(Sent { endpoint_status: status, said: Some(said), ids: Vec::new() }),
    };
    params.insert("flow_token".to_owned(), opened.token.into());
    let ids = reply(app, id, wamid, &Value::Object(params)).await?;
    Ok(Sent { endpoint_status: status, said: None, ids })
}

/// Posts what was filled in; answers the parameters of the message, or what the phone says instead.
async fn exchange(
    app: &App,
    endpoint: &str,
    token: &str,
    screen: &str,
    data: Map<String, Value>,
) -> Result<(u16, Result<Map<String, Value>, String>), String> {
    let fault = app.state().meta.knobs.form;
    let token = if fault == FormFault::BadToken { format!("not-{token}") } else { token.to_owned() };
    let request = json!({
        "version": VERSION, "action": "data_exchange", "screen": screen, "data": data, "flow_token": token,
    });
    let key = if fault == FormFault::WrongKey { Key::Stale } else { Key::Uploaded };
    let (mut status, mut answer) = post(app, endpoint, &request, key).await?;
    if status == 421 {
        // The phone asks for the public key again and tries once more.
        (status, answer) = post(app, endpoint, &request, Key::Uploaded).await?;
    }
    let params = match status {
        200 => answer.pointer("/data/extension_message_response/params").and_then(Value::as_object).cloned(),
        _ => None,
    };
    let said = || {
        let said = answer.get("error_msg").and_then(Value::as_str);
        said.map_or_else(|| format!("Something went wrong ({status}). Try again later."), str::to_owned)
    };
    Ok((status, params.ok_or_else(said)))
}

/// Whether the endpoint of a form is there, as Meta asks before it publishes.
pub async fn ping(app: &App, endpoint: &str) -> Result<(), String> {
    let request = json!({ "version": VERSION, "action": "ping" });
    let (status, answer) = post(app, endpoint, &request, Key::Uploaded).await?;
    match answer.pointer("/data/status").and_then(Value::as_str) {
        Some("active") if status == 200 => Ok(()),
        _ => Err(format!("the endpoint answered a ping with {status}")),
    }
}

/// The key that a phone seals for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Uploaded,
    /// One that the business gave up.
    Stale,
}

/// One sealed request and its opened answer.
async fn post(app: &App, endpoint: &str, request: &Value, key: Key) -> Result<(u16, Value), String> {
    let (uploaded, secrets) = {
        let mut state = app.state();
        let uploaded = state.meta.encryption_key.clone();
        (uploaded.ok_or("no public key was uploaded for this number")?, fresh(&mut state))
    };
    let public_key = (key == Key::Uploaded).then_some(uploaded.as_str());
    let sealed = seal::request(request, public_key, &secrets)?;
    let secret = match app.state().meta.knobs.form {
        FormFault::BadSignature => "not the app secret",
        _ => app.config.app_secret.as_str(),
    };
    let signature = wire::signature(secret, sealed.body.as_bytes());
    let (status, text) =
        deliver::send(app, endpoint, sealed.body.clone().into_bytes(), Some(signature)).await?;
    let answer = match status {
        200 | 427 => sealed.open(&text)?,
        _ => Value::Null,
    };
    Ok((status, answer))
}

/// Secrets that nobody else used, the same in every run.
fn fresh(state: &mut State) -> [u8; 32] {
    let n = state.next();
    Sha256::digest(format!("form {} {n}", state.seed)).into()
}

/// Leaves a file where the endpoint can fetch it, sealed; answers how the request names it.
fn leave_sealed(app: &App, state: &mut State, file: &Attached) -> Result<Value, String> {
    let fault = state.meta.knobs.form;
    let sealed = seal::file(&file.bytes, &fresh(state), fault)?;
    let media = keep(app, state, "application/octet-stream".to_owned(), sealed.bytes, file)?;
    let url = match fault {
        FormFault::PrivateUrl => PRIVATE.to_owned(),
        _ => format!("{}/cdn/{}.enc", app.base_url, media.id),
    };
    Ok(json!({
        "media_id": media.id, "cdn_url": url, "file_name": media.file_name,
        "encryption_metadata": sealed.metadata,
    }))
}

/// A file as the message names it when there is no endpoint.
fn attach(app: &App, state: &mut State, file: &Attached) -> Result<Value, String> {
    let media = keep(app, state, file.mime(), file.bytes.clone(), file)?;
    Ok(json!({
        "id": media.id, "mime_type": media.mime_type, "sha256": media.sha256_base64(),
        "file_name": media.file_name,
    }))
}

fn keep(app: &App, state: &mut State, mime: String, bytes: Bytes, file: &Attached) -> Result<Media, String> {
    let now = app.now_at(state.meta.clock_offset_s);
    let file_name = file.file_name.clone().or_else(|| Some("file".to_owned()));
    let new = NewMedia { mime_type: mime, file_name, bytes, width: None, height: None };
    state.keep_media(now, new, false).map_err(|error| format!("the sandbox cannot store the file: {error}"))
}

/// The message that carries the answers.
async fn reply(app: &App, id: &str, wamid: &str, answers: &Value) -> Result<Vec<String>, String> {
    let mut draft = Draft::default();
    for (name, value) in [("as", "flow_reply"), ("reply_to", wamid), ("text", &answers.to_string())] {
        draft.fields.insert(name.to_owned(), value.to_owned());
    }
    let prepared = phone::prepare(app, draft).await?;
    let mut state = app.state();
    let customer = state.customer(id).cloned().ok_or("there is no such customer")?;
    phone::send(app, &mut state, &customer, prepared)
}
