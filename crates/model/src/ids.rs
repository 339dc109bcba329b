//! Identifiers: one type a noun, so that a ticket's id can never be passed for a message's.
//!
//! Each is a ULID: 26 characters, sortable by the time it was made, unguessable enough not to collide
//! (but no secret: an id never grants access).

use std::sync::{Mutex, PoisonError};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use ulid::Ulid;

use crate::clock::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(ids: &Ids, now: Timestamp) -> Self {
                Self(ids.ulid(now))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

ids! {
    /// One run of the analyzers over one file.
    AnalysisId,
    /// A new look at everything that is stored.
    AnalysisRunId,
    ArticleId,
    AttachmentId,
    BlobId,
    /// A number or mailbox of ours that customers write to.
    ChannelId,
    ContactId,
    ConversationId,
    EventId,
    /// One customer's way through a flow.
    FlowRunId,
    /// The key of a number under which phones seal filled forms.
    FormKeyId,
    InvitationId,
    JobId,
    MessageId,
    ProcessId,
    RedactionId,
    ReturnId,
    SessionId,
    TeamId,
    TechnicianId,
    TicketId,
    TokenId,
    TurnId,
    UserId,
    VisitId,
}

/// Where ids and random bytes come from: the operating system, or a seed that a test chose.
pub struct Ids(Mutex<State>);

struct State {
    rng: StdRng,
    /// The newest id, so that ids keep rising within a millisecond and when the clock goes backwards.
    last: Ulid,
}

impl Ids {
    pub fn from_os() -> Self {
        Self::from_rng(rand::make_rng())
    }

    pub fn from_seed(seed: u64) -> Self {
        Self::from_rng(StdRng::seed_from_u64(seed))
    }

    fn from_rng(rng: StdRng) -> Self {
        Self(Mutex::new(State { rng, last: Ulid::nil() }))
    }

    /// Higher than every id made before, even within one millisecond: what is sorted by id is sorted by making.
    pub fn ulid(&self, now: Timestamp) -> String {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = u64::try_from(now.micros() / 1_000).unwrap_or(0);
        let random: u128 = state.rng.random();
        let fresh = Ulid::from_parts(now_ms, random);
        let step: u32 = state.rng.random();
        let next = Ulid(state.last.0.saturating_add(1).saturating_add(u128::from(step)));
        state.last = if fresh > state.last { fresh } else { next };
        state.last.to_string()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rng.fill(&mut bytes[..]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_within_a_millisecond_and_when_the_clock_goes_back() {
        let ids = Ids::from_seed(7);
        let moments = [5, 5, 5, 3, 3, 6, 6, 0].map(Timestamp::from_secs);
        let made: Vec<String> = moments.iter().map(|at| ids.ulid(*at)).collect();
        assert!(made.is_sorted_by(|a, b| a < b), "{made:#?}");
    }
}
