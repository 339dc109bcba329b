//! Dialogflow CX, `v3`: one `detectIntent` a turn. Its language stands beside the input, not in it as in ES.

use std::sync::Arc;

use model::Clock;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    config, custom,
    dialogflow_es::address,
    error::{Error, OpenError},
    google::Account,
    http,
    reply::{Reply, Then},
    turn::{Put, Session, Turn},
};

pub struct DialogflowCx {
    http: Client,
    account: Account,
    config: config::DialogflowCx,
    base_url: Url,
}

impl DialogflowCx {
    pub fn open(
        config: &config::DialogflowCx,
        http: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let account = Account::open(&config.credentials, http.clone(), clock)?;
        let base_url = config.base_url.clone().unwrap_or_else(|| address(Some(&config.location)));
        Ok(Self { http, account, config: config.clone(), base_url })
    }

    pub async fn turn(&self, turn: &Turn) -> Result<Reply, Error> {
        let request = self.http.post(self.url(&turn.session));
        let body = body(turn, self.config.begin_with.as_deref());
        let answer: Answer = self.account.answer(request.json(&body)).await?;
        Ok(read(&answer.query_result))
    }

    fn url(&self, session: &Session) -> Url {
        let config = &self.config;
        let mut path = vec!["v3", "projects", &config.project, "locations", &config.location];
        path.extend(["agents", &config.agent]);
        if let Some(environment) = &config.environment {
            path.extend(["environments", environment]);
        }
        let call = format!("{}:detectIntent", session.as_str());
        path.extend(["sessions", &call]);
        http::below(&self.base_url, &path)
    }
}

/// What is known becomes parameters of the session, which stay until it ends.
fn body(turn: &Turn, begin_with: Option<&str>) -> Value {
    let query = match turn.put(begin_with) {
        Put::Words(text) | Put::Payload(text) => {
            json!({ "text": { "text": text }, "languageCode": turn.language })
        }
        Put::Event(name) => json!({ "event": { "event": name }, "languageCode": turn.language }),
    };
    let mut body = json!({ "queryInput": query });
    if let (Some((name, facts)), Some(object)) = (turn.facts(), body.as_object_mut()) {
        object.insert("queryParams".to_owned(), json!({ "parameters": { name: facts } }));
    }
    body
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    query_result: QueryResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryResult {
    #[serde(default)]
    response_messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    text: Option<Text>,
    #[serde(default)]
    payload: Value,
    live_agent_handoff: Option<Value>,
    end_interaction: Option<Value>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    text: Vec<String>,
}

fn read(result: &QueryResult) -> Reply {
    let mut reply = Reply::default();
    for message in &result.response_messages {
        for text in message.text.iter().flat_map(|text| &text.text) {
            reply.text(text);
        }
        custom::read(&message.payload, &mut reply);
        if message.live_agent_handoff.is_some() {
            reply.then(Then::Person);
        }
        if message.end_interaction.is_some() {
            reply.then(Then::Solved);
        }
    }
    reply
}
