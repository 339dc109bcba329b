//! Rasa by its REST channel, and its tracker for the pause.
//!
//! Rasa's `--auth-token` protects the tracker and not the channel: Rasa belongs on a private network.

use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    config, custom,
    error::Error,
    http,
    reply::Reply,
    turn::{Put, Session, Turn},
};

pub struct Rasa {
    http: Client,
    base_url: Url,
    token: Option<SecretString>,
    begin_with: Option<String>,
}

/// A message of the REST channel.
#[derive(Deserialize)]
struct Message {
    text: Option<String>,
    #[serde(default)]
    buttons: Vec<Value>,
    image: Option<String>,
    #[serde(default)]
    custom: Value,
}

impl Rasa {
    pub fn new(config: &config::Rasa, http: Client) -> Self {
        Self {
            http,
            base_url: config.base_url.clone(),
            token: config.token.clone(),
            begin_with: config.begin_with.clone(),
        }
    }

    /// An empty array is a bot that is silent.
    pub async fn turn(&self, turn: &Turn) -> Result<Reply, Error> {
        let url = http::below(&self.base_url, &["webhooks", "rest", "webhook"]);
        let request = self.http.post(url).json(&body(turn, self.begin_with.as_deref()));
        Ok(read(http::answer(request).await?))
    }

    pub async fn pause(&self, session: &Session) -> Result<(), Error> {
        let url = http::below(&self.base_url, &["conversations", session.as_str(), "tracker", "events"]);
        let mut request = self.http.post(url).json(&json!({ "event": "pause" }));
        if let Some(token) = &self.token {
            request = request.query(&[("token", token.expose_secret())]);
        }
        http::sent(request).await.map(drop)
    }
}

fn body(turn: &Turn, begin_with: Option<&str>) -> Value {
    let message = match turn.put(begin_with) {
        // To Rasa a leading slash is an intent by its name: nobody outside chooses one.
        Put::Words(words) => words.trim_start_matches(|c: char| c == '/' || c.is_whitespace()).to_owned(),
        Put::Payload(payload) => payload.to_owned(),
        Put::Event(name) => format!("/{name}"),
    };
    let mut metadata = Map::from_iter([("language".to_owned(), json!(turn.language))]);
    metadata.extend(turn.facts().map(|(name, facts)| (name.to_owned(), facts)));
    json!({ "sender": turn.session.as_str(), "message": message, "metadata": metadata })
}

fn read(messages: Vec<Message>) -> Reply {
    let mut reply = Reply::default();
    for message in &messages {
        if let Some(text) = &message.text {
            reply.text(text);
        }
        reply.options(message.buttons.iter().filter_map(custom::button));
        if let Some(url) = &message.image {
            reply.picture(url);
        }
        custom::read(&message.custom, &mut reply);
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        reply::{Choice, Say, Then},
        turn::{File, Said},
    };

    fn turn(said: Said) -> Turn {
        Turn { session: Session::of("run:1"), language: "it".to_owned(), said }
    }

    /// As Rasa 3.6 writes it.
    #[test]
    fn reads_what_the_channel_answers() {
        let answer = r#"[
            { "recipient_id": "x", "text": "Which size?", "buttons": [{ "title": "Large", "payload": "/inform{\"size\":\"large\"}" }] },
            { "recipient_id": "x", "image": "https://example.org/sizes.png" },
            { "recipient_id": "x", "text": "", "attachment": null, "custom": { "handoff": true } }
        ]"#;
        let reply = read(serde_json::from_str(answer).unwrap());
        let large = Choice { title: "Large".to_owned(), payload: r#"/inform{"size":"large"}"#.to_owned() };
        let says = vec![
            Say::Choice { text: "Which size?".to_owned(), options: vec![large] },
            Say::Picture { url: "https://example.org/sizes.png".parse().unwrap() },
        ];
        assert_eq!(reply, Reply { says, then: Then::Person });
        assert_eq!(read(serde_json::from_str("[]").unwrap()), Reply::default());
        assert!(serde_json::from_str::<Vec<Message>>(r#"{"text":"no list"}"#).is_err());
    }

    #[test]
    fn a_customer_chooses_no_intent_and_a_button_does() {
        let message = |said| body(&turn(said), None)["message"].clone();
        assert_eq!(message(Said::Text(" //admin{\"a\":1}".to_owned())), "admin{\"a\":1}");
        let large = Said::Choice { payload: "/large".to_owned(), title: "Large".to_owned() };
        assert_eq!(message(large), "/large");
    }

    #[test]
    fn what_was_seen_goes_beside_the_message() {
        let file = File {
            kind: "photo".to_owned(),
            caption: None,
            verdict: Some("usable".to_owned()),
            reason: None,
            text: Some("E20".to_owned()),
            findings: Vec::new(),
        };
        let body = body(&turn(Said::Media(file)), None);
        assert_eq!(body["message"], "/sportello_media");
        assert_eq!(body["metadata"]["language"], "it");
        assert_eq!(body["metadata"]["sportello_media"]["text"], "E20");
    }
}
