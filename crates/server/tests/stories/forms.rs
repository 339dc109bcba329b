//! Native forms of WhatsApp: offered by a flow, filled in on the phone, heard as an album and its answers.

use std::collections::BTreeMap;

use channels::whatsapp::{client::NewForm, forms::render};
use flows::format::{Language, parse};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use server::{
    config,
    forms::{
        keys,
        plan::{Wanting, plan},
    },
};
use url::Url;

use crate::{
    ZOE, assert_told, close_without_debts,
    findings::{png, scene},
    guided::{flow, quiet, says, switch_on},
    support::{Desk, engines, sign},
};

const NUMBER: &str = "700000000000001";

/// Two photos and two answers in one form, then a person.
const DAMAGE: &str = r#"
flow: damage
version: 1
about: Asks for the damage in one form where the number has it, else question by question.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  photos:
    ask:
      text: { en: Two photos please., it: "Due foto, per favore.", es: "Dos fotos, por favor.", pt: "Duas fotos, por favor.", hi: दो फ़ोटो भेजें। }
      for: { photo: { count: 2 } }
      save: photos
      form: damage
  where:
    ask:
      text: { en: Where is it?, it: Dove si trova?, es: ¿Dónde está?, pt: Onde está?, hi: कहाँ है? }
      for: text
      save: where
  bought:
    ask:
      text: { en: When was it bought?, it: Quando è stato comprato?, es: ¿Cuándo se compró?, pt: Quando foi comprado?, hi: कब ख़रीदा? }
      for: { date: { days_back_max: 3650, days_ahead_max: 0 } }
      save: bought_on
  person:
    hand_over: { why: "{photos} photos, {where}, bought on {bought_on}." }
"#;

/// How filled forms reach the desk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Endpoint,
    Message,
}

/// A desk with the flow, whose number has a key and the published form.
async fn desk_with_form(engine: crate::support::Engine, by: By) -> Desk {
    let mut desk = Desk::start(engine).await;
    desk.post("/flows", json!({ "source": DAMAGE })).await;
    switch_on(&desk, "damage").await;
    let id = publish(&desk, by).await;
    // The same address after the restart: the form knows it.
    desk.config.server.listen = desk.server.address.unwrap();
    let form =
        config::Form { flow_ids: BTreeMap::from([("it".to_owned(), id)]), has_endpoint: by == By::Endpoint };
    desk.config.whatsapp.as_mut().unwrap().numbers[0].forms.insert("damage".to_owned(), form);
    desk.restart().await
}

/// What `sportello keys forms make` and `sportello flow form --publish` do.
async fn publish(desk: &Desk, by: By) -> String {
    let app = &desk.server.app;
    let client = &app.whatsapp.as_ref().unwrap().number(NUMBER).unwrap().client;
    let mut tx = app.db.begin().await.unwrap();
    let pem = keys::make(&mut tx, app.blobs.ring(), &app.ids, NUMBER, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(client.uploaded_key().await.unwrap(), None);
    client.upload_key(&pem).await.unwrap();
    let uploaded = client.uploaded_key().await.unwrap().unwrap();
    assert!(keys::is_same(&uploaded.public_key, &pem) && uploaded.status == "VALID");
    let flow = parse(DAMAGE).unwrap();
    let wanting =
        Wanting { flow: &flow, form: "damage", language: Language::It, has_endpoint: by == By::Endpoint };
    let definition = render(&plan(&app.texts, &wanting).unwrap()).unwrap();
    let endpoint = format!("{}/webhooks/whatsapp/forms", desk.server.url());
    let endpoint = (by == By::Endpoint).then_some(endpoint.as_str());
    // With an endpoint the sandbox pings it first, as Meta does.
    client.publish_form(&NewForm { name: "damage_it", definition: &definition, endpoint }).await.unwrap()
}

fn photo(seed: u32) -> Vec<u8> {
    png(&scene(seed, 1.0, 900, 700))
}

/// Fills in the newest form of the customer's chat and sends it; answers what the phone saw.
async fn fill(desk: &Desk, customer: &str, photos: &[Vec<u8>]) -> Value {
    let chat = desk.chat(customer).await;
    let form = chat.iter().rev().find(|message| message["interactive"]["type"] == "flow");
    let form = form.unwrap_or_else(|| panic!("no form in the chat: {chat:#?}"));
    let mut url: Url = desk.sandbox.base_url.parse().unwrap();
    let path = ["sandbox", "customers", customer, "forms", form["id"].as_str().unwrap()];
    url.path_segments_mut().unwrap().extend(path);
    let mut body = Form::new().text("where", "in cucina").text("bought_on", "2026-03-02");
    for (n, bytes) in photos.iter().enumerate() {
        body = body.part("photos", Part::bytes(bytes.clone()).file_name(format!("IMG_{n}.png")));
    }
    let response = desk.http.post(url).multipart(body).send().await.unwrap();
    let status = response.status();
    let sent: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{status} {sent}");
    sent
}

async fn knob(desk: &Desk, fault: &str) {
    desk.control("knobs", json!({ "form": fault })).await;
}

fn forms_of(messages: &[Value]) -> Vec<&Value> {
    messages.iter().filter(|m| m["kind"] == "form" && m["direction"] == "in").collect()
}

#[tokio::test]
async fn a_form_with_two_photos_goes_from_the_phone_to_the_ticket() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        let sent = fill(&desk, &zoe, &[photo(1), photo(2)]).await;
        assert_eq!((&sent["endpoint_status"], &sent["said"]), (&json!(200), &Value::Null));
        quiet(&desk).await;
        let ticket = desk.only_ticket().await;
        let messages = desk.messages(&ticket).await;
        let [form] = forms_of(&messages)[..] else { panic!("one form, told once: {messages:#?}") };
        assert_eq!(form["content"]["answers"]["where"], "in cucina");
        assert_eq!(form["content"]["answers"]["photos"], json!(["IMG_0.png", "IMG_1.png"]));
        let files = form["attachments"].as_array().unwrap();
        for (file, seed) in files.iter().zip([1, 2]) {
            let bytes = desk.content(file, "original").await.bytes().await.unwrap();
            assert_eq!(bytes, photo(seed), "what was opened is what was sent");
        }
        assert_eq!(flow(&desk, &ticket).await["answers"]["bought_on"], "2026-03-02");
        assert_told!(desk, ticket, "forms_endpoint");
        let left: i64 = match engine {
            crate::support::Engine::Sqlite => seals_left(&desk).await,
            crate::support::Engine::Postgres => 0,
        };
        assert_eq!(left, 0, "what opens a file is forgotten when the file is here");
        close_without_debts(desk).await;
    }
}

async fn seals_left(desk: &Desk) -> i64 {
    let path = desk.config.data.dir.join("sportello.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query_scalar("select count(*) from form_files").fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn without_an_endpoint_the_message_brings_everything() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Message).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        let sent = fill(&desk, &zoe, &[photo(1), photo(2)]).await;
        assert_eq!(sent["endpoint_status"], Value::Null);
        quiet(&desk).await;
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "forms_message");
        // The form still stands in the chat: filled in again it is a message, and the flow is over.
        fill(&desk, &zoe, &[photo(3), photo(4)]).await;
        quiet(&desk).await;
        let messages = desk.messages(&ticket).await;
        assert_eq!(forms_of(&messages).len(), 2);
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn a_bad_photo_of_a_form_is_asked_for_again_in_the_chat() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        fill(&desk, &zoe, &[photo(1), png(&scene(2, 0.05, 900, 700))]).await;
        quiet(&desk).await;
        let ticket = desk.only_ticket().await;
        assert_eq!(flow(&desk, &ticket).await["step"], "photos");
        desk.send(&zoe, &[("as", "photo")], &[("b.png", photo(3))]).await;
        quiet(&desk).await;
        let now = flow(&desk, &ticket).await;
        assert_eq!((&now["ending"], &now["answers"]["where"]), (&json!("handed_over"), &json!("in cucina")));
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn where_the_number_has_no_form_the_chat_asks() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        desk.post("/flows", json!({ "source": DAMAGE })).await;
        switch_on(&desk, "damage").await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        let chat = desk.chat(&zoe).await;
        let last = chat.last().unwrap();
        assert_eq!((&last["type"], &last["text"]), (&json!("text"), &json!("Due foto, per favore.")));
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn a_form_serves_once_and_only_whom_it_was_offered() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        knob(&desk, "bad_token").await;
        let sent = fill(&desk, &zoe, &[photo(1), photo(2)]).await;
        assert_eq!(sent["endpoint_status"], 427);
        assert!(sent["said"].as_str().unwrap().contains("is not known here"), "{sent}");
        knob(&desk, "bad_signature").await;
        assert_eq!(fill(&desk, &zoe, &[photo(1), photo(2)]).await["endpoint_status"], 432);
        // The phone has an old key, is told so, and comes again with the right one.
        knob(&desk, "wrong_key").await;
        assert_eq!(fill(&desk, &zoe, &[photo(1), photo(2)]).await["endpoint_status"], 200);
        knob(&desk, "ok").await;
        quiet(&desk).await;
        let sent = fill(&desk, &zoe, &[photo(3), photo(4)]).await;
        assert_eq!(sent["endpoint_status"], 427);
        assert!(sent["said"].as_str().unwrap().contains("già ricevuto questo modulo"), "{sent}");
        quiet(&desk).await;
        let messages = desk.messages(&desk.only_ticket().await).await;
        assert_eq!(forms_of(&messages).len(), 1, "{messages:#?}");
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn a_form_is_over_after_a_day() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        desk.advance(std::time::Duration::from_secs(24 * 60 * 60));
        let sent = fill(&desk, &zoe, &[photo(1), photo(2)]).await;
        assert_eq!(sent["endpoint_status"], 427);
        assert!(sent["said"].as_str().unwrap().contains("è scaduto"), "{sent}");
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn what_was_answered_outlives_a_restart_before_its_files_came() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(&desk, &zoe, "Buongiorno").await;
        knob(&desk, "html").await;
        assert_eq!(fill(&desk, &zoe, &[photo(1), photo(2)]).await["endpoint_status"], 200);
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let states = async |desk: &Desk| -> Vec<String> {
            let messages = desk.messages(&ticket).await;
            let files = forms_of(&messages)[0]["attachments"].as_array().unwrap().clone();
            files.iter().map(|file| file["state"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(states(&desk).await, ["failed", "failed"], "a page came in the place of the files");
        let desk = desk.restart().await;
        knob(&desk, "ok").await;
        desk.advance(std::time::Duration::from_secs(60));
        quiet(&desk).await;
        assert_eq!(states(&desk).await, ["ready", "ready"]);
        assert_eq!(flow(&desk, &ticket).await["ending"], "handed_over");
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn files_that_were_tampered_with_are_refused_and_said_so() {
    for engine in engines() {
        for (fault, why) in [
            ("tampered_media", "altered after it was sealed"),
            ("other_file", "not the file that was announced"),
            ("private_url", "private network"),
        ] {
            let desk = desk_with_form(engine, By::Endpoint).await;
            let zoe = desk.customer(ZOE, "Zoë").await;
            says(&desk, &zoe, "Buongiorno").await;
            knob(&desk, fault).await;
            fill(&desk, &zoe, &[photo(1), photo(2)]).await;
            quiet(&desk).await;
            let ticket = desk.only_ticket().await;
            let messages = desk.messages(&ticket).await;
            let files = forms_of(&messages)[0]["attachments"].as_array().unwrap().clone();
            assert_eq!(files.len(), 2);
            for file in files {
                assert_eq!(file["state"], "expired", "{fault}");
                assert!(file["reason"].as_str().unwrap().contains(why), "{fault}: {file}");
            }
            assert_eq!(flow(&desk, &ticket).await["step"], "photos", "the chat asks for them");
            desk.close().await;
        }
    }
}

#[tokio::test]
async fn the_endpoint_answers_in_whatsapps_own_statuses() {
    for engine in engines() {
        let desk = desk_with_form(engine, By::Endpoint).await;
        let url = format!("{}/webhooks/whatsapp/forms", desk.server.url());
        let post = async |body: Vec<u8>, signature: Option<String>| {
            let mut request = desk.http.post(&url);
            if let Some(signature) = signature {
                request = request.header("x-hub-signature-256", signature);
            }
            request.body(body).send().await.unwrap().status().as_u16()
        };
        let garbage = b"{}".to_vec();
        assert_eq!(post(garbage.clone(), None).await, 432);
        assert_eq!(post(garbage.clone(), Some(sign(b"[]"))).await, 432);
        assert_eq!(post(garbage.clone(), Some(sign(&garbage))).await, 400);
        let sealed = json!({
            "encrypted_flow_data": "AAAA", "encrypted_aes_key": "AAAA", "initial_vector": "AAAAAAAAAAAAAAAAAAAAAA==",
        });
        let sealed = sealed.to_string().into_bytes();
        assert_eq!(post(sealed.clone(), Some(sign(&sealed))).await, 421);
        let large = vec![b' '; 300 * 1024];
        assert_eq!(post(large.clone(), Some(sign(&large))).await, 413);
        close_without_debts(desk).await;
    }
}
