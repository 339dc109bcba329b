//! `media.render`: what people are shown of a file, made by a confined child from bytes nobody trusts.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use media::{DecodeError, Hashes, Report, Unrenderable};
use model::{Timestamp, attachment::State, ids::AttachmentId};
use serde::{Deserialize, Serialize};
use store::{
    attachments::{self, Attachment, NewRendition},
    blobs::Written,
    findings, hashes,
    jobs::{self, Job, NewJob},
    keys,
};

use super::{End, MediaAdvise, MediaAnalyze, media_fetch::lose};
use crate::{
    analysis::{self, Asked, Glance, Origin},
    app::App,
    error::AppError,
    guide,
};

#[derive(Serialize, Deserialize)]
pub struct MediaRender {
    pub attachment_id: AttachmentId,
}

impl MediaRender {
    pub const KIND: &str = "media.render";

    pub fn key(id: &AttachmentId) -> String {
        format!("{}:{id}", Self::KIND)
    }
}

/// Tries of a file that kills its decoder: a busy machine may be to blame once or twice, then it is the file.
const ATTEMPTS_MAX: i64 = 3;
/// Enough to tell what a file is.
const HEAD_BYTES: u64 = 8_192;

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: MediaRender = job.read()?;
    let Some(attachment) = attachments::get(&app.db, &payload.attachment_id).await? else {
        return Err(AppError::missing("attachment", payload.attachment_id));
    };
    // Expired with its bytes here: an earlier try died, and somebody had its dead letter run again.
    if !matches!(State::parse(&attachment.state), Some(State::Fetched | State::Expired)) {
        return keep(app, job, &attachment, None).await;
    }
    let began = std::time::Instant::now();
    let inspected = inspect(app, &attachment).await?;
    if let Err(error) = &inspected
        && !error.is_final()
        && job.attempts < ATTEMPTS_MAX
    {
        return Ok(End::Retry { at: super::backoff(app, job), why: error.to_string() });
    }
    let mut glance = Glance::of(&inspected, analysis::since(began), analysis::claim(&attachment));
    if analysis::is_looked_at(app, &attachment) {
        say_origin(app, &attachment, inspected.as_ref().ok(), &mut glance).await?;
        seen_before(app, &attachment, inspected.as_ref().ok(), &mut glance).await;
    }
    let seen = match inspected {
        Ok(report) => Seen { size: size(&report), reason: report.note(), report: Some(report), glance },
        Err(error) => Seen { size: None, reason: Some(error.sentence()), report: None, glance },
    };
    metrics::histogram!("sportello_media_render_seconds").record(began.elapsed().as_secs_f64());
    keep(app, job, &attachment, Some(seen)).await
}

/// What the child found.
struct Seen {
    size: Option<(i64, i64)>,
    reason: Option<String>,
    report: Option<Report>,
    glance: Glance,
}

fn size(report: &Report) -> Option<(i64, i64)> {
    Some((i64::from(report.width?), i64::from(report.height?)))
}

pub(super) async fn inspect(
    app: &Arc<App>,
    attachment: &Attachment,
) -> Result<Result<Report, DecodeError>, AppError> {
    let Some(blob) = &attachment.blob_id else {
        return Err(AppError::missing("blob of attachment", &attachment.id));
    };
    let limit = app.decoder.limits.input_bytes_max;
    let size = u64::try_from(attachment.size_bytes.unwrap_or(0)).unwrap_or(u64::MAX);
    // What is no picture has nothing to render: its first bytes are enough to say so.
    let is_picture = attachment.mime_type.as_deref().is_some_and(|mime| mime.starts_with("image/"));
    if !is_picture || size > limit {
        let stream = app.blobs.read(&app.db, blob, 0..HEAD_BYTES).await?;
        let head = stream.try_collect::<Vec<_>>().await?.concat();
        let too_large = is_picture.then_some(Unrenderable::TooLarge { size_bytes: size, limit_bytes: limit });
        let why = too_large.or_else(|| why_not_shown(attachment, size, &head));
        return Ok(Ok(Report::without_renditions(media::sniff(&head), why)));
    }
    let leave = app.decoders.clone().acquire_owned().await.ok();
    let bytes = app.blobs.read_all(&app.db, blob, limit).await?;
    let decoder = app.decoder.clone();
    let report = tokio::task::spawn_blocking(move || {
        let _leave = leave;
        decoder.inspect(&bytes)
    });
    Ok(report.await?)
}

/// What was sent as a picture and is none is worth a word; a film, a voice or a document is not.
fn why_not_shown(attachment: &Attachment, size: u64, head: &[u8]) -> Option<Unrenderable> {
    let sniffed = media::sniff(head);
    let mime_type = sniffed.mime_type.to_owned();
    if size == 0 {
        Some(Unrenderable::Empty)
    } else if sniffed.family == media::Family::Markup {
        Some(Unrenderable::Markup { mime_type })
    } else if matches!(attachment.kind.as_str(), "image" | "sticker") {
        Some(Unrenderable::NotAPicture { mime_type })
    } else {
        None
    }
}

/// Renditions are written and synced first; their rows and the job's end are one transaction.
async fn keep(app: &App, job: &Job, attachment: &Attachment, seen: Option<Seen>) -> Result<End, AppError> {
    let now = app.clock.now();
    let Some(seen) = seen else {
        let mut tx = app.db.begin().await?;
        jobs::done(&mut tx, job).await?;
        tx.commit().await?;
        return Ok(End::Done);
    };
    let owner = attachment.contact_id.as_ref().map_or(keys::HOUSE, |id| id.as_str());
    let mut written = Vec::new();
    for rendition in seen.report.as_ref().map(|r| r.renditions.as_slice()).unwrap_or_default() {
        written.push((rendition, app.blobs.put(&rendition.bytes, now).await?));
    }
    store::fault("media.render.keep")?;
    let mut tx = app.db.begin().await?;
    guide::hold(&mut tx, attachment).await?;
    for (_, blob) in &written {
        app.blobs.insert(&mut tx, blob, owner, now).await?;
    }
    let rows: Vec<NewRendition<'_>> = written.iter().map(|(rendition, blob)| row(rendition, blob)).collect();
    attachments::ready(&mut tx, &attachment.id, seen.size, &rows, seen.reason.as_deref(), now).await?;
    if analysis::is_looked_at(app, attachment) {
        say_first(app, &mut tx, attachment, &seen, now).await?;
    }
    tell_flow(app, &mut tx, attachment, &seen).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    metrics::counter!("sportello_media_ready_total", "rendered" => if rows.is_empty() { "no" } else { "yes" }).increment(1);
    record_wait(attachment, now);
    Ok(End::Done)
}

/// The job died of something that nobody foresaw: the file is here and can be downloaded, and says why it is not shown.
pub async fn buried(tx: &mut store::Tx, app: &App, job: &Job) -> Result<(), AppError> {
    let Ok(MediaRender { attachment_id }) = job.read() else { return Ok(()) };
    let Some(attachment) = attachments::get_in(tx, &attachment_id).await? else { return Ok(()) };
    if State::parse(&attachment.state) != Some(State::Fetched) {
        return Ok(());
    }
    let why = "Something went wrong here while it was being prepared; try again, and look at the log if it stays so";
    lose(tx, app, &attachment, why).await
}

/// What the quality alone says is shown at once; the rest is a job of its own.
async fn say_first(
    app: &App,
    tx: &mut store::Tx,
    attachment: &Attachment,
    seen: &Seen,
    now: Timestamp,
) -> Result<(), AppError> {
    let id = &attachment.id;
    findings::keep(tx, &app.ids, id, &seen.glance.analysis, false, now).await?;
    remember(tx, attachment, seen.report.as_ref().and_then(|r| r.hashes.as_ref()), now).await?;
    let payload = MediaAnalyze { attachment_id: id.clone(), measures: seen.glance.measures.clone() };
    let key = MediaAnalyze::key(id);
    let next = NewJob { kind: MediaAnalyze::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
    jobs::enqueue(tx, &app.ids, now, next).await?;
    Ok(())
}

/// What no text could change is told at once, and so is what nobody will read; what text could change, soon.
async fn tell_flow(
    app: &App,
    tx: &mut store::Tx,
    attachment: &Attachment,
    seen: &Seen,
) -> Result<(), AppError> {
    let analysis = &seen.glance.analysis;
    // Its size was written a moment ago.
    let Some(attachment) = attachments::get_in(tx, &attachment.id).await? else { return Ok(()) };
    if analysis::is_looked_at(app, &attachment) {
        if !guide::refuses(tx, app, &attachment, analysis).await? {
            return Ok(());
        }
        if !guide::refuses(tx, app, &attachment, &seen.glance.at_best()).await? {
            return advise_soon(app, tx, &attachment.id).await;
        }
    }
    guide::glanced(tx, app, &attachment, analysis).await
}

async fn advise_soon(app: &App, tx: &mut store::Tx, id: &AttachmentId) -> Result<(), AppError> {
    let now = app.clock.now();
    let payload = MediaAdvise { attachment_id: id.clone() };
    let run_at = now.plus(MediaAdvise::PATIENCE);
    let job = NewJob { kind: MediaAdvise::KIND, payload: &payload, run_at, dedup_key: None };
    jobs::enqueue(tx, &app.ids, now, job).await?;
    Ok(())
}

/// Says what the file says of itself, weighed by how it came.
pub(super) async fn say_origin(
    app: &App,
    attachment: &Attachment,
    report: Option<&Report>,
    glance: &mut Glance,
) -> Result<(), AppError> {
    let message = match &attachment.message_id {
        Some(id) => store::messages::get(&app.db, id).await?,
        None => None,
    };
    let riders = message.and_then(|message| serde_json::from_str(&message.riders).ok()).unwrap_or_default();
    if let Some(report) = report {
        Origin::of_message(attachment, &riders).add(&mut glance.analysis, report);
    }
    Ok(())
}

/// Says whether the file was here before. The index is not asked about what nobody could tell again.
pub(super) async fn seen_before(
    app: &App,
    attachment: &Attachment,
    report: Option<&Report>,
    glance: &mut Glance,
) {
    let Some(sha256) = &attachment.sha256 else { return };
    let began = std::time::Instant::now();
    let asked = Asked {
        attachment: &attachment.id,
        contact: attachment.contact_id.as_ref(),
        sha256,
        hashes: report.and_then(|report| report.hashes.as_ref()),
    };
    match app.seen.look(&app.db, &asked).await {
        Ok(findings) => glance.analysis.findings.extend(findings),
        Err(error) => {
            tracing::warn!(%error, attachment = attachment.id.as_str(), "whether a file was seen before could not be looked up");
            glance
                .analysis
                .failed
                .insert("seen".to_owned(), "the earlier pictures could not be searched".to_owned());
        }
    }
    glance.analysis.ms.insert("seen".to_owned(), analysis::since(began));
}

/// By what the file is known again.
pub(super) async fn remember(
    tx: &mut store::Tx,
    attachment: &Attachment,
    found: Option<&Hashes>,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(sha256) = &attachment.sha256 else { return Ok(()) };
    let pdq = found.and_then(analysis::stored_hash);
    hashes::keep(tx, &attachment.id, sha256, pdq.as_deref(), now).await?;
    Ok(())
}

pub(super) fn row<'a>(rendition: &'a media::Rendition, blob: &'a Written) -> NewRendition<'a> {
    NewRendition {
        name: rendition.name.as_str(),
        blob_id: &blob.id,
        mime_type: &rendition.mime_type,
        width: i64::from(rendition.width),
        height: i64::from(rendition.height),
        size_bytes: blob.size_bytes,
    }
}

/// From the announcement to the picture on the screen.
fn record_wait(attachment: &Attachment, now: Timestamp) {
    metrics::histogram!("sportello_media_ready_seconds")
        .record(now.since(attachment.created_at).as_secs_f64());
}
