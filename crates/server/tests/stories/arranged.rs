//! Articles, visits and returns in the hands of an agent: what is seen before it is sent, booked, moved and decided.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE,
    findings::{png, scene},
    guided::{flow, says, switch_on, until},
    on_each_engine,
    support::Desk,
};

/// Refused with this status and code.
async fn refused(desk: &Desk, method: Method, path: &str, body: Value) -> (u16, String) {
    let (status, body) = desk.api(method, path, Some(body)).await;
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

const IN_ITALIAN: &str = "---\ntitle: Il display mostra E20\ncodes: [E20]\n---\nResta acqua.\n\n1. Spenga la macchina.\n2. Apra lo sportello ![](door.png)\n";
const IN_ENGLISH: &str =
    "---\ntitle: It shows E20\ncodes: [E20]\nsymptoms: [water stays in the drum]\n---\n1. Switch it off.\n";

#[tokio::test]
async fn an_agent_sees_an_article_as_the_customer_gets_it() {
    on_each_engine(async |desk| {
        let folder = desk.config.articles_dir().join("e20");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("door.png"), png(&scene(1, 1.0, 320, 240))).unwrap();
        std::fs::write(folder.join("it.md"), IN_ITALIAN).unwrap();
        std::fs::write(folder.join("en.md"), IN_ENGLISH).unwrap();
        until("the article is read", async || {
            !desk.get("/articles?q=E20").await["items"].as_array().unwrap().is_empty()
        })
        .await;
        desk.settle().await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Mostra E20").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;

        let found = desk.get("/articles?q=shows%20E20&language=en").await["items"][0].clone();
        let why = json!([{ "word": "E20", "place": "code" }, { "word": "E20", "place": "title" }, { "word": "shows", "place": "title" }]);
        assert_eq!((&found["why"], &found["origin"]), (&why, &json!("folder")));
        let path = format!("/articles/{}/messages", found["id"].as_str().unwrap());
        let shown = desk.get(&format!("{path}?language=it")).await;
        let texts: Vec<&str> =
            shown["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
        let expected =
            ["*Il display mostra E20*\n\nResta acqua.", "1. Spenga la macchina.", "2. Apra lo sportello"];
        assert_eq!((shown["language"].as_str().unwrap(), &texts[..]), ("it", &expected[..]));
        let picture = desk.content(&json!({ "id": shown["messages"][2]["attachment_id"] }), "view").await;
        assert_eq!(picture.status(), 200);
        // A language in which it is not written gives the next best.
        assert_eq!(desk.get(&format!("{path}?language=hi")).await["language"], "en");

        let id = ticket["id"].as_str().unwrap();
        desk.post(&format!("/tickets/{id}/articles"), json!({ "article_id": found["id"] })).await;
        desk.settle().await;
        for _ in 0..4 {
            desk.advance(std::time::Duration::from_secs(1));
            desk.settle().await;
        }
        let chat = desk.chat(&zoe).await;
        let got: Vec<&str> = chat
            .iter()
            .filter(|message| message["direction"] == "in")
            .filter_map(|message| message["text"].as_str())
            .collect();
        assert_eq!(got, texts, "what was shown is what was sent: {chat:#?}");
    })
    .await;
}

#[tokio::test]
async fn an_agent_books_and_moves_a_visit_within_the_free_times() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "The washer leaks").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let gino = json!({ "name": "Gino", "areas": ["20"], "skills": ["washer"], "hours": ["mon-fri 09:00-13:00"] });
        let gino = desk.post("/technicians", gino).await["id"].clone();
        let lea = json!({ "name": "Lea", "areas": ["Roma"], "hours": ["mon 09:00-11:00"] });
        let lea = desk.post("/technicians", lea).await["id"].clone();

        let times = desk.get("/visits/times?what=washer&place=20121%20Milano").await["items"].clone();
        let first = &times[0];
        let expected = (&json!("Gino"), &json!("2026-11-23T09:00:00Z"), &json!("2026-11-23T11:00:00Z"));
        assert_eq!((&first["technician_name"], &first["starts_at"], &first["ends_at"]), expected);
        assert_eq!(times.as_array().unwrap().len(), 20, "two a day, Monday to Friday, for two weeks");
        let elsewhere = desk.get("/visits/times?what=washer&place=Napoli").await;
        assert_eq!(elsewhere["items"], json!([]));
        // Whoever is named is offered, wherever it is.
        let path = format!("/visits/times?place=Napoli&technician={}", lea.as_str().unwrap());
        assert_eq!(desk.get(&path).await["items"][0]["technician_name"], "Lea");

        let visit = |technician: &Value, at: &str| {
            json!({ "ticket_id": ticket["id"], "technician_id": technician, "starts_at": at,
                "what": "washer", "place": "20121 Milano", "note": " Second floor " })
        };
        let nine = visit(&gino, "2026-11-23T09:00:00Z");
        let booked = desk.post("/visits", nine.clone()).await;
        let told = (&booked["contact_name"], &booked["ticket_number"], &booked["note"]);
        assert_eq!(told, (&json!("Zoë"), &ticket["number"], &json!("Second floor")));
        let taken = (409, "time_taken".to_owned());
        assert_eq!(refused(desk, Method::POST, "/visits", nine).await, taken);
        for nobody_works in ["2026-11-23T03:00:00Z", "2026-11-23T10:00:00Z", "2026-11-20T09:00:00Z"] {
            let body = visit(&gino, nobody_works);
            assert_eq!(refused(desk, Method::POST, "/visits", body).await, taken, "{nobody_works}");
        }
        let mut nowhere = visit(&lea, "2026-11-23T09:00:00Z");
        nowhere["place"] = json!(" ");
        assert_eq!(refused(desk, Method::POST, "/visits", nowhere).await.0, 422);
        let mut nobodys = visit(&lea, "2026-11-23T09:00:00Z");
        nobodys["ticket_id"] = json!("01NONE");
        assert_eq!(refused(desk, Method::POST, "/visits", nobodys).await.0, 404);

        let path = format!("/visits/{}/move", booked["id"].as_str().unwrap());
        let own = desk.get(&format!("/visits/times?visit={}", booked["id"].as_str().unwrap())).await;
        assert_eq!(own["items"][0]["starts_at"], "2026-11-23T11:00:00Z", "its own time is not offered again");
        let to = |technician: &Value, at: &str| json!({ "technician_id": technician, "starts_at": at });
        assert_eq!(refused(desk, Method::POST, &path, to(&lea, "2026-11-23T11:00:00Z")).await, taken);
        let moved = desk.post(&path, to(&lea, "2026-11-23T09:00:00Z")).await;
        assert_eq!((&moved["technician_name"], &moved["place"]), (&json!("Lea"), &json!("20121 Milano")));
        let again = refused(desk, Method::POST, &path, to(&gino, "2026-11-24T09:00:00Z")).await;
        assert_eq!(again, (409, "visit_over".to_owned()));
        let of_ticket = desk.get(&format!("/visits?ticket={}", ticket["id"].as_str().unwrap())).await;
        let states: Vec<_> = of_ticket["items"].as_array().unwrap().iter().map(|v| &v["status"]).collect();
        assert_eq!(states, ["cancelled", "booked"]);
        let before = desk.get("/visits?until=2026-11-23T09:00:00Z").await;
        assert_eq!(before["items"], json!([]), "it begins when that ends");
    })
    .await;
}

/// Asks, and waits for an answer.
const ASKS: &str = r#"
flow: asks
version: 1
about: Asks one question.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  what:
    ask:
      text: { en: What is it?, it: Che cos'è?, es: ¿Qué es?, pt: O que é?, hi: क्या है? }
      for: text
      save: what
  person:
    hand_over: { why: "{what}" }
"#;

#[tokio::test]
async fn a_visit_is_reminded_of_once_at_the_time_it_has_now() {
    on_each_engine(async |desk| {
        desk.post("/flows", json!({ "source": ASKS })).await;
        switch_on(desk, "asks").await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "The washer leaks").await;
        let ticket = desk.only_ticket().await;
        let gino = json!({ "name": "Gino", "areas": [], "skills": [], "hours": ["mon-fri 09:00-13:00"] });
        let gino = desk.post("/technicians", gino).await["id"].clone();
        let book = async |at: &str| {
            let body = json!({ "ticket_id": ticket["id"], "technician_id": gino, "starts_at": at,
                "what": "washer", "place": "Milano" });
            desk.post("/visits", body).await
        };
        let booked = book("2026-11-23T09:00:00Z").await;
        assert_eq!(flow(desk, &ticket).await["ending"], Value::Null, "what is booked takes nothing over");
        let path = format!("/visits/{}/move", booked["id"].as_str().unwrap());
        desk.post(&path, json!({ "technician_id": gino, "starts_at": "2026-11-23T11:00:00Z" })).await;
        assert_eq!(
            flow(desk, &ticket).await["ending"],
            "handed_over",
            "whoever moves it has the conversation"
        );

        // Two alarm clocks ring on Sunday evening; the first is that of a time which is given back.
        let heard = async || {
            let chat = desk.chat(&zoe).await;
            let texts = chat.iter().filter(|message| message["direction"] == "in");
            texts.filter_map(|message| message["text"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        let before = heard().await.len();
        desk.advance(std::time::Duration::from_secs(5 * 60 * 60));
        desk.settle().await;
        let reminder = "Un promemoria per la visita del tecnico: lunedì 23 novembre tra le 11 e le 13. \
            Se non le va più bene, scriva qui.";
        assert_eq!(heard().await[before..], [reminder]);

        // She has not written for a day by then: without a template nobody can tell her, and the desk knows.
        book("2026-11-25T09:00:00Z").await;
        desk.advance(std::time::Duration::from_secs(48 * 60 * 60));
        desk.settle().await;
        assert_eq!(heard().await.len(), before + 1);
        let transcript = desk.transcript(&ticket).await;
        assert_eq!(transcript.matches("visit.not_reminded").count(), 1, "{transcript}");
    })
    .await;
}

#[tokio::test]
async fn an_agent_writes_a_return_down_and_a_person_decides() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "The pump broke, order AB-1").await;
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        let new =
            json!({ "ticket_id": ticket["id"], "order_number": "AB-1", "item": "pump", "wish": "refund" });
        let opened = desk.post("/returns", new.clone()).await;
        let told = (&opened["number"], &opened["state"], &opened["contact_name"], &opened["ticket_number"]);
        assert_eq!(told, (&json!("R-0001"), &json!("proposed"), &json!("Zoë"), &ticket["number"]));
        let mut nothing = new.clone();
        nothing["item"] = json!("");
        assert_eq!(refused(desk, Method::POST, "/returns", nothing).await.0, 422);
        let path = format!("/returns/{}", opened["id"].as_str().unwrap());
        assert_eq!(desk.get(&path).await, opened);
        assert_eq!(desk.api(Method::GET, "/returns/01NONE", None).await.0, 404);

        for (state, next) in [("approved", "received"), ("received", "refunded")] {
            let body = json!({ "state": state, "note": "As agreed" });
            let (status, now) = desk.api(Method::PATCH, &path, Some(body)).await;
            assert_eq!((status, &now["state"], &now["next"][0]), (200, &json!(state), &json!(next)));
        }
        let listed = async |states: &str| {
            let page = desk.get(&format!("/returns?state={states}")).await;
            page["items"].as_array().unwrap().len()
        };
        assert_eq!((listed("proposed,approved").await, listed("approved,received").await), (0, 1));
        assert_eq!(refused(desk, Method::GET, "/returns?state=received,lost", Value::Null).await.0, 422);
    })
    .await;
}
