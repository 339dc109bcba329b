//! The sender of webhooks: as fast as the connections allow, or at a rate that does not wait for anybody.

use crate::{http::Connection, timing::Timings, webhooks::Sender};
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Meta gives up a delivery after about this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long a rate that cannot be kept goes on after its time: the sender shares the machine with the
/// receiver, and an overload beyond both would never end.
const OVERTIME: Duration = Duration::from_secs(5);
/// After a refused connection: long enough not to spin.
const RECONNECT_AFTER: Duration = Duration::from_millis(10);

/// Who receives.
pub struct Target {
    pub addr: SocketAddr,
    pub path: String,
    pub sender: Sender,
}

impl Target {
    pub fn new(webhook: &str, sender: Sender) -> Result<Self> {
        let rest = webhook.strip_prefix("http://").context("the webhook's address is not plain http")?;
        let (addr, path) = rest.split_once('/').context("the webhook's address has no path")?;
        Ok(Self { addr: addr.parse()?, path: format!("/{path}"), sender })
    }
}

#[derive(Clone, Copy)]
pub struct Plan {
    pub connections: usize,
    pub duration: Duration,
    /// Webhooks a second, whatever the answers; `None`: each connection sends when it has its answer.
    pub rate: Option<u32>,
    /// At most so many webhooks.
    pub count_max: u64,
    /// The number of the first one.
    pub first: u64,
}

impl Plan {
    pub fn closed(connections: usize, duration: Duration, first: u64) -> Self {
        Self { connections, duration, rate: None, count_max: u64::MAX, first }
    }
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Numbers of the webhooks that were answered with 200.
    pub acknowledged: Vec<u64>,
    /// Of those: from the moment it should have been sent.
    pub timings: Timings,
    /// 503.
    pub refused: u64,
    /// Any other answer, or none.
    pub other: u64,
    pub elapsed: Duration,
    /// The first number that was not used.
    pub next: u64,
}

pub async fn run(target: &Arc<Target>, plan: Plan) -> Result<Outcome> {
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let workers: Vec<_> = (0..plan.connections)
        .map(|_| tokio::spawn(work(Arc::clone(target), plan, Arc::clone(&next), start)))
        .collect();
    let mut outcome = Outcome::default();
    for worker in workers {
        let part = worker.await?;
        outcome.acknowledged.extend(part.acknowledged);
        outcome.timings.extend(part.timings);
        outcome.refused += part.refused;
        outcome.other += part.other;
    }
    outcome.elapsed = start.elapsed();
    outcome.next = plan.first + next.load(Ordering::Relaxed).min(plan.count_max);
    Ok(outcome)
}

async fn work(target: Arc<Target>, plan: Plan, next: Arc<AtomicU64>, start: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut connection = Connection::new(target.addr);
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let due = match plan.rate {
            Some(rate) => {
                start + Duration::from_nanos(index.saturating_mul(1_000_000_000) / u64::from(rate.max(1)))
            }
            None => Instant::now(),
        };
        if index >= plan.count_max
            || due.duration_since(start) >= plan.duration
            || start.elapsed() >= plan.duration.saturating_add(OVERTIME)
        {
            return outcome;
        }
        if plan.rate.is_some() {
            sleep_until(due).await;
        }
        let n = plan.first + index;
        let body = target.sender.body(n);
        let signature = target.sender.signature(body.as_bytes());
        let answer = timeout(ANSWER_WITHIN, connection.post(&target.path, body.as_bytes(), &signature)).await;
        match answer {
            Ok(Ok(200)) => {
                outcome.acknowledged.push(n);
                outcome.timings.add(due.elapsed());
            }
            Ok(Ok(503)) => outcome.refused += 1,
            Ok(Ok(_)) => outcome.other += 1,
            Ok(Err(_)) | Err(_) => {
                outcome.other += 1;
                connection = Connection::new(target.addr);
                sleep(RECONNECT_AFTER).await;
            }
        }
    }
}
