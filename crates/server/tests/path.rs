//! The whole path, on both engines: a photo becomes a ticket, an answer becomes a bubble on the phone.

mod support;

use serde_json::json;
use support::{Desk, engines, picture};

#[tokio::test]
async fn a_photo_becomes_a_ticket_and_the_answer_reaches_the_phone() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer("+393331112223", "Zoë").await;
        desk.send(&zoe, &[("as", "photo"), ("text", "La lavatrice perde")], &[("p.png", picture(900, 700))])
            .await;
        desk.settle().await;

        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["status"], "new", "{engine:?}");
        assert_eq!(ticket["contact"]["phone"], "+393331112223");
        let photo = &desk.messages(&ticket).await[0]["attachments"][0];
        assert_eq!((photo["width"].as_i64(), photo["height"].as_i64()), (Some(900), Some(700)));
        let thumb = desk.content(photo, "thumb").await;
        assert_eq!(thumb.headers()["content-type"], "image/jpeg");
        let thumb = image::load_from_memory(&thumb.bytes().await.unwrap()).unwrap();
        assert_eq!((thumb.width(), thumb.height()), (320, 249));

        let id = ticket["id"].as_str().unwrap();
        desk.post(&format!("/tickets/{id}/messages"), json!({ "text": "Chiuda l'acqua, arriviamo." })).await;
        desk.settle().await;
        let answer = desk.chat(&zoe).await.pop().unwrap();
        assert_eq!(answer["text"], "Chiuda l'acqua, arriviamo.");
        let transcript = desk.transcript(&ticket).await;
        insta::allow_duplicates! { insta::assert_snapshot!("photo_and_answer", transcript) };
        desk.advance(std::time::Duration::from_secs(10));
        desk.finish().await;
    }
}
