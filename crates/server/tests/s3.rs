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

use std::sync::atomic::Ordering;

use s3::{KEY_ID, S3};
use secrecy::SecretString;
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
    assert!(photo["reason"].as_str().unwrap().contains("blob store"), "{photo:#}");
    desk.close().await;
}
