//! Reactions, edits and revocations: kept once each, and folded into what a message shows.
//!
//! They may arrive before their message; the fold runs whenever either comes.

use model::{
    Timestamp,
    content::Content,
    event::{Change, ChangeKind},
    ids::ChannelId,
};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Kept {
    pub external_id: String,
    pub target: String,
    pub kind: String,
    /// `customer` or `us`.
    pub actor: String,
    pub payload: String,
    pub at: Timestamp,
}

/// Keeps the change; `false` when it is a duplicate.
pub async fn record(
    tx: &mut Tx,
    channel: &ChannelId,
    change: &Change,
    actor: &str,
    now: Timestamp,
) -> Result<bool> {
    let (kind, payload) = match &change.what {
        ChangeKind::Reaction { emoji } => ("reaction", serde_json::json!({ "emoji": emoji })),
        ChangeKind::Edit { content } => {
            ("edit", serde_json::to_value(content).map_err(|e| StoreError::corrupt("edit", e))?)
        }
        ChangeKind::Revoke => ("revoke", serde_json::Value::Null),
    };
    let done = on_tx!(tx, c => sqlx::query(
        "insert into changes (channel_id, external_id, target, kind, actor, payload, at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (channel_id, external_id) do nothing")
        .bind(channel).bind(&change.external_id).bind(&change.target).bind(kind).bind(actor)
        .bind(payload.to_string()).bind(change.at).bind(now)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// What the changes make of a message; the newest edit counts, a revocation is final.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    pub edited: Option<(Timestamp, Content)>,
    pub revoked_at: Option<Timestamp>,
}

pub async fn fold(tx: &mut Tx, channel: &ChannelId, target: &str) -> Result<Folded> {
    let rows: Vec<Kept> = on_tx!(tx, c => sqlx::query_as(
        "select external_id, target, kind, actor, payload, at from changes
         where channel_id = $1 and target = $2 and kind in ('edit', 'revoke') order by at, external_id")
        .bind(channel).bind(target).fetch_all(c).await)?;
    let mut folded = Folded::default();
    for row in rows {
        match row.kind.as_str() {
            "edit" => {
                let content =
                    serde_json::from_str(&row.payload).map_err(|e| StoreError::corrupt("edit", e))?;
                folded.edited = Some((row.at, content));
            }
            _ => folded.revoked_at = folded.revoked_at.or(Some(row.at)),
        }
    }
    Ok(folded)
}

/// The newest reaction of each side to each of these messages; one that was taken back has no emoji.
pub async fn reactions(db: &Db, channel: &ChannelId, targets: &[&str]) -> Result<Vec<Kept>> {
    let sql = db.engine().pick(
        "select external_id, target, kind, actor, payload, at from changes
         where channel_id = $1 and kind = 'reaction' and target in (select value from json_each($2)) order by at, external_id",
        "select external_id, target, kind, actor, payload, at from changes
         where channel_id = $1 and kind = 'reaction' and target in (select json_array_elements_text($2::json)) order by at, external_id",
    );
    let list = serde_json::json!(targets).to_string();
    let rows: Vec<Kept> = on!(db, c => sqlx::query_as(sql).bind(channel).bind(list).fetch_all(c).await)?;
    let mut newest: std::collections::BTreeMap<(String, String), Kept> = std::collections::BTreeMap::new();
    for row in rows {
        newest.insert((row.target.clone(), row.actor.clone()), row);
    }
    Ok(newest.into_values().collect())
}
