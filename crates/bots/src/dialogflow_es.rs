//! Dialogflow ES, `v2`: one `detectIntent` a turn.

use std::sync::Arc;

use model::Clock;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    config, custom,
    error::{Error, OpenError},
    google::Account,
    http,
    reply::{Choice, Reply, Then, clip},
    turn::{Put, Session, Turn},
};

/// Google's limit of a text (`TextInput`); CX states none.
const TEXT_CHARS_MAX: usize = 256;

pub struct DialogflowEs {
    http: Client,
    account: Account,
    config: config::DialogflowEs,
    base_url: Url,
}

impl DialogflowEs {
    pub fn open(
        config: &config::DialogflowEs,
        http: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let account = Account::open(&config.credentials, http.clone(), clock)?;
        let base_url = config.base_url.clone().unwrap_or_else(|| address(config.location.as_deref()));
        Ok(Self { http, account, config: config.clone(), base_url })
    }

    pub async fn turn(&self, turn: &Turn) -> Result<Reply, Error> {
        let request = self.http.post(self.url(&turn.session));
        let body = body(turn, self.config.begin_with.as_deref());
        let answer: Answer = self.account.answer(request.json(&body)).await?;
        Ok(read(answer.query_result, &self.config.handover_intents))
    }

    fn url(&self, session: &Session) -> Url {
        let mut path = vec!["v2", "projects", &self.config.project];
        if let Some(location) = &self.config.location {
            path.extend(["locations", location]);
        }
        path.push("agent");
        if let Some(environment) = &self.config.environment {
            // `-` stands for a user that is not told apart.
            path.extend(["environments", environment, "users", "-"]);
        }
        let call = format!("{}:detectIntent", session.as_str());
        path.extend(["sessions", &call]);
        http::below(&self.base_url, &path)
    }
}

/// Google's address of a region; the global one is without.
pub fn address(location: Option<&str>) -> Url {
    let host = match location {
        Some(location) if location != "global" => format!("https://{location}-dialogflow.googleapis.com"),
        _ => "https://dialogflow.googleapis.com".to_owned(),
    };
    Url::parse(&host).unwrap_or_else(|_| unreachable!("the configuration is checked for a region"))
}

fn body(turn: &Turn, begin_with: Option<&str>) -> Value {
    let facts = turn.facts();
    let query = match turn.put(begin_with) {
        Put::Words(text) | Put::Payload(text) => {
            json!({ "text": { "text": clip(text, TEXT_CHARS_MAX), "languageCode": turn.language } })
        }
        Put::Event(name) => {
            let known = facts.as_ref().map(|(_, facts)| facts);
            json!({ "event": { "name": name, "parameters": known, "languageCode": turn.language } })
        }
    };
    let mut body = json!({ "queryInput": query });
    if let (Some((name, facts)), Some(object)) = (facts, body.as_object_mut()) {
        object.insert("queryParams".to_owned(), json!({ "payload": { name: facts } }));
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
    action: String,
    #[serde(default)]
    fulfillment_text: String,
    #[serde(default)]
    fulfillment_messages: Vec<Message>,
    intent: Option<Intent>,
    #[serde(default)]
    webhook_payload: Value,
    #[serde(default)]
    diagnostic_info: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intent {
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    end_interaction: bool,
    #[serde(default)]
    live_agent_handoff: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    platform: Option<String>,
    text: Option<Text>,
    image: Option<Image>,
    quick_replies: Option<QuickReplies>,
    card: Option<Card>,
    #[serde(default)]
    payload: Value,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    text: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    #[serde(default)]
    image_uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuickReplies {
    #[serde(default)]
    title: String,
    #[serde(default)]
    quick_replies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    #[serde(default)]
    title: String,
    #[serde(default)]
    subtitle: String,
    #[serde(default)]
    image_uri: String,
    #[serde(default)]
    buttons: Vec<Button>,
}

#[derive(Deserialize)]
struct Button {
    #[serde(default)]
    text: String,
    #[serde(default)]
    postback: String,
}

fn read(result: QueryResult, handover_intents: &[String]) -> Reply {
    let mut reply = Reply::default();
    // Messages for one of the platforms that Google knows stand beside those for everybody.
    let is_for_all = |message: &&Message| {
        message.platform.as_deref().is_none_or(|platform| platform == "PLATFORM_UNSPECIFIED")
    };
    for message in result.fulfillment_messages.iter().filter(is_for_all) {
        add(message, &mut reply);
    }
    if reply.says.is_empty() {
        reply.text(&result.fulfillment_text);
    }
    custom::read(&result.webhook_payload, &mut reply);
    let is_listed = |name: &str| handover_intents.iter().any(|listed| listed == name);
    let intent = result.intent.as_ref();
    if is_listed(&result.action)
        || intent.is_some_and(|intent| intent.live_agent_handoff || is_listed(&intent.display_name))
    {
        reply.then(Then::Person);
    }
    let is_end = result.diagnostic_info.get("end_conversation").and_then(Value::as_bool) == Some(true);
    if is_end || intent.is_some_and(|intent| intent.end_interaction) {
        reply.then(Then::Solved);
    }
    reply
}

fn add(message: &Message, reply: &mut Reply) {
    for text in message.text.iter().flat_map(|text| &text.text) {
        reply.text(text);
    }
    if let Some(image) = &message.image {
        reply.picture(&image.image_uri);
    }
    if let Some(quick) = &message.quick_replies {
        reply.text(&quick.title);
        reply.options(quick.quick_replies.iter().map(|title| Choice::named(title)));
    }
    if let Some(card) = &message.card {
        add_card(card, reply);
    }
    custom::read(&message.payload, reply);
}

fn add_card(card: &Card, reply: &mut Reply) {
    reply.picture(&card.image_uri);
    reply.text(&format!("{}\n{}", card.title, card.subtitle));
    // A postback may be an address instead of words to be said.
    let (links, said): (Vec<&Button>, Vec<&Button>) =
        card.buttons.iter().partition(|button| button.postback.starts_with("https://"));
    reply.options(said.iter().map(|button| Choice {
        title: button.text.clone(),
        payload: if button.postback.is_empty() { button.text.clone() } else { button.postback.clone() },
    }));
    for link in links {
        reply.text(&format!("{}: {}", link.text, link.postback));
    }
}
