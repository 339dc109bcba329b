//! Who looked at what only some may see, and who changed what matters.

use model::{Ids, Timestamp, ids::EventId};
use sqlx::FromRow;

use crate::{Db, Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct Entry {
    pub id: EventId,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub detail: String,
}

pub async fn add(
    tx: &mut Tx,
    ids: &Ids,
    actor: &str,
    action: &str,
    object: &str,
    detail: &str,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("insert into audit (id, at, actor, action, object, detail) values ($1, $2, $3, $4, $5, $6)")
        .bind(EventId::new(ids, now)).bind(now).bind(actor).bind(action).bind(object).bind(detail)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// What happened to an object, oldest first.
pub async fn of_object(db: &Db, object: &str) -> Result<Vec<Entry>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, at, actor, action, object, detail from audit where object = $1 order by at, id")
        .bind(object).fetch_all(c).await)?,
    )
}
