//! A checked message as the customer's phone will show it, and what will become of it.

use model::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    customer::{ChatMedia, ChatMessage, Customer, Direction, Stored},
    error::GraphError,
    forms, ids,
    media::{self, Media},
    state::State,
    templates,
};

const WINDOW: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

pub struct Outgoing {
    pub stored: Stored,
    /// Accepted all the same; the status webhook will say so.
    pub failure: Option<(i64, String)>,
}

pub fn build(
    app: &App,
    state: &mut State,
    customer: &Customer,
    kind: &str,
    map: &Map<String, Value>,
) -> Result<Outgoing, GraphError> {
    let now = app.now_at(state.meta.clock_offset_s);
    let body = map.get(kind).cloned().unwrap_or_default();
    let mut failure = reachable(state, customer, kind, now)?;
    let n = state.next();
    let id = ids::wamid(state.seed, n, customer.key(), true);
    let mut view = ChatMessage::new(id, Direction::In, kind, now);
    let mut category = None;
    view.context_id =
        map.get("context").and_then(|c| c.get("message_id")).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "text" => view.text = words(&body, "/body"),
        "image" | "video" | "audio" | "document" | "sticker" => {
            let (chat_media, late) = attach(state, kind, &body, now)?;
            view.text = words(&body, "/caption");
            view.media = Some(chat_media);
            failure = failure.or(late);
        }
        "location" => view.location = Some(body),
        "contacts" => view.contacts = Some(body),
        "reaction" => view.text = words(&body, "/emoji"),
        "interactive" => {
            view.text = words(&body, "/body/text");
            let header = ["image", "video", "document"]
                .into_iter()
                .find_map(|k| Some((k, body.pointer(&format!("/header/{k}"))?)));
            if let Some((kind, part)) = header {
                let (chat_media, late) = attach(state, kind, part, now)?;
                view.media = Some(chat_media);
                failure = failure.or(late);
            }
            view.interactive = Some(with_form(state, body));
        }
        "template" => {
            let mut rendered = templates::render(&state.meta.templates, &body)?;
            let late = template_header(state, &mut rendered.view, now)?;
            failure = failure.or(late);
            if rendered.category == "authentication" && customer.phone.is_none() {
                return Err(GraphError::new(131_062, "authentication templates need a phone number"));
            }
            view.text = Some(rendered.text);
            view.template = Some(rendered.view);
            category = Some(rendered.category);
        }
        _ => {}
    }
    let opaque = map.get("biz_opaque_callback_data").and_then(Value::as_str).map(str::to_owned);
    Ok(Outgoing { stored: Stored { n, customer: customer.n, opaque, category, view }, failure })
}

/// The 24-hour window. Whoever wrote before is refused at once; for a number that never wrote
/// Meta accepts and reports later, so that clients meet both ways.
fn reachable(
    state: &State,
    customer: &Customer,
    kind: &str,
    now: Timestamp,
) -> Result<Option<(i64, String)>, GraphError> {
    if state.meta.blocked.contains(customer.key()) {
        return Ok(Some((131_026, "the business has blocked this user".to_owned())));
    }
    if kind == "template" {
        return Ok(None);
    }
    let why = "Message failed to send because more than 24 hours have passed since the customer last replied to this number";
    match customer.last_inbound_at {
        Some(at) if now.since(at) < WINDOW => Ok(None),
        Some(_) => Err(GraphError::new(131_047, why)),
        None => Ok(Some((131_047, why.to_owned()))),
    }
}

type Attached = (ChatMedia, Option<(i64, String)>);

fn attach(state: &State, kind: &str, body: &Value, now: Timestamp) -> Result<Attached, GraphError> {
    let voice = body.get("voice").and_then(Value::as_bool).unwrap_or(false);
    let file_name = words(body, "/filename");
    let id = match body.get("id") {
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => None,
    };
    let Some(id) = id else {
        // The sandbox fetches nothing from addresses that a request names; the phone's browser does.
        let url = words(body, "/link").unwrap_or_default();
        let mime_type = format!("{kind}/*");
        return Ok((
            ChatMedia { url, mime_type, file_name, size_bytes: 0, width: None, height: None, voice },
            None,
        ));
    };
    let media = state.alive_media(now, &id).filter(|m| m.uploaded).ok_or_else(|| {
        GraphError::new(131_009, format!("{kind}.id: media {id} does not exist or has expired"))
    })?;
    let bytes = state.bytes.read(&media.id).unwrap_or_default();
    let head = bytes.get(..16).unwrap_or(&bytes);
    let late = media::late_failure(kind, media, head).map(|why| (131_053, why));
    Ok((shown(media, file_name, voice), late))
}

/// A file as the phone page shows it.
pub fn shown(media: &Media, file_name: Option<String>, voice: bool) -> ChatMedia {
    ChatMedia {
        url: format!("/sandbox/media/{}", media.id),
        mime_type: media.mime_type.clone(),
        file_name: file_name.or_else(|| media.file_name.clone()),
        size_bytes: media.size_bytes,
        width: media.width,
        height: media.height,
        voice,
    }
}

fn template_header(
    state: &State,
    view: &mut Value,
    now: Timestamp,
) -> Result<Option<(i64, String)>, GraphError> {
    let Some(header) = view.get("header_media").filter(|h| !h.is_null()).cloned() else { return Ok(None) };
    let kind = words(&header, "/type").unwrap_or_default();
    if kind == "location" {
        return Ok(None);
    }
    let part =
        json!({ "id": header.get("id"), "link": header.get("link"), "filename": header.get("file_name") });
    let (chat_media, late) = attach(state, &kind, &part, now)?;
    let mut shown = serde_json::to_value(chat_media).unwrap_or_default();
    if let (Some(shown), Some(view)) = (shown.as_object_mut(), view.as_object_mut()) {
        shown.insert("type".to_owned(), kind.into());
        view.insert("header_media".to_owned(), Value::Object(shown.clone()));
    }
    Ok(late)
}

/// The phone is shown the screens of a form that was published here.
fn with_form(state: &State, mut body: Value) -> Value {
    let form = forms::opened(state, &body).map(|opened| opened.form.definition);
    if let (Some(form), Some(members)) = (form, body.as_object_mut()) {
        members.insert("form".to_owned(), form);
    }
    body
}

fn words(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}
