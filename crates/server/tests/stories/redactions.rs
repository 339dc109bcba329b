//! What a person makes black is black for everybody, for good, and is no longer said.

use model::access::{Right, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    ZOE, close_without_debts,
    findings::{ORDER, findings, of_kind, sent, with_models},
    on_each_engine,
    privacy::{CARD, PAPER, blob_files, light, pdf},
    support::{Desk, engines, picture},
};

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn path(attachment: &Value) -> String {
    format!("/attachments/{}/redactions", attachment["id"].as_str().unwrap())
}

/// The code of a refusal, or nothing.
async fn redact(desk: &Desk, token: &str, attachment: &Value, body: Value) -> (u16, String) {
    let (status, body) = desk.api_as(token, Method::POST, &path(attachment), Some(body)).await;
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

async fn bytes(desk: &Desk, attachment: &Value, rendition: &str) -> Vec<u8> {
    let response = desk.content(attachment, rendition).await;
    assert_eq!(response.status(), 200, "{rendition}");
    response.bytes().await.unwrap().to_vec()
}

/// Every file on the disk is one that a row names, and each of them can be opened.
async fn nothing_is_left_over(desk: &Desk) {
    let app = &desk.server.app;
    let blobs = store::blobs::all(&app.db).await.unwrap();
    assert_eq!(blob_files(desk), blobs.len(), "a file that no row knows");
    for blob in &blobs {
        app.blobs.read_all(&app.db, blob, u64::MAX).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_made_black_is_black_for_everybody_and_for_good() {
    for engine in engines() {
        let desk = Desk::start_with(engine, with_models).await;
        let (_, agent) = desk.person("agent", Role::Agent).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let (ticket, attachment) = sent(&desk, "Zoë").await;
        let before = findings(&desk, &attachment).await;
        let line = of_kind(&before, "text.line")
            .into_iter()
            .find(|line| line["value"].as_str().unwrap().contains("E18"))
            .unwrap();
        let corner = |n: usize| [0, 1].map(|axis| line["region"]["points"][n][axis].as_f64().unwrap());
        let ([left, top], [right, bottom]) = (corner(0), corner(2));
        let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        let old: Vec<_> = desk.server.app.blobs_of(&attachment).await;
        let (status, file) = desk
            .api_as(
                &agent,
                Method::POST,
                &path(&attachment),
                Some(json!({ "boxes": [
                { "x": left, "y": top, "width": right - left, "height": bottom - top }] })),
            )
            .await;
        assert_eq!((status, &file["redaction_count"]), (201, &json!(1)), "{file}");

        let is_black_everywhere = async || {
            for rendition in ["view", "thumb", "view_unmasked"] {
                let picture = bytes(&desk, &attachment, rendition).await;
                assert!(light(&picture, 860.0, middle) < 60, "{rendition} shows it");
                assert!(light(&picture, 860.0, PAPER) > 180, "{rendition}: the rest is as it was");
                // The policy's own mask stays, and what is behind it stays behind it.
                assert_eq!(light(&picture, 860.0, CARD) < 60, rendition != "view_unmasked", "{rendition}");
            }
            let said = desk.get(&format!("/attachments/{}/findings?all=true", text(&attachment["id"]))).await;
            assert!(!said.to_string().contains("E18"), "{said:#}");
            assert!(said["current"]["text"].as_str().unwrap().contains("153,30"), "{said:#}");
            for (query, is_found) in [("E18", false), ("153,30", true)] {
                let page = desk.get(&format!("/tickets?q={query}")).await;
                assert_eq!(page["items"] != json!([]), is_found, "{query}");
            }
        };
        is_black_everywhere().await;
        // The pictures that showed it are no more: neither a row nor a file.
        let app = &desk.server.app;
        let left_over = store::blobs::all(&app.db).await.unwrap();
        assert!(old.iter().all(|blob| !left_over.contains(blob)), "a picture that shows it is kept");
        nothing_is_left_over(&desk).await;

        // A new look at the file keeps it so.
        desk.post("/analysis/runs", json!({})).await;
        desk.settle().await;
        assert_eq!(findings(&desk, &attachment).await["number"], 2);
        is_black_everywhere().await;

        // The original shows it still, to those who may.
        let original = format!("/attachments/{}/content?rendition=original", text(&attachment["id"]));
        assert_eq!(desk.api_as(&agent, Method::GET, &original, None).await.0, 403);
        assert_eq!(bytes(&desk, &attachment, "original").await, ORDER);
        let log = desk.get(&format!("/audit?object={}", text(&ticket["id"]))).await;
        let entry = log["items"].as_array().unwrap().iter().find(|e| e["action"] == "attachment.redacted");
        assert_eq!(entry.map(|e| &e["detail"]), Some(&json!("1 boxes")), "{log}");
        let told = desk.transcript(&ticket).await;
        assert!(told.contains("· attachment.redacted boxes=1"), "{told}");

        // Until somebody who may has it erased as well.
        let all = json!({ "boxes": [{ "x": 0, "y": 0, "width": 30, "height": 30 }], "erase_original": true });
        assert_eq!(redact(&desk, &agent, &attachment, all.clone()).await, (403, "right_needed".to_owned()));
        desk.post(&path(&attachment), all).await;
        let remains = bytes(&desk, &attachment, "original").await;
        assert!(light(&remains, 860.0, middle) < 60 && light(&remains, 860.0, (10.0, 10.0)) < 60);
        nothing_is_left_over(&desk).await;
        desk.post("/analysis/runs", json!({})).await;
        desk.settle().await;
        is_black_everywhere().await;
        close_without_debts(desk).await;
    }
}

/// The blobs of what is drawn of a file.
trait Blobs {
    async fn blobs_of(&self, attachment: &Value) -> Vec<model::ids::BlobId>;
}

impl Blobs for server::app::App {
    async fn blobs_of(&self, attachment: &Value) -> Vec<model::ids::BlobId> {
        let id = attachment["id"].as_str().unwrap();
        let drawn = store::attachments::renditions(&self.db, &[id]).await.unwrap();
        assert!(drawn.len() >= 2);
        drawn.into_iter().map(|rendition| rendition.blob_id).collect()
    }
}

#[tokio::test]
async fn those_who_paint_at_once_lose_nothing() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "photo")], &[("a.png", picture(320, 240))]).await;
        desk.settle().await;
        let (_, attachment) = sent(desk, "Zoë").await;
        let one = async |n: u32| {
            let body = json!({ "boxes": [{ "x": 100 * n, "y": 40, "width": 30, "height": 30 }] });
            desk.api(Method::POST, &path(&attachment), Some(body)).await.0
        };
        let statuses = tokio::join!(one(0), one(1), one(2));
        assert_eq!(statuses, (201, 201, 201));
        for rendition in ["view", "thumb"] {
            let picture = bytes(desk, &attachment, rendition).await;
            for x in [15.0, 115.0, 215.0] {
                assert!(light(&picture, 320.0, (x, 55.0)) < 30, "{rendition} at {x}");
            }
            assert!(light(&picture, 320.0, (175.0, 55.0)) > 120, "{rendition}: between them");
        }
        let (_, attachment) = sent(desk, "Zoë").await;
        assert_eq!(attachment["redaction_count"], 3);
        nothing_is_left_over(desk).await;
    })
    .await;
}

#[tokio::test]
async fn nonsense_paints_nothing() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "photo")], &[("a.png", picture(320, 240))]).await;
        desk.settle().await;
        let (_, attachment) = sent(desk, "Zoë").await;
        let before = bytes(desk, &attachment, "view").await;
        let url = format!("{}/api/v1{}", desk.server.url(), path(&attachment));
        let good = r#"{"x":1,"y":1,"width":9,"height":9}"#;
        for (body, status) in [
            (r#"{"boxes":[]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":320,"y":0,"width":10,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":-50,"y":0,"width":10,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":0,"y":0,"width":0,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":0,"y":0,"width":-10,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":1e308,"y":1e308,"width":1e308,"height":1e308}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":NaN,"y":0,"width":10,"height":10}]}"#.to_owned(), 400),
            (r#"{"boxes":[{"x":1e999,"y":0,"width":10,"height":10}]}"#.to_owned(), 400),
            (r#"{"boxes":[{"x":null,"y":0,"width":10,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"x":"1","y":0,"width":10,"height":10}]}"#.to_owned(), 422),
            (r#"{"boxes":[{"page":1,"x":1,"y":1,"width":9,"height":9}]}"#.to_owned(), 422),
            (format!(r#"{{"boxes":[{}]}}"#, vec![good; 101].join(",")), 422),
            (format!(r#"{{"boxes":[{}]}}"#, vec![good; 9_000].join(",")), 413),
            (format!(r#"{{"boxes":[{good}],"by":"me"}}"#), 422),
            // One good box does not carry a bad one.
            (format!(r#"{{"boxes":[{good},{{"x":900,"y":0,"width":10,"height":10}}]}}"#), 422),
        ] {
            let request = desk.http.post(&url).bearer_auth(&desk.token);
            let answer = request.header("content-type", "application/json").body(body.clone()).send().await;
            assert_eq!(answer.unwrap().status().as_u16(), status, "{}", &body[..body.len().min(90)]);
        }
        assert_eq!(bytes(desk, &attachment, "view").await, before, "nothing was painted");
        let (ticket, attachment) = sent(desk, "Zoë").await;
        assert_eq!(attachment["redaction_count"], 0);

        // What is no picture has no place to paint on.
        desk.send(&zoe, &[("as", "document")], &[("words.txt", b"hello".to_vec())]).await;
        desk.settle().await;
        let (_, words) = sent(desk, "Zoë").await;
        let one = json!({ "boxes": [{ "x": 1, "y": 1, "width": 9, "height": 9 }] });
        let invalid = (422, "invalid".to_owned());
        assert_eq!(redact(desk, &desk.token, &words, one.clone()).await, invalid);
        assert_eq!(redact(desk, &desk.token, &json!({ "id": "01NONE" }), one.clone()).await.0, 404);

        // A file has so many boxes and no more.
        let row = |y: u32| -> Value {
            let boxes: Vec<Value> =
                (0..100).map(|x| json!({ "x": x * 3, "y": y, "width": 1, "height": 1 })).collect();
            json!({ "boxes": boxes })
        };
        for y in 0..5 {
            assert_eq!(redact(desk, &desk.token, &attachment, row(y * 9)).await.0, 201);
        }
        assert_eq!(redact(desk, &desk.token, &attachment, one.clone()).await, invalid);

        // An identity document is painted by those who may see it.
        let (_, agent) = desk.person("agent", Role::Agent).await;
        crate::rights::believe_identity_document(desk, attachment["id"].as_str().unwrap()).await;
        assert_eq!(redact(desk, &agent, &attachment, one).await, (403, "right_needed".to_owned()));
        assert!(Role::Supervisor.rights().has(Right::IdentityDocumentsRead));

        // What the customer took back is nobody's to paint, and in no list.
        let files = desk.get(&format!("/tickets/{}/attachments", text(&ticket["id"]))).await;
        assert_eq!(files["items"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_document_is_made_black_as_well() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        let file = pdf(&[&["Invoice 2026-17", "Error E18"], &["Error E18", "second page"]]);
        desk.send(&zoe, &[("as", "document")], &[("invoice.pdf", file.clone())]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        let said = findings(&desk, &attachment).await;
        let lines = of_kind(&said, "text.line");
        let line = lines.iter().find(|line| line["value"] == "Error E18" && line["region"]["page"] == 1);
        let points = &line.unwrap()["region"]["points"];
        let at = |n: usize, axis: usize| points[n][axis].as_f64().unwrap();
        let area = json!({ "page": 1, "x": at(0, 0), "y": at(0, 1), "width": at(2, 0) - at(0, 0), "height": at(2, 1) - at(0, 1) });
        let (middle, below) = ((at(0, 0) + 6.0, f64::midpoint(at(0, 1), at(2, 1))), at(2, 1) + 60.0);
        desk.post(&path(&attachment), json!({ "boxes": [area] })).await;
        let other = bytes(&desk, &attachment, "page-2").await;
        let is_black = async || {
            let page = bytes(&desk, &attachment, "page-1").await;
            let width = f64::from(image::load_from_memory(&page).unwrap().width());
            assert!(light(&page, width, middle) < 60 && light(&page, width, (middle.0, below)) > 200);
            let said = findings(&desk, &attachment).await;
            // The second page says it, too, and nobody made that black.
            assert_eq!(said["text"], "Invoice 2026-17\nError E18\nsecond page", "{said:#}");
        };
        is_black().await;
        desk.post("/analysis/runs", json!({})).await;
        desk.settle().await;
        is_black().await;
        assert_eq!(bytes(&desk, &attachment, "page-2").await, other, "the other page is as it was");
        let erasing = json!({ "boxes": [area], "erase_original": true });
        let invalid = (422, "invalid".to_owned());
        assert_eq!(redact(&desk, &desk.token, &attachment, erasing).await, invalid);
        assert_eq!(bytes(&desk, &attachment, "original").await, file);
        nothing_is_left_over(&desk).await;
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn the_files_of_a_ticket_and_of_a_contact_are_listed() {
    on_each_engine(async |desk| {
        let zoe = desk.customer(ZOE, "Zoë").await;
        for side in [100, 120, 140] {
            desk.send(&zoe, &[("as", "photo")], &[("a.png", picture(side, 90))]).await;
            desk.settle().await;
        }
        let ticket = desk.only_ticket().await;
        let upload = desk.upload("answer.png", picture(160, 90)).await;
        let answer = json!({ "attachment_id": upload["id"] });
        desk.post(&format!("/tickets/{}/messages", text(&ticket["id"])), answer).await;
        desk.settle().await;
        let of_ticket = format!("/tickets/{}/attachments", text(&ticket["id"]));
        let of_contact = format!("/contacts/{}/attachments", text(&ticket["contact"]["id"]));
        for list in [of_ticket, of_contact] {
            let (mut seen, mut next) = (Vec::new(), String::new());
            loop {
                let page = desk.get(&format!("{list}?limit=3&cursor={next}")).await;
                for item in page["items"].as_array().unwrap() {
                    assert_eq!(item["ticket_number"], 1);
                    seen.push((item["attachment"]["width"].as_i64().unwrap(), text(&item["direction"])));
                }
                match page["next"].as_str() {
                    Some(cursor) => next = cursor.to_owned(),
                    None => break,
                }
            }
            let expect: Vec<(i64, String)> = [(160, "out"), (140, "in"), (120, "in"), (100, "in")]
                .map(|(width, direction)| (width, direction.to_owned()))
                .into();
            assert_eq!(seen, expect, "{list}");
        }
        for nobody in ["/tickets/01NONE/attachments", "/contacts/01NONE/attachments"] {
            assert_eq!(desk.api(Method::GET, nobody, None).await.0, 404, "{nobody}");
        }

        // An identity document is listed without a picture for those who may not see it.
        let files = desk.get(&format!("/tickets/{}/attachments", text(&ticket["id"]))).await;
        let photo = &files["items"][1]["attachment"];
        crate::rights::believe_identity_document(desk, photo["id"].as_str().unwrap()).await;
        let (_, agent) = desk.person("agent", Role::Agent).await;
        for path in ["/tickets/{}", "/contacts/{}"] {
            let id = if path.starts_with("/tickets") { &ticket["id"] } else { &ticket["contact"]["id"] };
            let path = path.replace("{}", &text(id)) + "/attachments";
            let (_, page) = desk.api_as(&agent, Method::GET, &path, None).await;
            let file = &page["items"][1]["attachment"];
            assert_eq!((&file["is_withheld"], &file["renditions"]), (&json!(true), &json!([])), "{file}");
        }
    })
    .await;
}
