//! `work.review`: promises, hours or members changed, and every active ticket is looked at again, some at a time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::{
    jobs::{self, Job, NewJob},
    sla,
};

use super::End;
use crate::{
    app::App,
    error::AppError,
    work::{self, Moved},
};

#[derive(Serialize, Deserialize)]
pub struct WorkReview {
    /// The ticket that was looked at last; empty at the beginning.
    pub after: String,
}

impl WorkReview {
    pub const KIND: &str = "work.review";
}

/// Tickets of one job; each has a transaction of its own.
const TICKETS_AT_ONCE: i64 = 100;

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: WorkReview = job.read()?;
    let tickets = sla::active_after(&app.db, &payload.after, TICKETS_AT_ONCE).await?;
    for ticket in &tickets {
        let mut tx = app.db.begin().await?;
        work::look(&mut tx, app, ticket, Moved::Looked).await?;
        tx.commit().await?;
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    if let Some(last) = tickets.last() {
        let payload = WorkReview { after: last.as_str().to_owned() };
        let next = NewJob { kind: WorkReview::KIND, payload: &payload, run_at: now, dedup_key: None };
        jobs::enqueue(&mut tx, &app.ids, now, next).await?;
    }
    tx.commit().await?;
    Ok(End::Done)
}
