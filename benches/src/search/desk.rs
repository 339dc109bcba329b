//! A desk that is written by SQL, and the server on it.

use super::words::{Words, phone};
use crate::process::Process;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const TICKETS_AT_ONCE: usize = 500;
const READY_WITHIN: Duration = Duration::from_secs(120);
const POLL_EVERY: Duration = Duration::from_millis(200);
/// 1 May 2026, in microseconds.
const START: i64 = 1_777_593_600_000_000;
const MINUTE: i64 = 60_000_000;

pub enum Engine {
    Sqlite,
    /// A server on which a database is made.
    Postgres(String),
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Engine {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// A desk on which nobody works yet.
pub struct Desk {
    dir: PathBuf,
    address: String,
    token: String,
}

/// The server on it.
pub struct Running {
    process: Process,
    address: String,
    token: String,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Found {
    items: Vec<Value>,
    #[serde(default)]
    not_yet_indexed: Option<i64>,
}

impl Desk {
    pub async fn write(
        engine: &Engine,
        dir: &Path,
        words: &Words,
        tickets: usize,
        messages: usize,
    ) -> Result<Self> {
        std::fs::create_dir_all(dir)?;
        let dir = dir.canonicalize()?;
        let url = match engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres(server) => fresh(server).await?,
        };
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let database = if url.is_empty() { String::new() } else { format!("[database]\nurl = \"{url}\"\n") };
        let settings = format!(
            "[server]\nlisten = \"{address}\"\nmetrics_listen = \"\"\n[data]\ndir = \"{}\"\n{database}[analysis]\nenabled = false\n",
            dir.join("data").display()
        );
        std::fs::write(dir.join("sportello.toml"), settings)?;
        let migrated = sportello(&dir)?.arg("migrate").output()?;
        ensure!(migrated.status.success(), "no tables: {}", String::from_utf8_lossy(&migrated.stderr));
        let made = sportello(&dir)?.args(["token", "add", "bench"]).output()?;
        ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
        let printed = String::from_utf8(made.stdout)?;
        let token = printed.split_whitespace().last().context("no token was printed")?.to_owned();
        let pool = match engine {
            Engine::Sqlite => Pool::Sqlite(
                SqlitePool::connect(&format!("sqlite:{}", dir.join("data/sportello.sqlite").display()))
                    .await?,
            ),
            Engine::Postgres(_) => Pool::Postgres(PgPool::connect(&url).await?),
        };
        fill(&pool, words, tickets, messages).await?;
        Ok(Self { dir, address, token })
    }

    pub async fn start(self) -> Result<Running> {
        let log = self.dir.join("log");
        let (process, _) = Process::spawn(sportello(&self.dir)?.arg("serve"), &log)?;
        let mut running =
            Running { process, address: self.address, token: self.token, client: reqwest::Client::new() };
        let begin = Instant::now();
        while running.get("/api/v1/tickets?limit=1").await.is_err() {
            if !running.process.is_running()? || begin.elapsed() > READY_WITHIN {
                bail!("the server did not start; see {}", log.display());
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
        Ok(running)
    }
}

impl Running {
    /// Waits until the index holds every ticket.
    pub async fn filled(&self) -> Result<Duration> {
        let begin = Instant::now();
        while self.page("/api/v1/search?q=x").await?.not_yet_indexed.is_some() {
            tokio::time::sleep(POLL_EVERY).await;
        }
        Ok(begin.elapsed())
    }

    pub async fn get(&self, path: &str) -> Result<Vec<Value>> {
        Ok(self.page(path).await?.items)
    }

    async fn page(&self, path: &str) -> Result<Found> {
        let request = self.client.get(format!("http://{}{path}", self.address)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    pub fn stop(self) -> Result<()> {
        self.process.terminate(READY_WITHIN).map(drop)
    }
}

fn sportello(dir: &Path) -> Result<Command> {
    let binary = match std::env::var_os("SPORTELLO_BIN") {
        Some(path) => path.into(),
        None => std::env::current_exe()?.with_file_name("sportello"),
    };
    let mut command = Command::new(binary);
    command.current_dir(dir).args(["--config", "sportello.toml"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SPORTELLO_")) {
        command.env_remove(name);
    }
    Ok(command)
}

async fn fresh(server: &str) -> Result<String> {
    let pool = PgPool::connect(server).await?;
    pool.execute("drop database if exists bench_search").await?;
    pool.execute("create database bench_search").await?;
    pool.close().await;
    let (base, _) = server.rsplit_once('/').context("the address of a PostgreSQL ends with a database")?;
    Ok(format!("{base}/bench_search"))
}

/// Everything in one transaction, in batches of tickets.
async fn fill(pool: &Pool, words: &Words, tickets: usize, messages: usize) -> Result<()> {
    match pool {
        Pool::Sqlite(pool) => {
            let mut tx = pool.begin().await?;
            for from in (0..tickets).step_by(TICKETS_AT_ONCE) {
                for table in batch(words, from..tickets.min(from + TICKETS_AT_ONCE), messages) {
                    sqlx::query(AssertSqlSafe(table.sql(true))).bind(table.rows()?).execute(&mut *tx).await?;
                }
            }
            sqlx::query(AssertSqlSafe(unfilled(tickets))).execute(&mut *tx).await?;
            tx.commit().await?;
            sqlx::query("analyze").execute(pool).await?;
            pool.close().await;
        }
        Pool::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            for from in (0..tickets).step_by(TICKETS_AT_ONCE) {
                for table in batch(words, from..tickets.min(from + TICKETS_AT_ONCE), messages) {
                    sqlx::query(AssertSqlSafe(table.sql(false)))
                        .bind(table.rows()?)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            sqlx::query(AssertSqlSafe(unfilled(tickets))).execute(&mut *tx).await?;
            tx.commit().await?;
            pool.execute("vacuum analyze").await?;
            pool.close().await;
        }
    }
    Ok(())
}

fn unfilled(tickets: usize) -> String {
    format!("update search_fill set position = {}, total = {tickets} where id = 1", tickets + 1)
}

/// Rows of one table, each an array in the order of the columns.
struct Table {
    name: &'static str,
    /// With their types.
    columns: &'static str,
    rows: Vec<Value>,
}

impl Table {
    fn rows(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.rows)?)
    }

    fn sql(&self, is_sqlite: bool) -> String {
        let columns: Vec<(&str, &str)> =
            self.columns.split(", ").filter_map(|one| one.split_once(' ')).collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(n, (_, kind))| {
                if is_sqlite {
                    format!("json_extract(value, '$[{n}]')")
                } else {
                    format!("(value->>{n})::{kind}")
                }
            })
            .collect();
        let source = if is_sqlite { "json_each($1)" } else { "json_array_elements($1::json)" };
        format!("insert into {} ({}) select {} from {source}", self.name, names.join(", "), values.join(", "))
    }
}

/// A ticket is a contact who wrote, was answered, and sent a picture.
fn batch(words: &Words, tickets: std::ops::Range<usize>, messages: usize) -> Vec<Table> {
    let table = |name, columns| Table { name, columns, rows: Vec::new() };
    let mut channel = table("channels", "id text, kind text, account text, name text, created_at bigint");
    let mut contacts =
        table("contacts", "id text, name text, language text, created_at bigint, updated_at bigint");
    let mut identities = table("identities", "kind text, value text, contact_id text, first_seen_at bigint");
    let mut conversations =
        table("conversations", "id text, contact_id text, channel_id text, last_inbound_at bigint");
    let mut rows = table(
        "tickets",
        "id text, number bigint, conversation_id text, contact_id text, channel_id text, status text, priority text, subject text, tags text, last_message_id text, attachment_count bigint, last_activity_at bigint, created_at bigint, updated_at bigint",
    );
    let mut said = table(
        "messages",
        "id text, ticket_id text, conversation_id text, channel_id text, direction text, kind text, text text, content text, riders text, external_id text, status text, position text, sent_at bigint, created_at bigint",
    );
    let mut files = table(
        "attachments",
        "id text, message_id text, ticket_id text, contact_id text, channel_id text, kind text, state text, file_name text, is_voice boolean, created_at bigint, updated_at bigint",
    );
    let mut analyses = table(
        "analyses",
        "id text, attachment_id text, number bigint, is_current boolean, is_complete boolean, verdict text, text text, ms text, failed text, findings text, created_at bigint",
    );
    if tickets.start == 0 {
        channel.rows.push(json!(["CH", "whatsapp", "1", "Support", START]));
    }
    for n in tickets {
        let (number, minutes) = (n + 1, i64::try_from(n).unwrap_or(0));
        let opened = START + minutes * MINUTE;
        let (contact, talk, ticket) =
            (format!("C{number:025}"), format!("V{number:025}"), format!("T{number:025}"));
        let status = if n % 50 == 0 {
            "waiting"
        } else if n % 10 == 0 {
            "open"
        } else {
            "solved"
        };
        contacts.rows.push(json!([contact, format!("Name{} Surname{}", n % 997, n), "it", opened, opened]));
        identities.rows.push(json!(["wa_id", phone(n), contact, opened]));
        conversations.rows.push(json!([talk, contact, "CH", opened]));
        let last = format!("M{number:015}{:010}", messages.saturating_sub(1));
        let ended = opened + i64::try_from(messages).unwrap_or(0) * MINUTE;
        rows.rows.push(json!([
            ticket, number, talk, contact, "CH", status, "normal", null, "[]", last, 1, ended, opened, ended
        ]));
        for m in 0..messages {
            let id = format!("M{number:015}{m:010}");
            let at = opened + i64::try_from(m + 1).unwrap_or(0) * MINUTE;
            let text = words.sentence(n, m);
            let content = json!({ "kind": "text", "body": text }).to_string();
            let direction = if m % 2 == 0 { "in" } else { "out" };
            said.rows.push(json!([
                id, ticket, talk, "CH", direction, "text", text, content, "{}", id, "read", id, at, at
            ]));
        }
        let file = format!("A{number:025}");
        let brought = format!("M{number:015}{:010}", 0);
        files.rows.push(json!([
            file,
            brought,
            ticket,
            contact,
            "CH",
            "image",
            "ready",
            format!("IMG_{number}.jpg"),
            false,
            opened,
            opened
        ]));
        let lines = words.label(n);
        let finding = |line: &String| json!({ "kind": "text.line", "value": line, "confidence": 0.9, "region": { "points": [[1, 1], [90, 1], [90, 9], [1, 9]] }, "why": "letters", "analyzer": "local.text", "version": "1" });
        let findings = Value::from(lines.iter().map(finding).collect::<Vec<_>>()).to_string();
        analyses.rows.push(json!([
            file,
            file,
            1,
            true,
            true,
            "usable",
            lines.join("\n"),
            "{}",
            "{}",
            findings,
            opened
        ]));
    }
    let tables = vec![channel, contacts, identities, conversations, rows, said, files, analyses];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}
