//! `flow.timer`: an alarm clock of a guided conversation. One that rings late or twice changes nothing.

use flows::engine::Timer;
use model::ids::FlowRunId;
use serde::{Deserialize, Serialize};
use store::jobs::{self, Job};

use super::End;
use crate::{app::App, error::AppError, guide};

#[derive(Serialize, Deserialize)]
pub struct FlowTimer {
    pub run_id: FlowRunId,
    pub timer: Timer,
}

impl FlowTimer {
    pub const KIND: &str = "flow.timer";
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: FlowTimer = job.read()?;
    let mut tx = app.db.begin().await?;
    guide::rang(&mut tx, app, &payload.run_id, payload.timer).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
