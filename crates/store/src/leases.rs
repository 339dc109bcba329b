//! Who of several processes may do what only one should: a named lease that runs out.

use std::time::Duration;

use model::Timestamp;

use crate::{Db, Result};

/// A lease that ends later than this many spans from now was taken before the clock went back: it binds nobody.
const SPANS_MAX: u32 = 4;

/// Takes or keeps the lease; `false` while another owner holds it.
pub async fn hold(db: &Db, name: &str, owner: &str, now: Timestamp, span: Duration) -> Result<bool> {
    let mut tx = db.begin().await?;
    let held = on_tx!(tx, c => sqlx::query(
        "insert into leases (name, owner, until) values ($1, $2, $3)
         on conflict (name) do update set owner = excluded.owner, until = excluded.until
         where leases.owner = excluded.owner or leases.until < $4 or leases.until > $5")
        .bind(name).bind(owner).bind(now.plus(span)).bind(now).bind(now.plus(span.saturating_mul(SPANS_MAX))).execute(c).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(held > 0)
}

/// Gives the lease up, so that another process need not wait for it to run out.
pub async fn release(db: &Db, name: &str, owner: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(tx, c => sqlx::query("delete from leases where name = $1 and owner = $2")
        .bind(name).bind(owner).execute(c).await.map(drop))?;
    tx.commit().await
}

/// Ends every lease: for a process that knows itself alone on its database.
pub async fn clear(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    on_tx!(tx, c => sqlx::query("delete from leases").execute(c).await.map(drop))?;
    tx.commit().await
}
