//! What one event of a channel does to the desk: every arm idempotent, whatever came before or comes again.

use model::{
    Timestamp, attachment,
    content::Content,
    event::{
        Change, ChangeKind, ChannelError, Event, EventBody, IdentityChange, Inbound, Problem, Sender,
        StatusReport,
    },
    ids::{AttachmentId, ContactId, EventId, MessageId, TicketId},
    message::{Direction, Status},
};
use store::{
    Tx, attachments, changes,
    channels::{self, Channel},
    contacts,
    conversations::{self, Conversation},
    events,
    inbox::{Outcome, Waiting},
    jobs::{self, NewJob},
    messages::{self, NewMessage},
    problems, statuses, tickets, turns,
};
use ulid::Ulid;

use crate::{
    app::App,
    error::{AppError, to_json},
    forms, guide,
    jobs::{MediaFetch, TurnClose},
    outbox,
    texts::Text,
    work::{self, Moved},
};

/// A file that WhatsApp does not pass on because it is too large.
const FILE_TOO_LARGE: i64 = 131_052;

/// Applies a stored body. What cannot be read is quarantined, with whatever could be read applied.
pub async fn body(tx: &mut Tx, app: &App, body: &Waiting) -> Result<Outcome, AppError> {
    let events = match ::channels::whatsapp::parse::parse(&body.body) {
        Ok(events) => events,
        Err(error) => return Ok(Outcome::Quarantined(error.to_string())),
    };
    let mut broken = Vec::new();
    for (element, read) in events.into_iter().enumerate() {
        if let EventBody::Malformed { field, why, .. } = &read.body {
            broken.push(format!("{field}: {why}"));
        }
        let place = place_of(body.received_at, body.id, element);
        event(tx, app, read, &Arrival { at: body.received_at, place: &place }).await?;
    }
    if broken.is_empty() {
        Ok(Outcome::Read)
    } else {
        broken.truncate(10);
        Ok(Outcome::Quarantined(broken.join("; ")))
    }
}

/// When a body was received, which body of that moment it was, and which element of it.
///
/// It compares with ids of the same moment and stands behind them: what a message answers came before it.
fn place_of(received_at: Timestamp, inbox_id: i64, element: usize) -> String {
    const FIELD: u128 = 0xFFFF;
    let ms = u64::try_from(received_at.micros() / 1_000).unwrap_or(0);
    let body = u128::from(inbox_id.unsigned_abs()) & 0xFFFF_FFFF_FFFF;
    let element = u128::try_from(element).unwrap_or(FIELD).min(FIELD);
    Ulid::from_parts(ms, (FIELD << 64) | (body << 16) | element).to_string()
}

/// When the body of an event came, and where it stands among what came.
struct Arrival<'a> {
    at: Timestamp,
    place: &'a str,
}

async fn event(tx: &mut Tx, app: &App, event: Event, arrival: &Arrival<'_>) -> Result<(), AppError> {
    let channel = match &event.account {
        Some(account) => Some(channel(tx, app, account).await?),
        None => None,
    };
    match (event.body, channel) {
        (EventBody::Message(inbound), Some(channel)) => message(tx, app, &channel, &inbound, arrival).await,
        (EventBody::Status(report), Some(channel)) => status(tx, app, &channel, &report).await,
        (EventBody::Change(change), Some(channel)) => change_of(tx, app, &channel, &change).await,
        (EventBody::Identity(change), Some(channel)) => identity(tx, app, &channel, &change).await,
        (EventBody::Problem(problem), channel) => report_problem(tx, app, channel.as_ref(), &problem).await,
        (EventBody::Other { field, .. }, _) => {
            metrics::counter!("sportello_events_ignored_total", "field" => known_field(&field)).increment(1);
            Ok(())
        }
        // Malformed elements are shown with their body; events without a number concern none of our tickets.
        (EventBody::Malformed { .. }, _) | (_, None) => Ok(()),
    }
}

/// A metric's label must not be the sender's choice.
fn known_field(field: &str) -> &'static str {
    const FIELDS: [&str; 8] = [
        "calls",
        "account_update",
        "account_alerts",
        "message_template_status_update",
        "phone_number_quality_update",
        "phone_number_name_update",
        "message_echoes",
        "user_preferences",
    ];
    FIELDS.into_iter().find(|known| *known == field).unwrap_or("other")
}

async fn channel(tx: &mut Tx, app: &App, account: &str) -> Result<Channel, AppError> {
    let number = app.whatsapp.as_ref().and_then(|line| line.number(account));
    let name = number.map_or(account, |number| number.name.as_str());
    Ok(channels::of_account(tx, &app.ids, "whatsapp", account, name, app.clock.now()).await?)
}

async fn message(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    inbound: &Inbound,
    arrival: &Arrival<'_>,
) -> Result<(), AppError> {
    if messages::is_known(tx, &channel.id, &inbound.external_id).await? {
        return Ok(());
    }
    let now = app.clock.now();
    // A sender's clock that runs ahead must not hold the window open or a ticket at the top of the list.
    let sent_at = inbound.sent_at.min(arrival.at.max(now));
    let contact = contacts::recognise(tx, &app.ids, &inbound.sender, sent_at, now).await?;
    let conversation = conversations::of(tx, &app.ids, &contact, &channel.id, now).await?;
    let (channel_id, wamid) = (&channel.id, &inbound.external_id);
    if forms::heard_before(tx, &conversation.id, channel_id, &inbound.content, wamid).await? {
        return Ok(conversations::heard(tx, &conversation.id, sent_at).await?);
    }
    let ticket =
        tickets::for_message(tx, &app.ids, &conversation, sent_at, app.config.tickets.reopen_within(), now)
            .await?;
    let turn = join_turn(tx, app, &conversation, &ticket, now).await?;
    let id = MessageId::new(&app.ids, now);
    let problems = problem_text(&inbound.problems)?;
    let content = without_link(&inbound.content);
    let (content, form) = forms::come(tx, app, &conversation.id, content).await?;
    let new = NewMessage {
        id: &id,
        ticket_id: &ticket,
        conversation_id: &conversation.id,
        channel_id: &channel.id,
        direction: Direction::In,
        kind: inbound.content.kind(),
        text: inbound.content.text(),
        content: &to_json("a message's content", &content)?,
        riders: &to_json("a message's riders", &inbound.riders)?,
        external_id: Some(&inbound.external_id),
        status: Status::Received,
        error: problems.as_deref(),
        author_id: None,
        reply_to: inbound.riders.reply_to.as_deref(),
        turn_id: Some(&turn),
        sent_at,
        arrival: Some(arrival.place),
        now,
    };
    if !messages::insert(tx, &new).await? {
        return Err(store::StoreError::Duplicate(inbound.external_id.clone()).into());
    }
    let file = announce(tx, app, channel, &contact, &new, &inbound.content).await?;
    let place = place(&new, channel, &contact);
    let picked = forms::announce(tx, app, &place, form.files, sent_at).await?;
    let count = i64::from(file.is_some()).saturating_add(i64::try_from(picked.len()).unwrap_or(i64::MAX));
    tickets::note_message(tx, &ticket, sent_at, 1, count, now).await?;
    conversations::heard(tx, &conversation.id, sent_at).await?;
    messages::apply_changes(tx, &channel.id, &inbound.external_id).await?;
    metrics::counter!("sportello_messages_received_total", "kind" => inbound.content.kind()).increment(1);
    work::moved(tx, app, &ticket, Moved::CustomerWrote).await?;
    answer_unreadable(tx, app, &ticket, inbound).await?;
    let told = match form.words {
        Some(words) => Some(forms::told(words, picked)),
        None => guide::heard_in(&inbound.content, file.as_ref()),
    };
    guide::wrote(tx, app, &conversation.id, &id, told).await
}

/// The link is a key to the file for whoever reads it; the attachment keeps it until the file is here.
fn without_link(content: &Content) -> Content {
    let mut content = content.clone();
    if let Content::Image(m)
    | Content::Video(m)
    | Content::Audio(m)
    | Content::Document(m)
    | Content::Sticker(m) = &mut content
    {
        m.url = None;
    }
    content
}

async fn join_turn(
    tx: &mut Tx,
    app: &App,
    conversation: &Conversation,
    ticket: &TicketId,
    now: Timestamp,
) -> Result<model::ids::TurnId, AppError> {
    let quiet = app.config.tickets.turn_quiet();
    let (turn, is_new) = turns::join(tx, &app.ids, &conversation.id, ticket, quiet, now).await?;
    if is_new {
        let payload = TurnClose { turn_id: turn.clone() };
        let job =
            NewJob { kind: TurnClose::KIND, payload: &payload, run_at: now.plus(quiet), dedup_key: None };
        jobs::enqueue(tx, &app.ids, now, job).await?;
    }
    Ok(turn)
}

fn place<'a>(
    message: &NewMessage<'a>,
    channel: &'a Channel,
    contact: &'a ContactId,
) -> attachments::Place<'a> {
    attachments::Place {
        message_id: message.id,
        ticket_id: message.ticket_id,
        contact_id: contact,
        channel_id: &channel.id,
    }
}

/// Makes a file visible and has it fetched at once.
async fn announce(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    contact: &ContactId,
    message: &NewMessage<'_>,
    content: &Content,
) -> Result<Option<AttachmentId>, AppError> {
    let Some(media) = content.media() else { return Ok(None) };
    let id = AttachmentId::new(&app.ids, message.now);
    attachments::announce(
        tx,
        &id,
        &place(message, channel, contact),
        content.kind(),
        media,
        attachment::expires_at(message.sent_at),
        message.now,
    )
    .await?;
    let key = MediaFetch::key(&id);
    let payload = MediaFetch { attachment_id: id.clone() };
    let job =
        NewJob { kind: MediaFetch::KIND, payload: &payload, run_at: message.now, dedup_key: Some(&key) };
    jobs::enqueue(tx, &app.ids, message.now, job).await?;
    Ok(Some(id))
}

/// Tells the customer what did not reach us and what to do; the agent sees the message itself.
async fn answer_unreadable(
    tx: &mut Tx,
    app: &App,
    ticket: &TicketId,
    inbound: &Inbound,
) -> Result<(), AppError> {
    if !inbound.problems.iter().any(|problem| problem.code == FILE_TOO_LARGE) {
        return Ok(());
    }
    outbox::say(tx, app, ticket, Text::FileTooLarge).await
}

fn problem_text(problems: &[ChannelError]) -> Result<Option<String>, AppError> {
    if problems.is_empty() { Ok(None) } else { to_json("a message's problems", &problems).map(Some) }
}

async fn status(tx: &mut Tx, app: &App, channel: &Channel, report: &StatusReport) -> Result<(), AppError> {
    if !statuses::record(tx, &channel.id, report, app.clock.now()).await? {
        return Ok(());
    }
    if let Some(our_id) = &report.our_id {
        // The answer to the send was lost; the report tells what the channel calls the message.
        let our_id = MessageId::from(our_id.as_str());
        messages::adopt(tx, &channel.id, &our_id, &report.external_id).await?;
    }
    messages::climb(tx, &channel.id, &report.external_id).await?;
    metrics::counter!("sportello_statuses_total", "status" => report.status.as_str()).increment(1);
    Ok(())
}

async fn change_of(tx: &mut Tx, app: &App, channel: &Channel, change: &Change) -> Result<(), AppError> {
    let now = app.clock.now();
    if !changes::record(tx, &channel.id, change, "customer", now).await? {
        return Ok(());
    }
    let contact = contacts::recognise(tx, &app.ids, &change.sender, change.at, now).await?;
    let conversation = conversations::of(tx, &app.ids, &contact, &channel.id, now).await?;
    if matches!(change.what, ChangeKind::Reaction { .. }) {
        conversations::heard(tx, &conversation.id, change.at.min(now)).await?;
    }
    Ok(messages::apply_changes(tx, &channel.id, &change.target).await?)
}

async fn identity(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    change: &IdentityChange,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let contact = contacts::rekey(tx, &app.ids, change, now).await?;
    let conversation = conversations::of(tx, &app.ids, &contact, &channel.id, now).await?;
    // Named after the webhook's own id: a repetition is the same event.
    let id = EventId::from(format!("{}:{}", channel.id, change.external_id));
    let data = serde_json::json!({ "body": change.body, "old": change.old, "new": change.new });
    let kind = "identity.changed";
    match tickets::latest(tx, &conversation.id).await? {
        Some(ticket) => events::add_with_id(tx, &id, &ticket, kind, None, &data, now).await?,
        None => events::add_early(tx, &id, &conversation.id, kind, &data, now).await?,
    }
    Ok(())
}

async fn report_problem(
    tx: &mut Tx,
    app: &App,
    channel: Option<&Channel>,
    problem: &Problem,
) -> Result<(), AppError> {
    let now = app.clock.now();
    // The report carries no id and no time: the same customer's same problem counts once a day.
    let day = now.secs() / (24 * 60 * 60);
    let whose =
        problem.sender.as_ref().map(|sender| format!("{:?} {day}", sender.identities)).unwrap_or_default();
    let is_new = problems::record(tx, channel.map(|c| &c.id), &problem.error, &whose, now).await?;
    let (Some(channel), Some(sender), true) = (channel, &problem.sender, is_new) else { return Ok(()) };
    show_on_ticket(tx, app, channel, sender, &problem.error).await
}

/// A problem that names a customer is shown on their ticket, and a file that was too large is answered.
async fn show_on_ticket(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    sender: &Sender,
    error: &ChannelError,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let contact = contacts::recognise(tx, &app.ids, sender, now, now).await?;
    let conversation = conversations::of(tx, &app.ids, &contact, &channel.id, now).await?;
    let ticket =
        tickets::for_message(tx, &app.ids, &conversation, now, app.config.tickets.reopen_within(), now)
            .await?;
    let data = serde_json::json!({ "code": error.code, "title": error.title, "details": error.details });
    events::add(tx, &app.ids, &ticket, "channel.problem", None, &data, now).await?;
    if error.code == FILE_TOO_LARGE {
        // They wrote, or WhatsApp would not have reported it: the window is open.
        conversations::heard(tx, &conversation.id, now).await?;
        outbox::say(tx, app, &ticket, Text::FileTooLarge).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::Ids;

    use super::*;

    #[test]
    fn what_arrived_first_stands_first() {
        let (now, later) = (Timestamp::from_secs(1_795_348_800), Timestamp::from_secs(1_795_348_801));
        let cause = Ids::from_seed(7).ulid(now);
        let places =
            [(now, 9, 0), (now, 9, 1), (now, 10, 0), (later, 3, 0)].map(|(at, id, n)| place_of(at, id, n));
        let next = Ids::from_seed(7).ulid(later.plus(std::time::Duration::from_millis(1)));
        let all: Vec<String> = [cause].into_iter().chain(places).chain([next]).collect();
        assert!(all.is_sorted_by(|a, b| a < b) && all.iter().all(|place| place.len() == 26), "{all:#?}");
    }
}
