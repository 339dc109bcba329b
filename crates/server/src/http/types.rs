//! What the API says: our nouns as JSON, assembled from rows.

mod files;

use std::collections::{BTreeMap, HashMap};

use channels::whatsapp::errors::explain;
use model::{
    Timestamp,
    access::{Right, Rights},
    content::Riders,
    event::ChannelError,
    message::Status,
    outbound::window_closes_at,
};
use serde::Serialize;
use serde_json::Value;
use store::{
    Db, changes,
    messages::{self, Message as MessageRow},
    statuses,
    tickets::Ticket as TicketRow,
    users::User,
};
use utoipa::ToSchema;

pub use self::files::{Attachment, attachments};
use super::error::ApiResult;
use crate::error::AppError;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserInfo {
    pub id: String,
    pub name: String,
    pub email: String,
    /// `agent`, `supervisor`, `administrator`, `auditor` or `technician`.
    pub role: String,
    /// The rights that they have beside those of the role.
    pub granted: Vec<String>,
}

impl UserInfo {
    pub fn of(user: User) -> ApiResult<Self> {
        let granted = names(&user.granted()?);
        Ok(Self { id: user.id.0, name: user.name, email: user.email, role: user.role, granted })
    }
}

/// Rights, by name.
pub fn names(rights: &Rights) -> Vec<String> {
    rights.iter().map(|right| right.as_str().to_owned()).collect()
}

/// Somebody, by id and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Named {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactInfo {
    pub id: String,
    pub name: Option<String>,
    /// Digits, with `+`. Absent when the channel hides it.
    pub phone: Option<String>,
    pub username: Option<String>,
    pub language: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChannelInfo {
    pub id: String,
    pub kind: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastMessage {
    pub id: String,
    pub direction: String,
    pub kind: String,
    pub text: Option<String>,
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ticket {
    pub id: String,
    pub number: i64,
    pub subject: Option<String>,
    /// `new`, `open`, `waiting`, `solved` or `closed`.
    pub status: String,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    pub tags: Vec<String>,
    /// What a flow wrote down, by name.
    pub fields: BTreeMap<String, String>,
    pub team: Option<String>,
    pub contact: ContactInfo,
    pub channel: ChannelInfo,
    pub assignee: Option<Named>,
    pub last_message: Option<LastMessage>,
    /// The newest attachment with a picture.
    pub thumbnail_attachment_id: Option<String>,
    pub attachment_count: i64,
    pub unread_count: i64,
    /// Until when the customer may be answered freely; absent when they never wrote.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub window_closes_at: Option<Timestamp>,
    /// When the next promise that runs is due. What waits for the customer has none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// `first_answer`, `next_answer` or `solution`.
    pub due_for: Option<String>,
    /// Since when a promise that still runs is broken.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub breached_at: Option<Timestamp>,
    /// Put aside since then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_at: Option<Timestamp>,
    /// Put aside until then; absent: until the customer writes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Ticket {
    /// As far as these rights let it be seen.
    pub fn of(row: TicketRow, rights: &Rights) -> Self {
        let last_message = last_message(&row);
        let shows_thumbnail = !row.is_thumbnail_of_paper || rights.has(Right::IdentityDocumentsRead);
        Self {
            id: row.id.0,
            number: row.number,
            subject: row.subject,
            status: row.status,
            priority: row.priority,
            tags: serde_json::from_str(&row.tags).unwrap_or_default(),
            fields: serde_json::from_str(&row.fields).unwrap_or_default(),
            team: row.team,
            contact: ContactInfo {
                id: row.contact_id.0,
                name: row.contact_name,
                phone: row.contact_phone.map(|digits| format!("+{digits}")),
                username: row.contact_username,
                language: row.contact_language,
            },
            channel: ChannelInfo { id: row.channel_id.0, kind: row.channel_kind, name: row.channel_name },
            assignee: row.assignee_id.zip(row.assignee_name).map(|(id, name)| Named { id: id.0, name }),
            last_message,
            thumbnail_attachment_id: row.thumbnail_attachment_id.filter(|_| shows_thumbnail).map(|id| id.0),
            attachment_count: row.attachment_count,
            unread_count: row.unread_count,
            window_closes_at: window_closes_at(row.last_inbound_at),
            due_at: row.due_at,
            due_for: row.due_for,
            breached_at: row.breached_at,
            snoozed_at: row.snoozed_at,
            snoozed_until: row.snoozed_until,
            created_at: row.created_at,
            updated_at: row.updated_at.max(row.last_activity_at),
        }
    }
}

fn last_message(row: &TicketRow) -> Option<LastMessage> {
    Some(LastMessage {
        id: row.last_message_id.clone()?.0,
        direction: row.last_message_direction.clone()?,
        kind: row.last_message_kind.clone()?,
        text: row.last_message_text.clone(),
        status: row.last_message_status.clone()?,
        at: row.last_message_at?,
    })
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageError {
    pub code: i64,
    /// What happened and what to do, for a person.
    pub message: String,
}

/// The message that another one answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Quote {
    /// Absent when it is not (or not yet) ours.
    pub id: Option<String>,
    pub external_id: String,
    pub direction: Option<String>,
    pub kind: Option<String>,
    pub text: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reaction {
    pub emoji: String,
    /// `customer` or `us`.
    pub from: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusAt {
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    pub id: String,
    pub ticket_id: String,
    /// `in` (from the customer) or `out`.
    pub direction: String,
    pub kind: String,
    /// The words in it: body, caption, chosen title.
    pub text: Option<String>,
    /// The typed body; its members depend on `kind`.
    #[schema(value_type = Object)]
    pub content: Value,
    /// `received`; or `queued`, `sending`, `uncertain`, `accepted`, `sent`, `failed`, `delivered`, `read`, `played`.
    pub status: String,
    pub error: Option<MessageError>,
    pub author: Option<Named>,
    pub attachments: Vec<Attachment>,
    pub reply_to: Option<Quote>,
    pub reactions: Vec<Reaction>,
    pub is_forwarded: bool,
    pub is_forwarded_often: bool,
    /// The advertisement that the customer came from, as it came.
    #[schema(value_type = Option<Object>)]
    pub referral: Option<Value>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub edited_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// Messages of one turn of the customer (an album) share it.
    pub turn_id: Option<String>,
    /// The channel's id.
    pub external_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub sent_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub statuses: Vec<StatusAt>,
}

/// Messages with everything that hangs on them: six queries a page, whatever its length.
pub async fn messages(db: &Db, rows: Vec<MessageRow>, rights: &Rights) -> Result<Vec<Message>, AppError> {
    let Some(channel) = rows.first().map(|row| row.channel_id.clone()) else { return Ok(Vec::new()) };
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let external: Vec<&str> = rows.iter().filter_map(|row| row.external_id.as_deref()).collect();
    let quoted: Vec<&str> = rows.iter().filter_map(|row| row.reply_to.as_deref()).collect();
    let mut files_of: HashMap<String, Vec<Attachment>> = HashMap::new();
    for file in attachments(db, store::attachments::of_messages(db, &ids).await?, rights).await? {
        files_of.entry(file.message_id.clone().unwrap_or_default()).or_default().push(file);
    }
    let mut reactions: HashMap<String, Vec<Reaction>> = HashMap::new();
    for kept in changes::reactions(db, &channel, &external).await? {
        let Some(emoji) = emoji(&kept.payload) else { continue };
        reactions.entry(kept.target).or_default().push(Reaction { emoji, from: kept.actor, at: kept.at });
    }
    let mut reports: HashMap<String, Vec<StatusAt>> = HashMap::new();
    for report in statuses::of_messages(db, &external).await? {
        reports
            .entry(report.external_id)
            .or_default()
            .push(StatusAt { status: report.status, at: report.at });
    }
    // Reports of the same second are told in the order of the ladder.
    for told in reports.values_mut() {
        told.sort_by_key(|report| (report.at, Status::parse(&report.status)));
    }
    let quotes: HashMap<String, MessageRow> = if quoted.is_empty() {
        HashMap::new()
    } else {
        let found = messages::by_external_ids(db, &channel, &quoted).await?;
        found.into_iter().filter_map(|row| Some((row.external_id.clone()?, row))).collect()
    };
    let parts = Parts { files_of, reactions, reports, quotes };
    Ok(rows.into_iter().map(|row| message(row, &parts)).collect())
}

struct Parts {
    files_of: HashMap<String, Vec<Attachment>>,
    reactions: HashMap<String, Vec<Reaction>>,
    reports: HashMap<String, Vec<StatusAt>>,
    quotes: HashMap<String, MessageRow>,
}

fn message(row: MessageRow, parts: &Parts) -> Message {
    let external = row.external_id.as_deref().unwrap_or_default();
    let is_revoked = row.revoked_at.is_some();
    let riders: Riders = serde_json::from_str(&row.riders).unwrap_or_default();
    Message {
        error: row.error.as_deref().and_then(error),
        // What the customer took back is not shown again.
        attachments: if is_revoked {
            Vec::new()
        } else {
            parts.files_of.get(row.id.as_str()).cloned().unwrap_or_default()
        },
        reply_to: row.reply_to.as_deref().map(|id| quote(id, parts.quotes.get(id))),
        reactions: parts.reactions.get(external).cloned().unwrap_or_default(),
        statuses: parts.reports.get(external).cloned().unwrap_or_default(),
        content: serde_json::from_str(&row.content).unwrap_or_default(),
        author: row.author_id.zip(row.author_name).map(|(id, name)| Named { id: id.0, name }),
        id: row.id.0,
        ticket_id: row.ticket_id.0,
        direction: row.direction,
        kind: row.kind,
        text: row.text,
        status: row.status,
        is_forwarded: riders.is_forwarded,
        is_forwarded_often: riders.is_forwarded_often,
        referral: riders.referral,
        edited_at: row.edited_at,
        revoked_at: row.revoked_at,
        turn_id: row.turn_id.map(|id| id.0),
        external_id: row.external_id,
        sent_at: row.sent_at,
        created_at: row.created_at,
    }
}

fn quote(external_id: &str, row: Option<&MessageRow>) -> Quote {
    Quote {
        id: row.map(|row| row.id.0.clone()),
        external_id: external_id.to_owned(),
        direction: row.map(|row| row.direction.clone()),
        kind: row.map(|row| row.kind.clone()),
        text: row.and_then(|row| row.text.clone()),
    }
}

fn emoji(payload: &str) -> Option<String> {
    serde_json::from_str::<Value>(payload).ok()?.get("emoji")?.as_str().map(str::to_owned)
}

/// The first of the stored errors, in words for a person.
fn error(stored: &str) -> Option<MessageError> {
    let errors: Vec<ChannelError> = serde_json::from_str(stored).ok()?;
    let first = errors.first()?;
    let message =
        if first.code > 0 { explain(first.code, first.details.as_deref()) } else { first.details.clone()? };
    Some(MessageError { code: first.code, message })
}

/// Whether a person may ask for this message to be sent again.
pub fn can_retry(status: &str) -> bool {
    matches!(Status::parse(status), Some(Status::Failed | Status::Uncertain))
}
