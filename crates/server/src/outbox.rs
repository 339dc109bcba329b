//! What goes out: a message is written together with the job that sends it, in the transaction that caused it.

use model::{
    Timestamp,
    attachment::State,
    ids::{AttachmentId, MessageId, TicketId, UserId},
    message::{Direction, Status},
    outbound::{OutMedia, Outbound, window_is_open},
    ticket::TicketStatus,
};
use store::{
    Tx, attachments, conversations,
    jobs::{self, NewJob},
    messages::{self, NewMessage},
    tickets,
};
use thiserror::Error;

use crate::{
    app::App,
    error::{AppError, to_json},
    jobs::MessageSend,
    texts::Text,
    work::{self, Moved},
};

/// A message that somebody wants to send.
pub struct Draft<'a> {
    pub content: Outbound,
    /// `None`: the desk itself says it.
    pub author: Option<&'a UserId>,
    /// The channel's id of the message that it answers.
    pub reply_to: Option<String>,
}

/// Why a draft is not taken; the text is for the person who wrote it.
#[derive(Debug, Error)]
pub enum Refusal {
    #[error("this ticket does not exist")]
    NoTicket,
    #[error(
        "the customer last wrote more than 24 hours ago; send a template, or wait until they write again"
    )]
    WindowClosed,
    #[error("{0}")]
    Invalid(String),
    #[error("the file does not exist, or is part of another message already; upload it again")]
    NoAttachment,
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<store::StoreError> for Refusal {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Writes the message and its job. Checked before: the ticket, the 24-hour window, the channel's limits.
pub async fn queue(
    tx: &mut Tx,
    app: &App,
    ticket_id: &TicketId,
    draft: Draft<'_>,
) -> Result<MessageId, Refusal> {
    let now = app.clock.now();
    let (conversation_id, channel_id, contact_id) =
        tickets::place_of(tx, ticket_id).await?.ok_or(Refusal::NoTicket)?;
    let conversation = conversations::hold(tx, &conversation_id).await?;
    if draft.content.needs_window() && !window_is_open(conversation.last_inbound_at, now) {
        return Err(Refusal::WindowClosed);
    }
    channels::whatsapp::validate::validate(&draft.content).map_err(|e| Refusal::Invalid(e.to_string()))?;
    let id = MessageId::new(&app.ids, now);
    let new = NewMessage {
        id: &id,
        ticket_id,
        conversation_id: &conversation_id,
        channel_id: &channel_id,
        direction: Direction::Out,
        kind: draft.content.kind(),
        text: draft.content.text(),
        content: &to_json("a message's content", &draft.content)?,
        riders: "{}",
        external_id: None,
        status: Status::Queued,
        error: None,
        author_id: draft.author,
        reply_to: draft.reply_to.as_deref(),
        turn_id: None,
        // Clocks differ: an answer never stands before what it answers.
        sent_at: conversation.last_inbound_at.map_or(now, |heard| now.max(Timestamp(heard.micros() + 1))),
        arrival: None,
        now,
    };
    messages::insert(tx, &new).await?;
    let mut files = 0;
    if let Some(OutMedia { attachment_id: Some(file), .. }) = draft.content.media() {
        let place = attachments::Place {
            message_id: &id,
            ticket_id,
            contact_id: &contact_id,
            channel_id: &channel_id,
        };
        bind(tx, app, file, &place, &draft.content).await?;
        files = 1;
    }
    tickets::note_message(tx, ticket_id, now, 0, files, now).await?;
    // A thumb up is no answer: whose turn it is stays as it was.
    if draft.author.is_some() && !matches!(draft.content, Outbound::Reaction { .. }) {
        let status = tickets::status_of(tx, ticket_id).await?;
        after_answer(tx, app, ticket_id, status, draft.author).await?;
        work::moved(tx, app, ticket_id, Moved::PersonAnswered).await?;
    }
    enqueue_send(tx, app, &id).await?;
    Ok(id)
}

pub async fn enqueue_send(tx: &mut Tx, app: &App, id: &MessageId) -> Result<(), AppError> {
    let now = app.clock.now();
    let key = MessageSend::key(id);
    let payload = MessageSend { message_id: id.clone() };
    let job = NewJob { kind: MessageSend::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
    jobs::enqueue(tx, &app.ids, now, job).await?;
    Ok(())
}

/// The desk tells the customer something in their language. Outside the window it stays unsaid: nobody is there.
pub async fn say(tx: &mut Tx, app: &App, ticket: &TicketId, text: Text) -> Result<(), AppError> {
    let language = tickets::language_of(tx, ticket).await?;
    let body = app.texts.get(language.as_deref(), text);
    let draft = Draft { content: Outbound::Text { body, preview_url: false }, author: None, reply_to: None };
    match queue(tx, app, ticket, draft).await {
        Ok(_) | Err(Refusal::WindowClosed) => Ok(()),
        Err(Refusal::App(error)) => Err(error),
        Err(refusal) => {
            tracing::error!(%refusal, "a text of our own was refused");
            Ok(())
        }
    }
}

/// Our answer makes it the customer's turn.
async fn after_answer(
    tx: &mut Tx,
    app: &App,
    ticket: &TicketId,
    from: TicketStatus,
    author: Option<&UserId>,
) -> Result<(), AppError> {
    let to = from.after_agent_wrote();
    if to != from {
        tickets::set_status(tx, &app.ids, ticket, to, author, app.clock.now()).await?;
    }
    Ok(())
}

async fn bind(
    tx: &mut Tx,
    app: &App,
    file: &AttachmentId,
    place: &attachments::Place<'_>,
    content: &Outbound,
) -> Result<(), Refusal> {
    let now = app.clock.now();
    let attachment = attachments::get_in(tx, file).await?.ok_or(Refusal::NoAttachment)?;
    let is_here = State::parse(&attachment.state).is_some_and(|s| matches!(s, State::Fetched | State::Ready));
    let blob = attachment.blob_id.as_ref().filter(|_| is_here).ok_or(Refusal::NoAttachment)?;
    check_file(&attachment, content)?;
    if !attachments::bind(tx, file, place, content.kind(), now).await? {
        return Err(Refusal::NoAttachment);
    }
    if !attachment.is_shared {
        // From now on it is the customer's: erasing them erases it.
        app.blobs.hand_over(tx, blob, place.contact_id.as_str(), now).await?;
    }
    Ok(())
}

/// What WhatsApp would refuse is refused here, where the person can still change it.
fn check_file(attachment: &attachments::Attachment, content: &Outbound) -> Result<(), Refusal> {
    use channels::whatsapp::media_rules::{MediaKind, validate_media};
    let Some(kind) = MediaKind::of(content) else { return Ok(()) };
    let mime = attachment.mime_type.as_deref().unwrap_or("application/octet-stream");
    let size = u64::try_from(attachment.size_bytes.unwrap_or(0)).unwrap_or(0);
    let is_voice = content.media().is_some_and(|m| m.is_voice);
    validate_media(kind, mime, size, attachment.file_name.as_deref(), is_voice)
        .map_err(|e| Refusal::Invalid(e.to_string()))
}
