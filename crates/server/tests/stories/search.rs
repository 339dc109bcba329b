//! The search through the API: what customers say and show is found, and where it stands is told.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, answer, close_without_debts,
    findings::{ORDER, with_models},
    on_each_engine,
    support::{Desk, engines},
};

async fn found(desk: &Desk, query: &str) -> Value {
    desk.get(&format!("/search?{query}")).await
}

fn numbers(page: &Value) -> Vec<i64> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["ticket"]["number"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn what_was_said_is_found_with_its_place_and_the_list_agrees() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë Bianchi").await;
        let karim = desk.customer("+44 7700 900123", "Karim").await;
        desk.say(&zoe, "La lavatrice perde, ordine 4500-1234-77").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        answer(desk, &ticket, "Chiuda il rubinetto della lavatrice").await;
        let note = format!("/tickets/{}/notes", ticket["id"].as_str().unwrap());
        desk.post(&note, json!({ "text": "Richiamare domani" })).await;
        desk.say(&karim, "My washing machine shows E 18").await;
        desk.settle().await;

        let page = found(desk, "q=lavatrice%20ordine").await;
        assert_eq!(
            (numbers(&page), &page["next"], &page["not_yet_indexed"]),
            (vec![1], &json!(null), &json!(null))
        );
        let hit = &page["items"][0]["hits"][0];
        assert_eq!((&hit["place"], &hit["direction"]), (&json!("message"), &json!("in")));
        assert_eq!(hit["snippet"], "La lavatrice perde, ordine 4500-1234-77");
        assert_eq!(hit["matches"], json!([[3, 12], [20, 26]]));
        let said = desk.messages(&ticket).await;
        assert_eq!(hit["message_id"], said[0]["id"]);
        let both = found(desk, "q=lavatrice").await;
        assert_eq!(both["items"][0]["hits"].as_array().unwrap().len(), 2, "what we said as well: {both}");

        for (query, expect) in [
            ("q=45001234", vec![1]),
            ("q=e18", vec![2]),
            ("q=%2B44%207700%20900123", vec![2]),
            ("q=bianchi", vec![1]),
            ("q=%22shows%20e%22", vec![2]),
            ("q=domani", vec![1]),
            ("q=domani&kind=contact", vec![]),
            ("q=domani&kind=said", vec![1]),
            ("q=domani&status=solved", vec![]),
            ("q=e18&status=new,open&assignee=none", vec![2]),
            ("q=e18&from=2000-01-01T00:00:00Z", vec![2]),
            ("q=e18&to=2000-01-01T00:00:00Z", vec![]),
            ("q=zebra", vec![]),
            ("q=%25", vec![]),
            ("q=", vec![]),
            ("q=%00%22%E2%80%AE", vec![]),
        ] {
            let page = found(desk, query).await;
            assert_eq!(numbers(&page), expect, "{query}: {page}");
            if !query.contains("kind") && !query.contains("from=") && !query.contains("to=") && query != "q="
            {
                let list = desk.get(&format!("/tickets?{query}")).await;
                let list: Vec<i64> =
                    list["items"].as_array().unwrap().iter().map(|t| t["number"].as_i64().unwrap()).collect();
                assert_eq!(list, expect, "the list of tickets agrees on {query}");
            }
        }
        let channel = ticket["channel"]["id"].as_str().unwrap();
        assert_eq!(numbers(&found(desk, &format!("q=e18&channel={channel}")).await), [2]);
        assert_eq!(numbers(&found(desk, "q=e18&channel=other").await), [0; 0]);

        let first = found(desk, "q=la&limit=1").await;
        assert_eq!((numbers(&first), &first["next"]), (vec![1], &json!(null)), "{first}");
        let first = found(desk, "q=che&limit=1").await;
        assert!(numbers(&first).is_empty(), "{first}");
        desk.say(&karim, "lavatrice").await;
        desk.settle().await;
        let first = found(desk, "q=lavatrice&limit=1").await;
        assert_eq!(numbers(&first), [2]);
        let next = first["next"].as_str().unwrap();
        let second = found(desk, &format!("q=lavatrice&limit=1&cursor={next}")).await;
        assert_eq!((numbers(&second), &second["next"]), (vec![1], &json!(null)));

        for (query, says) in [
            (format!("q={}", "x".repeat(201)), "200 characters"),
            ("q=a%20b%20c%20d%20e%20f%20g".to_owned(), "6 words"),
            ("q=a&limit=51".to_owned(), "1 to 50"),
            ("q=a&kind=all".to_owned(), "said, read, file"),
            ("q=a&status=done".to_owned(), "new, open"),
            ("q=a&cursor=!".to_owned(), "cursor"),
        ] {
            let (status, body) = desk.api(Method::GET, &format!("/search?{query}"), None).await;
            let message = body["error"]["message"].as_str().unwrap_or_default();
            assert!(status == 422 && message.contains(says), "{query}: {status} {body}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_read_in_a_picture_is_found_at_its_line_and_what_is_masked_is_not() {
    for engine in engines() {
        let desk = Desk::start_with(engine, with_models).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let page = found(&desk, "q=e18&kind=read").await;
        let hit = &page["items"][0]["hits"][0];
        assert_eq!((&hit["place"], &hit["file_name"]), (&json!("read"), &json!("order.png")), "{page}");
        assert!(hit["snippet"].as_str().unwrap().contains("E18"), "{hit}");
        let corner = &hit["region"]["points"][0];
        assert!(
            (380.0..420.0).contains(&corner[1].as_f64().unwrap()),
            "its line, in pixels of the view: {hit}"
        );
        let ticket = desk.only_ticket().await;
        let message = &desk.messages(&ticket).await[0];
        assert_eq!(
            (&hit["message_id"], &hit["attachment_id"]),
            (&message["id"], &message["attachments"][0]["id"])
        );
        // The card's number is bullets in what is kept, and so in the index.
        for masked in ["4111", "4111111111111111", "1111", "4111%201111"] {
            assert_eq!(numbers(&found(&desk, &format!("q={masked}")).await), [0; 0], "{masked}");
        }
        assert_eq!(numbers(&found(&desk, "q=order.png&kind=file").await), [1]);
        close_without_debts(desk).await;
    }
}
