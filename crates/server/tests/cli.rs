//! The command line, with the real binary: what it prints, how it ends, and what a kill leaves behind.

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
    path::Path,
    time::{Duration, Instant},
};

use program::{Api, Running, is_ready, ok, run, sportello, whatsapp};
use serde_json::{Value, json};
use support::picture;

const QUICK: Duration = Duration::from_secs(8);

/// A folder with a configuration whose ports are free ones.
fn folder(more: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"\n{more}");
    std::fs::write(dir.path().join("sportello.toml"), text).unwrap();
    dir
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    std::fs::write(dir.join(name), bytes).unwrap();
    name.to_owned()
}

// The configuration.

#[test]
fn the_configuration_explains_itself() {
    let dir = folder("");
    let told = ok(dir.path(), &["config", "check"]);
    assert!(told.contains("the configuration is right") && told.contains("not configured"), "{told}");
    let example = ok(dir.path(), &["config", "example"]);
    let name = write(dir.path(), "example.toml", example);
    ok(dir.path(), &["--config", &name, "config", "check"]);
    let schema: Value = serde_json::from_str(&ok(dir.path(), &["config", "schema"])).unwrap();
    assert!(schema["properties"]["whatsapp"].is_object());
    let reference = ok(dir.path(), &["config", "reference"]);
    assert!(reference.starts_with("# Configuration") && reference.contains("reopen_hours"));
}

fn events(url: &str, secret: &str) -> String {
    format!("[flows.events]\nurl = \"{url}\"\nsecret = \"{secret}\"\n")
}

#[test]
fn a_wrong_configuration_says_where_and_what() {
    let secretless = whatsapp("http://127.0.0.1:1").replace("[\"sandbox-app-secret\"]", "[]");
    let no_number = whatsapp("http://127.0.0.1:1").split("[[").next().unwrap().to_owned() + "numbers = []\n";
    for (text, words) in [
        ("[server]\nlissten = \"x\"\n", &["bad.toml", "lissten", "listen", "line 2"][..]),
        ("[sever]\n", &["sever", "server"]),
        ("[server]\nlisten = \"nonsense\"\n", &["nonsense", "listen"]),
        ("[server]\nmetrics_listen = \"nonsense\"\n", &["127.0.0.1:9464"]),
        ("[server]\nlanguage = \"tlh\"\n", &["tlh", "en, it"]),
        ("[media]\ndecoders = 0\n", &["media.decoders", "at least 1"]),
        ("[server\n", &["bad.toml"]),
        (
            "[flows.events]\nurl = \"https://shop.example.org\"\n",
            &["flows.events has no secret", "secret_file"],
        ),
        (
            &events("http://shop.example.org", "whsec_c3ludGhldGljIHNlY3JldCBvZiBhIHRlc3Q="),
            &["flows.events.url", "https"],
        ),
        (
            &events("https://shop.example.org", "sandbox-token"),
            &["flows.events.secret", "whsec_", "openssl rand"],
        ),
        (
            &events("https://shop.example.org", "whsec_c2hvcnQ="),
            &["flows.events.secret", "5 bytes", "24 to 64"],
        ),
        (&secretless, &["whatsapp.app_secrets", "Copy it"]),
        (&no_number, &["whatsapp.numbers"]),
        (&whatsapp("http://127.0.0.1:1").replace("is_sandbox = true\n", ""), &["https"]),
        (&whatsapp("http://127.0.0.1:1").replace("verify_token", "#"), &["verify_token"]),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "bad.toml", text);
        for command in [&["config", "check"][..], &["serve"], &["doctor"]] {
            let done = run(dir.path(), &[&["--config", "bad.toml"], command].concat());
            assert_eq!(done.code, Some(1), "{command:?} {text}");
            for word in words {
                assert!(done.err.contains(word), "`{word}` is missing: {}", done.err);
            }
            assert!(!done.err.contains("sandbox-token"), "{}", done.err);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was made");
    }
    let dir = tempfile::tempdir().unwrap();
    let done = run(dir.path(), &["--config", "none.toml", "serve"]);
    assert!(done.code == Some(1) && done.err.contains("none.toml"), "{}", done.err);
}

#[test]
fn the_secret_of_events_may_lie_in_a_file() {
    let settings =
        "[flows.events]\nurl = \"https://shop.example.org/in/a-secret-path\"\nsecret_file = \"events.key\"\n";
    let dir = folder(settings);
    let check = || run(dir.path(), &["config", "check"]);
    let done = check();
    assert!(done.code == Some(1) && done.err.contains("events.key"), "{}", done.err);
    write(dir.path(), "events.key", "no-secret-at-all\n");
    let done = check();
    assert!(done.code == Some(1) && done.err.contains("openssl rand"), "{}", done.err);
    assert!(!done.err.contains("no-secret-at-all"), "{}", done.err);
    write(dir.path(), "events.key", "whsec_c3ludGhldGljIHNlY3JldCBvZiBhIHRlc3Q=\n");
    let done = check();
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(done.out.contains("events    shop.example.org") && !done.out.contains("path"), "{}", done.out);
    let done = run(dir.path(), &["doctor"]);
    assert!(done.out.contains("events       signed, to shop.example.org"), "{}", done.out);
}

// The server.

#[tokio::test]
async fn it_serves_without_a_configuration_and_ends_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = sportello(dir.path(), &["serve"]);
    command.env("SPORTELLO_LISTEN", "127.0.0.1:0").env("SPORTELLO_METRICS_LISTEN", "127.0.0.1:0");
    let mut first = Running::start(command);
    let (url, metrics) = first.addresses();
    for path in ["/healthz", "/readyz", "/"] {
        assert_eq!(reqwest::get(format!("{url}{path}")).await.unwrap().status(), 200, "{path}");
    }
    assert_eq!(
        reqwest::get(format!("{url}/metrics")).await.unwrap().headers()["content-type"],
        "text/html; charset=utf-8"
    );
    assert_eq!(reqwest::get(metrics).await.unwrap().status(), 200);
    let body =
        reqwest::Client::new().post(format!("{url}/webhooks/whatsapp")).body("{}").send().await.unwrap();
    assert_eq!(body.status(), 404, "no channel, no webhook");

    let mut second = sportello(dir.path(), &["serve"]);
    second.env("SPORTELLO_LISTEN", "127.0.0.1:0").env("SPORTELLO_METRICS_LISTEN", "127.0.0.1:0");
    let refused = second.output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(1) && why.contains("in use by another sportello"), "{why}");

    let mut other = sportello(dir.path(), &["serve"]);
    let taken = url.strip_prefix("http://").unwrap();
    other
        .env("SPORTELLO_LISTEN", taken)
        .env("SPORTELLO_METRICS_LISTEN", "127.0.0.1:0")
        .env("SPORTELLO_DATA_DIR", "other");
    let refused = other.output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(1) && why.contains("cannot listen on") && why.contains(taken),
        "{why}"
    );

    let mut wrong = sportello(dir.path(), &["serve"]);
    let refused = wrong.env("SPORTELLO_LISTEN", "everywhere").output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("SPORTELLO_LISTEN"));

    let (code, span) = first.terminate();
    assert!(code == Some(0) && span < QUICK, "{code:?} after {span:?}");
    let split = run(dir.path(), &["serve", "--role", "web"]);
    assert!(split.code == Some(1) && split.err.contains("PostgreSQL"), "{}", split.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_is_wrong_and_ends_accordingly() {
    let bare = folder("");
    let done = run(bare.path(), &["doctor"]);
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert!(done.out.contains("nothing is wrong") && done.out.contains("note  whatsapp"), "{}", done.out);

    let clock = std::sync::Arc::new(model::SystemClock);
    let sandbox = sandbox::start(sandbox::Config::default(), clock).await.unwrap();
    let url = sandbox.base_url.clone();
    let well = folder(&whatsapp(&url));
    ok(well.path(), &["migrate"]);
    let done = run(well.path(), &["doctor"]);
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    for word in ["master key", "database", "inbox", "blobs", "decoder", "number", "webhook"] {
        assert!(done.out.contains(word), "{word}: {}", done.out);
    }
    let refused = folder(&whatsapp(&url).replace("sandbox-token", "an-old-token"));
    let done = run(refused.path(), &["doctor"]);
    assert!(done.code == Some(1) && done.out.contains("WRONG number"), "{}", done.out);
    assert!(done.out.contains("to mend") && !done.out.contains("an-old-token"), "{}", done.out);
    sandbox.shutdown().await;
    let done = run(well.path(), &["doctor"]);
    assert!(done.code == Some(1) && done.out.contains("WRONG"), "{}", done.out);
    std::fs::write(bare.path().join("data/master.key"), "no key").unwrap();
    let done = run(bare.path(), &["doctor"]);
    assert!(done.code == Some(1) && done.out.contains("WRONG master key"), "{}", done.out);
}

/// A folder whose configuration names this library and the repository's models.
fn with_library(library: &str) -> tempfile::TempDir {
    let models = std::env::var("SPORTELLO_MODELS_DIR")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../models").to_owned());
    let dir = folder(&format!(
        "[analysis]\nonnxruntime = {library:?}\nmodels_dir = {models:?}\nseconds_max = 120\n"
    ));
    write(dir.path(), "order.png", include_bytes!("fixtures/order.png"));
    dir
}

#[test]
fn a_library_that_cannot_be_used_is_named_before_it_is_missed() {
    let dir = with_library("garbage.so");
    write(dir.path(), "garbage.so", "no library");
    let sentence = "garbage.so cannot be loaded as a library";
    let done = run(dir.path(), &["config", "check"]);
    assert!(done.code == Some(1) && done.err.contains(sentence), "{}{}", done.out, done.err);
    let done = run(dir.path(), &["doctor"]);
    assert!(done.code == Some(1) && done.out.contains("WRONG onnxruntime"), "{}", done.out);
    assert!(done.out.contains(sentence) && done.out.contains("take the setting out"), "{}", done.out);
    // The configuration's is passed over, as the server does it; one that is asked for is not.
    assert!(ok(dir.path(), &["analyze", "--only", "text", "order.png"]).contains("Totale 153,30 EUR"));
    let done = run(dir.path(), &["analyze", "--onnxruntime", "nowhere.so", "order.png"]);
    assert!(done.code == Some(1) && done.err.contains("no ONNX Runtime at"), "{}{}", done.out, done.err);
}

/// With a library in `SPORTELLO_TEST_ONNXRUNTIME`.
#[test]
fn a_library_that_can_be_used_is_named_with_its_version() {
    let Ok(library) = std::env::var("SPORTELLO_TEST_ONNXRUNTIME") else { return };
    let dir = with_library(&library);
    let told = ok(dir.path(), &["config", "check"]);
    assert!(told.contains("read with ONNX Runtime 1."), "{told}");
    let told = ok(dir.path(), &["doctor"]);
    assert!(told.contains("ok    onnxruntime  1."), "{told}");
    for args in [
        &["analyze", "--json", "--only", "text", "order.png"][..],
        &["analyze", "--json", "--only", "text", "--onnxruntime", &library, "order.png"],
    ] {
        let said: Value = serde_json::from_str(&ok(dir.path(), args)).unwrap();
        assert!(said["text"].as_str().unwrap().contains("Totale 153,30 EUR"), "{said:#}");
        let lines = said["findings"].as_array().unwrap().iter().filter(|found| found["kind"] == "text.line");
        let versions: Vec<&str> = lines.map(|line| line["version"].as_str().unwrap()).collect();
        let is_named = |version: &&str| version.starts_with("pp-ocrv6-small/2 on onnxruntime 1.");
        assert!(!versions.is_empty() && versions.iter().all(is_named), "{versions:?}");
    }
}

// The demonstration.

fn demo(dir: &Path) -> Running {
    let args =
        ["demo", "--dir", "desk", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--json"];
    Running::start(sportello(dir, &args))
}

fn line(running: &mut Running) -> Value {
    let out = running.out.clone();
    let line = running.line_of(&out, "{");
    assert_eq!(out.lock().unwrap().lines().count(), 1, "one line and no more");
    serde_json::from_str(&line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_survives_kills_with_the_same_credentials() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = demo(dir.path());
    let first = line(&mut running);
    for key in ["console", "phone", "metrics", "webhook", "api_token"] {
        assert!(first[key].is_string(), "{key}: {first:#}");
    }
    for key in ["base_url", "phone_number_id", "waba_id", "token", "app_secret", "verify_token"] {
        assert!(first["graph"][key].is_string(), "graph.{key}: {first:#}");
    }
    let agent = |line: &Value| (line["agent"]["email"].clone(), line["agent"]["password"].clone());
    assert!(agent(&first).0.is_string() && agent(&first).1.as_str().unwrap().len() >= 10);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(dir.path().join("desk/demo.json")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o077, 0, "it holds a password");

    let photo = write(dir.path(), "p.png", picture(300, 200));
    let said = ok(
        dir.path(),
        &["sandbox", "send", "--dir", "desk", "--from", "+39 333 111 2223", "--as", "text", "--text", "ciao"],
    );
    assert_eq!(said.lines().count(), 1, "the message's id: {said}");
    let album = [
        "sandbox",
        "send",
        "--dir",
        "desk",
        "--from",
        "+393331112223",
        "--album",
        "--text",
        "tre",
        &photo,
        &photo,
        &photo,
    ];
    assert_eq!(ok(dir.path(), &album).lines().count(), 3);
    Api::of(&first).until(|all| is_ready(all, 4)).await;
    ok(dir.path(), &["sandbox", "send", "--dir", "desk", "--from", "+393331112223", &photo]);
    running.kill();

    let mut running = demo(dir.path());
    let second = line(&mut running);
    assert_eq!((agent(&second), &second["api_token"]), (agent(&first), &first["api_token"]));
    let api = Api::of(&second);
    // What the kill interrupted is picked up at once, not when some lease runs out.
    let began = Instant::now();
    let all = api.until(|all| is_ready(all, 5)).await;
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    assert_eq!(all.iter().filter(|m| m["text"] == "ciao").count(), 1);
    let request = api.http.post(format!("{}/api/v1/session", api.url)).json(&second["agent"]);
    assert_eq!(request.send().await.unwrap().status(), 200, "the agent signs in as before");
    let (code, span) = running.terminate();
    assert!(code == Some(0) && span < QUICK, "{code:?} after {span:?}");

    let mut running = demo(dir.path());
    assert_eq!(agent(&line(&mut running)), agent(&first), "after a clean end as well");
    let refused = run(
        dir.path(),
        &["sandbox", "send", "--dir", "desk", "--from", "nobody", "--as", "text", "--text", "x"],
    );
    assert!(refused.code == Some(1) && refused.err.contains("nobody"), "{}", refused.err);
    let refused =
        run(dir.path(), &["sandbox", "send", "--dir", "elsewhere", "--from", "+393331112223", &photo]);
    assert!(refused.code == Some(1) && refused.err.contains("sportello demo"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_whose_agent_was_disabled_starts_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = demo(dir.path());
    let first = line(&mut running);
    assert_eq!(first["agent_is_disabled"], false);
    let email = first["agent"]["email"].as_str().unwrap();
    let with = |args: &[&str]| {
        let mut command = sportello(dir.path(), args);
        let done = command.env("SPORTELLO_DATA_DIR", "desk").output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    with(&["user", "disable", email]);
    assert_eq!(running.terminate().0, Some(0));

    let mut running = demo(dir.path());
    let second = line(&mut running);
    assert_eq!(second["agent_is_disabled"], true, "a start does not undo it");
    let status = async |line: &Value| {
        let url = line["console"].as_str().unwrap();
        let http = reqwest::Client::new();
        let sign_in = json!({ "email": line["agent"]["email"], "password": line["agent"]["password"] });
        let signed_in = http.post(format!("{url}/api/v1/session")).json(&sign_in).send().await.unwrap();
        let token = line["api_token"].as_str().unwrap();
        let listed = http.get(format!("{url}/api/v1/tickets")).bearer_auth(token).send().await.unwrap();
        (signed_in.status().as_u16(), listed.status().as_u16())
    };
    assert_eq!(status(&second).await, (401, 401));
    running.kill();

    // What people read: one sentence, with a command that works as it stands.
    let args = ["demo", "--dir", "desk", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"];
    let mut running = Running::start(sportello(dir.path(), &args));
    let out = running.out.clone();
    running.line_of(&out, "Ctrl-C");
    let told = out.lock().unwrap().clone();
    assert!(
        told.contains(&format!("the agent {email} is disabled")) && !told.contains("sign in as"),
        "{told}"
    );
    let command = format!("SPORTELLO_DATA_DIR=\"desk\" sportello user enable {email}");
    assert!(told.contains(&command), "{told}");
    with(&["user", "enable", email]);
    running.kill();

    let mut running = demo(dir.path());
    let last = line(&mut running);
    assert_eq!((status(&last).await, &last["agent"]), ((200, 200), &first["agent"]));
    assert_eq!(running.terminate().0, Some(0));
    let mut running = demo(dir.path());
    assert_eq!(
        line(&mut running)["api_token"],
        last["api_token"],
        "the new token is kept as the old one was"
    );
}

// Commands for whoever runs the desk.

#[tokio::test(flavor = "multi_thread")]
async fn quarantine_and_dead_letters_are_listed_and_run_again() {
    let dir = tempfile::tempdir().unwrap();
    // No examples are laid out where there is a folder of articles: the files are counted below.
    std::fs::create_dir_all(dir.path().join("desk/articles")).unwrap();
    let mut running = demo(dir.path());
    let line = line(&mut running);
    let api = Api::of(&line);
    let settings = write(dir.path(), "desk.toml", "[data]\ndir = \"desk\"\n");
    let with = |args: &[&str]| ok(dir.path(), &[&["--config", settings.as_str()], args].concat());
    let body = b"{\"Zora".to_vec();
    let request =
        api.http.post(line["webhook"].as_str().unwrap()).header("x-hub-signature-256", support::sign(&body));
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    with(&[
        "sandbox",
        "knobs",
        "--dir",
        "desk",
        "--set",
        "expire_media=true",
        "--set",
        "media_url_in_webhook=false",
    ]);
    let photo = write(dir.path(), "p.png", picture(30, 20));
    with(&["sandbox", "send", "--dir", "desk", "--from", "+393331112223", &photo]);
    api.until(|all| all.len() == 1 && all[0]["attachments"][0]["state"] == "expired").await;
    let began = Instant::now();
    while api.get("/inbox/stats").await["quarantined"] != 1 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let listed = with(&["inbox", "list"]);
    assert!(listed.contains("JSON") && !listed.contains("Zora"), "{listed}");
    assert!(with(&["inbox", "list", "--bodies"]).contains("{\"Zora"));
    let dead = with(&["jobs", "list"]);
    assert!(dead.contains("media.fetch") && dead.lines().count() == 1, "{dead}");
    with(&["sandbox", "knobs", "--dir", "desk", "--reset"]);
    assert!(with(&["jobs", "retry"]).contains("1 job(s)"));
    api.until(|all| is_ready(all, 1)).await;
    assert_eq!(with(&["jobs", "list"]), "");
    let (code, _) = running.terminate();
    assert_eq!(code, Some(0));
    assert!(with(&["inbox", "replay"]).contains("1 bodies"));
    assert_eq!(with(&["inbox", "list"]), "", "it waits to be read");
    let mut running = demo(dir.path());
    let api = Api::of(&self::line(&mut running));
    let began = Instant::now();
    while api.get("/inbox/stats").await["quarantined"] != 1 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A copy of the running desk, restored beside it, opens.
    with(&["backup", "--to", "copy", "--with-master-key"]);
    let other = write(
        dir.path(),
        "other.toml",
        "[data]\ndir = \"restored\"\n[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"\n",
    );
    let told = ok(dir.path(), &["--config", &other, "restore", "--from", "copy"]);
    assert!(told.contains("3 files"), "{told}");
    let mut restored = Running::start(sportello(dir.path(), &["--config", &other, "serve"]));
    let (url, _) = restored.addresses();
    let api =
        Api { url, token: line["api_token"].as_str().unwrap().to_owned(), http: reqwest::Client::new() };
    let message = api.until(|all| is_ready(all, 1)).await.remove(0);
    let id = message["attachments"][0]["id"].as_str().unwrap();
    let request = api.http.get(format!("{}/api/v1/attachments/{id}/content?rendition=thumb", api.url));
    let thumb = request.bearer_auth(&api.token).send().await.unwrap().bytes().await.unwrap();
    image::load_from_memory(&thumb).unwrap();
    let again = run(dir.path(), &["--config", &other, "restore", "--from", "copy"]);
    assert!(again.code == Some(1) && again.err.contains("empty data folder"), "{}", again.err);
}

fn from_base32(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = text
        .bytes()
        .map(|letter| format!("{:05b}", alphabet.iter().position(|known| *known == letter).unwrap()))
        .collect();
    let byte = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
    bits.as_bytes().chunks_exact(8).map(byte).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_added_and_can_sign_in() {
    let dir = folder("");
    let early = run(dir.path(), &["user", "add", "ada@example.org"]);
    assert!(early.code == Some(1) && early.err.contains("sportello migrate"), "{}", early.err);
    ok(dir.path(), &["migrate"]);
    let told = ok(dir.path(), &["user", "add", "ada@example.org", "--name", "Ada"]);
    let password = told.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned();
    assert!(password.len() >= 16, "{told}");
    for (args, word) in [
        (&["user", "add", "ada@example.org"][..], "already"),
        (&["user", "add", "nobody"], "no e-mail address"),
        (&["user", "add", "max@example.org", "--role", "king"], "administrator"),
        (&["token", "add", "x", "--user", "max@example.org"], "no account"),
    ] {
        let done = run(dir.path(), args);
        assert!(done.code == Some(1) && done.err.contains(word), "{args:?}: {}", done.err);
    }
    let mut running = Running::start(sportello(dir.path(), &["serve"]));
    let (url, _) = running.addresses();
    let http = reqwest::Client::new();
    let body = json!({ "email": "Ada@Example.org", "password": password });
    let signed_in = http.post(format!("{url}/api/v1/session")).json(&body).send().await.unwrap();
    assert_eq!(signed_in.status(), 200);
    let token = ok(dir.path(), &["token", "add", "script", "--user", "ada@example.org"]).trim().to_owned();
    let users = http.get(format!("{url}/api/v1/users")).bearer_auth(token).send().await.unwrap();
    let users: Value = users.json().await.unwrap();
    assert_eq!(users["items"][0]["email"], "ada@example.org");

    // A new password ends what was open; being shut out ends tokens too, for good.
    let sign_in = async |password: &str| {
        let body = json!({ "email": "ada@example.org", "password": password });
        http.post(format!("{url}/api/v1/session")).json(&body).send().await.unwrap()
    };
    let is_in = async |response: &reqwest::Response| {
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        http.get(format!("{url}/api/v1/session")).header("cookie", cookie).send().await.unwrap().status()
            == 200
    };
    let before = sign_in(&password).await;
    assert!(is_in(&before).await);
    let told = ok(dir.path(), &["user", "password", "Ada@example.org"]);
    let made = told.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned();
    assert!(!is_in(&before).await, "the session has ended");
    assert_eq!(sign_in(&password).await.status(), 401);
    let after = sign_in(&made).await;
    assert!(is_in(&after).await);

    let token = ok(dir.path(), &["token", "add", "other", "--user", "ada@example.org"]).trim().to_owned();
    let by_token = async || {
        let request = http.get(format!("{url}/api/v1/users")).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(by_token().await, 200);
    // Roles and rights count from the next request on; what was changed is written down.
    let told =
        ok(dir.path(), &["user", "may", "ada@example.org", "--role", "auditor", "--give", "flows.change"]);
    assert_eq!(told, "ada@example.org: auditor +flows.change\n");
    let audit = async |token: &str| {
        http.get(format!("{url}/api/v1/audit")).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(audit(&token).await, 200);
    let scoped = ["token", "add", "people", "--user", "ada@example.org", "--scope", "people.read"];
    let scoped = ok(dir.path(), &scoped).trim().to_owned();
    assert_eq!(audit(&scoped).await, 403);
    let told = ok(dir.path(), &["audit", "--limit", "1"]);
    assert!(told.contains("  cli  user.may  ") && told.ends_with("  auditor +flows.change\n"), "{told}");
    for (args, word) in [
        (&["user", "may", "ada@example.org", "--give", "everything"][..], "audit.read"),
        (&["user", "may", "ada@example.org", "--take", "audit.read"], "another role with --role"),
        (&["token", "add", "x", "--scope", "king"], "these exist"),
        (&["audit", "4711"], "no ticket 4711"),
    ] {
        let done = run(dir.path(), args);
        assert!(done.code == Some(1) && done.err.contains(word), "{args:?}: {}", done.err);
    }
    let told =
        ok(dir.path(), &["user", "may", "ada@example.org", "--role", "agent", "--take", "flows.change"]);
    assert_eq!(told, "ada@example.org: agent\n");
    ok(dir.path(), &["user", "disable", "ada@example.org"]);
    assert!(!is_in(&after).await);
    assert_eq!((sign_in(&made).await.status().as_u16(), by_token().await), (401, 401));
    let listed = ok(dir.path(), &["user", "list"]);
    assert!(listed.contains("ada@example.org  Ada  agent  disabled 20"), "{listed}");
    ok(dir.path(), &["user", "enable", "ada@example.org"]);
    assert_eq!(ok(dir.path(), &["user", "list"]), "ada@example.org  Ada  agent\n");
    assert_eq!((sign_in(&made).await.status().as_u16(), by_token().await), (200, 401), "tokens stay ended");
    // Who lost phone and recovery codes is let in again.
    let reset = ["user", "reset-second-factor", "ada@example.org"];
    assert!(ok(dir.path(), &reset).contains("no second factor"));
    let signed_in = sign_in(&made).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = signed_in.json::<Value>().await.unwrap()["csrf_token"].as_str().unwrap().to_owned();
    let post = async |path: &str, body: Value| -> Value {
        let request = http.post(format!("{url}/api/v1/account/{path}")).json(&body);
        let request = request.header("cookie", &cookie).header("x-csrf-token", &csrf);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    };
    let begun = post("second-factor", json!({ "password": made })).await;
    let secret = from_base32(begun["secret"].as_str().unwrap());
    let code = server::totp::code_at(&secret, model::Clock::now(&model::SystemClock));
    post("second-factor/confirm", json!({ "code": code })).await;
    assert_eq!(sign_in(&made).await.status(), 401, "a code is asked for");
    assert!(ok(dir.path(), &["user", "list"]).ends_with("agent  second factor\n"));
    assert!(ok(dir.path(), &reset).contains("password alone"));
    assert_eq!(sign_in(&made).await.status(), 200);
    let told = ok(dir.path(), &["audit", "--limit", "1"]);
    assert!(told.contains("  cli  user.second_factor_reset  "), "{told}");
    for command in ["password", "disable", "enable", "reset-second-factor"] {
        let done = run(dir.path(), &["user", command, "nobody@example.org"]);
        assert!(done.code == Some(1) && done.err.contains("user list"), "{command}: {}", done.err);
    }
}

// Flows.

#[test]
fn an_author_checks_tests_and_draws_a_flow_without_a_server() {
    let dir = folder("");
    let flow = ok(dir.path(), &["flow", "library", "triage"]);
    std::fs::create_dir_all(dir.path().join("mine/talks")).unwrap();
    write(dir.path(), "mine/flow.yaml", &flow);
    assert!(ok(dir.path(), &["flow", "check", "mine"]).contains("good"));
    assert!(ok(dir.path(), &["flow", "graph", "mine", "--mermaid"]).starts_with("flowchart TD"));
    let picture = ok(dir.path(), &["flow", "graph", "mine", "--language", "it"]);
    assert!(picture.starts_with("<svg ") && picture.contains(">Di che cosa"), "{picture}");
    assert!(ok(dir.path(), &["flow", "library"]).contains("product_defect"));
    let schema: Value = serde_json::from_str(&ok(dir.path(), &["flow", "schema"])).unwrap();
    assert!(schema["properties"]["steps"].is_object());

    write(dir.path(), "mine/talks/order.en.talk", "> says: hello\n> picks: order\n");
    let done = run(dir.path(), &["flow", "test", "mine"]);
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("order.en.talk:2: goes otherwise"), "{}", done.out);
    ok(dir.path(), &["flow", "test", "--write", "mine"]);
    assert!(ok(dir.path(), &["flow", "test", "mine"]).contains("1 conversation(s) played, 0 went otherwise"));

    write(dir.path(), "mine/flow.yaml", flow.replace("then: order_number", "then: order_numbr"));
    let done = run(dir.path(), &["flow", "check", "mine"]);
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("flow.yaml:") && done.out.contains("order_number"), "{}", done.out);
    let done = run(dir.path(), &["flow", "graph", "nothing"]);
    assert!(done.err.contains("flow library"), "{}", done.err);
}

// Forms of WhatsApp.

#[tokio::test(flavor = "multi_thread")]
async fn numbers_get_keys_and_forms() {
    let clock = std::sync::Arc::new(model::SystemClock);
    let sandbox = sandbox::start(sandbox::Config::default(), clock).await.unwrap();
    let number = sandbox::Config::default().phone_number_id;
    let configured = whatsapp(&sandbox.base_url);
    let desk = folder(&configured);
    ok(desk.path(), &["migrate"]);
    let keys = |command: &str| run(desk.path(), &["keys", "forms", command]);
    for command in ["show", "upload"] {
        let early = keys(command);
        assert!(early.code == Some(1) && early.out.contains("keys forms make"), "{command}: {}", early.out);
    }
    let public = || {
        let shown = ok(desk.path(), &["keys", "forms", "show", &number]);
        assert!(shown.starts_with("-----BEGIN PUBLIC KEY-----") && shown.contains("VALID"), "{shown}");
        shown
    };
    assert!(ok(desk.path(), &["keys", "forms", "make"]).contains("VALID"));
    let first = public();
    assert_eq!(public(), first, "looking at it changes nothing");
    ok(desk.path(), &["keys", "forms", "make", &number]);
    assert_ne!(public(), first);
    let unknown = run(desk.path(), &["keys", "forms", "make", "123"]);
    assert!(
        unknown.code == Some(1) && unknown.err.contains("`123` is no phone_number_id"),
        "{}",
        unknown.err
    );

    let form = ["flow", "form", "product_defect", "defect", "--language", "it"];
    let printed: Value = serde_json::from_str(&ok(desk.path(), &form)).unwrap();
    assert_eq!(printed["screens"].as_array().unwrap().len(), 3, "{printed:#}");
    let publish = [&form[..], &["--publish", &number]].concat();
    let told = ok(desk.path(), &publish);
    let settings = told.split_once("\n\n").unwrap().1;
    let with_form = folder(&format!("{configured}{settings}"));
    ok(with_form.path(), &["migrate"]);
    ok(with_form.path(), &["doctor"]);

    let twice = run(desk.path(), &publish);
    assert!(twice.code == Some(1) && twice.err.contains("--name"), "{}", twice.err);
    ok(desk.path(), &[&publish[..], &["--name", "defect_it_2"]].concat());
    for (change, word) in [
        (["flow", "form", "product_defect", "nothing", "--language", "it"], "nothing"),
        (["flow", "form", "product_defect", "defect", "--language", "xx"], "xx"),
        (["flow", "form", "triage", "defect", "--language", "it"], "defect"),
    ] {
        let done = run(desk.path(), &change);
        assert!(done.code != Some(0) && done.err.contains(word), "{change:?}: {}", done.err);
    }
    let without = folder("");
    let done = run(without.path(), &publish);
    assert!(done.code == Some(1) && done.err.contains("WhatsApp is not configured"), "{}", done.err);
    sandbox.shutdown().await;
    let down = keys("upload");
    assert_eq!(down.code, Some(1), "{}{}", down.out, down.err);
}
