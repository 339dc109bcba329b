//! Messages: one row each, whatever is duplicated, reordered or batched – the unique key decides what is new.

use model::{
    Timestamp,
    ids::{ChannelId, ConversationId, MessageId, TicketId, TurnId, UserId},
    message::{Direction, Status},
};
use sqlx::FromRow;

use crate::{
    Db, Result, StoreError, Tx, changes,
    db::{page_sql, page_start},
    search::{self, Place},
    statuses,
};

#[derive(Clone, Debug, FromRow)]
pub struct Message {
    pub id: MessageId,
    pub ticket_id: TicketId,
    pub conversation_id: ConversationId,
    pub channel_id: ChannelId,
    pub direction: String,
    pub kind: String,
    pub text: Option<String>,
    pub content: String,
    pub riders: String,
    pub external_id: Option<String>,
    pub status: String,
    pub error: Option<String>,
    pub author_id: Option<UserId>,
    pub author_name: Option<String>,
    /// The channel's id of the message that this one answers.
    pub reply_to: Option<String>,
    pub turn_id: Option<TurnId>,
    pub position: String,
    pub sent_at: Timestamp,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

pub struct NewMessage<'a> {
    pub id: &'a MessageId,
    pub ticket_id: &'a TicketId,
    pub conversation_id: &'a ConversationId,
    pub channel_id: &'a ChannelId,
    pub direction: Direction,
    pub kind: &'a str,
    pub text: Option<&'a str>,
    pub content: &'a str,
    pub riders: &'a str,
    pub external_id: Option<&'a str>,
    pub status: Status,
    pub error: Option<&'a str>,
    pub author_id: Option<&'a UserId>,
    pub reply_to: Option<&'a str>,
    pub turn_id: Option<&'a TurnId>,
    pub sent_at: Timestamp,
    /// Where it stands among the messages of its time; without one, where its id does.
    pub arrival: Option<&'a str>,
    pub now: Timestamp,
}

/// Adds a message; `false` when the channel's id says that it is here already.
pub async fn insert(tx: &mut Tx, new: &NewMessage<'_>) -> Result<bool> {
    let position = new.arrival.unwrap_or(new.id.as_str());
    let done = on_tx!(tx, c => sqlx::query(
        "insert into messages (id, ticket_id, conversation_id, channel_id, direction, kind, text, content, riders, external_id,
           status, error, author_id, reply_to, turn_id, position, sent_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         on conflict (channel_id, external_id) do nothing")
        .bind(new.id).bind(new.ticket_id).bind(new.conversation_id).bind(new.channel_id).bind(new.direction.as_str())
        .bind(new.kind).bind(new.text).bind(new.content).bind(new.riders).bind(new.external_id)
        .bind(new.status.as_str()).bind(new.error).bind(new.author_id).bind(new.reply_to).bind(new.turn_id)
        .bind(position).bind(new.sent_at).bind(new.now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    if let Some(text) = new.text.filter(|_| done > 0) {
        search::said(tx, new.ticket_id, text).await?;
    }
    Ok(done > 0)
}

/// Whether the channel's message is here already.
pub async fn is_known(tx: &mut Tx, channel: &ChannelId, external_id: &str) -> Result<bool> {
    let count: i64 = on_tx!(tx, c => sqlx::query_scalar("select count(*) from messages where channel_id = $1 and external_id = $2")
        .bind(channel).bind(external_id).fetch_one(c).await)?;
    Ok(count > 0)
}

const SELECT: &str = "select m.id, m.ticket_id, m.conversation_id, m.channel_id, m.direction, m.kind, m.text, m.content, m.riders,
    m.external_id, m.status, m.error, m.author_id, u.name as author_name, m.reply_to, m.turn_id, m.position,
    m.sent_at, m.created_at, m.edited_at, m.revoked_at
    from messages m left join users u on u.id = m.author_id";

pub async fn get(db: &Db, id: &MessageId) -> Result<Option<Message>> {
    let sql = format!("{SELECT} where m.id = $1");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn get_in(tx: &mut Tx, id: &MessageId) -> Result<Option<Message>> {
    let sql = format!("{SELECT} where m.id = $1");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// A page of a ticket, in the order in which people wrote: the channel's time, which has whole seconds, then the arrival.
pub async fn list(
    db: &Db,
    ticket: &TicketId,
    from: Option<(Timestamp, &str)>,
    newest_first: bool,
    limit: i64,
) -> Result<Vec<Message>> {
    let sql = page_sql(SELECT, "m.ticket_id = $1", ("m.sent_at", "m.position"), newest_first);
    let (at, position) = page_start(from, newest_first);
    Ok(
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ticket).bind(at).bind(position).bind(limit).fetch_all(c).await)?,
    )
}

/// The messages that the channel calls by these ids: what replies quote.
pub async fn by_external_ids(db: &Db, channel: &ChannelId, external_ids: &[&str]) -> Result<Vec<Message>> {
    let list = serde_json::json!(external_ids).to_string();
    let condition = db.engine().pick(
        "m.external_id in (select value from json_each($2))",
        "m.external_id in (select json_array_elements_text($2::json))",
    );
    let sql = format!("{SELECT} where m.channel_id = $1 and {condition}");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(channel).bind(list).fetch_all(c).await)?)
}

/// The newest message of the customer in a ticket: what a read mark names.
pub async fn newest_inbound(db: &Db, ticket: &TicketId) -> Result<Option<Message>> {
    let sql = format!(
        "{SELECT} where m.ticket_id = $1 and m.direction = 'in' and m.external_id is not null order by m.sent_at desc, m.position desc limit 1"
    );
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(ticket).fetch_optional(c).await)?)
}

/// Moves an outbound message along, whatever it was: only the sender of messages calls this.
pub async fn set_status(tx: &mut Tx, id: &MessageId, status: Status, error: Option<&str>) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update messages set status = $2, error = $3 where id = $1")
        .bind(id).bind(status.as_str()).bind(error).execute(c).await.map(drop))?;
    if let Some(message) = get_in(tx, id).await? {
        tx.touch(&message.ticket_id, "status");
    }
    Ok(())
}

/// The answer to a send was lost. A report that came in the meantime knows more and is left alone.
pub async fn uncertain(tx: &mut Tx, id: &MessageId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update messages set status = 'uncertain', error = null where id = $1 and status = 'sending'")
        .bind(id).execute(c).await.map(drop))?;
    if let Some(message) = get_in(tx, id).await? {
        tx.touch(&message.ticket_id, "status");
    }
    Ok(())
}

/// The channel took the message and calls it `external_id`; reports that came before are applied now.
pub async fn accepted(tx: &mut Tx, id: &MessageId, external_id: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update messages set external_id = $2, status = 'accepted', error = null where id = $1")
        .bind(id).bind(external_id).execute(c).await.map(drop))?;
    let Some(message) = get_in(tx, id).await? else { return Ok(()) };
    climb(tx, &message.channel_id, external_id).await
}

/// Folds all reports about an outbound message into its status. Does nothing while the message is unknown.
///
/// Returns the ticket when something changed.
pub async fn climb(tx: &mut Tx, channel: &ChannelId, external_id: &str) -> Result<()> {
    let found: Option<(MessageId, TicketId, String)> = on_tx!(tx, c => sqlx::query_as(
        "select id, ticket_id, status from messages where channel_id = $1 and external_id = $2 and direction = 'out'")
        .bind(channel).bind(external_id).fetch_optional(c).await)?;
    let Some((id, ticket, status)) = found else { return Ok(()) };
    let mut top = parse_status(&status)?;
    let mut error = None;
    for report in statuses::of(tx, channel, external_id).await? {
        let status = parse_status(&report.status)?;
        if status == Status::Failed {
            error = Some(report.errors);
        }
        top = top.climb(status);
    }
    let error = error.filter(|_| top == Status::Failed);
    on_tx!(tx, c => sqlx::query("update messages set status = $2, error = $3 where id = $1")
        .bind(&id).bind(top.as_str()).bind(error).execute(c).await.map(drop))?;
    tx.touch(&ticket, "status");
    Ok(())
}

/// Gives an outbound message that a report named by our id the channel's id for it.
pub async fn adopt(tx: &mut Tx, channel: &ChannelId, our_id: &MessageId, external_id: &str) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update messages set external_id = $3, status = 'accepted', error = null
         where id = $2 and channel_id = $1 and external_id is null and direction = 'out'")
        .bind(channel).bind(our_id).bind(external_id).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Gives an inbound message that reached us before the channel told of it the channel's own id; `false` when there is none.
pub async fn rename(tx: &mut Tx, channel: &ChannelId, from: &str, to: &str) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update messages set external_id = $3 where channel_id = $1 and external_id = $2 and direction = 'in'")
        .bind(channel).bind(from).bind(to).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Whether an earlier message of the conversation still waits to go out: they leave in the order of writing.
pub async fn is_behind(db: &Db, message: &Message) -> Result<bool> {
    let count: i64 = on!(db, c => sqlx::query_scalar(
        "select count(*) from messages where conversation_id = $1 and direction = 'out' and status in ('queued', 'sending') and id < $2")
        .bind(&message.conversation_id).bind(&message.id).fetch_one(c).await)?;
    Ok(count > 0)
}

/// A failed or uncertain message is to be sent once more, as a new try.
pub async fn requeue(tx: &mut Tx, id: &MessageId) -> Result<bool> {
    let done = on_tx!(tx, c => sqlx::query(
        "update messages set status = 'queued', error = null, external_id = null where id = $1 and direction = 'out' and status in ('failed', 'uncertain')")
        .bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    // Reports about the last try say nothing about the next one.
    on_tx!(tx, c => sqlx::query("update statuses set our_id = null where our_id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(done > 0)
}

/// Applies edits and revocations, whichever of message and change came first.
pub async fn apply_changes(tx: &mut Tx, channel: &ChannelId, external_id: &str) -> Result<()> {
    let found: Option<(MessageId, TicketId)> = on_tx!(tx, c => sqlx::query_as("select id, ticket_id from messages where channel_id = $1 and external_id = $2")
        .bind(channel).bind(external_id).fetch_optional(c).await)?;
    let Some((id, ticket)) = found else { return Ok(()) };
    let folded = changes::fold(tx, channel, external_id).await?;
    if let Some((at, content)) = &folded.edited {
        let json = serde_json::to_string(content).map_err(|e| StoreError::corrupt("edit", e))?;
        on_tx!(tx, c => sqlx::query("update messages set content = $2, text = $3, kind = $4, edited_at = $5 where id = $1")
            .bind(&id).bind(json).bind(content.text()).bind(content.kind()).bind(*at)
            .execute(c).await.map(drop))?;
    }
    if let Some(at) = folded.revoked_at {
        on_tx!(tx, c => sqlx::query("update messages set revoked_at = $2, text = null, content = $3 where id = $1")
            .bind(&id).bind(at).bind(r#"{"kind":"revoked"}"#).execute(c).await.map(drop))?;
    }
    if folded.revoked_at.is_some() {
        search::rewrite(tx, &ticket, &[Place::Said, Place::Read, Place::File]).await?;
    } else if folded.edited.is_some() {
        search::rewrite(tx, &ticket, &[Place::Said]).await?;
    }
    tx.touch(&ticket, "message");
    Ok(())
}

/// Whether a person has answered in this ticket.
pub async fn has_answer_of_person(tx: &mut Tx, ticket: &TicketId) -> Result<bool> {
    let found: Option<i64> = on_tx!(tx, c => sqlx::query_scalar(
        "select cast(1 as bigint) from messages where ticket_id = $1 and direction = 'out' and author_id is not null limit 1")
        .bind(ticket).fetch_optional(c).await)?;
    Ok(found.is_some())
}

pub(crate) fn parse_status(text: &str) -> Result<Status> {
    Status::parse(text).ok_or_else(|| StoreError::corrupt("message status", text))
}
