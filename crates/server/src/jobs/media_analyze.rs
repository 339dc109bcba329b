//! `media.analyze`: everything that takes longer than a glance at a customer's file.
//!
//! Whatever fails is named in the analysis; the ticket has its picture and its verdict already.

use std::{sync::Arc, time::Instant};

use media::quality::Measures;
use model::{finding::Analysis, ids::AttachmentId};
use serde::{Deserialize, Serialize};
use store::{
    attachments::{self, Attachment},
    findings,
    jobs::{self, Job},
};

use super::{End, media_render};
use crate::{
    analysis::{self, Asked, Glance, Leave},
    app::App,
    error::AppError,
};

#[derive(Serialize, Deserialize)]
pub struct MediaAnalyze {
    pub attachment_id: AttachmentId,
    /// What the glance measured: numbers about light and edges.
    pub measures: Option<Measures>,
}

impl MediaAnalyze {
    pub const KIND: &str = "media.analyze";

    pub fn key(id: &AttachmentId) -> String {
        format!("{}:{id}", Self::KIND)
    }
}

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: MediaAnalyze = job.read()?;
    let Some(attachment) = attachments::get(&app.db, &payload.attachment_id).await? else {
        return Err(AppError::missing("attachment", payload.attachment_id));
    };
    let current = findings::current(&app.db, &attachment.id).await?;
    if let Some(current) = current.filter(|current| !current.is_complete) {
        let leave = app.readers.enter().await;
        let glance = Glance { analysis: current.analysis, measures: payload.measures };
        let looked = look(app, &attachment, glance, leave).await?;
        store::fault("media.analyze.keep")?;
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        findings::keep(&mut tx, &app.ids, &attachment.id, &looked, true, now).await?;
        jobs::done(&mut tx, job).await?;
        tx.commit().await?;
        return Ok(End::Done);
    }
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// The whole look at a file whose first glance is known.
async fn look(
    app: &Arc<App>,
    attachment: &Attachment,
    glance: Glance,
    leave: Leave,
) -> Result<Analysis, AppError> {
    let mut analysis = glance.analysis;
    drop(leave);
    seen(app, attachment, &mut analysis).await;
    Ok(analysis)
}

/// Looks at a stored file anew, from its bytes; `true` when a part of it failed.
pub(super) async fn again(
    app: &Arc<App>,
    tx_ready: &Attachment,
    leave: Leave,
) -> Result<Option<Again>, AppError> {
    let began = Instant::now();
    let inspected = media_render::inspect(app, tx_ready).await?;
    let glance = Glance::of(&inspected, analysis::since(began));
    let hashes = inspected.ok().and_then(|report| report.hashes);
    let analysis = look(app, tx_ready, glance, leave).await?;
    Ok(Some(Again { analysis, hashes }))
}
