//! The bound: a handler that verifies the signature and shares an fsync with everybody who waits for one,
//! and does nothing else. No parsing, no index, one writer thread, one prepared statement.

use crate::process::Process;
use anyhow::{Result, anyhow};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use model::{Clock, SystemClock};
use sha2::Sha256;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

const QUEUE_MAX: usize = 8_192;
const BATCH_MAX: usize = 512;

/// This program again, as a process of its own, like the others.
pub fn start(database: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bound").arg(database);
    Process::start(&mut command, &database.with_extension("log"), Duration::from_secs(10))
}

struct Waiting {
    body: Bytes,
    stored: oneshot::Sender<()>,
}

struct Shared {
    key: Hmac<Sha256>,
    queue: SyncSender<Waiting>,
}

/// Serves until it is killed; prints its address.
pub async fn serve(database: &Path) -> Result<()> {
    let (queue, waiting) = sync_channel(QUEUE_MAX);
    let db = rusqlite::Connection::open(database)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.execute_batch(
        "create table inbox (id integer primary key, received_at integer not null, body blob not null)",
    )?;
    // A failed commit ends the thread; its waiters see the channel close and answer 500.
    std::thread::spawn(move || {
        if let Err(error) = write(&db, &waiting) {
            eprintln!("{error}");
        }
    });
    let key = Hmac::new_from_slice(super::SECRET.as_bytes()).map_err(|_| anyhow!("unusable secret"))?;
    let router = Router::new().route("/webhook", post(receive)).with_state(Arc::new(Shared { key, queue }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}/webhook", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let signature = signature.and_then(|value| hex::decode(value.strip_prefix("sha256=")?).ok());
    let mut mac = shared.key.clone();
    mac.update(&body);
    if signature.is_none_or(|signature| mac.verify_slice(&signature).is_err()) {
        return StatusCode::UNAUTHORIZED;
    }
    let (stored, answer) = oneshot::channel();
    if shared.queue.try_send(Waiting { body, stored }).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match answer.await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Takes whatever has gathered during the last fsync: batches form by themselves, no timer is needed.
fn write(db: &rusqlite::Connection, queue: &Receiver<Waiting>) -> Result<()> {
    let mut insert = db.prepare("insert into inbox (received_at, body) values (?1, ?2)")?;
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while let Ok(first) = queue.recv() {
        batch.push(first);
        while batch.len() < BATCH_MAX
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        let now = SystemClock.now().micros();
        db.execute_batch("begin immediate")?;
        for waiting in &batch {
            insert.execute((now, waiting.body.as_ref()))?;
        }
        db.execute_batch("commit")?;
        for waiting in batch.drain(..) {
            // The sender may have hung up; its body is stored all the same.
            let _ = waiting.stored.send(());
        }
    }
    Ok(())
}
