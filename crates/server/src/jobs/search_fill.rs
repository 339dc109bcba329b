//! `search.fill`: takes the tickets that are older than the index of the search into it, a few at a time.
//!
//! The newest come first. Between two claims others have their turn, and a restart goes on where it was.

use std::{sync::Arc, time::Duration};

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    StoreError, Tx,
    jobs::{self, Job, NewJob},
    search,
};

use super::End;
use crate::{app::App, error::AppError};

#[derive(Serialize, Deserialize)]
pub struct SearchFill {}

/// Tickets of one transaction: on SQLite a customer's message waits for it.
const TICKETS_AT_ONCE: i64 = 20;
const PAUSE: Duration = Duration::from_millis(20);
const STATE: &str = "search_filling";

impl SearchFill {
    pub const KIND: &str = "search.fill";

    /// Orders it when there is something left to do.
    pub async fn order(app: &App) -> Result<(), StoreError> {
        let progress = search::progress(&app.db).await?;
        if progress.is_done() {
            return Ok(());
        }
        tell(app, &progress);
        let mut tx = app.db.begin().await?;
        enqueue(&mut tx, app, app.clock.now()).await?;
        tx.commit().await
    }

    /// Says how far it is, whichever process fills.
    pub async fn watch(app: &App) -> Result<(), StoreError> {
        if app.health.holds(STATE) {
            tell(app, &search::progress(&app.db).await?);
        }
        Ok(())
    }
}

async fn enqueue(tx: &mut Tx, app: &App, run_at: Timestamp) -> Result<bool, StoreError> {
    let job =
        NewJob { kind: SearchFill::KIND, payload: &SearchFill {}, run_at, dedup_key: Some(SearchFill::KIND) };
    jobs::enqueue(tx, &app.ids, app.clock.now(), job).await
}

/// Each step is a job of its own: its tries are counted anew.
pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    let progress = search::fill_some(&mut tx, TICKETS_AT_ONCE).await?;
    jobs::done(&mut tx, job).await?;
    if !progress.is_done() {
        enqueue(&mut tx, app, app.clock.now().plus(PAUSE)).await?;
    }
    tx.commit().await?;
    tell(app, &progress);
    Ok(End::Done)
}

fn tell(app: &App, progress: &search::Progress) {
    if progress.is_done() {
        app.health.leave(STATE);
        return;
    }
    let left = progress.position.saturating_sub(1);
    app.health.enter(STATE, format!("The search is being filled after an upgrade: it does not find tickets up to number {left} yet. Nothing has to be done"));
}
