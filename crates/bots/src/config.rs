//! What a configuration says of a bot.

use std::{net::IpAddr, path::PathBuf};

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

/// A bot that a flow may hand a conversation to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Config {
    Rasa(Rasa),
    DialogflowEs(DialogflowEs),
    DialogflowCx(DialogflowCx),
}

/// Rasa by its REST channel. Keep it on a private network: its token does not protect that channel.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rasa {
    /// Where Rasa is, such as `http://rasa.internal:5005`.
    pub base_url: Url,
    /// What Rasa was started with (`--enable-api --auth-token`), for the pause at a hand-over.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
    /// The answer of the flow that the bot hears first, as if the customer had just said it, such as `first_message`.
    /// Without one, and without such an answer, it hears the intent `sportello_begin`.
    pub begin_with: Option<String>,
}

/// An agent of Dialogflow ES.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DialogflowEs {
    /// The project of the agent at Google.
    pub project: String,
    /// The agent's region, such as `europe-west1`; none for the global one.
    pub location: Option<String>,
    /// The environment, such as `production`; none for the draft.
    pub environment: Option<String>,
    /// The key of a service account that may use the agent: the JSON file from Google's console.
    pub credentials: PathBuf,
    /// Where Dialogflow is. Default: Google's address of the location.
    pub base_url: Option<Url>,
    /// Intents, by their name or their action, after which a person takes over; ES has no sign of its own for that.
    #[serde(default)]
    pub handover_intents: Vec<String>,
    /// The answer of the flow that the bot hears first, as if the customer had just said it, such as `first_message`.
    /// Without one, and without such an answer, it hears the event `sportello_begin`.
    pub begin_with: Option<String>,
}

/// An agent of Dialogflow CX (Conversational Agents).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DialogflowCx {
    /// The project of the agent at Google.
    pub project: String,
    /// The agent's region, such as `europe-west1`, or `global`.
    pub location: String,
    /// The agent's id, the last part of its name at Google.
    pub agent: String,
    /// The environment's id; none for the draft.
    pub environment: Option<String>,
    /// The key of a service account that may use the agent: the JSON file from Google's console.
    pub credentials: PathBuf,
    /// Where Dialogflow is. Default: Google's address of the location.
    pub base_url: Option<Url>,
    /// The answer of the flow that the bot hears first, as if the customer had just said it, such as `first_message`.
    /// Without one, and without such an answer, it hears the event `sportello_begin`.
    pub begin_with: Option<String>,
}

impl Config {
    /// What no type can say. Pure: nothing is opened.
    pub fn validate(&self) -> Result<(), String> {
        match self {
            Self::Rasa(rasa) => is_web("base_url", &rasa.base_url),
            Self::DialogflowEs(es) => {
                are_names(&[("project", Some(&es.project)), ("environment", es.environment.as_ref())])?;
                is_region(es.location.as_deref().unwrap_or("global"))?;
                es.base_url.as_ref().map_or(Ok(()), |url| is_safe("base_url", url))
            }
            Self::DialogflowCx(cx) => {
                let environment = ("environment", cx.environment.as_ref());
                are_names(&[("project", Some(&cx.project)), ("agent", Some(&cx.agent)), environment])?;
                is_region(&cx.location)?;
                cx.base_url.as_ref().map_or(Ok(()), |url| is_safe("base_url", url))
            }
        }
    }
}

/// A part of a name at Google becomes a part of a path.
fn are_names(parts: &[(&str, Option<&String>)]) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    let is_name = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_plain);
    let bad = parts.iter().filter_map(|(key, part)| Some((key, (*part)?))).find(|(_, part)| !is_name(part));
    bad.map_or(Ok(()), |(key, part)| {
        Err(format!("{key} is `{part}`; the id alone is wanted, as it stands in Google's console"))
    })
}

/// A region becomes a part of a host, too.
fn is_region(location: &str) -> Result<(), String> {
    if !location.is_empty() && location.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(());
    }
    Err(format!("location is `{location}`; a region such as europe-west1 is wanted"))
}

fn is_web(key: &str, url: &Url) -> Result<(), String> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(());
    }
    Err(format!("{key} is {url}; an address such as http://rasa.internal:5005 is wanted"))
}

/// With TLS, or on this machine: an access token goes there.
pub fn is_safe(key: &str, url: &Url) -> Result<(), String> {
    if is_private(url) {
        return Ok(());
    }
    Err(format!("{key} is {url}; only https is spoken, because an access token goes there"))
}

/// Whether nobody on the way reads what goes there: with TLS, or on this machine.
pub fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    (url.scheme() == "https" && url.has_host()) || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        toml::from_str::<Config>(text).map_err(|e| e.to_string()).and_then(|config| config.validate())
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_key() {
        let es = "kind = 'dialogflow_es'\nproject = 'desk'\ncredentials = 'key.json'\n";
        let cx = "kind = 'dialogflow_cx'\nproject = 'desk'\nlocation = 'global'\nagent = 'a-1'\ncredentials = 'key.json'\n";
        for good in [
            "kind = 'rasa'\nbase_url = 'http://rasa:5005'",
            es,
            cx,
            &format!("{es}base_url = 'http://127.0.0.1:4000'"),
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, key) in [
            ("kind = 'watson'".to_owned(), "watson"),
            ("kind = 'rasa'".to_owned(), "base_url"),
            ("kind = 'rasa'\nbase_url = 'unix:/run/rasa'".to_owned(), "base_url"),
            ("kind = 'rasa'\nbase_url = 'http://rasa:5005'\nproject = 'x'".to_owned(), "project"),
            (format!("{es}base_url = 'http://dialogflow.example.org'"), "https"),
            (format!("{es}location = 'eu/west'"), "location"),
            (cx.replace("'desk'", "''"), "project"),
            (cx.replace("'a-1'", "'projects/desk/agents/a-1'"), "agent"),
        ] {
            let why = check(&bad).unwrap_err();
            assert!(why.contains(key), "{bad}: {why}");
        }
    }
}
