//! From the first word to the solution: one ticket a conversation, and what agents do with it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::{ZOE, answer, assert_told, on_each_engine, support::picture};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_text_becomes_a_ticket_and_both_sides_see_the_ticks() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Buongiorno, la caldaia non parte").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_eq!((&ticket["unread_count"], &ticket["contact"]["language"]), (&json!(1), &json!("it")));

        desk.post(&format!("/tickets/{}/read", ticket["id"].as_str().unwrap()), json!({})).await;
        desk.settle().await;
        assert_eq!(desk.chat(&zoe).await[0]["status"], "read", "blue ticks for the customer");
        assert_eq!(desk.only_ticket().await["unread_count"], 0);

        desk.control("knobs", json!({ "read_automatically": false })).await;
        let sent = answer(desk, &ticket, "Che cosa mostra il display?").await;
        desk.settle().await;
        assert_eq!(crate::message(desk, &ticket, &sent["id"]).await["status"], "delivered");
        desk.control(&format!("customers/{zoe}/seen"), json!({})).await;
        desk.settle().await;
        let sent = crate::message(desk, &ticket, &sent["id"]).await;
        let ladder: Vec<_> =
            sent["statuses"].as_array().unwrap().iter().map(|s| s["status"].clone()).collect();
        assert_eq!(ladder, ["sent", "delivered", "read"].map(|s| json!(s)), "two of them in the same second");
        desk.say(&zoe, "E 03").await;
        desk.settle().await;
        assert_told!(desk, ticket, "text_and_ticks");
    })
    .await;
}

#[tokio::test]
async fn an_album_is_one_turn_of_one_ticket_in_the_order_of_arrival() {
    on_each_engine(async |desk| {
        desk.control("knobs", json!({ "reorder": true })).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        let photos: Vec<_> = (0..4).map(|n| ("p.png", picture(400 + n, 300))).collect();
        let mut ids = desk.send(&zoe, &[("as", "photo"), ("album", "true"), ("text", "Ecco")], &photos).await;
        desk.settle().await;

        let ticket = desk.only_ticket().await;
        assert_eq!((&ticket["attachment_count"], &ticket["unread_count"]), (&json!(4), &json!(4)));
        let messages = desk.messages(&ticket).await;
        let turns: Vec<_> = messages.iter().map(|m| m["turn_id"].clone()).collect();
        assert!(turns[0].is_string() && turns.iter().all(|turn| *turn == turns[0]), "{turns:?}");
        let shown: Vec<_> = messages.iter().map(|m| m["external_id"].as_str().unwrap().to_owned()).collect();
        // All four bear the same second, and the newest was sent first: they stand as they arrived.
        ids.reverse();
        assert_eq!(shown, ids);
        assert_eq!(ticket["last_message"]["id"], messages[3]["id"]);
        let files: Vec<_> = messages.iter().map(|m| &m["attachments"][0]).collect();
        assert!(files.iter().all(|file| file["renditions"] == json!(["thumb", "view"])), "{files:#?}");

        // Later than the debounce, it is another turn of the same ticket.
        desk.advance(Duration::from_secs(10));
        desk.settle().await;
        desk.say(&zoe, "Basta così?").await;
        desk.settle().await;
        let messages = desk.messages(&desk.only_ticket().await).await;
        assert_ne!(messages[4]["turn_id"], turns[0]);
    })
    .await;
}

#[tokio::test]
async fn a_solved_ticket_is_reopened_within_the_time_and_a_new_one_opened_after_it() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Perde acqua").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        answer(desk, &ticket, "Stringa il tappo.").await;
        desk.change(&ticket, json!({ "status": "solved" })).await;
        desk.settle().await;
        desk.advance(71 * HOUR);
        desk.say(&zoe, "Perde ancora").await;
        desk.settle().await;
        assert_eq!(desk.only_ticket().await["status"], "open");
        desk.change(&ticket, json!({ "status": "solved" })).await;
        desk.advance(73 * HOUR);
        desk.say(&zoe, "Un'altra cosa").await;
        desk.settle().await;
        let tickets = desk.tickets().await;
        assert_eq!(tickets.len(), 2);
        assert_eq!((&tickets[0]["status"], &tickets[0]["number"]), (&json!("new"), &json!(2)));
        assert_told!(desk, ticket, "solved_and_reopened");

        // The old one cannot be woken beside the new one.
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        let (status, body) = desk.api(Method::PATCH, &path, Some(json!({ "status": "open" }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("another_is_active")));
        desk.change(&tickets[0], json!({ "status": "closed" })).await;
        desk.say(&zoe, "Pronto?").await;
        desk.settle().await;
        assert_eq!(desk.tickets().await.len(), 3, "a closed ticket stays closed");
    })
    .await;
}

#[tokio::test]
async fn what_agents_do_stands_in_the_timeline_and_only_there() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Il forno non scalda").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let me = desk.get("/users").await["items"][0]["id"].clone();
        desk.change(&ticket, json!({ "assignee_id": me })).await;
        desk.change(&ticket, json!({ "priority": "urgent", "subject": "Forno" })).await;
        desk.change(&ticket, json!({ "tags": ["Garanzia", " forno ", "garanzia"] })).await;
        let note = format!("/tickets/{}/notes", ticket["id"].as_str().unwrap());
        desk.post(&note, json!({ "text": "Ha chiamato ieri." })).await;
        // The same again changes nothing and says nothing.
        let changed = desk.change(&ticket, json!({ "priority": "urgent", "assignee_id": me })).await;
        assert_eq!(changed["tags"], json!(["forno", "garanzia"]));
        desk.change(&ticket, json!({ "assignee_id": null })).await;
        desk.settle().await;
        assert_told!(desk, ticket, "agents_work");
        assert_eq!(desk.chat(&zoe).await.len(), 1, "nothing of it reaches the customer");

        for (change, code) in [
            (json!({ "priority": "asap" }), "invalid"),
            (json!({ "status": "done" }), "invalid"),
            (json!({ "assignee_id": "nobody" }), "invalid"),
        ] {
            let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
            let (status, body) = desk.api(Method::PATCH, &path, Some(change.clone())).await;
            assert_eq!((status, &body["error"]["code"]), (422, &json!(code)), "{change}");
        }
    })
    .await;
}
