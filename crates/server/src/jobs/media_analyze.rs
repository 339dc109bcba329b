//! `media.analyze`: everything that takes longer than a glance at a customer's file.
//!
//! Whatever fails is named in the analysis; the ticket has its picture and its verdict already.

use std::{sync::Arc, time::Instant};

use analyzers::local::worker::Urgency;
use media::{Hashes, quality::Measures};
use model::{
    finding::Analysis,
    ids::{AttachmentId, BlobId},
    redaction::Area,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    attachments::{self, Attachment, NewRendition},
    blobs::Written,
    findings,
    jobs::{self, Job},
    keys, redactions,
};

use super::{End, media_render};
use crate::{
    analysis::{self, Glance, Only, Whole},
    app::App,
    error::AppError,
    guide,
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

/// Tries when the machine fails and not the picture; then what failed is said.
const ATTEMPTS_MAX: i64 = 3;

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: MediaAnalyze = job.read()?;
    let Some(attachment) = attachments::get(&app.db, &payload.attachment_id).await? else {
        return Err(AppError::missing("attachment", payload.attachment_id));
    };
    let current = findings::current(&app.db, &attachment.id).await?;
    let mut looked = None;
    if let Some(current) = current.filter(|current| !current.is_complete) {
        let _leave = app.readers.enter().await;
        let glance = Glance {
            analysis: current.analysis,
            measures: payload.measures,
            claim: analysis::claim(&attachment),
            received: Some(attachment.created_at),
            redacted: redactions::of(&app.db, &attachment.id).await?,
        };
        let redacted = glance.redacted.clone();
        let whole = look(app, &attachment, glance, Urgency::Customer).await?;
        if let Some(why) = whole.passing.as_ref().filter(|_| job.attempts < ATTEMPTS_MAX) {
            return Ok(End::Retry { at: super::backoff(app, job), why: why.clone() });
        }
        looked = Some((whole.analysis.clone(), write(app, &whole).await?, redacted));
    }
    store::fault("media.analyze.keep")?;
    let mut tx = app.db.begin().await?;
    let mut replaced = Vec::new();
    if let Some((analysis, made, redacted)) = &looked {
        guide::hold(&mut tx, &attachment).await?;
        if is_outdated(&mut tx, &attachment, redacted).await? {
            drop(tx);
            forget(app, &made.iter().map(|(_, blob)| blob.id.clone()).collect::<Vec<_>>()).await;
            return Ok(End::Retry { at: app.clock.now(), why: REDACTED_MEANWHILE.to_owned() });
        }
        replaced = keep(app, &mut tx, &attachment, analysis, made).await?;
        guide::judged(&mut tx, app, &attachment, analysis).await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    forget(app, &replaced).await;
    metrics::counter!("sportello_analyses_total").increment(1);
    Ok(End::Done)
}

/// The job died of something that nobody foresaw: what was said stands, and says that more was meant to come.
pub async fn buried(tx: &mut Tx, app: &App, job: &Job) -> Result<(), AppError> {
    let Ok(MediaAnalyze { attachment_id, .. }) = job.read() else { return Ok(()) };
    let current = findings::current(&app.db, &attachment_id).await?;
    let Some(mut current) = current.filter(|current| !current.is_complete) else { return Ok(()) };
    let why = "something went wrong here; the server's log and the dead jobs say what";
    current.analysis.failed.insert("analysis".to_owned(), why.to_owned());
    findings::keep(tx, &app.ids, &attachment_id, &current.analysis, true, app.clock.now()).await?;
    let Some(attachment) = attachments::get_in(tx, &attachment_id).await? else { return Ok(()) };
    guide::judged(tx, app, &attachment, &current.analysis).await
}

async fn look(
    app: &App,
    attachment: &Attachment,
    glance: Glance,
    urgency: Urgency,
) -> Result<Whole, AppError> {
    let Some(blob) = &attachment.blob_id else {
        return Err(AppError::missing("blob of attachment", &attachment.id));
    };
    let limit = app.decoder.limits.input_bytes_max;
    let size = u64::try_from(attachment.size_bytes.unwrap_or(0)).unwrap_or(u64::MAX);
    // Too large for any decoder: the glance said so.
    let bytes = if size > limit { Vec::new() } else { app.blobs.read_all(&app.db, blob, limit).await? };
    Ok(app.eyes.look(Arc::new(bytes), glance, &Only::default(), urgency).await)
}

const REDACTED_MEANWHILE: &str = "somebody made a part of it black meanwhile; it is looked at again";

/// Whether somebody made more of the file black than the look knew of. Until the end of the transaction nobody does.
pub(super) async fn is_outdated(
    tx: &mut Tx,
    attachment: &Attachment,
    redacted: &[Area],
) -> Result<bool, AppError> {
    redactions::hold(tx, &attachment.id).await?;
    let has_other_bytes = attachments::get_in(tx, &attachment.id)
        .await?
        .is_some_and(|attachment_now| attachment_now.blob_id != attachment.blob_id);
    Ok(has_other_bytes || redactions::of_in(tx, &attachment.id).await? != redacted)
}

/// What the look made, written and synced; no row points to it yet.
pub(super) async fn write(app: &App, whole: &Whole) -> Result<Vec<(media::Rendition, Written)>, AppError> {
    let mut written = Vec::new();
    for rendition in &whole.made {
        written.push((rendition.clone(), app.blobs.put(&rendition.bytes, app.clock.now()).await?));
    }
    Ok(written)
}

/// The analysis and what it made are the current ones from here on; returns the blobs that they replace.
pub(super) async fn keep(
    app: &App,
    tx: &mut Tx,
    attachment: &Attachment,
    analysis: &Analysis,
    made: &[(media::Rendition, Written)],
) -> Result<Vec<BlobId>, AppError> {
    let now = app.clock.now();
    let owner = attachment.contact_id.as_ref().map_or(keys::HOUSE, |id| id.as_str());
    let mut rows: Vec<NewRendition<'_>> = Vec::new();
    for (rendition, blob) in made {
        app.blobs.insert(tx, blob, owner, now).await?;
        rows.push(media_render::row(rendition, blob));
    }
    let replaced = attachments::looked(tx, &attachment.id, &rows).await?;
    findings::keep(tx, &app.ids, &attachment.id, analysis, true, now).await?;
    Ok(replaced)
}

/// The bytes of what nothing points to any more.
pub(super) async fn forget(app: &App, replaced: &[BlobId]) {
    for blob in replaced {
        if let Err(error) = app.blobs.delete(blob).await {
            tracing::warn!(%error, "a rendition that was replaced could not be removed; it is sealed and in no row");
        }
    }
}

/// Looks at a stored file anew, from its bytes.
pub(super) async fn again(
    app: &Arc<App>,
    attachment: &Attachment,
    redacted: &[Area],
) -> Result<(Whole, Option<Hashes>), AppError> {
    let began = Instant::now();
    let inspected = media_render::inspect(app, attachment).await?;
    let mut glance = Glance::of(&inspected, analysis::since(began), analysis::claim(attachment))
        .received_at(attachment.created_at)
        .redacted_by(redacted.to_vec());
    media_render::say_origin(app, attachment, inspected.as_ref().ok(), &mut glance).await?;
    media_render::seen_before(app, attachment, inspected.as_ref().ok(), &mut glance).await;
    let hashes = inspected.ok().and_then(|report| report.hashes);
    let whole = look(app, attachment, glance, Urgency::Later).await?;
    Ok((whole, hashes))
}
