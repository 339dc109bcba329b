//! Who works on what, and until when: tickets are given to the members of their team, promises are kept an eye on,
//! and what was put aside comes back.
//!
//! Whatever happens to a ticket is told to [`moved`] in the transaction that causes it. It reads how things stand and
//! makes the rest true; told twice, or by a job that rings late, it changes nothing.

mod promises;

use model::{
    assignment::{Assigning, Nobody, Wanted, choose},
    ids::{EventId, TicketId, UserId},
    sla::Happened,
    ticket::TicketStatus,
};
use serde_json::json;
use store::{
    StoreError, Tx, conversations, events,
    jobs::{self, NewJob},
    teams::{self, Team},
    tickets::{self, Work},
};

pub use self::promises::calendar_of;
use crate::{
    app::App,
    error::AppError,
    jobs::{TeamAssign, WorkReview},
};

/// What happened to a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    CustomerWrote,
    /// A person answered. What a flow or the desk itself says is no answer.
    PersonAnswered,
    /// The customer has been quiet for a moment, and no flow began with what they sent.
    TurnClosed,
    /// A flow began, went on or ended.
    FlowWent,
    /// A person changed it, or its time came.
    Changed,
    /// Nothing happened to it; somebody may be free, a promise may be due.
    Looked,
}

impl Moved {
    /// Whether somebody may get it now. What a customer has just written may be for a flow.
    const fn gives(self) -> bool {
        !matches!(self, Self::CustomerWrote | Self::PersonAnswered)
    }

    const fn happened(self) -> Happened {
        match self {
            Self::CustomerWrote => Happened::CustomerWrote,
            Self::PersonAnswered => Happened::PersonAnswered,
            Self::TurnClosed | Self::FlowWent | Self::Changed | Self::Looked => Happened::Other,
        }
    }
}

/// Makes everything true that follows from what happened to a ticket.
pub async fn moved(tx: &mut Tx, app: &App, ticket: &TicketId, moved: Moved) -> Result<(), AppError> {
    let Some(mut work) = tickets::work(tx, ticket).await? else { return Ok(()) };
    wake(tx, app, &mut work, moved).await?;
    let team = team_of(tx, app, &mut work, moved).await?;
    if let Some(team) = team.as_ref().filter(|_| moved.gives()) {
        give(tx, app, &mut work, team).await?;
    }
    if let Some(assignee) = work.assignee_id.as_ref().filter(|_| work.has_teams && !needs_somebody(&work)) {
        freed(tx, app, assignee).await?;
    }
    promises::keep(tx, app, &work, team.as_ref(), moved.happened()).await
}

/// The same for a ticket of which nothing is held yet; its conversation is taken first, as everybody does.
pub async fn look(tx: &mut Tx, app: &App, ticket: &TicketId, what: Moved) -> Result<(), AppError> {
    let Some((conversation, ..)) = tickets::place_of(tx, ticket).await? else { return Ok(()) };
    conversations::hold(tx, &conversation).await?;
    moved(tx, app, ticket, what).await
}

/// Whether it asks for somebody's hands now.
const fn needs_somebody(work: &Work) -> bool {
    matches!(work.status, TicketStatus::New | TicketStatus::Open) && work.snoozed_at.is_none()
}

/// What was put aside comes back when the customer writes; what is solved is not put aside any more.
async fn wake(tx: &mut Tx, app: &App, work: &mut Work, moved: Moved) -> Result<(), AppError> {
    let why = match moved {
        _ if work.snoozed_at.is_none() => return Ok(()),
        Moved::CustomerWrote => "customer",
        _ if !work.status.is_active() => "solved",
        _ => return Ok(()),
    };
    tickets::wake(tx, &app.ids, &work.id, why, None, app.clock.now()).await?;
    work.snoozed_at = None;
    Ok(())
}

/// The team of a ticket; one that nobody gave to a team goes to the one that takes such.
async fn team_of(tx: &mut Tx, app: &App, work: &mut Work, moved: Moved) -> Result<Option<Team>, AppError> {
    if !work.has_teams || !(moved.gives() || work.has_promises) {
        return Ok(None);
    }
    if let Some(name) = &work.team {
        return Ok(teams::named(tx, name).await?);
    }
    let is_orphan = needs_somebody(work) && work.assignee_id.is_none() && !work.is_led && !work.is_by_hand;
    if !is_orphan || !matches!(moved, Moved::TurnClosed | Moved::FlowWent) {
        return Ok(None);
    }
    let Some(team) = teams::that_takes_new(tx).await? else { return Ok(None) };
    tickets::set_team(tx, &app.ids, &work.id, Some(&team.name), None, app.clock.now()).await?;
    work.team = Some(team.name.clone());
    Ok(Some(team))
}

/// Gives the ticket to whoever of the team is next. While a flow leads the customer, nobody gets it.
async fn give(tx: &mut Tx, app: &App, work: &mut Work, team: &Team) -> Result<(), AppError> {
    let assigning = team.assigning()?;
    let is_settled = work.assignee_id.is_some() || work.is_led || work.is_by_hand || !needs_somebody(work);
    if assigning == Assigning::ByHand || is_settled {
        return Ok(());
    }
    let now = app.clock.now();
    // From here on nobody else gives: what people have in hand is true until the end of the transaction.
    let turn = teams::next_turn(tx).await?;
    let members = teams::members(tx, &team.id).await?;
    let words = work.tags.iter().chain(&work.flow).cloned().collect();
    let wanted = Wanted { words, language: work.language.clone() };
    match choose(assigning, &members, &wanted) {
        Ok(chosen) => {
            let user = chosen.member.user.clone();
            teams::took_turn(tx, &team.id, &user, turn).await?;
            let why = json!({
                "why": assigning.as_str(), "team": team.name, "skills": chosen.skills, "language": chosen.language,
            });
            tickets::give(tx, &app.ids, &work.id, &user, why, now).await?;
            work.assignee_id = Some(user);
            metrics::counter!("sportello_tickets_given_total", "way" => assigning.as_str()).increment(1);
            Ok(())
        }
        Err(Nobody::ByHand) => Ok(()),
        Err(why) => {
            // Said once of a ticket, a team and a reason.
            let id = EventId::from(format!("{}:{}:{}", work.id, team.id, why.as_str()));
            let data = json!({ "team": team.name, "why": why.as_str() });
            Ok(events::add_with_id(tx, &id, &work.id, "assignment.waiting", None, &data, now).await?)
        }
    }
}

/// Somebody may have room for a ticket that waits.
pub async fn freed(tx: &mut Tx, app: &App, user: &UserId) -> Result<(), AppError> {
    if teams::is_given_tickets(tx, user).await? {
        share_out(tx, app).await?;
    }
    Ok(())
}

/// Has what waits for somebody shared out as soon as this transaction has committed.
///
/// Not once for several: one that runs already may have looked before.
pub async fn share_out(tx: &mut Tx, app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let job = NewJob { kind: TeamAssign::KIND, payload: &TeamAssign {}, run_at: now, dedup_key: None };
    jobs::enqueue(tx, &app.ids, now, job).await.map(drop)
}

/// Promises, hours or members changed: every active ticket is looked at again.
pub async fn review(tx: &mut Tx, app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let payload = WorkReview { after: String::new() };
    let job = NewJob { kind: WorkReview::KIND, payload: &payload, run_at: now, dedup_key: None };
    jobs::enqueue(tx, &app.ids, now, job).await.map(drop)
}

/// Gives a ticket to another team, by hand. Who is not in it does not keep the ticket.
pub async fn hand_to_team(
    tx: &mut Tx,
    app: &App,
    ticket: &TicketId,
    to: Option<&str>,
    actor: Option<&UserId>,
) -> Result<(), AppError> {
    let now = app.clock.now();
    tickets::set_team(tx, &app.ids, ticket, to, actor, now).await?;
    let Some(team) = (match to {
        Some(name) => teams::named(tx, name).await?,
        None => None,
    }) else {
        return Ok(());
    };
    let assignee = tickets::work(tx, ticket).await?.and_then(|work| work.assignee_id);
    let Some(assignee) = assignee else { return Ok(()) };
    if !teams::members(tx, &team.id).await?.is_empty() && !teams::is_member(tx, &team.id, &assignee).await? {
        tickets::assign(tx, &app.ids, ticket, None, actor, now).await?;
        freed(tx, app, &assignee).await?;
    }
    Ok(())
}

/// Somebody takes a customer over from a flow: where tickets are given out, it is theirs and not the next one's.
pub async fn taken(tx: &mut Tx, app: &App, ticket: &TicketId, by: Option<&UserId>) -> Result<(), AppError> {
    let is_free = |work: &Work| work.has_teams && work.is_led && work.assignee_id.is_none();
    if let Some(by) = by
        && tickets::work(tx, ticket).await?.as_ref().is_some_and(is_free)
    {
        tickets::assign(tx, &app.ids, ticket, Some(by), Some(by), app.clock.now()).await?;
    }
    Ok(())
}
