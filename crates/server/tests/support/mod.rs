//! A whole desk for a test: the real server and the real sandbox on 127.0.0.1, on either engine.
//!
//! Both share one clock that stands still until the test moves it, and ids come from a seed.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on ends")]

use std::{path::PathBuf, sync::Arc, time::Duration};

use model::{Clock, Ids, ManualClock, Timestamp, access::Role, ids::UserId};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::{
    config::{Config, Number, WhatsApp},
    serve::{self, Roles, Server},
};
use sqlx::Executor as _;
use store::users;

/// 2026-11-22 12:00:00 UTC.
pub const NOON: Timestamp = Timestamp::from_secs(1_795_348_800);
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The engines that this run can use: `cargo dev test` brings a PostgreSQL, a bare `cargo test` has SQLite only.
pub fn engines() -> Vec<Engine> {
    match std::env::var("SPORTELLO_TEST_POSTGRES_URL") {
        Ok(_) => vec![Engine::Sqlite, Engine::Postgres],
        Err(_) => vec![Engine::Sqlite],
    }
}

pub struct Desk {
    pub server: Server,
    pub sandbox: sandbox::Running,
    pub clock: Arc<ManualClock>,
    pub http: reqwest::Client,
    pub token: String,
    pub config: Config,
    pub dir: tempfile::TempDir,
}

impl Desk {
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// A desk whose configuration is changed before it starts.
    pub async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_as(engine, Roles::ALL, change).await
    }

    /// A desk whose first process does a part of the work only.
    pub async fn start_as(engine: Engine, roles: Roles, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOON));
        let sandbox = sandbox::start(sandbox::Config::default(), clock.clone()).await.unwrap();
        let mut config = config(dir.path().join("data"), &sandbox.base_url);
        if engine == Engine::Postgres {
            config.database.url = Some(fresh_postgres().await);
        }
        change(&mut config);
        let server = serve_as(&config, roles, clock.clone()).await;
        sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await.unwrap();
        let token = token(&server).await;
        Self { server, sandbox, clock, http: reqwest::Client::new(), token, config, dir }
    }

    /// Ends the server and starts another on the same data: what a deployment does.
    pub async fn restart(self) -> Self {
        let Self { server, sandbox, clock, http, token, config, dir } = self;
        server.shutdown().await;
        let server = serve(&config, clock.clone()).await;
        sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await.unwrap();
        Self { server, sandbox, clock, http, token, config, dir }
    }

    /// Everything is done: nothing waits in the inbox, no job is due, no webhook is under way. Then the desk is closed.
    pub async fn finish(self) {
        self.settle().await;
        let dead = store::jobs::list(&self.server.app.db, "dead", "", 10).await.unwrap();
        assert!(dead.is_empty(), "dead letters: {dead:?}");
        self.close().await;
    }

    pub async fn close(self) {
        self.server.shutdown().await;
        self.sandbox.shutdown().await;
    }

    /// Waits until nothing is left to do at the present (standing) time.
    pub async fn settle(&self) {
        let app = &self.server.app;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut quiet = 0;
        while quiet < 2 {
            // In the direction in which work moves on, so that none slips past between two looks.
            let webhooks = self.sandbox.queued();
            let stats = app.inbox.stats().await.unwrap();
            let jobs = store::jobs::unfinished(&app.db, app.clock.now()).await.unwrap();
            let is_quiet = webhooks == 0 && stats.waiting == 0 && jobs == 0;
            quiet = if is_quiet { quiet + 1 } else { 0 };
            assert!(
                tokio::time::Instant::now() < deadline,
                "the desk does not come to rest: {stats:?}, jobs {jobs}, webhooks {webhooks}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whoever sleeps until a job is due is woken: it may be due by now.
    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
        self.server.app.db.announce(store::Notice::Job);
    }

    // The API, as a program uses it.

    pub async fn api(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.api_as(&self.token, method, path, body).await
    }

    /// The same desk in the hands of somebody else, by their token.
    pub async fn api_as(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.server.url()));
        answer(body.into_iter().fold(request.bearer_auth(token), |request, body| request.json(&body))).await
    }

    /// Somebody who works here, and a token that may do all that they may.
    pub async fn person(&self, name: &str, role: Role) -> (UserId, String) {
        let app = &self.server.app;
        let mut tx = app.db.begin().await.unwrap();
        let email = format!("{name}@example.org");
        let user = users::insert(&mut tx, &app.ids, &email, name, role, "no password", app.clock.now());
        let user = user.await.unwrap();
        let secret = users::new_secret(&app.ids);
        let new = users::NewToken { name, user: Some(&user), scopes: None, expires_at: None };
        users::add_token(&mut tx, &app.ids, &secret, &new, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        (user, secret)
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.api(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A second passes, then somebody does something: the timeline has an order to show.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.advance(Duration::from_secs(1));
        let (status, body) = self.api(Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// A second passes, then somebody changes the ticket.
    pub async fn change(&self, ticket: &Value, body: Value) -> Value {
        self.advance(Duration::from_secs(1));
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let (status, body) = self.api(Method::PATCH, &path, Some(body)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn tickets(&self) -> Vec<Value> {
        self.get("/tickets?limit=200").await["items"].as_array().unwrap().clone()
    }

    pub async fn only_ticket(&self) -> Value {
        let tickets = self.tickets().await;
        assert_eq!(tickets.len(), 1, "{tickets:#?}");
        tickets[0].clone()
    }

    pub async fn messages(&self, ticket: &Value) -> Vec<Value> {
        let id = ticket["id"].as_str().unwrap();
        self.get(&format!("/tickets/{id}/messages?limit=200")).await["items"].as_array().unwrap().clone()
    }

    /// Uploads a file to be sent; returns the attachment.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Value {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let request =
            self.http.post(format!("{}/api/v1/uploads", self.server.url())).bearer_auth(&self.token);
        let response = request.multipart(form).send().await.unwrap();
        assert_eq!(response.status(), 201);
        response.json().await.unwrap()
    }

    pub async fn content(&self, attachment: &Value, rendition: &str) -> reqwest::Response {
        let id = attachment["id"].as_str().unwrap();
        let url = format!("{}/api/v1/attachments/{id}/content?rendition={rendition}", self.server.url());
        self.http.get(url).bearer_auth(&self.token).send().await.unwrap()
    }

    /// The whole timeline of a ticket as an agent would read it aloud.
    pub async fn transcript(&self, ticket: &Value) -> String {
        let id = ticket["id"].as_str().unwrap();
        let items = self.get(&format!("/tickets/{id}/timeline?limit=200")).await;
        items["items"].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    // The customer.

    /// A customer of the sandbox, by number; made on first use.
    pub async fn customer(&self, phone: &str, name: &str) -> String {
        let customer = self.control("customers", json!({ "phone": phone, "name": name })).await;
        customer["id"].as_str().unwrap().to_owned()
    }

    /// Sends as the customer: fields of the sandbox's form, and files.
    pub async fn send(
        &self,
        customer: &str,
        fields: &[(&str, &str)],
        files: &[(&str, Vec<u8>)],
    ) -> Vec<String> {
        self.advance(Duration::from_secs(1));
        let mut form = reqwest::multipart::Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        for (name, bytes) in files {
            form = form
                .part("file", reqwest::multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned()));
        }
        let url = format!("{}/sandbox/customers/{customer}/messages", self.sandbox.base_url);
        let response = self.http.post(url).multipart(form).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{status} {body}");
        body["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    pub async fn say(&self, customer: &str, text: &str) -> String {
        self.send(customer, &[("as", "text"), ("text", text)], &[]).await.remove(0)
    }

    /// What the customer's phone shows.
    pub async fn chat(&self, customer: &str) -> Vec<Value> {
        let url = format!("{}/sandbox/customers/{customer}/messages", self.sandbox.base_url);
        let body: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        body["items"].as_array().unwrap().clone()
    }

    /// A call of the sandbox's control API.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        self.control_with(Method::POST, path, body).await
    }

    /// Changes a customer of the sandbox: a new number, a number that is shown from now on.
    pub async fn change_customer(&self, customer: &str, body: Value) -> Value {
        self.advance(Duration::from_secs(1));
        self.control_with(Method::PATCH, &format!("customers/{customer}"), body).await
    }

    async fn control_with(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.base_url);
        let response = self.http.request(method, url).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    // A webhook as Meta posts it, without the sandbox in between.

    /// Posts a body signed with the right secret; returns the status.
    pub async fn webhook(&self, body: impl Into<Vec<u8>>) -> u16 {
        let body = body.into();
        let signature = sign(&body);
        let request = self.http.post(format!("{}/webhooks/whatsapp", self.server.url()));
        request.header("x-hub-signature-256", signature).body(body).send().await.unwrap().status().as_u16()
    }
}

/// `X-Hub-Signature-256` of a body under the sandbox's secret.
async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub fn sign(body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let secret = sandbox::Config::default().app_secret;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A webhook with these messages of one customer.
pub fn webhook_of(phone: &str, messages: Vec<Value>) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "800000000000001", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "390612345678", "phone_number_id": "700000000000001" },
            "contacts": [{ "profile": { "name": "Zoë" }, "wa_id": phone }],
            "messages": messages,
        }}]}],
    })
}

pub fn text_message(phone: &str, id: &str, at: i64, body: &str) -> Value {
    json!({ "from": phone, "id": id, "timestamp": at.to_string(), "type": "text", "text": { "body": body } })
}

/// A small real picture.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
    });
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn config(data: PathBuf, graph_url: &str) -> Config {
    let sandbox = sandbox::Config::default();
    let mut config = Config::default();
    config.data.dir = data;
    config.server.listen = ([127, 0, 0, 1], 0).into();
    config.server.metrics_listen = None;
    config.media.worker = Some(PathBuf::from(env!("CARGO_BIN_EXE_sportello")));
    config.whatsapp = Some(WhatsApp {
        app_secrets: vec![SecretString::from(sandbox.app_secret)],
        verify_token: SecretString::from(sandbox.verify_token),
        graph_url: graph_url.parse().unwrap(),
        graph_version: "v25.0".to_owned(),
        is_sandbox: true,
        numbers: vec![Number {
            phone_number_id: sandbox.phone_number_id,
            waba_id: sandbox.waba_id,
            token: SecretString::from(sandbox.tokens[0].clone()),
            name: "Support".to_owned(),
            forms: std::collections::BTreeMap::new(),
        }],
    });
    config
}

pub async fn serve(config: &Config, clock: Arc<dyn Clock>) -> Server {
    serve_as(config, Roles::ALL, clock).await
}

pub async fn serve_as(config: &Config, roles: Roles, clock: Arc<dyn Clock>) -> Server {
    // A restart makes other ids than the start before: the seed is the folder's age in starts.
    let starts = std::fs::read_dir(&config.data.dir).map_or(0, Iterator::count);
    let ids = Arc::new(Ids::from_seed(u64::try_from(starts).unwrap()));
    serve::start(config.clone(), roles, clock, ids, None).await.unwrap()
}

async fn token(server: &Server) -> String {
    let app = &server.app;
    let hash = server::password::hash("correct horse battery").unwrap();
    let mut tx = app.db.begin().await.unwrap();
    let user = users::insert(
        &mut tx,
        &app.ids,
        "ada@example.org",
        "Ada",
        Role::Administrator,
        &hash,
        app.clock.now(),
    )
    .await
    .unwrap();
    let secret = users::new_secret(&app.ids);
    let new = users::NewToken { name: "test", user: Some(&user), scopes: None, expires_at: None };
    users::add_token(&mut tx, &app.ids, &secret, &new, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

/// A database of its own on the throw-away server, ordering text as people do and not by bytes: the desk must not care.
pub async fn fresh_postgres() -> String {
    let base = std::env::var("SPORTELLO_TEST_POSTGRES_URL").unwrap();
    let name = format!("test_{}", Ids::from_os().ulid(NOON).to_lowercase());
    let pool = sqlx::PgPool::connect(&base).await.unwrap();
    pool.execute(sqlx::AssertSqlSafe(format!(
        "create database {name} template template0 locale_provider icu icu_locale 'en-US'"
    )))
    .await
    .unwrap();
    pool.close().await;
    let mut url: url::Url = base.parse().unwrap();
    url.set_path(&name);
    url.to_string()
}

fn line(item: &Value) -> String {
    if item["type"] == "event" {
        let event = &item["event"];
        return format!("· {} {}", event["kind"].as_str().unwrap(), brief(&event["data"]));
    }
    let message = &item["message"];
    let who = if message["direction"] == "in" {
        "customer"
    } else {
        message["author"]["name"].as_str().unwrap_or("desk")
    };
    let text = message["text"].as_str().unwrap_or("");
    let mut line = format!("{who}: [{}] {text}", message["kind"].as_str().unwrap());
    for file in message["attachments"].as_array().unwrap() {
        let shown = file["renditions"].as_array().unwrap().len();
        line += &format!(
            " <{} {} {shown} renditions>",
            file["mime_type"].as_str().unwrap_or("?"),
            file["state"].as_str().unwrap()
        );
        if let Some(reason) = file["reason"].as_str() {
            line += &format!(" ({reason})");
        }
    }
    if let Some(quote) = message["reply_to"]["text"].as_str() {
        line += &format!(" ↩ {quote}");
    }
    for reaction in message["reactions"].as_array().unwrap() {
        line += &format!(" {}{}", reaction["emoji"].as_str().unwrap(), reaction["from"].as_str().unwrap());
    }
    if message["direction"] == "out" {
        line += &format!(" ({})", message["status"].as_str().unwrap());
    }
    if let Some(error) = message["error"]["message"].as_str() {
        line += &format!(" !{error}");
    }
    if message["edited_at"].is_string() {
        line += " edited";
    }
    if message["revoked_at"].is_string() {
        line += " revoked";
    }
    line.trim_end().to_owned()
}

/// Event data without ids, which differ from run to run.
fn brief(data: &Value) -> String {
    let Some(fields) = data.as_object() else { return String::new() };
    let is_id = |value: &Value| value.as_str().is_some_and(|v| v.len() == 26 && v.starts_with("01"));
    let shown =
        fields.iter().filter(|(key, value)| !key.ends_with("_id") && !value.is_null() && !is_id(value));
    // JSON's members have no order; which one they come in depends on what else is compiled in.
    let shown: std::collections::BTreeMap<_, _> = shown.collect();
    shown.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}
