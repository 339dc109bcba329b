//! A file of a native form: fetched sealed from WhatsApp's network, opened in memory, kept sealed our own way.

use channels::whatsapp::{
    client::{Client, FetchError},
    forms::{CIPHER_BYTES_MAX, MediaError, Seals, open_media},
};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use store::attachments::Attachment;

use super::{Fetched, HEAD_BYTES, Trouble, store_looked_at};
use crate::app::App;

/// `seals` is what came with the form, as JSON.
pub(super) async fn fetch(
    app: &App,
    client: &Client,
    attachment: &Attachment,
    seals: &[u8],
) -> Result<Fetched, Trouble> {
    let seals: Seals = serde_json::from_slice(seals).map_err(|_| MediaError::BadKeys)?;
    let url = attachment.url.as_deref().ok_or(FetchError::Gone)?;
    let limit = u64::try_from(CIPHER_BYTES_MAX).unwrap_or(u64::MAX).min(app.config.media.size_bytes_max);
    let mut download = client.download_sealed(url, limit).await?;
    let mut sealed = Vec::new();
    while let Some(part) = download.bytes.next().await {
        sealed.extend_from_slice(&part?);
    }
    let opened = tokio::task::spawn_blocking(move || open_media(sealed, &seals)).await;
    let bytes = opened.map_err(|error| FetchError::Network { why: error.to_string() })??;
    if app.eyes.guards(&attachment.kind) {
        return store_looked_at(app, attachment, bytes).await;
    }
    let written = app.blobs.put(&bytes, app.clock.now()).await?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let head = bytes.get(..HEAD_BYTES.min(bytes.len())).unwrap_or_default().to_vec();
    Ok(Fetched { written, sha256, head, hidden: Vec::new() })
}
