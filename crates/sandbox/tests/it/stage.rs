//! A sandbox, a business that receives, and what both say.

use std::{
    collections::HashMap,
    io::Cursor,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::{ManualClock, Timestamp};
use reqwest::multipart::{Form, Part};
use sandbox::{Config, Running};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc;

pub const NUMBER: &str = "700000000000001";
pub const WABA: &str = "800000000000001";
pub const PHONE: &str = "+393331112223";
const PATIENCE: Duration = Duration::from_secs(20);

/// One POST as it came in.
#[derive(Debug)]
pub struct Post {
    pub signature: Option<String>,
    pub user_agent: String,
    pub body: String,
}

impl Post {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn value(&self) -> Value {
        self.json()["entry"][0]["changes"][0]["value"].clone()
    }

    pub fn message(&self) -> Value {
        self.value()["messages"][0].clone()
    }

    pub fn is_signed(&self) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"sandbox-app-secret").unwrap();
        mac.update(self.body.as_bytes());
        self.signature == Some(format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
    }
}

/// The business's server: answers every POST with `status`.
pub struct Receiver {
    pub url: String,
    pub status: Arc<AtomicU16>,
    posts: tokio::sync::Mutex<mpsc::UnboundedReceiver<Post>>,
    put_back: Mutex<Vec<Post>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let (sender, posts) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let answer = (sender, status.clone());
        let app = Router::new().route("/hook", get(challenge).post(receive)).with_state(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, status, posts: tokio::sync::Mutex::new(posts), put_back: Mutex::default() }
    }

    /// The next POST; panics when none comes.
    pub async fn post(&self) -> Post {
        if let Some(post) = self.put_back.lock().unwrap().pop() {
            return post;
        }
        let mut posts = self.posts.lock().await;
        tokio::time::timeout(PATIENCE, posts.recv()).await.expect("a webhook within 20 s").unwrap()
    }

    pub async fn posts(&self, n: usize) -> Vec<Post> {
        let mut all = Vec::new();
        for _ in 0..n {
            all.push(self.post().await);
        }
        all
    }

    /// The next `n` statuses of our message, by name.
    pub async fn statuses(&self, n: usize) -> HashMap<String, Value> {
        let mut all = HashMap::new();
        for post in self.posts(n).await {
            let value = post.value();
            all.insert(value["statuses"][0]["status"].as_str().expect("a status").to_owned(), value);
        }
        all
    }

    /// Nothing has come: what was asked for last arrived, and there was nothing before or beside it.
    pub async fn is_quiet(&self) -> bool {
        self.posts.lock().await.try_recv().is_err()
    }
}

type Answer = (mpsc::UnboundedSender<Post>, Arc<AtomicU16>);

async fn challenge(Query(query): Query<HashMap<String, String>>) -> (StatusCode, String) {
    match query.get("hub.verify_token").map(String::as_str) {
        Some("sandbox-verify") => (StatusCode::OK, query["hub.challenge"].clone()),
        _ => (StatusCode::FORBIDDEN, String::new()),
    }
}

async fn receive(State((sender, status)): State<Answer>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned());
    let post = Post {
        signature: text("x-hub-signature-256"),
        user_agent: text("user-agent").unwrap_or_default(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    sender.send(post).unwrap();
    StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
}

pub struct Stage {
    pub sandbox: Running,
    pub receiver: Receiver,
    pub http: reqwest::Client,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(None).await
    }

    pub async fn with(dir: Option<PathBuf>) -> Self {
        let receiver = Receiver::start().await;
        let sandbox = start(Some(receiver.url.clone()), dir).await;
        Self { sandbox, receiver, http: client() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url)
    }

    /// The control API: POST, and the answer's JSON.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let response = self.http.post(self.url(&format!("/sandbox/{path}"))).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).bearer_auth("sandbox-token").send().await.unwrap().json().await.unwrap()
    }

    /// The business sends; status and body of the answer.
    pub async fn send(&self, body: Value) -> (u16, Value) {
        let url = self.url(&format!("/v23.0/{NUMBER}/messages"));
        let mut all = json!({ "messaging_product": "whatsapp", "to": PHONE });
        all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let response = self.http.post(url).bearer_auth("sandbox-token").json(&all).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub async fn customer(&self) -> String {
        let customer = self.control("customers", json!({ "phone": PHONE, "name": "Zoë" })).await;
        customer["id"].as_str().unwrap().to_owned()
    }

    /// The customer sends; the ids of the messages.
    pub async fn write(&self, fields: &[(&'static str, &str)], files: &[(&str, Vec<u8>)]) -> Vec<String> {
        let id = self.customer().await;
        let (status, body) = self.try_write(&id, fields, files).await;
        assert_eq!(status, 200, "{body}");
        body["ids"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    }

    pub async fn try_write(
        &self,
        id: &str,
        fields: &[(&'static str, &str)],
        files: &[(&str, Vec<u8>)],
    ) -> (u16, Value) {
        let mut form = Form::new();
        for (key, value) in fields {
            form = form.text(*key, (*value).to_owned());
        }
        for (name, bytes) in files {
            form = form.part("file", Part::bytes(bytes.clone()).file_name((*name).to_owned()));
        }
        let url = self.url(&format!("/sandbox/customers/{id}/messages"));
        let response = self.http.post(url).multipart(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The customer has just written, so the window is open; the webhook is taken away.
    pub async fn open_window(&self) -> String {
        let ids = self.write(&[("as", "text"), ("text", "ciao")], &[]).await;
        self.receiver.post().await;
        ids[0].clone()
    }

    pub async fn upload(&self, name: &str, mime: &str, bytes: Vec<u8>) -> (u16, Value) {
        let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap();
        let form = Form::new().text("messaging_product", "whatsapp").part("file", part);
        let url = self.url(&format!("/{NUMBER}/media"));
        let response = self.http.post(url).bearer_auth("sandbox-token").multipart(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub async fn fetch(&self, url: &str) -> reqwest::Response {
        self.http.get(url).bearer_auth("sandbox-token").send().await.unwrap()
    }
}

/// The clock stands still until the control API moves it.
pub async fn start(webhook_url: Option<String>, dir: Option<PathBuf>) -> Running {
    let config =
        Config { webhook_url, dir, retry_first: Duration::from_millis(5), ..Config::default() };
    let clock = ManualClock::at(Timestamp::from_secs(1_795_340_000));
    sandbox::start(config, Arc::new(clock)).await.unwrap()
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A picture with a colour for every corner, so that turning it shows.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { image::Rgb([250, 20, 20]) } else { image::Rgb([20, 20, 250]) }
    });
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    out.into_inner()
}
