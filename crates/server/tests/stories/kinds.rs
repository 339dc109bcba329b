//! Every kind of message that the sandbox sends is read back as what it was.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    ZOE, assert_told, close_without_debts, on_each_engine,
    support::{Desk, engines, picture},
    voice_note,
};

/// The form that the phone fills in.
type Fields = &'static [(&'static str, &'static str)];

const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
const MP3: &[u8] = b"ID3\x03\0\0\0\0\0\0";

#[tokio::test]
async fn every_kind_of_message_is_read_as_what_it_is() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        let files: [(Fields, &str, Vec<u8>); 8] = [
            (&[("as", "photo"), ("text", "Foto")], "a.png", picture(1_700, 900)),
            (&[("as", "hd")], "a.png", picture(1_700, 900)),
            (&[("as", "document"), ("text", "Fattura")], "fattura è.pdf", PDF.to_vec()),
            (&[("as", "document")], "originale.png", picture(33, 22)),
            (&[("as", "voice")], "v.ogg", voice_note()),
            (&[("as", "audio")], "a.mp3", MP3.to_vec()),
            (&[("as", "video"), ("text", "Il rumore")], "v.mp4", MP4.to_vec()),
            (&[("as", "sticker")], "s.png", picture(20, 20)),
        ];
        for (fields, name, bytes) in files {
            desk.send(&zoe, fields, &[(name, bytes)]).await;
            desk.settle().await;
        }
        let spoken: [Fields; 11] = [
            &[("as", "text"), ("text", "Ciao 👋\n\"due righe\""), ("forwarded", "true")],
            &[
                ("as", "location"),
                ("latitude", "45.5"),
                ("longitude", "9.2"),
                ("name", "Casa"),
                ("address", "Via Roma 1"),
            ],
            &[("as", "contact"), ("name", "Ugo Bianchi"), ("phone", "+39 02 1234567")],
            &[("as", "unsupported")],
            &[("as", "order"), ("text", "Due filtri")],
            &[("as", "flow_reply"), ("text", r#"{"serial":"A-1"}"#)],
            &[("as", "button_reply"), ("choice_id", "y"), ("choice_title", "Sì")],
            &[
                ("as", "list_reply"),
                ("choice_id", "o"),
                ("choice_title", "Forno"),
                ("choice_description", "A gas"),
            ],
            &[("as", "quick_reply"), ("choice_id", "p"), ("choice_title", "Non ora")],
            &[
                ("as", "text"),
                ("text", "Dall'annuncio"),
                ("referral", r#"{"source_type":"ad","source_id":"7"}"#),
            ],
            &[("as", "text"), ("text", "ultimo")],
        ];
        for fields in spoken {
            desk.send(&zoe, fields, &[]).await;
        }
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "every_kind");
        let messages = desk.messages(&ticket).await;
        let file = |n: usize| &messages[n]["attachments"][0];
        let size = |n: usize| (file(n)["width"].as_i64().unwrap(), file(n)["height"].as_i64().unwrap());
        assert_eq!((size(0), size(1), size(3)), ((1_600, 847), (1_700, 900), (33, 22)));
        let original = desk.content(file(2), "original").await;
        assert_eq!(
            original.headers()["content-disposition"],
            "attachment; filename*=UTF-8''fattura%20%C3%A8%2Epdf"
        );
        assert_eq!(&original.bytes().await.unwrap()[..], PDF);
        assert_eq!((&file(4)["is_voice"], &file(5)["is_voice"]), (&json!(true), &json!(false)));
        assert_eq!(messages[8]["is_forwarded"], true);
        assert_eq!(messages[9]["content"]["latitude"], 45.5);
        assert_eq!(messages[10].pointer("/content/cards/0/name/formatted_name"), Some(&json!("Ugo Bianchi")));
        assert_eq!(messages[13]["content"]["answers"], json!({ "serial": "A-1" }));
        assert_eq!(messages[15]["content"]["description"], "A gas");
        assert_eq!(messages[16]["content"]["payload"], "p");
        assert_eq!(messages[17]["referral"]["source_id"], "7");
    })
    .await;
}

/// The words of a customer, as the phone sends them and the desk must show them.
#[derive(Clone, Debug)]
struct Words {
    fields: Vec<(&'static str, String)>,
    expect: Value,
}

fn text() -> impl Strategy<Value = String> {
    // Quotes, slashes, control characters, scripts of every sort: what escaping could hurt.
    "[ -~àèé€λя漢🔧\u{1f468}\u{200d}\n\t\\\\/\"<>&\u{7f}\u{2028}]{1,60}"
        .prop_filter("the phone sends no empty field", |text| !text.trim().is_empty())
}

fn words() -> impl Strategy<Value = Words> {
    let spoken = |fields: Vec<(&'static str, String)>, expect: Value| Words { fields, expect };
    let way = |name: &str| ("as", name.to_owned());
    prop_oneof![
        text().prop_map(move |t| spoken(
            vec![way("text"), ("text", t.clone())],
            json!({ "kind": "text", "text": t, "content": { "kind": "text", "body": t } })
        )),
        (text(), -9_000_000i32..9_000_000, -18_000_000i32..18_000_000).prop_map(move |(name, lat, long)| {
            let (lat, long) = (f64::from(lat) / 1e5, f64::from(long) / 1e5);
            spoken(
                vec![way("location"), ("latitude", lat.to_string()), ("longitude", long.to_string()), ("name", name.clone())],
                json!({ "kind": "location", "text": name, "content": { "kind": "location", "latitude": lat, "longitude": long, "name": name } }),
            )
        }),
        (text(), text()).prop_map(move |(id, title)| spoken(
            vec![way("button_reply"), ("choice_id", id.clone()), ("choice_title", title.clone())],
            json!({ "kind": "choice", "text": title, "content": { "kind": "choice", "id": id, "title": title, "description": null } })
        )),
        (text(), text(), text()).prop_map(move |(id, title, more)| spoken(
            vec![way("list_reply"), ("choice_id", id.clone()), ("choice_title", title.clone()), ("choice_description", more.clone())],
            json!({ "kind": "choice", "text": title, "content": { "kind": "choice", "id": id, "title": title, "description": more } })
        )),
        (text(), text()).prop_map(move |(payload, title)| spoken(
            vec![way("quick_reply"), ("choice_id", payload.clone()), ("choice_title", title.clone())],
            json!({ "kind": "button", "text": title, "content": { "kind": "button", "payload": payload, "text": title } })
        )),
        text().prop_map(move |t| {
            let answers = json!({ "answer": t });
            spoken(
                vec![way("flow_reply"), ("text", answers.to_string())],
                json!({ "kind": "form", "text": null, "content": { "kind": "form", "name": "flow", "answers": answers } }),
            )
        }),
    ]
}

#[tokio::test]
async fn whatever_the_phone_sends_the_desk_shows_the_same_words() {
    let cases = words();
    let mut runner = TestRunner::deterministic();
    let sent: Vec<Words> = (0..60).map(|_| cases.new_tree(&mut runner).unwrap().current()).collect();
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        for words in &sent {
            let fields: Vec<(&str, &str)> = words.fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            desk.send(&zoe, &fields, &[]).await;
        }
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let shown = desk.messages(&ticket).await;
        assert_eq!(shown.len(), sent.len());
        for (message, words) in shown.iter().zip(&sent) {
            let told =
                json!({ "kind": message["kind"], "text": message["text"], "content": message["content"] });
            assert_eq!(told, words.expect, "{engine:?} {:?}", words.fields);
        }
        close_without_debts(desk).await;
    }
}
