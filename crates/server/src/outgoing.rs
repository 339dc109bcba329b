//! Telling the operator's system that something happened: one POST, signed as Standard Webhooks says
//! (<https://www.standardwebhooks.com>).
//!
//! It goes to the configured address and nowhere else: no redirect is followed. Of the answer the status counts and
//! nothing else is read.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Timestamp;
use reqwest::{Client, StatusCode, header, redirect::Policy, retry};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::Sha256;
use url::Url;

use crate::{
    app::USER_AGENT,
    config::{Config, Events},
    error::StartError,
};

/// Connecting, sending and hearing the status together.
const TIMEOUT: Duration = Duration::from_secs(10);
const PREFIX: &str = "whsec_";
const KEY_BYTES_MIN: usize = 24;
const KEY_BYTES_MAX: usize = 64;

/// What events are signed with.
#[derive(Clone)]
pub struct Key(SecretSlice<u8>);

impl Key {
    /// Reads `whsec_…`. What is wrong with it is said without a letter of it.
    pub fn parse(secret: &SecretString) -> Result<Self, String> {
        let text = secret.expose_secret().trim();
        let bytes = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
        match bytes {
            Some(bytes) if (KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&bytes.len()) => Ok(Self(bytes.into())),
            Some(bytes) => Err(format!(
                "holds {} bytes; {KEY_BYTES_MIN} to {KEY_BYTES_MAX} are needed, as `echo \"whsec_$(openssl rand -base64 32)\"` makes them",
                bytes.len()
            )),
            None => Err(format!(
                "is not `{PREFIX}` and base64; make one with `echo \"whsec_$(openssl rand -base64 32)\"`"
            )),
        }
    }

    /// `v1,` and the base64 of the HMAC-SHA256 of id, time and body with dots between them.
    fn sign(&self, id: &str, secs: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(format!("{id}.{secs}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl Told {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Failed(_) => "failed",
        }
    }
}

/// The operator's system, ready to be told.
pub struct Receiver {
    url: Url,
    key: Key,
    http: Client,
}

/// What became of one try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Taken,
    /// 410: it wants none of this.
    Refused,
    /// It may work later; why not now, for a person.
    Failed(String),
}

impl Receiver {
    /// Reads what the configuration names; nothing is sent. `None` without `[flows.events]`.
    pub fn open(config: &Config) -> Result<Option<Self>, StartError> {
        let Some(events) = &config.flows.events else { return Ok(None) };
        let key = Key::parse(&secret(events)?)
            .map_err(|why| StartError::Config(format!("the secret of [flows.events] {why}")))?;
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy();
        let http = client.build().map_err(|e| StartError::Config(format!("flows.events: {e}")))?;
        Ok(Some(Self { url: events.url.clone(), key, http }))
    }

    /// The host, for people; a path may hold a word that is not theirs to read.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Posts `body` under an id that stays the same over all tries.
    pub async fn tell(&self, id: &str, body: &str, now: Timestamp) -> Told {
        let request = self
            .http
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.secs())
            .header("webhook-signature", self.key.sign(id, now.secs(), body))
            .body(body.to_owned());
        match request.send().await.map(|response| response.status()) {
            Ok(status) if status.is_success() => Told::Taken,
            Ok(StatusCode::GONE) => Told::Refused,
            Ok(status) => Told::Failed(format!("it answered {status}")),
            Err(error) if error.is_timeout() => {
                Told::Failed(format!("it did not answer within {} seconds", TIMEOUT.as_secs()))
            }
            // Its text may name the address.
            Err(error) if error.is_connect() => Told::Failed("it could not be reached".to_owned()),
            Err(error) => Told::Failed(format!("it broke off: {}", error.without_url())),
        }
    }
}

fn secret(events: &Events) -> Result<SecretString, StartError> {
    match (&events.secret, &events.secret_file) {
        (Some(secret), _) => Ok(secret.clone()),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(SecretString::from)
            .map_err(|source| StartError::Io { path: path.display().to_string(), source }),
        (None, None) => Err(StartError::Config("flows.events has no secret".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn a_known_signature_comes_out() {
        let key = Key::parse(&SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signed = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_told_without_a_letter_of_it() {
        for (bad, says) in [
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(), "is not `whsec_`"),
            ("whsec_not base64!".to_owned(), "is not `whsec_`"),
            (format!("whsec_{}", STANDARD.encode([7; 23])), "holds 23 bytes"),
            (format!("whsec_{}", STANDARD.encode([7; 65])), "holds 65 bytes"),
            (String::new(), "openssl rand"),
        ] {
            let why = Key::parse(&SecretString::from(bad.clone())).map(drop).unwrap_err();
            let body = bad.trim_start_matches(PREFIX);
            assert!(why.contains(says) && (body.is_empty() || !why.contains(body)), "{bad}: {why}");
        }
        for length in [24, 64] {
            assert!(
                Key::parse(&SecretString::from(format!("whsec_{}\n", STANDARD.encode(vec![7; length]))))
                    .is_ok()
            );
        }
    }
}
