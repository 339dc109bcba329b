//! `turn.close`: the customer has been quiet for a moment, what they sent is complete, and a flow may begin with it.

use model::ids::TurnId;
use serde::{Deserialize, Serialize};
use store::{
    jobs::{self, Job},
    turns::{self, Quiet},
};

use super::End;
use crate::{
    app::App,
    error::AppError,
    guide,
    work::{self, Moved},
};

#[derive(Serialize, Deserialize)]
pub struct TurnClose {
    pub turn_id: TurnId,
}

impl TurnClose {
    pub const KIND: &str = "turn.close";
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: TurnClose = job.read()?;
    let mut tx = app.db.begin().await?;
    match turns::close_if_quiet(&mut tx, &payload.turn_id, app.clock.now()).await? {
        Quiet::NotBefore(later) => return Ok(End::Snooze(later)),
        Quiet::Closed(turn) => {
            guide::turn_closed(&mut tx, app, &turn).await?;
            work::moved(&mut tx, app, &turn.ticket_id, Moved::TurnClosed).await?;
        }
        Quiet::Gone => {}
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
