//! A filled form as a message of its conversation: its words, and its files as attachments that are fetched.

use std::time::Duration;

use channels::whatsapp::forms::{Answers, PickedFile, token_of};
use flows::{
    engine::{Arrived, Filled, What},
    format::MediumKind,
};
use model::{
    Timestamp, attachment,
    content::Content,
    ids::{AttachmentId, ChannelId, ConversationId},
};
use serde_json::Value;
use store::{
    Tx, attachments, forms,
    jobs::{self, NewJob},
    messages, tickets,
};

use super::external_id;
use crate::{
    app::App,
    error::{AppError, to_json},
    jobs::MediaFetch,
};

/// How long WhatsApp's network keeps a sealed file (Meta, "Media upload components").
const SEALED_LIFE: Duration = Duration::from_secs(20 * 24 * 60 * 60);

/// What a filled form brought beside the content of its message.
#[derive(Default)]
pub struct Came {
    /// Not announced yet.
    pub files: Vec<PickedFile>,
    /// The words for a flow; `None` when the form answers no offer of ours.
    pub words: Option<Vec<(String, String)>>,
}

/// What a flow hears of a filled form.
pub fn told(words: Vec<(String, String)>, media: Vec<(String, Arrived)>) -> What {
    What::FormFilled(Filled { words, media })
}

/// Whether this form came by the endpoint before: then the message gives it its name and nothing more.
pub async fn heard_before(
    tx: &mut Tx,
    conversation: &ConversationId,
    channel: &ChannelId,
    content: &Content,
    wamid: &str,
) -> Result<bool, AppError> {
    let Content::Form { answers, .. } = content else { return Ok(false) };
    let Some(token) = offered(tx, conversation, answers).await? else { return Ok(false) };
    Ok(messages::rename(tx, channel, &external_id(&token), wamid).await?)
}

/// Takes a filled form out of a message: the content as it is stored, and what came with it.
pub async fn come(
    tx: &mut Tx,
    app: &App,
    conversation: &ConversationId,
    content: Content,
) -> Result<(Content, Came), AppError> {
    let Content::Form { name, answers } = content else { return Ok((content, Came::default())) };
    let Some(read) = answers.as_object().map(Answers::salvage) else {
        return Ok((Content::Form { name, answers }, Came::default()));
    };
    let shown = Content::Form { name, answers: Value::Object(read.shown.clone()) };
    let is_ours = match offered(tx, conversation, &answers).await? {
        Some(token) => forms::take(tx, &token, app.clock.now()).await?,
        None => false,
    };
    Ok((shown, Came { files: read.files, words: is_ours.then_some(read.words) }))
}

/// The token of an offer that was made in this conversation and no other.
async fn offered(
    tx: &mut Tx,
    conversation: &ConversationId,
    answers: &Value,
) -> Result<Option<String>, AppError> {
    let Some(token) = token_of(answers) else { return Ok(None) };
    let Some(offer) = forms::get_in(tx, token).await? else { return Ok(None) };
    let place = tickets::place_of(tx, &offer.ticket_id).await?;
    let is_here = place.is_some_and(|(offered_in, ..)| offered_in == *conversation);
    Ok(is_here.then_some(offer.token))
}

/// Makes the files visible as attachments of their message and has them fetched at once.
pub async fn announce(
    tx: &mut Tx,
    app: &App,
    place: &attachments::Place<'_>,
    files: Vec<PickedFile>,
    sent_at: Timestamp,
) -> Result<Vec<(String, Arrived)>, AppError> {
    let now = app.clock.now();
    let mut arrived = Vec::new();
    for file in files {
        let id = AttachmentId::new(&app.ids, now);
        let kind = file.kind();
        let expires_at = match file.seals {
            Some(_) => sent_at.plus(SEALED_LIFE),
            None => attachment::expires_at(sent_at),
        };
        attachments::announce(tx, &id, place, kind, &file.media, expires_at, now).await?;
        if let Some(seals) = &file.seals {
            let seals = to_json("what opens a file", seals)?;
            let sealed =
                forms::SealedFile { attachment_id: &id, contact_id: place.contact_id, seals: &seals };
            forms::keep_seals(tx, app.blobs.ring(), &app.ids, &sealed, now).await?;
        }
        let (key, payload) = (MediaFetch::key(&id), MediaFetch { attachment_id: id.clone() });
        let job = NewJob { kind: MediaFetch::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
        jobs::enqueue(tx, &app.ids, now, job).await?;
        let kind = match kind {
            "image" => MediumKind::Photo,
            "video" => MediumKind::Video,
            _ => MediumKind::Document,
        };
        arrived.push((file.field, Arrived { medium: id, kind, as_document: false, caption: None }));
    }
    Ok(arrived)
}
