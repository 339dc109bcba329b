//! What happened, in the engine's words. Every event has an id of its own, so that it counts once however often it is told.

use flows::{
    engine::{Arrived, Call, Event, Judged, Said, Timer, What},
    format::MediumKind,
};
use model::{
    content::Content,
    finding::{Analysis, Reason, Verdict},
    ids::{AttachmentId, MessageId},
};
use store::flow_runs::Said as Stored;

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

pub fn judged(file: &AttachmentId, analysis: &Analysis, side_px: Option<u32>) -> Event {
    let what = What::MediumJudged(Judged {
        medium: file.clone(),
        verdict: analysis.verdict,
        reason: analysis.reason,
        side_px,
        findings: analysis.findings.clone(),
        transcript: None,
    });
    Event { id: format!("judged:{file}"), what }
}

/// Whether the glance says enough to ask for another picture: no text, however well it can be read, would change it.
pub fn is_settled_by_quality(analysis: &Analysis) -> bool {
    let is_softened_by_text = matches!(
        analysis.reason,
        Some(Reason::OutOfFocus | Reason::MotionBlur | Reason::TooDark | Reason::LowContrast)
    );
    analysis.verdict == Verdict::Retake && !is_softened_by_text
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
