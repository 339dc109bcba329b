//! What happened, in the engine's words. Every event has an id of its own, so that it counts once however often it is told.

use flows::{
    engine::{Arrived, Call, Event, Judged, Said, Timer, What},
    format::MediumKind,
};
use model::{
    content::Content,
    finding::Analysis,
    ids::{AttachmentId, MessageId},
};
use store::{attachments::Attachment, flow_runs::Said as Stored};

/// A stored message, told (perhaps again) from its row.
pub fn again(said: &Stored) -> Option<Event> {
    Some(message(&said.id, of_row(said)?))
}

pub fn of_row(said: &Stored) -> Option<What> {
    let content: Content = serde_json::from_str(&said.content).ok()?;
    of(&content, said.attachment_id.as_ref())
}

/// What a message tells a flow; `None` when it is not the customer who speaks.
pub fn of(content: &Content, file: Option<&AttachmentId>) -> Option<What> {
    if let Some(arrived) = arrived(content, file) {
        return Some(What::MediumArrived(arrived));
    }
    Some(What::CustomerSaid(match content {
        Content::Text { body } => Said::Text(body.clone()),
        Content::Choice { id, title, .. } => Said::Choice { id: id.clone(), title: title.clone() },
        Content::Button { payload, text } => {
            Said::Choice { id: payload.clone().unwrap_or_default(), title: text.clone() }
        }
        Content::Location(at) => {
            Said::Location { latitude: at.latitude, longitude: at.longitude, name: at.name.clone() }
        }
        Content::System { .. } => return None,
        _ => Said::Other,
    }))
}

/// The file of a message. A picture that came as a document kept its detail.
pub fn arrived(content: &Content, file: Option<&AttachmentId>) -> Option<Arrived> {
    let (medium, media) = (file?.clone(), content.media()?);
    let claims = |family: &str| media.mime_type.as_deref().is_some_and(|mime| mime.starts_with(family));
    let (kind, as_document) = match content {
        Content::Image(_) => (MediumKind::Photo, false),
        Content::Video(_) => (MediumKind::Video, false),
        Content::Audio(_) => (MediumKind::Voice, false),
        Content::Document(_) if claims("image/") => (MediumKind::Photo, true),
        Content::Document(_) if claims("video/") => (MediumKind::Video, true),
        Content::Document(_) => (MediumKind::Document, true),
        _ => return None,
    };
    Some(Arrived { medium, kind, as_document, caption: media.caption.clone() })
}

pub fn message(id: &MessageId, what: What) -> Event {
    Event { id: format!("message:{id}"), what }
}

/// What a glance said, before anything was read.
pub fn glanced(file: &Attachment, analysis: &Analysis) -> Event {
    Event { id: format!("glanced:{}", file.id), what: What::MediumJudged(judgement(file, analysis)) }
}

pub fn judged(file: &Attachment, analysis: &Analysis) -> Event {
    Event { id: format!("judged:{}", file.id), what: What::MediumJudged(judgement(file, analysis)) }
}

pub fn judgement(file: &Attachment, analysis: &Analysis) -> Judged {
    Judged {
        medium: file.id.clone(),
        verdict: analysis.verdict,
        reason: analysis.reason,
        side_px: side_px(file),
        findings: analysis.findings.clone(),
        transcript: None,
    }
}

/// The shorter side of a picture.
fn side_px(file: &Attachment) -> Option<u32> {
    u32::try_from(file.width?.min(file.height?)).ok()
}

pub fn lost(file: &AttachmentId) -> Event {
    Event { id: format!("judged:{file}"), what: What::MediumLost(file.clone()) }
}

pub fn person() -> Event {
    Event { id: "person".to_owned(), what: What::PersonTookOver }
}

pub fn timer(timer: Timer) -> Event {
    Event { id: format!("timer:{}:{:?}", timer.place, timer.kind), what: What::TimerFired(timer) }
}

pub fn answer(call: Call, what: What) -> Event {
    Event { id: format!("call:{}", call.0), what }
}
