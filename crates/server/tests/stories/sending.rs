//! What agents send: templates outside the window, choices, files, voice notes.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, answer, assert_told, on_each_engine,
    support::{Desk, picture},
    voice_note,
};

/// What the API says to a message that it does not take.
async fn refused(desk: &Desk, ticket: &Value, body: Value) -> (u16, Value) {
    let path = format!("/tickets/{}/messages", ticket["id"].as_str().unwrap());
    let (status, body) = desk.api(Method::POST, &path, Some(body)).await;
    (status, body["error"]["code"].clone())
}

fn template(name: &str) -> Value {
    let parameter = |text: &str| json!({ "type": "text", "text": text });
    json!({ "template": {
        "name": name, "language": "it", "preview": "Ciao Zoë, ci sono novità sulla tua richiesta 1.",
        "components": [{ "type": "body", "parameters": [parameter("Zoë"), parameter("1")] }],
    }})
}

#[tokio::test]
async fn outside_the_window_only_a_template_goes_and_its_answer_opens_it() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Quando è pronta?").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["window_closes_at"], "2026-11-23T12:00:01Z");
        desk.advance(Duration::from_secs(24 * 3_600));
        let free = json!({ "text": "È pronta" });
        assert_eq!(refused(desk, &ticket, free).await, (409, json!("window_closed")));
        let (status, code) = refused(desk, &ticket, template("no_such_template")).await;
        assert_eq!((status, code), (404, json!("template_not_found")));
        assert_eq!(desk.messages(&ticket).await.len(), 1, "nothing was written");

        crate::send(desk, &ticket, template("ticket_update")).await;
        desk.settle().await;
        let shown = desk.chat(&zoe).await.pop().unwrap();
        assert_eq!(shown["text"], "Ciao Zoë, ci sono novità sulla tua richiesta 1.");
        let press = [("as", "quick_reply"), ("choice_id", "show"), ("choice_title", "Fammi vedere")];
        desk.send(&zoe, &press, &[]).await;
        desk.settle().await;
        answer(desk, &ticket, "La lavatrice è pronta.").await;
        desk.settle().await;
        assert_told!(desk, ticket, "template_outside_the_window");
    })
    .await;
}

/// Written in time, and the window closed while it waited to go.
#[tokio::test]
async fn a_message_that_waited_too_long_fails_with_a_sentence() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Ci siete?").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        desk.control("knobs", json!({ "fail_next": [{ "status": 503, "code": 131_016 }] })).await;
        answer(desk, &ticket, "Sì").await;
        desk.settle().await;
        desk.advance(Duration::from_secs(24 * 3_600));
        desk.settle().await;
        assert_told!(desk, ticket, "window_closed_while_waiting");
        assert_eq!(desk.chat(&zoe).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn buttons_and_lists_are_shown_and_answered() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Non funziona").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let rows = json!([{ "id": "oven", "title": "Forno", "description": "Anche a gas" }, { "id": "hob", "title": "Piano" }]);
        let list = json!({ "kind": "list", "body": "Quale apparecchio?", "button": "Scegli", "sections": [{ "title": "Cucina", "rows": rows }] });
        crate::send(desk, &ticket, json!({ "content": list })).await;
        desk.settle().await;
        let shown = desk.chat(&zoe).await.pop().unwrap();
        assert_eq!(shown.pointer("/interactive/action/sections/0/rows/0/id"), Some(&json!("oven")));
        let choose = [("as", "list_reply"), ("choice_id", "oven"), ("choice_title", "Forno"), ("choice_description", "Anche a gas")];
        desk.send(&zoe, &choose, &[]).await;
        desk.settle().await;

        let buttons = json!({ "kind": "buttons", "body": "È acceso?", "footer": "Tocchi una risposta", "buttons": [{ "id": "y", "title": "Sì" }, { "id": "n", "title": "No" }] });
        crate::send(desk, &ticket, json!({ "content": buttons })).await;
        desk.settle().await;
        let asked = desk.chat(&zoe).await.pop().unwrap();
        assert_eq!(asked.pointer("/interactive/action/buttons/1/reply/title"), Some(&json!("No")));
        let press = [("as", "button_reply"), ("choice_id", "n"), ("choice_title", "No"), ("reply_to", asked["id"].as_str().unwrap())];
        desk.send(&zoe, &press, &[]).await;
        desk.settle().await;
        let contents: Vec<Value> = desk.messages(&ticket).await.into_iter().map(|m| m["content"].clone()).collect();
        assert_eq!(contents[2], json!({ "kind": "choice", "id": "oven", "title": "Forno", "description": "Anche a gas" }));
        assert_eq!(contents[4]["id"], "n");
        assert_told!(desk, ticket, "buttons_and_lists");

        let four = json!({ "kind": "buttons", "body": "?", "buttons": (0..4).map(|n| json!({ "id": n.to_string(), "title": n.to_string() })).collect::<Vec<_>>() });
        assert_eq!(refused(desk, &ticket, json!({ "content": four })).await, (422, json!("invalid_message")));
        assert_eq!(refused(desk, &ticket, json!({ "text": "  " })).await, (422, json!("invalid_message")));
        assert_eq!(refused(desk, &ticket, json!({ "text": "x".repeat(5_000) })).await, (422, json!("invalid_message")));
    })
    .await;
}

#[tokio::test]
async fn files_go_out_as_what_they_are_and_only_once() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Mi manda il manuale?").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let pdf = desk.upload("manuale.pdf", b"%PDF-1.4\n%%EOF\n".to_vec()).await;
        let image = desk.upload("schema.png", picture(50, 40)).await;
        let voice = desk.upload("nota.ogg", voice_note()).await;
        assert_eq!(
            (&voice["mime_type"], &voice["is_voice"]),
            (&json!("audio/ogg; codecs=opus"), &json!(true))
        );
        for (file, text) in [(&pdf, "Pagina 3"), (&image, "Lo schema"), (&voice, "")] {
            crate::send(desk, &ticket, json!({ "attachment_id": file["id"], "text": text })).await;
        }
        desk.settle().await;
        // Each leaves when the one before it has left.
        for _ in 0..3 {
            desk.advance(Duration::from_secs(1));
            desk.settle().await;
        }
        let chat = desk.chat(&zoe).await;
        let kinds: Vec<_> = chat[1..].iter().map(|m| (m["type"].clone(), m["text"].clone())).collect();
        let expect = [("document", json!("Pagina 3")), ("image", json!("Lo schema")), ("audio", json!(null))];
        assert_eq!(kinds, expect.map(|(kind, text)| (json!(kind), text)));
        assert_eq!(chat[1]["media"]["file_name"], "manuale.pdf");
        assert_eq!(chat[3]["media"]["voice"], true);
        let url = format!("{}{}", desk.sandbox.base_url, chat[1]["media"]["url"].as_str().unwrap());
        let bytes = desk.http.get(url).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(&bytes[..], b"%PDF-1.4\n%%EOF\n", "the bytes are untouched");
        desk.control(&format!("customers/{zoe}/played"), json!({ "id": chat[3]["id"] })).await;
        desk.settle().await;
        assert_told!(desk, ticket, "files_sent");

        let again = json!({ "attachment_id": pdf["id"] });
        assert_eq!(refused(desk, &ticket, again).await, (422, json!("no_attachment")));
        let text = desk.upload("nota.txt", b"hello".to_vec()).await;
        let as_image = json!({ "content": { "kind": "image", "attachment_id": text["id"] } });
        assert_eq!(refused(desk, &ticket, as_image).await, (422, json!("invalid_message")));
        assert_eq!(
            refused(desk, &ticket, json!({ "attachment_id": "none" })).await,
            (404, json!("not_found"))
        );
        assert_eq!(desk.messages(&ticket).await.len(), 4, "a refusal writes nothing");
    })
    .await;
}
