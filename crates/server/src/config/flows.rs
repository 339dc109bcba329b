//! Guided conversations, and whom they may ask.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

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

impl Flows {
    pub(super) fn validate(&self) -> Result<(), String> {
        for (name, bot) in &self.bots {
            bot.validate().map_err(|why| format!("flows.bots.{name}: {why}"))?;
        }
        Ok(())
    }
}
