//! What a bot is told: in whose conversation, in which language, and what happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The event, and for Rasa the intent, with which a conversation begins.
pub const BEGIN: &str = "sportello_begin";
/// The event, and for Rasa the intent, that tells of a file.
pub const MEDIA: &str = "sportello_media";

/// A conversation with a bot. It says nothing of the customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session(String);

impl Session {
    /// 32 hexadecimal digits, the same for the same name; Dialogflow takes at most 36 bytes.
    pub fn of(name: &str) -> Self {
        Self(Sha256::digest(name.as_bytes()).iter().take(16).map(|byte| hex::encode([*byte])).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Turn {
    pub session: Session,
    /// `en`, `it` …
    pub language: String,
    pub said: Said,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Begin(Begin),
    Text(String),
    /// An option of the bot's own.
    Choice {
        payload: String,
        title: String,
    },
    /// No bot takes a file: it is told what was seen of it.
    Media(File),
}

/// What is known when the bot takes over.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Begin {
    pub flow: String,
    /// What the customer answered the flow, by the name it was saved under.
    pub answers: BTreeMap<String, String>,
    pub files: Vec<File>,
}

/// A file of the customer, as the flow knows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct File {
    /// `photo`, `video`, `voice`, `document`.
    pub kind: String,
    pub caption: Option<String>,
    /// `usable`, `doubtful`, `retake`; `None` while nobody has looked.
    pub verdict: Option<String>,
    /// Why it is not usable: `too_dark`, `out_of_focus` …
    pub reason: Option<String>,
    /// What is written on it, with what the desk masks as bullets.
    pub text: Option<String>,
    pub findings: Vec<Found>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// `entity.error_code`, `entity.serial`, `code.qr` …
    pub kind: String,
    pub value: String,
    /// 0.0 to 1.0, with two decimals.
    pub confidence: f64,
}

/// How a turn is put to a bot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put<'a> {
    /// Of the customer, to be understood.
    Words(&'a str),
    /// Of the bot, given back.
    Payload(&'a str),
    Event(&'static str),
}

impl Turn {
    /// `begin_with` names the answer that is said first, if there is such an answer.
    pub fn put(&self, begin_with: Option<&str>) -> Put<'_> {
        match &self.said {
            Said::Begin(begin) => {
                let words = begin_with.and_then(|name| begin.answers.get(name));
                words.map_or(Put::Event(BEGIN), |words| Put::Words(words))
            }
            Said::Text(text) => Put::Words(text),
            Said::Choice { payload, .. } => Put::Payload(payload),
            Said::Media(_) => Put::Event(MEDIA),
        }
    }

    /// What goes beside the words: the name of what happened, and what is known of it.
    pub fn facts(&self) -> Option<(&'static str, Value)> {
        match &self.said {
            Said::Begin(begin) => Some((BEGIN, json!(begin))),
            Said::Media(file) => Some((MEDIA, json!(file))),
            Said::Text(_) | Said::Choice { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_short_and_says_nothing() {
        let session = Session::of("01HZX3VJ9M6B7Q8R9S0TAVBWCX:3");
        assert_eq!(session.as_str().len(), 32);
        assert_eq!(session, Session::of("01HZX3VJ9M6B7Q8R9S0TAVBWCX:3"));
        assert_ne!(session, Session::of("01HZX3VJ9M6B7Q8R9S0TAVBWCX:4"));
    }

    #[test]
    fn the_first_words_are_those_of_the_named_answer() {
        let answers = BTreeMap::from([("topic".to_owned(), "my parcel".to_owned())]);
        let begin = Begin { flow: "triage".to_owned(), answers, files: Vec::new() };
        let turn = Turn { session: Session::of("x"), language: "en".to_owned(), said: Said::Begin(begin) };
        assert_eq!(turn.put(Some("topic")), Put::Words("my parcel"));
        assert_eq!(turn.put(Some("order")), Put::Event(BEGIN));
        assert_eq!(turn.put(None), Put::Event(BEGIN));
    }
}
