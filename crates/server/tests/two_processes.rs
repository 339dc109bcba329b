//! One desk on several processes: a web process, workers that come and go, one PostgreSQL, one folder of files.
//!
//! What must hold: what the web process acknowledged is done by whatever worker lives, once, and the web
//! process's screens hear of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "support/program.rs"]
mod program;
mod support;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use program::{Api, Running, is_ready, ok, sportello, whatsapp};
use serde_json::{Value, json};
use support::{Engine, engines, fresh_postgres, picture};

const PATIENCE: Duration = Duration::from_secs(60);
const PHOTOS: usize = 12;

/// The folder of a process: its own data folder, and the database, the files and the master key of all.
async fn folder(graph: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let shared = dir.path().display();
    let database = fresh_postgres().await;
    let whatsapp = whatsapp(graph);
    for node in ["web", "one", "two"] {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"\n\
             [data]\ndir = \"{shared}/{node}\"\nmaster_key_file = \"{shared}/master.key\"\n\
             [database]\nurl = \"{database}\"\n[blobs]\nurl = \"file:{shared}/blobs\"\n{whatsapp}"
        );
        std::fs::write(dir.path().join(format!("{node}.toml")), text).unwrap();
    }
    dir
}

fn start(dir: &Path, node: &str, role: &str) -> Running {
    let settings = format!("{node}.toml");
    Running::start(sportello(dir, &["--config", &settings, "serve", "--role", role]))
}

/// The live events of the web process, as a console hears them.
async fn listen(api: &Api) -> Arc<Mutex<String>> {
    let request = api.http.get(format!("{}/api/v1/events", api.url)).bearer_auth(&api.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let heard = Arc::new(Mutex::new(String::new()));
    let kept = heard.clone();
    tokio::spawn(async move {
        let mut parts = response.bytes_stream();
        while let Some(Ok(part)) = parts.next().await {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&part));
        }
    });
    heard
}

/// A customer of the sandbox.
struct Customer {
    http: reqwest::Client,
    url: String,
}

impl Customer {
    async fn new(sandbox: &str) -> Self {
        let http = reqwest::Client::new();
        let body = json!({ "phone": "+393331112223", "name": "Zoë" });
        let made = http.post(format!("{sandbox}/sandbox/customers")).json(&body).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        let url = format!("{sandbox}/sandbox/customers/{}/messages", made["id"].as_str().unwrap());
        Self { http, url }
    }

    async fn send_photo(&self, width: u32) {
        let part = reqwest::multipart::Part::bytes(picture(width, 240)).file_name("p.png");
        let form = reqwest::multipart::Form::new().text("as", "photo").part("file", part);
        let sent = self.http.post(&self.url).multipart(form).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
    }

    /// How often the phone shows this text.
    async fn count(&self, text: &str) -> usize {
        let body: Value = self.http.get(&self.url).send().await.unwrap().json().await.unwrap();
        body["items"].as_array().unwrap().iter().filter(|m| m["text"] == text).count()
    }
}

fn ready_count(messages: &[Value]) -> usize {
    messages.iter().filter(|m| m["attachments"][0]["state"] == "ready").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_is_replaced_and_nothing_is_lost() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let clock = Arc::new(model::SystemClock);
    let sandbox = sandbox::start(sandbox::Config::default(), clock).await.unwrap();
    let dir = folder(&sandbox.base_url).await;
    // Both at once on an empty database and without a master key: one of them makes what both use.
    let mut web = start(dir.path(), "web", "web");
    let mut worker = start(dir.path(), "one", "worker");
    let (url, _) = web.addresses();
    worker.line_of(&worker.err.clone(), "sportello is ready");
    // Who may see a picture before it was read for what has to be black, and the dead letters.
    let ada = [
        "--config",
        "web.toml",
        "user",
        "add",
        "ada@example.org",
        "--name",
        "Ada",
        "--role",
        "administrator",
    ];
    ok(dir.path(), &ada);
    let token =
        ok(dir.path(), &["--config", "web.toml", "token", "add", "test", "--user", "ada@example.org"]);
    let api = Api { url: url.clone(), token: token.trim().to_owned(), http: reqwest::Client::new() };
    assert!(sandbox.set_webhook_url(&format!("{url}/webhooks/whatsapp")).await.unwrap());
    let zoe = Customer::new(&sandbox.base_url).await;

    // The thin path: web takes it, the worker makes it, the web process's screens hear of it.
    let heard = listen(&api).await;
    let began = Instant::now();
    zoe.send_photo(900).await;
    let photo = api.until(|all| is_ready(all, 1)).await.remove(0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let ticket = photo["ticket_id"].as_str().unwrap().to_owned();
    let news = format!("\"ticket_id\":\"{ticket}\"");
    while !heard.lock().unwrap().contains(&news) || !heard.lock().unwrap().contains("attachment") {
        assert!(began.elapsed() < PATIENCE, "{}", heard.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    thumb(&api, &photo).await;

    // A storm, and the worker dies in the middle of it.
    for width in (1_000..).take(PHOTOS) {
        zoe.send_photo(width).await;
    }
    let path = format!("/tickets/{ticket}/messages");
    let answered = api.http.post(format!("{url}/api/v1{path}")).bearer_auth(&api.token);
    assert_eq!(answered.json(&json!({ "text": "Arriviamo" })).send().await.unwrap().status(), 201);
    api.until(|all| ready_count(all) >= 3).await;
    worker.kill();
    let left = api.until(|_| true).await;
    assert!(ready_count(&left) < 1 + PHOTOS, "the kill came in the middle");
    let mut worker = start(dir.path(), "two", "worker");
    worker.line_of(&worker.err.clone(), "sportello is ready");

    let total = 2 + PHOTOS;
    let all = api.until(|all| is_ready(all, total) && all.iter().all(is_settled)).await;
    let ids: BTreeSet<&str> = all.iter().filter_map(|m| m["external_id"].as_str()).collect();
    assert_eq!(ids.len(), total, "each once");
    for message in all.iter().filter(|m| m["direction"] == "in") {
        thumb(&api, message).await;
    }
    assert_eq!(zoe.count("Arriviamo").await, 1);
    assert_eq!(api.get("/jobs?state=dead").await["items"], json!([]));
    let stats = api.get("/inbox/stats").await;
    assert_eq!((&stats["waiting"], &stats["quarantined"]), (&json!(0), &json!(0)));
    for running in [web, worker] {
        let (code, span) = running.terminate();
        assert!(code == Some(0) && span < Duration::from_secs(12), "{code:?} after {span:?}");
    }
    sandbox.shutdown().await;
}

/// Ours has gone out and was reported on; the customer's are what they are.
fn is_settled(message: &Value) -> bool {
    message["direction"] == "in" || matches!(message["status"].as_str(), Some("delivered" | "read"))
}

/// The thumbnail, served by the web process, opens.
async fn thumb(api: &Api, message: &Value) {
    let id = message["attachments"][0]["id"].as_str().unwrap();
    let request = api.http.get(format!("{}/api/v1/attachments/{id}/content?rendition=thumb", api.url));
    let bytes = request.bearer_auth(&api.token).send().await.unwrap().bytes().await.unwrap();
    image::load_from_memory(&bytes).unwrap();
}
