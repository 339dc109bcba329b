//! The Graph API's errors: one table of codes, one shape of body.
//!
//! The same codes come back at once as an HTTP error, or later as the `errors` of a `failed` status.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::ids;

/// (code, HTTP status when answered at once, title)
const CODES: &[(i64, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Access token has expired"),
    (200, 403, "API Permission"),
    (368, 403, "Temporarily blocked for policies violations"),
    (2200, 400, "Callback verification failed"),
    (80007, 400, "Rate limit issues"),
    (130429, 400, "Rate limit hit"),
    (130472, 400, "User's number is part of an experiment"),
    (130497, 403, "Business account is restricted from messaging users in this country"),
    (131000, 500, "Something went wrong"),
    (131005, 403, "Access denied"),
    (131008, 400, "Required parameter is missing"),
    (131009, 400, "Parameter value is not valid"),
    (131016, 500, "Service unavailable"),
    (131021, 400, "Recipient cannot be sender"),
    (131026, 400, "Message undeliverable"),
    (131031, 403, "Account has been locked"),
    (131037, 400, "Display name approval needed"),
    (131042, 400, "Business eligibility payment issue"),
    (131045, 400, "Phone number registration error"),
    (131047, 400, "Re-engagement message"),
    (131048, 400, "Spam rate limit hit"),
    (131049, 400, "Meta chose not to deliver"),
    (131050, 400, "User has stopped marketing messages"),
    (131051, 400, "Unsupported message type"),
    (131052, 400, "Media download error"),
    (131053, 400, "Media upload error"),
    (131056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    (131057, 500, "Account in maintenance mode"),
    (131060, 400, "This message is currently unavailable"),
    (131062, 400, "Business-scoped user id is not supported for this message"),
    (132000, 400, "Number of parameters does not match the expected number of params"),
    (132001, 404, "Template name does not exist in the translation"),
    (132005, 400, "Translated text too long"),
    (132007, 400, "Template format character policy violated"),
    (132012, 400, "Parameter format does not match format in the created template"),
    (132015, 400, "Template is paused"),
    (132016, 400, "Template is disabled"),
    (132068, 400, "Flow is blocked"),
    (132069, 400, "Flow is throttled"),
    (133004, 503, "Server temporarily unavailable"),
    (133010, 400, "Phone number not registered"),
    (135000, 400, "Generic user error"),
];

#[derive(Clone, Debug)]
pub struct GraphError {
    http: u16,
    code: i64,
    subcode: Option<i64>,
    kind: &'static str,
    message: String,
    details: Option<String>,
}

impl GraphError {
    /// A documented code with the sentence that tells the developer what to change.
    pub fn new(code: i64, details: impl Into<String>) -> Self {
        Self {
            http: http_of(code),
            code,
            subcode: None,
            kind: "OAuthException",
            message: format!("(#{code}) {}", title(code)),
            details: Some(details.into()),
        }
    }

    /// `(#100)` whose message is the whole story, as the Graph API does for plain parameters.
    pub fn parameter(message: impl std::fmt::Display) -> Self {
        Self { message: format!("(#100) {message}"), details: None, ..Self::new(100, "") }
    }

    /// The object is unknown, gone, or not ours.
    pub fn no_object(method: &str, id: &str) -> Self {
        Self {
            subcode: Some(33),
            kind: "GraphMethodException",
            message: format!(
                "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
            ),
            details: None,
            ..Self::new(100, "")
        }
    }

    pub fn token() -> Self {
        Self {
            message: "Error validating access token: this sandbox does not know the token".to_owned(),
            details: None,
            ..Self::new(190, "")
        }
    }

    /// A failure that a knob asked for.
    pub fn knob(http: u16, code: i64) -> Self {
        Self { http, ..Self::new(code, "asked for by the sandbox's `fail_next`") }
    }

    pub fn with_http(self, http: u16) -> Self {
        Self { http, ..self }
    }

    pub fn body(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": ids::trace(&format!("{self:?}")),
        });
        if let Some(map) = error.as_object_mut() {
            if let Some(subcode) = self.subcode {
                map.insert("error_subcode".to_owned(), subcode.into());
            }
            if let Some(details) = &self.details {
                let data = json!({ "messaging_product": "whatsapp", "details": details });
                map.insert("error_data".to_owned(), data);
            }
        }
        json!({ "error": error })
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(self.body())).into_response();
        if self.code == 190 {
            let challenge = axum::http::HeaderValue::from_static(
                "OAuth \"Facebook Platform\" \"invalid_token\" \"Invalid OAuth access token.\"",
            );
            response.headers_mut().insert(axum::http::header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

pub fn title(code: i64) -> &'static str {
    CODES.iter().find(|(known, ..)| *known == code).map_or("Something went wrong", |(.., title)| title)
}

fn http_of(code: i64) -> u16 {
    CODES.iter().find(|(known, ..)| *known == code).map_or(400, |(_, http, _)| *http)
}

/// An element of `errors` in a webhook.
pub fn in_webhook(code: i64, details: &str) -> Value {
    json!({
        "code": code,
        "title": title(code),
        "message": title(code),
        "error_data": { "details": details },
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}
