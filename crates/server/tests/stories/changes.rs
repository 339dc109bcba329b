//! What customers do to messages that exist: quote, react, edit, take back.

use serde_json::json;

use crate::{ZOE, answer, assert_told, on_each_engine, support::picture};

#[tokio::test]
async fn quotes_and_reactions_come_and_go() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        let first = desk.say(&zoe, "Quando arrivate?").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let sent = crate::send(
            desk,
            &ticket,
            json!({ "text": "Domani alle 9.", "reply_to": desk.messages(&ticket).await[0]["id"] }),
        )
        .await;
        desk.settle().await;
        let ours =
            crate::message(desk, &ticket, &sent["id"]).await["external_id"].as_str().unwrap().to_owned();
        assert_eq!(desk.chat(&zoe).await[1]["context_id"], json!(first));

        desk.send(&zoe, &[("as", "reaction"), ("target", &ours), ("emoji", "👍")], &[]).await;
        desk.settle().await;
        desk.send(&zoe, &[("as", "reaction"), ("target", &ours), ("emoji", "🙏")], &[]).await;
        desk.send(&zoe, &[("as", "text"), ("text", "Perfetto"), ("reply_to", &ours)], &[]).await;
        desk.settle().await;
        let react = json!({ "content": { "kind": "reaction", "target": first, "emoji": "✅" } });
        crate::send(desk, &ticket, react).await;
        desk.settle().await;
        assert_told!(desk, ticket, "quotes_and_reactions");
        assert_eq!(desk.chat(&zoe).await[0]["reactions"], json!([{ "from": "business", "emoji": "✅" }]));

        desk.send(&zoe, &[("as", "reaction"), ("target", &ours), ("emoji", "")], &[]).await;
        crate::send(
            desk,
            &ticket,
            json!({ "content": { "kind": "reaction", "target": first, "emoji": null } }),
        )
        .await;
        desk.settle().await;
        for message in desk.messages(&ticket).await {
            assert_eq!(message["reactions"], json!([]), "{message:#}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_edit_shows_and_what_was_taken_back_is_gone() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        let text = desk.say(&zoe, "Il codice è 1234").await;
        desk.settle().await;
        let photo =
            desk.send(&zoe, &[("as", "photo"), ("text", "La targa")], &[("p.png", picture(40, 30))]).await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let file = desk.messages(&ticket).await[1]["attachments"][0].clone();
        assert_eq!(desk.content(&file, "view").await.status(), 200);

        desk.send(&zoe, &[("as", "edit"), ("target", &text), ("text", "Il codice è 9876")], &[]).await;
        desk.send(&zoe, &[("as", "edit"), ("target", &photo[0]), ("text", "La targhetta")], &[]).await;
        desk.settle().await;
        let messages = desk.messages(&ticket).await;
        assert_eq!(messages[1]["attachments"][0]["id"], file["id"], "a new caption, the same picture");
        assert_told!(desk, ticket, "edited");

        desk.send(&zoe, &[("as", "revoke"), ("target", &text)], &[]).await;
        desk.send(&zoe, &[("as", "revoke"), ("target", &photo[0])], &[]).await;
        desk.settle().await;
        let told = serde_json::to_string(&desk.messages(&ticket).await).unwrap();
        assert!(!told.contains("9876") && !told.contains("targhetta"), "{told}");
        for rendition in ["thumb", "view", "original"] {
            assert_eq!(desk.content(&file, rendition).await.status(), 410, "{rendition}");
        }
        assert_eq!(desk.only_ticket().await["last_message"]["text"], json!(null));
        assert_told!(desk, ticket, "revoked");

        // The quote of a message that was taken back says nothing of it either.
        answer(desk, &ticket, "Va bene").await;
        desk.send(&zoe, &[("as", "text"), ("text", "Grazie"), ("reply_to", &text)], &[]).await;
        desk.settle().await;
        let last = desk.messages(&ticket).await.pop().unwrap();
        assert_eq!(
            (&last["reply_to"]["external_id"], &last["reply_to"]["text"]),
            (&json!(text), &json!(null))
        );
    })
    .await;
}
