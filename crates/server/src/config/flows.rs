//! Guided conversations, and whom they may ask.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::outgoing::Key;

/// Guided conversations.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Flows {
    /// Folder with flows of your own, kept in git: `NAME.yaml` or `NAME/flow.yaml`. A changed file counts within seconds.
    /// Default: `flows` in the data folder.
    pub dir: Option<PathBuf>,
    /// Systems that a flow may ask by name (`look_up: { in: { http: NAME } }`).
    pub connectors: BTreeMap<String, Connector>,
    /// Bots that a flow may hand a conversation to by name (`bot: { name: NAME, solved: STEP }`); docs/bots.md says how.
    pub bots: BTreeMap<String, bots::Config>,
    /// A file of payments with which disputes are compared, a JSON object a line: `reference`, `amount`, `currency`,
    /// `date` (2026-11-20), `status`, and if known `refunded`, `method` and the customer's `phone` (digits).
    pub payments: Option<PathBuf>,
    /// Your system that flows tell what happened (`act: { do: { event: { name: … } } }`); docs/events.md says how.
    pub events: Option<Events>,
}

/// A system that a flow may ask.
///
/// What the flow passes on is posted as a JSON object; 200 with a JSON object is an answer, 404 says that there is none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Where it is asked.
    pub url: Url,
    /// Sent as `Authorization: Bearer …`.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
}

/// Your system that flows tell what happened.
///
/// Each event is posted as JSON and signed as Standard Webhooks says; any 2xx takes it, and 410 refuses it for good.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Where events are posted: `https`, or `http` on this machine.
    pub url: Url,
    /// What events are signed with: `whsec_` and the base64 of 24 to 64 random bytes.
    /// `echo "whsec_$(openssl rand -base64 32)"` makes one.
    #[schemars(with = "Option<String>")]
    pub secret: Option<SecretString>,
    /// A file with the secret, in the place of `secret`.
    pub secret_file: Option<PathBuf>,
}

impl Events {
    fn validate(&self) -> Result<(), String> {
        if !bots::is_private(&self.url) {
            return Err(format!(
                "flows.events.url is {}; only https is spoken, except on this machine: events tell of customers",
                self.url
                    .host_str()
                    .map_or("not an address".to_owned(), |host| format!("{}://{host}/…", self.url.scheme()))
            ));
        }
        match (&self.secret, &self.secret_file) {
            (Some(secret), None) => Key::parse(secret).map(drop).map_err(|why| format!("flows.events.secret {why}")),
            (None, Some(_)) => Ok(()),
            (None, None) => Err(
                "flows.events has no secret: your system could not tell our events from others'. Add `secret` or `secret_file`"
                    .to_owned(),
            ),
            (Some(_), Some(_)) => {
                Err("flows.events has both `secret` and `secret_file`; keep one of them".to_owned())
            }
        }
    }
}

impl Flows {
    pub(super) fn validate(&self) -> Result<(), String> {
        for (name, bot) in &self.bots {
            bot.validate().map_err(|why| format!("flows.bots.{name}: {why}"))?;
        }
        self.events.as_ref().map_or(Ok(()), Events::validate)
    }
}
