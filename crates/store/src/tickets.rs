//! Tickets: how one is opened, placed and kept in step with its messages.

mod changing;
mod listing;
mod work;

use std::time::Duration;

use model::{
    Ids, Timestamp,
    ids::{ChannelId, ContactId, ConversationId, TicketId},
    ticket::{Latest, Placement, TicketStatus, place},
};
use sqlx::FromRow;

pub use self::{
    changing::{
        TAGS_MAX, add_tag, assign, mark_read, mark_unread, set_fields, set_priority, set_status, set_subject,
        set_tags, set_team,
    },
    listing::{Assignee, Filter, Order, Ticket, Viewer, get, list, of},
    work::{Work, give, leave_to_people, snooze, wake, work},
};
use crate::{Db, Result, StoreError, Tx, conversations::Conversation, events, search};

/// The active ticket of a conversation.
pub(crate) async fn active(tx: &mut Tx, conversation: &ConversationId) -> Result<Option<TicketId>> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("select id from tickets where conversation_id = $1 and status in ('new', 'open', 'waiting')")
        .bind(conversation).fetch_optional(c).await)?,
    )
}

/// The ticket in which the conversation goes on, or last went on.
pub async fn latest(tx: &mut Tx, conversation: &ConversationId) -> Result<Option<TicketId>> {
    Ok(latest_row(tx, conversation).await?.map(|row| row.id))
}

async fn latest_row(tx: &mut Tx, conversation: &ConversationId) -> Result<Option<LatestRow>> {
    Ok(on_tx!(tx, c => sqlx::query_as(
        "select id, status, solved_at from tickets where conversation_id = $1
         order by case when status in ('new', 'open', 'waiting') then 0 else 1 end, created_at desc, id desc limit 1")
        .bind(conversation).fetch_optional(c).await)?)
}

#[derive(FromRow)]
struct LatestRow {
    id: TicketId,
    status: String,
    solved_at: Option<Timestamp>,
}

/// The ticket that takes a customer's message, joined, woken or opened.
pub async fn for_message(
    tx: &mut Tx,
    ids: &Ids,
    conversation: &Conversation,
    sent_at: Timestamp,
    reopen_within: Duration,
    now: Timestamp,
) -> Result<TicketId> {
    let latest = latest_row(tx, &conversation.id).await?;
    let latest = latest
        .map(|row| {
            Ok::<_, StoreError>(Latest { id: row.id, status: status(&row.status)?, solved_at: row.solved_at })
        })
        .transpose()?;
    match place(latest.as_ref(), sent_at, reopen_within) {
        Placement::Join(id) => {
            let is_waiting = latest.is_some_and(|l| l.status == TicketStatus::Waiting);
            if is_waiting {
                set_status(tx, ids, &id, TicketStatus::Open, None, now).await?;
            }
            Ok(id)
        }
        Placement::Reopen(id) => {
            set_status(tx, ids, &id, TicketStatus::Open, None, now).await?;
            events::add(tx, ids, &id, "ticket.reopened", None, &serde_json::json!({}), now).await?;
            Ok(id)
        }
        Placement::OpenNew => insert(tx, ids, conversation, sent_at, now).await,
    }
}

async fn insert(
    tx: &mut Tx,
    ids: &Ids,
    conversation: &Conversation,
    sent_at: Timestamp,
    now: Timestamp,
) -> Result<TicketId> {
    let number: i64 = on_tx!(tx, c => sqlx::query_scalar("update counters set value = value + 1 where name = 'ticket_number' returning value")
        .fetch_one(c).await)?;
    let id = TicketId::new(ids, now);
    on_tx!(tx, c => sqlx::query(
        "insert into tickets (id, number, conversation_id, contact_id, channel_id, status, priority, tags, last_activity_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, 'new', 'normal', '[]', $6, $7, $7)")
        .bind(&id).bind(number).bind(&conversation.id).bind(&conversation.contact_id).bind(&conversation.channel_id)
        .bind(sent_at).bind(now).execute(c).await.map(drop))?;
    search::opened(tx, &id).await?;
    events::take_up(tx, &conversation.id, &id).await?;
    events::add(tx, ids, &id, "ticket.created", None, &serde_json::json!({ "number": number }), now).await?;
    tx.touch(&id, "ticket");
    Ok(id)
}

/// Recomputes what a list shows from the messages themselves; a picture once it was read, and so once it has its mask.
pub async fn refresh(tx: &mut Tx, id: &TicketId) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update tickets set
           last_message_id = (select m.id from messages m where m.ticket_id = $1 order by m.sent_at desc, m.position desc limit 1),
           last_activity_at = coalesce((select max(m.sent_at) from messages m where m.ticket_id = $1), last_activity_at),
           thumbnail_attachment_id = (select a.id from attachments a join renditions r on r.attachment_id = a.id and r.name = 'thumb'
               where a.ticket_id = $1 and not exists (select 1 from analyses l where l.attachment_id = a.id and l.is_current and not l.is_complete)
               order by a.created_at desc, a.id desc limit 1)
         where id = $1")
        .bind(id).execute(c).await.map(drop))?;
    tx.touch(id, "ticket");
    Ok(())
}

/// A message was added: the list shows the one that was written last, in whatever order they came.
pub async fn note_message(
    tx: &mut Tx,
    id: &TicketId,
    sent_at: Timestamp,
    unread: i64,
    attachments: i64,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update tickets set
           last_message_id = (select m.id from messages m where m.ticket_id = $1 order by m.sent_at desc, m.position desc limit 1),
           last_activity_at = case when last_activity_at < $2 then $2 else last_activity_at end,
           unread_count = unread_count + $3, attachment_count = attachment_count + $4, updated_at = $5
         where id = $1")
        .bind(id).bind(sent_at).bind(unread).bind(attachments).bind(now)
        .execute(c).await.map(drop))?;
    tx.touch(id, "message");
    Ok(())
}

/// The conversation, channel and contact of a ticket.
pub async fn place_of(tx: &mut Tx, id: &TicketId) -> Result<Option<(ConversationId, ChannelId, ContactId)>> {
    Ok(
        on_tx!(tx, c => sqlx::query_as("select conversation_id, channel_id, contact_id from tickets where id = $1").bind(id).fetch_optional(c).await)?,
    )
}

/// The ticket that people call by this number.
pub async fn numbered(db: &Db, number: i64) -> Result<Option<TicketId>> {
    Ok(
        on!(db, c => sqlx::query_scalar("select id from tickets where number = $1").bind(number).fetch_optional(c).await)?,
    )
}

/// The language of the ticket's customer.
pub async fn language_of(tx: &mut Tx, id: &TicketId) -> Result<Option<String>> {
    let language: Option<Option<String>> = on_tx!(tx, c => sqlx::query_scalar(
        "select c.language from tickets t join contacts c on c.id = t.contact_id where t.id = $1").bind(id).fetch_optional(c).await)?;
    Ok(language.flatten())
}

pub async fn exists(tx: &mut Tx, id: &TicketId) -> Result<bool> {
    let count: i64 = on_tx!(tx, c => sqlx::query_scalar("select count(*) from tickets where id = $1").bind(id).fetch_one(c).await)?;
    Ok(count > 0)
}

pub async fn status_of(tx: &mut Tx, id: &TicketId) -> Result<TicketStatus> {
    let text: String = on_tx!(tx, c => sqlx::query_scalar("select status from tickets where id = $1").bind(id).fetch_one(c).await)?;
    status(&text)
}

fn status(text: &str) -> Result<TicketStatus> {
    TicketStatus::parse(text).ok_or_else(|| StoreError::corrupt("ticket status", text))
}

/// Solves every other ticket; for measurements on a desk that looks like a real one.
pub async fn close_every_other(db: &Db, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(tx, c => sqlx::query("update tickets set status = 'solved', solved_at = $1 where number % 2 = 0").bind(now).execute(c).await.map(drop))?;
    tx.commit().await
}
