//! What goes wrong on the way out and on the way in, and what a person sees of it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    ZOE, answer, assert_told, close_without_debts, message, on_each_engine,
    support::{Desk, NOON, engines, picture, text_message, webhook_of},
};

/// A desk with one ticket of a customer who wrote a text.
async fn greeted(desk: &Desk) -> (String, Value) {
    let zoe = desk.customer(ZOE, "Zoë").await;
    desk.say(&zoe, "Buongiorno").await;
    desk.settle().await;
    (zoe, desk.only_ticket().await)
}

async fn fail_next(desk: &Desk, failures: Value) {
    desk.control("knobs", json!({ "fail_next": failures })).await;
}

/// How many messages of ours the customer has.
async fn arrived(desk: &Desk, customer: &str) -> usize {
    desk.chat(customer).await.iter().filter(|m| m["direction"] == "in").count()
}

#[tokio::test]
async fn what_is_refused_for_good_says_why_and_can_be_sent_again() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        fail_next(desk, json!([{ "status": 400, "code": 131_026 }])).await;
        let sent = answer(desk, &ticket, "Eccoci").await;
        desk.settle().await;
        assert_told!(desk, ticket, "refused_for_good");
        desk.advance(Duration::from_secs(3_600));
        desk.settle().await;
        assert_eq!(arrived(desk, &zoe).await, 0, "nobody repeats it but a person");

        desk.post(&format!("/messages/{}/retry", sent["id"].as_str().unwrap()), json!({})).await;
        desk.settle().await;
        let sent = message(desk, &ticket, &sent["id"]).await;
        assert_eq!((&sent["status"], &sent["error"]), (&json!("read"), &json!(null)));
        assert_eq!(arrived(desk, &zoe).await, 1);
        let path = format!("/messages/{}/retry", sent["id"].as_str().unwrap());
        let (status, body) = desk.api(reqwest::Method::POST, &path, Some(json!({}))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("not_failed")));
    })
    .await;
}

/// WhatsApp takes the message and reports the failure later.
#[tokio::test]
async fn a_failure_that_is_reported_later_is_shown_and_a_retry_is_a_new_message() {
    on_each_engine(async |desk| {
        let (_, ticket) = greeted(desk).await;
        desk.control("knobs", json!({ "error_status": 131_049 })).await;
        let sent = answer(desk, &ticket, "Eccoci").await;
        desk.settle().await;
        let failed = message(desk, &ticket, &sent["id"]).await;
        assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!(131_049)));
        assert!(failed["error"]["message"].as_str().unwrap().len() > 30, "a sentence: {failed}");
        desk.control("knobs", json!({ "error_status": null })).await;
        desk.post(&format!("/messages/{}/retry", sent["id"].as_str().unwrap()), json!({})).await;
        desk.settle().await;
        let again = message(desk, &ticket, &sent["id"]).await;
        assert_eq!(again["status"], "read");
        assert_ne!(again["external_id"], failed["external_id"]);
    })
    .await;
}

#[tokio::test]
async fn passing_failures_are_retried_in_order_and_each_message_arrives_once() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        let failures = json!([
            { "status": 429, "code": 130_429 },
            { "status": 400, "code": 131_056 },
            { "status": 500, "code": 131_000 },
            { "status": 503, "code": 131_016 },
        ]);
        fail_next(desk, failures).await;
        answer(desk, &ticket, "uno").await;
        desk.settle().await;
        let waiting = desk.messages(&ticket).await.remove(1);
        assert_eq!((&waiting["status"], &waiting["error"]["code"]), (&json!("queued"), &json!(130_429)));
        // Whether the first is tried again at once or not, the second waits behind it.
        answer(desk, &ticket, "due").await;
        desk.settle().await;
        assert_eq!(arrived(desk, &zoe).await, 0);
        for _ in 0..8 {
            desk.advance(Duration::from_secs(20));
            desk.settle().await;
        }
        let chat = desk.chat(&zoe).await;
        let texts: Vec<_> = chat[1..].iter().map(|m| m["text"].clone()).collect();
        assert_eq!(texts, ["uno", "due"].map(|t| json!(t)));
        assert_told!(desk, ticket, "retried");
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_report_and_never_repeated() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        // The reports are held back, so that the moment in between can be seen.
        desk.control("knobs", json!({ "accept_then_cut": 1, "delay_ms": 3_000 })).await;
        let sent = answer(desk, &ticket, "Arriviamo alle 9").await;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
        let mut seen = Vec::new();
        while tokio::time::Instant::now() < deadline && !seen.contains(&json!("uncertain")) {
            seen.push(message(desk, &ticket, &sent["id"]).await["status"].clone());
        }
        assert!(seen.contains(&json!("uncertain")), "{seen:?}");
        desk.control("clock", json!({ "advance_s": 1 })).await;
        desk.settle().await;
        let settled = message(desk, &ticket, &sent["id"]).await;
        assert_eq!((&settled["status"], &settled["error"]), (&json!("read"), &json!(null)));
        assert_eq!(settled["external_id"], desk.chat(&zoe).await[1]["id"]);
        desk.advance(Duration::from_secs(24 * 3_600));
        desk.settle().await;
        assert_eq!(arrived(desk, &zoe).await, 1);
    })
    .await;
}

/// The report is faster than the broken connection.
#[tokio::test]
async fn a_report_that_comes_before_the_lost_answer_is_not_overwritten() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        for n in 0..5 {
            desk.control("knobs", json!({ "accept_then_cut": 1 })).await;
            let sent = answer(desk, &ticket, &format!("messaggio {n}")).await;
            desk.settle().await;
            assert_eq!(message(desk, &ticket, &sent["id"]).await["status"], "read", "{n}");
        }
        assert_eq!(arrived(desk, &zoe).await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_refused_token_is_a_named_state_and_nothing_is_lost() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        fail_next(desk, json!([{ "status": 401, "code": 190, "endpoint": "messages" }])).await;
        answer(desk, &ticket, "Un momento").await;
        desk.settle().await;
        assert!(is_token_refused(desk).await);
        assert_eq!(arrived(desk, &zoe).await, 0);
        desk.advance(Duration::from_secs(61));
        desk.settle().await;
        assert_eq!(arrived(desk, &zoe).await, 1);
        assert!(!is_token_refused(desk).await);
    })
    .await;
}

async fn is_token_refused(desk: &Desk) -> bool {
    let state = desk.get("/system").await;
    state["degraded"].as_array().unwrap().iter().any(|state| state["code"] == "token_refused")
}

#[tokio::test]
async fn a_file_that_whatsapp_withholds_is_seen_by_the_agent_and_told_to_the_customer() {
    on_each_engine(async |desk| {
        let (zoe, ticket) = greeted(desk).await;
        let error = json!({ "code": 131_052, "title": "Media download error", "error_data": { "details": "File is larger than 100 MB." } });
        desk.advance(Duration::from_secs(10));
        let wa_id = &ZOE[1..];
        let lost = json!({ "from": wa_id, "id": "wamid.large", "timestamp": (NOON.secs() + 5).to_string(), "type": "unsupported", "errors": [error] });
        let body = webhook_of(wa_id, vec![lost]).to_string();
        for _ in 0..2 {
            assert_eq!(desk.webhook(body.clone()).await, 200);
        }
        desk.settle().await;
        let told = desk.chat(&zoe).await;
        assert_eq!(told.len(), 2, "told once");
        assert!(told[1]["text"].as_str().unwrap().starts_with("Ci dispiace, il file è troppo grande"), "{told:#?}");

        desk.advance(Duration::from_secs(10));
        // The same as a problem of the account that names the customer.
        let mut problem = webhook_of(wa_id, vec![]);
        let value = problem.pointer_mut("/entry/0/changes/0/value").unwrap();
        value.as_object_mut().unwrap().remove("messages");
        value["errors"] = json!([error]);
        for _ in 0..2 {
            assert_eq!(desk.webhook(problem.to_string()).await, 200);
        }
        desk.settle().await;
        assert_eq!(desk.chat(&zoe).await.len(), 3, "told once more, not twice");
        assert_told!(desk, ticket, "file_too_large");
        assert_eq!(desk.get("/system").await["problems"][0]["times"], 2);
    })
    .await;
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing_and_repeats_nothing() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let (zoe, ticket) = greeted(&desk).await;
        fail_next(
            &desk,
            json!([
                { "status": 500, "code": 131_000, "endpoint": "messages" },
                { "status": 500, "code": 1, "endpoint": "download", "times": 2 },
                { "status": 500, "code": 1, "endpoint": "resolve", "times": 2 },
            ]),
        )
        .await;
        answer(&desk, &ticket, "Guardo subito").await;
        desk.send(&zoe, &[("as", "photo")], &[("p.png", picture(60, 50))]).await;
        desk.settle().await;
        assert_told!(desk, ticket, "before_the_restart");
        let desk = desk.restart().await;
        // What came while the desk was away is delivered when it is back.
        desk.say(&zoe, "Siete ancora lì?").await;
        for _ in 0..6 {
            desk.advance(Duration::from_secs(10));
            desk.settle().await;
        }
        assert_told!(desk, ticket, "after_the_restart");
        assert_eq!(arrived(&desk, &zoe).await, 1);
        close_without_debts(desk).await;
    }
}

/// Bodies that no desk could read are kept, shown, and hold nobody up.
#[tokio::test]
async fn what_cannot_be_read_is_quarantined_and_the_rest_of_it_applied() {
    on_each_engine(async |desk| {
        let wa_id = &ZOE[1..];
        let good = text_message(wa_id, "wamid.good", NOON.secs(), "Sono qui");
        let broken = json!({ "from": wa_id, "timestamp": "x", "type": "text" });
        let body = webhook_of(wa_id, vec![broken, good]).to_string();
        assert_eq!(desk.webhook(body).await, 200);
        assert_eq!(desk.webhook(&b"{\"object\": \xff"[..]).await, 200);
        desk.settle().await;
        let stats = desk.get("/inbox/stats").await;
        assert_eq!(stats, json!({ "received": 2, "read": 0, "quarantined": 2, "waiting": 0 }));
        let ticket = desk.only_ticket().await;
        assert_eq!(desk.messages(&ticket).await[0]["text"], "Sono qui");
        let shown = desk.get("/inbox/quarantine").await;
        let id = &shown["items"][0]["id"];
        assert!(shown["items"][0]["reason"].as_str().unwrap().contains("messages"), "{shown:#}");
        desk.post(&format!("/inbox/{id}/replay"), json!({})).await;
        desk.settle().await;
        assert_eq!(desk.messages(&ticket).await.len(), 1, "read again, and nothing is doubled");
        assert_eq!(desk.get("/inbox/stats").await["quarantined"], 2);
    })
    .await;
}
