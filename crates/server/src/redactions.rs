//! Parts of a picture are made black for good: painted by the confined child on what people see, and kept by every
//! later look.
//!
//! What is painted over is what is drawn at that moment: whoever paints at the same time is noticed when the pictures
//! are to be put in each other's place, and their black is painted on again.

use std::{collections::BTreeMap, sync::Arc};

use media::Rendition;
use model::{
    finding::Region,
    ids::{BlobId, UserId},
    redaction::{AREAS_MAX, Area},
};
use sha2::{Digest as _, Sha256};
use store::{
    Tx,
    attachments::{self, Attachment, NewRendition, Rendition as Drawn, page_name},
    audit,
    blobs::Written,
    events, findings, keys, redactions,
};
use thiserror::Error;

use crate::{app::App, error::AppError};

/// What somebody wants black.
pub struct Wanted<'a> {
    pub attachment: &'a Attachment,
    pub areas: &'a [Area],
    /// Only what is painted now remains of the picture.
    pub erases_original: bool,
    pub actor: &'a str,
    pub user: Option<&'a UserId>,
}

/// Why nothing was made black.
#[derive(Debug, Error)]
pub enum Refusal {
    #[error("a file has {AREAS_MAX} boxes at most; draw one larger box over several")]
    TooMany,
    #[error("others are at work on the same picture; try again in a moment")]
    Busy,
    #[error("the picture could not be painted: {0}")]
    Unpaintable(String),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<store::StoreError> for Refusal {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Colleagues who paint the same picture in the same moment; more than a desk has.
const TRIES_MAX: usize = 5;

pub async fn redact(app: &Arc<App>, wanted: &Wanted<'_>) -> Result<(), Refusal> {
    for _ in 0..TRIES_MAX {
        let id = &wanted.attachment.id;
        let before = attachments::renditions(&app.db, &[id.as_str()]).await?;
        let painted = paint(app, &before, wanted.areas).await?;
        let written = write(app, wanted, painted).await?;
        store::fault("redactions.keep")?;
        let mut tx = app.db.begin().await?;
        let now = redactions::hold(&mut tx, id).await?;
        if blobs(&now) != blobs(&before) {
            drop(tx);
            forget(app, &written.ids()).await;
            continue;
        }
        if redactions::of_in(&mut tx, id).await?.len() + wanted.areas.len() > AREAS_MAX {
            drop(tx);
            forget(app, &written.ids()).await;
            return Err(Refusal::TooMany);
        }
        let gone = keep(app, &mut tx, wanted, &written).await?;
        tx.commit().await?;
        forget(app, &gone).await;
        metrics::counter!("sportello_redactions_total").increment(1);
        return Ok(());
    }
    Err(Refusal::Busy)
}

fn blobs(drawn: &[Drawn]) -> BTreeMap<&str, &BlobId> {
    drawn.iter().map(|rendition| (rendition.name.as_str(), &rendition.blob_id)).collect()
}

/// Everything that people are shown of the boxes' pages, with the boxes black.
async fn paint(app: &Arc<App>, drawn: &[Drawn], areas: &[Area]) -> Result<Vec<Rendition>, Refusal> {
    let mut made = Vec::new();
    for (source, suffix) in [("view", ""), ("view_masked", "_masked")] {
        let regions = regions(areas, None);
        let Some(view) = drawn.iter().find(|rendition| rendition.name == source) else { continue };
        if regions.is_empty() {
            continue;
        }
        for mut rendition in painted(app, view, regions).await? {
            rendition.name.push_str(suffix);
            if drawn.iter().any(|drawn| drawn.name == rendition.name) {
                made.push(rendition);
            }
        }
    }
    let mut pages: Vec<u32> = areas.iter().filter_map(|area| area.page).collect();
    pages.sort_unstable();
    pages.dedup();
    for page in pages {
        let name = page_name(page);
        let Some(drawn) = drawn.iter().find(|rendition| rendition.name == name) else { continue };
        let all = painted(app, drawn, regions(areas, Some(page))).await?;
        made.extend(all.into_iter().find(|r| r.name == "view").map(|view| Rendition { name, ..view }));
    }
    if made.is_empty() {
        return Err(Refusal::Unpaintable("nothing of it is drawn".to_owned()));
    }
    Ok(made)
}

fn regions(areas: &[Area], page: Option<u32>) -> Vec<Region> {
    // One picture has one page: the paint asks for places alone.
    let on_page = areas.iter().filter(|area| area.page == page);
    on_page.map(|area| Region { page: None, ..area.region() }).collect()
}

async fn painted(app: &Arc<App>, drawn: &Drawn, regions: Vec<Region>) -> Result<Vec<Rendition>, Refusal> {
    let bytes = app.blobs.read_all(&app.db, &drawn.blob_id, app.decoder.limits.input_bytes_max).await?;
    app.eyes.painted(Arc::new(bytes), regions).await.map_err(Refusal::Unpaintable)
}

/// What was painted, written and synced; no row points to it yet.
struct Painted {
    renditions: Vec<(Rendition, Written)>,
    /// What takes the original's place.
    remains: Option<(Rendition, Written)>,
}

impl Painted {
    fn ids(&self) -> Vec<BlobId> {
        self.renditions.iter().chain(&self.remains).map(|(_, blob)| blob.id.clone()).collect()
    }
}

async fn write(app: &App, wanted: &Wanted<'_>, made: Vec<Rendition>) -> Result<Painted, Refusal> {
    let now = app.clock.now();
    let mut remains = None;
    if let Some(view) = made.iter().find(|rendition| wanted.erases_original && rendition.name == "view") {
        remains = Some((view.clone(), app.blobs.put(&view.bytes, now).await?));
    }
    let mut renditions = Vec::new();
    for rendition in made {
        let blob = app.blobs.put(&rendition.bytes, now).await?;
        renditions.push((rendition, blob));
    }
    Ok(Painted { renditions, remains })
}

/// One transaction: the boxes, the pictures, what is said of them, and who did it. Returns the blobs that are erased.
async fn keep(
    app: &App,
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    painted: &Painted,
) -> Result<Vec<BlobId>, AppError> {
    let now = app.clock.now();
    let Wanted { attachment, areas, .. } = *wanted;
    let id = &attachment.id;
    let owner = attachment.contact_id.as_ref().map_or(keys::HOUSE, |id| id.as_str());
    let mut rows = Vec::new();
    for (rendition, blob) in &painted.renditions {
        app.blobs.insert(tx, blob, owner, now).await?;
        rows.push(row(rendition, blob));
    }
    redactions::add(tx, &app.ids, id, areas, wanted.actor, now).await?;
    let mut gone = redactions::repaint(tx, id, &rows, now).await?;
    if let Some((rendition, blob)) = &painted.remains {
        app.blobs.insert(tx, blob, owner, now).await?;
        let remains = redactions::Remains {
            blob_id: &blob.id,
            mime_type: &rendition.mime_type,
            size_bytes: blob.size_bytes,
            sha256: &hex::encode(Sha256::digest(&rendition.bytes)),
            width: i64::from(rendition.width),
            height: i64::from(rendition.height),
        };
        gone.extend(redactions::erase_original(tx, id, &remains, now).await?);
    }
    findings::redact(tx, id, areas).await?;
    let is_erased = painted.remains.is_some();
    let detail = format!("{} boxes{}", areas.len(), if is_erased { ", original erased" } else { "" });
    audit::add(tx, &app.ids, wanted.actor, "attachment.redacted", id.as_str(), &detail, now).await?;
    if let Some(ticket) = &attachment.ticket_id {
        let data =
            serde_json::json!({ "attachment_id": id, "boxes": areas.len(), "is_original_erased": is_erased });
        events::add(tx, &app.ids, ticket, "attachment.redacted", wanted.user, &data, now).await?;
        tx.touch(ticket, "attachment");
    }
    Ok(gone)
}

fn row<'a>(rendition: &'a Rendition, blob: &'a Written) -> NewRendition<'a> {
    NewRendition {
        name: rendition.name.as_str(),
        blob_id: &blob.id,
        mime_type: &rendition.mime_type,
        width: i64::from(rendition.width),
        height: i64::from(rendition.height),
        size_bytes: blob.size_bytes,
    }
}

/// The bytes of what nothing points to.
async fn forget(app: &App, blobs: &[BlobId]) {
    for blob in blobs {
        if let Err(error) = app.blobs.delete(blob).await {
            tracing::warn!(%error, "a picture that was painted over could not be removed; it is sealed and in no row");
        }
    }
}
