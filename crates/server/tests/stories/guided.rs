//! Conversations that a flow leads: what the customer reads, what stands on the ticket, how a person takes over.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, answer, assert_told,
    findings::{png, scene},
    on_each_engine,
    support::Desk,
};

/// Switches a flow on for everybody.
pub(crate) async fn switch_on(desk: &Desk, flow: &str) {
    let path = format!("/flows/{flow}/1");
    let (status, body) = desk.api(Method::PATCH, &path, Some(json!({ "rollout": "on" }))).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["info"]["rollout"], "on");
}

/// The customer's turn ends, and with it whatever it causes.
pub(crate) async fn quiet(desk: &Desk) {
    desk.settle().await;
    desk.advance(Duration::from_secs(5));
    desk.settle().await;
    // One message after the other goes out.
    for _ in 0..3 {
        desk.advance(Duration::from_secs(1));
        desk.settle().await;
    }
}

pub(crate) async fn says(desk: &Desk, customer: &str, text: &str) {
    desk.say(customer, text).await;
    quiet(desk).await;
}

/// Presses a button or a row of the newest question that has one of this title.
pub(crate) async fn picks(desk: &Desk, customer: &str, title: &str) {
    let chat = desk.chat(customer).await;
    let options = |message: &Value| -> Vec<(String, String)> {
        let action = &message["interactive"]["action"];
        let buttons = action["buttons"].as_array().into_iter().flatten().map(|button| &button["reply"]);
        let rows = action["sections"].as_array().into_iter().flatten();
        let rows = rows.flat_map(|section| section["rows"].as_array().into_iter().flatten());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        buttons.chain(rows).map(|option| (text(&option["id"]), text(&option["title"]))).collect()
    };
    let found = chat.iter().rev().flat_map(|message| {
        let is_list = message["interactive"]["type"] == "list";
        options(message).into_iter().map(move |option| (is_list, option))
    });
    let found = found.into_iter().find(|(_, (_, shown))| shown == title);
    let (is_list, (id, title)) = found.unwrap_or_else(|| panic!("no option `{title}`: {chat:#?}"));
    let kind = if is_list { "list_reply" } else { "button_reply" };
    desk.send(customer, &[("as", kind), ("choice_id", &id), ("choice_title", &title)], &[]).await;
    quiet(desk).await;
}

pub(crate) async fn flow(desk: &Desk, ticket: &Value) -> Value {
    desk.get(&format!("/tickets/{}/flow", ticket["id"].as_str().unwrap())).await
}

#[tokio::test]
async fn a_flow_leads_from_the_first_word_to_the_right_team() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(desk, "triage").await;
        says(desk, &zoe, "Buongiorno").await;
        let ticket = desk.only_ticket().await;
        let now = flow(desk, &ticket).await;
        assert_eq!((&now["flow"], &now["step"]), (&json!("triage"), &json!("topic")));
        assert_eq!(now["doing"], "waiting for a choice (topic)");
        picks(desk, &zoe, "Il mio ordine").await;
        says(desk, &zoe, "AB-12345").await;
        says(desk, &zoe, "Il pacco non è arrivato").await;
        picks(desk, &zoe, "Sì").await;
        // Nobody would see anything on the first one.
        for light in [0.12, 1.0] {
            desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(1, light, 900, 700)))]).await;
            quiet(desk).await;
        }
        assert_told!(desk, ticket, "guided_triage");
        let ticket = desk.only_ticket().await;
        assert_eq!((&ticket["team"], &ticket["status"]), (&json!("sales"), &json!("open")));
    })
    .await;
}

#[tokio::test]
async fn without_a_flow_nothing_is_said() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        assert_eq!(desk.chat(&zoe).await.len(), 1);
        assert_eq!(flow(desk, &desk.only_ticket().await).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn whoever_answers_takes_over_and_may_hand_back() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(desk, "triage").await;
        says(desk, &zoe, "Buongiorno").await;
        let ticket = desk.only_ticket().await;
        answer(desk, &ticket, "Buongiorno Zoë, sono Ada.").await;
        says(desk, &zoe, "Il mio forno è rotto").await;
        assert_eq!(flow(desk, &ticket).await["ending"], "handed_over");
        let path = format!("/tickets/{}/flow", ticket["id"].as_str().unwrap());
        let (status, body) = desk.api(Method::POST, &path, Some(json!("take_over"))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("no_flow")));
        desk.post(&path, json!({ "begin": "product_defect" })).await;
        let (status, body) = desk.api(Method::POST, &path, Some(json!({ "begin": "triage" }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("flow_busy")));
        quiet(desk).await;
        assert_eq!(flow(desk, &ticket).await["flow"], "product_defect");
        desk.post(&path, json!("take_over")).await;
        assert_told!(desk, ticket, "guided_by_hand");
    })
    .await;
}

#[tokio::test]
async fn stop_ends_it_and_a_later_message_reaches_a_person_only() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(desk, "triage").await;
        says(desk, &zoe, "Buongiorno").await;
        says(desk, &zoe, "STOP").await;
        let said = desk.chat(&zoe).await.len();
        says(desk, &zoe, "Ci siete?").await;
        assert_eq!(desk.chat(&zoe).await.len(), said + 1, "nobody but a person answers");
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "guided_stop");
    })
    .await;
}

#[tokio::test]
async fn a_silent_customer_is_reminded_once_and_then_left_to_a_person() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(desk, "triage").await;
        says(desk, &zoe, "Buongiorno").await;
        desk.advance(Duration::from_secs(2 * 3_600));
        desk.settle().await;
        desk.advance(Duration::from_secs(20 * 3_600));
        desk.settle().await;
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "guided_silence");
    })
    .await;
}

#[tokio::test]
async fn whoever_asks_for_the_menu_chooses_a_flow() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(desk, "product_defect").await;
        switch_on(desk, "retail_return").await;
        says(desk, &zoe, "Menù!").await;
        picks(desk, &zoe, "Qualcosa è rotto").await;
        let ticket = desk.only_ticket().await;
        assert_eq!(flow(desk, &ticket).await["flow"], "product_defect");
        assert_told!(desk, ticket, "guided_menu");
    })
    .await;
}

#[tokio::test]
async fn a_restart_in_the_middle_changes_nothing() {
    for engine in crate::support::engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        switch_on(&desk, "triage").await;
        says(&desk, &zoe, "Buongiorno").await;
        let desk = desk.restart().await;
        picks(&desk, &zoe, "Il mio ordine").await;
        let ticket = desk.only_ticket().await;
        assert_eq!(flow(&desk, &ticket).await["step"], "order_number");
        let drawing = desk.get("/flows/triage/1").await["drawing"].clone();
        let standing = |step: &Value| (step["id"] == "order_number") == (step["open"] == 1);
        assert!(drawing["steps"].as_array().unwrap().iter().all(standing), "{drawing}");
        let gone = |way: &Value| (way["to"] == "order_number") == (way["went"] == 1);
        assert!(drawing["ways"].as_array().unwrap().iter().all(gone), "{drawing}");
        crate::close_without_debts(desk).await;
    }
}

/// The bad input of an author: what is refused, and in which words.
#[tokio::test]
async fn an_author_is_told_what_is_wrong() {
    on_each_engine(async |desk| {
        let source = desk.get("/flows/triage/1").await["source"].as_str().unwrap().to_owned();
        let checked = desk.post("/flows/check", json!({ "source": source })).await;
        assert_eq!(checked["problems"], json!([]));
        // A text is drawn as its version is; nobody stands on it.
        assert_eq!(checked["drawing"], desk.get("/flows/triage/1").await["drawing"]);
        let path = checked["drawing"]["ways"][0]["path"].as_str().unwrap();
        assert!(path.starts_with('M') && path.contains('C'), "{path}");
        let broken = source.replace("then: order_number", "then: order_numbr");
        let checked = desk.post("/flows/check", json!({ "source": broken })).await;
        assert_eq!(checked["drawing"], Value::Null);
        let problem = &checked["problems"][0];
        assert!(problem["message"].as_str().unwrap().contains("order_number"), "{problem}");
        let (status, body) = desk.api(Method::POST, "/flows", Some(json!({ "source": broken }))).await;
        assert_eq!(status, 422, "{body}");
        let (status, body) = desk.api(Method::POST, "/flows", Some(json!({ "source": source }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("version_exists")));
        let newer = source.replace("version: 1", "version: 2");
        let stored = desk.post("/flows", json!({ "source": newer })).await;
        assert_eq!(
            (&stored["info"]["rollout"], &stored["info"]["origin"]),
            (&json!("off"), &json!("console"))
        );
        let lines = json!(["says: hello", "picks: order", "says: agent"]);
        let tried =
            desk.post("/flows/try", json!({ "source": newer, "language": "en", "lines": lines })).await;
        assert!(tried["lines"].as_array().unwrap().len() > 6, "{tried}");
        for bad in [json!("sometimes"), json!({ "share": 0 }), json!({ "share": 101 })] {
            let body = Some(json!({ "rollout": bad }));
            assert_eq!(desk.api(Method::PATCH, "/flows/triage/2", body).await.0, 422);
        }
    })
    .await;
}

/// A flow of the desk's own: asks what is shown, suggests what fits.
const OWN: &str = r#"
flow: display
version: 1
about: Suggests the article for what a display shows.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  code:
    ask:
      text: { en: What does the display show?, it: Che cosa mostra il display?, es: ¿Qué muestra?, pt: O que mostra?, hi: क्या दिखता है? }
      for: text
      save: code
  advice:
    suggest: { for: "{code}", helped: good, did_not_help: bad, none: bad }
  good:
    end: { text: { en: Good!, it: Bene!, es: ¡Bien!, pt: Bom!, hi: अच्छा! } }
  bad:
    hand_over: { why: "Nothing helped against {code}." }
"#;

const ARTICLE: &str = "---\ntitle: Il display mostra E20\ncodes: [E20]\nsymptoms: [l'acqua resta nel cestello]\n---\n1. Spenga la macchina.\n2. Apra lo sportello ![](door.png)\n3. Pulisca il filtro.\n";

/// Waits for what the server does by itself every few seconds.
pub async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not happen");
}

#[tokio::test]
async fn an_article_of_the_folder_is_sent_step_by_step() {
    on_each_engine(async |desk| {
        let (flows, article) = (desk.config.flows_dir(), desk.config.articles_dir().join("e20"));
        std::fs::create_dir_all(&flows).unwrap();
        std::fs::create_dir_all(&article).unwrap();
        std::fs::write(flows.join("display.yaml"), OWN.replace("flow: display", "flow: disp lay")).unwrap();
        until("the bad file is named", async || {
            let states = desk.get("/system").await["degraded"].clone();
            states.as_array().unwrap().iter().any(|state| {
                state["code"] == "flow_file_bad"
                    && state["message"].as_str().unwrap().contains("display.yaml: 2:")
            })
        })
        .await;
        std::fs::write(flows.join("display.yaml"), OWN).unwrap();
        std::fs::write(article.join("door.png"), png(&scene(1, 1.0, 320, 240))).unwrap();
        std::fs::write(article.join("it.md"), ARTICLE).unwrap();
        until("the flow and the article are read", async || {
            let flows = desk.get("/flows").await;
            let is_read = flows["items"].as_array().unwrap().iter().any(|flow| flow["name"] == "display");
            let articles = desk.get("/articles?q=E20").await;
            is_read && articles["items"].as_array().unwrap().len() == 1
        })
        .await;
        desk.settle().await;

        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        says(desk, &zoe, "mostra E20").await;
        quiet(desk).await;
        let shown = desk.chat(&zoe).await;
        assert!(shown.iter().any(|message| message["type"] == "image"), "{shown:#?}");
        // Deleted while it is being tried: the customer's answer counts all the same.
        std::fs::remove_dir_all(&article).unwrap();
        until("the article is gone", async || {
            desk.get("/articles").await["items"].as_array().unwrap().is_empty()
        })
        .await;
        says(desk, &zoe, "no").await;
        let ticket = desk.only_ticket().await;
        assert_told!(desk, ticket, "guided_article");
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_stands_on_something_missing_is_not_switched_on() {
    on_each_engine(async |desk| {
        let on = json!({ "rollout": { "share": 10 } });
        let (status, body) = desk.api(Method::PATCH, "/flows/payment_dispute/1", Some(on)).await;
        let why = body["error"]["message"].as_str().unwrap();
        assert!(status == 422 && why.contains("(flows.payments)"), "{status} {body}");
        let off = json!({ "rollout": "off" });
        assert_eq!(desk.api(Method::PATCH, "/flows/payment_dispute/1", Some(off)).await.0, 200);
    })
    .await;
}

/// Books a visit, moves it, asks for a return and how far it is: what a look-up of the desk's own gives.
const FIELD: &str = r#"
flow: field
version: 1
about: Books a visit and opens a return.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  free:
    look_up: { in: { visit: slots }, with: { what: washer, place: 20121 Milano }, save: free, found: pick, missing: no_time }
  pick:
    ask:
      text: { en: When?, it: Quando?, es: ¿Cuándo?, pt: Quando?, hi: कब? }
      for: { choice: { from: free, none: no_time } }
      save: slot
  book:
    look_up: { in: { visit: book }, with: { slot: "{slot}", what: washer, place: 20121 Milano }, save: visit, found: booked, missing: taken }
  taken:
    say:
      text: { en: "That time is gone.", it: "Quell'orario non c'è più.", es: "Ya no está.", pt: "Já não está.", hi: "वह समय नहीं रहा।" }
      then: free
  booked:
    say:
      text: { en: "{visit.technician} comes {visit.when}.", it: "{visit.technician} verrà {visit.when}.", es: "{visit.technician} vendrá {visit.when}.", pt: "{visit.technician} virá {visit.when}.", hi: "{visit.technician} आएँगे: {visit.when}" }
  back:
    look_up: { in: { return: open }, with: { order: AB-1, item: pump, wish: refund }, save: return, found: state, missing: no_time }
  state:
    look_up: { in: { return: state }, with: { number: "{return.number}" }, save: state, found: told, missing: no_time }
  told:
    say:
      text: { en: "{return.number}: {state.says}", it: "{return.number}: {state.says}", es: "{return.number}: {state.says}", pt: "{return.number}: {state.says}", hi: "{return.number}: {state.says}" }
  no_time:
    hand_over: { why: The rest is for a person. }
"#;

#[tokio::test]
async fn two_customers_never_get_the_same_time() {
    on_each_engine(async |desk| {
        let flows = desk.config.flows_dir();
        std::fs::create_dir_all(&flows).unwrap();
        std::fs::write(flows.join("field.yaml"), FIELD).unwrap();
        until("the flow is read", async || {
            let flows = desk.get("/flows").await;
            flows["items"].as_array().unwrap().iter().any(|flow| flow["name"] == "field")
        })
        .await;
        let gino = json!({ "name": "Gino", "areas": ["20"], "skills": ["washer"], "hours": ["mon-fri 09:00-13:00"] });
        let gino = desk.post("/technicians", gino).await;
        for bad in [
            json!({ "name": "", "hours": ["mon 09:00-10:00"] }),
            json!({ "name": "Lea", "hours": [] }),
            json!({ "name": "Lea", "hours": ["whenever"] }),
        ] {
            assert_eq!(desk.api(Method::POST, "/technicians", Some(bad)).await.0, 422);
        }
        let zoe = desk.customer(ZOE, "Zoë").await;
        let leo = desk.customer("+393334445556", "Leo").await;
        for customer in [&zoe, &leo] {
            says(desk, customer, "Buongiorno").await;
        }
        // Both were offered the same times; the second to press is offered others.
        picks(desk, &zoe, "lun 23 nov, 9-11").await;
        picks(desk, &leo, "lun 23 nov, 9-11").await;
        let visits = desk.get("/visits").await["items"].clone();
        assert_eq!(visits.as_array().unwrap().len(), 1, "{visits:#}");
        assert_eq!(visits[0]["starts_at"], "2026-11-23T09:00:00Z");
        picks(desk, &leo, "lun 23 nov, 11-13").await;
        let tickets = desk.tickets().await;
        let of = |name: &str| tickets.iter().find(|t| t["contact"]["name"] == name).unwrap().clone();
        assert_told!(desk, of("Zoë"), "guided_visit");
        assert_told!(desk, of("Leo"), "guided_visit_taken");

        let calendar = format!("{}{}", desk.server.url(), gino["calendar"].as_str().unwrap());
        let text = desk.http.get(&calendar).send().await.unwrap().text().await.unwrap();
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
        let wrong = format!("{}/calendars/.ics", desk.server.url());
        assert_eq!(desk.http.get(wrong).send().await.unwrap().status(), 404);
        let path = format!("/visits/{}", visits[0]["id"].as_str().unwrap());
        let (status, _) = desk.api(Method::PATCH, &path, Some(json!({ "status": "done" }))).await;
        assert_eq!(status, 200);
        let (status, body) = desk.api(Method::PATCH, &path, Some(json!({ "status": "cancelled" }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("visit_over")));

        // A return waits for a person, and goes only where it may.
        let returns = desk.get("/returns?state=proposed").await["items"].clone();
        assert_eq!(returns.as_array().unwrap().len(), 2, "{returns:#}");
        let path = format!("/returns/{}", returns[0]["id"].as_str().unwrap());
        let (status, body) = desk.api(Method::PATCH, &path, Some(json!({ "state": "refunded" }))).await;
        assert_eq!((status, &body["error"]["code"]), (409, &json!("return_state")));
        let decided = json!({ "state": "approved", "note": "Within 30 days" });
        let (status, body) = desk.api(Method::PATCH, &path, Some(decided)).await;
        assert_eq!((status, &body["next"][0]), (200, &json!("received")));
    })
    .await;
}

/// Asks for a picture that is taken on a page of ours.
const PAGE: &str = r#"
flow: page
version: 1
about: Has a paper photographed on a page of ours.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  link:
    look_up: { in: { link: capture }, with: { for: identity_document, minutes: "30" }, save: link, found: paper, missing: person }
  paper:
    ask:
      text: { en: "Please open {link.url} until {link.expires}.", it: "Apra {link.url} entro le {link.expires}.", es: "Abra {link.url} hasta las {link.expires}.", pt: "Abra {link.url} até {link.expires}.", hi: "{link.url} को {link.expires} तक खोलें।" }
      for: { photo: { by_link: link } }
      save: paper
      tries: 1
      give_up_after: 30m
      on_silence: person
  person:
    hand_over: { why: A person looks at it. }
"#;

#[tokio::test]
async fn a_link_serves_once_and_for_its_time() {
    on_each_engine(async |desk| {
        let flows = desk.config.flows_dir();
        std::fs::create_dir_all(&flows).unwrap();
        std::fs::write(flows.join("page.yaml"), PAGE).unwrap();
        until("the flow is read", async || {
            let flows = desk.get("/flows").await;
            flows["items"].as_array().unwrap().iter().any(|flow| flow["name"] == "page")
        })
        .await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        let link = async |desk: &Desk, customer: &str| {
            let chat = desk.chat(customer).await;
            let text = chat.last().unwrap()["text"].as_str().unwrap().to_owned();
            text.split_whitespace().find(|word| word.contains("/capture/")).unwrap().to_owned()
        };
        let url = link(desk, &zoe).await;
        let state = async |url: &str| -> Value {
            desk.http.get(format!("{url}/state")).send().await.unwrap().json().await.unwrap()
        };
        let post = async |url: &str, bytes: Vec<u8>| {
            let sent = desk.http.post(format!("{url}/photo")).body(bytes).send().await.unwrap();
            (sent.status().as_u16(), sent.json::<Value>().await.unwrap()["error"]["code"].clone())
        };
        let open = state(&url).await;
        assert_eq!((&open["state"], &open["language"]), (&json!("open"), &json!("it")));
        assert_eq!(open["purpose"], "identity_document");
        let wrong = format!("{}0", url.trim_end_matches(|c: char| c.is_ascii_hexdigit()));
        assert_eq!(state(&wrong).await["state"], "unknown");
        assert_eq!(post(&wrong, png(&scene(1, 1.0, 900, 700))).await.0, 404);
        assert_eq!(post(&url, b"<svg onload=alert(1)>".to_vec()).await, (415, json!("not_a_picture")));
        assert_eq!(post(&url, vec![0; 11 * 1024 * 1024]).await.0, 413);
        assert_eq!(state(&url).await["state"], "open", "what was refused used nothing up");
        assert_eq!(post(&url, png(&scene(1, 1.0, 900, 700))).await.0, 200);
        assert_eq!(post(&url, png(&scene(2, 1.0, 900, 700))).await, (409, json!("used")));
        quiet(desk).await;
        let ticket = desk.only_ticket().await;
        let messages = desk.messages(&ticket).await;
        let taken = messages.iter().find(|message| message["kind"] == "document").unwrap();
        assert_eq!(taken["attachments"][0]["state"], "ready");
        assert_eq!(flow(desk, &ticket).await["ending"], "handed_over");

        // Another customer, too late.
        let leo = desk.customer("+393334445556", "Leo").await;
        says(desk, &leo, "Buongiorno").await;
        let url = link(desk, &leo).await;
        desk.advance(Duration::from_secs(31 * 60));
        assert_eq!(state(&url).await["state"], "expired");
        assert_eq!(post(&url, png(&scene(1, 1.0, 900, 700))).await, (410, json!("expired")));
    })
    .await;
}
