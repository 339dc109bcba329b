//! WhatsApp: the app, its numbers and their forms.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::texts::LANGUAGES;

/// WhatsApp: the app and its numbers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatsApp {
    /// App secrets with which Meta signs webhooks; several while one is being replaced.
    #[schemars(with = "Vec<String>")]
    pub app_secrets: Vec<SecretString>,
    /// The word that Meta's page asks for when the webhook is registered.
    #[schemars(with = "String")]
    pub verify_token: SecretString,
    /// Where the Graph API is.
    #[serde(default = "graph_url")]
    pub graph_url: Url,
    /// The Graph API's version.
    #[serde(default = "graph_version")]
    pub graph_version: String,
    /// The Graph API is the sandbox: files may come from its address.
    #[serde(default)]
    pub is_sandbox: bool,
    /// Our numbers.
    pub numbers: Vec<Number>,
}

/// A number of ours on WhatsApp.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Meta's id of the number (not the number itself).
    pub phone_number_id: String,
    /// Meta's id of the WhatsApp Business account.
    pub waba_id: String,
    /// The system user's token.
    #[schemars(with = "String")]
    pub token: SecretString,
    /// What the console calls the number.
    pub name: String,
    /// Native forms of WhatsApp (which calls them Flows), by the name under which flows offer them.
    /// Where a flow's form is not here, it asks in the chat.
    #[serde(default)]
    pub forms: BTreeMap<String, Form>,
}

/// A native form that was published at Meta: `sportello flow form` makes and publishes it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Meta's id of the form in each language: `{ en = "1234567890", it = "1234567891" }`.
    /// Customers of other languages are asked in the chat.
    pub flow_ids: BTreeMap<String, String>,
    /// Filled forms come to `/webhooks/whatsapp/forms` before WhatsApp's message, sealed for the key of the number.
    #[serde(default)]
    pub has_endpoint: bool,
}

fn graph_url() -> Url {
    Url::parse("https://graph.facebook.com").unwrap_or_else(|_| unreachable!("a constant"))
}

fn graph_version() -> String {
    "v25.0".to_owned()
}

impl WhatsApp {
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.app_secrets.is_empty() {
            return Err("whatsapp.app_secrets is empty: without a secret anybody could write to your desk. Copy it from the app's settings at Meta".to_owned());
        }
        if self.numbers.is_empty() {
            return Err("whatsapp.numbers is empty: add at least one [[whatsapp.numbers]]".to_owned());
        }
        if !self.is_sandbox && self.graph_url.scheme() != "https" {
            return Err(format!(
                "whatsapp.graph_url is {}; only https is spoken, except to the sandbox (is_sandbox = true)",
                self.graph_url
            ));
        }
        self.numbers.iter().flat_map(|number| &number.forms).try_for_each(|(name, form)| form.validate(name))
    }
}

impl Form {
    fn validate(&self, name: &str) -> Result<(), String> {
        let key = format!("whatsapp.numbers.forms.{name}.flow_ids");
        if self.flow_ids.is_empty() {
            return Err(format!("{key} is empty: add Meta's id of the form for at least one language"));
        }
        for (language, id) in &self.flow_ids {
            if !LANGUAGES.contains(&language.as_str()) {
                let known = LANGUAGES.join(", ");
                return Err(format!("{key} has the language `{language}`; one of {known} is needed"));
            }
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!("{key} has `{id}`; Meta's id of a form has digits only"));
            }
        }
        Ok(())
    }
}
