//! What a sandbox with a folder remembers when it is started again.

use serde_json::json;

use crate::stage::{self, Receiver, Stage, jpeg};

#[tokio::test]
async fn a_restart_keeps_webhooks_media_and_ids() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    // Nobody can be reached at first.
    let first = stage::start(None, Some(dir.path().into())).await;
    let stage = Stage { sandbox: first, receiver, http: stage::client() };
    let before = stage.write(&[("as", "photo"), ("text", "here")], &[("a.jpg", jpeg(20, 20))]).await;
    stage.control("clock", json!({ "advance_s": 60 })).await;
    let Stage { sandbox, receiver, http } = stage;
    assert_eq!(sandbox.queued(), 1);
    sandbox.shutdown().await;

    let second = stage::start(Some(receiver.url.clone()), Some(dir.path().into())).await;
    let stage = Stage { sandbox: second, receiver, http };
    let message = stage.receiver.post().await.message();
    assert_eq!(message["id"], json!(before[0]));
    let id = message["image"]["id"].as_str().unwrap();
    let descriptor = stage.get(&format!("/{id}")).await;
    assert_eq!(stage.fetch(descriptor["url"].as_str().unwrap()).await.status(), 200);
    assert_eq!(stage.get("/sandbox/state").await["clock_offset_s"], 60);
    let after = stage.write(&[("as", "text"), ("text", "again")], &[]).await;
    assert_ne!(before, after);
    assert_eq!(stage.receiver.post().await.message()["id"], json!(after[0]));
    stage.control("reset", json!({})).await;
    let fresh = stage.write(&[("as", "text"), ("text", "fresh")], &[]).await;
    assert!(fresh != before && fresh != after);
}

#[tokio::test]
async fn a_torn_last_line_is_survived() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = stage::start(None, Some(dir.path().into())).await;
    let stage = Stage { sandbox, receiver: Receiver::start().await, http: stage::client() };
    stage.write(&[("as", "text"), ("text", "kept")], &[]).await;
    let Stage { sandbox, receiver, http } = stage;
    sandbox.shutdown().await;
    let path = dir.path().join("journal.jsonl");
    let mut journal = std::fs::read(&path).unwrap();
    journal.extend_from_slice(b"{\"row\":\"message\",\"val");
    std::fs::write(&path, journal).unwrap();
    let sandbox = stage::start(Some(receiver.url.clone()), Some(dir.path().into())).await;
    let stage = Stage { sandbox, receiver, http };
    assert_eq!(stage.receiver.post().await.message()["text"]["body"], "kept");
}

#[tokio::test]
async fn the_command_line_sends_and_turns() {
    let stage = Stage::new().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("one.jpg");
    std::fs::write(&path, jpeg(30, 20)).unwrap();
    let files = [path.clone(), path];
    let base = &stage.sandbox.base_url;
    let what =
        sandbox::client::Send { from: "+393331112223", way: "photo", files: &files, album: true, text: None };
    let ids = sandbox::client::send(base, what).await.unwrap();
    assert_eq!(ids.len(), 2);
    stage.receiver.posts(2).await;
    let now = sandbox::client::clock(base, std::time::Duration::from_secs(3_600)).await.unwrap();
    assert!(now.ends_with('Z'));
    let changes = json!({ "drop": 3 }).as_object().unwrap().clone();
    assert_eq!(sandbox::client::knobs(base, changes).await.unwrap()["drop"], 3);
    assert_eq!(sandbox::client::reset_knobs(base).await.unwrap()["drop"], 0);
    let missing = [dir.path().join("none.jpg")];
    let what = sandbox::client::Send { from: "+39333", way: "photo", files: &missing, ..Default::default() };
    assert!(sandbox::client::send(base, what).await.unwrap_err().to_string().contains("none.jpg"));
}
