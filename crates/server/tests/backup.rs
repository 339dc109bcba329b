//! A backup is worth what its restore brings back: counts, hashes, pictures that open.

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
#[path = "support/program.rs"]
mod program;
mod support;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use program::{ok, run};
use serde_json::{Value, json};
use server::{backup, config::Config, serve};
use sha2::{Digest as _, Sha256};
use support::{Desk, Engine, NOON, picture, text_message, webhook_of};

/// The same configuration on another folder.
fn moved(config: &Config, dir: &Path) -> Config {
    let mut config = config.clone();
    config.data.dir = dir.to_owned();
    config
}

/// What a desk holds: the channel's ids of its messages, and its files by hash.
async fn holds(desk: &Desk) -> (BTreeSet<String>, BTreeSet<String>) {
    let ids = desk
        .all_messages()
        .await
        .iter()
        .filter_map(|m| m["external_id"].as_str().map(str::to_owned))
        .collect();
    let mut files = BTreeSet::new();
    for file in desk.attachments().await {
        assert_eq!(file["state"], "ready", "{file:#}");
        let bytes = desk.content(&file, "original").await.bytes().await.unwrap();
        assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)));
        if file["mime_type"] == "image/jpeg" {
            let thumb = desk.content(&file, "thumb").await.bytes().await.unwrap();
            image::load_from_memory(&thumb).unwrap();
        }
        files.insert(file["sha256"].as_str().unwrap().to_owned());
    }
    (ids, files)
}

/// Stops the desk's server and goes on with one over `config`, on the same sandbox.
async fn over(desk: Desk, config: Config) -> Desk {
    let Desk { server, sandbox, clock, http, token, dir, .. } = desk;
    server.shutdown().await;
    let server = support::serve(&config, clock.clone()).await;
    sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await.unwrap();
    Desk { server, sandbox, clock, http, token, config, dir }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_brings_everything_back() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    for n in 0..4 {
        desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(300 + n, 200))]).await;
    }
    desk.settle().await;
    let before = holds(&desk).await;
    assert_eq!((before.0.len(), before.1.len()), (4, 4));

    let to = desk.dir.path().join("copy");
    let is_over = AtomicBool::new(false);
    let load = async {
        let mut sent = Vec::new();
        while !is_over.load(Ordering::SeqCst) {
            let id = format!("wamid.load{}", sent.len());
            let message = text_message("393331112223", &id, NOON.secs(), &id);
            assert_eq!(desk.webhook(webhook_of("393331112223", vec![message]).to_string()).await, 200);
            sent.push(id);
        }
        sent
    };
    let copy = async {
        let report = backup::write(&desk.config, &to, true).await;
        is_over.store(true, Ordering::SeqCst);
        report.unwrap()
    };
    let (sent, report) = tokio::join!(load, copy);
    assert!(report.blobs >= 12 && !sent.is_empty(), "{} blobs, {} messages", report.blobs, sent.len());
    desk.settle().await;

    let config = moved(&desk.config, &desk.dir.path().join("restored"));
    let restored = backup::restore(&config, &to).await.unwrap();
    assert_eq!((restored.blobs, restored.locked_contacts), (report.blobs, 0));
    let desk = over(desk, config).await;
    desk.settle().await;
    let after = holds(&desk).await;
    assert!(after.0.is_superset(&before.0) && after.1 == before.1, "{after:?}");
    // Whatever raw body the copy holds is on the desk: none was marked read and then left behind.
    let received = desk.stats().await["received"].as_i64().unwrap();
    let of_load = after.0.iter().filter(|id| id.starts_with("wamid.load")).count();
    assert_eq!(i64::try_from(of_load).unwrap() + 4, received, "every body of the copy is on the desk");
    let numbers: BTreeSet<usize> =
        after.0.iter().filter_map(|id| id.strip_prefix("wamid.load")?.parse().ok()).collect();
    assert!(numbers.iter().copied().eq(0..numbers.len()), "no gap: {numbers:?}");
    desk.say(&zoe, "still here").await;
    desk.finish().await;
}

#[tokio::test]
async fn a_restore_writes_over_nothing_and_says_which_key_it_needs() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(64, 48))]).await;
    desk.settle().await;
    let to = desk.dir.path().join("copy");
    backup::write(&desk.config, &to, false).await.unwrap();
    assert!(!to.join("master.key").exists());
    let again = backup::write(&desk.config, &to, false).await.err().unwrap().to_string();
    assert!(again.contains("not empty"), "{again}");

    for name in ["sportello.sqlite", "inbox.sqlite", "something"] {
        let dir = desk.dir.path().join(format!("used-{name}"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(name), "precious").unwrap();
        let error = backup::restore(&moved(&desk.config, &dir), &to).await.err().unwrap().to_string();
        assert!(error.contains(name) && error.contains("empty data folder"), "{error}");
        assert_eq!(std::fs::read(dir.join(name)).unwrap(), b"precious");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1, "nothing was added");
    }
    let empty = desk.dir.path().join("no-backup");
    std::fs::create_dir_all(&empty).unwrap();
    let config = moved(&desk.config, &desk.dir.path().join("new"));
    let error = backup::restore(&config, &empty).await.err().unwrap().to_string();
    assert!(error.contains("holds no backup"), "{error}");

    let report = backup::restore(&config, &to).await.unwrap();
    assert_eq!(report.locked_contacts, 1, "the key is not in the copy");
    let clock: std::sync::Arc<dyn model::Clock> = desk.clock.clone();
    let ids = std::sync::Arc::new(model::Ids::from_seed(1));
    let refused = serve::start(config.clone(), serve::Roles::ALL, clock, ids, None).await.err().unwrap();
    assert!(refused.to_string().contains("master key"), "{refused}");
    std::fs::copy(desk.config.master_key_file(), config.master_key_file()).unwrap();
    let desk = over(desk, config).await;
    assert_eq!(holds(&desk).await.1.len(), 1);
    desk.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_everything_opens_as_before() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    let max = desk.customer("+393334445556", "Max").await;
    for customer in [&zoe, &max] {
        desk.send(customer, &[("as", "photo")], &[("p.png", picture(64, 48))]).await;
    }
    desk.settle().await;
    let before = holds(&desk).await;
    let dir = desk.config.data.dir.clone();
    let settings = desk.dir.path().join("rotate.toml");
    std::fs::write(&settings, format!("[data]\ndir = {:?}\n", dir.display().to_string())).unwrap();
    let args = ["--config", settings.to_str().unwrap(), "keys", "rotate"];
    let refused = run(desk.dir.path(), &args);
    assert_eq!(refused.code, Some(1), "a running server knows the old key only: {}", refused.out);
    assert!(refused.err.contains("in use by another sportello"), "{}", refused.err);

    let Desk { server, sandbox, clock, http, token, config, dir } = desk;
    server.shutdown().await;
    let old = std::fs::read_to_string(config.master_key_file()).unwrap();
    let told = ok(dir.path(), &args);
    assert!(told.contains("2 contacts"), "{told}");
    let both = std::fs::read_to_string(config.master_key_file()).unwrap();
    assert!(both.ends_with(&old) && both.lines().count() == 2);
    // Everything was moved: the old key is not needed any more.
    std::fs::write(config.master_key_file(), both.lines().next().unwrap()).unwrap();
    let server = support::serve(&config, clock.clone()).await;
    sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await.unwrap();
    let desk = Desk { server, sandbox, clock, http, token, config, dir };
    assert_eq!(holds(&desk).await, before);
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(65, 48))]).await;
    desk.settle().await;
    assert_eq!(holds(&desk).await.1.len(), 2);
    let stats: Value = desk.stats().await;
    assert_eq!(stats["waiting"], json!(0));
    desk.finish().await;
}
