//! Fault points: at each step of the path an error, a panic and a delay, under load; then everything drains.
//!
//! What must hold afterwards: acknowledged = stored = ticketed, each once; every file whole; every answer at most once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]
#![cfg(feature = "faults")]

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use fail::FailScenario;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{Desk, Engine, NOON, text_message, webhook_of};

const PATIENCE: Duration = Duration::from_secs(90);
const ERROR: &str = "6*return";
const PANIC: &str = "3*panic(a fault point)";
const DELAY: &str = "20*delay(15)";

/// One test a point; in a test an error, a panic and a delay, one after the other.
macro_rules! points {
    ($($name:ident: $point:literal,)+) => {$(
        #[tokio::test]
        async fn $name() {
            for action in [ERROR, PANIC, DELAY] {
                storm($point, action).await;
            }
        }
    )+};
}

points! {
    the_inbox_is_written: "inbox.write",
    the_inbox_is_committed: "inbox.commit",
    a_transaction_commits: "store.commit",
    a_transaction_has_committed: "store.committed",
    bodies_are_applied: "reader.apply",
    bodies_are_marked: "reader.mark",
    a_job_runs: "jobs.run",
    a_blob_ends: "blobs.finish",
    a_fetched_file_is_kept: "media.fetch.keep",
    renditions_are_kept: "media.render.keep",
    a_message_is_about_to_go: "message.send.before",
    a_message_has_gone: "message.send.after",
}

/// More than a job is tried.
const TRIES: usize = 25;

#[tokio::test]
async fn an_answer_whose_job_dies_says_so_and_can_be_sent_again() {
    let scenario = FailScenario::setup();
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.say(&zoe, "hello").await;
    desk.settle().await;
    let ticket = desk.only_ticket().await;
    fail::cfg("jobs.run", "return").unwrap();
    assert_eq!(answer(&desk, ticket["id"].as_str().unwrap(), "good morning").await, Some(201));
    for _ in 0..TRIES {
        desk.settle().await;
        desk.advance(Duration::from_secs(600));
    }
    desk.settle().await;
    fail::remove("jobs.run");
    let ours = async || {
        let messages = desk.messages(&ticket).await;
        messages.into_iter().find(|message| message["direction"] == "out").unwrap()
    };
    let sent = ours().await;
    assert_eq!(sent["status"], "failed", "{sent:#}");
    assert!(sent["error"]["message"].as_str().unwrap().contains("send it again"), "{sent:#}");
    desk.post(&format!("/messages/{}/retry", sent["id"].as_str().unwrap()), json!({})).await;
    desk.settle().await;
    assert_ne!(ours().await["status"], "failed");
    assert_eq!(desk.chat(&zoe).await.iter().filter(|line| line["direction"] == "in").count(), 1);
    desk.close().await;
    scenario.teardown();
}

/// After these it is not known whether a message went: `uncertain` is the truth then.
const AROUND_THE_SEND: [&str; 4] =
    ["message.send.before", "message.send.after", "store.commit", "store.committed"];

/// What was put in while things went wrong.
#[derive(Default)]
struct Load {
    /// The channel's ids of everything that customers sent and somebody acknowledged.
    sent: Vec<String>,
    /// SHA-256 of every file.
    files: Vec<String>,
    /// Answers that the API took (201), by text.
    answers: Vec<String>,
}

async fn storm(point: &str, action: &str) {
    let scenario = FailScenario::setup();
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    let mut load = Load { sent: vec![desk.say(&zoe, "before").await], ..Load::default() };
    desk.settle().await;
    let ticket = desk.only_ticket().await["id"].as_str().unwrap().to_owned();

    fail::cfg(point, action).unwrap();
    put_in(&desk, &zoe, &ticket, &mut load).await;
    drain(&desk).await;
    fail::remove(point);

    let desk = if desk.server.app.inbox.is_broken() { recover(desk, point, action).await } else { desk };
    // What the senders did not get rid of while the inbox was broken is there by now.
    acknowledged_by_hand(&desk, &mut load).await;
    drain(&desk).await;
    read_quarantine_again(&desk, action).await;
    check(&desk, point, action, &load).await;
    desk.close().await;
    scenario.teardown();
}

async fn put_in(desk: &Desk, zoe: &str, ticket: &str, load: &mut Load) {
    let max = desk.customer("+393334445556", "Max").await;
    for n in 0..3 {
        for (customer, name) in [(zoe, "zoe"), (&max, "max")] {
            load.sent.push(desk.say(customer, &format!("{name} {n}")).await);
        }
        let bytes = format!("manual {n} ").repeat(2_000).into_bytes();
        load.files.push(hex::encode(Sha256::digest(&bytes)));
        load.sent.extend(desk.send(zoe, &[("as", "document")], &[("manual.txt", bytes)]).await);
        let text = format!("answer {n}");
        if answer(desk, ticket, &text).await == Some(201) {
            load.answers.push(text);
        }
    }
    let picture = support::picture(400, 300);
    load.files.push(hex::encode(Sha256::digest(&picture)));
    load.sent.extend(desk.send(zoe, &[("as", "document")], &[("p.png", picture)]).await);
}

/// Posts an answer once; `None` when the connection broke.
async fn answer(desk: &Desk, ticket: &str, text: &str) -> Option<u16> {
    let url = format!("{}/api/v1/tickets/{ticket}/messages", desk.server.url());
    let request = desk.http.post(url).bearer_auth(&desk.token).json(&json!({ "text": text }));
    request.send().await.ok().map(|response| response.status().as_u16())
}

/// Webhooks of another sender, who repeats what was not acknowledged and forgets what was.
async fn acknowledged_by_hand(desk: &Desk, load: &mut Load) {
    for n in 0..10 {
        let id = format!("wamid.hand{n}");
        let body = webhook_of("393331112223", vec![text_message("393331112223", &id, NOON.secs(), &id)]);
        let mut tries = 0;
        while desk.webhook(body.to_string()).await != 200 {
            tries += 1;
            assert!(tries < 20, "never acknowledged");
        }
        load.sent.push(id);
    }
}

/// A broken inbox says so everywhere, acknowledges nothing, and is well after a restart.
async fn recover(desk: Desk, point: &str, action: &str) -> Desk {
    assert!(action != DELAY && point != "reader.apply", "{point} {action} must not break the inbox");
    let body = webhook_of("393331112223", vec![text_message("393331112223", "wamid.x", NOON.secs(), "x")]);
    for _ in 0..3 {
        assert_eq!(desk.webhook(body.to_string()).await, 503);
    }
    let ready = desk.http.get(format!("{}/readyz", desk.server.url())).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert!(desk.degraded().await.contains(&"inbox_broken".to_owned()), "told at once");
    let desk = desk.restart().await;
    let ready = desk.http.get(format!("{}/readyz", desk.server.url())).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert!(!desk.degraded().await.contains(&"inbox_broken".to_owned()));
    desk
}

/// Time passes until nothing is left to do; a broken inbox ends the wait, because only a restart helps it.
async fn drain(desk: &Desk) {
    let app = &desk.server.app;
    let began = Instant::now();
    let mut quiet = 0;
    while quiet < 3 && !app.inbox.is_broken() {
        desk.advance(Duration::from_secs(5));
        let _ = store::jobs::rescue(&app.db, app.clock.now(), false).await;
        let stats = app.inbox.stats().await.unwrap();
        let ready = store::jobs::count(&app.db, "ready").await.unwrap();
        let running = store::jobs::count(&app.db, "running").await.unwrap();
        let is_quiet = stats.waiting == 0 && ready == 0 && running == 0 && desk.sandbox.queued() == 0;
        quiet = if is_quiet { quiet + 1 } else { 0 };
        assert!(
            began.elapsed() < PATIENCE,
            "does not drain: {stats:?}, ready {ready}, running {running}, webhooks {}",
            desk.sandbox.queued()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A body that made the reader panic alone is in quarantine, shown, and readable once the reason is gone.
async fn read_quarantine_again(desk: &Desk, action: &str) {
    let kept = desk.quarantine().await;
    assert!(kept.is_empty() || action == PANIC, "{kept:#?}");
    for row in &kept {
        assert!(row["reason"].as_str().unwrap().contains("panicked"), "{row:#}");
        let (status, _) = desk.api(Method::POST, &format!("/inbox/{}/replay", row["id"]), None).await;
        assert_eq!(status, 204);
    }
    drain(desk).await;
}

async fn check(desk: &Desk, point: &str, action: &str, load: &Load) {
    let at = format!("{point} {action}");
    let stats = desk.stats().await;
    assert_eq!((&stats["waiting"], &stats["quarantined"]), (&json!(0), &json!(0)), "{at}");
    assert_eq!(desk.tickets().await.len(), 2, "{at}: one ticket a customer");
    let all = desk.all_messages().await;
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for message in all.iter().filter(|m| m["direction"] == "in") {
        *times.entry(message["external_id"].as_str().unwrap()).or_default() += 1;
    }
    for id in &load.sent {
        assert_eq!(times.remove(id.as_str()), Some(1), "{at}: {id}");
    }
    times.remove("wamid.x");
    assert!(times.is_empty(), "{at}: {times:?}");
    check_files(desk, &at, load).await;
    check_answers(desk, point, &at, &all, load).await;
    let dead = desk.dead_jobs().await;
    assert!(dead.is_empty(), "{at}: {dead:#?}");
    for db in [&desk.server.app.db, desk.server.app.inbox.db()] {
        db.integrity().await.unwrap();
    }
}

async fn check_files(desk: &Desk, at: &str, load: &Load) {
    let mut found = Vec::new();
    for file in desk.attachments().await {
        assert_eq!(file["state"], "ready", "{at}: {file:#}");
        let bytes = desk.content(&file, "original").await.bytes().await.unwrap();
        assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)), "{at}");
        if file["mime_type"] == "image/png" {
            assert_eq!(desk.content(&file, "thumb").await.status(), 200, "{at}");
        }
        found.push(file["sha256"].as_str().unwrap().to_owned());
    }
    found.sort();
    let mut expected = load.files.clone();
    expected.sort();
    assert_eq!(found, expected, "{at}");
    let (_, missing) = desk.server.app.blobs.orphans(&desk.server.app.db).await.unwrap();
    assert!(missing.is_empty(), "{at}: rows without their blob: {missing:?}");
}

async fn check_answers(desk: &Desk, point: &str, at: &str, all: &[Value], load: &Load) {
    let zoe = desk.customer("+393331112223", "Zoë").await;
    let chat = desk.chat(&zoe).await;
    for n in 0..3 {
        let text = format!("answer {n}");
        let arrived = chat.iter().filter(|m| m["text"] == text.as_str()).count();
        let ours: Vec<_> = all.iter().filter(|m| m["text"] == text.as_str()).collect();
        assert!(arrived <= 1 && ours.len() <= 1, "{at}: {text} arrived {arrived} times");
        let status = ours.first().map(|m| m["status"].as_str().unwrap().to_owned());
        if load.answers.contains(&text) {
            assert_eq!(ours.len(), 1, "{at}: {text} was taken");
        }
        match status.as_deref() {
            None => assert_eq!(arrived, 0, "{at}: {text}"),
            Some("uncertain") => {
                assert!(AROUND_THE_SEND.contains(&point), "{at}: {text} is uncertain");
                assert_eq!(arrived, 0, "{at}: a report would have settled what arrived");
            }
            Some(status) => assert_eq!((status, arrived), ("read", 1), "{at}: {text}"),
        }
    }
}

/// A picture of a tiled wall in little light.
fn dark_picture(light: u8) -> Vec<u8> {
    let wall = image::RgbImage::from_fn(900, 700, |x, y| {
        let seam = u8::from(x % 90 < 6 || y % 70 < 6);
        image::Rgb([light + seam * 46, light + seam * 45, light + 1 + seam * 44])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    wall.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

const MUCH_TOO_DARK: u8 = 4;
const RATHER_DARK: u8 = 26;

/// A flow that asks for a photo that is `must_be`.
fn show(must_be: &str) -> String {
    format!(
        r#"
flow: show
version: 1
about: Asks for a photo.
rollout: on
triggers: [first_message]
greeting: {{ en: "{{notice}}", it: "{{notice}}", es: "{{notice}}", pt: "{{notice}}", hi: "{{notice}}" }}
steps:
  photo:
    ask:
      text: {{ en: A photo please., it: Una foto., es: Una foto., pt: Uma foto., hi: एक फ़ोटो। }}
      for: {{ photo: {{ must_be: [{must_be}] }} }}
      save: photo
  person:
    hand_over: {{ why: Shown. }}
"#
    )
}

async fn rest(desk: &Desk, times: usize, step: Duration) {
    for _ in 0..times {
        desk.advance(step);
        desk.settle().await;
    }
}

/// How often the customer was told that their photo is too dark.
async fn told_of_the_dark(desk: &Desk, who: &str) -> usize {
    let chat = desk.chat(who).await;
    let texts = chat.iter().filter_map(|message| message["text"].as_str());
    texts.filter(|text| text.contains("La foto è troppo scura")).count()
}

#[tokio::test]
async fn who_sends_a_dark_photo_is_told_while_others_are_read() {
    // A photo that well-read text would save is waited for a little; what this flow takes in no case is not.
    let photos = [("", MUCH_TOO_DARK, false), ("bright", MUCH_TOO_DARK, true), ("bright", RATHER_DARK, true)];
    let scenario = FailScenario::setup();
    for (engine, (must_be, light, is_told_at_once)) in
        support::engines().into_iter().flat_map(|engine| photos.map(|photo| (engine, photo)))
    {
        let desk = Desk::start(engine).await;
        desk.post("/flows", json!({ "source": show(must_be) })).await;
        let (status, body) = desk.api(Method::PATCH, "/flows/show/1", Some(json!({ "rollout": "on" }))).await;
        assert_eq!(status, 200, "{body}");
        let zoe = desk.customer("+393331112223", "Zoë").await;
        desk.say(&zoe, "Buongiorno").await;
        desk.settle().await;
        rest(&desk, 3, Duration::from_secs(5)).await;
        // The reading of her photo does not come to an end.
        fail::cfg("media.analyze.keep", "return").unwrap();
        desk.send(&zoe, &[("as", "photo")], &[("p.png", dark_picture(light))]).await;
        desk.settle().await;
        let told = told_of_the_dark(&desk, &zoe).await;
        assert_eq!(told, usize::from(is_told_at_once), "{must_be} {light}");
        rest(&desk, 3, Duration::from_millis(700)).await;
        assert_eq!(told_of_the_dark(&desk, &zoe).await, 1, "{must_be} {light}: {:#?}", desk.chat(&zoe).await);
        fail::remove("media.analyze.keep");
        rest(&desk, 3, Duration::from_secs(10)).await;
        assert_eq!(told_of_the_dark(&desk, &zoe).await, 1, "what was read later says it once more");
        desk.finish().await;
    }
    scenario.teardown();
}

#[tokio::test]
async fn a_file_whose_job_died_says_so_and_can_be_tried_again() {
    for (point, doing) in [("media.fetch.keep", "fetched"), ("media.render.keep", "prepared")] {
        let scenario = FailScenario::setup();
        let desk = Desk::start(Engine::Sqlite).await;
        let zoe = desk.customer("+393331112223", "Zoë").await;
        fail::cfg(point, "return").unwrap();
        desk.send(&zoe, &[("as", "photo")], &[("p.png", support::picture(400, 300))]).await;
        desk.settle().await;
        while desk.dead_jobs().await.is_empty() {
            desk.advance(Duration::from_secs(600));
            desk.server.app.db.announce(store::Notice::Job);
            desk.settle().await;
        }
        let file = desk.only_attachment().await;
        let reason = file["reason"].as_str().unwrap_or_default();
        assert_eq!(file["state"], "expired", "{point}: {file}");
        assert!(reason.contains(doing) && reason.contains("try again"), "{point}: {reason}");
        let told = desk.transcript(&desk.only_ticket().await).await;
        assert!(told.contains("attachment.expired"), "{point}: {told}");

        fail::remove(point);
        let path = format!("/attachments/{}/retry", file["id"].as_str().unwrap());
        desk.post(&path, json!({})).await;
        desk.settle().await;
        let file = desk.only_attachment().await;
        assert_eq!((&file["state"], &file["reason"]), (&json!("ready"), &Value::Null), "{point}");
        assert_eq!(desk.content(&file, "thumb").await.status(), 200);
        desk.finish().await;
        scenario.teardown();
    }
}
