//! One part of a draft as the members of a webhook's message, and as it stands in the chat.

use model::Timestamp;
use serde_json::{Map, Value, json};

use super::{draft::Draft, parts::Part};
use crate::{
    app::App,
    customer::{ChatMessage, Customer, Direction, Stored},
    error,
    graph::send::shown,
    media::{Media, NewMedia},
    state::State,
};

pub struct At {
    pub n: u64,
    pub wamid: String,
    pub now: Timestamp,
}

pub struct Made {
    pub kind: String,
    /// Everything of the message that is not common to all.
    pub members: Map<String, Value>,
    /// `None` for what changes another message instead of being one.
    pub stored: Option<Stored>,
}

pub fn make(
    app: &App,
    state: &mut State,
    customer: &Customer,
    draft: &Draft,
    at: At,
    part: Part,
) -> Result<Made, String> {
    let Part { kind, text, media, voice, body } = part;
    let mut view = ChatMessage::new(at.wamid, Direction::Out, &kind, at.now);
    view.text.clone_from(&text);
    view.forwarded = draft.flag("forwarded");
    let mut members = Map::new();
    if let Some(context) = context(app, state, customer, draft) {
        members.insert("context".to_owned(), context);
        view.context_id = draft.field("reply_to").map(str::to_owned);
    }
    if let Some(referral) = draft.field("referral") {
        let referral: Value =
            serde_json::from_str(referral).map_err(|e| format!("`referral` is JSON: {e}"))?;
        members.insert("referral".to_owned(), referral);
    }
    let mut is_change = false;
    match (kind.as_str(), media, body) {
        (_, Some(new), _) => {
            let voice_of = (kind == "audio").then_some(voice);
            let (object, media) = file(app, state, at.now, new, (text.as_deref(), voice_of))?;
            view.media = Some(shown(&media, None, voice));
            members.insert(kind.clone(), object);
        }
        ("unsupported", _, Some(body)) => {
            let code = body.get("code").and_then(Value::as_i64).unwrap_or(131_051);
            let details = body.get("details").and_then(Value::as_str).unwrap_or_default();
            members.insert("errors".to_owned(), json!([error::in_webhook(code, details)]));
            members.insert("unsupported".to_owned(), json!({ "type": body.get("type") }));
        }
        ("reaction" | "edit" | "revoke", _, Some(body)) => {
            is_change = true;
            let body = alter(state, customer, &kind, body, text.as_deref())?;
            members.insert(kind.clone(), body);
        }
        (_, _, Some(body)) => {
            match kind.as_str() {
                "location" => view.location = Some(body.clone()),
                "contacts" => view.contacts = Some(body.clone()),
                "interactive" => view.interactive = Some(body.clone()),
                _ => {}
            }
            members.insert(kind.clone(), body);
        }
        (_, None, None) => {}
    }
    let stored = Stored { n: at.n, customer: customer.n, opaque: None, category: None, view };
    Ok(Made { kind, members, stored: (!is_change).then_some(stored) })
}

/// The message that this one answers, and whether it was passed on.
fn context(app: &App, state: &State, customer: &Customer, draft: &Draft) -> Option<Value> {
    let mut context = Map::new();
    if let Some(id) = draft.field("reply_to") {
        let ours = state.message(id).is_none_or(|m| m.view.direction == Direction::In);
        let from = if ours { app.config.display_phone_number.as_str() } else { customer.key() };
        context.insert("from".to_owned(), from.into());
        context.insert("id".to_owned(), id.into());
    }
    if draft.flag("forwarded") {
        context.insert("forwarded".to_owned(), true.into());
    }
    (!context.is_empty()).then_some(Value::Object(context))
}

/// A file as the webhook names it: `extras` are its caption and whether it is a voice note.
fn file(
    app: &App,
    state: &mut State,
    now: Timestamp,
    new: NewMedia,
    extras: (Option<&str>, Option<bool>),
) -> Result<(Value, Media), String> {
    let (caption, voice) = extras;
    let media = state
        .keep_media(now, new, false)
        .map_err(|error| format!("the sandbox cannot store the file: {error}"))?;
    let mut object = Map::new();
    object.insert("id".to_owned(), media.id.clone().into());
    object.insert("mime_type".to_owned(), media.mime_type.clone().into());
    object.insert("sha256".to_owned(), media.sha256_base64().into());
    if state.meta.knobs.media_url_in_webhook {
        object.insert("url".to_owned(), media.url(&app.base_url, &app.config.app_secret, now).into());
    }
    if let Some(caption) = caption {
        object.insert("caption".to_owned(), caption.into());
    }
    if let Some(name) = &media.file_name {
        object.insert("filename".to_owned(), name.clone().into());
    }
    if let Some(voice) = voice {
        object.insert("voice".to_owned(), voice.into());
    }
    if media.mime_type == "image/webp" {
        object.insert("animated".to_owned(), false.into());
    }
    Ok((Value::Object(object), media))
}

/// A reaction, an edit or a revocation: changes the chat, and answers the webhook's body.
fn alter(
    state: &mut State,
    customer: &Customer,
    kind: &str,
    mut body: Value,
    text: Option<&str>,
) -> Result<Value, String> {
    let key = if kind == "reaction" { "message_id" } else { "original_message_id" };
    let target = body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let original = state.message(&target).filter(|m| m.customer == customer.n).cloned();
    let original = original.ok_or_else(|| format!("there is no message {target} in this chat"))?;
    if kind != "reaction" && original.view.direction != Direction::Out {
        return Err("a customer can edit and revoke only what they sent themselves".to_owned());
    }
    if kind == "edit" {
        let (of, inner) = edited(state, &original, text.unwrap_or_default())?;
        let message = json!({ "context": { "id": target }, "type": of, of.clone(): inner });
        if let Some(body) = body.as_object_mut() {
            body.insert("message".to_owned(), message);
        }
    }
    state.change_message(&target, |m| match kind {
        "reaction" => m.view.react("customer", text),
        "edit" => {
            m.view.text = text.map(str::to_owned);
            m.view.edited = true;
        }
        _ => m.view.revoked = true,
    });
    Ok(body)
}

/// The new text, or the old file with a new caption.
fn edited(state: &State, original: &Stored, text: &str) -> Result<(String, Value), String> {
    let kind = original.view.kind.clone();
    let Some(shown) = &original.view.media else {
        return match kind.as_str() {
            "text" => Ok((kind, json!({ "body": text }))),
            other => Err(format!("a message of type {other} cannot be edited")),
        };
    };
    let id = shown.url.rsplit('/').next().unwrap_or_default();
    let media = state.media.get(id).ok_or("the file of the message is gone")?;
    let object = json!({
        "id": media.id, "mime_type": media.mime_type, "sha256": media.sha256_base64(), "caption": text,
    });
    Ok((kind, object))
}
