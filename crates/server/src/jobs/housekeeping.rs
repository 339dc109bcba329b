//! What is looked at from time to time: leases that ran out, bodies that were read long ago, gauges, disk space.

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use store::{attachments, inbox, jobs};
use tokio::{sync::watch, time};

use super::SearchFill;
use crate::{app::App, error::AppError};

const EVERY: Duration = Duration::from_secs(10);
/// Rows removed in one transaction.
const PRUNE_ROWS: i64 = 1_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut last_seen = app.clock.now();
    while !*stop.borrow() {
        if let Err(error) = look(&app).await {
            tracing::warn!(%error, "housekeeping was put off");
        }
        last_seen = watch_clock(&app, last_seen);
        tokio::select! {
            () = time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn look(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    jobs::rescue(&app.db, now, false).await?;
    SearchFill::watch(app).await?;
    let (unfetched, oldest) = attachments::unfetched(&app.db, now).await?;
    gauge("sportello_media_unfetched", unfetched);
    metrics::gauge!("sportello_media_oldest_unfetched_seconds").set(oldest.unwrap_or_default().as_secs_f64());
    if oldest.is_some_and(|age| age > DAY) {
        app.health.enter("media_waiting", "A customer's file has been waiting for more than a day; WhatsApp forgets it after seven. Look at the ticket's attachment for the reason");
    } else {
        app.health.leave("media_waiting");
    }
    let stats = app.inbox.stats().await?;
    gauge("sportello_inbox_waiting", stats.waiting);
    gauge("sportello_inbox_quarantined", stats.quarantined);
    gauge("sportello_jobs_dead", jobs::count(&app.db, "dead").await?);
    let keep = DAY.saturating_mul(u32::try_from(app.config.data.inbox_days).unwrap_or(u32::MAX));
    inbox::prune(app.inbox.db(), now.minus(keep), PRUNE_ROWS).await?;
    Ok(())
}

fn gauge(name: &'static str, value: i64) {
    metrics::gauge!(name).set(f64::from(i32::try_from(value).unwrap_or(i32::MAX)));
}

/// A clock that jumps back is named: times of messages and retries are off until it catches up.
fn watch_clock(app: &App, last_seen: Timestamp) -> Timestamp {
    let now = app.clock.now();
    if last_seen.since(now) > Duration::from_secs(5) {
        app.health.enter("clock_backwards", "The machine's clock went backwards; nothing is lost, but times are off. Check its time synchronisation");
        last_seen
    } else {
        app.health.leave("clock_backwards");
        now
    }
}
