//! The files of a ticket and of a contact, the newest first.

use model::{
    Timestamp,
    ids::{ContactId, TicketId, UserId},
};
use sqlx::FromRow;

use super::Attachment;
use crate::{
    Db, Result,
    db::{page_sql, page_start},
};

/// A file and where it stands.
#[derive(Clone, Debug, FromRow)]
pub struct Placed {
    #[sqlx(flatten)]
    pub attachment: Attachment,
    pub ticket_number: i64,
    /// `in` or `out`.
    pub direction: String,
}

/// Whose files are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    Ticket(&'a TicketId),
    /// In all their tickets.
    Contact(&'a ContactId),
}

const SELECT: &str = "select a.id, a.message_id, a.ticket_id, a.contact_id, a.channel_id, a.kind, a.state, a.reason, a.retry_at, a.attempts,
    a.external_id, a.url, a.claimed_mime_type, a.claimed_sha256, a.file_name, a.is_voice, a.mime_type, a.size_bytes, a.sha256, a.width, a.height,
    a.blob_id, a.is_shared, a.expires_at, a.created_at, t.number as ticket_number, m.direction
    from attachments a join messages m on m.id = a.message_id join tickets t on t.id = a.ticket_id";

/// Only tickets whose customers this technician visits; everybody's for nobody.
const SEEN: &str = "($5 = '' or exists (select 1 from visits v join technicians n on n.id = v.technician_id where v.ticket_id = t.id and n.user_id = $5))";

/// What the customer took back is left out.
pub async fn list(
    db: &Db,
    of: Of<'_>,
    visited_by: Option<&UserId>,
    before: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<Placed>> {
    let (owner, id) = match of {
        Of::Ticket(id) => ("a.ticket_id = $1", id.as_str()),
        Of::Contact(id) => ("a.contact_id = $1", id.as_str()),
    };
    let condition = format!("{owner} and m.revoked_at is null and {SEEN}");
    let sql = page_sql(SELECT, &condition, ("a.created_at", "a.id"), true);
    let (at, last) = page_start(before, true);
    let user = visited_by.map_or("", UserId::as_str);
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id).bind(at).bind(last).bind(limit).bind(user).fetch_all(c).await)?)
}

/// Whether the contact has a ticket, one of a customer whom this technician visits if one is named.
pub async fn is_known(db: &Db, contact: &ContactId, visited_by: Option<&UserId>) -> Result<bool> {
    let user = visited_by.map_or("", UserId::as_str);
    let count: i64 = on!(db, c => sqlx::query_scalar(
        "select count(*) from tickets t where t.contact_id = $1 and ($2 = '' or exists
           (select 1 from visits v join technicians n on n.id = v.technician_id where v.ticket_id = t.id and n.user_id = $2))")
        .bind(contact).bind(user).fetch_one(c).await)?;
    Ok(count > 0)
}
