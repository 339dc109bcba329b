//! By what a picture is known again: the hash of its bytes and the hash of what it looks like.
//!
//! The search for near ones is in memory (an index of the perceptual hashes, loaded from here); what it finds is
//! looked up here again, so that a picture of an erased contact is never named, whatever a process still remembers.

use model::{
    Timestamp,
    ids::{AttachmentId, ContactId, TicketId},
};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx};

/// A perceptual hash with the picture that it belongs to.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Hash {
    pub attachment_id: AttachmentId,
    pub pdq: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

/// A picture that was seen before.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Seen {
    pub attachment_id: AttachmentId,
    pub contact_id: Option<ContactId>,
    pub ticket_id: Option<TicketId>,
    pub ticket_number: Option<i64>,
    pub sha256: String,
    pub created_at: Timestamp,
}

/// Remembers a picture; a second call replaces what the first one said.
pub async fn keep(
    tx: &mut Tx,
    attachment: &AttachmentId,
    sha256: &str,
    pdq: Option<&[u8]>,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into picture_hashes (attachment_id, sha256, pdq, created_at) values ($1, $2, $3, $4)
         on conflict (attachment_id) do update set sha256 = excluded.sha256, pdq = excluded.pdq, created_at = excluded.created_at")
        .bind(attachment).bind(sha256).bind(pdq).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// The perceptual hashes from `since` on, in the order in which they were kept, after `(since, attachment)`.
pub async fn since(db: &Db, since: Timestamp, after: &str, limit: i64) -> Result<Vec<Hash>> {
    Ok(on!(db, c => sqlx::query_as(
        "select attachment_id, pdq, created_at from picture_hashes
         where pdq is not null and (created_at > $1 or (created_at = $1 and attachment_id > $2))
         order by created_at, attachment_id limit $3")
        .bind(since).bind(after).bind(limit).fetch_all(c).await)?)
}

const SEEN: &str = "select h.attachment_id, a.contact_id, a.ticket_id, t.number as ticket_number, h.sha256, a.created_at
    from picture_hashes h join attachments a on a.id = h.attachment_id left join tickets t on t.id = a.ticket_id";

/// The pictures with the very same bytes, the oldest first.
pub async fn same_bytes(db: &Db, sha256: &str, limit: i64) -> Result<Vec<Seen>> {
    let sql = format!("{SEEN} where h.sha256 = $1 order by a.created_at, a.id limit $2");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(sha256).bind(limit).fetch_all(c).await)?)
}

/// Those of these pictures that are still remembered, the oldest first.
pub async fn seen(db: &Db, attachments: &[&str]) -> Result<Vec<Seen>> {
    let condition = db.engine().pick(
        "h.attachment_id in (select value from json_each($1))",
        "h.attachment_id in (select json_array_elements_text($1::json))",
    );
    let sql = format!("{SEEN} where {condition} order by a.created_at, a.id");
    let list = serde_json::to_string(attachments).map_err(|e| StoreError::corrupt("list of ids", e))?;
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).fetch_all(c).await)?)
}
