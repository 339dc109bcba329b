//! A stand-in that speaks Rasa's REST channel and its tracker: it says what it was told to say, and remembers what it heard.
//!
//! And a real Rasa, where somebody started one for the tests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use bots::Session;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub const TOKEN: &str = "rasa-token";

#[derive(Clone, Default)]
pub struct Rasa {
    /// The bodies of the channel, oldest first.
    pub heard: Arc<Mutex<Vec<Value>>>,
    /// The conversations that were paused.
    pub paused: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    /// Answers wait for a permit, when there is a gate.
    gate: Arc<Mutex<Option<Arc<Semaphore>>>>,
}

impl Rasa {
    /// Listens on 127.0.0.1; returns the address.
    pub async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/webhooks/rest/webhook", post(channel))
            .route("/conversations/{id}/tracker/events", post(tracker))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// What it answers next; without an answer in store it is silent.
    pub fn will_say(&self, messages: Value) {
        self.will_answer(200, &messages.to_string());
    }

    pub fn will_answer(&self, status: u16, body: &str) {
        self.answers.lock().unwrap().push_back((status, body.to_owned()));
    }

    /// From now on it thinks until it gets a permit.
    pub fn hesitate(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// The messages that it heard, without what came beside them.
    pub fn messages(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|body| body["message"].as_str().unwrap().to_owned()).collect()
    }
}

async fn channel(State(rasa): State<Rasa>, Json(body): Json<Value>) -> Response {
    rasa.heard.lock().unwrap().push(body);
    let gate = rasa.gate.lock().unwrap().clone();
    if let Some(gate) = gate {
        gate.acquire().await.unwrap().forget();
    }
    let answer = rasa.answers.lock().unwrap().pop_front();
    let (status, body) = answer.unwrap_or((200, "[]".to_owned()));
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

#[derive(serde::Deserialize)]
struct Asked {
    token: Option<String>,
}

/// Unlike the channel, the tracker wants the token.
async fn tracker(
    State(rasa): State<Rasa>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if asked.token.as_deref() != Some(TOKEN) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "status": "failure" })));
    }
    assert_eq!(body, json!({ "event": "pause" }));
    rasa.paused.lock().unwrap().push(id);
    (StatusCode::OK, Json(json!({ "paused": true })))
}

/// A Rasa that runs the bot of `tests/rasa`.
pub struct RealRasa {
    pub url: String,
    pub token: String,
    http: reqwest::Client,
}

impl RealRasa {
    pub fn from_env() -> Option<Self> {
        let url = std::env::var("SPORTELLO_TEST_RASA_URL").ok()?;
        let token =
            std::env::var("SPORTELLO_TEST_RASA_TOKEN").expect("SPORTELLO_TEST_RASA_TOKEN goes with the URL");
        Some(Self { url, token, http: reqwest::Client::new() })
    }

    /// What it knows of a conversation.
    pub async fn tracker(&self, session: &Session) -> Value {
        let url = format!("{}/conversations/{}/tracker", self.url, session.as_str());
        let response = self.http.get(url).query(&[("token", &self.token)]).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// What it answers to a message that does not come from the desk.
    pub async fn answers(&self, session: &Session, message: &str) -> Value {
        let body = json!({ "sender": session.as_str(), "message": message });
        let request = self.http.post(format!("{}/webhooks/rest/webhook", self.url)).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    }
}
