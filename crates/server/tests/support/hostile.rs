//! What a test of bad input does to a desk: webhooks that no sandbox would write, knobs, files by hand.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Desk, NOON, webhook_of};

const PATIENCE: Duration = Duration::from_secs(30);

impl Desk {
    pub async fn knobs(&self, knobs: Value) {
        self.control("knobs", knobs).await;
    }

    /// Posts a webhook with this `X-Hub-Signature-256`, or without one.
    pub async fn post_webhook(&self, body: impl Into<Vec<u8>>, signature: Option<&str>) -> reqwest::Response {
        let mut request = self.http.post(format!("{}/webhooks/whatsapp", self.server.url()));
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.body(body.into()).send().await.unwrap()
    }

    pub async fn stats(&self) -> Value {
        self.get("/inbox/stats").await
    }

    pub async fn system(&self) -> Value {
        self.get("/system").await
    }

    pub async fn quarantine(&self) -> Vec<Value> {
        self.get("/inbox/quarantine?limit=200").await["items"].as_array().unwrap().clone()
    }

    pub async fn dead_jobs(&self) -> Vec<Value> {
        self.get("/jobs?state=dead&limit=200").await["items"].as_array().unwrap().clone()
    }

    /// The named states that hold.
    pub async fn degraded(&self) -> Vec<String> {
        let system = self.system().await;
        let states = system["degraded"].as_array().unwrap().clone();
        states.iter().map(|state| state["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until a named state holds (`true`) or no longer does.
    pub async fn until_degraded(&self, code: &str, holds: bool) {
        let began = Instant::now();
        while self.degraded().await.iter().any(|state| state == code) != holds {
            assert!(
                began.elapsed() < PATIENCE,
                "{code} does not become {holds}: {:?}",
                self.degraded().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every message of every ticket.
    pub async fn all_messages(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for ticket in self.tickets().await {
            let id = ticket["id"].as_str().unwrap().to_owned();
            let mut cursor = String::new();
            loop {
                let page = self.get(&format!("/tickets/{id}/messages?limit=200{cursor}")).await;
                all.extend(page["items"].as_array().unwrap().clone());
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
        }
        all
    }

    /// Every attachment of every message that came in.
    pub async fn attachments(&self) -> Vec<Value> {
        let messages = self.all_messages().await;
        messages.iter().flat_map(|m| m["attachments"].as_array().unwrap().clone()).collect()
    }

    pub async fn only_attachment(&self) -> Value {
        let all = self.attachments().await;
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0].clone()
    }

    pub async fn attachment(&self, id: &Value) -> Value {
        self.get(&format!("/attachments/{}", id.as_str().unwrap())).await
    }

    /// Puts a file on the sandbox's Graph API, as if a customer had sent it; returns its media id.
    pub async fn graph_media(&self, mime: &str, bytes: Vec<u8>) -> String {
        let sandbox = sandbox::Config::default();
        let part = reqwest::multipart::Part::bytes(bytes).file_name("f").mime_str(mime).unwrap();
        let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").part("file", part);
        let url = format!("{}/v25.0/{}/media", self.sandbox.base_url, sandbox.phone_number_id);
        let response =
            self.http.post(url).bearer_auth(&sandbox.tokens[0]).multipart(form).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        body["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
    }

    /// Where the sandbox says that a file is.
    pub async fn graph_resolve(&self, id: &str) -> Value {
        let url = format!("{}/v25.0/{id}", self.sandbox.base_url);
        let token = sandbox::Config::default().tokens.remove(0);
        self.http.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
    }

    /// A customer's message whose file object (`{"id", "mime_type", …}`) is written by hand; returns its attachment.
    pub async fn file_arrives(&self, kind: &str, name: &str, file: Value) -> Value {
        let mut message = json!({
            "from": "393331112223", "id": format!("wamid.{name}"), "type": kind,
            "timestamp": NOON.secs().to_string(),
        });
        message[kind] = file;
        let status = self.webhook(webhook_of("393331112223", vec![message]).to_string()).await;
        assert_eq!(status, 200);
        self.settle().await;
        let messages = self.all_messages().await;
        let wanted = format!("wamid.{name}");
        let found = messages.iter().find(|m| m["external_id"] == wanted.as_str()).unwrap();
        found["attachments"][0].clone()
    }
}

/// A PNG that says it is this large and holds almost nothing.
pub fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    for (name, data) in [(b"IHDR", header), (b"IDAT", vec![0x78, 0x9c, 3, 0, 0, 0, 0, 1]), (b"IEND", vec![])]
    {
        let mut body = name.to_vec();
        body.extend(&data);
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        out.extend(&body);
        out.extend(crc32(&body).to_be_bytes());
    }
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
