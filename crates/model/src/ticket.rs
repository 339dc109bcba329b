//! A ticket: what a person works on, and when a message opens one, joins one or wakes one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{clock::Timestamp, ids::TicketId};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody has touched it.
    New,
    Open,
    /// We answered; the customer's turn.
    Waiting,
    Solved,
    /// Final: the next message opens another ticket.
    Closed,
}

impl TicketStatus {
    pub const ALL: [Self; 5] = [Self::New, Self::Open, Self::Waiting, Self::Solved, Self::Closed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether somebody still has to do something.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::New | Self::Open | Self::Waiting)
    }

    /// What a customer's message makes of it: a waiting or solved ticket is open again.
    #[must_use]
    pub const fn after_customer_wrote(self) -> Self {
        match self {
            Self::New => Self::New,
            Self::Open | Self::Waiting | Self::Solved => Self::Open,
            Self::Closed => Self::Closed,
        }
    }

    /// What our answer makes of it.
    #[must_use]
    pub const fn after_agent_wrote(self) -> Self {
        match self {
            Self::New | Self::Open | Self::Waiting => Self::Waiting,
            Self::Solved => Self::Solved,
            Self::Closed => Self::Closed,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

impl Priority {
    const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }
}

/// The newest ticket of a conversation, as far as the rule needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Latest {
    pub id: TicketId,
    pub status: TicketStatus,
    pub solved_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Placement {
    Join(TicketId),
    Reopen(TicketId),
    OpenNew,
}

/// Where a customer's message goes: one active ticket a conversation; a solved one is reopened within
/// `reopen_within` of its solution; otherwise a new one is opened.
///
/// `sent_at` is when the customer wrote: what arrives late is placed as if it had come in time.
pub fn place(latest: Option<&Latest>, sent_at: Timestamp, reopen_within: Duration) -> Placement {
    let Some(latest) = latest else { return Placement::OpenNew };
    match (latest.status, latest.solved_at) {
        (status, _) if status.is_active() => Placement::Join(latest.id.clone()),
        (TicketStatus::Solved, Some(solved_at)) if sent_at < solved_at.plus(reopen_within) => {
            Placement::Reopen(latest.id.clone())
        }
        _ => Placement::OpenNew,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_active_ticket_and_a_grace_after_the_solution() {
        let hour = Duration::from_secs(3_600);
        let at = Timestamp::from_secs;
        let latest = |status, solved_at| Latest { id: "T1".into(), status, solved_at };
        for (latest, sent_at, expect) in [
            (None, at(0), Placement::OpenNew),
            (Some(latest(TicketStatus::New, None)), at(9_999_999), Placement::Join("T1".into())),
            (Some(latest(TicketStatus::Waiting, None)), at(0), Placement::Join("T1".into())),
            (Some(latest(TicketStatus::Solved, Some(at(0)))), at(3_599), Placement::Reopen("T1".into())),
            (Some(latest(TicketStatus::Solved, Some(at(0)))), at(3_600), Placement::OpenNew),
            (Some(latest(TicketStatus::Closed, Some(at(0)))), at(1), Placement::OpenNew),
        ] {
            assert_eq!(place(latest.as_ref(), sent_at, hour), expect, "{latest:?} {sent_at}");
        }
    }
}
