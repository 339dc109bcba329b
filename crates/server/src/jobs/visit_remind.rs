//! `visit.remind`: a technician comes soon. A visit that was moved, called off or is under way is not mentioned.

use model::ids::VisitId;
use serde::{Deserialize, Serialize};
use store::{
    jobs::{self, Job},
    visits,
};

use super::End;
use crate::{app::App, error::AppError, visits::remind};

#[derive(Serialize, Deserialize)]
pub struct VisitRemind {
    pub visit_id: VisitId,
}

impl VisitRemind {
    pub const KIND: &str = "visit.remind";
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: VisitRemind = job.read()?;
    let mut tx = app.db.begin().await?;
    let visit = visits::get_in(&mut tx, &payload.visit_id).await?;
    let now = app.clock.now();
    if let Some(visit) = visit.filter(|visit| visit.status == "booked" && visit.starts_at > now) {
        remind(&mut tx, app, &visit).await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
