//! The endpoint that phones talk to while a form is open. What is filled in is stored before it is answered.

use std::sync::Arc;

use channels::whatsapp::forms::{
    self, Answers, AnswersError, Asked, EnvelopeError, FIRST_SCREEN, acknowledged, active, done, refused,
    screen,
};
use model::{
    content::Content,
    ids::MessageId,
    message::{Direction, Status},
};
use serde_json::{Map, Value};
use store::{
    StoreError, attachments, conversations,
    forms::{self as offers, Offer},
    messages::{self, NewMessage},
    tickets,
};

use super::{announce, external_id, keys, told};
use crate::{
    app::App,
    error::{AppError, to_json},
    guide,
    texts::Text,
};

/// What the phone is answered; sealed where it can be.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    Sealed(String),
    /// The token is good for nothing (any more): the phone says the sealed sentence and closes the form.
    Refused(String),
    /// Sealed for a key that is not ours: the phone fetches the public key again.
    WrongKey,
    NotAnEnvelope,
}

/// Why a filled form is not taken.
enum Refusal {
    /// Said to the customer: in the language of the form, or in the desk's where the form is not ours.
    Said(Text, Option<String>),
    App(AppError),
}

impl Refusal {
    fn of(offer: &Offer, text: Text) -> Self {
        Self::Said(text, Some(offer.language.clone()))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

/// Answers one request. The caller has checked its signature.
pub async fn answer(app: &Arc<App>, body: Vec<u8>) -> Result<Reply, AppError> {
    let keys = keys::all(app).await?;
    if keys.is_empty() {
        tracing::warn!("a form was filled in and no number has a key; run `sportello keys forms make`");
    }
    let opened = tokio::task::spawn_blocking(move || forms::open(&body, &keys)).await?;
    let (plain, session) = match opened {
        Ok(opened) => opened,
        Err(EnvelopeError::Sealed) => return Ok(Reply::WrongKey),
        Err(EnvelopeError::NotAnEnvelope) => return Ok(Reply::NotAnEnvelope),
    };
    match exchange(app, &plain).await {
        Ok(answer) => Ok(Reply::Sealed(session.seal(&answer))),
        Err(Refusal::App(error)) => Err(error),
        Err(Refusal::Said(text, language)) => {
            tracing::debug!(?text, "a form was refused");
            let said = app.texts.get(language.as_deref(), text);
            Ok(Reply::Refused(session.seal(&refused(&said))))
        }
    }
}

async fn exchange(app: &App, plain: &[u8]) -> Result<Value, Refusal> {
    match forms::read(plain).map_err(|_| Refusal::Said(Text::FormUnreadable, None))? {
        Asked::Ping => Ok(active()),
        Asked::Trouble { why } => {
            tracing::warn!(why, "a phone could not use our answer to a form");
            Ok(acknowledged())
        }
        Asked::Opened { token } => open_offer(app, &token).await.map(|_| screen(FIRST_SCREEN)),
        Asked::Back { token, screen: before } => open_offer(app, &token).await.map(|_| screen(&before)),
        Asked::Sent { token, data, .. } => {
            let offer = open_offer(app, &token).await?;
            keep(app, &offer, &data).await?;
            metrics::counter!("sportello_forms_filled_total").increment(1);
            Ok(done(&token))
        }
    }
}

/// The offer while it can still be answered.
async fn open_offer(app: &App, token: &str) -> Result<Offer, Refusal> {
    let offer = offers::get(&app.db, token).await?.ok_or(Refusal::Said(Text::FormUnknown, None))?;
    match &offer {
        Offer { used_at: Some(_), .. } => Err(Refusal::of(&offer, Text::FormUsed)),
        Offer { expires_at, .. } if *expires_at <= app.clock.now() => {
            Err(Refusal::of(&offer, Text::FormExpired))
        }
        _ => Ok(offer),
    }
}

/// Stores what was filled in, uses the offer up and tells the flow, in one transaction.
async fn keep(app: &App, offer: &Offer, data: &Map<String, Value>) -> Result<(), Refusal> {
    let answers = Answers::read(data).map_err(|error| Refusal::of(offer, said_of(error)))?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (conversation, channel, contact) = tickets::place_of(&mut tx, &offer.ticket_id)
        .await?
        .ok_or_else(|| Refusal::of(offer, Text::FormUnknown))?;
    conversations::hold(&mut tx, &conversation).await?;
    if !offers::take(&mut tx, &offer.token, now).await? {
        return Err(Refusal::of(offer, Text::FormUsed));
    }
    let id = MessageId::new(&app.ids, now);
    let external_id = external_id(&offer.token);
    let content = Content::Form { name: Some(offer.form.clone()), answers: answers.shown.clone().into() };
    let new = NewMessage {
        id: &id,
        ticket_id: &offer.ticket_id,
        conversation_id: &conversation,
        channel_id: &channel,
        direction: Direction::In,
        kind: content.kind(),
        text: content.text(),
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
    if !messages::insert(&mut tx, &new).await? {
        return Err(Refusal::of(offer, Text::FormUsed));
    }
    let place = attachments::Place {
        message_id: &id,
        ticket_id: &offer.ticket_id,
        contact_id: &contact,
        channel_id: &channel,
    };
    let Answers { words, files, .. } = answers;
    let count = i64::try_from(files.len()).unwrap_or(i64::MAX);
    let media = announce(&mut tx, app, &place, files, now).await?;
    tickets::note_message(&mut tx, &offer.ticket_id, now, 1, count, now).await?;
    guide::wrote(&mut tx, app, &conversation, &id, Some(told(words, media))).await?;
    Ok(tx.commit().await?)
}

const fn said_of(error: AnswersError) -> Text {
    match error {
        AnswersError::TooManyFiles => Text::FormTooManyFiles,
        AnswersError::TooManyFields | AnswersError::UnknownFile => Text::FormUnreadable,
    }
}
