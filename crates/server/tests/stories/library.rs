//! The shipped flows as customers live them, in every language: through the sandbox, with the program's own judgement
//! of real pictures, on both databases. What each customer reads is a snapshot.

use std::path::Path;

use flows::{
    format::{Flow, Language, Trigger},
    library,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    close_without_debts,
    findings::with_models,
    guided::{quiet, says},
    support::{Desk, Engine, engines},
};

/// What a customer does next.
#[derive(Clone, Copy)]
enum Does {
    /// Writes the first word that begins the flow.
    Begins,
    /// Writes this, whatever the language.
    Says(&'static str),
    /// Presses the option of this id in the newest question.
    Picks(&'static str),
    /// Sends these pictures of the evaluation set at once.
    Sends(&'static [&'static str]),
    /// The same as a document: with every pixel.
    SendsDocument(&'static str),
    /// Sends a picture that is no larger than a thumb.
    SendsTiny(&'static str),
    /// Opens the link of the last message and takes this picture there.
    Takes(&'static str),
}
use Does::{Begins, Picks, Says, Sends, SendsDocument, SendsTiny, Takes};

struct Scene {
    flow: &'static str,
    /// Where the program reads what pictures say.
    read: &'static [Does],
    /// Where it only sees how good they are, and the customer is asked instead.
    unread: &'static [Does],
}

/// Every flow with what goes wrong: dark, blurred, the wrong thing, too small, sent before, several at once.
const SCENES: [Scene; 8] = [
    Scene {
        flow: "product_defect",
        read: &[
            Begins,
            Picks("washer"),
            Sends(&["router-sticker-dark.jpg"]),
            Sends(&["washer-1.jpg"]),
            Sends(&["plate-blurred.jpg"]),
            Sends(&["plate-1.jpg"]),
            Says("2026-03-02"),
        ],
        unread: &[
            Begins,
            Picks("washer"),
            Sends(&["router-sticker-dark.jpg"]),
            Sends(&["washer-1.jpg"]),
            Sends(&["plate-blurred.jpg"]),
            Sends(&["plate-1.jpg"]),
            Sends(&["plate-tilted.jpg"]),
            Says("SN48213X"),
            Says("2026-03-02"),
        ],
    },
    Scene { flow: "software_screenshot", read: SCREENSHOT, unread: SCREENSHOT },
    Scene { flow: "network_screenshot", read: NETWORK, unread: NETWORK },
    Scene {
        flow: "payment_dispute",
        read: &[Begins, Picks("twice"), Sends(&["till-dark.jpg"]), Sends(&["till-1.jpg"]), Says("pay_29QQ")],
        unread: &[
            Begins,
            Picks("twice"),
            Sends(&["till-dark.jpg"]),
            Sends(&["till-1.jpg"]),
            Says("49,90"),
            Says("2026-11-20"),
        ],
    },
    Scene { flow: "retail_return", read: RETURN, unread: RETURN },
    Scene { flow: "appliance_video", read: VISIT, unread: VISIT },
    Scene {
        flow: "identity_document",
        read: &[Begins, Picks("agreed"), Sends(&["id-card-1.jpg"]), Takes("passport-1.jpg")],
        unread: &[
            Begins,
            Picks("agreed"),
            Sends(&["id-card-1.jpg"]),
            Takes("passport-glare.jpg"),
            Picks("yes"),
            Takes("passport-1.jpg"),
        ],
    },
    Scene { flow: "triage", read: TRIAGE, unread: TRIAGE },
];

const SCREENSHOT: &[Does] = &[
    Begins,
    Sends(&["photo-cat-blurred.jpg"]),
    SendsDocument("settings-alert-en.png"),
    Picks("website"),
    Says("CRM 4.2, export"),
];

const NETWORK: &[Does] = &[
    Begins,
    Picks("slow"),
    Picks("home"),
    SendsTiny("router-page.png"),
    Sends(&["router-page-shared.jpg"]),
    Says("2,5"),
    Says("Via Roma 12, 20121 Milano"),
    Picks("did_not_help"),
    Picks("works"),
];

const RETURN: &[Does] = &[
    Begins,
    Picks("new"),
    Says("A-10442"),
    Says("LX-200"),
    Picks("damaged"),
    Sends(&["photo-coffee.jpg", "photo-flower.jpg", "photo-gravel-dark.jpg", "washer-1.jpg"]),
    Sends(&["photo-rocket.jpg"]),
    Picks("refund"),
];

const VISIT: &[Does] = &[
    Begins,
    Picks("oven"),
    Picks("photos"),
    Sends(&["oven-1.jpg", "photo-grass.jpg"]),
    Says("F1 F1 F1"),
    Picks("yes"),
    Says("Via Roma 12, 20121 Milano"),
    Picks("slot2"),
    Says("xyz ?"),
    Picks("change"),
    Picks("slot1"),
];

const TRIAGE: &[Does] = &[
    Begins,
    Picks("broken"),
    Says("LX-200: E18"),
    Picks("yes"),
    Sends(&["nothing-pocket.jpg"]),
    Sends(&["photo-china.jpg"]),
];

#[tokio::test]
async fn every_flow_reads_what_pictures_say_on_sqlite() {
    every_flow("read", &[Engine::Sqlite], Language::En, "+44770091").await;
}

#[tokio::test]
async fn every_flow_reads_what_pictures_say_on_postgresql() {
    let postgres: Vec<Engine> = engines().into_iter().filter(|engine| *engine == Engine::Postgres).collect();
    every_flow("read", &postgres, Language::En, "+44770091").await;
}

#[tokio::test]
async fn every_flow_in_english() {
    every_flow("en", &engines(), Language::En, "+44770090").await;
}

#[tokio::test]
async fn every_flow_in_italian() {
    every_flow("it", &engines(), Language::It, "+39333111").await;
}

#[tokio::test]
async fn every_flow_in_spanish() {
    every_flow("es", &engines(), Language::Es, "+34600111").await;
}

#[tokio::test]
async fn every_flow_in_portuguese() {
    every_flow("pt", &engines(), Language::Pt, "+55119876").await;
}

#[tokio::test]
async fn every_flow_in_hindi() {
    every_flow("hi", &engines(), Language::Hi, "+91987654").await;
}

async fn every_flow(name: &str, engines: &[Engine], language: Language, numbers: &str) {
    let reads = name == "read";
    for engine in engines {
        let desk = Desk::start_with(*engine, |config| {
            if reads {
                with_models(config);
            }
            let ledger = config.data.dir.join("payments.jsonl");
            std::fs::create_dir_all(&config.data.dir).unwrap();
            std::fs::write(&ledger, PAYMENT).unwrap();
            config.flows.payments = Some(ledger);
        })
        .await;
        let gino = json!({ "name": "Gino", "areas": ["20"], "hours": ["mon-fri 09:00-13:00"] });
        desk.post("/technicians", gino).await;
        let mut told = String::new();
        for (n, scene) in SCENES.iter().enumerate() {
            told.push_str(&format!("\n# {}\n\n", scene.flow));
            let does = if reads { scene.read } else { scene.unread };
            told.push_str(&play(&desk, language, &format!("{numbers}{n:04}"), (scene.flow, does)).await);
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(format!("library_{name}"), told);
        }
        close_without_debts(desk).await;
    }
}

const PAYMENT: &str =
    r#"{"reference":"pay_29QQ","amount":"49.90","currency":"EUR","date":"2026-11-20","status":"captured"}"#;

/// One customer goes through a flow, the only one that is on; answers what their phone shows.
async fn play(desk: &Desk, language: Language, number: &str, (name, all): (&str, &[Does])) -> String {
    let flow = library::flow(name).unwrap().unwrap();
    switch(desk, name, "on").await;
    let customer = desk.customer(number, "Kim").await;
    for does in all {
        act(desk, &customer, does, &flow, language).await;
    }
    switch(desk, name, "off").await;
    let chat = desk.chat(&customer).await;
    let mut told: String = chat.iter().map(|message| line(message) + "\n").collect();
    told.push_str(&handed_over(desk, number).await);
    told
}

async fn switch(desk: &Desk, flow: &str, to: &str) {
    let body = json!({ "rollout": to });
    let (status, body) = desk.api(Method::PATCH, &format!("/flows/{flow}/1"), Some(body)).await;
    assert_eq!(status, 200, "{body}");
}

async fn act(desk: &Desk, customer: &str, does: &Does, flow: &Flow, language: Language) {
    match does {
        Begins => return says(desk, customer, &first_word(flow, language)).await,
        Says(text) => return says(desk, customer, text).await,
        Picks(option) => choose(desk, customer, option).await,
        Sends(names) => {
            let files: Vec<_> = names.iter().map(|name| (*name, picture(name))).collect();
            desk.send(customer, &[("as", "photo"), ("album", "true")], &files).await;
        }
        SendsDocument(name) => {
            desk.send(customer, &[("as", "document")], &[(name, picture(name))]).await;
        }
        SendsTiny(name) => {
            let tiny = image::load_from_memory(&picture(name)).unwrap().thumbnail(120, 120).to_rgb8();
            desk.send(customer, &[("as", "photo")], &[(name, crate::findings::png(&tiny))]).await;
        }
        Takes(name) => {
            let chat = desk.chat(customer).await;
            let texts = chat.iter().rev().filter_map(|message| message["text"].as_str());
            let link = texts.flat_map(str::split_whitespace).find(|word| word.contains("/capture/"));
            let link = link.unwrap_or_else(|| panic!("no link in {chat:#?}"));
            let sent = desk.http.post(format!("{link}/photo")).body(picture(name)).send().await.unwrap();
            assert_eq!(sent.status(), 200);
        }
    }
    quiet(desk).await;
}

/// What a customer would write: the first keyword, or a greeting where any first message begins the flow.
fn first_word(flow: &Flow, language: Language) -> String {
    let words = flow.triggers.iter().find_map(|trigger| match trigger {
        Trigger::Keyword(words) => words.get(&language).and_then(|words| words.0.first()).cloned(),
        _ => None,
    });
    words.unwrap_or_else(|| "Hi!".to_owned())
}

fn picture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/evaluation/pictures");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

async fn choose(desk: &Desk, customer: &str, option: &str) {
    let chat = desk.chat(customer).await;
    let newest = chat.iter().rev().find_map(|message| {
        let found = options(message).into_iter().find(|(id, _)| id.rsplit('.').next() == Some(option));
        found.map(|found| (message["interactive"]["type"] == "list", found))
    });
    let Some((is_list, (id, title))) = newest else { panic!("no option `{option}`: {chat:#?}") };
    let kind = if is_list { "list_reply" } else { "button_reply" };
    desk.send(customer, &[("as", kind), ("choice_id", &id), ("choice_title", &title)], &[]).await;
}

/// Ids and titles.
fn options(message: &Value) -> Vec<(String, String)> {
    let action = &message["interactive"]["action"];
    let buttons = action["buttons"].as_array().into_iter().flatten().map(|button| &button["reply"]);
    let sections = action["sections"].as_array().into_iter().flatten();
    let rows = sections.flat_map(|section| section["rows"].as_array().into_iter().flatten());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    buttons.chain(rows).map(|option| (text(&option["id"]), text(&option["title"]))).collect()
}

/// A message as the phone shows it; links are other ones in every run.
fn line(message: &Value) -> String {
    let who = if message["direction"] == "out" { ">" } else { "<" };
    let text = message["text"].as_str().unwrap_or_default();
    let words = text.split(' ').map(|word| if word.contains("/capture/") { "(link)" } else { word });
    let kind = message["type"].as_str().unwrap_or_default();
    let media =
        if matches!(kind, "image" | "document" | "video") { format!("({kind}) ") } else { String::new() };
    let titles: Vec<String> = options(message).into_iter().map(|(_, title)| format!("[{title}]")).collect();
    let said = words.collect::<Vec<_>>().join(" ");
    format!("{who} {media}{said} {}", titles.join(" ")).trim_end().replace('\n', "\n  ")
}

/// What the person who takes over has in writing.
async fn handed_over(desk: &Desk, number: &str) -> String {
    let tickets = desk.tickets().await;
    let of = |ticket: &&Value| ticket["contact"]["phone"].as_str() == Some(number);
    let Some(ticket) = tickets.iter().find(of) else { panic!("no ticket of {number}: {tickets:#?}") };
    let transcript = desk.transcript(ticket).await;
    let last = transcript.lines().rev().find(|line| line.contains("flow.handed_over"));
    last.map(|line| format!("= {}\n", line.replace("\\n", "\n=   "))).unwrap_or_default()
}
