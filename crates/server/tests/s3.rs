//! Files in a bucket: what customers send is sealed, kept, shown and copied by way of S3, whatever the bucket's moods.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/s3.rs"]
mod s3;
mod support;

use std::{sync::atomic::Ordering, time::Duration};

use s3::{KEY_ID, S3};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::{backup, config::Config};
use support::{Desk, Engine, picture};

fn in_bucket(config: &mut Config, endpoint: &str) {
    config.blobs.url = Some("s3://desk/sealed".to_owned());
    config.blobs.s3_endpoint = Some(endpoint.to_owned());
    config.blobs.s3_region = Some("eu-south-1".to_owned());
    config.blobs.s3_access_key_id = Some(KEY_ID.to_owned());
    config.blobs.s3_secret_access_key = Some(SecretString::from("desk-secret".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_and_a_large_file_live_in_a_bucket() {
    let bucket = S3::default();
    let endpoint = bucket.start().await;
    let desk = Desk::start_with(Engine::Sqlite, |config| in_bucket(config, &endpoint)).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;

    // The bucket is out of order for a moment: nothing is lost by it.
    bucket.refusals.store(3, Ordering::SeqCst);
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(900, 700))]).await;
    desk.settle().await;
    let photo = desk.only_attachment().await;
    assert_eq!(photo["state"], "ready", "{photo:#}");
    let thumb = desk.content(&photo, "thumb").await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&thumb).unwrap().width(), 320);
    assert_eq!(bucket.multiparts.load(Ordering::SeqCst), 0, "a small file is one request");
    assert_eq!(bucket.refusals.load(Ordering::SeqCst), 0);

    let manual: Vec<u8> = (0..6_000_000u32).map(|n| u8::try_from(n * 31 % 251).unwrap()).collect();
    desk.send(&zoe, &[("as", "document")], &[("manual.bin", manual.clone())]).await;
    desk.settle().await;
    assert_eq!(bucket.multiparts.load(Ordering::SeqCst), 1, "a large one comes in parts");
    let files = desk.attachments().await;
    let file = files.iter().find(|file| file["file_name"] == "manual.bin").unwrap();
    assert_eq!(desk.content(file, "original").await.bytes().await.unwrap(), manual);
    let url = format!(
        "{}/api/v1/attachments/{}/content?rendition=original",
        desk.server.url(),
        file["id"].as_str().unwrap()
    );
    let part = desk.http.get(url).bearer_auth(&desk.token).header("range", "bytes=70000-70009");
    assert_eq!(part.send().await.unwrap().bytes().await.unwrap(), manual[70_000..70_010]);

    // Under the prefix, sealed, and each with its row.
    let kept = bucket.objects.lock().unwrap().clone();
    assert_eq!(kept.len(), 4, "two originals, two renditions");
    assert!(kept.iter().all(|(key, bytes)| {
        // The plain bytes repeat themselves every 251.
        let head = &bytes[..bytes.len().min(1_000)];
        key.starts_with("sealed/") && !head.windows(64).any(|window| window == &manual[..64])
    }));
    let app = &desk.server.app;
    assert_eq!(app.blobs.orphans(&app.db).await.unwrap(), (Vec::new(), Vec::new()));
    app.blobs.healthcheck(model::Clock::now(&*desk.clock)).await.unwrap();

    // A backup brings the bucket's files along, into a folder that needs no bucket.
    let to = desk.dir.path().join("copy");
    assert_eq!(backup::write(&desk.config, &to, true).await.unwrap().blobs, 4);
    let mut config = desk.config.clone();
    config.data.dir = desk.dir.path().join("restored");
    config.blobs = server::config::Blobs::default();
    assert_eq!(backup::restore(&config, &to).await.unwrap().blobs, 4);
    desk.finish().await;
}

/// A sentence for an agent: what happened and what comes of it, and nothing that an object store said.
fn says_what_is_next(told: &Value, next: &str) {
    let told = told.as_str().unwrap();
    assert!(told.contains("place") && told.contains(next), "{told}");
    for raw in ["blob store", "Generic", "S3", "http", "503", "403", "Error", "data/", "database"] {
        assert!(!told.contains(raw), "`{raw}` in: {told}");
    }
}

/// Uploads a file; the status and what is said.
async fn upload(desk: &Desk, bytes: Vec<u8>) -> (u16, Value) {
    let part = reqwest::multipart::Part::bytes(bytes).file_name("manual.bin");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = desk.http.post(format!("{}/api/v1/uploads", desk.server.url())).bearer_auth(&desk.token);
    let response = request.multipart(form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_for_files_that_is_away_is_told_in_words_and_loses_nothing() {
    let bucket = S3::default();
    let endpoint = bucket.start().await;
    let desk = Desk::start_with(Engine::Sqlite, |config| in_bucket(config, &endpoint)).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(300, 200))]).await;
    desk.settle().await;
    let here = desk.only_attachment().await;
    assert_eq!(here["state"], "ready", "{here:#}");

    bucket.refusals.store(usize::MAX, Ordering::SeqCst);
    let answer = desk.content(&here, "view").await;
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "files_unreachable");
    says_what_is_next(&body["error"]["message"], "try again");
    // A small file is refused at its end, a large one in the middle.
    for size in [900, 6_000_000] {
        let (status, body) = upload(&desk, vec![7; size]).await;
        assert_eq!((status, &body["error"]["code"]), (503, &json!("files_unreachable")), "{size}: {body}");
        says_what_is_next(&body["error"]["message"], "send it again");
    }
    desk.send(&zoe, &[("as", "document")], &[("a.txt", b"giri".to_vec())]).await;
    desk.settle().await;
    let files = desk.attachments().await;
    let waiting = files.iter().find(|file| file["file_name"] == "a.txt").unwrap();
    assert_eq!(waiting["state"], "failed", "{waiting:#}");
    says_what_is_next(&waiting["reason"], "fetched again by itself");
    assert!(desk.degraded().await.contains(&"files_unreachable".to_owned()));

    bucket.refusals.store(0, Ordering::SeqCst);
    desk.until_degraded("files_unreachable", false).await;
    desk.advance(Duration::from_secs(10 * 60));
    desk.settle().await;
    assert_eq!(desk.attachment(&waiting["id"]).await["state"], "ready");
    assert_eq!(upload(&desk, vec![7; 900]).await.0, 201);
    desk.finish().await;
}

/// A folder that somebody put a file in place of: as much out of reach as a disk that is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_is_told_in_words_too() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    let (folder, aside) = (desk.config.data.dir.join("blobs"), desk.config.data.dir.join("aside"));
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    let (status, body) = upload(&desk, b"giri".to_vec()).await;
    assert_eq!((status, &body["error"]["code"]), (503, &json!("files_unreachable")), "{body}");
    says_what_is_next(&body["error"]["message"], "send it again");
    desk.send(&zoe, &[("as", "document")], &[("a.txt", b"giri".to_vec())]).await;
    desk.settle().await;
    let file = desk.only_attachment().await;
    assert_eq!(file["state"], "failed", "{file:#}");
    says_what_is_next(&file["reason"], "fetched again by itself");
    assert!(desk.degraded().await.contains(&"files_unreachable".to_owned()));
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();
    desk.advance(Duration::from_secs(10 * 60));
    desk.settle().await;
    assert_eq!(desk.only_attachment().await["state"], "ready");
    desk.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_refuses_us_is_no_lost_file() {
    let bucket = S3::default();
    let endpoint = bucket.start().await;
    let desk = Desk::start_with(Engine::Sqlite, |config| {
        in_bucket(config, &endpoint);
        config.blobs.s3_access_key_id = Some("somebody-else".to_owned());
    })
    .await;
    let app = &desk.server.app;
    let refused = app.blobs.healthcheck(model::Clock::now(&*desk.clock)).await.unwrap_err().to_string();
    assert!(refused.contains("403") || refused.to_lowercase().contains("forbidden"), "{refused}");
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(64, 48))]).await;
    desk.settle().await;
    let photo = desk.only_attachment().await;
    assert_eq!(photo["state"], "failed", "it is tried again: {photo:#}");
    says_what_is_next(&photo["reason"], "fetched again by itself");
    assert!(photo["retry_at"].is_string(), "{photo:#}");
    // What the bucket said is where people who can mend it look.
    let system = desk.system().await;
    let state = system["degraded"].as_array().unwrap().iter().find(|s| s["code"] == "files_unreachable");
    let told = state.unwrap()["message"].as_str().unwrap();
    assert!(told.contains("403") || told.to_lowercase().contains("forbidden"), "{told}");
    assert!(told.contains("blobs.url"), "{told}");
    desk.close().await;
}
