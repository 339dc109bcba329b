//! `analysis.again`: looks at what is stored anew, a few files at a time, and says how far it is.
//!
//! It gives way to every picture that a customer waits on, and goes on where it was after any restart.

use std::{sync::Arc, time::Duration};

use model::{
    Ids, Timestamp,
    ids::{AnalysisRunId, AttachmentId},
};
use serde::{Deserialize, Serialize};
use store::{
    Db,
    analysis_runs::{self, Run},
    attachments,
    jobs::{self, Job, NewJob},
    redactions,
};

use super::{End, media_analyze, media_render};
use crate::{analysis, app::App, error::AppError};

#[derive(Serialize, Deserialize)]
pub struct AnalysisAgain {
    pub run_id: AnalysisRunId,
}

/// Files of one claim of the job: then others have their turn, and the progress is on disk with each of them.
const FILES_PER_CLAIM: i64 = 20;
const GIVE_WAY: Duration = Duration::from_millis(500);

impl AnalysisAgain {
    pub const KIND: &str = "analysis.again";

    /// Begins a run over everything that came since.
    pub async fn start(db: &Db, ids: &Ids, since: Timestamp, now: Timestamp) -> Result<Run, AppError> {
        let mut tx = db.begin().await?;
        let run = analysis_runs::start(&mut tx, ids, since, now).await?;
        let payload = Self { run_id: run.id.clone() };
        let job = NewJob { kind: Self::KIND, payload: &payload, run_at: now, dedup_key: None };
        jobs::enqueue(&mut tx, ids, now, job).await?;
        tx.commit().await?;
        Ok(run)
    }
}

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: AnalysisAgain = job.read()?;
    let Some(run) = analysis_runs::get(&app.db, &payload.run_id).await? else {
        return Err(AppError::missing("analysis run", payload.run_id));
    };
    let next = analysis_runs::next(&app.db, &run, FILES_PER_CLAIM).await?;
    if next.is_empty() {
        let mut tx = app.db.begin().await?;
        analysis_runs::advance(&mut tx, &run.id, None, 0, 0, app.clock.now()).await?;
        jobs::done(&mut tx, job).await?;
        tx.commit().await?;
        return Ok(End::Done);
    }
    for id in next {
        let Some(leave) = app.readers.try_enter() else {
            return go_on(app, job, &payload, app.clock.now().plus(GIVE_WAY)).await;
        };
        look(app, &run, &id).await?;
        drop(leave);
    }
    go_on(app, job, &payload, app.clock.now()).await
}

/// A job of its own: its tries are counted anew.
async fn go_on(app: &App, job: &Job, payload: &AnalysisAgain, run_at: Timestamp) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    let next = NewJob { kind: AnalysisAgain::KIND, payload, run_at, dedup_key: None };
    jobs::enqueue(&mut tx, &app.ids, app.clock.now(), next).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// One file and the progress, in one transaction. What cannot be read any more is counted and passed over; of what
/// somebody made a part black meanwhile the look is made once more.
async fn look(app: &Arc<App>, run: &Run, id: &AttachmentId) -> Result<(), AppError> {
    while !look_once(app, run, id).await? {}
    Ok(())
}

/// Whether what was seen could be kept.
async fn look_once(app: &Arc<App>, run: &Run, id: &AttachmentId) -> Result<bool, AppError> {
    let attachment = attachments::get(&app.db, id).await?;
    let redacted = redactions::of(&app.db, id).await?;
    let mut whole = None;
    let mut failed = 0;
    if let Some(attachment) = attachment.as_ref().filter(|a| analysis::is_looked_at(app, a)) {
        match media_analyze::again(app, attachment, &redacted).await {
            Ok((looked, hashes)) => {
                let made = media_analyze::write(app, &looked).await?;
                whole = Some((looked, made, hashes));
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, attachment = id.as_str(), "a stored file could not be looked at anew");
                failed = 1;
            }
        }
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut replaced = Vec::new();
    if let (Some(attachment), Some((whole, made, hashes))) = (&attachment, &whole) {
        if media_analyze::is_outdated(&mut tx, attachment, &redacted).await? {
            drop(tx);
            let made: Vec<_> = made.iter().map(|(_, blob)| blob.id.clone()).collect();
            media_analyze::forget(app, &made).await;
            return Ok(false);
        }
        replaced = media_analyze::keep(app, &mut tx, attachment, &whole.analysis, made).await?;
        media_render::remember(&mut tx, attachment, hashes.as_ref(), now).await?;
    }
    analysis_runs::advance(&mut tx, &run.id, Some(id), 1, failed, now).await?;
    tx.commit().await?;
    media_analyze::forget(app, &replaced).await;
    Ok(true)
}
