//! The product as a stranger meets it: a command, a line of JSON, a webhook and a REST API.

use crate::process::Process;
use crate::{load::Target, webhooks::Sender};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const READY_WITHIN: Duration = Duration::from_secs(60);
const ENDS_WITHIN: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(100);
const PAGE: usize = 100;

/// The one place that knows how a server with a sandbox is started on a folder.
fn command(dir: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command
        .args(["demo", "--json", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--dir"])
        .arg(dir);
    Ok(command)
}

/// `SPORTELLO_BIN`, or the one that was built beside us.
fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("SPORTELLO_BIN") {
        return Ok(path.into());
    }
    let path = std::env::current_exe()?.with_file_name("sportello");
    if !path.is_file() {
        bail!("{} is missing: start this through `cargo dev`, which builds it", path.display());
    }
    Ok(path)
}

/// The line that `sportello demo --json` prints.
#[derive(Clone, Debug, Deserialize)]
pub struct Ready {
    /// Where the console and the REST API are.
    pub console: String,
    pub webhook: String,
    pub api_token: String,
    pub graph: Graph,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Graph {
    /// Where the sandbox is, its control API too.
    pub base_url: String,
    pub phone_number_id: String,
    pub waba_id: String,
    pub app_secret: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct InboxStats {
    pub received: usize,
    pub quarantined: usize,
    pub waiting: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Ticket {
    pub id: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub direction: String,
    pub text: Option<String>,
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Attachment {
    pub id: String,
    pub state: String,
    pub sha256: Option<String>,
    pub analysis: Option<Analysis>,
}

/// What was said of a file: its quality at first, and then the rest.
#[derive(Clone, Debug, Deserialize)]
pub struct Analysis {
    pub is_complete: bool,
    pub failed: serde_json::Map<String, serde_json::Value>,
}

/// A file that leaves a customer's phone.
#[derive(Clone, Debug)]
pub struct Upload {
    /// `document`, whose bytes stay untouched, or `photo`, which is made smaller and plainer on the way.
    pub form: &'static str,
    pub caption: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(default)]
    next: Option<String>,
}

/// A running server and sandbox; killed on drop.
pub struct Product {
    pub process: Process,
    pub ready: Ready,
    /// From the start of the process to its line.
    pub started_in: Duration,
    client: reqwest::Client,
}

impl Product {
    /// Starts on an empty or existing folder; the log goes to a file beside it.
    pub fn start(dir: &Path) -> Result<Self> {
        let begin = Instant::now();
        let (process, line) = Process::start(&mut command(dir)?, &log(dir), READY_WITHIN)?;
        let started_in = begin.elapsed();
        let ready = serde_json::from_str(&line).with_context(|| format!("not the promised JSON: {line}"))?;
        Ok(Self { process, ready, started_in, client: reqwest::Client::new() })
    }

    /// Starts and kills while it is still starting.
    pub fn start_and_kill(dir: &Path, after: Duration) -> Result<()> {
        let (process, lines) = Process::spawn(&mut command(dir)?, &log(dir))?;
        // Ready or not, or ended on its own: all the same here.
        let _ = lines.recv_timeout(after);
        process.kill()
    }

    /// SIGTERM; an end that is not clean is an error.
    pub fn stop(self) -> Result<()> {
        let status = self.process.terminate(ENDS_WITHIN)?;
        if !status.success() {
            bail!("the server did not end cleanly: {status}");
        }
        Ok(())
    }

    pub fn target(&self, customers: u64) -> Result<Arc<Target>> {
        let graph = &self.ready.graph;
        let sender = Sender::new(&graph.app_secret, &graph.phone_number_id, &graph.waba_id, customers)?;
        Ok(Arc::new(Target::new(&self.ready.webhook, sender)?))
    }

    pub async fn inbox(&self) -> Result<InboxStats> {
        self.json("/api/v1/inbox/stats").await
    }

    /// Waits until everything received has been read; an error when nothing moves for `patience`.
    pub async fn settle(&self, patience: Duration) -> Result<InboxStats> {
        let mut stats = self.inbox().await?;
        let mut moved = Instant::now();
        while stats.waiting > 0 {
            tokio::time::sleep(POLL_EVERY).await;
            let now = self.inbox().await?;
            if now.waiting < stats.waiting {
                moved = Instant::now();
            }
            if moved.elapsed() > patience {
                bail!("{} webhooks wait and none was read for {patience:?}", now.waiting);
            }
            stats = now;
        }
        Ok(stats)
    }

    pub async fn tickets(&self) -> Result<Vec<Ticket>> {
        self.all("/api/v1/tickets").await
    }

    pub async fn messages(&self, ticket: &Ticket) -> Result<Vec<Message>> {
        self.all(&format!("/api/v1/tickets/{}/messages", ticket.id)).await
    }

    /// The bytes that the customer sent.
    pub async fn original(&self, attachment: &Attachment) -> Result<bytes::Bytes> {
        let path = format!("/api/v1/attachments/{}/content?rendition=original", attachment.id);
        Ok(self.get(&path).await?.bytes().await?)
    }

    /// A customer of the sandbox, made on first use; returns their id there.
    pub async fn customer(&self, phone: &str) -> Result<String> {
        let body = serde_json::json!({"phone": phone, "name": format!("Customer {phone}")});
        let request = self.client.post(self.sandbox("customers")).json(&body);
        let customer: serde_json::Value = request.send().await?.error_for_status()?.json().await?;
        let id = customer.get("id").and_then(|id| id.as_str()).context("the customer has no id")?;
        Ok(id.to_owned())
    }

    /// Lets a customer of the sandbox send a file. Returns when the sandbox has accepted it.
    pub async fn send(&self, phone: &str, upload: Upload) -> Result<()> {
        let customer = self.customer(phone).await?;
        self.send_as(&customer, upload).await
    }

    pub async fn send_as(&self, customer: &str, upload: Upload) -> Result<()> {
        let file = reqwest::multipart::Part::bytes(upload.bytes).file_name(upload.name);
        let form = reqwest::multipart::Form::new()
            .text("as", upload.form)
            .text("text", upload.caption)
            .part("file", file);
        self.write(customer, form).await
    }

    pub async fn say(&self, customer: &str, text: &str) -> Result<()> {
        let form = reqwest::multipart::Form::new().text("as", "text").text("text", text.to_owned());
        self.write(customer, form).await
    }

    async fn write(&self, customer: &str, form: reqwest::multipart::Form) -> Result<()> {
        let url = self.sandbox(&format!("customers/{customer}/messages"));
        self.client.post(url).multipart(form).send().await?.error_for_status()?;
        Ok(())
    }

    /// What the customer's phone has received, oldest first.
    pub async fn heard(&self, customer: &str) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Shown {
            direction: String,
            text: Option<String>,
        }
        let url = self.sandbox(&format!("customers/{customer}/messages"));
        let page: Page<Shown> = self.client.get(url).send().await?.error_for_status()?.json().await?;
        let received = page.items.into_iter().filter(|shown| shown.direction == "in");
        Ok(received.map(|shown| shown.text.unwrap_or_default()).collect())
    }

    fn sandbox(&self, path: &str) -> String {
        format!("{}/sandbox/{path}", self.ready.graph.base_url.trim_end_matches('/'))
    }

    /// A call that changes something.
    pub async fn call(&self, method: reqwest::Method, path: &str, body: &serde_json::Value) -> Result<()> {
        let url = format!("{}{path}", self.ready.console.trim_end_matches('/'));
        let request = self.client.request(method, url).bearer_auth(&self.ready.api_token).json(body);
        request.send().await?.error_for_status().with_context(|| format!("{path} was refused"))?;
        Ok(())
    }

    pub async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let url = format!("{}{path}", self.ready.console.trim_end_matches('/'));
        let answer = self.client.get(url).bearer_auth(&self.ready.api_token).send().await?;
        answer.error_for_status().context("the REST API refused")
    }

    async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let bytes = self.get(path).await?.bytes().await?;
        serde_json::from_slice(&bytes).with_context(|| format!("unexpected answer to {path}"))
    }

    async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<T> = self.json(&format!("{path}?limit={PAGE}{cursor}")).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }
}

fn log(dir: &Path) -> PathBuf {
    dir.with_extension("log")
}
