//! Teams: who is in them, when they are there, and whose turn it is.
//!
//! A team's name is what flows write on a ticket. A name that is no team's is a name without members.

use model::{
    Timestamp,
    assignment::{Assigning, Member},
    ids::{TeamId, TicketId, UserId},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub time_zone: String,
    hours: String,
    holidays: String,
    assigning: String,
    pub takes_new: bool,
}

/// A day on which nobody is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holiday {
    /// `2026-12-25`
    pub day: String,
    pub name: String,
}

impl Team {
    /// Spans such as `mon-fri 09:00-18:00`.
    pub fn hours(&self) -> Result<Vec<String>> {
        read("team", &self.hours)
    }

    pub fn holidays(&self) -> Result<Vec<Holiday>> {
        read("team", &self.holidays)
    }

    pub fn assigning(&self) -> Result<Assigning> {
        Assigning::parse(&self.assigning).ok_or_else(|| StoreError::corrupt("team", &self.assigning))
    }
}

fn read<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::corrupt(what, e))
}

/// A team as somebody describes it.
pub struct NewTeam<'a> {
    pub name: &'a str,
    pub time_zone: &'a str,
    pub hours: &'a [String],
    pub holidays: &'a [Holiday],
    pub assigning: Assigning,
    pub takes_new: bool,
}

/// Somebody in a team as it is described.
pub struct NewMember<'a> {
    pub user_id: &'a UserId,
    pub skills: &'a [String],
    pub languages: &'a [String],
    pub tickets_max: Option<i64>,
}

const TEAM: &str = "select id, name, time_zone, hours, holidays, assigning, takes_new from teams";

pub async fn all(db: &Db) -> Result<Vec<Team>> {
    let sql = format!("{TEAM} order by name, id");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?)
}

pub async fn named(tx: &mut Tx, name: &str) -> Result<Option<Team>> {
    let sql = format!("{TEAM} where name = $1");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name).fetch_optional(c).await)?)
}

/// The team whose tickets are those that no flow gave to another.
pub async fn that_takes_new(tx: &mut Tx) -> Result<Option<Team>> {
    let sql = format!("{TEAM} where takes_new");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_optional(c).await)?)
}

/// Stores a team, new or changed; `Duplicate` when another has its name. The active tickets of a team that is renamed
/// go with it. Of several that want the new tickets, the last one said so.
pub async fn put(tx: &mut Tx, id: &TeamId, new: &NewTeam<'_>, now: Timestamp) -> Result<()> {
    let before: Option<String> = on_tx!(tx, c => sqlx::query_scalar("select name from teams where id = $1").bind(id).fetch_optional(c).await)?;
    if new.takes_new {
        on_tx!(tx, c => sqlx::query("update teams set takes_new = false where takes_new and id <> $1").bind(id).execute(c).await.map(drop))?;
    }
    on_tx!(tx, c => sqlx::query(
        "insert into teams (id, name, time_zone, hours, holidays, assigning, takes_new, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (id) do update set name = excluded.name, time_zone = excluded.time_zone, hours = excluded.hours,
             holidays = excluded.holidays, assigning = excluded.assigning, takes_new = excluded.takes_new")
        .bind(id).bind(new.name).bind(new.time_zone).bind(json!(new.hours).to_string()).bind(json!(new.holidays).to_string())
        .bind(new.assigning.as_str()).bind(new.takes_new).bind(now).execute(c).await.map(drop))?;
    if let Some(before) = before.filter(|before| before != new.name) {
        on_tx!(tx, c => sqlx::query("update tickets set team = $2 where team = $1 and status in ('new', 'open', 'waiting')")
            .bind(before).bind(new.name).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Who is in a team from now on. Whoever stays keeps their turn.
pub async fn set_members(tx: &mut Tx, team: &TeamId, members: &[NewMember<'_>]) -> Result<()> {
    let kept: Vec<&str> = members.iter().map(|member| member.user_id.as_str()).collect();
    let sql = tx.engine().pick(
        "delete from team_members where team_id = $1 and user_id not in (select value from json_each($2))",
        "delete from team_members where team_id = $1 and user_id not in (select json_array_elements_text($2::json))",
    );
    on_tx!(tx, c => sqlx::query(sql).bind(team).bind(json!(kept).to_string()).execute(c).await.map(drop))?;
    for member in members {
        on_tx!(tx, c => sqlx::query(
            "insert into team_members (team_id, user_id, skills, languages, tickets_max) values ($1, $2, $3, $4, $5)
             on conflict (team_id, user_id) do update set skills = excluded.skills, languages = excluded.languages, tickets_max = excluded.tickets_max")
            .bind(team).bind(member.user_id).bind(json!(member.skills).to_string()).bind(json!(member.languages).to_string())
            .bind(member.tickets_max).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// The team is no more; its name stays on its tickets. `false` when there is none such.
pub async fn remove(tx: &mut Tx, id: &TeamId) -> Result<bool> {
    for sql in ["delete from team_members where team_id = $1", "delete from sla_policies where team_id = $1"]
    {
        on_tx!(tx, c => sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    }
    let gone = on_tx!(tx, c => sqlx::query("delete from teams where id = $1").bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

#[derive(FromRow)]
struct MemberRow {
    team_id: TeamId,
    user_id: UserId,
    name: String,
    skills: String,
    languages: String,
    is_away: bool,
    in_hand: i64,
    tickets_max: Option<i64>,
    last_turn: i64,
}

impl MemberRow {
    fn member(self) -> Result<Member> {
        Ok(Member {
            user: self.user_id,
            skills: read("team member", &self.skills)?,
            languages: read("team member", &self.languages)?,
            is_there: !self.is_away,
            in_hand: self.in_hand,
            tickets_max: self.tickets_max,
            last_turn: self.last_turn,
        })
    }
}

const MEMBER: &str = "select m.team_id, m.user_id, u.name, m.skills, m.languages, u.is_away, m.tickets_max, m.last_turn,
    (select count(*) from tickets t where t.assignee_id = m.user_id and t.status in ('new', 'open') and t.snoozed_at is null) as in_hand
    from team_members m join users u on u.id = m.user_id";

/// Those in a team who can sign in, with what they have in hand now.
pub async fn members(tx: &mut Tx, team: &TeamId) -> Result<Vec<Member>> {
    let sql = format!("{MEMBER} where m.team_id = $1 and u.disabled_at is null order by u.id");
    let rows: Vec<MemberRow> =
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(team).fetch_all(c).await)?;
    rows.into_iter().map(MemberRow::member).collect()
}

/// Somebody in a team, with their name.
#[derive(Clone, Debug)]
pub struct Listed {
    pub team_id: TeamId,
    pub name: String,
    pub member: Member,
}

/// Everybody in every team, by name.
pub async fn everybody(db: &Db) -> Result<Vec<Listed>> {
    let sql = format!("{MEMBER} where u.disabled_at is null order by u.name, u.id");
    let rows: Vec<MemberRow> = on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?;
    let listed = |row: MemberRow| -> Result<Listed> {
        Ok(Listed { team_id: row.team_id.clone(), name: row.name.clone(), member: row.member()? })
    };
    rows.into_iter().map(listed).collect()
}

/// Whether somebody is in a team.
pub async fn is_member(tx: &mut Tx, team: &TeamId, user: &UserId) -> Result<bool> {
    let count: i64 = on_tx!(tx, c => sqlx::query_scalar("select count(*) from team_members where team_id = $1 and user_id = $2")
        .bind(team).bind(user).fetch_one(c).await)?;
    Ok(count > 0)
}

/// The next turn, held until the transaction ends: whoever gives a ticket reads what people have in hand after this.
pub async fn next_turn(tx: &mut Tx) -> Result<i64> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("update counters set value = value + 1 where name = 'assignment_turn' returning value")
        .fetch_one(c).await)?,
    )
}

/// Somebody was given a ticket at this turn.
pub async fn took_turn(tx: &mut Tx, team: &TeamId, user: &UserId, turn: i64) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update team_members set last_turn = $3 where team_id = $1 and user_id = $2")
        .bind(team).bind(user).bind(turn).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether tickets are given to this person by themselves: they are in a team that does so.
pub async fn is_given_tickets(tx: &mut Tx, user: &UserId) -> Result<bool> {
    let count: i64 = on_tx!(tx, c => sqlx::query_scalar(
        "select count(*) from team_members m join teams t on t.id = m.team_id where m.user_id = $1 and t.assigning <> 'by_hand'")
        .bind(user).fetch_one(c).await)?;
    Ok(count > 0)
}

/// Tickets of a team that wait for somebody to be free, oldest first.
pub async fn waiting(db: &Db, team: &str, limit: i64) -> Result<Vec<TicketId>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select id from tickets where team = $1 and assignee_id is null and status in ('new', 'open') and team is not null
           and snoozed_at is null and not is_by_hand order by created_at, id limit $2")
        .bind(team).bind(limit).fetch_all(c).await)?)
}

/// How many tickets of each team have nobody.
pub async fn waiting_counts(db: &Db) -> Result<Vec<(String, i64)>> {
    Ok(on!(db, c => sqlx::query_as(
        "select team, count(*) from tickets where assignee_id is null and status in ('new', 'open') and team is not null
           and snoozed_at is null group by team")
        .fetch_all(c).await)?)
}

/// Somebody goes away or comes back; `false` when they are already.
pub async fn set_away(tx: &mut Tx, user: &UserId, is_away: bool) -> Result<bool> {
    let changed = on_tx!(tx, c => sqlx::query("update users set is_away = $2 where id = $1 and is_away <> $2")
        .bind(user).bind(is_away).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(changed > 0)
}
