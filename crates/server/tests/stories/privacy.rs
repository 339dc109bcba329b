//! What nobody needs to see stays unseen, what must not be stored is not, and what is bad is not handed out.

#![allow(clippy::as_conversions, reason = "pixels and their places")]

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    ZOE, close_without_debts,
    findings::{ORDER, findings, of_kind, sent, with_models},
    support::{Desk, engines},
};

/// Between two groups of the card's digits, and above them, in the picture's own pixels.
pub(crate) const CARD: (f64, f64) = (139.0, 240.0);
pub(crate) const PAPER: (f64, f64) = (139.0, 180.0);

/// How bright a rendition is there.
pub(crate) fn light(bytes: &[u8], own_width: f64, at: (f64, f64)) -> u8 {
    let picture = image::load_from_memory(bytes).unwrap().to_rgb8();
    let scale = f64::from(picture.width()) / own_width;
    picture.get_pixel((at.0 * scale) as u32, (at.1 * scale) as u32)[0]
}

pub(crate) fn blob_files(desk: &Desk) -> usize {
    fn count(dir: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
        let each = |entry: std::fs::DirEntry| {
            if entry.path().is_dir() { count(&entry.path()) } else { 1 }
        };
        entries.flatten().map(each).sum()
    }
    count(&desk.config.data.dir.join("blobs"))
}

#[tokio::test]
async fn a_card_that_must_not_be_stored_reaches_no_disk() {
    for engine in engines() {
        let desk = Desk::start_with(engine, |config| {
            with_models(config);
            config.analysis.never_store = vec!["pii.card".to_owned()];
        })
        .await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let (ticket, attachment) = sent(&desk, "Zoë").await;
        assert_eq!(attachment["state"], "ready", "{attachment:#}");

        // Every file that exists is one that the database knows, and the card is black in each picture.
        let app = &desk.server.app;
        let blobs = store::blobs::all(&app.db).await.unwrap();
        assert_eq!(blob_files(&desk), blobs.len(), "a file that no row knows");
        for blob in &blobs {
            let bytes = app.blobs.read_all(&app.db, blob, u64::MAX).await.unwrap();
            assert!(light(&bytes, 860.0, CARD) < 60, "{} shows the card", blob.as_str());
            assert!(light(&bytes, 860.0, PAPER) > 180);
        }
        for rendition in ["original", "view_unmasked"] {
            let bytes = desk.content(&attachment, rendition).await.bytes().await.unwrap();
            assert!(light(&bytes, 860.0, CARD) < 60, "{rendition}");
        }
        // The rest of the picture is as useful as ever, and the timeline says what happened.
        let analysis = findings(&desk, &attachment).await;
        assert!(analysis["text"].as_str().unwrap().contains("E18"), "{analysis:#}");
        let told = desk.transcript(&ticket).await;
        assert!(told.contains("attachment.masked") && told.contains("pii.card"), "{told}");

        // What has no card in it is stored as it came.
        let plain = crate::support::picture(300, 200);
        desk.send(&zoe, &[("as", "document")], &[("plain.png", plain.clone())]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        assert_eq!(desk.content(&attachment, "original").await.bytes().await.unwrap(), plain);
        close_without_debts(desk).await;
    }
}

#[tokio::test]
async fn what_nobody_can_look_at_waits_and_is_kept_nowhere() {
    for engine in engines() {
        let desk =
            Desk::start_with(engine, |config| config.analysis.never_store = vec!["pii.card".to_owned()])
                .await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("order.png", ORDER.to_vec())]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        assert_eq!(attachment["state"], "failed");
        let why = attachment["reason"].as_str().unwrap();
        assert!(why.contains("analysis.never_store") && why.contains("cargo dev models"), "{why}");
        assert!(attachment["retry_at"].is_string());
        assert_eq!(blob_files(&desk), 0);
        desk.close().await;
    }
}

/// Pages with letters of their own, in a font that every viewer has.
pub(crate) fn pdf(pages: &[&[&str]]) -> Vec<u8> {
    let kids: String = (0..pages.len()).map(|n| format!("{} 0 R ", 2 * n + 4)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (n, lines) in pages.iter().enumerate() {
        let mut page = String::new();
        for (i, line) in lines.iter().enumerate() {
            page += &format!("BT /F1 18 Tf 72 {} Td ({line}) Tj ET ", 750 - i * 60);
        }
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            2 * n + 5
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()));
    }
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", i + 1);
    }
    let start = out.len();
    out += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        out += &format!("{place:010} 00000 n \n");
    }
    out += &format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

#[tokio::test]
async fn a_document_is_read_and_its_pages_are_shown_without_the_card() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        let file = pdf(&[&["Invoice 2026-17", "Card 4111 1111 1111 1111", "Error E18"]]);
        desk.send(&zoe, &[("as", "document")], &[("invoice.pdf", file)]).await;
        desk.settle().await;
        let (ticket, attachment) = sent(&desk, "Zoë").await;
        assert_eq!(attachment["renditions"], serde_json::json!(["page-1"]), "{attachment:#}");
        let analysis = findings(&desk, &attachment).await;
        let text = analysis["text"].as_str().unwrap();
        assert!(text.contains("Invoice 2026-17") && text.contains('•') && !text.contains("4111"), "{text}");
        let card = &of_kind(&analysis, "pii.card")[0];
        assert_eq!(card["region"]["page"], 1, "{card}");
        let page = desk.content(&attachment, "page-1").await;
        assert_eq!(page.headers()["content-type"], "image/jpeg");
        let page = page.bytes().await.unwrap();
        // The gap before the last group, on a line 690 points above the foot of a page of 595 points' width.
        let points = card["region"]["points"].as_array().unwrap();
        let corner = |i: usize| (points[i][0].as_f64().unwrap(), points[i][1].as_f64().unwrap());
        let ((left, top), (right, bottom)) = (corner(0), corner(2));
        let width = f64::from(image::load_from_memory(&page).unwrap().width());
        let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
        assert!(light(&page, width, middle) < 60, "{card}");
        assert!(light(&page, width, (middle.0, middle.1 + 60.0)) > 200, "paper below");
        assert_eq!(desk.content(&attachment, "page-2").await.status(), 404);

        let page = desk.get("/tickets?q=2026-17").await;
        assert_eq!(page["items"][0]["number"], ticket["number"], "{page}");
        close_without_debts(desk).await;
    }
}

/// Beyond the pages that are read as pictures nobody knows what has to be black on one without letters.
#[tokio::test]
async fn a_page_that_nobody_looked_at_is_not_shown() {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        let (words, scan): (&[&str], &[&str]) = (&["Invoice 2026-17"], &[]);
        let mut pages = vec![words];
        pages.extend([scan; 10]);
        pages.push(words);
        desk.send(&zoe, &[("as", "document")], &[("scans.pdf", pdf(&pages))]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        let shown: Vec<String> = (1..=9).chain([12]).map(|n| format!("page-{n}")).collect();
        let renditions = attachment["renditions"].as_array().unwrap();
        let mut renditions: Vec<&str> = renditions.iter().map(|name| name.as_str().unwrap()).collect();
        renditions.sort_by_key(|name| name.len());
        assert_eq!(renditions, shown, "{attachment:#}");
        assert_eq!(desk.content(&attachment, "page-10").await.status(), 404);
        let analysis = findings(&desk, &attachment).await;
        let cut = of_kind(&analysis, "document.truncated");
        assert!(
            cut.iter().any(|cut| cut["value"] == serde_json::json!({ "pages": 2, "from": 10 })),
            "{cut:#?}"
        );
        close_without_debts(desk).await;
    }
}

/// A daemon that knows one file: the one with these words in it.
async fn clamd(bad: &'static [u8]) -> server::clamd::Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut all = Vec::new();
                let mut part = [0; 4096];
                while !(all.starts_with(b"zVERSION\0") || all.ends_with(&[0, 0, 0, 0])) {
                    let count = socket.read(&mut part).await.unwrap();
                    all.extend_from_slice(&part[..count]);
                }
                let is_bad = all.windows(bad.len()).any(|words| words == bad);
                let answer: &[u8] = match all.starts_with(b"zVERSION\0") {
                    true => b"ClamAV 1.4.3/27600/Sun Nov 22 10:00:00 2026\0",
                    false if is_bad => b"stream: Test.Signature-1 FOUND\0",
                    false => b"stream: OK\0",
                };
                let _ = socket.write_all(answer).await;
            });
        }
    });
    address_of(&format!("tcp:{address}"))
}

fn address_of(text: &str) -> server::clamd::Address {
    text.parse().unwrap()
}

#[tokio::test]
async fn what_clamav_knows_is_not_handed_out_and_an_error_is_not_clean() {
    for engine in engines() {
        let daemon = clamd(b"something bad").await;
        let desk = Desk::start_with(engine, |config| config.media.clamd = Some(daemon)).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        let mut states = Vec::new();
        for (name, text) in [("bad.txt", "this is something bad"), ("good.txt", "this is fine")] {
            desk.send(&zoe, &[("as", "document")], &[(name, text.as_bytes().to_vec())]).await;
            desk.settle().await;
            let (_, attachment) = sent(&desk, "Zoë").await;
            let analysis = findings(&desk, &attachment).await;
            let said = of_kind(&analysis, "file.malware").remove(0);
            let status = desk.content(&attachment, "original").await.status().as_u16();
            states.push((said["value"]["state"].as_str().unwrap().to_owned(), status));
        }
        assert_eq!(states, [("found".to_owned(), 403), ("clean".to_owned(), 200)]);
        desk.advance(Duration::from_secs(1));
        close_without_debts(desk).await;

        let nobody = address_of("tcp:127.0.0.1:1");
        let desk = Desk::start_with(engine, |config| config.media.clamd = Some(nobody)).await;
        let zoe = desk.customer(ZOE, "Zoë").await;
        desk.send(&zoe, &[("as", "document")], &[("a.txt", b"hello".to_vec())]).await;
        desk.settle().await;
        let (_, attachment) = sent(&desk, "Zoë").await;
        let said: Value = of_kind(&findings(&desk, &attachment).await, "file.malware").remove(0);
        assert_eq!(said["value"]["state"], "error");
        assert!(said["why"].as_str().unwrap().contains("cannot be reached"), "{said}");
        close_without_debts(desk).await;
    }
}
