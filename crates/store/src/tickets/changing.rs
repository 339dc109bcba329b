//! What agents change on a ticket; each change is in its timeline.

use std::collections::BTreeMap;

use model::{
    Ids, Timestamp,
    ids::{TicketId, UserId},
    ticket::{Priority, TicketStatus},
};

use crate::{
    Result, StoreError, Tx, events,
    search::{self, Place},
};

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
    assign_for(tx, ids, id, to, actor, serde_json::json!({}), now).await
}

/// The same, with what is to be said of it beside who had it and has it.
pub(super) async fn assign_for(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: Option<&UserId>,
    actor: Option<&UserId>,
    mut data: serde_json::Value,
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
    if let Some(data) = data.as_object_mut() {
        data.insert("from".to_owned(), serde_json::json!(from));
        data.insert("to".to_owned(), serde_json::json!(to));
        data.insert("from_name".to_owned(), serde_json::json!(name(from.as_ref())));
        data.insert("to_name".to_owned(), serde_json::json!(name(to)));
    }
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

pub async fn set_team(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    to: Option<&str>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    set_text(tx, ids, id, Field::Team, to, actor, now).await?;
    super::leave_to_people(tx, id, false).await
}

/// Writes down what is known by name; what is there already and not named stays.
pub async fn set_fields(
    tx: &mut Tx,
    ids: &Ids,
    id: &TicketId,
    fields: &BTreeMap<String, String>,
    actor: Option<&UserId>,
    now: Timestamp,
) -> Result<()> {
    let known: String = on_tx!(tx, c => sqlx::query_scalar("select fields from tickets where id = $1").bind(id).fetch_one(c).await)?;
    let mut all: BTreeMap<String, String> =
        serde_json::from_str(&known).map_err(|e| StoreError::corrupt("ticket fields", e))?;
    all.extend(fields.clone());
    set_text(tx, ids, id, Field::Fields, Some(&serde_json::json!(all).to_string()), actor, now).await
}

/// One tag more; a ticket has at most [`TAGS_MAX`].
pub async fn add_tag(tx: &mut Tx, ids: &Ids, id: &TicketId, tag: &str, now: Timestamp) -> Result<()> {
    let known: String = on_tx!(tx, c => sqlx::query_scalar("select tags from tickets where id = $1").bind(id).fetch_one(c).await)?;
    let mut tags: Vec<String> =
        serde_json::from_str(&known).map_err(|e| StoreError::corrupt("ticket tags", e))?;
    if tags.len() < TAGS_MAX && !tags.iter().any(|known| known == tag) {
        tags.push(tag.to_owned());
        tags.sort();
        set_tags(tx, ids, id, &tags, None, now).await?;
    }
    Ok(())
}

pub const TAGS_MAX: usize = 20;

#[derive(Clone, Copy)]
enum Field {
    Fields,
    Priority,
    Subject,
    Tags,
    Team,
}

impl Field {
    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Fields => (
                "select fields from tickets where id = $1",
                "update tickets set fields = $2, updated_at = $3 where id = $1",
                "fields.changed",
            ),
            Self::Team => (
                "select team from tickets where id = $1",
                "update tickets set team = $2, updated_at = $3 where id = $1",
                "team.changed",
            ),
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
            (Self::Tags | Self::Fields, Some(text)) => serde_json::from_str(text).unwrap_or_default(),
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
    if matches!(field, Field::Subject | Field::Tags | Field::Fields) {
        search::rewrite(tx, id, &[Place::Ticket]).await?;
    }
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

/// It wants to be looked at again, though nothing came.
pub async fn mark_unread(tx: &mut Tx, id: &TicketId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update tickets set unread_count = 1 where id = $1 and unread_count = 0").bind(id).execute(c).await.map(drop))?;
    tx.touch(id, "ticket");
    Ok(())
}
