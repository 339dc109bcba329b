//! What happens to a message of ours: a ladder that is climbed, never descended.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    In,
    Out,
}

impl Direction {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Where a message stands.
///
/// The order of the variants is the ladder: a status only ever moves to a higher one, in whatever order the reports arrive.
/// `Failed` stands above `Sent` (Meta reports it after) and below `Delivered` (a customer who has it, has it).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// From a customer.
    Received,
    /// Written, not yet handed to the channel.
    Queued,
    /// Being handed over now.
    Sending,
    /// Handed over, and the answer was lost: a status report will tell, or a person decides.
    Uncertain,
    /// The channel took it.
    Accepted,
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

impl Status {
    const ALL: [Self; 10] = [
        Self::Received,
        Self::Queued,
        Self::Sending,
        Self::Uncertain,
        Self::Accepted,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
        Self::Played,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Uncertain => "uncertain",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// The higher of the two.
    #[must_use]
    pub fn climb(self, reported: Self) -> Self {
        self.max(reported)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any order and any repetition of the same reports ends at the same rung.
        #[test]
        fn the_ladder_forgets_the_order(reports in proptest::collection::vec(0usize..10, 1..12), seed in any::<u64>()) {
            let climb = |order: &[usize]| order.iter().fold(Status::Queued, |s, i| s.climb(Status::ALL[*i]));
            let mut shuffled = reports.clone();
            shuffled.rotate_left(usize::try_from(seed % 12).unwrap() % reports.len());
            shuffled.extend_from_slice(&reports);
            prop_assert_eq!(climb(&reports), climb(&shuffled));
        }
    }

    #[test]
    fn a_late_failure_does_not_undo_a_delivery() {
        assert_eq!(Status::Sent.climb(Status::Failed), Status::Failed);
        assert_eq!(Status::Delivered.climb(Status::Failed), Status::Delivered);
        assert_eq!(Status::Read.climb(Status::Delivered), Status::Read);
    }
}
