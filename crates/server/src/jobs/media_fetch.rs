//! `media.fetch`: brings a customer's file home before the channel forgets it.
//!
//! The link of the webhook first, then the id is resolved, and resolved again when the link has expired.
//! Bytes are hashed and sealed while they arrive; nothing points to them until they are whole and synced.

mod sealed;

use std::{sync::Arc, time::Duration};

use channels::whatsapp::{
    client::{Client, Download, FetchError},
    forms::MediaError,
};
use futures_util::StreamExt as _;
use model::{
    Timestamp,
    attachment::{State, fetch_backoff},
    ids::AttachmentId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{
    attachments::{self, Arrived, Attachment},
    blobs::Written,
    channels as numbers, forms,
    jobs::{self, Job, NewJob},
    keys,
};
use thiserror::Error;

use super::{End, MediaRender};
use crate::{
    analysis::{self, Guarded, Unguarded},
    app::App,
    error::AppError,
    guide,
};

#[derive(Serialize, Deserialize)]
pub struct MediaFetch {
    pub attachment_id: AttachmentId,
}

impl MediaFetch {
    pub const KIND: &str = "media.fetch";

    pub fn key(id: &AttachmentId) -> String {
        format!("{}:{id}", Self::KIND)
    }
}

/// What is kept of what came: written and synced, in no row yet.
struct Fetched {
    written: Written,
    sha256: String,
    head: Vec<u8>,
    /// The kinds of personal data that were made black before it was written.
    hidden: Vec<String>,
}

/// What came, before anything of it is believed.
struct Received {
    sha256: String,
    size_bytes: i64,
    head: Vec<u8>,
    kept: Kept,
}

enum Kept {
    Sealed(Written),
    /// The configuration asks to look before anything is written.
    InMemory(Vec<u8>),
}

/// Why one try did not bring the file.
#[derive(Debug, Error)]
enum Trouble {
    #[error("{0}")]
    Fetch(#[from] FetchError),
    #[error(
        "the file that came is not the one that was announced (its SHA-256 differs); it is fetched again"
    )]
    WrongBytes,
    #[error("only {got} of {announced} bytes came; it is fetched again")]
    CutShort { got: i64, announced: u64 },
    #[error("{0}")]
    Sealed(#[from] MediaError),
    #[error("the number that it was sent to is not configured; add it and try again")]
    NoNumber,
    #[error(
        "it is kept nowhere until it could be looked at for personal data, as analysis.never_store asks: {0}"
    )]
    NotLookedAt(String),
    #[error(
        "it is kept nowhere, because analysis.never_store asks for a look before and none is possible: {0}"
    )]
    NeverLookedAt(String),
    #[error("{0}")]
    Store(#[from] store::StoreError),
}

/// The first bytes are enough to tell what a file is.
const HEAD_BYTES: usize = 8_192;
/// How long a token that was refused is left alone.
const CREDENTIALS_PAUSE: Duration = Duration::from_secs(5 * 60);

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: MediaFetch = job.read()?;
    let Some(attachment) = attachments::get(&app.db, &payload.attachment_id).await? else {
        return Err(AppError::missing("attachment", payload.attachment_id));
    };
    if !matches!(State::parse(&attachment.state), Some(State::Pending | State::Failed | State::Expired)) {
        return finish(app, job).await;
    }
    let Ok(_leave) = app.fetchers.acquire().await else {
        return Ok(End::Snooze(app.clock.now()));
    };
    let began = std::time::Instant::now();
    let end = match fetch(app, &attachment).await {
        Ok(fetched) => keep(app, job, &attachment, fetched).await,
        Err(trouble) => give_up_or_retry(app, job, &attachment, &trouble).await,
    };
    metrics::histogram!("sportello_media_fetch_seconds").record(began.elapsed().as_secs_f64());
    end
}

async fn finish(app: &App, job: &Job) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

async fn fetch(app: &App, attachment: &Attachment) -> Result<Fetched, Trouble> {
    let (Some(channel), Some(external_id)) = (&attachment.channel_id, &attachment.external_id) else {
        return Err(Trouble::NoNumber);
    };
    let channel = numbers::get(&app.db, channel).await?;
    let number =
        app.whatsapp.as_ref().and_then(|line| line.number(&channel.account)).ok_or(Trouble::NoNumber)?;
    let client = &number.client;
    let ring = app.blobs.ring();
    let seals = forms::seals(&app.db, ring, &attachment.id, attachment.contact_id.as_ref()).await?;
    if let Some(seals) = seals {
        return sealed::fetch(app, client, attachment, &seals).await;
    }
    // The webhook's own link spares a round trip and lives for minutes: one try, while it is fresh.
    if let Some(url) = attachment.url.as_deref().filter(|_| attachment.attempts == 0) {
        match fetch_from(app, client, url, attachment, attachment.claimed_sha256.as_deref(), None).await {
            Ok(fetched) => return Ok(fetched),
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(trouble) => {
                tracing::debug!(attachment = attachment.id.as_str(), why = %trouble, "the webhook's link did not serve; resolving the id")
            }
        }
    }
    match resolve_and_fetch(app, client, external_id, attachment).await {
        Err(Trouble::Fetch(FetchError::LinkExpired)) => {
            resolve_and_fetch(app, client, external_id, attachment).await
        }
        other => other,
    }
}

async fn resolve_and_fetch(
    app: &App,
    client: &Client,
    external_id: &str,
    attachment: &Attachment,
) -> Result<Fetched, Trouble> {
    let found = client.resolve(external_id).await?;
    let sha256 = found.sha256.as_deref().or(attachment.claimed_sha256.as_deref());
    fetch_from(app, client, &found.url, attachment, sha256, found.file_size).await
}

async fn fetch_from(
    app: &App,
    client: &Client,
    url: &str,
    attachment: &Attachment,
    sha256: Option<&str>,
    size: Option<u64>,
) -> Result<Fetched, Trouble> {
    let is_looked_at_first = app.eyes.guards(&attachment.kind);
    let limit = if is_looked_at_first { app.decoder.limits.input_bytes_max } else { u64::MAX };
    let download = client.download(url, app.config.media.size_bytes_max.min(limit)).await?;
    let announced = size.or(download.length);
    let received = if is_looked_at_first { hold(download).await? } else { seal(app, download).await? };
    if announced.is_some_and(|announced| i64::try_from(announced).ok() != Some(received.size_bytes)) {
        discard(app, &received).await;
        return Err(Trouble::CutShort { got: received.size_bytes, announced: announced.unwrap_or(0) });
    }
    if sha256.is_some_and(|claimed| claimed != received.sha256) {
        discard(app, &received).await;
        return Err(Trouble::WrongBytes);
    }
    let Received { sha256, head, kept, .. } = received;
    match kept {
        Kept::Sealed(written) => Ok(Fetched { written, sha256, head, hidden: Vec::new() }),
        Kept::InMemory(bytes) => store_looked_at(app, attachment, bytes).await,
    }
}

/// Writes the picture as it may be kept.
async fn store_looked_at(app: &App, attachment: &Attachment, bytes: Vec<u8>) -> Result<Fetched, Trouble> {
    let Guarded { bytes, hidden } = match app.eyes.guard(bytes, analysis::claim(attachment)).await {
        Ok(guarded) => guarded,
        Err(Unguarded::ForNow(why)) => return Err(Trouble::NotLookedAt(why)),
        Err(Unguarded::ForEver(why)) => return Err(Trouble::NeverLookedAt(why)),
    };
    let written = app.blobs.put(&bytes, app.clock.now()).await?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let head = bytes.get(..HEAD_BYTES.min(bytes.len())).unwrap_or_default().to_vec();
    Ok(Fetched { written, sha256, head, hidden })
}

async fn discard(app: &App, received: &Received) {
    let Kept::Sealed(written) = &received.kept else { return };
    if let Err(error) = app.blobs.delete(&written.id).await {
        tracing::warn!(%error, "a file that was refused could not be removed; it is sealed and in no row");
    }
}

/// In memory only; the client has an eye on the limit.
async fn hold(mut download: Download) -> Result<Received, Trouble> {
    let mut bytes = Vec::new();
    while let Some(part) = download.bytes.next().await {
        bytes.extend_from_slice(&part?);
    }
    Ok(Received {
        sha256: hex::encode(Sha256::digest(&bytes)),
        size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        head: Vec::new(),
        kept: Kept::InMemory(bytes),
    })
}

async fn seal(app: &App, mut download: Download) -> Result<Received, Trouble> {
    let mut writer = app.blobs.create(app.clock.now()).await?;
    let mut hash = Sha256::new();
    let mut head = Vec::new();
    while let Some(part) = download.bytes.next().await {
        let pushed = match part {
            Ok(part) => {
                hash.update(&part);
                let room = HEAD_BYTES.saturating_sub(head.len());
                head.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
                writer.push(&part).await.map_err(Trouble::from)
            }
            Err(error) => Err(error.into()),
        };
        if let Err(trouble) = pushed {
            writer.abort().await;
            return Err(trouble);
        }
    }
    let written = writer.finish().await?;
    let sha256 = hex::encode(hash.finalize());
    Ok(Received { sha256, size_bytes: written.size_bytes, head, kept: Kept::Sealed(written) })
}

/// The row, the blob's key and the next job, in one transaction.
async fn keep(app: &App, job: &Job, attachment: &Attachment, fetched: Fetched) -> Result<End, AppError> {
    store::fault("media.fetch.keep")?;
    let now = app.clock.now();
    let sniffed = media::sniff(&fetched.head);
    let owner = attachment.contact_id.as_ref().map_or(keys::HOUSE, |id| id.as_str());
    let arrived = Arrived {
        blob_id: &fetched.written.id,
        mime_type: sniffed.mime_type,
        size_bytes: fetched.written.size_bytes,
        sha256: &fetched.sha256,
    };
    let mut tx = app.db.begin().await?;
    app.blobs.insert(&mut tx, &fetched.written, owner, now).await?;
    attachments::fetched(&mut tx, &attachment.id, &arrived, now).await?;
    forms::forget_seals(&mut tx, &attachment.id).await?;
    if let Some(ticket) = attachment.ticket_id.as_ref().filter(|_| !fetched.hidden.is_empty()) {
        let data = serde_json::json!({ "attachment_id": attachment.id, "hidden": fetched.hidden });
        store::events::add(&mut tx, &app.ids, ticket, "attachment.masked", None, &data, now).await?;
    }
    enqueue_render(&mut tx, app, &attachment.id, now).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    app.health.leave("token_refused");
    metrics::counter!("sportello_media_fetched_total").increment(1);
    Ok(End::Done)
}

pub async fn enqueue_render(
    tx: &mut store::Tx,
    app: &App,
    id: &AttachmentId,
    now: Timestamp,
) -> Result<(), AppError> {
    let payload = MediaRender { attachment_id: id.clone() };
    let key = MediaRender::key(id);
    let next = NewJob { kind: MediaRender::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
    jobs::enqueue(tx, &app.ids, now, next).await?;
    Ok(())
}

/// Another try while the channel still has the file; then a dead letter that a person can replay.
async fn give_up_or_retry(
    app: &App,
    job: &Job,
    attachment: &Attachment,
    trouble: &Trouble,
) -> Result<End, AppError> {
    let now = app.clock.now();
    let is_hopeless = is_hopeless(trouble);
    let wait = wait_after(app, job, trouble);
    let retry_at = now.plus(wait);
    let expired = attachment.expires_at.is_some_and(|at| retry_at >= at);
    let end = is_hopeless || expired;
    if let Trouble::Store(error) = trouble {
        app.health.files_failed(error);
        tracing::warn!(%error, attachment = attachment.id.as_str(), "a customer's file could not be kept");
    }
    let cause = trouble.to_string();
    let mut tx = app.db.begin().await?;
    if end {
        lose(&mut tx, app, attachment, &sentence(trouble, UNKEPT_END)).await?;
        jobs::bury(&mut tx, job, &cause).await?;
    } else {
        let why = sentence(trouble, UNKEPT_YET);
        attachments::failed(&mut tx, &attachment.id, State::Failed, &why, Some(retry_at), now).await?;
        jobs::again(&mut tx, job, retry_at, Some(&cause)).await?;
    }
    tx.commit().await?;
    if matches!(trouble, Trouble::Fetch(FetchError::Credentials { .. })) {
        app.health.enter("token_refused", "WhatsApp refuses our access token: files and answers wait. Enter a new token in the configuration and restart");
    }
    Ok(End::Done)
}

const UNKEPT_YET: &str = "nothing is lost: WhatsApp still has the file, and it is fetched again by itself";
const UNKEPT_END: &str = "nothing more is tried by itself; try again while WhatsApp may still have the file";

/// What agents are told. What the place for files or the database said is for the log, the job and the system's page.
fn sentence(trouble: &Trouble, next: &str) -> String {
    match trouble {
        Trouble::Store(error) if error.is_of_files() => {
            format!(
                "it could not be kept here, because the place for files does not answer for the moment; {next}"
            )
        }
        Trouble::Store(_) => format!("it could not be kept here, because something went wrong; {next}"),
        other => other.to_string(),
    }
}

/// The job died of something that nobody foresaw: its attachment must not look as if it still came.
pub async fn buried(tx: &mut store::Tx, app: &App, job: &Job) -> Result<(), AppError> {
    let Ok(MediaFetch { attachment_id }) = job.read() else { return Ok(()) };
    let Some(attachment) = attachments::get_in(tx, &attachment_id).await? else { return Ok(()) };
    if attachment.blob_id.is_some() {
        return Ok(());
    }
    let why =
        "Something went wrong here while it was being fetched; try again, and look at the log if it stays so";
    lose(tx, app, &attachment, why).await
}

/// Nothing more is tried by itself; the attachment says why and the timeline shows it.
pub async fn lose(tx: &mut store::Tx, app: &App, attachment: &Attachment, why: &str) -> Result<(), AppError> {
    let now = app.clock.now();
    attachments::failed(tx, &attachment.id, State::Expired, why, None, now).await?;
    if let Some(ticket) = &attachment.ticket_id {
        let data = serde_json::json!({ "attachment_id": attachment.id, "reason": why });
        store::events::add(tx, &app.ids, ticket, "attachment.expired", None, &data, now).await?;
    }
    guide::lost(tx, app, attachment.ticket_id.as_ref(), &attachment.id).await?;
    metrics::counter!("sportello_media_lost_total").increment(1);
    Ok(())
}

/// Nothing that passes by itself: the file is gone, too large, or its address is not one we go to.
const fn is_hopeless(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Fetch(FetchError::Gone | FetchError::Refused(_) | FetchError::TooLarge { .. })
            | Trouble::Sealed(
                MediaError::BadKeys | MediaError::TooLarge | MediaError::Altered | MediaError::OtherFile
            )
            | Trouble::NeverLookedAt(_)
    )
}

fn wait_after(app: &App, job: &Job, trouble: &Trouble) -> Duration {
    let attempt = u32::try_from(job.attempts).unwrap_or(u32::MAX);
    let wait = fetch_backoff(attempt, super::spread(app));
    match trouble {
        Trouble::Fetch(FetchError::Credentials { .. }) => wait.max(CREDENTIALS_PAUSE),
        Trouble::Fetch(FetchError::Busy { retry_after: Some(after) }) => wait.max(*after),
        _ => wait,
    }
}
