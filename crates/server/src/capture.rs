//! The page on which a customer takes a picture that may not be asked for in a chat.
//!
//! The link stands for the customer: it serves once, for a stated time, and only its hash is stored. What is taken
//! there becomes a message of the conversation, sealed and looked at like everything else.

use std::{collections::BTreeMap, time::Duration};

use analyzers::local::picture_kind::Claim;
use flows::engine::Outcome;
use model::{
    Timestamp,
    content::{Content, Media},
    ids::{AttachmentId, FlowRunId, MessageId},
    message::{Direction, Status},
};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError, Tx, attachments,
    attachments::Arrived,
    capture_links::{self, Link},
    conversations, flow_runs,
    messages::{self, NewMessage},
    tickets,
};

use crate::{
    analysis::{Guarded, Unguarded},
    app::App,
    error::{AppError, to_json},
    guide,
    jobs::enqueue_render,
    uploads,
    visits::Asked,
};

/// The largest picture that is taken.
pub const PICTURE_BYTES_MAX: usize = 10 * 1024 * 1024;
const MINUTES: u64 = 30;
const MINUTES_MAX: u64 = 24 * 60;
const PURPOSE_CHARS_MAX: usize = 40;
/// What the page calls the file.
const FILE_NAME: &str = "capture.jpg";

/// Makes a link for a flow; `Missing` where customers could not reach the page.
pub async fn answer(tx: &mut Tx, app: &App, run: &FlowRunId, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let Some(base) = base_url(app) else { return Ok(Outcome::Missing) };
    let minutes = asked.word("minutes").and_then(|text| text.parse().ok()).unwrap_or(MINUTES);
    let now = app.clock.now();
    let expires_at = now.plus(Duration::from_secs(minutes.clamp(1, MINUTES_MAX) * 60));
    let token = hex::encode(app.ids.bytes::<16>());
    let scene = flow_runs::scene(tx, asked.ticket).await?;
    let purpose = asked.word("for").unwrap_or("picture").chars().take(PURPOSE_CHARS_MAX).collect();
    let link = Link {
        token_hash: hash(&token),
        run_id: run.clone(),
        ticket_id: asked.ticket.clone(),
        contact_id: scene.contact_id,
        purpose,
        language: asked.language.to_owned(),
        expires_at,
        used_at: None,
    };
    capture_links::make(tx, &link, now).await?;
    let expires = app.config.hours.local(expires_at).strftime("%H:%M").to_string();
    let url = format!("{base}/capture/{token}");
    Ok(Outcome::Found(BTreeMap::from([("url".to_owned(), url), ("expires".to_owned(), expires)])))
}

/// Where customers reach us: the public address, or this machine when the customer is the sandbox's.
fn base_url(app: &App) -> Option<String> {
    let public = app.config.server.public_url.as_ref().filter(|url| url.scheme() == "https");
    if let Some(url) = public {
        return Some(url.as_str().trim_end_matches('/').to_owned());
    }
    let is_sandbox = app.config.whatsapp.as_ref().is_some_and(|whatsapp| whatsapp.is_sandbox);
    let address = app.address.get().copied().filter(|_| is_sandbox)?;
    Some(format!("http://{address}"))
}

pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Why a picture was not taken.
#[derive(Debug)]
pub enum Refusal {
    Unknown,
    Used,
    Expired,
    NotAPicture,
    /// Nobody could look at it before it would be stored.
    NotNow(String),
    App(AppError),
}

impl<E: Into<AppError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::App(error.into())
    }
}

/// What a link is good for at this moment.
pub fn state(link: Option<&Link>, now: Timestamp) -> &'static str {
    match link {
        None => "unknown",
        Some(link) if link.used_at.is_some() => "used",
        Some(link) if link.expires_at <= now => "expired",
        Some(_) => "open",
    }
}

/// Takes the picture, uses the link up and tells the flow, in one transaction.
pub async fn take(app: &App, token: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
    let token_hash = hash(token);
    let link = capture_links::get(&app.db, &token_hash).await?;
    let now = app.clock.now();
    match state(link.as_ref(), now) {
        "open" => {}
        "used" => return Err(Refusal::Used),
        "expired" => return Err(Refusal::Expired),
        _ => return Err(Refusal::Unknown),
    }
    let Some(link) = link else { return Err(Refusal::Unknown) };
    if !matches!(media::sniff(&bytes).mime_type, "image/jpeg" | "image/png" | "image/webp") {
        return Err(Refusal::NotAPicture);
    }
    let bytes = guarded(app, bytes).await?;
    let written = app.blobs.put(&bytes, now).await?;
    let mut tx = app.db.begin().await?;
    let kept = keep(&mut tx, app, &link, &bytes, &written).await;
    match kept {
        Ok(true) => Ok(tx.commit().await?),
        Ok(false) => {
            app.blobs.delete(&written.id).await?;
            Err(Refusal::Used)
        }
        Err(error) => Err(Refusal::App(error)),
    }
}

/// What the configuration never wants stored is black before it is written.
async fn guarded(app: &App, bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if !app.eyes.guards("image") {
        return Ok(bytes);
    }
    match app.eyes.guard(bytes, Some(Claim::Photo)).await {
        Ok(Guarded { bytes, .. }) => Ok(bytes),
        Err(Unguarded::ForNow(why)) => Err(Refusal::NotNow(why)),
        Err(Unguarded::ForEver(_)) => Err(Refusal::NotAPicture),
    }
}

async fn keep(
    tx: &mut Tx,
    app: &App,
    link: &Link,
    bytes: &[u8],
    written: &store::blobs::Written,
) -> Result<bool, AppError> {
    let now = app.clock.now();
    let Some((conversation_id, channel_id, contact_id)) = tickets::place_of(tx, &link.ticket_id).await?
    else {
        return Err(AppError::missing("ticket", &link.ticket_id));
    };
    conversations::hold(tx, &conversation_id).await?;
    if !capture_links::take(tx, &link.token_hash, now).await? {
        return Ok(false);
    }
    let (id, file) = (MessageId::new(&app.ids, now), AttachmentId::new(&app.ids, now));
    let external_id = format!("capture:{}", link.token_hash);
    let mime_type = media::sniff(bytes).mime_type;
    let content = Content::Document(Media {
        external_id: external_id.clone(),
        mime_type: Some(mime_type.to_owned()),
        file_name: Some(FILE_NAME.to_owned()),
        ..Media::default()
    });
    let new = NewMessage {
        id: &id,
        ticket_id: &link.ticket_id,
        conversation_id: &conversation_id,
        channel_id: &channel_id,
        direction: Direction::In,
        kind: content.kind(),
        text: None,
        content: &to_json("a message's content", &content)?,
        riders: "{}",
        external_id: Some(&external_id),
        status: Status::Received,
        error: None,
        author_id: None,
        reply_to: None,
        turn_id: None,
        sent_at: now,
        arrival: None,
        now,
    };
    if !messages::insert(tx, &new).await? {
        return Err(StoreError::Duplicate(external_id).into());
    }
    app.blobs.insert(tx, written, contact_id.as_str(), now).await?;
    let arrived = Arrived {
        blob_id: &written.id,
        mime_type,
        size_bytes: written.size_bytes,
        sha256: &uploads::sha256(bytes),
    };
    attachments::upload(tx, &file, "document", Some(FILE_NAME), false, &arrived, now).await?;
    let place = attachments::Place {
        message_id: &id,
        ticket_id: &link.ticket_id,
        contact_id: &contact_id,
        channel_id: &channel_id,
    };
    attachments::bind(tx, &file, &place, "document", now).await?;
    enqueue_render(tx, app, &file, now).await?;
    tickets::note_message(tx, &link.ticket_id, now, 1, 1, now).await?;
    let told = guide::heard_in(&content, Some(&file));
    guide::wrote(tx, app, &conversation_id, &id, told).await?;
    Ok(true)
}
