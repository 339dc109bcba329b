//! Attachments: visible from the moment they are announced; a row never points at bytes that are not there.

pub mod listing;

use std::time::Duration;

use model::{
    Ids, Timestamp,
    attachment::State,
    content::Media,
    ids::{AttachmentId, BlobId, ChannelId, ContactId, MessageId, TicketId},
};
use sqlx::FromRow;

use crate::{Db, Result, Tx, search, tickets};

#[derive(Clone, Debug, FromRow)]
pub struct Attachment {
    pub id: AttachmentId,
    pub message_id: Option<MessageId>,
    pub ticket_id: Option<TicketId>,
    pub contact_id: Option<ContactId>,
    pub channel_id: Option<ChannelId>,
    pub kind: String,
    pub state: String,
    pub reason: Option<String>,
    pub retry_at: Option<Timestamp>,
    pub attempts: i64,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub claimed_mime_type: Option<String>,
    pub claimed_sha256: Option<String>,
    pub file_name: Option<String>,
    pub is_voice: bool,
    pub mime_type: Option<String>,
    pub size_bytes: Option<i64>,
    pub sha256: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub blob_id: Option<BlobId>,
    /// Its bytes are the house's and stand in other conversations, too.
    pub is_shared: bool,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

const SELECT: &str = "select id, message_id, ticket_id, contact_id, channel_id, kind, state, reason, retry_at, attempts, external_id, url,
    claimed_mime_type, claimed_sha256, file_name, is_voice, mime_type, size_bytes, sha256, width, height, blob_id, is_shared, expires_at, created_at
    from attachments";

/// Where an announced file belongs.
pub struct Place<'a> {
    pub message_id: &'a MessageId,
    pub ticket_id: &'a TicketId,
    pub contact_id: &'a ContactId,
    pub channel_id: &'a ChannelId,
}

/// A file that the channel holds for us.
pub async fn announce(
    tx: &mut Tx,
    id: &AttachmentId,
    place: &Place<'_>,
    kind: &str,
    media: &Media,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into attachments (id, message_id, ticket_id, contact_id, channel_id, kind, state, external_id, url,
           claimed_mime_type, claimed_sha256, file_name, is_voice, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9, $10, $11, $12, $13, $14, $14)")
        .bind(id).bind(place.message_id).bind(place.ticket_id).bind(place.contact_id).bind(place.channel_id).bind(kind)
        .bind(&media.external_id).bind(&media.url).bind(&media.mime_type).bind(&media.sha256).bind(&media.file_name)
        .bind(media.is_voice).bind(expires_at).bind(now)
        .execute(c).await.map(drop))?;
    if media.file_name.is_some() {
        search::name_file(tx, place.ticket_id, id).await?;
    }
    Ok(())
}

/// What is known of a file once its bytes are here.
pub struct Arrived<'a> {
    pub blob_id: &'a BlobId,
    pub mime_type: &'a str,
    pub size_bytes: i64,
    pub sha256: &'a str,
}

/// A file that was uploaded to us, to be sent with a message later.
pub async fn upload(
    tx: &mut Tx,
    id: &AttachmentId,
    kind: &str,
    file_name: Option<&str>,
    is_voice: bool,
    arrived: &Arrived<'_>,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into attachments (id, kind, state, file_name, is_voice, mime_type, size_bytes, sha256, blob_id, created_at, updated_at)
         values ($1, $2, 'fetched', $3, $4, $5, $6, $7, $8, $9, $9)")
        .bind(id).bind(kind).bind(file_name).bind(is_voice).bind(arrived.mime_type).bind(arrived.size_bytes)
        .bind(arrived.sha256).bind(arrived.blob_id).bind(now)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// A further attachment on the bytes of a file of the house, with everything that was made of it; `None` when there is
/// no such file.
pub async fn share(
    tx: &mut Tx,
    ids: &Ids,
    source: &AttachmentId,
    now: Timestamp,
) -> Result<Option<AttachmentId>> {
    let id = AttachmentId::new(ids, now);
    let made = on_tx!(tx, c => sqlx::query(
        "insert into attachments (id, kind, state, file_name, is_voice, mime_type, size_bytes, sha256, width, height, blob_id, is_shared,
             created_at, updated_at)
         select $1, kind, state, file_name, is_voice, mime_type, size_bytes, sha256, width, height, blob_id, true, $3, $3
         from attachments where id = $2 and blob_id is not null")
        .bind(&id).bind(source).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    if made == 0 {
        return Ok(None);
    }
    on_tx!(tx, c => sqlx::query(
        "insert into renditions (attachment_id, name, blob_id, mime_type, width, height, size_bytes)
         select $1, name, blob_id, mime_type, width, height, size_bytes from renditions where attachment_id = $2")
        .bind(&id).bind(source).execute(c).await.map(drop))?;
    Ok(Some(id))
}

/// Binds an uploaded file to the message that carries it; `false` when another message has it already.
pub async fn bind(
    tx: &mut Tx,
    id: &AttachmentId,
    place: &Place<'_>,
    kind: &str,
    now: Timestamp,
) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update attachments set message_id = $2, ticket_id = $3, contact_id = $4, channel_id = $5, kind = $6, updated_at = $7
         where id = $1 and message_id is null and blob_id is not null")
        .bind(id).bind(place.message_id).bind(place.ticket_id).bind(place.contact_id).bind(place.channel_id).bind(kind).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if done > 0 {
        search::rewrite(tx, place.ticket_id, &[search::Place::File, search::Place::Read]).await?;
    }
    Ok(done > 0)
}

pub async fn fetched(tx: &mut Tx, id: &AttachmentId, arrived: &Arrived<'_>, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update attachments set state = 'fetched', reason = null, retry_at = null, url = null, blob_id = $2, mime_type = $3,
           size_bytes = $4, sha256 = $5, updated_at = $6 where id = $1")
        .bind(id).bind(arrived.blob_id).bind(arrived.mime_type).bind(arrived.size_bytes).bind(arrived.sha256).bind(now)
        .execute(c).await.map(drop))?;
    touch(tx, id).await
}

/// A rendition that is written and not yet in the database.
pub struct NewRendition<'a> {
    pub name: &'a str,
    pub blob_id: &'a BlobId,
    pub mime_type: &'a str,
    pub width: i64,
    pub height: i64,
    pub size_bytes: i64,
}

/// Everything that can be made of it is made; `reason` says what could not be.
pub async fn ready(
    tx: &mut Tx,
    id: &AttachmentId,
    size: Option<(i64, i64)>,
    renditions: &[NewRendition<'_>],
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from renditions where attachment_id = $1").bind(id).execute(c).await.map(drop))?;
    for new in renditions {
        insert_rendition(tx, id, new).await?;
    }
    on_tx!(tx, c => sqlx::query("update attachments set state = 'ready', reason = $2, width = $3, height = $4, retry_at = null, updated_at = $5 where id = $1")
        .bind(id).bind(reason).bind(size.map(|s| s.0)).bind(size.map(|s| s.1)).bind(now)
        .execute(c).await.map(drop))?;
    let ticket: Option<TicketId> = on_tx!(tx, c => sqlx::query_scalar("select ticket_id from attachments where id = $1").bind(id).fetch_one(c).await)?;
    if let Some(ticket) = ticket {
        tickets::refresh(tx, &ticket).await?;
    }
    touch(tx, id).await
}

async fn insert_rendition(tx: &mut Tx, id: &AttachmentId, new: &NewRendition<'_>) -> Result<()> {
    on_tx!(tx, c => sqlx::query("insert into renditions (attachment_id, name, blob_id, mime_type, width, height, size_bytes) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id).bind(new.name).bind(new.blob_id).bind(new.mime_type).bind(new.width).bind(new.height).bind(new.size_bytes)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// The names of the renditions in which personal data is black.
pub const MASKED: [&str; 2] = ["view_masked", "thumb_masked"];

/// The name of a document's page as a picture, from 1.
pub fn page_name(number: u32) -> String {
    format!("page-{number}")
}

/// Puts what a look made (masked pictures, pages of documents) in the place of what the look before made.
/// Returns the blobs that nothing points to from now on: to be deleted once the transaction has committed.
pub async fn looked(tx: &mut Tx, id: &AttachmentId, renditions: &[NewRendition<'_>]) -> Result<Vec<BlobId>> {
    let [view, thumb] = MASKED;
    let replaced: Vec<BlobId> = on_tx!(tx, c => sqlx::query_scalar(
        "delete from renditions where attachment_id = $1 and (name in ($2, $3) or name like 'page-%') returning blob_id")
        .bind(id).bind(view).bind(thumb).fetch_all(c).await)?;
    for blob in &replaced {
        on_tx!(tx, c => sqlx::query("delete from blobs where id = $1").bind(blob).execute(c).await.map(drop))?;
    }
    for new in renditions {
        insert_rendition(tx, id, new).await?;
    }
    touch(tx, id).await?;
    Ok(replaced)
}

/// A try failed; `retry_at` says when the next one is, `None` that there is none.
pub async fn failed(
    tx: &mut Tx,
    id: &AttachmentId,
    state: State,
    reason: &str,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update attachments set state = $2, reason = $3, retry_at = $4, attempts = attempts + 1, updated_at = $5 where id = $1")
        .bind(id).bind(state.as_str()).bind(reason).bind(retry_at).bind(now).execute(c).await.map(drop))?;
    touch(tx, id).await
}

/// A person wants another try: of the fetching, or of what people are shown when the bytes are here.
pub async fn again(tx: &mut Tx, id: &AttachmentId, now: Timestamp) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update attachments set state = case when blob_id is null then 'pending' else 'fetched' end, reason = null, retry_at = null, updated_at = $2
         where id = $1 and state in ('failed', 'expired') and (external_id is not null or blob_id is not null)")
        .bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    touch(tx, id).await?;
    Ok(done > 0)
}

async fn touch(tx: &mut Tx, id: &AttachmentId) -> Result<()> {
    let ticket: Option<Option<TicketId>> = on_tx!(tx, c => sqlx::query_scalar("select ticket_id from attachments where id = $1").bind(id).fetch_optional(c).await)?;
    if let Some(ticket) = ticket.flatten() {
        tx.touch(&ticket, "attachment");
    }
    Ok(())
}

pub async fn get(db: &Db, id: &AttachmentId) -> Result<Option<Attachment>> {
    let sql = format!("{SELECT} where id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn get_in(tx: &mut Tx, id: &AttachmentId) -> Result<Option<Attachment>> {
    let sql = format!("{SELECT} where id = $1");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn of_messages(db: &Db, messages: &[&str]) -> Result<Vec<Attachment>> {
    let condition = db.engine().pick(
        "message_id in (select value from json_each($1))",
        "message_id in (select json_array_elements_text($1::json))",
    );
    let sql = format!("{SELECT} where {condition} order by id");
    let list = serde_json::json!(messages).to_string();
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).fetch_all(c).await)?)
}

#[derive(Clone, Debug, FromRow)]
pub struct Rendition {
    pub attachment_id: AttachmentId,
    pub name: String,
    pub blob_id: BlobId,
    pub mime_type: String,
    pub width: i64,
    pub height: i64,
    pub size_bytes: i64,
}

pub async fn renditions(db: &Db, attachments: &[&str]) -> Result<Vec<Rendition>> {
    let condition = db.engine().pick(
        "attachment_id in (select value from json_each($1))",
        "attachment_id in (select json_array_elements_text($1::json))",
    );
    let sql = format!(
        "select attachment_id, name, blob_id, mime_type, width, height, size_bytes from renditions where {condition} order by name"
    );
    let list = serde_json::json!(attachments).to_string();
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).fetch_all(c).await)?)
}

/// How many files are still with a channel, and how long the oldest of them has been.
pub async fn unfetched(db: &Db, now: Timestamp) -> Result<(i64, Option<Duration>)> {
    let (count, oldest): (i64, Option<Timestamp>) = on!(db, c => sqlx::query_as(
        "select count(*), min(created_at) from attachments where state in ('pending', 'failed')").fetch_one(c).await)?;
    Ok((count, oldest.map(|at| now.since(at))))
}
