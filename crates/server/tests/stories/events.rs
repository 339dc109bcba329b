//! A flow tells the operator's system that something happened: what arrives there, and what becomes of every answer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Clock as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::config::Events;
use sha2::Sha256;

use crate::{
    ZOE, close_without_debts,
    guided::{flow, quiet, says, until},
    support::{Desk, Engine, engines},
};

const LOST: &str = r#"
flow: lost
version: 1
about: Says that a parcel is lost.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  order:
    ask:
      text: { en: Which order?, it: Quale ordine?, es: ¿Qué pedido?, pt: Qual pedido?, hi: कौन सा ऑर्डर? }
      for: text
      save: order
  tell:
    act: { do: [{ tag: lost }, { event: { name: parcel.lost, with: { order: "{order}", channel: whatsapp } } }] }
  told:
    end: { text: { en: "Noted.", it: "Preso nota.", es: "Anotado.", pt: "Anotado.", hi: "नोट किया।" } }
"#;
const KEY: [u8; 32] = [7; 32];

/// The operator's system: it answers as it is told to, then 204.
#[derive(Clone, Default)]
struct Shop {
    will: Arc<Mutex<VecDeque<u16>>>,
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Shop {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/events", post(hear))
            .route("/elsewhere", post(async || StatusCode::OK))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn heard(&self) -> Vec<(HeaderMap, String)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(State(shop): State<Shop>, headers: HeaderMap, body: String) -> Response {
    shop.heard.lock().unwrap().push((headers, body));
    let status = shop.will.lock().unwrap().pop_front().unwrap_or(204);
    let status = StatusCode::from_u16(status).unwrap();
    // Longer than anybody reads, and an address that nobody follows.
    (status, [(header::LOCATION, "/elsewhere")], "x".repeat(200_000)).into_response()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

/// As a receiver checks it, by the specification and not by our code.
fn is_genuine(headers: &HeaderMap, body: &str) -> bool {
    let content = format!("{}.{}.{body}", text(headers, "webhook-id"), text(headers, "webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(content.as_bytes());
    let expect = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    text(headers, "webhook-signature").split(' ').any(|given| given == expect)
}

fn events(url: &str) -> Events {
    let secret = Some(SecretString::from(format!("whsec_{}", STANDARD.encode(KEY))));
    Events { url: url.parse().unwrap(), secret, secret_file: None }
}

async fn desk_with(engine: Engine, given: Option<Events>) -> Desk {
    let desk = Desk::start_with(engine, |config| config.flows.events = given).await;
    let flows = desk.config.flows_dir();
    std::fs::create_dir_all(&flows).unwrap();
    std::fs::write(flows.join("lost.yaml"), LOST).unwrap();
    until("the flow is read", async || {
        let flows = desk.get("/flows").await;
        flows["items"].as_array().unwrap().iter().any(|flow| flow["name"] == "lost")
    })
    .await;
    desk.settle().await;
    desk
}

/// The customer loses a parcel; returns the ticket.
async fn loses(desk: &Desk) -> Value {
    let zoe = desk.customer(ZOE, "Zoë").await;
    says(desk, &zoe, "Buongiorno").await;
    says(desk, &zoe, "AB-1").await;
    let ticket = desk.only_ticket().await;
    assert_eq!(flow(desk, &ticket).await["ending"], "ended", "it does not wait for the other system");
    ticket
}

/// What the ticket says of it.
async fn lines(desk: &Desk, ticket: &Value) -> Vec<String> {
    let transcript = desk.transcript(ticket).await;
    transcript.lines().filter(|line| line.starts_with("· flow.event")).map(str::to_owned).collect()
}

async fn dead(desk: &Desk) -> Vec<store::jobs::Listed> {
    store::jobs::list(&desk.server.app.db, "dead", "", 10).await.unwrap()
}

const SAID: &str =
    r#"· flow.event flow="lost" name="parcel.lost" version=1 with={"channel":"whatsapp","order":"AB-1"}"#;

#[tokio::test]
async fn a_system_is_told_once_under_one_id_and_can_check_who_tells() {
    for engine in engines() {
        let shop = Shop::default();
        shop.will.lock().unwrap().extend([500, 302, 200]);
        let desk = desk_with(engine, Some(events(&shop.start().await))).await;
        let ticket = loses(&desk).await;
        let first = shop.heard();
        assert!(!first.is_empty() && first.len() < 3, "{}", first.len());
        for _ in 0..2 {
            desk.advance(Duration::from_mins(6));
            quiet(&desk).await;
        }
        let heard = shop.heard();
        assert_eq!(heard.len(), 3, "once more after each failure, and no more");
        let (headers, body) = &heard[0];
        for (again, same) in &heard {
            assert!(is_genuine(again, same), "{again:?}");
            assert_eq!((text(again, "webhook-id"), same), (text(headers, "webhook-id"), body));
            assert_eq!(text(again, "content-type"), "application/json");
        }
        let seconds = |n: usize| text(&heard[n].0, "webhook-timestamp").parse::<i64>().unwrap();
        assert!(seconds(0) < seconds(1) && seconds(2) <= desk.clock.now().secs(), "the time of the try");
        let told: Value = serde_json::from_str(body).unwrap();
        assert_eq!(told["type"], "parcel.lost");
        let at: jiff::Timestamp = told["timestamp"].as_str().unwrap().parse().unwrap();
        assert!((seconds(0) - at.as_second()).abs() <= 5, "{told}");
        let expect = json!({
            "order": "AB-1", "channel": "whatsapp",
            "ticket": { "id": ticket["id"], "number": ticket["number"] },
            "contact": { "id": ticket["contact"]["id"] },
            "flow": { "name": "lost", "version": 1 },
        });
        assert_eq!(told["data"], expect);
        assert!(!body.contains("333111") && !body.contains("Zoë"), "{body}");
        assert_eq!(lines(&desk, &ticket).await, [SAID]);
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn gone_ends_the_tries_and_a_replay_is_told_on_the_ticket() {
    for engine in engines() {
        let shop = Shop::default();
        shop.will.lock().unwrap().push_back(410);
        let desk = desk_with(engine, Some(events(&shop.start().await))).await;
        let ticket = loses(&desk).await;
        desk.advance(Duration::from_hours(30));
        quiet(&desk).await;
        assert_eq!(shop.heard().len(), 1);
        let said = lines(&desk, &ticket).await;
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[1].starts_with("· flow.event_untold") && said[1].contains("410 Gone"), "{}", said[1]);
        let jobs = dead(&desk).await;
        assert_eq!((jobs.len(), jobs[0].kind.as_str()), (1, "event.post"));
        assert!(!jobs[0].payload.contains("AB-1"), "{}", jobs[0].payload);
        let path = format!("/jobs/{}/retry", jobs[0].id);
        let (status, body) = desk.api(reqwest::Method::POST, &path, None).await;
        assert_eq!(status, 204, "{body}");
        quiet(&desk).await;
        let heard = shop.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(text(&heard[0].0, "webhook-id"), text(&heard[1].0, "webhook-id"));
        assert_eq!(lines(&desk, &ticket).await[2..], [r#"· flow.event_told name="parcel.lost""#]);
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn a_system_that_stays_away_is_given_up_after_three_days() {
    for engine in engines() {
        // A port that was free a moment ago.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let desk = desk_with(engine, Some(events(&url))).await;
        let ticket = loses(&desk).await;
        let began = desk.clock.now();
        while dead(&desk).await.is_empty() {
            assert!(desk.clock.now().since(began) < Duration::from_hours(90), "it is given up some time");
            assert_eq!(lines(&desk, &ticket).await, [SAID], "until then nothing is lost");
            desk.advance(Duration::from_hours(1));
            desk.settle().await;
        }
        let span = desk.clock.now().since(began);
        assert!((Duration::from_hours(70)..Duration::from_hours(90)).contains(&span), "{span:?}");
        let said = lines(&desk, &ticket).await;
        assert!(
            said[1].contains("10 times over three days") && said[1].contains("could not be reached"),
            "{said:?}"
        );
        desk.close().await;
    }
}

#[tokio::test]
async fn without_a_system_to_tell_the_ticket_says_so_at_once() {
    for engine in engines() {
        let desk = desk_with(engine, None).await;
        let ticket = loses(&desk).await;
        let said = lines(&desk, &ticket).await;
        assert_eq!(
            said,
            [
                r#"· flow.event_untold name="parcel.lost" tries=0 why="the configuration has no [flows.events]" with={"channel":"whatsapp","order":"AB-1"}"#
            ]
        );
        // By the console, such a flow is not switched on at all.
        let source = LOST.replace("flow: lost", "flow: missing").replace("rollout: on", "rollout: off");
        desk.post("/flows", json!({ "source": source })).await;
        let wanted = Some(json!({ "rollout": "on" }));
        let (status, body) = desk.api(reqwest::Method::PATCH, "/flows/missing/1", wanted).await;
        assert!(status == 422 || status == 400, "{status}");
        assert!(body.to_string().contains("[flows.events]"), "{body}");
        close_without_debts(desk).await;
    }
}
