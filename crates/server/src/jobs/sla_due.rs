//! `sla.due`: a promise is nearly used up, or broken. One that rings late, twice or in vain says nothing twice.

use model::ids::TicketId;
use serde::{Deserialize, Serialize};
use store::jobs::{self, Job};

use super::End;
use crate::{
    app::App,
    error::AppError,
    work::{self, Moved},
};

#[derive(Serialize, Deserialize)]
pub struct SlaDue {
    pub ticket_id: TicketId,
}

impl SlaDue {
    pub const KIND: &str = "sla.due";
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: SlaDue = job.read()?;
    let mut tx = app.db.begin().await?;
    work::look(&mut tx, app, &payload.ticket_id, Moved::Looked).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
