//! What a phone asks of the endpoint, and what it may be answered.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One request.
#[derive(Clone, PartialEq, Debug)]
pub enum Asked {
    /// Meta looks whether we are there.
    Ping,
    /// The phone could not use our last answer.
    Trouble { why: String },
    /// The form was opened and its first screen is wanted.
    Opened { token: String },
    /// A screen before is wanted again.
    Back { token: String, screen: String },
    /// What was filled in.
    Sent { token: String, screen: String, data: Map<String, Value> },
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("the request of a form is not the JSON that it should be")]
    Unreadable,
    #[error("the request of a form names no token")]
    NoToken,
    #[error("the request of a form has an action that this version does not know")]
    UnknownAction,
}

/// Texts of the phone's own that are repeated in our log.
const WHY_CHARS_MAX: usize = 200;

#[derive(Deserialize)]
struct Request {
    action: String,
    #[serde(default)]
    screen: Option<String>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    flow_token: Option<String>,
}

/// Reads the plain text of a request.
pub fn read(plain: &[u8]) -> Result<Asked, ExchangeError> {
    let Request { action, screen, data, flow_token } =
        serde_json::from_slice(plain).map_err(|_| ExchangeError::Unreadable)?;
    if action.eq_ignore_ascii_case("ping") {
        return Ok(Asked::Ping);
    }
    let data = match data {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    if data.contains_key("error") {
        let why = data.get("error_message").or(data.get("error")).and_then(Value::as_str);
        return Ok(Asked::Trouble {
            why: why.unwrap_or("no reason given").chars().take(WHY_CHARS_MAX).collect(),
        });
    }
    let token = flow_token.filter(|token| !token.is_empty()).ok_or(ExchangeError::NoToken)?;
    let screen = screen.unwrap_or_default();
    match action.to_ascii_lowercase().as_str() {
        "init" => Ok(Asked::Opened { token }),
        "back" => Ok(Asked::Back { token, screen }),
        "data_exchange" => Ok(Asked::Sent { token, screen, data }),
        _ => Err(ExchangeError::UnknownAction),
    }
}

pub fn active() -> Value {
    json!({ "data": { "status": "active" } })
}

pub fn acknowledged() -> Value {
    json!({ "data": { "acknowledged": true } })
}

/// Shows a screen.
pub fn screen(id: &str) -> Value {
    json!({ "screen": id, "data": {} })
}

/// The form is done; WhatsApp closes it and sends a message that carries the token.
pub fn done(token: &str) -> Value {
    let params = json!({ "flow_token": token });
    json!({ "screen": "SUCCESS", "data": { "extension_message_response": { "params": params } } })
}

/// Goes with HTTP 427: the form's button is switched off and this is said.
pub fn refused(why: &str) -> Value {
    json!({ "error_msg": why })
}
