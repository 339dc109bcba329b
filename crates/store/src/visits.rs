//! Technicians and their visits. A time is given once: that is a unique key, whoever asks at the same moment.

use model::{
    Ids, Timestamp,
    ids::{TechnicianId, TicketId, UserId, VisitId},
};
use serde_json::json;
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx, events};

#[derive(Clone, Debug, FromRow)]
pub struct Technician {
    pub id: TechnicianId,
    pub name: String,
    areas: String,
    skills: String,
    hours: String,
    pub calendar_secret: String,
    /// The account with which they sign in.
    pub user_id: Option<UserId>,
}

impl Technician {
    pub fn areas(&self) -> Result<Vec<String>> {
        list_of(&self.areas)
    }

    pub fn skills(&self) -> Result<Vec<String>> {
        list_of(&self.skills)
    }

    pub fn hours(&self) -> Result<Vec<String>> {
        list_of(&self.hours)
    }
}

fn list_of(text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|e| StoreError::corrupt("technician", e))
}

/// A technician as an administrator describes them.
pub struct NewTechnician<'a> {
    pub name: &'a str,
    pub areas: &'a [String],
    pub skills: &'a [String],
    pub hours: &'a [String],
    pub user_id: Option<&'a UserId>,
}

const TECHNICIAN: &str = "select id, name, areas, skills, hours, calendar_secret, user_id from technicians";

/// Whether an account is that of the technician who visits (or visited) this ticket's customer.
pub async fn visits_ticket(db: &Db, user: &UserId, ticket: &TicketId) -> Result<bool> {
    let count: i64 = on!(db, c => sqlx::query_scalar(
        "select count(*) from visits v join technicians t on t.id = v.technician_id where t.user_id = $1 and v.ticket_id = $2")
        .bind(user).bind(ticket).fetch_one(c).await)?;
    Ok(count > 0)
}

/// The technician whose account this is.
pub async fn technician_of(db: &Db, user: &UserId) -> Result<Option<TechnicianId>> {
    Ok(on!(db, c => sqlx::query_scalar("select id from technicians where user_id = $1 and left_at is null")
        .bind(user).fetch_optional(c).await)?)
}

/// Stores a technician, new or changed.
pub async fn put_technician(
    tx: &mut Tx,
    id: &TechnicianId,
    new: &NewTechnician<'_>,
    calendar_secret: &str,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into technicians (id, name, areas, skills, hours, calendar_secret, created_at, user_id) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (id) do update set name = excluded.name, areas = excluded.areas, skills = excluded.skills, hours = excluded.hours,
             user_id = excluded.user_id")
        .bind(id).bind(new.name).bind(json!(new.areas).to_string()).bind(json!(new.skills).to_string())
        .bind(json!(new.hours).to_string()).bind(calendar_secret).bind(now).bind(new.user_id).execute(c).await.map(drop))?;
    Ok(())
}

/// A technician takes no visits any more; those that are booked stand. `false` when there is none such.
pub async fn leave(tx: &mut Tx, id: &TechnicianId, now: Timestamp) -> Result<bool> {
    let found = on_tx!(tx, c => sqlx::query("update technicians set left_at = $2 where id = $1 and left_at is null")
        .bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(found > 0)
}

/// Those who take visits, by name.
pub async fn technicians(db: &Db) -> Result<Vec<Technician>> {
    let sql = format!("{TECHNICIAN} where left_at is null order by name, id");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?)
}

pub async fn technicians_in(tx: &mut Tx) -> Result<Vec<Technician>> {
    let sql = format!("{TECHNICIAN} where left_at is null order by name, id");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?)
}

pub async fn by_calendar(db: &Db, secret: &str) -> Result<Option<Technician>> {
    let sql = format!("{TECHNICIAN} where calendar_secret = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(secret).fetch_optional(c).await)?)
}

#[derive(Clone, Debug, FromRow)]
pub struct Visit {
    pub id: VisitId,
    pub ticket_id: TicketId,
    pub ticket_number: i64,
    /// A name, else a number; a channel may hide both.
    pub contact_name: Option<String>,
    pub technician_id: TechnicianId,
    pub technician_name: String,
    pub what: String,
    pub place: String,
    pub note: Option<String>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub status: String,
    pub why: Option<String>,
    pub updated_at: Timestamp,
}

const VISIT: &str = "select v.id, v.ticket_id, k.number as ticket_number,
    coalesce(c.name, (select '+' || i.value from identities i where i.contact_id = c.id and i.kind = 'wa_id' and i.retired_at is null order by i.value limit 1)) as contact_name,
    v.technician_id, t.name as technician_name, v.what, v.place, v.note, v.starts_at, v.ends_at, v.status, v.why, v.updated_at
    from visits v join technicians t on t.id = v.technician_id
    join tickets k on k.id = v.ticket_id join contacts c on c.id = k.contact_id";

/// A visit to be booked.
pub struct NewVisit<'a> {
    pub ticket_id: &'a TicketId,
    pub technician_id: &'a TechnicianId,
    pub what: &'a str,
    pub place: &'a str,
    pub note: Option<&'a str>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// A person, or nobody: a flow.
    pub booked_by: Option<&'a UserId>,
}

/// Books a time; `None` when somebody else has it.
pub async fn book(tx: &mut Tx, ids: &Ids, new: &NewVisit<'_>, now: Timestamp) -> Result<Option<VisitId>> {
    let id = VisitId::new(ids, now);
    let made = on_tx!(tx, c => sqlx::query(
        "insert into visits (id, ticket_id, technician_id, what, place, note, starts_at, ends_at, status, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'booked', $9, $9) on conflict do nothing")
        .bind(&id).bind(new.ticket_id).bind(new.technician_id).bind(new.what).bind(new.place).bind(new.note)
        .bind(new.starts_at).bind(new.ends_at).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    if made == 0 {
        return Ok(None);
    }
    let data = json!({ "visit_id": id, "starts_at": new.starts_at, "what": new.what });
    events::add(tx, ids, new.ticket_id, "visit.booked", new.booked_by, &data, now).await?;
    Ok(Some(id))
}

/// Calls a booked visit off; `false` when there is none such.
pub async fn cancel(
    tx: &mut Tx,
    ids: &Ids,
    id: &VisitId,
    why: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    end(tx, ids, id, "cancelled", why, actor, now).await
}

/// The technician was there; `false` when no such visit is booked.
pub async fn done(
    tx: &mut Tx,
    ids: &Ids,
    id: &VisitId,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    end(tx, ids, id, "done", None, actor, now).await
}

async fn end(
    tx: &mut Tx,
    ids: &Ids,
    id: &VisitId,
    status: &str,
    why: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    let ticket: Option<TicketId> = on_tx!(tx, c => sqlx::query_scalar(
        "update visits set status = $2, why = $3, updated_at = $4 where id = $1 and status = 'booked' returning ticket_id")
        .bind(id).bind(status).bind(why).bind(now).fetch_optional(c).await)?;
    let Some(ticket) = ticket else { return Ok(false) };
    let kind = if status == "done" { "visit.done" } else { "visit.cancelled" };
    events::add(tx, ids, &ticket, kind, actor, &json!({ "visit_id": id, "why": why }), now).await?;
    Ok(true)
}

pub async fn get_in(tx: &mut Tx, id: &VisitId) -> Result<Option<Visit>> {
    let sql = format!("{VISIT} where v.id = $1");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn get(db: &Db, id: &VisitId) -> Result<Option<Visit>> {
    let sql = format!("{VISIT} where v.id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// When technicians are booked from `from` on.
pub async fn booked(tx: &mut Tx, from: Timestamp) -> Result<Vec<(TechnicianId, Timestamp, Timestamp)>> {
    Ok(on_tx!(tx, c => sqlx::query_as(
        "select technician_id, starts_at, ends_at from visits where status = 'booked' and ends_at > $1")
        .bind(from).fetch_all(c).await)?)
}

/// Which visits a list shows.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Those that end after this.
    pub from: Timestamp,
    /// Those that begin before this.
    pub until: Option<Timestamp>,
    pub technician: Option<&'a TechnicianId>,
    pub ticket: Option<&'a TicketId>,
}

/// The soonest first.
pub async fn list(db: &Db, wanted: &Wanted<'_>, limit: i64) -> Result<Vec<Visit>> {
    let sql = format!(
        "{VISIT} where v.ends_at > $1 and v.starts_at < $2 and ($3 = '' or v.technician_id = $3) and ($4 = '' or v.ticket_id = $4)
         order by v.starts_at, v.id limit $5"
    );
    let until = wanted.until.unwrap_or(Timestamp(i64::MAX));
    let technician = wanted.technician.map_or("", TechnicianId::as_str);
    let ticket = wanted.ticket.map_or("", TicketId::as_str);
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(wanted.from).bind(until).bind(technician).bind(ticket).bind(limit).fetch_all(c).await)?)
}
