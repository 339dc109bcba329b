//! The named states in which Sportello works less well than it should: what the console shows and `/readyz` tells.
//!
//! A degraded mode is never silent. Each has a code for programs and a sentence for people.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use utoipa::ToSchema;

/// A degraded state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Degraded {
    /// Stable name, such as `token_refused`.
    pub code: String,
    /// What it means and what to do.
    pub message: String,
}

/// The states that hold now.
#[derive(Debug, Default)]
pub struct Health(Mutex<BTreeMap<String, String>>);

impl Health {
    /// Enters a state; `true` when it was not held before.
    pub fn enter(&self, code: &str, message: impl Into<String>) -> bool {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        states.insert(code.to_owned(), message.into()).is_none()
    }

    /// Leaves a state; `true` when it was held.
    pub fn leave(&self, code: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code).is_some()
    }

    pub fn all(&self) -> Vec<Degraded> {
        let states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        states
            .iter()
            .map(|(code, message)| Degraded { code: code.clone(), message: message.clone() })
            .collect()
    }
}
