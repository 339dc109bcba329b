//! Any order, any repetition and any batching of the same webhooks ends in the same desk.
//!
//! One scenario is delivered twice to one desk, under two sets of numbers and ids: once as it happened, and once
//! shuffled, duplicated, packed into common bodies and posted in parallel. What the API tells of both must be the same,
//! but for the messages of one second: they stand as they arrived.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    reason = "a test that cannot go on ends"
)]

mod support;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::StreamExt as _;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json};
use support::{Desk, Engine, NOON, engines};

/// What one of three people does, or what WhatsApp reports.
#[derive(Clone, Debug)]
enum Step {
    Says { who: usize, shows: Shows, answers: Option<usize> },
    Photo { who: usize, shows: Shows },
    Reacts { who: usize, shows: Shows, to: usize, emoji: Option<&'static str> },
    Edits { who: usize, to: usize },
    Revokes { who: usize, to: usize },
    Moves { who: usize },
    Report { of: usize, status: &'static str },
}

/// Which names of the sender a webhook carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Number,
    Id,
    Both,
}

const PEOPLE: usize = 3;
/// Messages that we sent to the first of them beforehand.
const OURS: usize = 2;

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE;
    let shows = prop_oneof![Just(Shows::Number), Just(Shows::Id), Just(Shows::Both)];
    prop_oneof![
        5 => (who.clone(), shows.clone(), proptest::option::of(0..40usize)).prop_map(|(who, shows, answers)| Step::Says { who, shows, answers }),
        1 => (who.clone(), shows.clone()).prop_map(|(who, shows)| Step::Photo { who, shows }),
        3 => (who.clone(), shows, 0..40usize, prop_oneof![Just(None), Just(Some("👍")), Just(Some("🙏"))])
            .prop_map(|(who, shows, to, emoji)| Step::Reacts { who, shows, to, emoji }),
        1 => (who.clone(), 0..40usize).prop_map(|(who, to)| Step::Edits { who, to }),
        1 => (who.clone(), 0..40usize).prop_map(|(who, to)| Step::Revokes { who, to }),
        1 => who.prop_map(|who| Step::Moves { who }),
        4 => (0..OURS, prop_oneof![Just("sent"), Just("delivered"), Just("read"), Just("failed")])
            .prop_map(|(of, status)| Step::Report { of, status }),
    ]
}

/// How the steps arrive the second time: each up to three times, in this order, in bodies of these sizes.
#[derive(Clone, Debug)]
struct Arrival {
    order: Vec<usize>,
    sizes: Vec<usize>,
}

fn scenario() -> impl Strategy<Value = (Vec<Step>, Arrival)> {
    proptest::collection::vec(step(), 4..24).prop_flat_map(|steps| {
        let repeated: Vec<usize> = (0..steps.len()).flat_map(|n| std::iter::repeat_n(n, 1 + n % 3)).collect();
        let order = Just(repeated).prop_shuffle();
        let sizes = proptest::collection::vec(1..6usize, 1..8);
        (Just(steps), (order, sizes).prop_map(|(order, sizes)| Arrival { order, sizes }))
    })
}

/// One telling of a scenario: its own numbers, ids and messages, so that tellings share a desk and nothing else.
struct Telling {
    run: u32,
    ours: Vec<String>,
}

impl Telling {
    /// In every number and id of this telling, and nowhere else.
    fn mark(&self) -> String {
        format!("39{:05}", self.run)
    }

    fn phone(&self, who: usize, moves: usize) -> String {
        format!("{}{who}{moves:02}", self.mark())
    }

    fn bsuid(&self, who: usize, moves: usize) -> String {
        format!("IT.{}{who}{moves:02}", self.mark())
    }

    fn wamid(&self, n: usize) -> String {
        format!("wamid.{}-{n:03}", self.mark())
    }

    /// The `value` of a webhook with one message in it.
    fn message(&self, who: usize, moves: usize, shows: Shows, n: usize, body: Value) -> Value {
        let (mut message, mut contact) = (body, json!({ "profile": { "name": format!("P{who}") } }));
        if shows != Shows::Id {
            message["from"] = json!(self.phone(who, moves));
            contact["wa_id"] = json!(self.phone(who, moves));
        }
        if shows != Shows::Number {
            message["from_user_id"] = json!(self.bsuid(who, moves));
            contact["user_id"] = json!(self.bsuid(who, moves));
        }
        message["id"] = json!(self.wamid(n));
        message["timestamp"] = json!(at(n));
        json!({ "contacts": [contact], "messages": [message] })
    }
}

/// Two steps a second: ties are the normal case.
fn at(n: usize) -> String {
    (NOON.secs() - 500 + i64::try_from(n / 2).unwrap()).to_string()
}

/// The values of all steps, as they happened. A step that has nothing to do something to is left out.
fn values(steps: &[Step], telling: &Telling) -> Vec<Value> {
    let mut moves = [0; PEOPLE];
    let mut written: [Vec<usize>; PEOPLE] = Default::default();
    let mut values = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        let pick = |who: usize, to: usize| written[who].get(to % written[who].len().max(1)).copied();
        let value = match step {
            Step::Says { who, shows, answers } => {
                let mut body = json!({ "type": "text", "text": { "body": format!("text {n}") } });
                if let Some(quoted) = answers.and_then(|to| pick(*who, to)) {
                    body["context"] =
                        json!({ "from": telling.phone(*who, moves[*who]), "id": telling.wamid(quoted) });
                }
                written[*who].push(n);
                telling.message(*who, moves[*who], *shows, n, body)
            }
            Step::Photo { who, shows } => {
                let image = json!({ "id": format!("{}{n}", telling.mark()), "mime_type": "image/jpeg", "caption": format!("photo {n}") });
                written[*who].push(n);
                telling.message(*who, moves[*who], *shows, n, json!({ "type": "image", "image": image }))
            }
            Step::Reacts { who, shows, to, emoji } => {
                let ours = (*who == 0 && to % 3 == 0).then(|| telling.ours[to % OURS].clone());
                let Some(target) = ours.or_else(|| pick(*who, *to).map(|n| telling.wamid(n))) else {
                    continue;
                };
                let mut reaction = json!({ "message_id": target });
                if let Some(emoji) = emoji {
                    reaction["emoji"] = json!(emoji);
                }
                telling.message(
                    *who,
                    moves[*who],
                    *shows,
                    n,
                    json!({ "type": "reaction", "reaction": reaction }),
                )
            }
            Step::Edits { who, to } => {
                let Some(target) = pick(*who, *to).map(|n| telling.wamid(n)) else { continue };
                let message = json!({ "context": { "id": target }, "type": "text", "text": { "body": format!("edited {n}") } });
                let edit = json!({ "original_message_id": target, "message": message });
                telling.message(*who, moves[*who], Shows::Both, n, json!({ "type": "edit", "edit": edit }))
            }
            Step::Revokes { who, to } => {
                let Some(target) = pick(*who, *to).map(|n| telling.wamid(n)) else { continue };
                let revoke = json!({ "original_message_id": target });
                telling.message(
                    *who,
                    moves[*who],
                    Shows::Number,
                    n,
                    json!({ "type": "revoke", "revoke": revoke }),
                )
            }
            Step::Moves { who } => {
                let old = telling.phone(*who, moves[*who]);
                moves[*who] += 1;
                let system = json!({
                    "body": "a new number", "type": "user_changed_number",
                    "wa_id": telling.phone(*who, moves[*who]), "user_id": telling.bsuid(*who, moves[*who]),
                });
                json!({ "messages": [{ "from": old, "id": telling.wamid(n), "timestamp": at(n), "type": "system", "system": system }] })
            }
            Step::Report { of, status } => {
                // A report of one sort has one time: what is repeated is the same report.
                let at = at(200 + status.len());
                let mut report = json!({ "id": telling.ours[*of], "status": status, "timestamp": at, "recipient_id": telling.phone(0, 0) });
                if *status == "failed" {
                    report["errors"] = json!([{ "code": 131_026, "title": "undeliverable" }]);
                }
                json!({ "statuses": [report] })
            }
        };
        values.push(value);
    }
    values
}

/// One body with all of them: neighbours of one sort share a `value` when `joins`, as Meta's batches do.
fn body(values: &[Value], joins: bool) -> String {
    let mut changes: Vec<Value> = Vec::new();
    for value in values {
        let key = if value["messages"].is_array() { "messages" } else { "statuses" };
        match changes.last_mut().filter(|last| joins && last["value"][key].is_array()) {
            Some(last) => {
                for list in [key, "contacts"] {
                    let more = value[list].as_array().cloned().unwrap_or_default();
                    let mut all = last["value"][list].as_array().cloned().unwrap_or_default();
                    all.extend(more);
                    last["value"][list] = json!(all);
                }
            }
            None => {
                let mut value = value.clone();
                value["messaging_product"] = json!("whatsapp");
                value["metadata"] =
                    json!({ "display_phone_number": "390612345678", "phone_number_id": "700000000000001" });
                changes.push(json!({ "field": "messages", "value": value }));
            }
        }
    }
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "800000000000001", "changes": changes }] }).to_string()
}

async fn deliver(desk: &Desk, bodies: Vec<String>, at_once: usize) {
    let answers: Vec<u16> = futures_util::stream::iter(bodies)
        .map(|body| desk.webhook(body))
        .buffer_unordered(at_once)
        .collect()
        .await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    desk.settle().await;
}

/// Two of the three wrote before, and the first was answered twice.
async fn begin(desk: &Desk, run: u32) -> Telling {
    let mut telling = Telling { run, ours: Vec::new() };
    for who in 0..2 {
        let hello = json!({ "type": "text", "text": { "body": "hello" } });
        let mut value = telling.message(who, 0, Shows::Both, 900 + who, hello);
        value["messages"][0]["timestamp"] = json!((NOON.secs() - 1_000).to_string());
        deliver(desk, vec![body(&[value], false)], 1).await;
    }
    let first = &tickets(desk, &telling.phone(0, 0)).await[0];
    for _ in 0..OURS {
        // The number's own rate limit has room again.
        desk.advance(Duration::from_secs(1));
        let path = format!("/tickets/{}/messages", first["id"].as_str().unwrap());
        let (status, sent) = desk.api(reqwest::Method::POST, &path, Some(json!({ "text": "ours" }))).await;
        assert_eq!(status, 201, "{sent}");
        desk.settle().await;
    }
    let ours = desk.messages(first).await.into_iter().filter(|m| m["direction"] == "out");
    telling.ours = ours.map(|m| m["external_id"].as_str().unwrap().to_owned()).collect();
    telling
}

async fn tickets(desk: &Desk, mark: &str) -> Vec<Value> {
    desk.get(&format!("/tickets?limit=200&q={mark}")).await["items"].as_array().unwrap().clone()
}

/// What the API tells, without what belongs to the telling: its marks and ids, and when rows were made.
async fn dump(desk: &Desk, telling: &Telling) -> String {
    let mut told = Vec::new();
    for ticket in tickets(desk, &telling.mark()).await {
        let messages = desk.messages(&ticket).await;
        if messages.is_empty() {
            // Its messages went to the ticket of the same person when both were recognised as one.
            assert_eq!((&ticket["status"], &ticket["unread_count"]), (&json!("closed"), &json!(0)));
            continue;
        }
        let last = messages.last().unwrap();
        assert_eq!(
            ticket["last_message"]["text"], last["text"],
            "the list shows the last of the conversation"
        );
        let at = |m: &Value| m["sent_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert!(messages.is_sorted_by_key(at), "{messages:#?}");
        let mut messages = messages;
        messages.sort_by_key(|m| (at(m), m["external_id"].to_string()));
        let messages: Vec<Value> = messages
            .iter()
            .map(|m| {
                json!([
                    m["external_id"],
                    m["kind"],
                    m["text"],
                    m["status"],
                    m["error"],
                    m["reply_to"]["text"],
                    m["edited_at"],
                    m["revoked_at"],
                    (m["direction"] == "in").then_some(&m["sent_at"]),
                    m["attachments"].as_array().unwrap().len(),
                    m["reactions"],
                    m["statuses"],
                ])
            })
            .collect();
        told.push(
            json!([
                ticket["contact"]["name"],
                ticket["contact"]["phone"],
                ticket["contact"]["language"],
                ticket["status"],
                ticket["unread_count"],
                ticket["attachment_count"],
                ticket["window_closes_at"],
                messages,
            ])
            .to_string(),
        );
    }
    told.sort();
    let mut told = serde_json::to_string_pretty(
        &told.iter().map(|t| serde_json::from_str(t).unwrap()).collect::<Vec<Value>>(),
    )
    .unwrap();
    for (n, id) in telling.ours.iter().enumerate() {
        told = told.replace(id.as_str(), &format!("ours {n}"));
    }
    told.replace(&telling.mark(), "MARK")
}

/// A desk whose sandbox says nothing by itself and has no files: the photos stay announced.
async fn silent(engine: Engine) -> Desk {
    let desk = Desk::start(engine).await;
    desk.control("knobs", json!({ "drop": 1_000_000, "expire_media": true })).await;
    desk
}

async fn check(
    desk: &Desk,
    runs: &AtomicU32,
    steps: &[Step],
    arrival: &Arrival,
) -> Result<(), TestCaseError> {
    let plain = begin(desk, runs.fetch_add(1, Ordering::Relaxed)).await;
    let bodies = values(steps, &plain).iter().map(|value| body(std::slice::from_ref(value), false)).collect();
    deliver(desk, bodies, 1).await;
    let expect = dump(desk, &plain).await;

    let wild = begin(desk, runs.fetch_add(1, Ordering::Relaxed)).await;
    let all = values(steps, &wild);
    let mut arriving = arrival.order.iter().filter_map(|n| all.get(*n).cloned()).peekable();
    let mut bodies = Vec::new();
    for size in arrival.sizes.iter().cycle() {
        if arriving.peek().is_none() {
            break;
        }
        let some: Vec<Value> = arriving.by_ref().take(*size).collect();
        bodies.push(body(&some, size % 2 == 0));
    }
    deliver(desk, bodies, 4).await;
    let told = dump(desk, &wild).await;
    if told == expect { Ok(()) } else { Err(TestCaseError::fail(difference(&expect, &told))) }
}

/// The lines of one telling that the other lacks.
fn difference(expect: &str, told: &str) -> String {
    let lacking = |all: &str, of: &str, sign: &str| {
        let rest: Vec<&str> = of.lines().collect();
        let lines = all.lines().filter(|line| !rest.contains(line)).map(|line| format!("{sign}{line}\n"));
        lines.collect::<String>()
    };
    format!("{}{}{told}", lacking(expect, told, "-"), lacking(told, expect, "+"))
}

fn any_order_ends_in_the_same_desk(engine: Engine) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = runtime.block_on(silent(engine));
    let runs = AtomicU32::new(1);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let config = Config { cases, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result =
        runner.run(&scenario(), |(steps, arrival)| runtime.block_on(check(&desk, &runs, &steps, &arrival)));
    if let Err(error) = result {
        panic!("{error}");
    }
    runtime.block_on(desk.close());
}

#[test]
fn any_order_repetition_and_batching_on_sqlite() {
    any_order_ends_in_the_same_desk(Engine::Sqlite);
}

#[test]
fn any_order_repetition_and_batching_on_postgres() {
    if engines().contains(&Engine::Postgres) {
        any_order_ends_in_the_same_desk(Engine::Postgres);
    }
}
