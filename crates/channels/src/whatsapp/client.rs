//! The one part of the channel that talks to the network: Meta's Graph API and the hosts of its media.
//!
//! What must always hold: no redirect is followed and no proxy used; the token goes to the configured Graph host and to allow-listed
//! media hosts only, and appears in no error and no debug output; an address is resolved once and must be public
//! (except where the operator configured the host); every call has time-outs, every answer a size limit.

mod account;
mod address;
mod answer;
mod destination;
mod forms;
mod media;
mod resolver;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, multipart};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

pub use self::{
    account::{PhoneNumber, SubscribedApp, Template},
    answer::SendError,
    destination::Refusal,
    forms::{NewForm, UploadedKey},
    media::{Descriptor, Download, FetchError},
};
use self::{answer::Answer, destination::Destinations, resolver::GuardedResolver};
use super::{
    media_rules,
    render::{self, Recipient},
};

/// The version of the Graph API that Sportello is tested with.
pub const VERSION_DEFAULT: &str = "v25.0";
pub const BASE_URL_DEFAULT: &str = "https://graph.facebook.com";

/// How long we wait for Meta.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// A download without a single byte.
    pub idle: Duration,
    /// A call of the Graph API, answer included.
    pub call: Duration,
    /// The upload or the download of a file.
    pub transfer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(20),
            call: Duration::from_secs(30),
            transfer: Duration::from_secs(10 * 60),
        }
    }
}

/// One number of ours.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// [`BASE_URL_DEFAULT`], or the sandbox's address. Its host may be private and may do without TLS: the operator chose it.
    pub base_url: Url,
    /// [`VERSION_DEFAULT`].
    pub version: String,
    pub phone_number_id: String,
    pub waba_id: String,
    pub token: SecretString,
    /// Further hosts of media, beside Meta's and that of `base_url`:
    /// `cdn.example.com` or `*.example.com` (https, public addresses),
    /// or a whole origin `http://127.0.0.1:4000`, which is trusted as `base_url` is.
    pub media_hosts: Vec<String>,
    /// `Sportello/1.2.3`: Meta's media hosts refuse clients without a name.
    pub user_agent: String,
    pub timeouts: Timeouts,
}

/// Why no client can be made of a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("`{name}` is `{value}`; {expected}")]
    Setting { name: &'static str, value: String, expected: &'static str },
    #[error("`token` is empty or has characters that no token has; copy it from Meta's console again")]
    Token,
    #[error("cannot set up TLS: {0}; is the `ca-certificates` package installed?")]
    Tls(#[source] reqwest::Error),
}

/// What Meta answered when it took a message. Taken is not delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// `wamid…`
    pub external_id: String,
    /// `accepted`, `held_for_quality_assessment`, `paused`; often absent.
    pub message_status: Option<String>,
    /// The recipient as Meta knows them.
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
}

/// A client for one number. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    config: Arc<ClientConfig>,
    destinations: Arc<Destinations>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Client {
    /// Checks `config` and sets up TLS; nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        check(&config)?;
        let destinations = Destinations::new(&config.base_url, &config.media_hosts)?;
        let http = reqwest::Client::builder()
            .user_agent(&config.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(config.timeouts.connect)
            .pool_idle_timeout(Duration::from_secs(30))
            .dns_resolver(Arc::new(GuardedResolver::new(destinations.trusted_names())))
            .build()
            .map_err(ConfigError::Tls)?;
        Ok(Self { http, config: Arc::new(config), destinations: Arc::new(destinations) })
    }

    /// Hands a rendered message over. See [`SendError`] for what is known when it fails.
    pub async fn send(&self, body: &Value) -> Result<Accepted, SendError> {
        let answer =
            self.call(Method::POST, &self.number_path("messages"), |request| request.json(body)).await?;
        let first = |list: &str, key: &str| {
            let text = answer.get(list)?.get(0)?.get(key)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let external_id =
            first("messages", "id").ok_or_else(|| SendError::unknown("the answer names no message"))?;
        Ok(Accepted {
            external_id,
            message_status: first("messages", "message_status"),
            wa_id: first("contacts", "wa_id"),
            user_id: first("contacts", "user_id"),
        })
    }

    /// Uploads a file and returns its media id, good for 30 days.
    ///
    /// Name and type go out as Meta wants to see them ([`media_rules::upload_name`]).
    /// An upload whose fate is unknown can be repeated: an id that nobody uses costs nothing.
    pub async fn upload(&self, file_name: &str, mime: &str, bytes: Bytes) -> Result<String, SendError> {
        let (name, mime) = media_rules::upload_name(file_name, mime);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let part = multipart::Part::stream_with_length(bytes, length)
            .file_name(name)
            .mime_str(&mime)
            .map_err(|_| SendError::unreachable("the type of the file is not a media type"))?;
        let form = multipart::Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", mime)
            .part("file", part);
        let transfer = self.config.timeouts.transfer;
        let answer = self
            .call(Method::POST, &self.number_path("media"), |request| {
                request.multipart(form).timeout(transfer)
            })
            .await?;
        let id = answer.get("id").and_then(Value::as_str).filter(|id| media::is_media_id(id));
        id.map(str::to_owned).ok_or_else(|| SendError::unknown("the answer names no file"))
    }

    /// Shows the customer two blue ticks for this message and all before it; with `typing`, also that somebody is writing.
    pub async fn mark_read(&self, external_id: &str, typing: bool) -> Result<(), SendError> {
        let body = render::read_mark(external_id, typing);
        self.call(Method::POST, &self.number_path("messages"), |request| request.json(&body)).await.map(drop)
    }

    /// Refuses messages from these customers. Meta allows it only for those who wrote within 24 hours.
    pub async fn block_users(&self, users: &[Recipient]) -> Result<(), SendError> {
        self.blocking(Method::POST, users).await
    }

    pub async fn unblock_users(&self, users: &[Recipient]) -> Result<(), SendError> {
        self.blocking(Method::DELETE, users).await
    }

    async fn blocking(&self, method: Method, users: &[Recipient]) -> Result<(), SendError> {
        let named = |user: &Recipient| match user {
            Recipient::Phone(_) => json!({"user": user.member().1}),
            Recipient::UserId(id) => json!({"user_id": id}),
        };
        let users: Vec<Value> = users.iter().map(named).collect();
        let body = json!({"messaging_product": "whatsapp", "block_users": users});
        self.call(method, &self.number_path("block_users"), |request| request.json(&body)).await.map(drop)
    }

    /// One call of the Graph API, from the token to the answer's JSON.
    async fn call(
        &self,
        method: Method,
        path: &str,
        dress: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Value, SendError> {
        let answer = self.exchange(method, path, dress).await?;
        answer.into_json(&self.config.token)
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        dress: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, SendError> {
        let address = format!("{}/{path}", self.base());
        let request = self
            .http
            .request(method, address)
            .timeout(self.config.timeouts.call)
            .bearer_auth(self.config.token.expose_secret());
        let response = dress(request).send().await.map_err(|error| SendError::from_transport(&error))?;
        Ok(Answer::read(response).await)
    }

    fn base(&self) -> String {
        format!("{}/{}", self.config.base_url.as_str().trim_end_matches('/'), self.config.version)
    }

    fn number_path(&self, what: &str) -> String {
        format!("{}/{what}", self.config.phone_number_id)
    }
}

fn check(config: &ClientConfig) -> Result<(), ConfigError> {
    let setting = |name, value: &str, expected| {
        Err(ConfigError::Setting { name, value: value.chars().take(100).collect(), expected })
    };
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let base = &config.base_url;
    let has_user = !base.username().is_empty() || base.password().is_some();
    if !matches!(base.scheme(), "https" | "http") || !base.has_host() || has_user {
        return setting("base_url", base.as_str(), "write an address such as https://graph.facebook.com");
    }
    if base.query().is_some() || base.fragment().is_some() {
        return setting("base_url", base.as_str(), "leave out everything from `?` or `#` on");
    }
    let is_version = config
        .version
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if !is_version {
        return setting("version", &config.version, "write a version such as v25.0");
    }
    for (name, id) in [("phone_number_id", &config.phone_number_id), ("waba_id", &config.waba_id)] {
        if !is_plain(id) {
            return setting(
                name,
                id,
                "copy the id from Meta's console: digits, not the phone number with its +",
            );
        }
    }
    let token = config.token.expose_secret();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ConfigError::Token);
    }
    Ok(())
}
