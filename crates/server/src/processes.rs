//! What this process tells the others of itself, and what is known of them.
//!
//! Each writes a row every ten seconds, and at once when a named state of its changes; the system's page of every web
//! process reads them all. What a process says of itself comes from its memory: a desk of one needs no row to be
//! honest, and trouble with the database hides none of its states.

use std::{sync::Arc, time::Duration};

use model::{Clock, Ids, Timestamp, ids::ProcessId};
use serde::Serialize;
use store::{
    Notice,
    processes::{self, Process},
};
use tokio::{sync::watch, time};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{AppError, to_json},
    health::{Degraded, FILES},
    serve::Roles,
};

const BEAT: Duration = Duration::from_secs(10);
/// States come and go in bunches when a line to somebody else is bad.
const TOGETHER: Duration = Duration::from_millis(200);
/// A process that said nothing for so long does not live. Clocks of machines that differ by more look like it, too.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long one that was not seen again is shown.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The place for files may keep a request for minutes; the next beat must not wait for it.
const PROBE_MAX: Duration = Duration::from_secs(5);

/// What this process is, from its start to its end.
#[derive(Debug)]
pub struct Own {
    pub id: ProcessId,
    pub roles: Roles,
    host: String,
    started_at: Timestamp,
}

impl Own {
    pub fn new(roles: Roles, clock: &dyn Clock, ids: &Ids) -> Self {
        let started_at = clock.now();
        Self { id: ProcessId::new(ids, started_at), roles, host: host(), started_at }
    }
}

/// The machine's name as its kernel tells it, or the environment where the kernel has no such file.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let told = told.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    match told.trim() {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// A process of this desk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ProcessState {
    pub id: String,
    /// `web` answers the console, the API and the channels; `worker` reads, fetches and sends.
    pub roles: Vec<String>,
    pub host: String,
    pub version: String,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
    /// Whether it was seen within the last minute. One that ended as it should is not in the list at all.
    pub is_alive: bool,
    /// The one that answers this request.
    pub is_this: bool,
    /// The named states that it was in when it was seen.
    pub degraded: Vec<Degraded>,
}

/// Every process of the last day, the oldest first.
pub async fn all(app: &App) -> Result<Vec<ProcessState>, AppError> {
    let now = app.clock.now();
    let mut all: Vec<ProcessState> = processes::seen(&app.db, now.minus(KEPT))
        .await?
        .into_iter()
        .filter(|row| row.id != app.own.id)
        .map(|row| told(row, now))
        .collect();
    let own = ProcessState { is_this: true, ..told(row(app)?, now) };
    all.push(own);
    all.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
    Ok(all)
}

/// The named states of all that live, each once, and that of a desk where nobody works.
pub fn degraded(all: &[ProcessState]) -> Vec<Degraded> {
    let alive = || all.iter().filter(|process| process.is_alive);
    let mut states = Vec::new();
    if !alive().any(|process| process.roles.iter().any(|role| role == WORKER)) {
        states.push(Degraded {
            code: "no_worker".to_owned(),
            message: "No worker is running: messages come in safely and are not read. Start `sportello serve --role worker`".to_owned(),
        });
    }
    for state in alive().flat_map(|process| &process.degraded) {
        if !states.contains(state) {
            states.push(state.clone());
        }
    }
    states
}

const WEB: &str = "web";
const WORKER: &str = "worker";

fn row(app: &App) -> Result<Process, AppError> {
    let own = &app.own;
    let held = [(own.roles.web, WEB), (own.roles.worker, WORKER)];
    let roles: Vec<&str> = held.into_iter().filter_map(|(holds, name)| holds.then_some(name)).collect();
    Ok(Process {
        id: own.id.clone(),
        roles: roles.join(","),
        host: own.host.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: own.started_at,
        seen_at: app.clock.now(),
        degraded: to_json("the degraded states", &app.degraded())?,
    })
}

fn told(row: Process, now: Timestamp) -> ProcessState {
    let silence = now.since(row.seen_at).max(row.seen_at.since(now));
    let degraded = serde_json::from_str(&row.degraded).unwrap_or_else(|_| {
        vec![Degraded {
            code: "unknown_states".to_owned(),
            message: format!("The states of a process of version {} cannot be read by this one", row.version),
        }]
    });
    ProcessState {
        id: row.id.0,
        roles: row.roles.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect(),
        host: row.host,
        version: row.version,
        started_at: row.started_at,
        seen_at: row.seen_at,
        is_alive: silence <= SILENCE_MAX,
        is_this: false,
        degraded,
    }
}

/// Tells the others that this process lives and how it is, until told to stop.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut last = Last::default();
    while !*stop.borrow() {
        probe_files(&app).await;
        if let Err(error) = beat(&app, &mut last).await {
            tracing::warn!(%error, "the other processes could not be told that this one lives");
        }
        tokio::select! {
            () = time::sleep(BEAT) => {}
            () = news(&app) => {}
            _ = stop.changed() => {}
        }
    }
    if let Err(error) = leave(&app).await {
        tracing::warn!(%error, "the other processes could not be told that this one ends; they see it by its silence");
    }
}

/// A state was entered or left, and what changes with it had its moment: one write tells all of it.
async fn news(app: &App) {
    app.health.changed().await;
    time::sleep(TOGETHER).await;
}

/// What was told last, so that screens hear of changes and of nothing else.
#[derive(Default)]
struct Last {
    own: Option<String>,
    others: Vec<(String, bool, Vec<Degraded>)>,
}

async fn beat(app: &App, last: &mut Last) -> Result<(), AppError> {
    let row = row(app)?;
    let is_news = last.own.as_ref() != Some(&row.degraded);
    let mut tx = app.db.begin().await?;
    processes::beat(&mut tx, &row).await?;
    processes::forget(&mut tx, row.seen_at.minus(KEPT)).await?;
    if is_news {
        tx.notify(Notice::System);
    }
    tx.commit().await?;
    last.own = Some(row.degraded);
    // Who fell silent tells nobody: each process sees it by itself, for its own screens.
    let others = all(app).await?.into_iter().filter(|process| !process.is_this);
    let others = others.map(|process| (process.id, process.is_alive, process.degraded)).collect();
    if last.others != others {
        last.others = others;
        app.db.announce(Notice::System);
    }
    Ok(())
}

async fn leave(app: &App) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    processes::remove(&mut tx, &app.own.id).await?;
    tx.notify(Notice::System);
    Ok(tx.commit().await?)
}

/// Trouble with the place for files is over when it takes a file again; asked only while there is trouble.
async fn probe_files(app: &App) {
    if !app.health.holds(FILES) {
        return;
    }
    match time::timeout(PROBE_MAX, app.blobs.healthcheck(app.clock.now())).await {
        Ok(Ok(())) => {
            app.health.leave(FILES);
            tracing::info!("the place for files works again");
        }
        Ok(Err(error)) => app.health.files_failed(&error),
        Err(_) => {}
    }
}
