//! Who may do what: a role brings rights, an account may be given more, and a token may be cut down to fewer.
//!
//! A right says what may be done. On which objects is said by [`Reach`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Somebody's place at the desk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Answers customers. Sees pictures with personal data black.
    Agent,
    /// Leads agents: sees what is behind the black, too, and what guides the conversations.
    Supervisor,
    Administrator,
    /// Sees what was done and by whom, and changes nothing.
    Auditor,
    /// Visits customers: sees their own visits, and the tickets of these.
    Technician,
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Agent, Self::Supervisor, Self::Administrator, Self::Auditor, Self::Technician];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Technician => "technician",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// What comes with it.
    pub fn rights(self) -> Rights {
        use Right as R;
        let agent = [
            R::TicketsRead,
            R::TicketsChange,
            R::OriginalsRead,
            R::ArticlesRead,
            R::FlowsRead,
            R::ReturnsRead,
            R::ReturnsChange,
            R::ReturnsDecide,
            R::VisitsRead,
            R::VisitsChange,
            R::VisitsEnd,
            R::PeopleRead,
            R::SystemRead,
        ];
        let leads = [
            R::PersonalDataRead,
            R::IdentityDocumentsRead,
            R::FlowsChange,
            R::TechniciansChange,
            R::TeamsChange,
        ];
        match self {
            Self::Agent => agent.into_iter().collect(),
            Self::Supervisor => agent.into_iter().chain(leads).collect(),
            Self::Administrator => Right::ALL.into_iter().collect(),
            Self::Auditor => [
                R::TicketsRead,
                R::ArticlesRead,
                R::FlowsRead,
                R::ReturnsRead,
                R::VisitsRead,
                R::PeopleRead,
                R::SystemRead,
                R::SystemInspect,
                R::AuditRead,
            ]
            .into_iter()
            .collect(),
            Self::Technician => {
                [R::TicketsRead, R::ArticlesRead, R::VisitsRead, R::VisitsEnd].into_iter().collect()
            }
        }
    }

    /// Whose tickets somebody with this role sees.
    pub const fn reach(self) -> Reach {
        match self {
            Self::Technician => Reach::OwnVisits,
            Self::Agent | Self::Supervisor | Self::Administrator | Self::Auditor => Reach::Everything,
        }
    }
}

/// On which tickets somebody's rights hold, and on what hangs on them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    Everything,
    /// The visits of the technician who has this account, and their tickets.
    OwnVisits,
}

/// What somebody may do. Each name is what the API and the command line call it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Right {
    /// Tickets, their messages and findings, and their pictures with personal data black.
    #[serde(rename = "tickets.read")]
    TicketsRead,
    /// Answer, note, assign, solve.
    #[serde(rename = "tickets.change")]
    TicketsChange,
    /// Files as they came, where nothing in them is masked.
    #[serde(rename = "originals.read")]
    OriginalsRead,
    /// What is behind a mask.
    #[serde(rename = "personal_data.read")]
    PersonalDataRead,
    /// Pictures of identity documents, and what was read on them.
    #[serde(rename = "identity_documents.read")]
    IdentityDocumentsRead,
    #[serde(rename = "articles.read")]
    ArticlesRead,
    #[serde(rename = "flows.read")]
    FlowsRead,
    /// Publish a flow, and switch it on and off.
    #[serde(rename = "flows.change")]
    FlowsChange,
    #[serde(rename = "returns.read")]
    ReturnsRead,
    /// Propose a return.
    #[serde(rename = "returns.change")]
    ReturnsChange,
    /// Approve or refuse a return, and say what became of it.
    #[serde(rename = "returns.decide")]
    ReturnsDecide,
    #[serde(rename = "visits.read")]
    VisitsRead,
    /// Book and move visits.
    #[serde(rename = "visits.change")]
    VisitsChange,
    /// Say that a visit is done, or call it off.
    #[serde(rename = "visits.end")]
    VisitsEnd,
    #[serde(rename = "technicians.change")]
    TechniciansChange,
    /// Teams, who is in them, and what they promise.
    #[serde(rename = "teams.change")]
    TeamsChange,
    #[serde(rename = "people.read")]
    PeopleRead,
    /// Accounts, their roles and rights, and tokens.
    #[serde(rename = "people.change")]
    PeopleChange,
    /// How the desk is: what is degraded, what waits.
    #[serde(rename = "system.read")]
    SystemRead,
    /// Dead letters and quarantined bodies, which hold what customers wrote.
    #[serde(rename = "system.inspect")]
    SystemInspect,
    /// Run things again: dead letters, quarantined bodies, the analysis.
    #[serde(rename = "system.change")]
    SystemChange,
    /// Who saw and did what.
    #[serde(rename = "audit.read")]
    AuditRead,
}

impl Right {
    pub const ALL: [Self; 22] = [
        Self::TicketsRead,
        Self::TicketsChange,
        Self::OriginalsRead,
        Self::PersonalDataRead,
        Self::IdentityDocumentsRead,
        Self::ArticlesRead,
        Self::FlowsRead,
        Self::FlowsChange,
        Self::ReturnsRead,
        Self::ReturnsChange,
        Self::ReturnsDecide,
        Self::VisitsRead,
        Self::VisitsChange,
        Self::VisitsEnd,
        Self::TechniciansChange,
        Self::TeamsChange,
        Self::PeopleRead,
        Self::PeopleChange,
        Self::SystemRead,
        Self::SystemInspect,
        Self::SystemChange,
        Self::AuditRead,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TicketsRead => "tickets.read",
            Self::TicketsChange => "tickets.change",
            Self::OriginalsRead => "originals.read",
            Self::PersonalDataRead => "personal_data.read",
            Self::IdentityDocumentsRead => "identity_documents.read",
            Self::ArticlesRead => "articles.read",
            Self::FlowsRead => "flows.read",
            Self::FlowsChange => "flows.change",
            Self::ReturnsRead => "returns.read",
            Self::ReturnsChange => "returns.change",
            Self::ReturnsDecide => "returns.decide",
            Self::VisitsRead => "visits.read",
            Self::VisitsChange => "visits.change",
            Self::VisitsEnd => "visits.end",
            Self::TechniciansChange => "technicians.change",
            Self::TeamsChange => "teams.change",
            Self::PeopleRead => "people.read",
            Self::PeopleChange => "people.change",
            Self::SystemRead => "system.read",
            Self::SystemInspect => "system.inspect",
            Self::SystemChange => "system.change",
            Self::AuditRead => "audit.read",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == text)
    }
}

/// All that somebody may do.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rights(BTreeSet<Right>);

impl Rights {
    pub fn all() -> Self {
        Right::ALL.into_iter().collect()
    }

    pub fn has(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    #[must_use]
    pub fn with(mut self, more: &Self) -> Self {
        self.0.extend(&more.0);
        self
    }

    /// What is left where only `these` are let through.
    #[must_use]
    pub fn within(mut self, these: &Self) -> Self {
        self.0.retain(|right| these.has(*right));
        self
    }

    pub fn add(&mut self, right: Right) -> bool {
        self.0.insert(right)
    }

    pub fn remove(&mut self, right: Right) -> bool {
        self.0.remove(&right)
    }

    pub fn iter(&self) -> impl Iterator<Item = Right> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        for right in Right::ALL {
            assert_eq!(serde_json::to_value(right).unwrap(), right.as_str());
            assert_eq!(Right::parse(right.as_str()), Some(right));
        }
        assert_eq!(Rights::all().iter().count(), Right::ALL.len(), "one is listed twice");
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("king"), None);
    }

    #[test]
    fn what_only_some_may_see_is_a_right_of_its_own() {
        let holders = |right| -> Vec<&str> {
            Role::ALL.into_iter().filter(|role| role.rights().has(right)).map(Role::as_str).collect()
        };
        assert_eq!(holders(Right::PersonalDataRead), ["supervisor", "administrator"]);
        assert_eq!(holders(Right::IdentityDocumentsRead), ["supervisor", "administrator"]);
        assert_eq!(holders(Right::AuditRead), ["administrator", "auditor"]);
        assert_eq!(holders(Right::PeopleChange), ["administrator"]);
        let changes = Right::ALL.into_iter().filter(|right| right.as_str().ends_with("change"));
        assert!(changes.into_iter().all(|right| !Role::Auditor.rights().has(right)));
    }

    #[test]
    fn a_token_has_what_both_its_person_and_its_scopes_allow() {
        let mut given = Rights::default();
        assert!(given.add(Right::AuditRead) && !given.add(Right::AuditRead));
        let person = Role::Agent.rights().with(&given);
        let scopes: Rights = [Right::AuditRead, Right::PeopleChange].into_iter().collect();
        assert_eq!(person.within(&scopes), given);
    }
}
