//! A photo comes in, findings come out; what fails is visible and never keeps the ticket from its people.

#![allow(clippy::as_conversions, reason = "pixels and their places")]

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, close_without_debts, on_each_engine,
    support::{Desk, engines},
};

const ADA: &str = "+393339990000";

/// Something with corners and edges, at this brightness; the same seed gives the same picture.
pub(crate) fn scene(seed: u32, light: f64, width: u32, height: u32) -> image::RgbImage {
    image::RgbImage::from_fn(width, height, |x, y| {
        let (column, row) = (x * 12 / width, y * 9 / height);
        let cell = (column * 7 + row * 13 + seed * 31 + 1).wrapping_mul(2_654_435_761).rotate_left(7) >> 24;
        let value = (f64::from(cell) * light) as u8;
        image::Rgb([value, value / 2 + (f64::from(y * 255 / height) * light / 2.0) as u8, value])
    })
}

pub(crate) fn png(image: &image::RgbImage) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// The attachment of the only message in this customer's ticket.
pub(crate) async fn sent(desk: &Desk, name: &str) -> (Value, Value) {
    let tickets = desk.tickets().await;
    let ticket = tickets.iter().find(|ticket| ticket["contact"]["name"] == name).unwrap().clone();
    let messages = desk.messages(&ticket).await;
    (ticket, messages.last().unwrap()["attachments"][0].clone())
}

pub(crate) async fn findings(desk: &Desk, attachment: &Value) -> Value {
    desk.get(&format!("/attachments/{}/findings", attachment["id"].as_str().unwrap())).await["current"]
        .clone()
}

pub(crate) fn of_kind(analysis: &Value, kind: &str) -> Vec<Value> {
    let all = analysis["findings"].as_array().unwrap();
    all.iter().filter(|finding| finding["kind"].as_str().unwrap().starts_with(kind)).cloned().collect()
}

#[tokio::test]
async fn a_dark_photo_is_said_to_be_dark_even_where_nothing_can_be_read() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(1, 0.12, 900, 700)))]).await;
        desk.settle().await;
        let (_, attachment) = sent(desk, "Zoë").await;
        assert_eq!(attachment["state"], "ready");
        let said = &attachment["analysis"];
        assert_eq!(
            (said["verdict"].as_str(), said["reason"].as_str()),
            (Some("retake"), Some("too_dark")),
            "{said}"
        );
        assert!(said["hint"].as_str().unwrap().contains("light"), "{said}");
        assert_eq!(said["is_complete"], true);

        let analysis = findings(desk, &attachment).await;
        let dark = &of_kind(&analysis, "quality.dark")[0];
        assert!(dark["why"].as_str().unwrap().contains("of 255"), "{dark}");
        assert_eq!(dark["analyzer"], "local.quality");
        assert!(analysis["ms"]["quality"].is_number() && analysis["ms"]["decode"].is_number(), "{analysis}");

        // No models in this desk's folder: the part says so, with what mends it, and so does the system's page.
        let why = analysis["failed"]["text"].as_str().unwrap();
        assert!(why.contains("is missing") && why.contains("cargo dev models"), "{why}");
        assert_eq!(said["failed"]["text"], why);
        let degraded = desk.get("/system").await["degraded"].clone();
        let missing = degraded.as_array().unwrap().iter().find(|state| state["code"] == "models_missing");
        assert!(
            missing.is_some_and(|s| s["message"].as_str().unwrap().contains("cargo dev models")),
            "{degraded}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_comes_again_is_known_again_from_another_contact_too() {
    on_each_engine(async |desk| {
        let (zoe, ada) = (desk.customer(ZOE, "Zoë").await, desk.customer(ADA, "Ada B.").await);
        let first = scene(3, 1.0, 900, 700);
        let half = image::imageops::resize(&first, 450, 350, image::imageops::FilterType::Triangle);
        let turned = image::imageops::rotate90(&half);
        desk.send(&zoe, &[("as", "document")], &[("a.png", png(&first))]).await;
        desk.settle().await;
        let (ticket, original) = sent(desk, "Zoë").await;
        assert_eq!(of_kind(&findings(desk, &original).await, "seen."), [] as [Value; 0]);

        for (bytes, kind, hold) in
            [(png(&first), "seen.exact", None), (png(&turned), "seen.near", Some("turned"))]
        {
            desk.send(&ada, &[("as", "document")], &[("b.png", bytes)]).await;
            desk.settle().await;
            let (_, copy) = sent(desk, "Ada B.").await;
            let analysis = findings(desk, &copy).await;
            let seen = of_kind(&analysis, "seen.");
            let about = seen
                .iter()
                .find(|s| s["value"]["attachment_id"] == original["id"])
                .unwrap_or_else(|| panic!("{analysis:#}"));
            assert_eq!(about["kind"], kind);
            assert_eq!(about["value"]["ticket_number"], ticket["number"]);
            assert_eq!(about["value"]["is_same_contact"], false);
            assert!(about["why"].as_str().unwrap().contains("from another contact, in ticket #1"), "{about}");
            if let Some(hold) = hold {
                assert!(about["value"]["how"].as_str().unwrap().contains(hold), "{about}");
            }
        }

        // Erased, it is named no more, whatever this process remembers.
        let app = &desk.server.app;
        let mut tx = app.db.begin().await.unwrap();
        let contact = ticket["contact"]["id"].as_str().unwrap().into();
        store::findings::erase(&mut tx, &contact).await.unwrap();
        tx.commit().await.unwrap();
        desk.send(&ada, &[("as", "document")], &[("c.png", png(&half))]).await;
        desk.settle().await;
        let (_, last) = sent(desk, "Ada B.").await;
        let seen = of_kind(&findings(desk, &last).await, "seen.");
        assert!(seen.iter().all(|s| s["value"]["attachment_id"] != original["id"]), "{seen:?}");
        assert!(!seen.is_empty(), "Ada's own copies are still known");
        assert_eq!(findings(desk, &original).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_and_what_is_no_picture_is_left_alone() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        let mut broken = png(&scene(5, 1.0, 300, 200));
        broken.truncate(60);
        desk.send(&zoe, &[("as", "document")], &[("a.png", broken)]).await;
        desk.settle().await;
        let (_, attachment) = sent(desk, "Zoë").await;
        let said = &attachment["analysis"];
        assert_eq!(
            (said["verdict"].as_str(), said["reason"].as_str()),
            (Some("retake"), Some("unreadable")),
            "{said}"
        );
        let analysis = findings(desk, &attachment).await;
        assert_eq!(of_kind(&analysis, "quality.unreadable").len(), 1);

        desk.send(&zoe, &[("as", "voice")], &[("v.ogg", crate::voice_note())]).await;
        desk.settle().await;
        let (_, voice) = sent(desk, "Zoë").await;
        assert_eq!(voice["analysis"], Value::Null);
        assert_eq!(findings(desk, &voice).await, Value::Null);
        let (status, _) = desk.api(Method::GET, "/attachments/none/findings", None).await;
        assert_eq!(status, 404);
    })
    .await;
}

#[tokio::test]
async fn everything_stored_is_looked_at_anew_with_progress() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        for seed in 0..3 {
            desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(seed, 1.0, 400, 300)))]).await;
        }
        desk.settle().await;
        let run = desk.post("/analysis/runs", json!({})).await;
        assert_eq!(run["total"], 3);
        desk.settle().await;
        let runs = desk.get("/analysis/runs").await;
        let run = &runs["items"][0];
        assert_eq!((run["done"].as_i64(), run["failed"].as_i64()), (Some(3), Some(0)));
        assert!(run["ended_at"].is_string(), "{run}");
        let (_, attachment) = sent(desk, "Zoë").await;
        let path = format!("/attachments/{}/findings?all=true", attachment["id"].as_str().unwrap());
        let told = desk.get(&path).await;
        assert_eq!(
            (told["current"]["number"].as_i64(), told["earlier"][0]["number"].as_i64()),
            (Some(2), Some(1))
        );
        let (mut now, mut before) =
            (told["current"]["findings"].clone(), told["earlier"][0]["findings"].clone());
        for list in [&mut now, &mut before] {
            list.as_array_mut().unwrap().sort_by_key(|f| f["kind"].to_string());
        }
        assert_eq!(now, before, "the same file is judged the same");

        let later = desk.post("/analysis/runs", json!({ "since": "2027-01-01T00:00:00Z" })).await;
        assert_eq!(later["total"], 0);
        desk.settle().await;
    })
    .await;
}

#[tokio::test]
async fn a_desk_that_does_not_look_says_nothing_of_pictures() {
    for engine in engines() {
        let desk = Desk::start_with(engine, |config| config.analysis.enabled = false).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "photo")], &[("a.png", png(&scene(1, 0.12, 400, 300)))]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        assert_eq!((attachment["state"].as_str(), &attachment["analysis"]), (Some("ready"), &Value::Null));
        let (status, refusal) = desk.api(Method::POST, "/analysis/runs", Some(json!({}))).await;
        assert_eq!(status, 422, "{refusal}");
        desk.advance(Duration::from_secs(10));
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn a_library_that_cannot_be_used_is_shown_and_text_is_read_without_it() {
    for engine in engines() {
        let desk = Desk::start_with(engine, |config| {
            with_models(config);
            config.analysis.onnxruntime = Some(config.data.dir.join("libonnxruntime.so"));
        })
        .await;
        desk.until_degraded("onnxruntime_unused", true).await;
        let degraded = desk.system().await["degraded"].clone();
        let state = degraded.as_array().unwrap().iter().find(|state| state["code"] == "onnxruntime_unused");
        let message = state.unwrap()["message"].as_str().unwrap();
        for part in
            ["Text is read without", "there is no ONNX Runtime at", "analysis.onnxruntime", "pip download"]
        {
            assert!(message.contains(part), "{part}: {message}");
        }
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        let analysis = findings(&desk, &attachment).await;
        assert!(analysis["text"].as_str().unwrap().contains("Totale 153,30 EUR"), "{analysis:#}");
        assert_eq!(of_kind(&analysis, "text.line")[0]["version"], "pp-ocrv6-small/2");
        close_without_debts(desk).await;
    }
}

pub(crate) const ORDER: &[u8] = include_bytes!("../fixtures/order.png");

/// The models of the repository: what reads text is tested with them or not at all.
pub(crate) fn with_models(config: &mut server::config::Config) {
    let dir = std::env::var_os("SPORTELLO_MODELS_DIR").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models"),
        std::path::PathBuf::from,
    );
    if let Err(wrong) = analyzers::local::models::Models::open(&dir) {
        let why: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        panic!("{}", why.join("\n"));
    }
    config.analysis.models_dir = Some(dir);
}

#[tokio::test]
async fn what_a_photo_says_is_read_understood_found_and_masked() {
    for engine in engines() {
        let desk = Desk::start_with(engine, with_models).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let (ticket, attachment) = sent(&desk, "Zoë").await;
        let analysis = findings(&desk, &attachment).await;
        assert_eq!(attachment["analysis"]["failed"], json!({}), "{analysis:#}");
        assert_eq!(
            (analysis["verdict"].as_str(), analysis["language"].as_str()),
            (Some("usable"), Some("it")),
            "{analysis:#}"
        );
        let text = analysis["text"].as_str().unwrap();
        assert!(text.contains("Totale 153,30 EUR") && text.contains("errore E18"), "{text}");

        // Where each stands is in pixels of the view.
        let line = of_kind(&analysis, "text.line")
            .into_iter()
            .find(|l| l["value"].as_str().unwrap().contains("E18"))
            .unwrap();
        let corner = &line["region"]["points"][0];
        assert!(
            (40.0..80.0).contains(&corner[0].as_f64().unwrap())
                && (380.0..420.0).contains(&corner[1].as_f64().unwrap()),
            "{line}"
        );
        let code = &of_kind(&analysis, "entity.error_code")[0];
        assert_eq!(code["value"], "E18", "{code}");

        // The card is black in what people see, bullets in the text, and in no finding.
        let all = analysis.to_string();
        assert!(!all.contains("4111111111111111") && !all.contains("4111 1111 1111 1111"), "{all}");
        assert!(text.contains('•'), "{text}");
        assert_eq!(of_kind(&analysis, "pii.card").len(), 1, "{analysis:#}");
        for (rendition, is_black) in [("view", true), ("thumb", true), ("view_unmasked", false)] {
            let response = desk.content(&attachment, rendition).await;
            assert_eq!(response.status(), 200, "{rendition}");
            let picture = image::load_from_memory(&response.bytes().await.unwrap()).unwrap().to_rgb8();
            let scale = f64::from(picture.width()) / 860.0;
            let at = |x: f64, y: f64| picture.get_pixel((x * scale) as u32, (y * scale) as u32)[0];
            // Between two groups of digits: white paper, or the mask.
            assert_eq!(at(139.0, 240.0) < 60, is_black, "{rendition}: {}", at(139.0, 240.0));
            assert!(at(139.0, 180.0) > 180, "{rendition}: above the card");
        }
        let looks = desk.get(&format!("/audit?object={}", attachment["id"].as_str().unwrap())).await;
        let looks = looks["items"].as_array().unwrap().iter();
        assert_eq!(looks.filter(|look| look["action"] == "attachment.unmasked").count(), 1);

        // The words find the ticket; the card's digits find nothing.
        for (query, is_found) in
            [("lavatrice e18", true), ("4471902", true), ("4111", false), ("1111", false)]
        {
            let page = desk.get(&format!("/tickets?q={}", query.replace(' ', "%20"))).await;
            let numbers: Vec<&Value> =
                page["items"].as_array().unwrap().iter().map(|t| &t["number"]).collect();
            assert_eq!(numbers == [&ticket["number"]], is_found, "{query}: {page}");
        }
        close_without_debts(desk).await;
    }
}
