//! The Graph API as a business meets it: what is accepted, what is refused and how, and what becomes of a message.

use serde_json::{Value, json};

use crate::stage::{NUMBER, PHONE, Stage, WABA};

#[tokio::test]
async fn a_message_climbs_the_ladder() {
    let stage = Stage::new().await;
    stage.open_window().await;
    let (status, body) = stage
        .send(json!({ "type": "text", "text": { "body": "hi" }, "biz_opaque_callback_data": "our-7" }))
        .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["contacts"], json!([{ "input": PHONE, "wa_id": "393331112223" }]));
    let id = body["messages"][0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("wamid."));
    let seen = stage.receiver.statuses(3).await;
    for name in ["sent", "delivered", "read"] {
        let status = &seen[name]["statuses"][0];
        assert_eq!((&status["id"], &status["biz_opaque_callback_data"]), (&json!(id), &json!("our-7")));
        assert_eq!(status["recipient_id"], "393331112223");
        assert_eq!(seen[name]["contacts"][0]["wa_id"], "393331112223");
    }
    assert_eq!(seen["sent"]["statuses"][0]["pricing"]["type"], "free_customer_service");
    assert!(seen["sent"]["statuses"][0]["conversation"].is_null());

    stage.control("knobs", json!({ "read_automatically": false, "contacts_on_status": false, "conversation_on_status": true })).await;
    let (_, body) = stage.send(json!({ "type": "text", "text": { "body": "again" } })).await;
    let seen = stage.receiver.statuses(2).await;
    assert!(
        seen["delivered"]["contacts"].is_null()
            && seen["sent"]["statuses"][0]["conversation"]["id"].is_string()
    );
    stage.control("customers/c1/seen", json!({})).await;
    assert!(stage.receiver.statuses(1).await.contains_key("read"));
    stage.control("customers/c1/played", json!({ "id": body["messages"][0]["id"] })).await;
    assert!(stage.receiver.statuses(1).await.contains_key("played"));

    stage.control("knobs", json!({ "error_status": 131_049 })).await;
    stage.send(json!({ "type": "text", "text": { "body": "no" } })).await;
    let failed = &stage.receiver.statuses(1).await["failed"];
    assert_eq!(failed["statuses"][0]["errors"][0]["code"], 131_049);
    let chat = stage.get("/sandbox/customers/c1/messages").await;
    let last = chat["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["status"], &last["error"]["code"]), (&json!("failed"), &json!(131_049)));
}

#[tokio::test]
async fn malformed_messages_are_refused_with_metas_codes() {
    let stage = Stage::new().await;
    stage.open_window().await;
    let button =
        |n: usize| json!({ "type": "reply", "reply": { "id": n.to_string(), "title": format!("b{n}") } });
    let buttons = |n: usize| json!({ "type": "interactive", "interactive": { "type": "button", "body": { "text": "?" }, "action": { "buttons": (0..n).map(button).collect::<Vec<_>>() } } });
    let row = |n: usize| json!({ "id": n.to_string(), "title": "r" });
    let rows = |n: usize| json!({ "type": "interactive", "interactive": { "type": "list", "body": { "text": "?" }, "action": { "button": "Open", "sections": [{ "title": "a", "rows": (0..n / 2).map(row).collect::<Vec<_>>() }, { "title": "b", "rows": (n / 2..n).map(row).collect::<Vec<_>>() }] } } });
    let cases = [
        (json!({ "type": "text", "text": { "body": "x".repeat(4_097) } }), 131_009),
        (json!({ "type": "text", "text": {} }), 131_008),
        (json!({ "type": "text" }), 100),
        (json!({ "type": "smoke", "smoke": {} }), 100),
        (json!({ "type": "text", "text": { "body": "x" }, "messaging_product": "sms" }), 100),
        (json!({ "type": "text", "text": { "body": "x" }, "to": "" }), 100),
        (json!({ "type": "text", "text": { "body": "x" }, "to": "not a number" }), 131_009),
        (json!({ "type": "text", "text": { "body": "x" }, "to": "390612345678" }), 131_021),
        (json!({ "type": "text", "text": { "body": "x" }, "to": "IT.123" }), 131_026),
        (json!({ "type": "image", "image": {} }), 131_008),
        (json!({ "type": "image", "image": { "id": "999" } }), 131_009),
        (json!({ "type": "audio", "audio": { "id": "9", "caption": "x" } }), 100),
        (json!({ "type": "location", "location": { "latitude": 91, "longitude": 0 } }), 131_009),
        (buttons(4), 131_009),
        (rows(11), 131_009),
        (json!({ "status": "read", "message_id": "x" }), 131_009),
        (json!({ "status": "gone", "message_id": "wamid.x" }), 100),
        (
            json!({ "type": "template", "template": { "name": "nope", "language": { "code": "en" } } }),
            132_001,
        ),
        (
            json!({ "type": "template", "template": { "name": "ticket_update", "language": { "code": "it" } } }),
            132_000,
        ),
        (
            json!({ "type": "template", "template": { "name": "repair_report", "language": { "code": "en" }, "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "x" }] }] } }),
            132_012,
        ),
    ];
    for (body, code) in cases {
        let (status, answer) = stage.send(body.clone()).await;
        assert!(status >= 400 && answer["error"]["code"] == code, "{body}\n{answer}");
        assert!(answer["error"]["fbtrace_id"].is_string() && answer["error"]["type"] == "OAuthException");
    }
    for body in [buttons(3), rows(10)] {
        let (status, answer) = stage.send(body).await;
        assert_eq!(status, 200, "{answer}");
    }
}

#[tokio::test]
async fn the_window_closes_after_a_day() {
    let stage = Stage::new().await;
    stage.open_window().await;
    stage.control("clock", json!({ "advance_s": 86_399 })).await;
    assert_eq!(stage.send(json!({ "type": "text", "text": { "body": "in time" } })).await.0, 200);
    stage.receiver.statuses(3).await;
    stage.control("clock", json!({ "advance_s": 1 })).await;
    let (status, body) = stage.send(json!({ "type": "text", "text": { "body": "late" } })).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(131_047)));
    let hello =
        json!({ "type": "template", "template": { "name": "hello_world", "language": { "code": "en_US" } } });
    assert_eq!(stage.send(hello).await.0, 200);
    assert_eq!(stage.receiver.statuses(3).await["sent"]["statuses"][0]["pricing"]["category"], "utility");
    // A number that never wrote: accepted, and reported later.
    let stranger = json!({ "to": "+391234567890", "type": "text", "text": { "body": "who?" } });
    assert_eq!(stage.send(stranger).await.0, 200);
    assert_eq!(stage.receiver.statuses(1).await["failed"]["statuses"][0]["errors"][0]["code"], 131_047);
}

#[tokio::test]
async fn too_many_messages_to_one_customer() {
    let stage = Stage::new().await;
    stage.open_window().await;
    stage.control("knobs", json!({ "throughput_mps": 0 })).await;
    let text = json!({ "type": "text", "text": { "body": "x" } });
    for _ in 0..45 {
        assert_eq!(stage.send(text.clone()).await.0, 200);
    }
    assert_eq!(stage.send(text.clone()).await.1["error"]["code"], 131_056);
    stage.control("clock", json!({ "advance_s": 6 })).await;
    assert_eq!(stage.send(text.clone()).await.0, 200);
    stage.control("knobs", json!({ "throughput_mps": 1 })).await;
    stage.control("clock", json!({ "advance_s": 60 })).await;
    assert_eq!(stage.send(text.clone()).await.0, 200);
    assert_eq!(stage.send(text).await.1["error"]["code"], 130_429);
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_work_was_done() {
    let stage = Stage::new().await;
    stage.open_window().await;
    stage.control("knobs", json!({ "accept_then_cut": 1 })).await;
    let url = stage.url(&format!("/{NUMBER}/messages"));
    let body = json!({ "messaging_product": "whatsapp", "to": PHONE, "type": "text", "text": { "body": "x" }, "biz_opaque_callback_data": "our-8" });
    let lost = stage.http.post(url).bearer_auth("sandbox-token").json(&body).send().await;
    assert!(lost.is_err());
    assert_eq!(stage.receiver.statuses(3).await["sent"]["statuses"][0]["biz_opaque_callback_data"], "our-8");
    let chat = stage.get("/sandbox/customers/c1/messages").await;
    assert_eq!(chat["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn parameters_and_tokens_come_in_many_ways() {
    let stage = Stage::new().await;
    stage.open_window().await;
    let url = |path: &str| stage.url(path);
    let text = [("to", PHONE), ("type", "text"), ("text", "{\"body\":\"x\"}")];
    let product = "messaging_product=whatsapp";
    let requests = [
        stage.http.post(url(&format!("/{NUMBER}/messages?{product}&access_token=sandbox-token"))).form(&text),
        stage.http.post(url(&format!("/v9/{NUMBER}/messages?{product}"))).bearer_auth("sandbox-token").form(&text),
        stage.http.post(url(&format!("/v25.0/{NUMBER}/messages"))).json(&json!({ "access_token": "sandbox-token", "messaging_product": "whatsapp", "to": 393_331_112_223_u64, "text": { "body": "x" } })),
    ];
    for request in requests {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
    for request in [
        stage.http.get(url(&format!("/{NUMBER}"))),
        stage.http.get(url(&format!("/{NUMBER}"))).bearer_auth("old"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 190);
    }
}

#[tokio::test]
async fn every_kind_of_id_answers_as_itself() {
    let stage = Stage::new().await;
    assert_eq!(
        stage.get(&format!("/v23.0/{NUMBER}?fields=display_phone_number")).await,
        json!({ "display_phone_number": "+390612345678", "id": NUMBER })
    );
    assert_eq!(stage.get(&format!("/{WABA}")).await["id"], WABA);
    assert_eq!(stage.get(&format!("/{WABA}/phone_numbers")).await["data"][0]["id"], NUMBER);
    let page = stage.get(&format!("/{WABA}/message_templates?limit=2")).await;
    assert_eq!(page["data"][0]["name"], "hello_world");
    let after = page["paging"]["cursors"]["after"].as_str().unwrap();
    let next = stage.get(&format!("/{WABA}/message_templates?limit=2&after={after}")).await;
    assert_eq!(next["data"][0]["language"], "it");
    let template = page["data"][1]["id"].as_str().unwrap();
    assert_eq!(stage.get(&format!("/{template}")).await["name"], "ticket_update");
    let unknown = stage.get("/v23.0/424242").await;
    assert_eq!((&unknown["error"]["code"], &unknown["error"]["error_subcode"]), (&json!(100), &json!(33)));
    assert_eq!(stage.get(&format!("/{NUMBER}/nonsense")).await["error"]["code"], 100);
}

#[tokio::test]
async fn a_template_reads_as_the_customer_reads_it() {
    let stage = Stage::new().await;
    let components = json!([
        { "type": "body", "parameters": [
            { "type": "text", "parameter_name": "what", "text": "l'etichetta" },
            { "type": "text", "parameter_name": "customer_name", "text": "Zoë" },
        ]},
        { "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "77" }] },
    ]);
    let (status, body) = stage.send(json!({ "type": "template", "template": { "name": "photo_request", "language": { "code": "it" }, "components": components } })).await;
    assert_eq!(status, 200, "{body}");
    let chat = stage.get("/sandbox/customers/c1/messages").await;
    let template = &chat["items"][0]["template"];
    assert_eq!(template["body"], "Ciao Zoë, mandaci una foto di l'etichetta.");
    assert_eq!(template["header_text"], "Ancora una foto");
    assert_eq!(template["buttons"][0]["url"], "https://help.example.org/t/77");
}

#[tokio::test]
async fn read_marks_all_before_it() {
    let stage = Stage::new().await;
    stage.open_window().await;
    let second = stage.open_window().await;
    stage.open_window().await;
    let mark = json!({ "status": "read", "message_id": second, "typing_indicator": { "type": "text" } });
    assert_eq!(stage.send(mark).await, (200, json!({ "success": true })));
    let chat = stage.get("/sandbox/customers/c1/messages").await;
    let read: Vec<_> = chat["items"].as_array().unwrap().iter().map(|m| m["status"] == "read").collect();
    assert_eq!(read, [true, true, false]);
}

/// Some client libraries write the inner object as JSON text, and Meta takes it.
#[tokio::test]
async fn an_object_may_come_as_json_text() {
    let stage = Stage::new().await;
    stage.open_window().await;
    let cards = json!([{ "name": { "formatted_name": "Ada L", "first_name": "Ada" }, "phones": [{ "phone": "+39333" }] }]);
    for message in [
        json!({ "type": "contacts", "contacts": cards.to_string() }),
        json!({ "type": "text", "text": json!({ "body": "hi" }).to_string() }),
    ] {
        let (status, body) = stage.send(message.clone()).await;
        assert_eq!(status, 200, "{message}: {body}");
    }
    let chat = stage.get("/sandbox/customers/c1/messages").await.to_string();
    assert!(chat.contains("Ada L"), "{chat}");
    let (status, body) = stage.send(json!({ "type": "contacts", "contacts": "[{" })).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(131_008)), "{body}");
}
