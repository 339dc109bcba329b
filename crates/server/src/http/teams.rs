//! Teams: who is in them and when, what they promise, who is away.

use std::{collections::BTreeMap, str::FromStr as _};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use jiff::{civil::Date, tz::TimeZone};
use model::{
    access::Right,
    assignment::Assigning,
    ids::{TeamId, UserId},
};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, Tx, sla as kept_sla,
    teams::{self as kept, NewMember, NewTeam},
    users,
};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    promises::{Promise, policies},
};
use crate::{guide::Span, work};

const TEAMS_MAX: usize = 200;
const MEMBERS_MAX: usize = 500;
const LISTED_MAX: usize = 50;
const HOLIDAYS_MAX: usize = 500;
const TICKETS_MAX: i64 = 1_000;

/// A day on which nobody is there.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// `2026-12-25`
    pub day: String,
    pub name: String,
}

/// Somebody in a team.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TeamMember {
    pub user_id: String,
    pub name: String,
    pub skills: Vec<String>,
    pub languages: Vec<String>,
    /// Somebody who is away is given nothing.
    pub is_there: bool,
    /// Tickets that need them now, of all teams: new or open, not put aside.
    pub in_hand: i64,
    /// So many at once; `null` for any number.
    pub tickets_max: Option<i64>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Team {
    pub id: String,
    /// What flows call it.
    pub name: String,
    pub time_zone: String,
    /// Such as `mon-fri 09:00-18:00`; always open when empty.
    pub hours: Vec<String>,
    pub holidays: Vec<Holiday>,
    /// `by_hand`, `round_robin` or `least_load`.
    pub assigning: String,
    /// Whether tickets that no flow gave to a team are its.
    pub takes_new: bool,
    pub members: Vec<TeamMember>,
    /// The closest one to a ticket counts; without any here, the desk's.
    pub promises: Vec<Promise>,
    pub is_open: bool,
    /// Tickets that have nobody.
    pub waiting: i64,
}

/// Teams by name, each with its members and what they have in hand.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", responses((status = 200, body = Page<Team>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<Team>>> {
    all(&web).await.map(|teams| Json(Page::whole(teams)))
}

async fn all(web: &Web) -> ApiResult<Vec<Team>> {
    let (db, now) = (&web.app.db, web.app.clock.now());
    let mut members: BTreeMap<TeamId, Vec<TeamMember>> = BTreeMap::new();
    for one in kept::everybody(db).await? {
        let member = one.member;
        members.entry(one.team_id).or_default().push(TeamMember {
            user_id: member.user.0,
            name: one.name,
            skills: member.skills,
            languages: member.languages,
            is_there: member.is_there,
            in_hand: member.in_hand,
            tickets_max: member.tickets_max,
        });
    }
    let policies = kept_sla::policies(db).await?;
    let waiting: BTreeMap<String, i64> = kept::waiting_counts(db).await?.into_iter().collect();
    let shown = |team: kept::Team| -> ApiResult<Team> {
        Ok(Team {
            hours: team.hours()?,
            holidays: team
                .holidays()?
                .into_iter()
                .map(|one| Holiday { day: one.day, name: one.name })
                .collect(),
            assigning: team.assigning()?.as_str().to_owned(),
            members: members.get(&team.id).cloned().unwrap_or_default(),
            promises: policies
                .iter()
                .filter(|policy| policy.team_id == team.id.as_str())
                .map(Promise::of)
                .collect(),
            is_open: work::calendar_of(&web.app, &team)?.is_open(now),
            waiting: waiting.get(&team.name).copied().unwrap_or(0),
            id: team.id.0,
            name: team.name,
            time_zone: team.time_zone,
            takes_new: team.takes_new,
        })
    };
    kept::all(db).await?.into_iter().map(shown).collect()
}

/// Somebody in a team as it is described.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamMemberSpec {
    pub user_id: String,
    /// Words of tags or names of flows; only who has it is given such a ticket.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Codes such as `it`.
    #[serde(default)]
    pub languages: Vec<String>,
    pub tickets_max: Option<i64>,
}

/// A team as somebody describes it, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamSpec {
    pub name: String,
    /// Such as `Europe/Rome`.
    pub time_zone: String,
    #[serde(default)]
    pub hours: Vec<String>,
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    pub assigning: String,
    #[serde(default)]
    pub takes_new: bool,
    #[serde(default)]
    pub members: Vec<TeamMemberSpec>,
    #[serde(default)]
    pub promises: Vec<Promise>,
}

#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", request_body = TeamSpec, responses((status = 201, body = Team)))]
pub async fn add(State(web): State<Web>, Json(spec): Json<TeamSpec>) -> ApiResult<(StatusCode, Json<Team>)> {
    if kept::all(&web.app.db).await?.len() >= TEAMS_MAX {
        return Err(ApiError::invalid(format!("a desk has at most {TEAMS_MAX} teams")));
    }
    let id = TeamId::new(&web.app.ids, web.app.clock.now());
    store(&web, &id, &spec).await.map(|team| (StatusCode::CREATED, Json(team)))
}

#[utoipa::path(patch, path = "/api/v1/teams/{id}", tag = "teams", params(("id" = String, Path)), request_body = TeamSpec, responses((status = 200, body = Team)))]
pub async fn change(
    State(web): State<Web>,
    Path(id): Path<String>,
    Json(spec): Json<TeamSpec>,
) -> ApiResult<Json<Team>> {
    let id = TeamId(id);
    if !kept::all(&web.app.db).await?.iter().any(|team| team.id == id) {
        return Err(ApiError::not_found("team"));
    }
    store(&web, &id, &spec).await.map(Json)
}

/// The team is no more. Its name stays on its tickets; who has one keeps it.
#[utoipa::path(delete, path = "/api/v1/teams/{id}", tag = "teams", params(("id" = String, Path)), responses((status = 204)))]
pub async fn remove(State(web): State<Web>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let mut tx = web.app.db.begin().await?;
    if !kept::remove(&mut tx, &TeamId(id)).await? {
        return Err(ApiError::not_found("team"));
    }
    work::review(&mut tx, &web.app).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn store(web: &Web, id: &TeamId, spec: &TeamSpec) -> ApiResult<Team> {
    let app = &web.app;
    let name = spec.name.trim();
    let assigning = checked(spec, name)?;
    let holidays: Vec<kept::Holiday> = spec
        .holidays
        .iter()
        .map(|one| kept::Holiday { day: one.day.clone(), name: one.name.trim().to_owned() })
        .collect();
    let new = NewTeam {
        name,
        time_zone: &spec.time_zone,
        hours: &spec.hours,
        holidays: &holidays,
        assigning,
        takes_new: spec.takes_new,
    };
    let mut tx = app.db.begin().await?;
    kept::put(&mut tx, id, &new, app.clock.now()).await.map_err(|error| match error {
        StoreError::Duplicate(_) => {
            ApiError::new(StatusCode::CONFLICT, "name_taken", format!("another team is called `{name}`"))
        }
        error => error.into(),
    })?;
    put_members(&mut tx, id, &spec.members).await?;
    kept_sla::set_policies(&mut tx, Some(id), &policies(id.as_str(), &spec.promises)?).await?;
    work::review(&mut tx, app).await?;
    tx.commit().await?;
    let team = all(web).await?.into_iter().find(|team| team.id == id.as_str());
    team.ok_or_else(|| ApiError::not_found("team"))
}

fn checked(spec: &TeamSpec, name: &str) -> ApiResult<Assigning> {
    if name.is_empty() || name.chars().count() > 60 {
        return Err(ApiError::invalid("a team has a name of 1 to 60 characters"));
    }
    if TimeZone::get(&spec.time_zone).is_err() {
        return Err(ApiError::invalid(format!(
            "`{}` is no time zone; write one such as `Europe/Rome`",
            spec.time_zone
        )));
    }
    if spec.hours.len() > LISTED_MAX || spec.holidays.len() > HOLIDAYS_MAX {
        return Err(ApiError::invalid(format!(
            "at most {LISTED_MAX} spans of opening hours and {HOLIDAYS_MAX} holidays"
        )));
    }
    for span in &spec.hours {
        Span::from_str(span).map_err(ApiError::invalid)?;
    }
    for one in &spec.holidays {
        if one.day.parse::<Date>().is_err() || one.name.chars().count() > 60 {
            return Err(ApiError::invalid(format!(
                "`{}` is no day; write one such as `2026-12-25`, with a name of at most 60 characters",
                one.day
            )));
        }
    }
    Assigning::parse(&spec.assigning).ok_or_else(|| {
        let known = Assigning::ALL.map(Assigning::as_str).join(", ");
        ApiError::invalid(format!("`{}` is no way to give tickets; one of {known} is needed", spec.assigning))
    })
}

async fn put_members(tx: &mut Tx, team: &TeamId, specs: &[TeamMemberSpec]) -> ApiResult<()> {
    if specs.len() > MEMBERS_MAX {
        return Err(ApiError::invalid(format!("a team has at most {MEMBERS_MAX} members")));
    }
    let mut people: Vec<(UserId, &TeamMemberSpec, Vec<String>, Vec<String>)> = Vec::new();
    for spec in specs {
        let user = UserId::from(spec.user_id.as_str());
        let person = users::get(tx, &user).await?;
        let person = person.ok_or_else(|| ApiError::invalid("a member of this team does not exist"))?;
        if !person.rights()?.has(Right::TicketsChange) {
            return Err(ApiError::invalid(format!(
                "{} cannot answer tickets; give them another role first",
                person.name
            )));
        }
        if spec.tickets_max.is_some_and(|most| !(0..=TICKETS_MAX).contains(&most)) {
            return Err(ApiError::invalid(format!("somebody takes 0 to {TICKETS_MAX} tickets at once")));
        }
        if people.iter().any(|(known, ..)| *known == user) {
            return Err(ApiError::invalid(format!("{} is in this team twice", person.name)));
        }
        people.push((user, spec, words(&spec.skills)?, words(&spec.languages)?));
    }
    let members: Vec<NewMember<'_>> = people
        .iter()
        .map(|(user_id, spec, skills, languages)| NewMember {
            user_id,
            skills,
            languages,
            tickets_max: spec.tickets_max,
        })
        .collect();
    Ok(kept::set_members(tx, team, &members).await?)
}

fn words(list: &[String]) -> ApiResult<Vec<String>> {
    let mut words: Vec<String> =
        list.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    words.dedup();
    if words.len() > LISTED_MAX || words.iter().any(|word| word.chars().count() > 50) {
        return Err(ApiError::invalid(format!(
            "at most {LISTED_MAX} skills and languages of at most 50 characters"
        )));
    }
    Ok(words)
}

/// Who is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    pub is_there: bool,
    /// Somebody else, with `teams.change`; oneself when left out.
    pub user_id: Option<String>,
}

/// Goes away or comes back. Who is away is given no tickets; those that they have stay theirs.
#[utoipa::path(post, path = "/api/v1/presence", tag = "teams", request_body = Presence, responses((status = 204)))]
pub async fn presence(
    State(web): State<Web>,
    caller: Caller,
    Json(presence): Json<Presence>,
) -> ApiResult<StatusCode> {
    let user = match presence.user_id.map(UserId) {
        Some(other) if Some(&other) != caller.user_id() => {
            caller.must(Right::TeamsChange)?;
            other
        }
        Some(own) => own,
        None => caller.user_id().cloned().ok_or_else(|| {
            ApiError::invalid("this token belongs to no user; say with `user_id` who is there or away")
        })?,
    };
    let mut tx = web.app.db.begin().await?;
    users::get(&mut tx, &user).await?.ok_or_else(|| ApiError::invalid("this user does not exist"))?;
    if kept::set_away(&mut tx, &user, !presence.is_there).await? && presence.is_there {
        work::freed(&mut tx, &web.app, &user).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
