//! Messages of one second: WhatsApp's clock has no more, so they stand as they arrived.

use serde_json::{Value, json};

use crate::{
    on_each_engine,
    support::{Desk, NOON, text_message, webhook_of},
};

const PHONE: &str = "393331112223";

fn said(id: &str, text: &str) -> Value {
    text_message(PHONE, &format!("wamid.{id}"), NOON.secs(), text)
}

/// The texts of a list, a page of one after the other.
async fn walked(desk: &Desk, path: &str, order: &str) -> Vec<String> {
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.get(&format!("{path}?limit=1&order={order}&cursor={cursor}")).await;
        for item in page["items"].as_array().unwrap() {
            let message = if item["message"].is_null() { item } else { &item["message"] };
            texts.extend(message["text"].as_str().map(str::to_owned));
        }
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return texts,
        }
    }
}

#[tokio::test]
async fn messages_of_one_second_stand_as_they_arrived() {
    on_each_engine(async |desk| {
        // The ids say the opposite of the order, as they may at Meta.
        let bodies = [
            vec![said("Z", "one"), said("M", "two")],
            vec![said("C", "three")],
            vec![said("Z", "one"), said("B", "four"), said("A", "five")],
        ];
        for messages in bodies {
            assert_eq!(desk.webhook(webhook_of(PHONE, messages).to_string()).await, 200);
        }
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["last_message"]["text"], "five");
        let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
        for list in ["messages", "timeline"] {
            let path = format!("{path}/{list}");
            assert_eq!(walked(desk, &path, "asc").await, ["one", "two", "three", "four", "five"], "{list}");
            assert_eq!(walked(desk, &path, "desc").await, ["five", "four", "three", "two", "one"], "{list}");
        }
        // An answer stands behind them all.
        desk.post(&format!("{path}/messages"), json!({ "text": "six" })).await;
        desk.settle().await;
        assert_eq!(walked(desk, &format!("{path}/messages"), "asc").await.last().unwrap(), "six");
    })
    .await;
}
