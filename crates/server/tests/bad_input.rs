//! Bad input: each kind has a clear outcome, costs its neighbours nothing, and loses nothing.

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
mod support;

use std::time::Duration;

use hostile::png_of;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::Connection as _;
use support::{Desk, Engine, NOON, picture, sign, text_message, webhook_of};

const PHONE: &str = "393331112223";

fn text(id: &str, body: &str) -> Value {
    text_message(PHONE, id, NOON.secs(), body)
}

fn good(id: &str) -> String {
    webhook_of(PHONE, vec![text(id, "fine")]).to_string()
}

// The receiver.

#[tokio::test]
async fn a_body_over_4_mib_is_refused_and_one_of_4_mib_is_kept() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let desk = Desk::start(Engine::Sqlite).await;
    let mut body = good("wamid.large").into_bytes();
    body.resize(LIMIT, b' ');
    assert_eq!(desk.webhook(body.clone()).await, 200);
    body.push(b' ');
    assert_eq!(desk.webhook(body).await, 413);
    desk.settle().await;
    assert_eq!(desk.stats().await["received"], 1);
    assert_eq!(desk.all_messages().await.len(), 1);
    desk.close().await;
}

#[tokio::test]
async fn without_the_right_signature_nothing_is_stored_and_nothing_is_told() {
    let desk = Desk::start(Engine::Sqlite).await;
    let body = good("wamid.a");
    let right = sign(body.as_bytes());
    let hex = right.strip_prefix("sha256=").unwrap();
    let other = sign(b"another body");
    for (given, why) in [
        (None, "none"),
        (Some(String::new()), "empty"),
        (Some(other), "of another body"),
        (Some(hex.to_owned()), "without its scheme"),
        (Some(format!("sha1={hex}")), "another scheme"),
        (Some(format!("sha256={}", &hex[..62])), "cut short"),
        (Some(format!("sha256={hex}00")), "too long"),
        (Some(format!("sha256={}", "z".repeat(64))), "not hex"),
    ] {
        let response = desk.post_webhook(body.clone(), given.as_deref()).await;
        assert_eq!(response.status(), 401, "{why}");
        let headers = format!("{:?}", response.headers());
        let told = response.text().await.unwrap();
        assert!(!told.contains(hex) && !headers.contains(hex), "{why}: {told}");
    }
    assert_eq!(desk.stats().await["received"], 0);
    assert_eq!(desk.post_webhook(body, Some(&right)).await.status(), 200);
    desk.settle().await;
    assert_eq!(desk.stats().await["received"], 1);
    desk.close().await;
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_are_right() {
    let desk = Desk::start_with(Engine::Sqlite, |config| {
        let whatsapp = config.whatsapp.as_mut().unwrap();
        whatsapp.app_secrets.insert(0, SecretString::from("the new secret"));
    })
    .await;
    let sign_with = |secret: &str, body: &[u8]| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    };
    let old = sandbox::Config::default().app_secret;
    for (secret, expect) in [(old.as_str(), 200), ("the new secret", 200), ("neither", 401)] {
        let body = good(&format!("wamid.{secret}"));
        let signature = sign_with(secret, body.as_bytes());
        assert_eq!(desk.post_webhook(body, Some(&signature)).await.status(), expect, "{secret}");
    }
    desk.settle().await;
    assert_eq!(desk.all_messages().await.len(), 2);
    desk.close().await;
}

#[tokio::test]
async fn the_handshake_answers_only_the_right_word() {
    let desk = Desk::start(Engine::Sqlite).await;
    let word = sandbox::Config::default().verify_token;
    for (query, expect) in [
        (format!("hub.mode=subscribe&hub.verify_token={word}&hub.challenge=1158201444"), 200),
        ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1158201444".to_owned(), 403),
        (format!("hub.mode=unsubscribe&hub.verify_token={word}&hub.challenge=1158201444"), 403),
        ("hub.mode=subscribe&hub.challenge=1158201444".to_owned(), 403),
        (String::new(), 403),
    ] {
        let url = format!("{}/webhooks/whatsapp?{query}", desk.server.url());
        let response = desk.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), expect, "{query}");
        let told = response.text().await.unwrap();
        if expect == 200 {
            assert_eq!(told, "1158201444");
        } else {
            assert!(!told.contains(&word) && !told.contains("1158201444"), "{told}");
        }
    }
    desk.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_shown_and_can_be_read_again() {
    let deep = format!("{{\"entry\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let mut not_utf8 = good("wamid.not-utf8").into_bytes();
    let at = not_utf8.windows(4).position(|w| w == b"fine").unwrap();
    not_utf8[at] = 0xff;
    let cases: [(&[u8], &str); 7] = [
        (b"{\"entry\": [", "JSON"),
        (b"", "JSON"),
        (b"null", "entry"),
        (b"[1, 2]", "entry"),
        (b"\x00\xff\xfe binary", "JSON"),
        (&not_utf8, "JSON"),
        (deep.as_bytes(), "deep"),
    ];
    let desk = Desk::start(Engine::Sqlite).await;
    for (index, (body, _)) in cases.iter().enumerate() {
        assert_eq!(desk.webhook(good(&format!("wamid.before{index}"))).await, 200);
        assert_eq!(desk.webhook(body.to_vec()).await, 200, "signed and stored: {index}");
    }
    desk.settle().await;
    assert_eq!(desk.all_messages().await.len(), cases.len(), "the neighbours came through");
    let kept = desk.quarantine().await;
    assert_eq!(kept.len(), cases.len(), "{kept:#?}");
    for (row, (body, word)) in kept.iter().zip(cases) {
        let reason = row["reason"].as_str().unwrap();
        assert!(reason.contains(word), "{reason} / {word}");
        assert_eq!(row["size_bytes"], body.len());
        assert!(row["body_text"].as_str().unwrap().len() <= 3 * 64 * 1024);
    }
    let stats = desk.stats().await;
    assert_eq!((&stats["quarantined"], &stats["waiting"]), (&json!(cases.len()), &json!(0)));
    // Read again, they are as unreadable as before: listed as before, and nothing else has changed.
    for row in &kept {
        let (status, _) = desk.api(Method::POST, &format!("/inbox/{}/replay", row["id"]), None).await;
        assert_eq!(status, 204);
    }
    desk.settle().await;
    assert_eq!(desk.quarantine().await, kept);
    assert_eq!(desk.all_messages().await.len(), cases.len());
    let (status, body) = desk.api(Method::POST, "/inbox/999999/replay", None).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("not_found")), "{body}");
    desk.finish().await;
}

#[tokio::test]
async fn a_broken_element_costs_its_neighbours_nothing() {
    let desk = Desk::start(Engine::Sqlite).await;
    let broken =
        [json!(7), json!({}), json!({ "id": 5, "type": [] }), json!({ "from": PHONE, "type": "text" })];
    let mut messages = vec![text("wamid.first", "first")];
    messages.extend(broken);
    messages.push(text("wamid.last", "last"));
    assert_eq!(desk.webhook(webhook_of(PHONE, messages).to_string()).await, 200);
    desk.settle().await;
    let texts: Vec<_> = desk.all_messages().await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["first", "last"]);
    let kept = desk.quarantine().await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0]["reason"].as_str().unwrap().contains("messages"), "{kept:#?}");
    let id = &kept[0]["id"];
    desk.api(Method::POST, &format!("/inbox/{id}/replay"), None).await;
    desk.settle().await;
    assert_eq!(desk.all_messages().await.len(), 2, "read twice, there once");
    desk.finish().await;
}

#[tokio::test]
async fn an_unknown_type_is_shown_with_what_came() {
    let desk = Desk::start(Engine::Sqlite).await;
    let message = json!({
        "from": PHONE, "id": "wamid.hologram", "timestamp": NOON.secs().to_string(),
        "type": "hologram", "hologram": { "depth_mm": 12 },
    });
    desk.webhook(webhook_of(PHONE, vec![message]).to_string()).await;
    desk.settle().await;
    let all = desk.all_messages().await;
    assert_eq!((all.len(), &all[0]["kind"]), (1, &json!("unknown")));
    assert!(all[0]["content"].to_string().contains("\"depth_mm\":12"), "{:#}", all[0]);
    assert!(desk.quarantine().await.is_empty());
    desk.finish().await;
}

// Files that do not come, or not as announced.

/// A document of the customer while a knob of the download is turned; returns its attachment.
async fn document_under(desk: &Desk, knobs: Value) -> Value {
    desk.knobs(knobs).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "document")], &[("manual.txt", b"Turn the tap clockwise. ".repeat(6))]).await;
    desk.settle().await;
    desk.only_attachment().await
}

/// What a person sees of a lost file, and that the button brings it when the trouble is over.
async fn is_lost_and_can_be_fetched_again(desk: Desk, file: Value, word: &str) {
    assert_eq!(file["state"], "expired", "{file:#}");
    assert!(file["reason"].as_str().unwrap().contains(word), "{file:#}");
    assert_eq!(file["retry_at"], Value::Null);
    let ticket = desk.only_ticket().await;
    let transcript = desk.transcript(&ticket).await;
    assert!(transcript.contains("attachment.expired"), "{transcript}");
    let dead = desk.dead_jobs().await;
    assert_eq!((dead.len(), &dead[0]["kind"]), (1, &json!("media.fetch")));
    assert!(desk.content(&file, "original").await.status() == 404);
    desk.control("knobs/reset", json!({})).await;
    desk.post(&format!("/attachments/{}/retry", file["id"].as_str().unwrap()), json!({})).await;
    desk.settle().await;
    let file = desk.attachment(&file["id"]).await;
    assert_eq!((&file["state"], &file["reason"]), (&json!("ready"), &Value::Null), "{file:#}");
    assert!(desk.dead_jobs().await.is_empty(), "what was mended is no dead letter any more");
    desk.finish().await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_named_and_can_be_fetched_again() {
    let desk = Desk::start(Engine::Sqlite).await;
    let file = document_under(&desk, json!({ "expire_media": true, "media_url_in_webhook": false })).await;
    is_lost_and_can_be_fetched_again(desk, file, "no longer has the file").await;
}

#[tokio::test]
async fn a_dead_letter_can_be_run_again_as_a_job_too() {
    let desk = Desk::start(Engine::Sqlite).await;
    let file = document_under(&desk, json!({ "expire_media": true, "media_url_in_webhook": false })).await;
    desk.control("knobs/reset", json!({})).await;
    let dead = desk.dead_jobs().await;
    let (status, _) =
        desk.api(Method::POST, &format!("/jobs/{}/retry", dead[0]["id"].as_str().unwrap()), None).await;
    assert_eq!(status, 204);
    desk.settle().await;
    assert_eq!(desk.attachment(&file["id"]).await["state"], "ready");
    desk.finish().await;
}

#[tokio::test]
async fn no_address_that_leads_elsewhere_is_visited() {
    for (knob, word) in [("redirect_private", "redirect"), ("private_url", "private network")] {
        let desk = Desk::start(Engine::Sqlite).await;
        let file = document_under(&desk, json!({ "download": knob, "media_url_in_webhook": false })).await;
        is_lost_and_can_be_fetched_again(desk, file, word).await;
    }
}

#[tokio::test]
async fn a_file_without_end_or_over_the_limit_is_given_up() {
    for knobs in
        [json!({ "download": "endless" }), json!({ "download": "endless", "media_url_in_webhook": false })]
    {
        let desk = Desk::start_with(Engine::Sqlite, |c| c.media.size_bytes_max = 300_000).await;
        let file = document_under(&desk, knobs).await;
        is_lost_and_can_be_fetched_again(desk, file, "larger than 300000 bytes").await;
    }
    let desk = Desk::start_with(Engine::Sqlite, |c| c.media.size_bytes_max = 100).await;
    let file = document_under(&desk, json!({})).await;
    assert_eq!(
        (&file["state"], file["reason"].as_str().unwrap().contains("larger")),
        (&json!("expired"), true)
    );
    desk.close().await;
}

#[tokio::test]
async fn a_file_that_comes_wrong_is_fetched_until_it_comes_right() {
    for (knob, word) in [
        ("wrong_bytes", "SHA-256"),
        ("truncate", ""),
        // The look-up announces another length than the page has.
        ("html", "bytes came"),
    ] {
        for with_link in [true, false] {
            let desk = Desk::start(Engine::Sqlite).await;
            let knobs = json!({ "download": knob, "media_url_in_webhook": with_link });
            let file = document_under(&desk, knobs).await;
            assert_eq!(file["state"], "failed", "{knob}: {file:#}");
            assert!(file["reason"].as_str().unwrap().contains(word), "{knob}: {file:#}");
            assert!(file["retry_at"].is_string());
            assert!(desk.dead_jobs().await.is_empty(), "it is not given up");
            // A kept piece would show here.
            let (strays, missing) = desk.server.app.blobs.orphans(&desk.server.app.db).await.unwrap();
            assert!(strays.is_empty() && missing.is_empty(), "{knob}: {strays:?} {missing:?}");
            desk.control("knobs/reset", json!({})).await;
            desk.advance(Duration::from_secs(2));
            desk.settle().await;
            let file = desk.attachment(&file["id"]).await;
            assert_eq!(file["state"], "ready", "{knob}: {file:#}");
            let expected = Sha256::digest(b"Turn the tap clockwise. ".repeat(6));
            assert_eq!(file["sha256"], hex::encode(expected));
            desk.finish().await;
        }
    }
}

#[tokio::test]
async fn a_file_that_never_comes_is_given_up_when_the_sender_forgets_it() {
    let desk = Desk::start(Engine::Sqlite).await;
    let file = document_under(&desk, json!({ "download": "wrong_bytes" })).await;
    const HOUR: Duration = Duration::from_secs(60 * 60);
    for (hours, expect) in [(1, "failed"), (6 * 24, "failed"), (22, "failed"), (1, "expired")] {
        desk.advance(HOUR * hours);
        desk.settle().await;
        assert_eq!(desk.attachment(&file["id"]).await["state"], expect, "{hours} hours later");
    }
    assert_eq!(desk.dead_jobs().await.len(), 1);
    desk.close().await;
}

#[tokio::test]
async fn a_slow_file_comes_in_the_end() {
    let desk = Desk::start(Engine::Sqlite).await;
    let file = document_under(&desk, json!({ "download": "slow" })).await;
    assert_eq!(file["state"], "ready", "{file:#}");
    desk.finish().await;
}

#[tokio::test]
async fn an_old_link_is_asked_for_anew() {
    let desk = Desk::start(Engine::Sqlite).await;
    let id = desk.graph_media("application/pdf", b"%PDF-1.7 a manual".to_vec()).await;
    let found = desk.graph_resolve(&id).await;
    desk.advance(Duration::from_secs(6 * 60));
    let stale =
        desk.http.get(found["url"].as_str().unwrap()).bearer_auth("sandbox-token").send().await.unwrap();
    assert_eq!(stale.status(), 404, "the sandbox lets links expire");
    let file =
        json!({ "id": id, "mime_type": "application/pdf", "sha256": found["sha256"], "url": found["url"] });
    let file = desk.file_arrives("document", "stale", file).await;
    assert_eq!(file["state"], "ready", "{file:#}");
    desk.finish().await;
}

#[tokio::test]
async fn a_refused_token_is_named_and_nothing_is_given_up() {
    let desk = Desk::start(Engine::Sqlite).await;
    let refusals = json!({ "media_url_in_webhook": false, "fail_next": [
        { "status": 401, "code": 190, "times": 2, "endpoint": "resolve" },
        { "status": 401, "code": 190, "times": 1, "endpoint": "messages" },
    ] });
    let file = document_under(&desk, refusals).await;
    assert_eq!(file["state"], "failed", "{file:#}");
    assert!(file["reason"].as_str().unwrap().contains("190"), "{file:#}");
    assert!(desk.degraded().await.contains(&"token_refused".to_owned()));
    let ticket = desk.only_ticket().await;
    let path = format!("/tickets/{}/messages", ticket["id"].as_str().unwrap());
    let answer = desk.post(&path, json!({ "text": "Un attimo." })).await;
    desk.settle().await;
    let waiting = desk.messages(&ticket).await.pop().unwrap();
    assert_eq!((&waiting["id"], &waiting["status"]), (&answer["id"], &json!("queued")));
    assert!(!desk.system().await.to_string().contains("sandbox-token"));
    for _ in 0..3 {
        desk.advance(Duration::from_secs(6 * 60));
        desk.settle().await;
    }
    assert_eq!(desk.attachment(&file["id"]).await["state"], "ready");
    assert_eq!(desk.messages(&ticket).await.pop().unwrap()["status"], "read");
    assert!(!desk.degraded().await.contains(&"token_refused".to_owned()));
    desk.finish().await;
}

// Files that are not what they say.

#[tokio::test]
async fn a_file_is_what_its_bytes_are_and_is_never_run() {
    let html = b"<!doctype html><html><script>alert(1)</script></html>".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let late_html = [vec![b' '; 600], b"<script>alert(1)</script>".to_vec()].concat();
    let zip = [b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(), vec![0; 300_000]].concat();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("pdf", b"%PDF-1.7\n1 0 obj".to_vec(), "application/pdf"),
        ("huge", png_of(20_000, 10_000), "image/png"),
        ("zip", zip, "application/zip"),
        ("html", html, "text/html"),
        ("svg", svg, "image/svg+xml"),
        ("late", late_html, ""),
        ("cut", picture(64, 64)[..60].to_vec(), "image/png"),
    ];
    let desk = Desk::start(Engine::Sqlite).await;
    for (name, bytes, mime) in cases {
        let id = desk.graph_media("image/jpeg", bytes.clone()).await;
        let file = desk.file_arrives("image", name, json!({ "id": id, "mime_type": "image/jpeg" })).await;
        assert_eq!(file["state"], "ready", "{name}: {file:#}");
        assert_eq!(file["claimed_mime_type"], "image/jpeg");
        assert_eq!(file["sha256"], hex::encode(Sha256::digest(&bytes)), "{name}");
        assert_eq!(file["size_bytes"], bytes.len());
        assert_eq!(file["renditions"], json!([]), "{name}");
        assert!(!file["reason"].as_str().unwrap_or_default().is_empty(), "{name}: {file:#}");
        if !mime.is_empty() {
            assert_eq!(file["mime_type"], mime, "{name}");
        }
        let shown = desk.content(&file, "view").await;
        assert_eq!(shown.status(), 404, "{name}");
        let original = desk.content(&file, "original").await;
        assert_eq!(original.status(), 200, "{name}");
        let header = |name: &str| original.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-disposition").starts_with("attachment"), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("default-src 'none'"));
        let served = header("content-type");
        let is_live = ["html", "svg", "xml", "javascript"].iter().any(|word| served.contains(word));
        assert!(!is_live, "{name} is served as {served}");
        assert_eq!(original.bytes().await.unwrap(), bytes, "{name}");
    }
    let huge = desk.all_messages().await.into_iter().find(|m| m["external_id"] == "wamid.huge").unwrap();
    let reason = huge["attachments"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("pixel") && reason.contains("200"), "{reason}");
    desk.finish().await;
}

#[tokio::test]
async fn an_empty_file_is_kept_and_said_to_be_empty() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "document")], &[("empty.pdf", Vec::new())]).await;
    desk.settle().await;
    let file = desk.only_attachment().await;
    assert_eq!((&file["state"], &file["size_bytes"]), (&json!("ready"), &json!(0)), "{file:#}");
    assert!(file["reason"].as_str().unwrap().contains("empty"), "{file:#}");
    let original = desk.content(&file, "original").await;
    assert_eq!((original.status().as_u16(), original.bytes().await.unwrap().len()), (200, 0));
    desk.finish().await;
}

#[tokio::test]
async fn a_file_name_is_only_a_name() {
    let long = "a".repeat(5_000) + ".pdf";
    let cases = [
        "../../etc/passwd",
        "..\\..\\windows\\system.ini",
        "invoice\u{202e}gpj.exe",
        "in\u{200b}vo\u{feff}ice.pdf",
        "a\r\nSet-Cookie: x=1\r\n\r\n<html>.pdf",
        "quote\".pdf; filename=evil.exe",
        "\u{0}\u{1}\u{2}",
        "",
        ".",
        "📷 ricevuta è qui.pdf",
        long.as_str(),
    ];
    let desk = Desk::start(Engine::Sqlite).await;
    for (index, name) in cases.into_iter().enumerate() {
        let id = desk.graph_media("application/pdf", b"%PDF-1.7 x".to_vec()).await;
        let file = json!({ "id": id, "mime_type": "application/pdf", "filename": name });
        let file = desk.file_arrives("document", &index.to_string(), file).await;
        let response = desk.content(&file, "original").await;
        assert_eq!(response.status(), 200, "{name:?}");
        assert!(response.headers().get("set-cookie").is_none(), "{name:?}");
        let given = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        let encoded =
            given.strip_prefix("attachment; filename*=UTF-8''").unwrap_or_else(|| panic!("{given}"));
        let saved = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap().into_owned();
        let is_odd = |c: char| {
            c.is_control()
                || matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!saved.contains(is_odd), "{name:?} is saved as {saved:?}");
        assert!(!saved.trim_matches(['.', ' ']).is_empty(), "{name:?} is saved as {saved:?}");
        assert!(saved.chars().count() <= 130 && !saved.starts_with('.'), "{name:?} is saved as {saved:?}");
    }
    desk.finish().await;
}

// Conversations that cannot go on as asked.

#[tokio::test]
async fn a_customer_without_a_number_is_served_as_any_other() {
    let desk = Desk::start(Engine::Sqlite).await;
    desk.knobs(json!({ "bsuid_only": true })).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.say(&zoe, "Buongiorno").await;
    desk.settle().await;
    let ticket = desk.only_ticket().await;
    assert_eq!(ticket["contact"]["phone"], Value::Null, "{ticket:#}");
    desk.post(&format!("/tickets/{}/messages", ticket["id"].as_str().unwrap()), json!({ "text": "Salve!" }))
        .await;
    desk.settle().await;
    assert_eq!(desk.chat(&zoe).await.pop().unwrap()["text"], "Salve!");
    desk.finish().await;
}

#[tokio::test]
async fn outside_the_window_and_without_a_template_nothing_is_sent() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.say(&zoe, "Buongiorno").await;
    desk.settle().await;
    let ticket = desk.only_ticket().await;
    let path = format!("/tickets/{}/messages", ticket["id"].as_str().unwrap());
    let template = json!({ "template": { "name": "no_such_template", "language": "it" } });
    let (status, body) = desk.api(Method::POST, &path, Some(template)).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("template_not_found")), "{body}");
    desk.advance(Duration::from_secs(24 * 60 * 60 + 1));
    let (status, body) = desk.api(Method::POST, &path, Some(json!({ "text": "Ancora lì?" }))).await;
    assert_eq!((status, &body["error"]["code"]), (409, &json!("window_closed")), "{body}");
    assert!(body["error"]["message"].as_str().unwrap().contains("template"));
    desk.settle().await;
    assert_eq!(desk.messages(&ticket).await.len(), 1);
    assert_eq!(desk.chat(&zoe).await.len(), 1);
    desk.finish().await;
}

// A machine that is not well.

#[tokio::test]
async fn a_clock_that_goes_back_is_named_and_loses_nothing() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.say(&zoe, "uno").await;
    desk.settle().await;
    let before = desk.all_messages().await;
    desk.clock.set(NOON.minus(Duration::from_secs(2 * 60 * 60)));
    for word in ["due", "tre"] {
        desk.say(&zoe, word).await;
    }
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(90, 70))]).await;
    desk.settle().await;
    let ticket = desk.only_ticket().await;
    desk.post(&format!("/tickets/{}/messages", ticket["id"].as_str().unwrap()), json!({ "text": "quattro" }))
        .await;
    desk.settle().await;
    let after = desk.all_messages().await;
    assert_eq!(after.len(), 5, "{after:#?}");
    let newest = after.iter().filter(|m| m["id"] != before[0]["id"]);
    assert!(newest.map(|m| m["id"].as_str()).all(|id| id > before[0]["id"].as_str()), "ids keep rising");
    assert_eq!(desk.attachments().await[0]["state"], "ready");
    assert!(desk.chat(&zoe).await.iter().any(|m| m["text"] == "quattro"));
    desk.until_degraded("clock_backwards", true).await;
    // A server that was killed leaves its lease behind, dated in what is now the future.
    let lease = "insert into leases (name, owner, until) values ('reader', 'gone', $1)
                 on conflict (name) do update set owner = 'gone', until = excluded.until";
    let path = desk.config.data.dir.join("sportello.sqlite");
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query(lease).bind(NOON.plus(Duration::from_secs(3_600)).0).execute(&mut other).await.unwrap();
    let desk = desk.restart().await;
    desk.say(&zoe, "cinque").await;
    desk.settle().await;
    assert_eq!(desk.all_messages().await.len(), 6);
    desk.finish().await;
}

#[tokio::test]
async fn a_locked_database_makes_senders_wait_or_come_back() {
    let desk = Desk::start(Engine::Sqlite).await;
    let path = desk.config.data.dir.join("inbox.sqlite");
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    let body = good("wamid.locked");
    let signature = sign(body.as_bytes());
    let refused = desk.post_webhook(body.clone(), Some(&signature)).await;
    assert_eq!(refused.status(), 503, "nothing is promised while nothing can be written");
    assert!(refused.headers().contains_key("retry-after"));
    sqlx::query("commit").execute(&mut other).await.unwrap();
    assert_eq!(desk.webhook(body).await, 200, "a lock that is gone is forgotten");

    // The desk's own database: receiving goes on, reading waits.
    let path = desk.config.data.dir.join("sportello.sqlite");
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    desk.settle().await;
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    assert_eq!(desk.webhook(good("wamid.later")).await, 200);
    let (status, _) = desk.api(Method::GET, "/tickets", None).await;
    assert_eq!(status, 200, "reading is not locked out");
    assert_eq!(desk.stats().await["waiting"], 1);
    sqlx::query("commit").execute(&mut other).await.unwrap();
    desk.settle().await;
    let mut ids: Vec<_> =
        desk.all_messages().await.iter().map(|m| m["external_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    assert_eq!(ids, ["wamid.later", "wamid.locked"]);
    desk.finish().await;
}

/// A file system of its own and of few bytes; gone with the value.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None`, with the reason on standard error, for who may not mount.
    fn mount(at: &std::path::Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={size}");
        let done =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).status();
        if done.is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("a full disk is not tried: mounting a small tmpfs needs root (run this test as root)");
        None
    }

    /// Leaves only so many bytes.
    fn fill_up_to(&self, left: usize) {
        use std::io::Write as _;
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        let mut written = 0;
        while file.write_all(&[0; 4_096]).is_ok() {
            written += 4_096;
        }
        file.set_len(u64::try_from(written - left.min(written)).unwrap()).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_promised_and_with_space_all_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("small");
    let Some(disk) = SmallDisk::mount(&at, "12m") else { return };
    let desk = Desk::start_with(Engine::Sqlite, |config| config.data.dir = at.clone()).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    let mut sent = vec![desk.say(&zoe, "before").await];
    desk.settle().await;
    let ticket = desk.only_ticket().await;
    let answers = format!("/tickets/{}/messages", ticket["id"].as_str().unwrap());

    disk.fill_up_to(0);
    let mut refused = 0;
    for n in 0..40 {
        let id = format!("wamid.full{n}");
        let body = webhook_of(PHONE, vec![text(&id, &"x".repeat(60_000))]).to_string();
        let signature = sign(body.as_bytes());
        let response = desk.post_webhook(body, Some(&signature)).await;
        match response.status().as_u16() {
            200 => sent.push(id),
            status => {
                assert_eq!(status, 503);
                assert!(response.headers().contains_key("retry-after"));
                refused += 1;
            }
        }
    }
    assert!(refused > 30, "{refused} of 40 were refused");
    sent.push(desk.say(&zoe, "while it is full").await);
    sent.extend(desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(300, 200))]).await);
    let (status, body) = desk.api(Method::POST, &answers, Some(json!({ "text": "taken?" }))).await;
    assert!(status == 201 || status == 503, "{status} {body}");
    let was_taken = status == 201;
    disk.empty();
    desk.control("clock", json!({ "advance_s": 0 })).await;
    desk.settle().await;
    for _ in 0..5 {
        desk.advance(Duration::from_secs(60));
        desk.settle().await;
    }
    assert!(!desk.server.app.inbox.is_broken());
    check_all_there(&desk, &sent).await;
    let chat = desk.chat(&zoe).await;
    assert_eq!(chat.iter().any(|m| m["text"] == "taken?"), was_taken);

    // Room for the webhook, none for its file.
    disk.fill_up_to(400_000);
    let bytes: Vec<u8> = (0..3_000_000u32).flat_map(|n| n.to_le_bytes()).take(3_000_000).collect();
    sent.extend(desk.send(&zoe, &[("as", "document")], &[("large.bin", bytes)]).await);
    desk.settle().await;
    let is_large = |file: &&Value| file["file_name"] == "large.bin";
    let file = desk.attachments().await.iter().find(is_large).unwrap().clone();
    assert_eq!(file["state"], "failed", "{file:#}");
    assert!(file["retry_at"].is_string(), "{file:#}");
    disk.empty();
    desk.advance(Duration::from_secs(60));
    desk.settle().await;
    assert_eq!(desk.attachment(&file["id"]).await["state"], "ready");
    check_all_there(&desk, &sent).await;
    desk.finish().await;
}

/// Everything that was acknowledged is on the desk, once, with its files.
async fn check_all_there(desk: &Desk, sent: &[String]) {
    let mut found: Vec<_> = desk.all_messages().await;
    found.retain(|m| m["direction"] == "in");
    let mut ids: Vec<_> = found.iter().map(|m| m["external_id"].as_str().unwrap().to_owned()).collect();
    let mut sent = sent.to_vec();
    ids.sort();
    sent.sort();
    assert_eq!(ids, sent);
    for file in desk.attachments().await {
        assert_eq!(file["state"], "ready", "{file:#}");
    }
}
