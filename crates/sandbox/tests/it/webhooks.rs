//! Webhooks: delivered until they get their 200, and spoiled on request.

use std::sync::{Arc, atomic::Ordering};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::stage::{Stage, WABA, jpeg};

async fn say(stage: &Stage, words: &str) -> String {
    stage.write(&[("as", "text"), ("text", words)], &[]).await[0].clone()
}

#[tokio::test]
async fn a_refused_webhook_comes_again_unchanged() {
    let stage = Stage::new().await;
    stage.receiver.status.store(503, Ordering::SeqCst);
    let id = say(&stage, "perché? 50% < 1/2 @ Zoë").await;
    let first = stage.receiver.post().await;
    let second = stage.receiver.post().await;
    assert!(first.is_signed() && second.is_signed());
    assert_eq!(first.body, second.body);
    stage.receiver.status.store(200, Ordering::SeqCst);
    let items = loop_until(&stage, |chat| chat["items"][0]["status"] == "delivered").await;
    assert_eq!(items["items"][0]["id"], json!(id));
    let state = stage.get("/sandbox/state").await;
    assert_eq!(state["webhook_state"]["queued"], 0);
    assert_eq!(state["webhook_state"]["last_status"], 200);
}

/// The chat, once it is as expected; every delivery is announced by an event, so nothing is polled blindly.
async fn loop_until(stage: &Stage, done: impl Fn(&Value) -> bool) -> Value {
    let mut events = stage.http.get(stage.url("/sandbox/events")).send().await.unwrap();
    loop {
        let chat = stage.get("/sandbox/customers/c1/messages").await;
        if done(&chat) {
            return chat;
        }
        events.chunk().await.unwrap().expect("more events");
    }
}

#[tokio::test]
async fn duplicates_are_the_same_bytes() {
    let stage = Stage::new().await;
    stage.control("knobs", json!({ "duplicate": 2 })).await;
    say(&stage, "once").await;
    let posts = stage.receiver.posts(3).await;
    assert!(posts.iter().all(|p| p.body == posts[0].body));
}

#[tokio::test]
async fn reorder_sends_the_newest_first() {
    let stage = Stage::new().await;
    stage.control("knobs", json!({ "reorder": true })).await;
    let files: Vec<_> = (0..3).map(|_| ("a.jpg", jpeg(20, 20))).collect();
    let ids = stage.write(&[("as", "photo"), ("album", "true")], &files).await;
    let seen: Vec<_> = stage.receiver.posts(3).await.iter().map(|p| p.message()["id"].clone()).collect();
    let expected: Vec<_> = ids.iter().rev().map(|id| json!(id)).collect();
    assert_eq!(seen, expected);
}

/// An album is due at once; a receiver that takes its time gets it in the order of the phone all the same.
#[tokio::test]
async fn what_one_customer_sends_goes_out_one_after_the_other() {
    let (stage, gate) = (Stage::new().await, Arc::new(Semaphore::new(0)));
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let receive = {
        let gate = gate.clone();
        async move |body: String| {
            let body: Value = serde_json::from_str(&body).unwrap();
            sender.send(body["entry"][0]["changes"][0]["value"]["messages"][0]["id"].clone()).unwrap();
            gate.acquire().await.unwrap().forget();
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let hook = axum::Router::new().route("/hook", axum::routing::post(receive));
    tokio::spawn(async move { axum::serve(listener, hook).await.unwrap() });
    stage.sandbox.set_webhook_url(&url).await.unwrap();

    let files: Vec<_> = (0..4).map(|_| ("a.jpg", jpeg(20, 20))).collect();
    let album = stage.write(&[("as", "photo"), ("album", "true")], &files).await;
    let ann = stage.control("customers", json!({ "phone": "+393334445556", "name": "Ann" })).await;
    let ann = ann["id"].as_str().unwrap();
    let (_, said) = stage.try_write(ann, &[("as", "text"), ("text", "me too")], &[]).await;
    let first = [seen.recv().await.unwrap(), seen.recv().await.unwrap()];
    assert_eq!(first, [json!(album[0]), said["ids"][0].clone()], "another customer does not wait");
    assert!(seen.try_recv().is_err(), "the second photo waits for the first one's answer");
    gate.add_permits(10);
    for id in &album[1..] {
        assert_eq!(seen.recv().await.unwrap(), json!(id));
    }
}

#[tokio::test]
async fn a_batch_is_one_post_with_every_update() {
    let stage = Stage::new().await;
    stage.control("knobs", json!({ "batch": 4 })).await;
    let files: Vec<_> = (0..4).map(|_| ("a.jpg", jpeg(20, 20))).collect();
    let ids = stage.write(&[("as", "photo"), ("album", "true")], &files).await;
    let post = stage.receiver.post().await;
    assert!(post.is_signed());
    let body = post.json();
    let mut seen = Vec::new();
    for entry in body["entry"].as_array().unwrap() {
        assert_eq!(entry["id"], WABA);
        for change in entry["changes"].as_array().unwrap() {
            seen.extend(change["value"]["messages"].as_array().unwrap().iter().map(|m| m["id"].clone()));
        }
    }
    assert_eq!(seen, ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
}

#[tokio::test]
async fn dropped_webhooks_never_come() {
    let stage = Stage::new().await;
    stage.control("knobs", json!({ "drop": 1 })).await;
    let lost = say(&stage, "lost").await;
    let kept = say(&stage, "kept").await;
    assert_eq!(stage.receiver.post().await.message()["id"], json!(kept));
    assert!(stage.receiver.is_quiet().await);
    let log = stage.get("/sandbox/webhooks?limit=10").await;
    let dropped = log["items"].as_array().unwrap().iter().find(|row| row["status"].is_null()).unwrap();
    assert!(dropped["body"].as_str().unwrap().contains(&lost.replace('/', "\\/")));
}

#[tokio::test]
async fn a_bad_signature_is_bad() {
    let stage = Stage::new().await;
    stage.control("knobs", json!({ "bad_signature": true })).await;
    say(&stage, "who am I?").await;
    let post = stage.receiver.post().await;
    assert!(post.signature.is_some() && !post.is_signed());
    stage.control("knobs/reset", json!({})).await;
    say(&stage, "me").await;
    assert!(stage.receiver.post().await.is_signed());
}

#[tokio::test]
async fn raw_bytes_are_signed_as_they_are() {
    let stage = Stage::new().await;
    for (header, signed) in [(None, Some(true)), (Some("bad"), Some(false)), (Some("none"), None)] {
        let mut request = stage.http.post(stage.url("/sandbox/webhooks/raw")).body("{ not json");
        if let Some(header) = header {
            request = request.header("x-sandbox-signature", header);
        }
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["status"], 200);
        let post = stage.receiver.post().await;
        assert_eq!(post.body, "{ not json");
        assert_eq!(post.signature.as_ref().map(|_| post.is_signed()), signed);
    }
    // Larger than a receiver takes: it is the receiver that refuses, not the sandbox.
    let huge = stage.http.post(stage.url("/sandbox/webhooks/raw")).body(vec![b' '; 5 * 1024 * 1024]);
    let answer: Value = huge.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"], 413);
}

#[tokio::test]
async fn a_week_later_meta_gives_up() {
    let stage = Stage::new().await;
    stage.receiver.status.store(500, Ordering::SeqCst);
    say(&stage, "hello?").await;
    stage.receiver.post().await;
    stage.control("clock", json!({ "advance_s": 7 * 86_400 + 1 })).await;
    let mut events = stage.http.get(stage.url("/sandbox/events")).send().await.unwrap();
    while stage.sandbox.queued() > 0 {
        events.chunk().await.unwrap().expect("more events");
    }
}

#[tokio::test]
async fn the_handshake_and_the_subscription() {
    let stage = Stage::new().await;
    assert!(stage.sandbox.set_webhook_url(&stage.receiver.url).await.unwrap());
    assert_eq!(stage.get("/sandbox/state").await["webhook_state"]["handshake"], "ok");
    let apps = stage.get(&format!("/{WABA}/subscribed_apps")).await;
    assert_eq!(apps["data"].as_array().unwrap().len(), 1);

    let url = stage.url(&format!("/{WABA}/subscribed_apps"));
    let http = &stage.http;
    let wrong = json!({ "override_callback_uri": stage.receiver.url, "verify_token": "wrong" });
    let answer = http.post(&url).bearer_auth("sandbox-token").json(&wrong).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 2_200);
    http.delete(&url).bearer_auth("sandbox-token").send().await.unwrap();
    assert_eq!(stage.get(&format!("/{WABA}/subscribed_apps")).await["data"], json!([]));
    say(&stage, "nobody listens").await;
    http.post(&url).bearer_auth("sandbox-token").send().await.unwrap();
    let kept = say(&stage, "somebody does").await;
    assert_eq!(stage.receiver.post().await.message()["id"], json!(kept));
}

#[tokio::test]
async fn only_this_machine_turns_the_knobs() {
    let stage = Stage::new().await;
    let cases = [
        ("host", "evil.example"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ];
    for (name, value) in cases {
        let answer = stage.http.get(stage.url("/sandbox/state")).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
    }
    let own = stage.http.get(stage.url("/sandbox/state")).header("origin", &stage.sandbox.base_url);
    assert_eq!(own.send().await.unwrap().status(), 200);
    let bad =
        stage.http.post(stage.url("/sandbox/knobs")).json(&json!({ "duplicat": 1 })).send().await.unwrap();
    assert!(bad.status() == 400 && bad.text().await.unwrap().contains("duplicat"));
}
