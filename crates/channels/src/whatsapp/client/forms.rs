//! What Meta knows of our forms: the public key of a number, and the definitions.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, SendError};

/// The public key that Meta hands to phones.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct UploadedKey {
    #[serde(rename = "business_public_key")]
    pub public_key: String,
    /// `VALID`, or `MISMATCH` when it has to be uploaded again.
    #[serde(rename = "business_public_key_signature_status", default)]
    pub status: String,
}

/// A form to be published.
#[derive(Clone, Copy, Debug)]
pub struct NewForm<'a> {
    /// Unique within the account.
    pub name: &'a str,
    pub definition: &'a Value,
    /// Where filled forms are sent; `None` for a form that answers by a message alone.
    pub endpoint: Option<&'a str>,
}

impl Client {
    pub async fn upload_key(&self, public_pem: &str) -> Result<(), SendError> {
        let form = [("business_public_key", public_pem)];
        self.call(Method::POST, &self.key_path(), |request| request.form(&form)).await.map(drop)
    }

    /// The key that was uploaded last; `None` when there is none.
    pub async fn uploaded_key(&self) -> Result<Option<UploadedKey>, SendError> {
        let answer = self.call(Method::GET, &self.key_path(), |request| request).await?;
        // A list in some versions, the object itself in others.
        let found = answer.pointer("/data/0").unwrap_or(&answer).clone();
        Ok(serde_json::from_value(found).ok())
    }

    /// Makes a form and publishes it at once; answers its id.
    pub async fn publish_form(&self, form: &NewForm<'_>) -> Result<String, SendError> {
        let mut body = json!({
            "name": form.name, "categories": ["CUSTOMER_SUPPORT"],
            "flow_json": form.definition.to_string(), "publish": true,
        });
        if let (Some(endpoint), Some(members)) = (form.endpoint, body.as_object_mut()) {
            members.insert("endpoint_uri".to_owned(), endpoint.into());
        }
        let path = format!("{}/flows", self.config.waba_id);
        let answer = self.call(Method::POST, &path, |request| request.json(&body)).await?;
        let id = answer.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        id.map(str::to_owned).ok_or_else(|| SendError::unknown("the answer names no form"))
    }

    fn key_path(&self) -> String {
        self.number_path("whatsapp_business_encryption")
    }
}
