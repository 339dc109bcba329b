//! The named states in which Sportello works less well than it should: what the console shows and `/readyz` tells.
//!
//! A degraded mode is never silent. Each has a code for programs and a sentence for people.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use store::StoreError;
use tokio::sync::Notify;
use utoipa::ToSchema;

/// The place for files does not do what it is asked to.
pub const FILES: &str = "files_unreachable";
/// A bucket may answer with a page of XML.
const CAUSE_CHARS_MAX: usize = 300;

/// A degraded state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Degraded {
    /// Stable name, such as `token_refused`.
    pub code: String,
    /// What it means and what to do.
    pub message: String,
}

/// The states that hold now, in this process.
#[derive(Debug, Default)]
pub struct Health {
    states: Mutex<BTreeMap<String, String>>,
    changed: Notify,
}

impl Health {
    /// Enters a state; `true` when it was not held before.
    pub fn enter(&self, code: &str, message: impl Into<String>) -> bool {
        let message = message.into();
        let before = self.lock().insert(code.to_owned(), message.clone());
        if before.as_ref() != Some(&message) {
            self.changed.notify_one();
        }
        before.is_none()
    }

    /// Leaves a state; `true` when it was held.
    pub fn leave(&self, code: &str) -> bool {
        let was_held = self.lock().remove(code).is_some();
        if was_held {
            self.changed.notify_one();
        }
        was_held
    }

    pub fn holds(&self, code: &str) -> bool {
        self.lock().contains_key(code)
    }

    /// Returns when a state was entered, left or reworded since the last time; for one listener.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Enters the state of a place for files that fails, unless it is not to blame for this error.
    ///
    /// The first error stands: each names another file, and would look like news.
    pub fn files_failed(&self, error: &StoreError) {
        if !error.is_of_files() || self.holds(FILES) {
            return;
        }
        let cause: String = error.to_string().chars().take(CAUSE_CHARS_MAX).collect();
        self.enter(FILES, format!("Files cannot be kept or opened for the moment ({cause}). Nothing is lost: what customers send is fetched again by itself. Look at the place that blobs.url names: its disk, its keys, the way to it"));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn all(&self) -> Vec<Degraded> {
        self.lock()
            .iter()
            .map(|(code, message)| Degraded { code: code.clone(), message: message.clone() })
            .collect()
    }
}
