//! Media of both sides: how long they live, and every way a download can go wrong.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::stage::{NUMBER, Stage, jpeg};

#[tokio::test]
async fn a_file_goes_up_and_comes_down() {
    let stage = Stage::new().await;
    let sent = jpeg(64, 48);
    let (status, body) = stage.upload("p.jpg", "image/jpeg", sent.clone()).await;
    let id = body["id"].as_str().unwrap().to_owned();
    assert!(status == 200 && id.len() <= 32 && id.chars().all(|c| c.is_ascii_digit()));
    let descriptor = stage.get(&format!("/v21.0/{id}?phone_number_id={NUMBER}")).await;
    assert_eq!(descriptor["sha256"], hex::encode(Sha256::digest(&sent)));
    assert_eq!(descriptor["file_size"], sent.len());
    let url = descriptor["url"].as_str().unwrap();
    let whole = stage.fetch(url).await;
    assert_eq!(whole.headers()["content-type"], "image/jpeg");
    assert_eq!(whole.bytes().await.unwrap(), sent);
    for (range, expected) in
        [("bytes=0-9", &sent[..10]), ("bytes=10-", &sent[10..]), ("bytes=-5", &sent[sent.len() - 5..])]
    {
        let part =
            stage.http.get(url).bearer_auth("sandbox-token").header("range", range).send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(part.bytes().await.unwrap(), expected, "{range}");
    }
    let refused = stage.http.get(url).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], 190);
    assert_eq!(stage.fetch(&url.replace("hash=", "hash=0")).await.status(), 404);
    let gone =
        stage.http.delete(stage.url(&format!("/{id}"))).bearer_auth("sandbox-token").send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap(), json!({ "success": true }));
    assert_eq!(stage.get(&format!("/{id}")).await["error"]["error_subcode"], 33);
    assert_eq!(stage.fetch(url).await.status(), 404);
}

#[tokio::test]
async fn addresses_live_minutes_and_ids_live_days() {
    let stage = Stage::new().await;
    stage.write(&[("as", "photo")], &[("a.jpg", jpeg(20, 20))]).await;
    let image = stage.receiver.post().await.message()["image"].clone();
    let theirs = image["id"].as_str().unwrap();
    let (_, body) = stage.upload("p.jpg", "image/jpeg", jpeg(20, 20)).await;
    let ours = body["id"].as_str().unwrap().to_owned();
    let bytes = stage.fetch(image["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert_eq!(image["sha256"], STANDARD.encode(Sha256::digest(&bytes)));

    let advance = |s: u64| stage.control("clock", json!({ "advance_s": s }));
    advance(299).await;
    assert_eq!(stage.fetch(image["url"].as_str().unwrap()).await.status(), 200);
    advance(1).await;
    assert_eq!(stage.fetch(image["url"].as_str().unwrap()).await.status(), 404);
    let again = stage.get(&format!("/{theirs}")).await;
    assert_eq!(stage.fetch(again["url"].as_str().unwrap()).await.status(), 200);
    advance(7 * 86_400).await;
    assert_eq!(stage.get(&format!("/{theirs}")).await["error"]["code"], 100);
    assert_eq!(stage.get(&format!("/{ours}")).await["id"], json!(ours));
    advance(23 * 86_400).await;
    assert_eq!(stage.get(&format!("/{ours}")).await["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn every_way_a_download_goes_wrong() {
    let stage = Stage::new().await;
    let sent = jpeg(64, 48);
    let (_, body) = stage.upload("p.jpg", "image/jpeg", sent.clone()).await;
    let id = body["id"].as_str().unwrap().to_owned();
    let resolve = async || stage.get(&format!("/{id}")).await["url"].as_str().unwrap().to_owned();
    let url = resolve().await;
    let knob = |way: &str| stage.control("knobs", json!({ "download": way }));

    knob("truncate").await;
    let cut = stage.fetch(&url).await;
    assert_eq!(cut.content_length(), Some(sent.len() as u64));
    assert!(cut.bytes().await.is_err());
    knob("wrong_bytes").await;
    let wrong = stage.fetch(&url).await.bytes().await.unwrap();
    assert!(wrong.len() == sent.len() && wrong != sent);
    knob("html").await;
    assert!(stage.fetch(&url).await.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    knob("redirect_private").await;
    let moved = stage.fetch(&url).await;
    assert!(
        moved.status().is_redirection() && moved.headers()["location"].to_str().unwrap().contains("169.254.")
    );
    knob("private_url").await;
    assert!(resolve().await.starts_with("http://169.254."));
    knob("endless").await;
    let mut endless = stage.fetch(&url).await;
    let mut got = 0;
    while got < 2_000_000 {
        got += endless.chunk().await.unwrap().unwrap().len();
    }
    knob("ok").await;
    stage.control("knobs", json!({ "expire_media": true })).await;
    assert_eq!(stage.fetch(&url).await.status(), 404);
    assert_eq!(stage.get(&format!("/{id}")).await["error"]["error_subcode"], 33);
    stage.control("knobs/reset", json!({})).await;
    stage
        .control(
            "knobs",
            json!({ "fail_next": [{ "status": 500, "code": 131_000, "times": 1, "endpoint": "download" }] }),
        )
        .await;
    assert_eq!(stage.fetch(&url).await.status(), 500);
    assert_eq!(stage.fetch(&url).await.bytes().await.unwrap(), sent);
}

#[tokio::test]
async fn what_meta_does_not_take() {
    let stage = Stage::new().await;
    let cases = [
        ("a.svg", "image/svg+xml", vec![1], 100),
        ("a.jpg", "image/jpeg", vec![], 100),
        ("a.jpg", "image/jpeg", vec![0; 5 * 1_024 * 1_024 + 1], 131_053),
        ("a.mp4", "video/mp4", vec![0; 16 * 1_024 * 1_024 + 1], 131_053),
    ];
    for (name, mime, bytes, code) in cases {
        let (status, body) = stage.upload(name, mime, bytes).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(code)), "{name} {body}");
    }
    // What it takes and then does not deliver.
    stage.open_window().await;
    let late = [
        ("voice.opus", "audio/ogg", b"OggS".to_vec(), "audio"),
        ("a.ogg", "audio/opus", b"OggS".to_vec(), "audio"),
        ("a.jpg", "image/jpeg", b"no picture".to_vec(), "image"),
    ];
    for (name, mime, bytes, kind) in late {
        let (_, body) = stage.upload(name, mime, bytes).await;
        let (status, sent) = stage.send(json!({ "type": kind, kind: { "id": body["id"] } })).await;
        assert_eq!(status, 200, "{sent}");
        let value = stage.receiver.post().await.value();
        assert_eq!(value["statuses"][0]["status"], "failed", "{name}");
        assert_eq!(value["statuses"][0]["errors"][0]["code"], 131_053);
        assert!(value["contacts"].is_null());
    }
}
