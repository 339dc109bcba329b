//! `message.send`: hands a message to the channel, once.
//!
//! The status `sending` is committed before the request goes out. Who finds it there after a crash knows that
//! the message may have gone: it becomes `uncertain`, a status report settles it, and nobody repeats it blindly.

use std::{sync::Arc, time::Duration};

use channels::whatsapp::{
    client::SendError,
    errors::{Class, explain},
    media_rules::upload_name,
    render::{Recipient, render},
};
use model::{
    Timestamp,
    event::ChannelError,
    ids::MessageId,
    message::Status,
    outbound::{OutMedia, Outbound, window_is_open},
};
use serde::{Deserialize, Serialize};
use store::{
    attachments, channels as numbers, contacts, conversations,
    jobs::{self, Job},
    messages::{self, Message},
    statuses,
};

use super::End;
use crate::{
    app::{App, NumberLine},
    error::{AppError, to_json},
};

#[derive(Serialize, Deserialize)]
pub struct MessageSend {
    pub message_id: MessageId,
}

impl MessageSend {
    pub const KIND: &str = "message.send";

    pub fn key(id: &MessageId) -> String {
        format!("{}:{id}", Self::KIND)
    }
}

/// Codes of our own, for reasons that never reached the channel. Meta's are positive.
const WINDOW_CLOSED: i64 = 131_047;
const NOT_CONFIGURED: i64 = -1;
const NOT_REACHABLE: i64 = -2;
const NOT_RENDERED: i64 = -3;
const DIED: i64 = -4;

/// A message that could not leave for this long will not leave by itself: the customer has moved on.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
const BEHIND_PAUSE: Duration = Duration::from_millis(200);
const CREDENTIALS_PAUSE: Duration = Duration::from_secs(60);
/// WhatsApp's largest document.
const FILE_BYTES_MAX: u64 = 100 * 1024 * 1024;

pub async fn run(app: &Arc<App>, job: &Job) -> Result<End, AppError> {
    let payload: MessageSend = job.read()?;
    let Some(message) = messages::get(&app.db, &payload.message_id).await? else {
        return Err(AppError::missing("message", payload.message_id));
    };
    match Status::parse(&message.status) {
        Some(Status::Queued) => {}
        Some(Status::Sending) => return settle(app, job, &message).await,
        _ => return end(app, job, &message, None).await,
    }
    if messages::is_behind(&app.db, &message).await? {
        return Ok(End::Snooze(app.clock.now().plus(BEHIND_PAUSE)));
    }
    match prepare(app, &message).await? {
        Ok(ready) => hand_over(app, job, &message, ready).await,
        Err(Obstacle::Wait(at)) => Ok(End::Snooze(at)),
        Err(Obstacle::Fail(error)) => end(app, job, &message, Some((Status::Failed, Some(error)))).await,
        Err(Obstacle::Send(error)) => after_refusal(app, job, &message, &error).await,
    }
}

/// The job died of something that nobody foresaw. Before the request went out the message is here still; after it,
/// nobody knows.
pub async fn buried(tx: &mut store::Tx, job: &Job) -> Result<(), AppError> {
    let Ok(MessageSend { message_id }) = job.read() else { return Ok(()) };
    let Some(message) = messages::get_in(tx, &message_id).await? else { return Ok(()) };
    match Status::parse(&message.status) {
        Some(Status::Queued) => {
            let why = "something went wrong here and it never left; send it again, and have the log looked at if it stays so";
            let error = ChannelError { code: DIED, title: None, details: Some(why.to_owned()) };
            let error = to_json("a send error", &[error])?;
            messages::set_status(tx, &message_id, Status::Failed, Some(&error)).await?;
        }
        Some(Status::Sending) => messages::uncertain(tx, &message_id).await?,
        _ => {}
    }
    Ok(())
}

/// Everything that is needed for the one request that counts.
struct Ready<'a> {
    number: &'a NumberLine,
    body: serde_json::Value,
}

/// Why a message cannot be handed over now.
enum Obstacle {
    Wait(Timestamp),
    Fail(ChannelError),
    /// The upload of its file was refused.
    Send(SendError),
}

fn failure(code: i64, details: impl Into<String>) -> Obstacle {
    Obstacle::Fail(ChannelError { code, title: None, details: Some(details.into()) })
}

async fn prepare<'a>(app: &'a App, message: &Message) -> Result<Result<Ready<'a>, Obstacle>, AppError> {
    let now = app.clock.now();
    let content: Outbound = serde_json::from_str(&message.content)
        .map_err(|source| AppError::Json { what: "an outbound message", source })?;
    let conversation = conversations::get(&app.db, &message.conversation_id).await?;
    if content.needs_window() && !window_is_open(conversation.last_inbound_at, now) {
        return Ok(Err(failure(WINDOW_CLOSED, "the 24-hour window closed before it could be sent")));
    }
    let channel = numbers::get(&app.db, &message.channel_id).await?;
    let Some(number) = app.whatsapp.as_ref().and_then(|line| line.number(&channel.account)) else {
        return Ok(Err(failure(
            NOT_CONFIGURED,
            "the number that the customer wrote to is not configured; add it and send again",
        )));
    };
    let identities = contacts::identities(&app.db, &conversation.contact_id).await?;
    let Some(recipient) = Recipient::from_identities(&identities) else {
        return Ok(Err(failure(
            NOT_REACHABLE,
            "the customer has neither a number nor an id that can be written to",
        )));
    };
    if let Err(at) = number.reserve(recipient.as_str(), now) {
        return Ok(Err(Obstacle::Wait(at)));
    }
    let media_id = match upload(app, number, &content).await? {
        Ok(id) => id,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    let rendered =
        render(&recipient, &content, media_id.as_deref(), message.reply_to.as_deref(), message.id.as_str());
    Ok(rendered.map(|body| Ready { number, body }).map_err(|why| failure(NOT_RENDERED, why.to_string())))
}

/// Uploads the message's file; repeating this harms nobody.
async fn upload(
    app: &App,
    number: &NumberLine,
    content: &Outbound,
) -> Result<Result<Option<String>, Obstacle>, AppError> {
    let Some(OutMedia { attachment_id: Some(id), .. }) = content.media() else { return Ok(Ok(None)) };
    let Some(file) = attachments::get(&app.db, id).await? else {
        return Err(AppError::missing("attachment", id));
    };
    let Some(blob) = &file.blob_id else { return Err(AppError::missing("blob of attachment", id)) };
    let bytes = app.blobs.read_all(&app.db, blob, FILE_BYTES_MAX).await?;
    let mime = file.mime_type.as_deref().unwrap_or("application/octet-stream");
    let (name, mime) = upload_name(file.file_name.as_deref().unwrap_or("file"), mime);
    Ok(match number.client.upload(&name, &mime, bytes.into()).await {
        Ok(id) => Ok(Some(id)),
        // An upload whose answer was lost is simply made again.
        Err(SendError::Unknown { why }) => Err(Obstacle::Send(SendError::Unreachable { why })),
        Err(error) => Err(Obstacle::Send(error)),
    })
}

async fn hand_over(app: &App, job: &Job, message: &Message, ready: Ready<'_>) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    messages::set_status(&mut tx, &message.id, Status::Sending, None).await?;
    tx.commit().await?;
    store::fault("message.send.before")?;
    let sent = ready.number.client.send(&ready.body).await;
    store::fault("message.send.after")?;
    match sent {
        Ok(accepted) => {
            let mut tx = app.db.begin().await?;
            messages::accepted(&mut tx, &message.id, &accepted.external_id).await?;
            record_reaction(&mut tx, app, message, &accepted.external_id).await?;
            jobs::done(&mut tx, job).await?;
            tx.commit().await?;
            app.health.leave("token_refused");
            app.health.leave("account_stopped");
            metrics::counter!("sportello_messages_sent_total").increment(1);
            Ok(End::Done)
        }
        Err(error) => after_refusal(app, job, message, &error).await,
    }
}

/// Our own reaction is shown on its target once the channel has taken it.
async fn record_reaction(
    tx: &mut store::Tx,
    app: &App,
    message: &Message,
    external_id: &str,
) -> Result<(), AppError> {
    use model::event::{Change, ChangeKind, Sender};
    let Ok(Outbound::Reaction { target, emoji }) = serde_json::from_str(&message.content) else {
        return Ok(());
    };
    let change = Change {
        external_id: external_id.to_owned(),
        target,
        sender: Sender::default(),
        at: message.sent_at,
        what: ChangeKind::Reaction { emoji },
    };
    store::changes::record(tx, &message.channel_id, &change, "us", app.clock.now()).await?;
    Ok(())
}

async fn after_refusal(app: &App, job: &Job, message: &Message, error: &SendError) -> Result<End, AppError> {
    let now = app.clock.now();
    let (class, code, details, retry_after) = match error {
        SendError::Unknown { why } => {
            tracing::warn!(
                message = message.id.as_str(),
                why,
                "the answer to a send was lost; waiting for a status report"
            );
            return lost(app, job, message).await;
        }
        SendError::Unreachable { why } => (Class::Retry, 0, why.clone(), None),
        SendError::Refused { class, code, message, retry_after } => {
            (*class, *code, message.clone(), *retry_after)
        }
    };
    let patience_ends = message.created_at.plus(PATIENCE);
    let wait = match class {
        Class::Retry => Some(super::backoff(app, job).since(now)),
        Class::RetryPair => Some(pair_wait(job.attempts)),
        Class::Credentials => {
            app.health.enter("token_refused", "WhatsApp refuses our access token: files and answers wait. Enter a new token in the configuration and restart");
            Some(CREDENTIALS_PAUSE)
        }
        Class::Operator => {
            app.health.enter("account_stopped", explain(code, Some(&details)));
            None
        }
        Class::Permanent | Class::NeedsTemplate | Class::NotBefore24h | Class::OptedOut => None,
    };
    let retry_at =
        wait.map(|wait| now.plus(wait.max(retry_after.unwrap_or_default()))).filter(|at| *at < patience_ends);
    let why = ChannelError { code, title: None, details: Some(details.clone()) };
    let Some(retry_at) = retry_at else {
        return end(app, job, message, Some((Status::Failed, Some(why)))).await;
    };
    let mut tx = app.db.begin().await?;
    messages::set_status(&mut tx, &message.id, Status::Queued, Some(&to_json("a send error", &[why])?))
        .await?;
    jobs::again(&mut tx, job, retry_at, Some(&details)).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// Meta's rule for one customer: after 4^X seconds, X = 0, 1, 2 …
fn pair_wait(attempts: i64) -> Duration {
    let exponent = u32::try_from(attempts.clamp(1, 7) - 1).unwrap_or(0);
    Duration::from_secs(4u64.saturating_pow(exponent))
}

/// A try died after `sending` was written. If a report has named the message since, it went; otherwise nobody knows.
async fn settle(app: &App, job: &Job, message: &Message) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    match statuses::external_id_of(&mut tx, &message.channel_id, &message.id).await? {
        Some(external_id) => messages::accepted(&mut tx, &message.id, &external_id).await?,
        None => messages::uncertain(&mut tx, &message.id).await?,
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// Nobody knows whether it went, unless a report has said so already.
async fn lost(app: &App, job: &Job, message: &Message) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    messages::uncertain(&mut tx, &message.id).await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    metrics::counter!("sportello_messages_unsent_total", "status" => Status::Uncertain.as_str()).increment(1);
    Ok(End::Done)
}

/// Ends the job, with what became of the message.
async fn end(
    app: &App,
    job: &Job,
    message: &Message,
    became: Option<(Status, Option<ChannelError>)>,
) -> Result<End, AppError> {
    let mut tx = app.db.begin().await?;
    if let Some((status, error)) = became {
        let error = error.map(|error| to_json("a send error", &[error])).transpose()?;
        messages::set_status(&mut tx, &message.id, status, error.as_deref()).await?;
        metrics::counter!("sportello_messages_unsent_total", "status" => status.as_str()).increment(1);
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
