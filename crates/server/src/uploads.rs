//! Files of the house: what agents upload to send, the pictures of articles.

use model::ids::AttachmentId;
use sha2::{Digest as _, Sha256};
use store::{
    attachments::{self, Arrived},
    blobs::Written,
    keys,
};

use crate::{app::App, error::AppError, jobs::enqueue_render};

/// The first bytes are enough to tell what a file is.
pub const HEAD_BYTES: usize = 8_192;

/// What is kept of a file: written and synced, in no row yet.
pub struct Kept<'a> {
    pub written: &'a Written,
    /// In hex.
    pub sha256: &'a str,
    pub head: &'a [u8],
    pub file_name: Option<&'a str>,
}

/// Makes the file an attachment that no message carries yet, and has it rendered.
pub async fn keep(app: &App, kept: &Kept<'_>) -> Result<AttachmentId, AppError> {
    let sniffed = media::sniff(kept.head);
    let arrived = Arrived {
        blob_id: &kept.written.id,
        mime_type: sniffed.mime_type,
        size_bytes: kept.written.size_bytes,
        sha256: kept.sha256,
    };
    let kind = match sniffed.family {
        media::Family::Image => "image",
        media::Family::Video => "video",
        media::Family::Audio => "audio",
        _ => "document",
    };
    let now = app.clock.now();
    let id = AttachmentId::new(&app.ids, now);
    let is_voice = media::is_mono_opus(kept.head);
    let mut tx = app.db.begin().await?;
    app.blobs.insert(&mut tx, kept.written, keys::HOUSE, now).await?;
    attachments::upload(&mut tx, &id, kind, kept.file_name, is_voice, &arrived, now).await?;
    enqueue_render(&mut tx, app, &id, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// The same with bytes that are here whole.
pub async fn keep_bytes(app: &App, file_name: Option<&str>, bytes: &[u8]) -> Result<AttachmentId, AppError> {
    let written = app.blobs.put(bytes, app.clock.now()).await?;
    let head = bytes.get(..HEAD_BYTES.min(bytes.len())).unwrap_or_default();
    keep(app, &Kept { written: &written, sha256: &sha256(bytes), head, file_name }).await
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
