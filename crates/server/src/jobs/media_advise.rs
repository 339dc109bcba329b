//! `media.advise`: a picture looks too poor, and only its text could say otherwise. A customer who waits is told soon,
//! also when many pictures are read before theirs.

use std::time::Duration;

use model::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use store::{
    attachments, findings,
    jobs::{self, Job},
};

use super::End;
use crate::{app::App, error::AppError, guide};

#[derive(Serialize, Deserialize)]
pub struct MediaAdvise {
    pub attachment_id: AttachmentId,
}

impl MediaAdvise {
    pub const KIND: &str = "media.advise";
    /// Most pictures are read within this time, when nothing else is to be read. What is read later adds to what was
    /// said, and may yet make the picture serve.
    pub const PATIENCE: Duration = Duration::from_secs(1);
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: MediaAdvise = job.read()?;
    let mut tx = app.db.begin().await?;
    if let Some(attachment) = attachments::get_in(&mut tx, &payload.attachment_id).await? {
        guide::hold(&mut tx, &attachment).await?;
        let current = findings::current_in(&mut tx, &attachment.id).await?;
        if let Some(current) = current.filter(|current| !current.is_complete)
            && guide::refuses(&mut tx, app, &attachment, &current.analysis).await?
        {
            guide::glanced(&mut tx, app, &attachment, &current.analysis).await?;
        }
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
