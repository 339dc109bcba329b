//! Dialogflow ES and CX over HTTP, against answers that Google's own types rendered and requests that they accept.
//!
//! `google/referee.py` renders and checks them; with SPORTELLO_TEST_GOOGLE_PYTHON, a Python that has Google's two
//! packages, it is asked here, too.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on ends"
)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::{
    encoding::AsDer as _,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bots::{
    ANSWER_BYTES_MAX, Begin, Bot, Choice, Config, CxConfig, Error, EsConfig, File, Found, Reply, Said, Say,
    Session, Then, Turn,
};
use model::{Clock as _, ManualClock, Timestamp};
use serde_json::{Value, json};

const NOON: Timestamp = Timestamp::from_secs(1_795_348_800);
const EMAIL: &str = "desk@example.iam.gserviceaccount.com";

fn google() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/google")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(google().join(name)).unwrap()
}

/// Google, as far as it is needed: a place for tokens and one for turns.
#[derive(Clone)]
struct Google {
    public_key: Arc<Vec<u8>>,
    clock: Arc<ManualClock>,
    answer: Arc<Mutex<(u16, String)>>,
    /// Paths and bodies of the turns.
    turns: Arc<Mutex<Vec<(String, Value)>>>,
    tokens: Arc<Mutex<u32>>,
}

/// A bot that talks to a Google of its own.
struct World {
    google: Google,
    bot: Bot,
    address: String,
    dir: tempfile::TempDir,
}

async fn world(kind: &str) -> World {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let google = Google {
        public_key: Arc::new(key.public_key().as_ref().to_vec()),
        clock: Arc::new(ManualClock::at(NOON)),
        answer: Arc::new(Mutex::new((200, read(&format!("{kind}/answers/is_silent.json"))))),
        turns: Arc::default(),
        tokens: Arc::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/token", post(token)).fallback(turn).with_state(google.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let dir = tempfile::tempdir().unwrap();
    let credentials = dir.path().join("key.json");
    std::fs::write(&credentials, key_file(&key, &address).to_string()).unwrap();
    let bot =
        Bot::open(&config(kind, &address, credentials), "Sportello/test", google.clock.clone()).unwrap();
    World { google, bot, address, dir }
}

fn key_file(key: &RsaKeyPair, address: &str) -> Value {
    let der = key.as_der().unwrap();
    let lines = STANDARD
        .encode(der.as_ref())
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap() + "\n")
        .collect::<String>();
    json!({
        "type": "service_account", "project_id": "desk", "private_key_id": "key-1", "client_email": EMAIL,
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n"),
        "token_uri": format!("{address}/token"),
    })
}

fn config(kind: &str, address: &str, credentials: PathBuf) -> Config {
    let base_url = Some(address.parse().unwrap());
    let (project, begin_with) = ("desk".to_owned(), None);
    match kind {
        "es" => Config::DialogflowEs(EsConfig {
            project,
            location: Some("europe-west1".to_owned()),
            environment: Some("production".to_owned()),
            credentials,
            base_url,
            handover_intents: vec!["Talk to a person".to_owned()],
            begin_with,
        }),
        _ => Config::DialogflowCx(CxConfig {
            project,
            location: "europe-west1".to_owned(),
            agent: "agent-1".to_owned(),
            environment: None,
            credentials,
            base_url,
            begin_with,
        }),
    }
}

async fn token(State(google): State<Google>, Form(form): Form<BTreeMap<String, String>>) -> Response {
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (signed, signature) = form["assertion"].rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, google.public_key.as_slice());
    if key.verify(signed.as_bytes(), &signature).is_err() {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let part =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(header), json!({ "alg": "RS256", "typ": "JWT", "kid": "key-1" }));
    let (claims, now) = (part(claims), google.clock.now().secs());
    assert_eq!(
        (&claims["iss"], &claims["iat"], &claims["exp"]),
        (&json!(EMAIL), &json!(now), &json!(now + 3_600))
    );
    assert!(claims["aud"].as_str().unwrap().ends_with("/token"), "{claims}");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/dialogflow");
    let mut tokens = google.tokens.lock().unwrap();
    *tokens += 1;
    let granted =
        json!({ "access_token": format!("token-{tokens}"), "expires_in": 3_599, "token_type": "Bearer" });
    Json(granted).into_response()
}

async fn turn(State(google): State<Google>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let wanted = format!("Bearer token-{}", google.tokens.lock().unwrap());
    assert_eq!(headers["authorization"], wanted.as_str());
    google.turns.lock().unwrap().push((uri.path().to_owned(), serde_json::from_slice(&body).unwrap()));
    let (status, body) = google.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

impl World {
    fn will_answer(&self, status: u16, body: &str) {
        *self.google.answer.lock().unwrap() = (status, body.to_owned());
    }

    async fn turn(&self, said: Said) -> Result<Reply, Error> {
        let turn = Turn { session: Session::of("run:1"), language: "it".to_owned(), said };
        self.bot.turn(&turn).await
    }
}

fn text(text: &str) -> Said {
    Said::Text(text.to_owned())
}

fn begin() -> Said {
    let answers = [("first_message", "Vorrei un'altra misura"), ("order", "AB-1")];
    let answers = answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).into();
    Said::Begin(Begin { flow: "triage".to_owned(), answers, files: Vec::new() })
}

fn media() -> Said {
    let code = Found { kind: "entity.error_code".to_owned(), value: "E20".to_owned(), confidence: 0.91 };
    Said::Media(File {
        kind: "photo".to_owned(),
        caption: Some("Il mio forno".to_owned()),
        verdict: Some("usable".to_owned()),
        reason: None,
        text: Some("E20".to_owned()),
        findings: vec![code],
    })
}

#[tokio::test]
async fn what_is_sent_is_what_google_reads() {
    let session = Session::of("run:1");
    let es = "/v2/projects/desk/locations/europe-west1/agent/environments/production/users/-/sessions/";
    let cx = "/v3/projects/desk/locations/europe-west1/agents/agent-1/sessions/";
    for (kind, path, chars_max) in [("es", es, 256), ("cx", cx, 1_000)] {
        let world = world(kind).await;
        let choice = Said::Choice { payload: "Grande".to_owned(), title: "G".to_owned() };
        for (said, request) in
            [(begin(), "begin"), (text("Grande"), "text"), (choice, "text"), (media(), "media")]
        {
            world.turn(said).await.unwrap();
            let (asked, body) = world.google.turns.lock().unwrap().pop().unwrap();
            assert_eq!(asked, format!("{path}{}:detectIntent", session.as_str()));
            let wanted: Value =
                serde_json::from_str(&read(&format!("{kind}/requests/{request}.json"))).unwrap();
            assert_eq!(body, wanted, "{kind} {request}");
        }
        // ES takes no more of a text.
        world.turn(text(&"à".repeat(1_000))).await.unwrap();
        let (_, body) = world.google.turns.lock().unwrap().pop().unwrap();
        assert_eq!(body["queryInput"]["text"]["text"].as_str().unwrap().chars().count(), chars_max);
    }
}

fn said(line: &str) -> Say {
    Say::Text(line.to_owned())
}

fn asked(text: &str, options: &[(&str, &str)]) -> Say {
    let options = options
        .iter()
        .map(|(title, payload)| Choice { title: (*title).to_owned(), payload: (*payload).to_owned() });
    Say::Choice { text: text.to_owned(), options: options.collect() }
}

fn picture(url: &str) -> Say {
    Say::Picture { url: url.parse().unwrap() }
}

#[tokio::test]
async fn what_google_renders_is_read() {
    let sizes = picture("https://example.org/sizes.png");
    let es_asks = vec![
        said("Che misura?"),
        asked("Scelga:", &[("Grande", "Grande"), ("Piccola", "Piccola")]),
        sizes.clone(),
        asked("Le misure\nin centimetri", &[("Grande", "large")]),
        said("Tabella: https://example.org/sizes"),
        picture("https://example.org/door.png"),
    ];
    let cx_asks = vec![asked("Che misura?", &[("Grande", "Grande"), ("Piccola", "Piccola")]), sizes];
    for (answer, says, then) in [
        ("es/asks", es_asks, Then::Stay),
        ("es/only_fulfillment_text", vec![said("Cambiata.")], Then::Stay),
        ("es/ends", vec![said("Arrivederci.")], Then::Solved),
        ("es/wants_a_person_by_intent", vec![said("Un momento.")], Then::Person),
        ("es/wants_a_person_by_payload", vec![], Then::Person),
        ("es/wants_a_person_by_webhook", vec![said("Un momento.")], Then::Person),
        ("es/is_silent", vec![], Then::Stay),
        ("cx/asks", cx_asks, Then::Stay),
        ("cx/ends", vec![said("Arrivederci.")], Then::Solved),
        ("cx/wants_a_person", vec![said("Un momento.")], Then::Person),
        ("cx/is_silent", vec![], Then::Stay),
    ] {
        let (kind, file) = answer.split_once('/').unwrap();
        let world = world(kind).await;
        world.will_answer(200, &read(&format!("{kind}/answers/{file}.json")));
        let reply = world.turn(text("Grande")).await.unwrap();
        assert_eq!(reply, Reply { says, then }, "{answer}");
    }
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end_and_forgotten_when_it_is_refused() {
    let world = world("cx").await;
    let tokens = || *world.google.tokens.lock().unwrap();
    for (minutes, count) in [(0, 1), (58, 1), (1, 2)] {
        world.google.clock.advance(Duration::from_secs(minutes * 60));
        world.turn(text("Grande")).await.unwrap();
        assert_eq!(tokens(), count, "after {minutes} minutes");
    }
    world.will_answer(401, "{}");
    let refused = world.turn(text("Grande")).await.unwrap_err();
    assert!(refused.is_passing(), "{refused}");
    world.will_answer(200, &read("cx/answers/is_silent.json"));
    world.turn(text("Grande")).await.unwrap();
    assert_eq!(tokens(), 3);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_without_a_word_of_it() {
    let world = world("cx").await;
    let long = format!("{{\"queryResult\": {{}}, \"x\": \"{}\"}}", "x".repeat(ANSWER_BYTES_MAX));
    for (status, body, is_passing) in [
        (200, "<html>secret</html>", false),
        (200, "{\"queryResult\": \"secret\"}", false),
        (200, "{}", false),
        (200, &long, false),
        (302, "secret", false),
        (403, "secret", false),
        (429, "secret", true),
        (503, "secret", true),
    ] {
        world.will_answer(status, body);
        let error = world.turn(text("Grande")).await.unwrap_err();
        assert_eq!(error.is_passing(), is_passing, "{status} {error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn an_account_that_google_does_not_know_is_no_access() {
    let world = world("es").await;
    let other = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let (credentials, address) = (world.dir.path().join("other_key.json"), world.address.as_str());
    let open = |key: &str| {
        std::fs::write(&credentials, key).unwrap();
        Bot::open(&config("es", address, credentials.clone()), "Sportello/test", world.google.clock.clone())
    };
    let bot = open(&key_file(&other, address).to_string()).unwrap_or_else(|e| panic!("{e}"));
    let turn = Turn { session: Session::of("run:1"), language: "it".to_owned(), said: text("Grande") };
    let error = bot.turn(&turn).await.unwrap_err();
    assert!(matches!(error, Error::NoAccess(_)) && !error.is_passing(), "{error}");
    assert!(world.google.turns.lock().unwrap().is_empty(), "no turn goes without a token");

    let mut broken = key_file(&other, address);
    broken["private_key"] = json!("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    let elsewhere = key_file(&other, "http://tokens.example.org");
    for (text, why) in [
        (broken.to_string(), "PKCS #8"),
        (elsewhere.to_string(), "https"),
        ("{\"private_key\": 7}".to_owned(), "service account"),
    ] {
        let error = open(&text).err().unwrap().to_string();
        assert!(error.contains(why) && error.contains("other_key.json"), "{error}");
    }
}

#[test]
fn googles_own_types_agree() {
    let Some(python) = std::env::var_os("SPORTELLO_TEST_GOOGLE_PYTHON") else { return };
    let done = std::process::Command::new(python).arg(google().join("referee.py")).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
