//! `team.assign`: somebody is free, so that tickets which wait for somebody are given out, the oldest first.

use std::sync::Arc;

use model::assignment::{Assigning, Member};
use serde::{Deserialize, Serialize};
use store::{
    jobs::{self, Job},
    teams::{self, Team},
};

use super::End;
use crate::{
    app::App,
    error::AppError,
    work::{self, Moved},
};

#[derive(Serialize, Deserialize)]
pub struct TeamAssign {}

impl TeamAssign {
    pub const KIND: &str = "team.assign";
}

/// Tickets of a team that one run looks at: those behind them wait for the next who is free.
const TICKETS_MAX: i64 = 50;

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    for team in teams::all(&app.db).await? {
        if team.assigning()? != Assigning::ByHand {
            share_out(app, &team).await?;
        }
    }
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// Each ticket has a transaction of its own, so that nobody's message waits for all of them.
async fn share_out(app: &App, team: &Team) -> Result<(), AppError> {
    for ticket in teams::waiting(&app.db, &team.name, TICKETS_MAX).await? {
        let mut tx = app.db.begin().await?;
        if !teams::members(&mut tx, &team.id).await?.iter().any(Member::is_free) {
            return Ok(());
        }
        work::look(&mut tx, app, &ticket, Moved::Looked).await?;
        tx.commit().await?;
    }
    Ok(())
}
