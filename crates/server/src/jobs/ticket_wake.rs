//! `ticket.wake`: a ticket that was put aside comes back. One that came back before, or was put aside anew, is left.

use model::{Timestamp, ids::TicketId};
use serde::{Deserialize, Serialize};
use store::{
    jobs::{self, Job},
    tickets,
};

use super::End;
use crate::{
    app::App,
    error::AppError,
    work::{self, Moved},
};

#[derive(Serialize, Deserialize)]
pub struct TicketWake {
    pub ticket_id: TicketId,
    pub at: Timestamp,
}

impl TicketWake {
    pub const KIND: &str = "ticket.wake";

    pub fn key(&self) -> String {
        format!("{}:{}:{}", Self::KIND, self.ticket_id, self.at.micros())
    }
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: TicketWake = job.read()?;
    let ticket = &payload.ticket_id;
    let mut tx = app.db.begin().await?;
    work::look(&mut tx, app, ticket, Moved::Looked).await?;
    let is_time =
        tickets::work(&mut tx, ticket).await?.is_some_and(|work| work.snoozed_until == Some(payload.at));
    if is_time && tickets::wake(&mut tx, &app.ids, ticket, "time", None, app.clock.now()).await? {
        tickets::mark_unread(&mut tx, ticket).await?;
        work::moved(&mut tx, app, ticket, Moved::Changed).await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
