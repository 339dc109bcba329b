//! Parameters of a call, wherever the client put them: query, form, JSON or multipart.

use axum::{
    body::to_bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::error::GraphError;

const JSON_MAX: usize = 1_024 * 1_024;
pub const UPLOAD_MAX: usize = 110 * 1_024 * 1_024;
const FIELD_MAX: usize = 64 * 1_024;
const FIELDS_MAX: usize = 64;

pub struct Upload {
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

#[derive(Default)]
pub struct Params {
    pub map: Map<String, Value>,
    pub file: Option<Upload>,
}

impl Params {
    pub async fn read(request: Request, is_upload: bool) -> Result<Self, GraphError> {
        let mut params = Self::default();
        let query = request.uri().query().unwrap_or_default().to_owned();
        params.add_pairs(query.as_bytes());
        let content_type = header(request.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        if content_type.starts_with("multipart/form-data") {
            params.add_multipart(request, if is_upload { UPLOAD_MAX } else { JSON_MAX }).await?;
            return Ok(params);
        }
        let body = to_bytes(request.into_body(), JSON_MAX)
            .await
            .map_err(|_| GraphError::parameter("The request body is larger than 1 MiB").with_http(413))?;
        let is_json = body.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| *b == b'{');
        if content_type.starts_with("application/x-www-form-urlencoded") && !is_json {
            params.add_pairs(&body);
        } else if is_json {
            let Ok(Value::Object(map)) = serde_json::from_slice(&body) else {
                return Err(GraphError::parameter("The request body is not valid JSON"));
            };
            params.map.extend(map);
        } else if !body.iter().all(u8::is_ascii_whitespace) {
            return Err(GraphError::parameter("The request body is neither a JSON object nor a form"));
        }
        Ok(params)
    }

    fn add_pairs(&mut self, pairs: &[u8]) {
        for (key, value) in url::form_urlencoded::parse(pairs) {
            self.map.insert(key.into_owned(), loose(&value));
        }
    }

    async fn add_multipart(&mut self, request: Request, most: usize) -> Result<(), GraphError> {
        let sorry = |error: &dyn std::fmt::Display| {
            GraphError::parameter(format!("The form cannot be read: {error}"))
        };
        let mut request = request;
        DefaultBodyLimit::max(most).apply(&mut request);
        let mut form = Multipart::from_request(request, &()).await.map_err(|e| sorry(&e))?;
        let mut fields = 0;
        while let Some(field) = form.next_field().await.map_err(|e| sorry(&e))? {
            fields += 1;
            if fields > FIELDS_MAX {
                return Err(GraphError::parameter("The form has too many fields"));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let content_type = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|e| sorry(&e))?;
            if name == "file" {
                self.file = Some(Upload { file_name, content_type, bytes });
            } else if bytes.len() <= FIELD_MAX {
                self.map.insert(name, loose(&String::from_utf8_lossy(&bytes)));
            }
        }
        Ok(())
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.map.get(key)?.as_str()
    }

    /// The parameters with these as objects: clients may send an object as JSON text in a JSON body, too.
    pub fn unfolded(&self, keys: &[&str]) -> Map<String, Value> {
        let mut map = self.map.clone();
        for key in keys {
            if let Some(value) = map.get_mut(*key)
                && let Value::String(text) = value
            {
                *value = loose(text);
            }
        }
        map
    }

    pub fn product(&self) -> Result<(), GraphError> {
        match self.text("messaging_product") {
            Some("whatsapp") => Ok(()),
            Some(other) => Err(GraphError::parameter(format!(
                "Param messaging_product must be one of {{WHATSAPP}} - got \"{other}\"."
            ))),
            None => Err(GraphError::parameter("The parameter messaging_product is required.")),
        }
    }
}

/// Objects as JSON text.
fn loose(text: &str) -> Value {
    let looks_like_json = text.starts_with('{') || text.starts_with('[');
    let parsed = if looks_like_json { serde_json::from_str(text).ok() } else { None };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = header(headers, AUTHORIZATION.as_str())?;
    let (scheme, token) = value.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    is_bearer.then(|| token.trim().to_owned())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
