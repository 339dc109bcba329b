//! What agents change on a ticket; each change is in its timeline.

use model::{
    Ids, Timestamp,
    ids::{TicketId, UserId},
    ticket::{Priority, TicketStatus},
};

use crate::{Result, Tx, events};

/// Changes the status and writes it into the timeline; `false` when it is that already.
///
/// Reactivating a ticket while its conversation has another active one is refused as a duplicate.
pub async fn set_status(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: TicketStatus,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<bool> {
    let from: String = on_tx!(tx, c => sqlx::query_scalar("select status from tickets where id = $1").bind(id).fetch_one(c).await)?;
    if from == to.as_str() {
        return Ok(false);
    }
    on_tx!(tx, c => sqlx::query(
        "update tickets set status = $2, updated_at = $3,
           solved_at = case when $2 = 'solved' then $3 when $2 = 'closed' then solved_at else null end,
           closed_at = case when $2 = 'closed' then $3 else null end
         where id = $1")
        .bind(id).bind(to.as_str()).bind(now).execute(c).await.map(drop))?;
    let data = serde_json::json!({ "from": from, "to": to.as_str() });
    events::add(tx, ids, id, "status.changed", actor, &data, now).await?;
    tx.touch(id, "ticket");
    Ok(true)
}

pub async fn assign(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: Option<&UserId>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    let from: Option<UserId> = on_tx!(tx, c => sqlx::query_scalar("select assignee_id from tickets where id = $1").bind(id).fetch_one(c).await)?;
    if from.as_ref() == to {
        return Ok(());
    }
    on_tx!(tx, c => sqlx::query("update tickets set assignee_id = $2, updated_at = $3 where id = $1")
        .bind(id).bind(to).bind(now).execute(c).await.map(drop))?;
    let names: Vec<(UserId, String)> = on_tx!(tx, c => sqlx::query_as("select id, name from users where id = $1 or id = $2")
        .bind(from.as_ref()).bind(to).fetch_all(c).await)?;
    let name =
        |user: Option<&UserId>| names.iter().find(|(id, _)| Some(id) == user).map(|(_, name)| name.as_str());
    let data =
        serde_json::json!({ "from": from, "to": to, "from_name": name(from.as_ref()), "to_name": name(to) });
    events::add(tx, ids, id, "assignee.changed", actor, &data, now).await?;
    tx.touch(id, "ticket");
    Ok(())
}

pub async fn set_priority(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: Priority,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    set_text(tx, ids, id, Field::Priority, Some(to.as_str()), actor, now).await
}

pub async fn set_subject(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    set_text(tx, ids, id, Field::Subject, to, actor, now).await
}

pub async fn set_tags(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: &[String],
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    let tags = serde_json::json!(to).to_string();
    set_text(tx, ids, id, Field::Tags, Some(&tags), actor, now).await
}

#[derive(Clone, Copy)]
enum Field {
    Priority,
    Subject,
    Tags,
}

impl Field {
    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Priority => (
                "select priority from tickets where id = $1",
                "update tickets set priority = $2, updated_at = $3 where id = $1",
                "priority.changed",
            ),
            Self::Subject => (
                "select subject from tickets where id = $1",
                "update tickets set subject = $2, updated_at = $3 where id = $1",
                "subject.changed",
            ),
            Self::Tags => (
                "select tags from tickets where id = $1",
                "update tickets set tags = $2, updated_at = $3 where id = $1",
                "tags.changed",
            ),
        }
    }

    fn shown(self, text: Option<&str>) -> serde_json::Value {
        match (self, text) {
            (Self::Tags, Some(text)) => serde_json::from_str(text).unwrap_or_default(),
            (_, text) => serde_json::json!(text),
        }
    }
}

async fn set_text(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    field: Field,
    to: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    let (select, update, kind) = field.texts();
    let from: Option<String> = on_tx!(tx, c => sqlx::query_scalar(select).bind(id).fetch_one(c).await)?;
    if from.as_deref() == to {
        return Ok(());
    }
    on_tx!(tx, c => sqlx::query(update).bind(id).bind(to).bind(now).execute(c).await.map(drop))?;
    let data = serde_json::json!({ "from": field.shown(from.as_deref()), "to": field.shown(to) });
    events::add(tx, ids, id, kind, actor, &data, now).await?;
    tx.touch(id, "ticket");
    Ok(())
}

/// Nothing of it is unread any more; `false` when nothing was.
pub async fn mark_read(tx: &mut Tx, id: &TicketId) -> Result<bool> {
    let changed = on_tx!(tx, c => sqlx::query("update tickets set unread_count = 0 where id = $1 and unread_count > 0")
        .bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        tx.touch(id, "ticket");
    }
    Ok(changed > 0)
}
