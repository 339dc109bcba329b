//! How far a return is, and where it may go. A person decides; nothing here decides against a customer.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnState {
    /// A flow or an agent wrote it down; a person has to decide.
    Proposed,
    Approved,
    Refused,
    /// The goods are here.
    Received,
    Refunded,
    Replaced,
}

impl ReturnState {
    pub const ALL: [Self; 6] =
        [Self::Proposed, Self::Approved, Self::Refused, Self::Received, Self::Refunded, Self::Replaced];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Received => "received",
            Self::Refunded => "refunded",
            Self::Replaced => "replaced",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Where it may go from here. A refund may come before the goods: some are not worth the parcel.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Proposed => &[Self::Approved, Self::Refused],
            Self::Approved => &[Self::Received, Self::Refunded, Self::Replaced, Self::Refused],
            Self::Refused => &[Self::Approved],
            Self::Received => &[Self::Refunded, Self::Replaced, Self::Refused],
            Self::Refunded | Self::Replaced => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_return_can_come_to_an_end_and_none_leaves_it() {
        for state in ReturnState::ALL {
            assert_eq!(ReturnState::parse(state.as_str()), Some(state));
            let is_over = matches!(state, ReturnState::Refunded | ReturnState::Replaced);
            assert_eq!(state.next().is_empty(), is_over);
            assert!(!state.next().contains(&state));
        }
        assert!(ReturnState::Proposed.next().iter().all(|to| !matches!(to, ReturnState::Refunded)));
    }
}
