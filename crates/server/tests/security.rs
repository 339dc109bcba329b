//! Who gets in, what a browser may do with our pages, and what never leaves the house.

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

use std::time::{Duration, Instant};

use program::{Running, ok, sportello};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sqlx::Connection as _;
use support::{Desk, Engine, NOON, engines, picture};

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";

async fn sign_in(desk: &Desk, email: &str, password: &str) -> Response {
    let url = format!("{}/api/v1/session", desk.server.url());
    desk.http.post(url).json(&json!({ "email": email, "password": password })).send().await.unwrap()
}

/// The cookie (`name=value`) and the CSRF token of a fresh session.
async fn session(desk: &Desk) -> (String, String) {
    let response = sign_in(desk, EMAIL, PASSWORD).await;
    assert_eq!(response.status(), 200);
    let set = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    let cookie = set.split(';').next().unwrap().to_owned();
    (cookie, body["csrf_token"].as_str().unwrap().to_owned())
}

async fn with_cookie(
    desk: &Desk,
    method: Method,
    path: &str,
    cookie: &str,
    csrf: Option<&str>,
) -> (u16, String) {
    let mut request =
        desk.http.request(method, format!("{}{path}", desk.server.url())).header("cookie", cookie);
    if let Some(csrf) = csrf {
        request = request.header("x-csrf-token", csrf);
    }
    let response = request.json(&json!({ "text": "x" })).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    for (public_url, name, is_secure) in
        [(None, "sportello=", false), (Some("https://help.example.org"), "__Host-sportello=", true)]
    {
        let desk = Desk::start_with(Engine::Sqlite, |config| {
            config.server.public_url = public_url.map(|url| url.parse().unwrap());
        })
        .await;
        let response = sign_in(&desk, EMAIL, PASSWORD).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        let flags: Vec<&str> = cookie.split(';').map(str::trim).collect();
        assert!(flags[0].starts_with(name) && flags[0].len() >= name.len() + 43, "{cookie}");
        for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(flags.contains(&flag), "{flag}: {cookie}");
        }
        assert_eq!(flags.contains(&"Secure"), is_secure, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(response.headers().contains_key("strict-transport-security"), is_secure);
        // The cookie of the other name is nothing here.
        let value = flags[0].split_once('=').unwrap().1;
        let other = if is_secure { "sportello=" } else { "__Host-sportello=" };
        let (status, _) =
            with_cookie(&desk, Method::GET, "/api/v1/tickets", &format!("{other}{value}"), None).await;
        assert_eq!(status, 401);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.say(&zoe, "ciao").await;
    desk.settle().await;
    let ticket = desk.only_ticket().await["id"].as_str().unwrap().to_owned();
    let (cookie, csrf) = session(&desk).await;
    let notes = format!("/api/v1/tickets/{ticket}/notes");
    for (given, expect) in [(None, 403), (Some(""), 403), (Some("wrong"), 403), (Some(csrf.as_str()), 201)] {
        let (status, body) = with_cookie(&desk, Method::POST, &notes, &cookie, given).await;
        assert_eq!(status, expect, "{given:?}: {body}");
    }
    let (status, _) = with_cookie(&desk, Method::GET, "/api/v1/tickets", &cookie, None).await;
    assert_eq!(status, 200, "reading needs no token");
    let (_, of_another) = session(&desk).await;
    let (status, _) = with_cookie(&desk, Method::POST, &notes, &cookie, Some(&of_another)).await;
    assert_eq!(status, 403, "another session's token is none");
    let (status, _) = with_cookie(&desk, Method::DELETE, "/api/v1/session", &cookie, Some(&csrf)).await;
    assert_eq!(status, 204);
    let (status, _) = with_cookie(&desk, Method::GET, "/api/v1/tickets", &cookie, None).await;
    assert_eq!(status, 401, "signed out");
    desk.finish().await;
}

#[tokio::test]
async fn sessions_end_in_time_and_with_the_password() {
    let desk = Desk::start(Engine::Sqlite).await;
    let app = desk.server.app.clone();
    let (first, _) = session(&desk).await;
    let (second, _) = session(&desk).await;
    let status_of =
        async |cookie: &str| with_cookie(&desk, Method::GET, "/api/v1/tickets", cookie, None).await.0;
    assert_eq!((status_of(&first).await, status_of(&second).await), (200, 200));
    let (user, _) = store::users::by_email(&app.db, EMAIL).await.unwrap().unwrap();
    let mut tx = app.db.begin().await.unwrap();
    let hash = server::password::hash("another horse battery").unwrap();
    store::users::set_password(&mut tx, &user.id, &hash).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((status_of(&first).await, status_of(&second).await), (401, 401));
    assert_eq!(sign_in(&desk, EMAIL, PASSWORD).await.status(), 401);
    let again = sign_in(&desk, EMAIL, "another horse battery").await;
    let cookie = again.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    desk.advance(Duration::from_secs(12 * 3_600 - 1));
    assert_eq!(status_of(&cookie).await, 200);
    desk.advance(Duration::from_secs(2));
    assert_eq!(status_of(&cookie).await, 401);
    drop(app);
    desk.close().await;
}

/// A line of live events, opened with this header.
async fn line(desk: &Desk, header: (&str, &str)) -> Response {
    let url = format!("{}/api/v1/events", desk.server.url());
    let response = desk.http.get(url).header(header.0, header.1).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Reads a line to its end; what it told.
async fn until_end(mut line: Response) -> String {
    let mut told = String::new();
    let rest = async {
        while let Some(part) = line.chunk().await.unwrap() {
            told.push_str(&String::from_utf8_lossy(&part));
        }
    };
    tokio::time::timeout(Duration::from_secs(30), rest).await.expect("the line goes on");
    told
}

#[tokio::test]
async fn an_open_line_ends_with_the_session_and_the_token_that_opened_it() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let app = desk.server.app.clone();
        // Of another program: on SQLite nobody here hears of what it commits.
        let elsewhere = store::Db::open(&desk.config.database_url()).await.unwrap();
        let user = async || store::users::account(&app.db, EMAIL).await.unwrap().unwrap().id;
        let hash = server::password::hash(PASSWORD).unwrap();
        let secret = store::users::new_secret(&app.ids);
        let mut tx = app.db.begin().await.unwrap();
        let new = store::users::NewToken { name: "nobody's", user: None, scopes: None, expires_at: None };
        store::users::add_token(&mut tx, &app.ids, &secret, &new, NOON).await.unwrap();
        tx.commit().await.unwrap();
        let mut bystander = line(&desk, ("authorization", &format!("Bearer {secret}"))).await;

        for way in ["signs out", "new password", "disabled", "disabled elsewhere"] {
            let (cookie, csrf) = session(&desk).await;
            let by_cookie = line(&desk, ("cookie", &cookie)).await;
            let token = store::users::new_secret(&app.ids);
            let mut tx = app.db.begin().await.unwrap();
            let owner = user().await;
            let new =
                store::users::NewToken { name: way, user: Some(&owner), scopes: None, expires_at: None };
            store::users::add_token(&mut tx, &app.ids, &token, &new, NOON).await.unwrap();
            tx.commit().await.unwrap();
            let by_token = line(&desk, ("authorization", &format!("Bearer {token}"))).await;
            let mut tx = match way {
                "disabled elsewhere" => elsewhere.begin().await.unwrap(),
                _ => app.db.begin().await.unwrap(),
            };
            match way {
                "signs out" => {
                    drop(tx);
                    let path = "/api/v1/session";
                    assert_eq!(with_cookie(&desk, Method::DELETE, path, &cookie, Some(&csrf)).await.0, 204);
                }
                "new password" => {
                    store::users::set_password(&mut tx, &owner, &hash).await.unwrap();
                    tx.commit().await.unwrap();
                }
                _ => {
                    store::users::disable(&mut tx, &owner, NOON).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
            until_end(by_cookie).await;
            if way.starts_with("disabled") {
                until_end(by_token).await;
                let mut tx = app.db.begin().await.unwrap();
                store::users::enable(&mut tx, &owner).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        app.db.announce(store::Notice::System);
        let told = bystander.chunk().await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&told).contains("system"), "others hear on: {told:?}");
        drop((bystander, app));
        elsewhere.close().await;
        desk.close().await;
    }
}

#[tokio::test]
async fn a_stranger_learns_nothing_and_is_slowed_down() {
    let desk = Desk::start(Engine::Sqlite).await;
    let mut told = Vec::new();
    let mut spans = Vec::new();
    // The first sign-in of a process makes the stand-in hash; what counts is the second.
    for (email, password) in [("nobody@example.org", "x"), ("nobody@example.org", "x"), (EMAIL, "x")] {
        let began = Instant::now();
        let response = sign_in(&desk, email, password).await;
        spans.push(began.elapsed());
        assert_eq!(response.status(), 401);
        assert!(!response.headers().contains_key("set-cookie"));
        told.push(response.text().await.unwrap());
    }
    assert_eq!(told[1], told[2]);
    assert!(spans[1] * 4 > spans[2], "who has no account is told faster: {spans:?}");
    let mut tries = 3;
    let refused = loop {
        let response = sign_in(&desk, EMAIL, "x").await;
        tries += 1;
        if response.status() != 401 {
            break response;
        }
        assert!(tries < 20, "never slowed down");
    };
    assert_eq!((refused.status().as_u16(), tries), (429, 9));
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(sign_in(&desk, EMAIL, PASSWORD).await.status(), 429, "the right word neither");
    desk.advance(Duration::from_secs(wait));
    assert_eq!(sign_in(&desk, EMAIL, PASSWORD).await.status(), 200);
    desk.close().await;
}

#[tokio::test]
async fn every_route_of_the_document_asks_who_is_there() {
    let desk = Desk::start(Engine::Sqlite).await;
    let document: Value = serde_json::from_str(&server::http::openapi_document()).unwrap();
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for name in operations.as_object().unwrap().keys() {
            let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
            // A sign-in, and those who come with an invitation: they have nothing yet to come in with.
            if (path.as_str(), name.as_str()) == ("/api/v1/session", "post")
                || matches!(path.as_str(), "/api/v1/invitations/open" | "/api/v1/invitations/accept")
            {
                continue;
            }
            let path = path.replace("{id}", "1");
            for (header, value) in [
                ("x-nothing", "1"),
                ("authorization", "Bearer not-a-token"),
                ("authorization", "Bearer "),
                ("authorization", "Basic YTpi"),
                ("cookie", "sportello=not-a-session"),
            ] {
                let url = format!("{}{path}", desk.server.url());
                let request = desk.http.request(method.clone(), url).header(header, value).json(&json!({}));
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 401, "{method} {path} {header}: {value}");
                let body: Value = response.json().await.unwrap();
                assert_eq!(body["error"]["code"], "unauthorized");
                asked += 1;
            }
        }
    }
    assert!(asked >= 5 * 25, "{asked} requests");
    desk.close().await;
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let desk = Desk::start(Engine::Sqlite).await;
    for path in [
        "/",
        "/tickets/1",
        "/healthz",
        "/readyz",
        "/api/v1/tickets",
        "/api/v1/openapi.json",
        "/api/docs",
        "/api/v1/nothing",
        "/webhooks/whatsapp",
        "/assets/none.js",
        "/phone.html",
    ] {
        let response = desk.http.get(format!("{}{path}", desk.server.url())).send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("access-control-allow-origin").is_empty(), "{path}");
        if path.starts_with("/api/v1") {
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
    desk.close().await;
}

#[tokio::test]
async fn who_takes_an_original_leaves_a_trace() {
    let desk = Desk::start(Engine::Sqlite).await;
    let zoe = desk.customer("+393331112223", "Zoë").await;
    desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(64, 48))]).await;
    desk.settle().await;
    let file = desk.only_attachment().await;
    let path = desk.config.data.dir.join("sportello.sqlite");
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    let mut traces = async || -> Vec<(String, String)> {
        sqlx::query_as("select action, object from audit where actor like 'token:%' order by id")
            .fetch_all(&mut db)
            .await
            .unwrap()
    };
    for name in ["thumb", "view"] {
        assert_eq!(desk.content(&file, name).await.status(), 200);
    }
    assert!(traces().await.is_empty());
    assert_eq!(desk.content(&file, "original").await.status(), 200);
    let expected = ("attachment.original".to_owned(), file["id"].as_str().unwrap().to_owned());
    assert_eq!(traces().await, [expected]);
    desk.finish().await;
}

#[tokio::test]
async fn an_error_tells_what_to_do_and_nothing_of_the_inside() {
    let desk = Desk::start(Engine::Sqlite).await;
    let path = desk.config.data.dir.join("sportello.sqlite");
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("alter table problems rename to elsewhere").execute(&mut db).await.unwrap();
    let cases = [
        (Method::GET, "/system", None, 500),
        (Method::GET, "/tickets/%27%20or%201=1--", None, 404),
        (Method::GET, "/tickets?cursor=%00%27", None, 422),
        (Method::GET, "/tickets?limit=99999999999999999999", None, 400),
        (Method::GET, "/attachments/..%2f..%2fmaster.key/content", None, 404),
        (Method::POST, "/session", Some(json!({ "email": EMAIL })), 422),
        (Method::GET, "/nothing", None, 404),
        (Method::PUT, "/tickets", None, 405),
        (Method::POST, "/session", Some(Value::String("x".repeat(300_000))), 413),
    ];
    for (method, path, body, expect) in cases {
        let (status, body) = desk.api(method, path, body).await;
        assert_eq!(status, expect, "{path}: {body}");
        let told = body["error"]["message"].as_str().unwrap_or_else(|| panic!("{path}: {body}"));
        assert!(body["error"]["code"].is_string() && !told.is_empty(), "{path}: {body}");
        let text = body.to_string().to_lowercase();
        for inside in ["sqlite", "sqlx", "problems", "no such", "select ", "panicked", "/tmp", ".rs"] {
            assert!(!text.contains(inside), "{path}: {text}");
        }
    }
    desk.close().await;
}

/// What must be in no log line and in no metric.
const PRIVATE: [&str; 9] = [
    "3331112223",
    "Zoraide",
    "lavatrice",
    "rispostasegreta",
    "sandbox-token",
    "sandbox-app-secret",
    "sandbox-verify",
    "manuale-segreto",
    "hash=",
];

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_metrics_hold_anything_of_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(model::SystemClock);
    let sandbox = sandbox::start(sandbox::Config::default(), clock).await.unwrap();
    let names = sandbox::Config::default();
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"\n[log]\nlevel = \"debug\"\n\
         [tickets]\nturn_quiet_ms = 100\n\
         [whatsapp]\napp_secrets = [\"{}\"]\nverify_token = \"{}\"\ngraph_url = \"{}\"\nis_sandbox = true\n\
         [[whatsapp.numbers]]\nphone_number_id = \"{}\"\nwaba_id = \"{}\"\ntoken = \"{}\"\nname = \"Support\"\n",
        names.app_secret,
        names.verify_token,
        sandbox.base_url,
        names.phone_number_id,
        names.waba_id,
        names.tokens[0],
    );
    std::fs::write(dir.path().join("sportello.toml"), config).unwrap();
    let mut running = Running::start(sportello(dir.path(), &["serve"]));
    let (url, metrics) = running.addresses();
    sandbox.set_webhook_url(&format!("{url}/webhooks/whatsapp")).await.unwrap();
    let token = ok(dir.path(), &["token", "add", "test"]).trim().to_owned();
    converse(&sandbox.base_url, &url, &token).await;
    let scraped = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    let err = running.err.clone();
    let (code, _) = running.terminate();
    assert_eq!(code, Some(0));
    let log = err.lock().unwrap().clone();
    assert!(log.contains("DEBUG") && scraped.contains("sportello_webhooks_total"), "{scraped}");
    assert!(scraped.contains("sportello_media_fetched_total"), "{scraped}");
    for word in PRIVATE.into_iter().chain([token.as_str()]) {
        let line = log.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "`{word}` in the log: {line:?}");
        assert!(!scraped.contains(word), "`{word}` in the metrics: {scraped}");
    }
    sandbox.shutdown().await;
}

/// A customer writes, sends files (one cannot come at first), is answered, and somebody knocks with a wrong signature.
async fn converse(sandbox: &str, url: &str, token: &str) {
    let http = reqwest::Client::new();
    let control = async |path: &str, body: Value| -> Value {
        let request = http.post(format!("{sandbox}/sandbox/{path}")).json(&body);
        request.send().await.unwrap().json().await.unwrap()
    };
    let customer = control("customers", json!({ "phone": "+393331112223", "name": "Zoraide" })).await;
    let customer = customer["id"].as_str().unwrap().to_owned();
    control("knobs", json!({ "fail_next": [{ "status": 500, "times": 2, "endpoint": "download" }] })).await;
    let send = async |fields: &[(&str, &str)], file: Option<(&str, Vec<u8>)>| {
        let mut form = reqwest::multipart::Form::new();
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        if let Some((name, bytes)) = file {
            form = form.part("file", reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()));
        }
        let request = http.post(format!("{sandbox}/sandbox/customers/{customer}/messages")).multipart(form);
        assert!(request.send().await.unwrap().status().is_success());
    };
    send(&[("as", "text"), ("text", "La lavatrice perde")], None).await;
    send(&[("as", "document")], Some(("manuale-segreto.txt", b"giri".to_vec()))).await;
    send(&[("as", "photo")], Some(("p.png", picture(64, 48)))).await;
    http.post(format!("{url}/webhooks/whatsapp")).body("{\"lavatrice\":").send().await.unwrap();
    let body = b"{\"from\": \"393331112223\", lavatrice".to_vec();
    let signature = support::sign(&body);
    let request = http.post(format!("{url}/webhooks/whatsapp")).header("x-hub-signature-256", signature);
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    let api = async |path: &str| -> Value {
        let request = http.get(format!("{url}/api/v1{path}")).bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    };
    let began = Instant::now();
    let until = async |path: String, is_done: fn(&Value) -> bool| {
        loop {
            let seen = api(&path).await;
            if is_done(&seen) {
                return seen;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{path}: {seen:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let tickets = until("/tickets".to_owned(), |list| list["items"][0]["attachment_count"] == 2).await;
    let path = format!("/tickets/{}/messages", tickets["items"][0]["id"].as_str().unwrap());
    let answer = http.post(format!("{url}/api/v1{path}")).bearer_auth(token);
    let answer = answer.json(&json!({ "text": "rispostasegreta" })).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    until(path, |list| {
        let items = list["items"].as_array().unwrap();
        items.iter().all(|m| m["attachments"].as_array().unwrap().iter().all(|a| a["state"] == "ready"))
            && items.iter().any(|m| m["status"] == "read")
    })
    .await;
}
