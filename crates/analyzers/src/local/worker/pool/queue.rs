//! Two lines of waiting pictures: the customers' line is always served first.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
    time::Duration,
};

use super::{Look, PoolError, Urgency};
use crate::local::worker::Seen;

#[derive(Debug)]
pub struct Job {
    pub look: Look,
    pub answer: SyncSender<Result<Seen, PoolError>>,
}

#[derive(Debug)]
pub struct Queue {
    lines: Mutex<Lines>,
    changed: Condvar,
    waiting_max: usize,
}

#[derive(Debug, Default)]
struct Lines {
    customers: VecDeque<Job>,
    later: VecDeque<Job>,
    is_closed: bool,
}

pub enum Taken {
    Job(Job),
    /// Nothing came for as long as asked.
    Idle,
    Closed,
}

impl Queue {
    pub fn new(waiting_max: usize) -> Self {
        Self { lines: Mutex::default(), changed: Condvar::new(), waiting_max }
    }

    /// A line that is full refuses; the other one is not touched by it.
    pub fn push(&self, job: Job, urgency: Urgency) -> Result<(), PoolError> {
        let mut lines = self.lock();
        if lines.is_closed {
            return Err(PoolError::Closed);
        }
        let line = match urgency {
            Urgency::Customer => &mut lines.customers,
            Urgency::Later => &mut lines.later,
        };
        if line.len() >= self.waiting_max {
            return Err(PoolError::Full { waiting: line.len() });
        }
        line.push_back(job);
        drop(lines);
        self.changed.notify_one();
        Ok(())
    }

    /// The next picture; without `patience` it waits for ever.
    pub fn take(&self, patience: Option<Duration>) -> Taken {
        let is_empty = |l: &mut Lines| l.customers.is_empty() && l.later.is_empty() && !l.is_closed;
        let lines = self.lock();
        let mut lines = match patience {
            Some(patience) => {
                let waited = self.changed.wait_timeout_while(lines, patience, is_empty);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.changed.wait_while(lines, is_empty).unwrap_or_else(PoisonError::into_inner),
        };
        if lines.is_closed {
            return Taken::Closed;
        }
        let job = lines.customers.pop_front().or_else(|| lines.later.pop_front());
        job.map_or(Taken::Idle, Taken::Job)
    }

    /// Everything that waits is dropped, which tells whoever waits for it.
    pub fn close(&self) {
        let mut lines = self.lock();
        *lines = Lines { is_closed: true, ..Lines::default() };
        drop(lines);
        self.changed.notify_all();
    }

    pub fn waiting(&self) -> (usize, usize) {
        let lines = self.lock();
        (lines.customers.len(), lines.later.len())
    }

    /// Nothing panics while it holds the lock; were it so, the lines would still be whole.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
