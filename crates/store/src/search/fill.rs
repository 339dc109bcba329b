//! The index of what was here before the index: filled a few tickets at a time, the newest first, beside all other work.

use model::ids::TicketId;
use sqlx::FromRow;

use super::write;
use crate::{Db, Notice, Result, Tx};

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, FromRow)]
pub struct Progress {
    /// Tickets with this number and higher ones are in the index.
    pub position: i64,
    /// Tickets that were here when it began.
    pub total: i64,
}

impl Progress {
    pub const fn is_done(&self) -> bool {
        self.position <= 1
    }
}

pub async fn progress(db: &Db) -> Result<Progress> {
    Ok(
        on!(db, c => sqlx::query_as("select position, total from search_fill where id = 1").fetch_one(c).await)?,
    )
}

/// Takes the next `limit` tickets into the index, in the caller's transaction.
pub async fn fill_some(tx: &mut Tx, limit: i64) -> Result<Progress> {
    let sql = tx.engine().pick(
        "select position, total from search_fill where id = 1",
        "select position, total from search_fill where id = 1 for update",
    );
    let progress: Progress = on_tx!(tx, c => sqlx::query_as(sql).fetch_one(c).await)?;
    let next: Vec<(TicketId, i64)> = on_tx!(tx, c => sqlx::query_as("select id, number from tickets where number < $1 order by number desc limit $2")
        .bind(progress.position).bind(limit).fetch_all(c).await)?;
    for (ticket, _) in &next {
        write::add_all(tx, ticket).await?;
    }
    let position = next.last().map_or(1, |(_, number)| *number);
    on_tx!(tx, c => sqlx::query("update search_fill set position = $1 where id = 1").bind(position).execute(c).await.map(drop))?;
    tx.notify(Notice::System);
    Ok(Progress { position, ..progress })
}
