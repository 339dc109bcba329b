//! Who is who: numbers change, ids hide numbers, and the history stays in one place.

use serde_json::json;

use crate::{
    ZOE, answer, assert_told, on_each_engine,
    support::{NOON, text_message, webhook_of},
};

#[tokio::test]
async fn a_new_number_keeps_the_ticket_and_its_history() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Sono Zoë").await;
        desk.settle().await;
        desk.change_customer(&zoe, json!({ "phone": "+393339998887" })).await;
        desk.settle().await;
        desk.say(&zoe, "Ho cambiato numero").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["contact"]["phone"], "+393339998887");
        answer(desk, &ticket, "Nessun problema").await;
        desk.settle().await;
        assert_eq!(desk.chat(&zoe).await.pop().unwrap()["text"], "Nessun problema");
        assert_told!(desk, ticket, "new_number");

        // The old number is somebody else's now.
        let wa_id = &ZOE[1..];
        let message = text_message(wa_id, "wamid.bruno", NOON.secs() + 3_600, "Sono Bruno");
        let mut body = webhook_of(wa_id, vec![message]);
        body["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = json!("Bruno");
        desk.advance(std::time::Duration::from_secs(3_600));
        assert_eq!(desk.webhook(body.to_string()).await, 200);
        desk.settle().await;
        let tickets = desk.tickets().await;
        assert_eq!(tickets.len(), 2);
        assert_eq!(
            (&tickets[0]["contact"]["name"], &tickets[0]["contact"]["phone"]),
            (&json!("Bruno"), &json!(ZOE))
        );
        assert_eq!(desk.messages(&ticket).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn who_hides_the_number_is_answered_and_stays_the_same_person_when_showing_it() {
    on_each_engine(async |desk| {
        let body = json!({ "phone": ZOE, "name": "Zoë", "username": "zoe.fix", "bsuid_only": true });
        let zoe = desk.control("customers", body).await["id"].as_str().unwrap().to_owned();
        desk.say(&zoe, "Indovina chi sono").await;
        desk.settle().await;
        let hidden = desk.only_ticket().await;
        assert_eq!(
            (&hidden["contact"]["phone"], &hidden["contact"]["username"]),
            (&json!(null), &json!("@zoe.fix"))
        );
        answer(desk, &hidden, "Buongiorno").await;
        desk.settle().await;
        assert_eq!(desk.chat(&zoe).await.pop().unwrap()["text"], "Buongiorno");

        desk.change_customer(&zoe, json!({ "bsuid_only": false })).await;
        desk.say(&zoe, "Ecco il mio numero").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["id"], hidden["id"]);
        assert_eq!(ticket["contact"]["id"], hidden["contact"]["id"]);
        assert_eq!(
            (&ticket["contact"]["phone"], &ticket["contact"]["language"]),
            (&json!(ZOE), &json!("it"))
        );
        answer(desk, &ticket, "Grazie").await;
        desk.settle().await;
        assert_told!(desk, ticket, "number_shown_later");
    })
    .await;
}

#[tokio::test]
async fn a_change_before_the_first_message_is_in_the_timeline_once() {
    on_each_engine(async |desk| {
        let (old, new) = (&ZOE[1..], "393339998887");
        let system = json!({
            "from": old, "id": "wamid.changed", "timestamp": NOON.secs().to_string(), "type": "system",
            "system": { "type": "user_changed_number", "body": "Zoë changed her number", "wa_id": new },
        });
        let change = webhook_of(old, vec![system]).to_string();
        assert_eq!(desk.webhook(change.clone()).await, 200);
        desk.settle().await;
        assert!(desk.tickets().await.is_empty());
        desk.advance(std::time::Duration::from_secs(60));
        let message = text_message(new, "wamid.first", NOON.secs() + 60, "Eccomi");
        assert_eq!(desk.webhook(webhook_of(new, vec![message]).to_string()).await, 200);
        // The same change once more, now that there is a ticket.
        assert_eq!(desk.webhook(change).await, 200);
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "changed_before_the_first_message");
    })
    .await;
}
