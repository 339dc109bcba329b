//! How fast a business may send: to one customer, and in all. Token buckets on the sandbox's clock.

use std::collections::HashMap;

use model::Timestamp;

use crate::error::GraphError;

/// One message every six seconds to one customer, after a burst.
const PAIR_EVERY_US: i64 = 6_000_000;
const PAIR_BURST: i64 = 45;
const PAIRS_MAX: usize = 20_000;

/// Each entry says until when the bucket is in debt if it had been spent evenly.
#[derive(Default)]
pub struct Limits {
    pairs: HashMap<String, i64>,
    second: (i64, u32),
}

impl Limits {
    /// Counts one message to `to`, or says which limit it breaks.
    pub fn spend(&mut self, to: &str, now: Timestamp, per_second: u32) -> Result<(), GraphError> {
        if self.second.0 != now.secs() {
            self.second = (now.secs(), 0);
        }
        if per_second > 0 && self.second.1 >= per_second {
            return Err(GraphError::new(130_429, "Message failed to send because there were too many messages sent from this phone number in a short period of time"));
        }
        let now_us = now.micros();
        if self.pairs.len() >= PAIRS_MAX {
            self.pairs.retain(|_, until| *until > now_us);
        }
        let until = self.pairs.get(to).copied().unwrap_or(now_us).max(now_us) + PAIR_EVERY_US;
        if until - now_us > PAIR_BURST * PAIR_EVERY_US {
            return Err(GraphError::new(131_056, "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time"));
        }
        self.pairs.insert(to.to_owned(), until);
        self.second.1 += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_then_one_every_six_seconds() {
        let mut limits = Limits::default();
        let start = Timestamp::from_secs(1_000);
        for _ in 0..45 {
            limits.spend("39", start, 0).unwrap();
        }
        assert!(limits.spend("39", start, 0).is_err());
        assert!(limits.spend("40", start, 0).is_ok());
        assert!(limits.spend("39", start.plus(Duration::from_secs(5)), 0).is_err());
        assert!(limits.spend("39", start.plus(Duration::from_secs(6)), 0).is_ok());
    }

    #[test]
    fn so_many_a_second() {
        let mut limits = Limits::default();
        let at = Timestamp::from_secs(1_000);
        assert!((0..80).all(|n| limits.spend(&n.to_string(), at, 80).is_ok()));
        assert!(limits.spend("x", at, 80).is_err());
        assert!(limits.spend("x", at.plus(Duration::from_secs(1)), 80).is_ok());
    }
}
