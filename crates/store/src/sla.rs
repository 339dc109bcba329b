//! What is promised to customers, and the clocks of each ticket.

use model::{
    Timestamp,
    ids::{TeamId, TicketId},
    sla::{Clock, Clocks, Due, Promises, Target},
};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx};

/// What is promised to some tickets.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Policy {
    /// Empty: of the desk.
    pub team_id: String,
    /// Empty: of any priority.
    pub priority: String,
    pub first_answer_min: Option<i64>,
    pub next_answer_min: Option<i64>,
    pub solution_min: Option<i64>,
}

impl Policy {
    fn promises(&self) -> Promises {
        let minutes = [
            (Target::FirstAnswer, self.first_answer_min),
            (Target::NextAnswer, self.next_answer_min),
            (Target::Solution, self.solution_min),
        ];
        minutes.into_iter().filter_map(|(target, minutes)| Some((target, minutes?))).collect()
    }
}

const POLICIES: &str = "select team_id, priority, first_answer_min, next_answer_min, solution_min from sla_policies order by team_id, priority";

pub async fn policies(db: &Db) -> Result<Vec<Policy>> {
    Ok(on!(db, c => sqlx::query_as(POLICIES).fetch_all(c).await)?)
}

pub async fn policies_in(tx: &mut Tx) -> Result<Vec<Policy>> {
    Ok(on_tx!(tx, c => sqlx::query_as(POLICIES).fetch_all(c).await)?)
}

/// What is promised to tickets of a team and a priority: the closest policy counts as a whole.
pub fn promised(policies: &[Policy], team: Option<&TeamId>, priority: &str) -> Promises {
    let team = team.map_or("", TeamId::as_str);
    let of = |team: &str, priority: &str| {
        policies.iter().find(|policy| policy.team_id == team && policy.priority == priority)
    };
    let closest =
        of(team, priority).or_else(|| of(team, "")).or_else(|| of("", priority)).or_else(|| of("", ""));
    closest.map(Policy::promises).unwrap_or_default()
}

/// What a team (or, without one, the desk) promises from now on.
pub async fn set_policies(tx: &mut Tx, team: Option<&TeamId>, new: &[Policy]) -> Result<()> {
    let team = team.map_or("", TeamId::as_str);
    on_tx!(tx, c => sqlx::query("delete from sla_policies where team_id = $1").bind(team).execute(c).await.map(drop))?;
    for policy in new {
        on_tx!(tx, c => sqlx::query(
            "insert into sla_policies (team_id, priority, first_answer_min, next_answer_min, solution_min) values ($1, $2, $3, $4, $5)")
            .bind(team).bind(&policy.priority).bind(policy.first_answer_min).bind(policy.next_answer_min).bind(policy.solution_min)
            .execute(c).await.map(drop))?;
    }
    Ok(())
}

#[derive(FromRow)]
struct Row {
    target: String,
    spent_us: i64,
    since: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    warned_at: Option<Timestamp>,
    breached_at: Option<Timestamp>,
}

pub async fn clocks(tx: &mut Tx, ticket: &TicketId) -> Result<Clocks> {
    let rows: Vec<Row> = on_tx!(tx, c => sqlx::query_as(
        "select target, spent_us, since, ended_at, warned_at, breached_at from ticket_clocks where ticket_id = $1")
        .bind(ticket).fetch_all(c).await)?;
    let read = |row: Row| -> Result<(Target, Clock)> {
        let target =
            Target::parse(&row.target).ok_or_else(|| StoreError::corrupt("ticket clock", &row.target))?;
        let Row { spent_us, since, ended_at, warned_at, breached_at, .. } = row;
        Ok((target, Clock { spent_us, since, ended_at, warned_at, breached_at }))
    };
    rows.into_iter().map(read).collect()
}

/// Keeps what changed of a ticket's clocks.
pub async fn keep_clocks(tx: &mut Tx, ticket: &TicketId, before: &Clocks, after: &Clocks) -> Result<()> {
    for (target, clock) in after.iter().filter(|(target, clock)| before.get(target) != Some(clock)) {
        on_tx!(tx, c => sqlx::query(
            "insert into ticket_clocks (ticket_id, target, spent_us, since, ended_at, warned_at, breached_at) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (ticket_id, target) do update set spent_us = excluded.spent_us, since = excluded.since,
                 ended_at = excluded.ended_at, warned_at = excluded.warned_at, breached_at = excluded.breached_at")
            .bind(ticket).bind(target.as_str()).bind(clock.spent_us).bind(clock.since).bind(clock.ended_at)
            .bind(clock.warned_at).bind(clock.breached_at).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// What lists show as due next; they are told when it changed.
pub async fn set_due(tx: &mut Tx, ticket: &TicketId, due: Option<&Due>) -> Result<()> {
    let changed = on_tx!(tx, c => sqlx::query(
        "update tickets set due_at = $2, due_for = $3, breached_at = $4 where id = $1
           and (due_at is distinct from $2 or due_for is distinct from $3 or breached_at is distinct from $4)")
        .bind(ticket).bind(due.map(|due| due.at)).bind(due.map(|due| due.target.as_str()))
        .bind(due.and_then(|due| due.breached_at)).execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        tx.touch(ticket, "ticket");
    }
    Ok(())
}

/// Active tickets after one, for a look at all of them.
pub async fn active_after(db: &Db, after: &str, limit: i64) -> Result<Vec<TicketId>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select id from tickets where status in ('new', 'open', 'waiting') and id > $1 order by id limit $2")
        .bind(after).bind(limit).fetch_all(c).await)?)
}
