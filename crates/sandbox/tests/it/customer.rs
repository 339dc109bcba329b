//! What customers send arrives as Meta would report it.

use serde_json::{Value, json};

use crate::stage::{PHONE, Stage, jpeg};

type Fields<'a> = &'a [(&'static str, &'a str)];
type Files<'a> = &'a [(&'a str, Vec<u8>)];

/// A JPEG with an EXIF segment that says "turn me a quarter clockwise" and names a camera.
fn sideways_jpeg() -> Vec<u8> {
    let plain = jpeg(400, 200);
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"SECRET-CAMERA");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
}

#[tokio::test]
async fn a_photo_is_smaller_upright_and_without_metadata() {
    let stage = Stage::new().await;
    stage.write(&[("as", "photo"), ("text", "ecco 🙂")], &[("IMG.jpg", sideways_jpeg())]).await;
    let post = stage.receiver.post().await;
    assert!(post.is_signed());
    assert_eq!(post.user_agent, "facebookexternalua");
    assert!(
        post.body.is_ascii() && post.body.contains("\\ud83d\\ude42") && post.body.contains("image\\/jpeg")
    );
    let message = post.message();
    assert_eq!(message["type"], "image");
    assert_eq!(message["from"], "393331112223");
    assert_eq!(message["timestamp"], "1795340000");
    assert_eq!(message["image"]["caption"], "ecco 🙂");
    assert!(message["image"]["filename"].is_null());
    assert_eq!(post.value()["contacts"][0]["profile"]["name"], "Zoë");
    let bytes = stage.fetch(message["image"]["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"SECRET"));
    let seen = image::load_from_memory(&bytes).unwrap().into_rgb8();
    assert_eq!(seen.dimensions(), (200, 400));
    assert!(seen.get_pixel(100, 50)[0] > 200, "red is on top after a quarter turn");
}

#[tokio::test]
async fn pictures_have_the_sizes_of_a_phone() {
    let stage = Stage::new().await;
    let cases = [
        ("photo", (4_400, 550), (1_600, 200)),
        ("hd", (4_400, 550), (4_096, 512)),
        ("photo", (300, 200), (300, 200)),
    ];
    for (way, (width, height), expected) in cases {
        stage.write(&[("as", way)], &[("a.jpg", jpeg(width, height))]).await;
        let message = stage.receiver.post().await.message();
        let bytes = stage.fetch(message["image"]["url"].as_str().unwrap()).await.bytes().await.unwrap();
        let seen = image::load_from_memory(&bytes).unwrap();
        assert_eq!((seen.width(), seen.height()), expected, "{way}");
    }
    stage.write(&[("as", "sticker")], &[("a.jpg", jpeg(300, 200))]).await;
    let message = stage.receiver.post().await.message();
    assert_eq!(message["sticker"]["mime_type"], "image/webp");
    let bytes = stage.fetch(message["sticker"]["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 512);
}

#[tokio::test]
async fn files_go_through_untouched() {
    let stage = Stage::new().await;
    let ogg = b"OggS\0\x02 not really opus".to_vec();
    let cases: [(&str, &str, Vec<u8>, &str, Value); 4] = [
        (
            "document",
            "scheda.jpg",
            sideways_jpeg(),
            "document",
            json!({ "mime_type": "image/jpeg", "filename": "scheda.jpg" }),
        ),
        ("voice", "nota.ogg", ogg, "audio", json!({ "mime_type": "audio/ogg; codecs=opus", "voice": true })),
        (
            "voice",
            "nota.m4a",
            b"....ftypM4A ".to_vec(),
            "audio",
            json!({ "mime_type": "audio/mp4", "voice": true }),
        ),
        ("video", "clip.mp4", b"....ftypisom".to_vec(), "video", json!({ "mime_type": "video/mp4" })),
    ];
    for (way, name, sent, kind, expected) in cases {
        stage.write(&[("as", way)], &[(name, sent.clone())]).await;
        let message = stage.receiver.post().await.message();
        assert_eq!(message["type"], kind);
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&message[kind][key], value, "{way} {key}");
        }
        let bytes = stage.fetch(message[kind]["url"].as_str().unwrap()).await.bytes().await.unwrap();
        assert_eq!(bytes, sent, "{way}");
    }
}

#[tokio::test]
async fn everything_else_a_phone_can_do() {
    let stage = Stage::new().await;
    let first = stage.open_window().await;
    let (_, sent) = stage.send(json!({ "type": "text", "text": { "body": "hi" } })).await;
    let ours = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    stage.receiver.statuses(3).await;
    let cases: [(Fields<'_>, &str, Value); 12] = [
        (
            &[("as", "location"), ("latitude", "41.9"), ("longitude", "12.5"), ("name", "Casa")],
            "location",
            json!({ "latitude": 41.9, "longitude": 12.5, "name": "Casa" }),
        ),
        (
            &[("as", "contact"), ("name", "Ada L"), ("phone", "+39 06")],
            "contacts",
            json!([{ "name": { "formatted_name": "Ada L", "first_name": "Ada" }, "phones": [{ "phone": "+39 06", "wa_id": "3906", "type": "CELL" }] }]),
        ),
        (
            &[("as", "reaction"), ("target", &ours), ("emoji", "👍")],
            "reaction",
            json!({ "message_id": ours, "emoji": "👍" }),
        ),
        (&[("as", "reaction"), ("target", &ours)], "reaction", json!({ "message_id": ours })),
        (
            &[("as", "button_reply"), ("choice_id", "y"), ("choice_title", "Yes"), ("reply_to", &ours)],
            "interactive",
            json!({ "type": "button_reply", "button_reply": { "id": "y", "title": "Yes" } }),
        ),
        (
            &[("as", "list_reply"), ("choice_id", "r"), ("choice_title", "R"), ("choice_description", "d")],
            "interactive",
            json!({ "type": "list_reply", "list_reply": { "id": "r", "title": "R", "description": "d" } }),
        ),
        (
            &[("as", "quick_reply"), ("choice_title", "Go")],
            "button",
            json!({ "payload": "Go", "text": "Go" }),
        ),
        (
            &[("as", "flow_reply"), ("text", "{\"a\":1}")],
            "interactive",
            json!({ "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{\"a\":1}" } }),
        ),
        (
            &[("as", "edit"), ("target", &first), ("text", "ciao!")],
            "edit",
            json!({ "original_message_id": first, "message": { "context": { "id": first }, "type": "text", "text": { "body": "ciao!" } } }),
        ),
        (&[("as", "revoke"), ("target", &first)], "revoke", json!({ "original_message_id": first })),
        (&[("as", "unsupported")], "unsupported", json!({ "type": "poll_creation" })),
        (&[("as", "text"), ("text", "x"), ("forwarded", "true")], "text", json!({ "body": "x" })),
    ];
    for (fields, kind, expected) in cases {
        stage.write(fields, &[]).await;
        let message = stage.receiver.post().await.message();
        assert_eq!(message["type"], kind);
        assert_eq!(message[kind], expected);
        match fields[0].1 {
            "button_reply" => assert_eq!(message["context"], json!({ "from": "390612345678", "id": ours })),
            "unsupported" => assert_eq!(message["errors"][0]["code"], 131_051),
            "text" => assert_eq!(message["context"], json!({ "forwarded": true })),
            _ => {}
        }
    }
    let chat = stage.get("/sandbox/customers/c1/messages").await;
    assert_eq!(chat["items"][0]["text"], "ciao!");
    assert_eq!((&chat["items"][0]["edited"], &chat["items"][0]["revoked"]), (&json!(true), &json!(true)));
    assert_eq!(chat["items"][1]["reactions"], json!([]));
    let last = chat["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["text"], &last["forwarded"]), (&json!("x"), &json!(true)));
}

#[tokio::test]
async fn too_large_a_document_is_reported_and_not_sent() {
    let stage = Stage::new().await;
    let ids = stage.write(&[("as", "document")], &[("big.bin", vec![7; 100 * 1_024 * 1_024 + 1])]).await;
    let message = stage.receiver.post().await.message();
    assert_eq!((&message["id"], &message["type"]), (&json!(ids[0]), &json!("unsupported")));
    assert_eq!(message["errors"][0]["code"], 131_052);
}

#[tokio::test]
async fn an_album_is_several_webhooks_of_one_second() {
    let stage = Stage::new().await;
    let files: Vec<_> = (0..4).map(|_| ("a.jpg", jpeg(40, 30))).collect();
    let mut ids = stage.write(&[("as", "photo"), ("album", "true"), ("text", "four")], &files).await;
    let posts = stage.receiver.posts(4).await;
    let mut seen: Vec<_> = posts.iter().map(|p| p.message()["id"].as_str().unwrap().to_owned()).collect();
    assert!(posts.iter().all(|p| p.message()["timestamp"] == "1795340000"));
    assert_eq!(posts.iter().filter(|p| p.message()["image"]["caption"] == "four").count(), 1);
    ids.sort();
    seen.sort();
    assert_eq!(ids, seen);
}

#[tokio::test]
async fn a_customer_can_hide_and_change_the_number() {
    let stage = Stage::new().await;
    let id = stage.customer().await;
    let again = stage.control("customers", json!({ "phone": PHONE })).await;
    assert_eq!(again["id"], json!(id));
    let user_id = again["user_id"].as_str().unwrap().to_owned();
    assert!(user_id.starts_with("IT.") && user_id.len() == 19);

    stage.write(&[("as", "text"), ("text", "psst"), ("bsuid_only", "true")], &[]).await;
    let value = stage.receiver.post().await.value();
    assert!(value["messages"][0]["from"].is_null() && value["contacts"][0]["wa_id"].is_null());
    assert_eq!(value["messages"][0]["from_user_id"], json!(user_id));

    let url = stage.url(&format!("/sandbox/customers/{id}"));
    let changed: Value = stage
        .http
        .patch(url)
        .json(&json!({ "phone": "+393330000000" }))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_ne!(changed["user_id"], json!(user_id));
    let value = stage.receiver.post().await.value();
    assert!(value["contacts"].is_null());
    assert_eq!(value["messages"][0]["from"], "393331112223");
    assert_eq!(value["messages"][0]["system"]["wa_id"], "393330000000");
    assert_eq!(value["messages"][0]["system"]["type"], "user_changed_number");
}

#[tokio::test]
async fn bad_drafts_are_refused_with_a_reason() {
    let stage = Stage::new().await;
    let id = stage.customer().await;
    let cases: [(Fields<'_>, Files<'_>, &str); 6] = [
        (&[("text", "no way")], &[], "`as` is missing"),
        (&[("as", "telepathy")], &[], "telepathy"),
        (&[("as", "photo")], &[], "needs a `file`"),
        (&[("as", "photo")], &[("x.jpg", b"not a picture".to_vec())], "send it as a document"),
        (&[("as", "location"), ("latitude", "200"), ("longitude", "0")], &[], "between"),
        (&[("as", "edit"), ("target", "wamid.none"), ("text", "x")], &[], "no message"),
    ];
    for (fields, files, why) in cases {
        let (status, body) = stage.try_write(&id, fields, files).await;
        assert!(
            (400..600).contains(&status) && body["error"]["message"].as_str().unwrap().contains(why),
            "{body}"
        );
    }
}
