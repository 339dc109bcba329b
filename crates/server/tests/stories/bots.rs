//! Conversations that a flow hands to a bot: what the bot hears, what the customer reads, when a person has it.

use std::time::Duration;

use bots::{Config as BotConfig, RasaConfig, Session};
use model::{Ids, ids::TicketId};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    ZOE, answer, assert_told, close_without_debts,
    findings::{ORDER, png, scene, with_models},
    guided::{flow, picks, quiet, says, until},
    rasa::{Rasa, RealRasa, TOKEN},
    support::{Desk, Engine, engines},
};

/// Hands whoever writes to the bot, and thanks when it is solved.
const ROBOT: &str = r#"
flow: robot
version: 1
about: A bot first.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  bot:
    bot: { name: rasa, solved: good }
  good:
    end: { text: { en: Good!, it: Bene!, es: ¡Bien!, pt: Bom!, hi: अच्छा! } }
"#;

/// Tells the story on each engine, to a desk whose flow hands over to `rasa`.
async fn with_bot(begin_with: Option<&str>, story: impl AsyncFn(&Desk, &Rasa)) {
    for engine in engines() {
        let rasa = Rasa::default();
        let base_url = rasa.start().await.parse().unwrap();
        let token = Some(SecretString::from(TOKEN));
        let begin_with = begin_with.map(str::to_owned);
        let desk = desk_with(engine, RasaConfig { base_url, token, begin_with }).await;
        story(&desk, &rasa).await;
        close_without_debts(desk).await;
    }
}

/// A desk whose flow hands over to this bot.
async fn desk_with(engine: Engine, bot: RasaConfig) -> Desk {
    let desk = Desk::start_with(engine, |config| {
        with_models(config);
        config.flows.bots.insert("rasa".to_owned(), BotConfig::Rasa(bot));
    })
    .await;
    publish(&desk).await;
    desk
}

async fn publish(desk: &Desk) {
    let flows = desk.config.flows_dir();
    std::fs::create_dir_all(&flows).unwrap();
    std::fs::write(flows.join("robot.yaml"), ROBOT).unwrap();
    until("the flow is read", async || {
        let flows = desk.get("/flows").await;
        flows["items"].as_array().unwrap().iter().any(|flow| flow["name"] == "robot")
    })
    .await;
    desk.settle().await;
}

fn beside(rasa: &Rasa, turn: usize, what: &str) -> Value {
    rasa.heard.lock().unwrap()[turn]["metadata"][what].clone()
}

#[tokio::test]
async fn a_bot_asks_and_settles_it() {
    with_bot(None, async |desk, rasa| {
        let buttons = json!([{ "title": "Grande", "payload": "/size{\"is\":\"large\"}" }, { "title": "Piccola", "payload": "/size{\"is\":\"small\"}" }]);
        rasa.will_say(json!([
            { "recipient_id": "x", "text": "Che misura?", "buttons": buttons },
            { "recipient_id": "x", "image": "https://example.org/sizes.png" },
        ]));
        rasa.will_say(json!([{ "recipient_id": "x", "text": "Cambiata." }, { "custom": { "solved": true } }]));
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Vorrei un'altra misura").await;
        let ticket = desk.only_ticket().await;
        assert_eq!(flow(desk, &ticket).await["doing"], "a bot has it");
        picks(desk, &zoe, "Grande").await;
        assert_eq!(rasa.messages(), ["/sportello_begin", "/size{\"is\":\"large\"}"]);
        let begin = beside(rasa, 0, "sportello_begin");
        assert_eq!((&begin["flow"], &begin["answers"]["first_message"]), (&json!("robot"), &json!("Vorrei un'altra misura")));
        assert_eq!(beside(rasa, 0, "language"), "it");
        // Nothing of the customer names the conversation.
        let sender = rasa.heard.lock().unwrap()[0]["sender"].as_str().unwrap().to_owned();
        assert!(sender.len() == 32 && !sender.contains("333111"), "{sender}");
        assert!(rasa.paused.lock().unwrap().is_empty(), "what is solved needs no pause");
        assert_told!(desk, ticket, "bot_settles_it");
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_wants_a_person_gets_one_and_hears_nothing_more() {
    with_bot(Some("first_message"), async |desk, rasa| {
        rasa.will_say(json!([{ "text": "Un collega La aiuta." }, { "custom": { "handoff": true } }]));
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "/admin Il mio forno è rotto").await;
        says(desk, &zoe, "Ci siete?").await;
        assert_eq!(rasa.messages(), ["admin Il mio forno è rotto"], "its own words, and no intent");
        let sender = rasa.heard.lock().unwrap()[0]["sender"].as_str().unwrap().to_owned();
        assert_eq!(*rasa.paused.lock().unwrap(), [sender]);
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["status"], "open");
        assert_told!(desk, ticket, "bot_wants_a_person");
    })
    .await;
}

#[tokio::test]
async fn stop_and_a_person_are_heard_before_the_bot() {
    with_bot(None, async |desk, rasa| {
        for (phone, word, ending) in
            [(ZOE, "operatore", "handed_over"), ("+393334445556", "stop", "withdrawn")]
        {
            rasa.heard.lock().unwrap().clear();
            let customer = desk.customer(phone, word).await;
            says(desk, &customer, "Buongiorno").await;
            says(desk, &customer, word).await;
            assert_eq!(rasa.messages(), ["/sportello_begin"], "{word}");
            let tickets = desk.tickets().await;
            let ticket = tickets.iter().find(|ticket| ticket["contact"]["name"] == word).unwrap();
            assert_eq!(flow(desk, ticket).await["ending"], ending);
        }
        assert_eq!(rasa.paused.lock().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_seen_of_a_file_goes_to_the_bot_and_the_card_does_not() {
    with_bot(None, async |desk, rasa| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        let caption = [("as", "document"), ("text", "Il mio ordine")];
        desk.send(&zoe, &caption, &[("order.png", ORDER.to_vec())]).await;
        quiet(desk).await;
        desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(1, 0.12, 900, 700)))]).await;
        quiet(desk).await;
        assert_eq!(rasa.messages(), ["/sportello_begin", "/sportello_media", "/sportello_media"]);
        let order = beside(rasa, 1, "sportello_media");
        assert_eq!((&order["kind"], &order["caption"]), (&json!("photo"), &json!("Il mio ordine")));
        let found = order["findings"].as_array().unwrap();
        let code = found.iter().find(|found| found["kind"] == "entity.error_code");
        assert_eq!(code.unwrap_or_else(|| panic!("{order:#}"))["value"], "E18");
        assert!(order["text"].as_str().unwrap().contains("E18"), "{order:#}");
        assert!(!order.to_string().contains("4111"), "the card: {order:#}");
        let dark = beside(rasa, 2, "sportello_media");
        assert_eq!((&dark["verdict"], &dark["reason"]), (&json!("retake"), &json!("too_dark")));
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_is_dropped_once_a_person_has_it() {
    with_bot(None, async |desk, rasa| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        let gate = rasa.hesitate();
        rasa.will_say(json!([{ "text": "La risposta del bot." }]));
        desk.say(&zoe, "Il mio forno è rotto").await;
        until("the bot thinks", async || rasa.messages().len() == 2).await;
        let ticket = desk.only_ticket().await;
        answer(desk, &ticket, "Buongiorno Zoë, sono Ada.").await;
        gate.add_permits(10);
        quiet(desk).await;
        assert_eq!(rasa.paused.lock().unwrap().len(), 1);
        assert_told!(desk, ticket, "bot_answers_late");
    })
    .await;
}

#[tokio::test]
async fn what_is_written_while_a_bot_thinks_reaches_it_in_order_and_once() {
    with_bot(None, async |desk, rasa| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        let gate = rasa.hesitate();
        for word in ["uno", "due", "tre"] {
            desk.say(&zoe, word).await;
        }
        until("the bot thinks", async || rasa.messages().len() == 2).await;
        gate.add_permits(10);
        quiet(desk).await;
        assert_eq!(rasa.messages(), ["/sportello_begin", "uno", "due", "tre"]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_nobody_can_read_hands_over() {
    with_bot(None, async |desk, rasa| {
        rasa.will_answer(200, r#"{"text": "no list, with a secret"}"#);
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        let ticket = desk.only_ticket().await;
        assert_eq!(ticket["status"], "open");
        assert_told!(desk, ticket, "bot_answers_garbage");
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_fails_is_asked_again_and_then_left() {
    with_bot(None, async |desk, rasa| {
        for status in [503, 429] {
            rasa.will_answer(status, "busy");
        }
        rasa.will_say(json!([{ "text": "Eccomi." }]));
        let zoe = desk.customer(ZOE, "Zoë").await;
        says(desk, &zoe, "Buongiorno").await;
        desk.advance(Duration::from_secs(4));
        quiet(desk).await;
        assert_eq!(rasa.messages().len(), 3);
        assert!(desk.chat(&zoe).await.iter().any(|message| message["text"] == "Eccomi."));
        for _ in 0..3 {
            rasa.will_answer(500, "broken");
        }
        says(desk, &zoe, "E adesso?").await;
        for _ in 0..2 {
            desk.advance(Duration::from_secs(4));
            quiet(desk).await;
        }
        assert_eq!(rasa.messages().len(), 6);
        assert_told!(desk, desk.only_ticket().await, "bot_fails");
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_is_not_there_hands_over() {
    for engine in engines() {
        // A port that was free a moment ago, and no bot of that name at all.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        drop(listener);
        let bot = BotConfig::Rasa(RasaConfig { base_url, token: None, begin_with: None });
        for (bots, why) in
            [(vec![("rasa".to_owned(), bot)], "could not be reached"), (vec![], "[flows.bots.rasa]")]
        {
            let desk = Desk::start_with(engine, |config| config.flows.bots.extend(bots)).await;
            publish(&desk).await;
            let zoe = desk.customer(ZOE, "Zoë").await;
            says(&desk, &zoe, "Buongiorno").await;
            for _ in 0..4 {
                desk.advance(Duration::from_secs(10));
                quiet(&desk).await;
            }
            let ticket = desk.only_ticket().await;
            assert_eq!(
                (&ticket["status"], &flow(&desk, &ticket).await["ending"]),
                (&json!("open"), &json!("handed_over"))
            );
            let told = desk.transcript(&ticket).await;
            assert!(told.contains("flow.bot_failed") && told.contains(why), "{told}");
            close_without_debts(desk).await;
        }
    }
}

/// What it has not heard yet is in the database.
#[tokio::test]
async fn a_restart_loses_no_turn() {
    for engine in engines() {
        let rasa = Rasa::default();
        let base_url = rasa.start().await.parse().unwrap();
        let desk = Desk::start_with(engine, |config| {
            let bot = BotConfig::Rasa(RasaConfig { base_url, token: None, begin_with: None });
            config.flows.bots.insert("rasa".to_owned(), bot);
        })
        .await;
        publish(&desk).await;
        rasa.will_answer(503, "starting");
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.say(&zoe, "Buongiorno").await;
        desk.settle().await;
        desk.advance(Duration::from_secs(5));
        desk.settle().await;
        desk.say(&zoe, "Ci siete?").await;
        desk.settle().await;
        assert_eq!(rasa.messages(), ["/sportello_begin"]);
        let desk = desk.restart().await;
        quiet(&desk).await;
        assert_eq!(rasa.messages(), ["/sportello_begin", "/sportello_begin", "Ci siete?"]);
        close_without_debts(desk).await;
    }
}

/// With a Rasa that runs the bot of `tests/rasa` only: docs/bots.md says how to start one.
#[tokio::test]
async fn a_real_rasa_settles_one_matter_and_leaves_another_to_a_person() {
    let Some(rasa) = RealRasa::from_env() else { return };
    for engine in engines() {
        let token = Some(SecretString::from(rasa.token.clone()));
        let base_url = rasa.url.parse().unwrap();
        let desk = desk_with(engine, RasaConfig { base_url, token, begin_with: None }).await;
        to_a_time_of_its_own(&desk).await;
        settles(&desk, &rasa).await;
        leaves_to_a_person(&desk, &rasa).await;
        close_without_debts(desk).await;
    }
}

/// The ids of a test are the same in every run but for the time in them, and Rasa remembers whom it paused.
async fn to_a_time_of_its_own(desk: &Desk) {
    let [high, middle, low] = Ids::from_os().bytes();
    desk.advance(Duration::from_millis(u32::from_be_bytes([0, high, middle, low]).into()));
    desk.settle().await;
}

async fn settles(desk: &Desk, rasa: &RealRasa) {
    let zoe = desk.customer(ZOE, "Zoë").await;
    says(desk, &zoe, "Buongiorno").await;
    let ticket = ticket_of(desk, "Zoë").await;
    let session = session(desk, &ticket).await;
    desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(1, 0.12, 900, 700)))]).await;
    quiet(desk).await;
    assert_eq!(flow(desk, &ticket).await["doing"], "a bot has it");
    picks(desk, &zoe, "Opening hours").await;
    assert_eq!(flow(desk, &ticket).await["ending"], "ended");
    assert_eq!(ticket_of(desk, "Zoë").await["status"], "solved");
    let told = desk.transcript(&ticket).await;
    for line in [
        "desk: [buttons] Hello! What is it about?",
        "desk: [text] Thank you for the file.",
        "customer: [choice] Opening hours",
        "desk: [text] We are open from nine to six.",
        "desk: [text] Bene!",
    ] {
        assert!(told.contains(line), "{line}\n\n{told}");
    }
    let tracker = rasa.tracker(&session).await;
    assert_eq!(tracker["paused"], false);
    let begin = metadata(&tracker, "/sportello_begin");
    assert_eq!((&begin["language"], &begin["sportello_begin"]["flow"]), (&json!("it"), &json!("robot")));
    let seen = &metadata(&tracker, "/sportello_media")["sportello_media"];
    assert_eq!((&seen["verdict"], &seen["reason"]), (&json!("retake"), &json!("too_dark")));
}

async fn leaves_to_a_person(desk: &Desk, rasa: &RealRasa) {
    let bea = desk.customer("+393334445556", "Bea").await;
    says(desk, &bea, "Buongiorno").await;
    let ticket = ticket_of(desk, "Bea").await;
    let session = session(desk, &ticket).await;
    picks(desk, &bea, "Something else").await;
    assert_eq!(flow(desk, &ticket).await["ending"], "handed_over");
    assert_eq!(ticket_of(desk, "Bea").await["status"], "open");
    let told = desk.transcript(&ticket).await;
    assert!(told.contains("desk: [text] A colleague will help you."), "{told}");
    assert_eq!(rasa.tracker(&session).await["paused"], true);
    assert_eq!(rasa.answers(&session, "/opening_hours").await, json!([]), "a bot that was paused is silent");
}

async fn ticket_of(desk: &Desk, name: &str) -> Value {
    let tickets = desk.tickets().await;
    let ticket = tickets.into_iter().find(|ticket| ticket["contact"]["name"] == name);
    ticket.unwrap_or_else(|| panic!("no ticket of {name}"))
}

/// As the bot that has the conversation knows it.
async fn session(desk: &Desk, ticket: &Value) -> Session {
    let ticket = TicketId::from(ticket["id"].as_str().unwrap());
    let run = store::flow_runs::newest(&desk.server.app.db, &ticket).await.unwrap().unwrap();
    let state: Value = serde_json::from_str(&run.state).unwrap();
    Session::of(&format!("{}:{}", run.id, state["place"]))
}

/// What came to Rasa beside a message.
fn metadata<'t>(tracker: &'t Value, message: &str) -> &'t Value {
    let mut events = tracker["events"].as_array().unwrap().iter();
    let heard = events.find(|event| event["event"] == "user" && event["text"] == message);
    &heard.unwrap_or_else(|| panic!("no {message}: {tracker:#}"))["metadata"]
}
