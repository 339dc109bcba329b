//! A contact on a channel: where the 24-hour window is counted and tickets follow one another.

use model::{
    Ids, Timestamp,
    ids::{ChannelId, ContactId, ConversationId, TicketId},
};
use sqlx::FromRow;

use crate::{
    Db, Result, Tx, events,
    search::{self, Place},
    tickets,
};

#[derive(Clone, Debug, FromRow)]
pub struct Conversation {
    pub id: ConversationId,
    pub contact_id: ContactId,
    pub channel_id: ChannelId,
    pub last_inbound_at: Option<Timestamp>,
}

const OF: &str = "select id, contact_id, channel_id, last_inbound_at from conversations where contact_id = $1 and channel_id = $2";
const OF_HELD: &str = "select id, contact_id, channel_id, last_inbound_at from conversations where contact_id = $1 and channel_id = $2 for update";

/// The conversation of a contact on a channel, made on first use, and held (see [`hold`]).
pub async fn of(
    tx: &mut Tx,
    ids: &Ids,
    contact: &ContactId,
    channel: &ChannelId,
    now: Timestamp,
) -> Result<Conversation> {
    on_tx!(tx, c => sqlx::query("insert into conversations (id, contact_id, channel_id) values ($1, $2, $3) on conflict (contact_id, channel_id) do nothing")
        .bind(ConversationId::new(ids, now)).bind(contact).bind(channel).execute(c).await.map(drop))?;
    let sql = tx.engine().pick(OF, OF_HELD);
    Ok(on_tx!(tx, c => sqlx::query_as(sql).bind(contact).bind(channel).fetch_one(c).await)?)
}

pub async fn get(db: &Db, id: &ConversationId) -> Result<Conversation> {
    Ok(
        on!(db, c => sqlx::query_as("select id, contact_id, channel_id, last_inbound_at from conversations where id = $1")
        .bind(id).fetch_one(c).await)?,
    )
}

/// The same, held until the transaction ends: whoever writes into a conversation takes this row first, so that two of
/// them never wait for one another.
pub async fn hold(tx: &mut Tx, id: &ConversationId) -> Result<Conversation> {
    let sql = tx.engine().pick(
        "select id, contact_id, channel_id, last_inbound_at from conversations where id = $1",
        "select id, contact_id, channel_id, last_inbound_at from conversations where id = $1 for update",
    );
    Ok(on_tx!(tx, c => sqlx::query_as(sql).bind(id).fetch_one(c).await)?)
}

/// The customer wrote at `at`: the window runs from their newest message, whatever arrives late.
pub async fn heard(tx: &mut Tx, id: &ConversationId, at: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update conversations set last_inbound_at = $2 where id = $1 and (last_inbound_at is null or last_inbound_at < $2)")
        .bind(id).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Moves everything of `lose` to `keep`. Where both have an active ticket on a channel, the older one takes
/// the other's messages and the other is closed with a note that says where they went.
pub(crate) async fn merge(
    tx: &mut Tx,
    ids: &Ids,
    keep: &ContactId,
    lose: &ContactId,
    now: Timestamp,
) -> Result<()> {
    let theirs: Vec<Conversation> = on_tx!(tx, c => sqlx::query_as(
        "select id, contact_id, channel_id, last_inbound_at from conversations where contact_id = $1")
        .bind(lose).fetch_all(c).await)?;
    for from in theirs {
        let ours: Option<Conversation> =
            on_tx!(tx, c => sqlx::query_as(OF).bind(keep).bind(&from.channel_id).fetch_optional(c).await)?;
        let Some(to) = ours else {
            on_tx!(tx, c => sqlx::query("update conversations set contact_id = $1 where id = $2")
                .bind(keep).bind(&from.id).execute(c).await.map(drop))?;
            continue;
        };
        merge_active_tickets(tx, ids, &to.id, &from.id, now).await?;
        for sql in [
            "update turns set closed_at = quiet_at where conversation_id = $2 and closed_at is null and $1 <> ''",
            "update turns set conversation_id = $1 where conversation_id = $2",
            "update tickets set conversation_id = $1 where conversation_id = $2",
            "update messages set conversation_id = $1 where conversation_id = $2",
            "update early_events set conversation_id = $1 where conversation_id = $2",
            // One person is led by one flow at a time: the older contact's goes on.
            "update flow_runs set ending = 'handed_over', step = null, ended_at = updated_at
             where conversation_id = $2 and ending is null
               and exists (select 1 from flow_runs o where o.conversation_id = $1 and o.ending is null)",
            "update flow_runs set conversation_id = $1 where conversation_id = $2",
        ] {
            on_tx!(tx, c => sqlx::query(sql).bind(&to.id).bind(&from.id).execute(c).await.map(drop))?;
        }
        if let Some(ticket) = tickets::latest(tx, &to.id).await? {
            events::take_up(tx, &to.id, &ticket).await?;
        }
        if let Some(at) = from.last_inbound_at {
            heard(tx, &to.id, at).await?;
        }
        on_tx!(tx, c => sqlx::query("delete from conversations where id = $1").bind(&from.id).execute(c).await.map(drop))?;
    }
    Ok(())
}

async fn merge_active_tickets(
    tx: &mut Tx,
    ids: &Ids,
    to: &ConversationId,
    from: &ConversationId,
    now: Timestamp,
) -> Result<()> {
    let (Some(ours), Some(theirs)) = (tickets::active(tx, to).await?, tickets::active(tx, from).await?)
    else {
        return Ok(());
    };
    let (keep, lose): (TicketId, TicketId) = if ours < theirs { (ours, theirs) } else { (theirs, ours) };
    for sql in [
        "update messages set ticket_id = $1 where ticket_id = $2",
        "update attachments set ticket_id = $1 where ticket_id = $2",
        "update turns set ticket_id = $1 where ticket_id = $2",
        "update flow_runs set ticket_id = $1 where ticket_id = $2",
        "update tickets set unread_count = unread_count + (select l.unread_count from tickets l where l.id = $2),
            attachment_count = attachment_count + (select l.attachment_count from tickets l where l.id = $2) where id = $1",
        // Answered here and unanswered there is not answered.
        "update tickets set status = case when status = (select l.status from tickets l where l.id = $2) then status else 'open' end where id = $1",
        "update tickets set status = 'closed', unread_count = 0, attachment_count = 0, last_message_id = null, thumbnail_attachment_id = null,
            due_at = null, due_for = null, breached_at = null, snoozed_at = null, snoozed_until = null where id = $2 and $1 <> ''",
        "delete from ticket_clocks where ticket_id = $2 and $1 <> ''",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(&keep).bind(&lose).execute(c).await.map(drop))?;
    }
    on_tx!(tx, c => sqlx::query("update tickets set closed_at = $2 where id = $1").bind(&lose).bind(now).execute(c).await.map(drop))?;
    let moved = [Place::Said, Place::Read, Place::File];
    search::rewrite(tx, &keep, &moved).await?;
    search::rewrite(tx, &lose, &moved).await?;
    tickets::refresh(tx, &keep).await?;
    events::add(tx, ids, &lose, "ticket.merged", None, &serde_json::json!({ "into": keep }), now).await?;
    events::add(tx, ids, &keep, "ticket.merged", None, &serde_json::json!({ "from": lose }), now).await
}
