//! Who may read next: a bounded number at once, and a picture that a customer waits on before old ones.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Clone)]
pub struct Queue {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// Leave to read one file, until it is dropped.
pub struct Leave {
    _place: Option<OwnedSemaphorePermit>,
}

impl Queue {
    pub fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), waiting: Arc::default() }
    }

    /// For a file that a customer has just sent.
    pub async fn enter(&self) -> Leave {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waits = Waits(&self.waiting);
        let place = self.places.clone().acquire_owned().await.ok();
        drop(waits);
        Leave { _place: place }
    }

    /// For a file that has time: `None` while there is no place or somebody waits for one.
    pub fn try_enter(&self) -> Option<Leave> {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            return None;
        }
        self.places.clone().try_acquire_owned().ok().map(|place| Leave { _place: Some(place) })
    }
}

/// One who waits, also when its task is ended meanwhile.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_time_waits_for_what_has_not() {
        let queue = Queue::new(1);
        let first = queue.try_enter();
        assert!(first.is_some());
        assert!(queue.try_enter().is_none(), "one place");
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.enter().await }
        });
        while queue.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        drop(first);
        assert!(queue.try_enter().is_none(), "the place is for the one who waits");
        drop(waiting.await.ok());
        assert!(queue.try_enter().is_some());
    }
}
