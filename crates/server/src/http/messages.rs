//! The conversation of a ticket: read it, answer it, note something beside it.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    ids::{AttachmentId, EventId, MessageId, TicketId},
    outbound::{OutMedia, Outbound, Template},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    attachments,
    events::{self, Event as EventRow},
    jobs::{self, NewJob},
    messages::{self as store_messages, Message as MessageRow},
    tickets,
};
use utoipa::ToSchema;

use super::{
    Web,
    access::{Reached, reach},
    auth::Caller,
    error::{ApiError, ApiResult},
    page::{Page, PageQuery},
    types::{self, Message, Named, can_retry},
};
use crate::{
    app::App,
    guide,
    jobs::ReadMark,
    outbox::{self, Draft},
};

#[utoipa::path(get, path = "/api/v1/tickets/{id}/messages", tag = "messages", params(("id" = String, Path), PageQuery), responses((status = 200, body = Page<Message>)))]
pub async fn list(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<Message>>> {
    must_exist(&web.app, &id).await?;
    let rows = rows(&web.app, &id, &query).await?;
    let page = Page::cut(rows, query.limit(), point);
    Ok(Json(Page { items: types::messages(&web.app.db, page.items, &caller.rights).await?, next: page.next }))
}

async fn must_exist(app: &App, id: &TicketId) -> ApiResult<()> {
    tickets::get(&app.db, id).await?.map(drop).ok_or_else(|| ApiError::not_found("ticket"))
}

/// One more than the page holds.
async fn rows(app: &App, id: &TicketId, query: &PageQuery) -> ApiResult<Vec<MessageRow>> {
    let point = query.point()?;
    let from = point.as_ref().map(|(at, position)| (*at, position.as_str()));
    Ok(store_messages::list(&app.db, id, from, query.is_newest_first()?, query.limit() + 1).await?)
}

fn point(row: &MessageRow) -> (Timestamp, String) {
    (row.sent_at, row.position.clone())
}

/// Something that happened to a ticket.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TicketEvent {
    pub id: String,
    pub kind: String,
    /// Who did it; absent when nobody in particular.
    pub actor: Option<Named>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = Object)]
    pub data: Value,
}

impl From<EventRow> for TicketEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind,
            actor: row.actor_id.zip(row.actor_name).map(|(id, name)| Named { id: id.0, name }),
            at: row.at,
            data: serde_json::from_str(&row.data).unwrap_or_default(),
        }
    }
}

/// A message or an event, in the order of the timeline.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineItem {
    Message {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        message: Box<Message>,
    },
    Event {
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
        event: TicketEvent,
    },
}

/// A row of the timeline before it is told in full, with what orders it.
enum Row {
    Message(Box<MessageRow>),
    Event(EventRow),
}

impl Row {
    fn point(&self) -> (Timestamp, String) {
        match self {
            Self::Message(row) => point(row),
            Self::Event(row) => (row.at, row.id.0.clone()),
        }
    }
}

#[utoipa::path(get, path = "/api/v1/tickets/{id}/timeline", tag = "messages", params(("id" = String, Path), PageQuery), responses((status = 200, body = Page<TimelineItem>)))]
pub async fn timeline(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<TimelineItem>>> {
    must_exist(&web.app, &id).await?;
    let point = query.point()?;
    let from = point.as_ref().map(|(at, id)| (*at, id.as_str()));
    let newest_first = query.is_newest_first()?;
    let mut all: Vec<Row> =
        rows(&web.app, &id, &query).await?.into_iter().map(Box::new).map(Row::Message).collect();
    all.extend(
        events::list(&web.app.db, &id, from, newest_first, query.limit() + 1)
            .await?
            .into_iter()
            .map(Row::Event),
    );
    all.sort_by_key(Row::point);
    if newest_first {
        all.reverse();
    }
    let page = Page::cut(all, query.limit(), Row::point);
    let items = tell(&web.app, &caller, page.items).await?;
    Ok(Json(Page { items, next: page.next }))
}

async fn tell(app: &App, caller: &Caller, page: Vec<Row>) -> ApiResult<Vec<TimelineItem>> {
    let rows: Vec<MessageRow> = page
        .iter()
        .filter_map(|row| if let Row::Message(row) = row { Some((**row).clone()) } else { None })
        .collect();
    let mut told = types::messages(&app.db, rows, &caller.rights).await?.into_iter();
    let items = page.into_iter().filter_map(|row| match row {
        Row::Message(row) => {
            told.next().map(|message| TimelineItem::Message { at: row.sent_at, message: Box::new(message) })
        }
        Row::Event(row) => Some(TimelineItem::Event { at: row.at, event: row.into() }),
    });
    Ok(items.collect())
}

/// An answer: `text`; or `attachment_id` with `text` as its caption; or `template`; or a whole `content`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewAnswer {
    pub text: Option<String>,
    pub attachment_id: Option<String>,
    /// The attachment is a voice note (mono Ogg/Opus).
    pub is_voice: bool,
    #[schema(value_type = Option<Object>)]
    pub template: Option<Template>,
    /// Any outbound body, such as `{"kind": "buttons", …}`.
    #[schema(value_type = Option<Object>)]
    pub content: Option<Outbound>,
    /// The message that this one answers.
    pub reply_to: Option<String>,
}

#[utoipa::path(post, path = "/api/v1/tickets/{id}/messages", tag = "messages", params(("id" = String, Path)), request_body = NewAnswer, responses((status = 201, body = Message)))]
pub async fn send(
    State(web): State<Web>,
    caller: Caller,
    Reached(ticket): Reached<TicketId>,
    Json(answer): Json<NewAnswer>,
) -> ApiResult<(StatusCode, Json<Message>)> {
    let reply_to = match &answer.reply_to {
        Some(id) => external_id(&web.app, &caller, id).await?,
        None => None,
    };
    let content = content(&web.app, &caller, answer).await?;
    check_template(&web.app, &ticket, &content).await?;
    let is_answer = !matches!(content, Outbound::Reaction { .. });
    let mut tx = web.app.db.begin().await?;
    let id = outbox::queue(&mut tx, &web.app, &ticket, Draft { content, author: caller.user_id(), reply_to })
        .await?;
    if is_answer {
        // A person and a flow that answer at once would confuse the customer.
        guide::taken_over(&mut tx, &web.app, &ticket, caller.user_id()).await?;
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(told(&web.app, &caller, &id).await?)))
}

async fn external_id(app: &App, caller: &Caller, id: &str) -> ApiResult<Option<String>> {
    let id = MessageId::from(id);
    reach(&app.db, caller, &id).await?;
    let message = store_messages::get(&app.db, &id).await?;
    Ok(message.ok_or_else(|| ApiError::not_found("quoted message"))?.external_id)
}

async fn content(app: &App, caller: &Caller, answer: NewAnswer) -> ApiResult<Outbound> {
    let invalid = |message: &str| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_message", message);
    match (answer.text, answer.attachment_id, answer.template, answer.content) {
        (None, None, None, Some(content)) => Ok(content),
        (None, None, Some(template), None) => Ok(Outbound::Template(template)),
        (text, Some(file), None, None) => {
            let file = AttachmentId(file);
            media(app, caller, file, text, answer.is_voice).await
        }
        (Some(body), None, None, None) if !body.trim().is_empty() => {
            Ok(Outbound::Text { body, preview_url: false })
        }
        (Some(_), None, None, None) => Err(invalid("the text is empty; write something")),
        _ => Err(invalid("one of `text`, `attachment_id`, `template` or `content` is needed")),
    }
}

/// The kind of message follows from what the file is.
async fn media(
    app: &App,
    caller: &Caller,
    id: AttachmentId,
    text: Option<String>,
    is_voice: bool,
) -> ApiResult<Outbound> {
    let file = attachments::get(&app.db, &id).await?.ok_or_else(|| ApiError::not_found("attachment"))?;
    super::attachments::may_send(app, caller, &file).await?;
    let mime = super::attachments::base(file.mime_type.as_deref().unwrap_or_default());
    let caption = text.filter(|t| !t.trim().is_empty());
    let media = OutMedia {
        attachment_id: Some(id),
        caption,
        file_name: file.file_name.clone(),
        is_voice: is_voice || file.is_voice,
    };
    Ok(match mime {
        "image/jpeg" | "image/png" => Outbound::Image(media),
        "video/mp4" | "video/3gpp" => Outbound::Video(media),
        "audio/ogg" | "audio/mpeg" | "audio/mp4" | "audio/aac" | "audio/amr" => {
            Outbound::Audio(OutMedia { caption: None, ..media })
        }
        _ => Outbound::Document(media),
    })
}

/// Whether the template exists is known only to WhatsApp; when it cannot be asked, the send will tell.
async fn check_template(app: &App, ticket: &TicketId, content: &Outbound) -> ApiResult<()> {
    let Outbound::Template(template) = content else { return Ok(()) };
    let Some(row) = tickets::get(&app.db, ticket).await? else { return Ok(()) };
    let channel = store::channels::get(&app.db, &row.channel_id).await?;
    let Some(number) = app.whatsapp.as_ref().and_then(|line| line.number(&channel.account)) else {
        return Ok(());
    };
    let Ok(known) = number.client.templates().await else { return Ok(()) };
    if known.iter().any(|t| t.name == template.name && t.language == template.language) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::NOT_FOUND,
        "template_not_found",
        format!(
            "WhatsApp knows no template `{}` in `{}`; choose one of the list",
            template.name, template.language
        ),
    ))
}

async fn told(app: &App, caller: &Caller, id: &MessageId) -> ApiResult<Message> {
    let row = store_messages::get(&app.db, id).await?.ok_or_else(|| ApiError::not_found("message"))?;
    types::messages(&app.db, vec![row], &caller.rights)
        .await?
        .pop()
        .ok_or_else(|| ApiError::not_found("message"))
}

#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", tag = "messages", params(("id" = String, Path)), responses((status = 200, body = Message)))]
pub async fn retry(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<MessageId>,
) -> ApiResult<Json<Message>> {
    let message = told(&web.app, &caller, &id).await?;
    if !can_retry(&message.status) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_failed",
            "only a message that failed or is uncertain can be sent again",
        ));
    }
    let mut tx = web.app.db.begin().await?;
    if store_messages::requeue(&mut tx, &id).await? {
        outbox::enqueue_send(&mut tx, &web.app, &id).await?;
        tx.touch(&TicketId(message.ticket_id), "status");
    }
    tx.commit().await?;
    Ok(Json(told(&web.app, &caller, &id).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// At most 10,000 characters.
    pub text: String,
}

#[utoipa::path(post, path = "/api/v1/tickets/{id}/notes", tag = "messages", params(("id" = String, Path)), request_body = NewNote, responses((status = 201, body = TicketEvent)))]
pub async fn note(
    State(web): State<Web>,
    caller: Caller,
    Reached(ticket): Reached<TicketId>,
    Json(note): Json<NewNote>,
) -> ApiResult<(StatusCode, Json<TicketEvent>)> {
    let text = note.text.trim();
    if text.is_empty() || text.chars().count() > 10_000 {
        return Err(ApiError::invalid("a note has 1 to 10,000 characters"));
    }
    must_exist(&web.app, &ticket).await?;
    let now = web.app.clock.now();
    let id = EventId::new(&web.app.ids, now);
    let mut tx = web.app.db.begin().await?;
    events::add_with_id(
        &mut tx,
        &id,
        &ticket,
        "note.added",
        caller.user_id(),
        &serde_json::json!({ "text": text }),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(events::get(&web.app.db, &id).await?.into())))
}

/// An agent has seen the ticket: nothing is unread, and the customer gets blue ticks.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/read", tag = "messages", params(("id" = String, Path)), responses((status = 204)))]
pub async fn read(State(web): State<Web>, Reached(ticket): Reached<TicketId>) -> ApiResult<StatusCode> {
    must_exist(&web.app, &ticket).await?;
    let newest = store_messages::newest_inbound(&web.app.db, &ticket).await?;
    let now = web.app.clock.now();
    let mut tx = web.app.db.begin().await?;
    if tickets::mark_read(&mut tx, &ticket).await?
        && let Some(message) = newest
    {
        let key = format!("{}:{}", ReadMark::KIND, message.id);
        let payload = ReadMark { message_id: message.id };
        jobs::enqueue(
            &mut tx,
            &web.app.ids,
            now,
            NewJob { kind: ReadMark::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the customer that somebody is typing. WhatsApp marks their messages read with it; nothing is kept of it.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/typing", tag = "messages", params(("id" = String, Path)), responses((status = 204)))]
pub async fn typing(State(web): State<Web>, Reached(ticket): Reached<TicketId>) -> ApiResult<StatusCode> {
    must_exist(&web.app, &ticket).await?;
    if let Some(message) = store_messages::newest_inbound(&web.app.db, &ticket).await?
        && let Some(external_id) = &message.external_id
    {
        let channel = store::channels::get(&web.app.db, &message.channel_id).await?;
        if let Some(number) = web.app.whatsapp.as_ref().and_then(|line| line.number(&channel.account))
            && let Err(error) = number.client.mark_read(external_id, true).await
        {
            tracing::debug!(%error, "the typing sign was not shown");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
