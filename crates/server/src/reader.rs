//! From stored bodies to messages: the only reader of the inbox.
//!
//! A batch of bodies is applied in one transaction and marked read after its commit; a crash in between
//! reads them again, and the unique keys find nothing new. A body that cannot be applied is tried alone,
//! and quarantined when it fails alone, so that it holds nobody up and is never retried for ever.

mod apply;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use store::{
    Notice,
    inbox::{Outcome, Waiting},
    leases,
};
use tokio::{sync::watch, time};

use crate::{app::App, error::AppError, jobs};

/// Bodies in one transaction.
const BATCH: i64 = 64;
/// Acknowledging comes before reading: for so many senders that wait for the disk, reading rests once more for as
/// long as it worked.
const SENDERS_A_REST: usize = 4;
const RESTS_MAX: u32 = 9;
const REST_MAX: Duration = Duration::from_secs(2);
/// How long an idle reader sleeps before it looks by itself.
const IDLE: Duration = Duration::from_secs(2);
const LEASE: Duration = Duration::from_secs(15);
/// How long to wait before a database that is busy or away is asked again.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// Reads until told to stop.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let owner = app.ids.ulid(app.clock.now());
    let mut notices = app.inbox.db().notices();
    while !*stop.borrow() {
        let began = Instant::now();
        let pause = match turn(&app, &owner).await {
            Ok(0) => None,
            Ok(_) => {
                let rests =
                    u32::try_from(app.inbox.senders() / SENDERS_A_REST).unwrap_or(RESTS_MAX).min(RESTS_MAX);
                if rests == 0 {
                    continue;
                }
                Some((began.elapsed() * rests).min(REST_MAX))
            }
            Err(error) => {
                tracing::error!(%error, "the inbox cannot be read for the moment; bodies wait");
                Some(TROUBLE_PAUSE)
            }
        };
        tokio::select! {
            () = time::sleep(pause.unwrap_or(IDLE)) => {}
            () = jobs::noticed(&mut notices, &Notice::Inbox), if pause.is_none() => {}
            _ = stop.changed() => {}
        }
    }
    if let Err(error) = leases::release(&app.db, "reader", &owner).await {
        tracing::warn!(%error, "the reader's lease could not be given up; it runs out by itself");
    }
}

/// Reads one batch; returns how many bodies it was. With several processes, only the holder of the lease reads.
async fn turn(app: &Arc<App>, owner: &str) -> Result<usize, AppError> {
    let bodies = app.inbox.waiting(0, BATCH).await?;
    if bodies.is_empty() || !leases::hold(&app.db, "reader", owner, app.clock.now(), LEASE).await? {
        return Ok(0);
    }
    let count = bodies.len();
    let ids: Vec<i64> = bodies.iter().map(|body| body.id).collect();
    let bodies = Arc::new(bodies);
    let marks = match attempt(app, bodies.clone(), 0..count).await {
        Attempt::Applied(marks) => marks,
        Attempt::Later(error) => return Err(error),
        Attempt::Failed(_) => one_by_one(app, &bodies).await?,
    };
    store::fault("reader.mark")?;
    app.inbox.mark(ids.into_iter().zip(marks).collect()).await?;
    Ok(count)
}

async fn one_by_one(app: &Arc<App>, bodies: &Arc<Vec<Waiting>>) -> Result<Vec<Outcome>, AppError> {
    let mut marks = Vec::new();
    for index in 0..bodies.len() {
        match attempt(app, bodies.clone(), index..index + 1).await {
            Attempt::Applied(mark) => marks.extend(mark),
            Attempt::Later(error) => return Err(error),
            Attempt::Failed(why) => {
                tracing::error!(
                    inbox_id = bodies.get(index).map(|b| b.id),
                    why,
                    "a body could not be applied and is quarantined"
                );
                marks.push(Outcome::Quarantined(why));
            }
        }
    }
    Ok(marks)
}

enum Attempt {
    Applied(Vec<Outcome>),
    /// The database is busy or away: nothing is wrong with the bodies.
    Later(AppError),
    Failed(String),
}

/// Applies some bodies in a task of their own, so that a panic ends the attempt and not the reader.
async fn attempt(app: &Arc<App>, bodies: Arc<Vec<Waiting>>, range: std::ops::Range<usize>) -> Attempt {
    let task = {
        let app = app.clone();
        tokio::spawn(async move { apply_all(&app, bodies.get(range).unwrap_or_default()).await })
    };
    match task.await {
        Ok(Ok(marks)) => Attempt::Applied(marks),
        Ok(Err(error)) if error.is_transient() => Attempt::Later(error),
        Ok(Err(error)) => Attempt::Failed(error.to_string()),
        Err(panic) => Attempt::Failed(format!("the reader panicked on it: {panic}")),
    }
}

pub(crate) async fn apply_all(app: &App, bodies: &[Waiting]) -> Result<Vec<Outcome>, AppError> {
    let mut tx = app.db.begin().await?;
    let mut marks = Vec::new();
    for body in bodies {
        store::fault("reader.apply")?;
        marks.push(apply::body(&mut tx, app, body).await?);
    }
    tx.commit().await?;
    metrics::counter!("sportello_inbox_read_total").increment(u64::try_from(bodies.len()).unwrap_or(0));
    Ok(marks)
}
