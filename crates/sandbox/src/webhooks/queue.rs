//! Webhooks that wait for their 200.
//!
//! Each keeps its place until it is delivered or seven days (of the sandbox's clock) have passed;
//! repetitions come after growing pauses of the machine's clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::knobs::Knobs;

/// Meta gives up after a week.
pub const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long `batch` and `reorder` wait for company.
const HOLD: Duration = Duration::from_millis(300);
const IN_FLIGHT_MAX: usize = 32;
pub const QUEUE_MAX: usize = 100_000;
const REORDER_MAX: usize = 64;
/// Of those that are due, looked at for one whose customer is free.
const LOOKED_AT_MAX: usize = 1_024;

/// One element of `changes`, and the customer's message that it carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Update {
    pub change: Value,
    pub wamid: Option<String>,
    /// What concerns one customer goes out one after the other, as it mostly does at Meta.
    #[serde(default)]
    pub customer: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pub id: u64,
    pub at: Timestamp,
    pub updates: Vec<Update>,
    /// Extra deliveries after the first that succeeds.
    pub repeats: u32,
    #[serde(default)]
    pub attempts: u32,
}

impl Delivery {
    fn customers(&self) -> impl Iterator<Item = u64> {
        self.updates.iter().filter_map(|update| update.customer)
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct LogRow {
    pub id: String,
    pub at: Timestamp,
    pub url: String,
    pub status: Option<u16>,
    pub attempts: u32,
    pub body: String,
    pub note: Option<String>,
}

pub enum Take {
    /// To be posted one after the other.
    Ready(Vec<Delivery>),
    At(Instant),
    Idle,
}

#[derive(Default)]
pub struct Queue {
    waiting: BTreeMap<u64, Delivery>,
    /// When those that are not being delivered right now are due.
    schedule: BTreeSet<(Instant, u64)>,
    /// Those under way, each with the customers it concerns.
    in_flight: BTreeMap<u64, Vec<u64>>,
    delivered: u64,
    failed: u64,
    last_status: Option<u16>,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn all(&self) -> impl Iterator<Item = &Delivery> {
        self.waiting.values()
    }

    pub fn restore(&mut self, delivery: Delivery) {
        let id = delivery.id;
        if self.waiting.insert(id, delivery).is_none() {
            self.schedule.insert((Instant::now(), id));
        }
    }

    pub fn forget(&mut self, id: u64) {
        self.waiting.remove(&id);
        self.schedule.retain(|(_, scheduled)| *scheduled != id);
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
        self.schedule.clear();
        (self.delivered, self.failed, self.last_status) = (0, 0, None);
    }

    pub fn push(&mut self, delivery: Delivery, knobs: &Knobs, after: Duration) {
        let mut due = Instant::now() + after + Duration::from_millis(knobs.delay_ms);
        if knobs.holds() {
            due += HOLD;
        }
        self.schedule.insert((due, delivery.id));
        self.waiting.insert(delivery.id, delivery);
        let full = usize::try_from(knobs.batch).is_ok_and(|n| n > 1 && self.schedule.len() >= n);
        if full && knobs.delay_ms == 0 {
            self.hurry();
        }
    }

    /// Everything that waits is due now: the clock was moved or the address changed.
    pub fn hurry(&mut self) {
        let now = Instant::now();
        self.schedule = std::mem::take(&mut self.schedule).into_iter().map(|(_, id)| (now, id)).collect();
    }

    /// What to post next. Batches are merged into their first delivery; the second list names those that merged.
    pub fn take(&mut self, now: Instant, knobs: &Knobs) -> (Take, Vec<u64>) {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return (Take::Idle, Vec::new());
        }
        let due_now = self.schedule.iter().take_while(|(due, _)| *due <= now).take(LOOKED_AT_MAX);
        let Some(first) = due_now.map(|(_, id)| *id).find(|id| self.is_free(*id)) else {
            // Whoever waits for an answer is looked at again when it is here.
            let later = self.schedule.range((now, u64::MAX)..).next();
            return (later.map_or(Take::Idle, |(due, _)| Take::At(*due)), Vec::new());
        };
        let room = if knobs.batch > 1 {
            usize::try_from(knobs.batch).unwrap_or(usize::MAX)
        } else if knobs.reorder {
            REORDER_MAX
        } else {
            1
        };
        let mut group = Vec::new();
        // Company is what waits for the same reason; a repetition goes alone.
        let due_ids: Vec<(Instant, u64)> =
            self.schedule.iter().take_while(|(due, _)| *due <= now + HOLD).copied().collect();
        for (due, id) in due_ids {
            let Some(delivery) = self.waiting.get(&id) else {
                self.schedule.remove(&(due, id));
                continue;
            };
            let joins = delivery.attempts == 0 && group.len() < room && self.is_free(id);
            if id == first || joins {
                self.schedule.remove(&(due, id));
                group.push(delivery.clone());
            }
            if group.len() >= room {
                break;
            }
        }
        if knobs.reorder {
            group.reverse();
        }
        self.pack(group, knobs.batch > 1)
    }

    /// Whether nothing of the same customer is under way.
    fn is_free(&self, id: u64) -> bool {
        let Some(delivery) = self.waiting.get(&id) else { return true };
        let mut customers = delivery.customers();
        !customers.any(|customer| self.in_flight.values().flatten().any(|busy| *busy == customer))
    }

    fn pack(&mut self, mut group: Vec<Delivery>, merge: bool) -> (Take, Vec<u64>) {
        let mut merged = Vec::new();
        if merge && group.len() > 1 {
            let mut rest = group.split_off(1);
            for delivery in &mut rest {
                merged.push(delivery.id);
                self.waiting.remove(&delivery.id);
                if let Some(first) = group.first_mut() {
                    first.updates.append(&mut delivery.updates);
                }
            }
            if let Some(first) = group.first() {
                self.waiting.insert(first.id, first.clone());
            }
        }
        for delivery in &group {
            self.in_flight.insert(delivery.id, delivery.customers().collect());
        }
        (if group.is_empty() { Take::Idle } else { Take::Ready(group) }, merged)
    }

    /// An attempt has ended. Answers the delivery when it is over, with whether it arrived.
    pub fn finish(
        &mut self,
        id: u64,
        status: Option<u16>,
        now: Timestamp,
        pause: Duration,
    ) -> Option<(Delivery, bool)> {
        self.in_flight.remove(&id);
        self.last_status = status;
        let delivery = self.waiting.get_mut(&id)?;
        delivery.attempts = delivery.attempts.saturating_add(1);
        let arrived = status == Some(200);
        if arrived {
            self.delivered += 1;
        } else {
            self.failed += 1;
        }
        if arrived && delivery.repeats > 0 {
            delivery.repeats -= 1;
            self.schedule.insert((Instant::now(), id));
            return None;
        }
        if arrived || now.since(delivery.at) > LIFE {
            return self.waiting.remove(&id).map(|delivery| (delivery, arrived));
        }
        self.schedule.insert((Instant::now() + pause, id));
        None
    }

    pub fn summary(&self, handshake: Option<&str>) -> Value {
        json!({
            "delivered": self.delivered,
            "failed": self.failed,
            "queued": self.waiting.len(),
            "last_status": self.last_status,
            "handshake": handshake,
        })
    }
}
