//! What Meta knows about our number and account: for the list of templates and for `doctor`.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, SendError};

/// A thousand templates is ten pages; an endless chain of pages ends here.
const PAGES_MAX: usize = 60;

/// A template as Meta has it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Template {
    #[serde(default)]
    pub id: String,
    pub name: String,
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` …: only approved ones can be sent.
    #[serde(default)]
    pub status: String,
    /// `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub components: Vec<Value>,
}

/// Our number, as customers see it and as Meta rates it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct PhoneNumber {
    pub id: String,
    pub display_phone_number: String,
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// `CONNECTED`, `PENDING`, `FLAGGED` …
    pub status: Option<String>,
    pub code_verification_status: Option<String>,
    /// `CLOUD_API`, `ON_PREMISE`, `NOT_APPLICABLE`.
    pub platform_type: Option<String>,
}

/// An app that gets the webhooks of our account. Without one of ours in the list nothing ever arrives.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct SubscribedApp {
    pub id: String,
    #[serde(default)]
    pub name: String,
}

impl Client {
    /// All templates of the account, page by page.
    pub async fn templates(&self) -> Result<Vec<Template>, SendError> {
        let path = format!("{}/message_templates", self.config.waba_id);
        let mut templates = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut query = vec![("fields", "id,name,language,status,category,components"), ("limit", "100")];
            query.extend(after.as_deref().map(|cursor| ("after", cursor)));
            let page = self.call(Method::GET, &path, |request| request.query(&query)).await?;
            templates.extend(readable(&page, |template| Some(template.clone())));
            // The cursor, not the ready-made `next` address: that one would carry our token anywhere it names.
            after = next_cursor(&page);
            if after.is_none() {
                break;
            }
        }
        Ok(templates)
    }

    pub async fn phone_number(&self) -> Result<PhoneNumber, SendError> {
        const FIELDS: &str = "id,display_phone_number,verified_name,quality_rating,status,\
                              code_verification_status,platform_type";
        let path = &self.config.phone_number_id;
        let number = self.call(Method::GET, path, |request| request.query(&[("fields", FIELDS)])).await?;
        serde_json::from_value(number).map_err(|_| SendError::unknown("the answer describes no phone number"))
    }

    pub async fn subscribed_apps(&self) -> Result<Vec<SubscribedApp>, SendError> {
        let path = format!("{}/subscribed_apps", self.config.waba_id);
        let page = self.call(Method::GET, &path, |request| request).await?;
        Ok(readable(&page, |app| app.get("whatsapp_business_api_data").or(Some(app)).cloned()))
    }

    /// Makes Meta deliver the account's webhooks to the app of our token.
    pub async fn subscribe(&self) -> Result<(), SendError> {
        let path = format!("{}/subscribed_apps", self.config.waba_id);
        self.call(Method::POST, &path, |request| request.json(&json!({}))).await.map(drop)
    }
}

/// The elements of `data` that are what they should be; others are of a newer version than ours.
fn readable<T: for<'de> Deserialize<'de>>(page: &Value, pick: impl Fn(&Value) -> Option<Value>) -> Vec<T> {
    let elements = page.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    elements.iter().filter_map(pick).filter_map(|element| serde_json::from_value(element).ok()).collect()
}

fn next_cursor(page: &Value) -> Option<String> {
    let paging = page.get("paging")?;
    paging.get("next")?;
    Some(paging.get("cursors")?.get("after")?.as_str()?.to_owned())
}
