//! The life of an attachment: visible at once, fetched soon, never a row without its bytes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// `pending → fetched → ready`, or `failed` (tried again at a stated time) and, in the end, `expired`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Announced; the bytes are still with the channel.
    Pending,
    /// The bytes are ours, sealed and on disk; renditions are being made.
    Fetched,
    /// Everything that can be made of it is made; `reason` says what could not be.
    Ready,
    /// A try to fetch it failed; another follows.
    Failed,
    /// The channel no longer has it, or it was refused for good. A person can still replay it.
    Expired,
}

impl State {
    const ALL: [Self; 5] = [Self::Pending, Self::Fetched, Self::Ready, Self::Failed, Self::Expired];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Fetched => "fetched",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// Inbound media ids live for 7 days at Meta (its documentation since April 2026).
pub const INBOUND_MEDIA_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A customer's file can be this large at most (WhatsApp's limit).
pub const SIZE_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// How long to wait before try number `attempt` (from 1): 1 s, 4 s, 16 s … at most an hour.
///
/// `spread` in 0.0..1.0 shortens it by up to half, so that many failures do not come back at once.
pub fn fetch_backoff(attempt: u32, spread: f64) -> Duration {
    let secs = 4f64.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX).min(6)).min(3_600.0);
    Duration::from_secs_f64(secs * (1.0 - spread.clamp(0.0, 1.0) / 2.0))
}

/// When the channel forgets the file.
pub fn expires_at(sent_at: Timestamp) -> Timestamp {
    sent_at.plus(INBOUND_MEDIA_LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_each_time_and_never_more_than_an_hour() {
        let waits: Vec<u64> = (1..=8).map(|n| fetch_backoff(n, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 4, 16, 64, 256, 1_024, 3_600, 3_600]);
        assert_eq!(fetch_backoff(2, 1.0).as_secs(), 2);
    }
}
