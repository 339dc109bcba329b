//! `media.analyze`: everything that takes longer than a glance at a customer's file.
//!
//! Whatever fails is named in the analysis; the ticket has its picture and its verdict already.

use std::{sync::Arc, time::Instant};

use media::{Hashes, quality::Measures};
use model::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    attachments::{self, Attachment},
    findings,
    jobs::{self, Job},
};

use super::{End, media_render};
use crate::{
    analysis::{self, Glance, Leave, Whole},
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
    let mut looked = None;
    if let Some(current) = current.filter(|current| !current.is_complete) {
        let leave = app.readers.enter().await;
        let glance = Glance { analysis: current.analysis, measures: payload.measures };
        looked = Some(analysis::whole(app, &attachment, glance, leave).await?);
    }
    store::fault("media.analyze.keep")?;
    let mut tx = app.db.begin().await?;
    if let Some(whole) = &looked {
        keep(app, &mut tx, &attachment, whole).await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    metrics::counter!("sportello_analyses_total").increment(1);
    Ok(End::Done)
}

/// The analysis is the current one from here on.
pub(super) async fn keep(
    app: &App,
    tx: &mut Tx,
    attachment: &Attachment,
    whole: &Whole,
) -> Result<(), AppError> {
    findings::keep(tx, &app.ids, &attachment.id, &whole.analysis, true, app.clock.now()).await?;
    Ok(())
}

/// Looks at a stored file anew, from its bytes.
pub(super) async fn again(
    app: &Arc<App>,
    attachment: &Attachment,
    leave: Leave,
) -> Result<(Whole, Option<Hashes>), AppError> {
    let began = Instant::now();
    let inspected = media_render::inspect(app, attachment).await?;
    let mut glance = Glance::of(&inspected, analysis::since(began));
    media_render::seen_before(app, attachment, inspected.as_ref().ok(), &mut glance).await;
    let hashes = inspected.ok().and_then(|report| report.hashes);
    let whole = analysis::whole(app, attachment, glance, leave).await?;
    Ok((whole, hashes))
}
