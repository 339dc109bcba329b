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

/// Which entries are wanted; all without anything.
#[derive(Default)]
pub struct Wanted<'a> {
    /// An object; of a ticket all that hangs on it as well.
    pub object: Option<&'a str>,
    pub actor: Option<&'a str>,
    /// Those before this one.
    pub before: Option<(Timestamp, &'a str)>,
}

/// The newest first.
pub async fn list(db: &Db, wanted: &Wanted<'_>, limit: i64) -> Result<Vec<Entry>> {
    let mut sql =
        String::from("select id, at, actor, action, object, detail from audit where (at, id) < ($1, $2)");
    sql.push_str(if wanted.object.is_some() {
        " and (object = $3 or object in (select id from attachments where ticket_id = $3))"
    } else {
        " and $3 = ''"
    });
    sql.push_str(if wanted.actor.is_some() { " and actor = $4" } else { " and $4 = ''" });
    sql.push_str(" order by at desc, id desc limit $5");
    let (at, id) = wanted.before.unwrap_or((Timestamp(i64::MAX), ""));
    let (object, actor) = (wanted.object.unwrap_or_default(), wanted.actor.unwrap_or_default());
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(at).bind(id).bind(object).bind(actor).bind(limit).fetch_all(c).await)?)
}
