//! From what we want to say to the body of `POST /{phone_number_id}/messages`. Pure: `client` sends it.

use model::{
    contact::{Identity, IdentityKind},
    outbound::{Buttons, Choice, List, OutMedia, Outbound, Section, Template},
};
use serde_json::{Map, Value, json};

use super::{media_rules::MediaKind, validate::Invalid};

/// Under which name we write to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Recipient {
    /// Digits only, as WhatsApp writes a number (`wa_id`).
    Phone(String),
    /// A business-scoped user id, or that of a parent portfolio.
    UserId(String),
}

impl Recipient {
    /// The phone number if there is one, else the BSUID, else the parent's; a username cannot be written to.
    pub fn from_identities(identities: &[Identity]) -> Option<Self> {
        let first = |kind| identities.iter().find(|i| i.kind == kind).map(|i| i.value.clone());
        first(IdentityKind::WaId)
            .map(Self::Phone)
            .or_else(|| first(IdentityKind::Bsuid).map(Self::UserId))
            .or_else(|| first(IdentityKind::ParentBsuid).map(Self::UserId))
    }

    /// The member of a body that names them. Without the `+`, Meta may put the business's country code in front.
    pub(super) fn member(&self) -> (&'static str, Value) {
        match self {
            Self::Phone(digits) => ("to", format!("+{}", digits.trim_start_matches('+')).into()),
            Self::UserId(id) => ("recipient", id.as_str().into()),
        }
    }

    /// What tells one pair of numbers from another, for the rate limit.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(name) | Self::UserId(name) => name,
        }
    }
}

/// The body to send. `content` has passed [`super::validate::validate`].
///
/// `media_id` is what the upload of the attachment returned: [`Invalid`] when a file is to go out and there is none.
/// `reply_to` is the channel's id of the message that this one answers (a reaction has its own target and ignores it).
/// `our_id` comes back in every status (`biz_opaque_callback_data`).
pub fn render(
    to: &Recipient,
    content: &Outbound,
    media_id: Option<&str>,
    reply_to: Option<&str>,
    our_id: &str,
) -> Result<Value, Invalid> {
    let (kind, part) = body(content, media_id)?;
    let (name, address) = to.member();
    let mut message = Map::new();
    message.insert("messaging_product".into(), "whatsapp".into());
    message.insert("recipient_type".into(), "individual".into());
    message.insert(name.into(), address);
    message.insert("biz_opaque_callback_data".into(), our_id.into());
    if let (Some(target), false) = (reply_to, matches!(content, Outbound::Reaction { .. })) {
        message.insert("context".into(), json!({"message_id": target}));
    }
    message.insert("type".into(), kind.into());
    message.insert(kind.into(), part);
    Ok(Value::Object(message))
}

/// The body that marks `external_id` and all before it as read, and shows that somebody is writing.
pub(super) fn read_mark(external_id: &str, is_typing: bool) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": external_id});
    put(&mut body, "typing_indicator", is_typing.then(|| json!({"type": "text"})));
    body
}

/// The type of the message and the member that is called like it.
fn body(content: &Outbound, media_id: Option<&str>) -> Result<(&'static str, Value), Invalid> {
    Ok(match content {
        Outbound::Text { body, preview_url } => ("text", json!({"body": body, "preview_url": preview_url})),
        Outbound::Image(file) => ("image", media(MediaKind::Image, file, media_id)?),
        Outbound::Video(file) => ("video", media(MediaKind::Video, file, media_id)?),
        Outbound::Audio(file) => ("audio", media(MediaKind::Audio, file, media_id)?),
        Outbound::Document(file) => ("document", media(MediaKind::Document, file, media_id)?),
        Outbound::Sticker(file) => ("sticker", media(MediaKind::Sticker, file, media_id)?),
        Outbound::Location(place) => {
            let mut part = json!({"latitude": place.latitude, "longitude": place.longitude});
            put(&mut part, "name", place.name.as_deref());
            put(&mut part, "address", place.address.as_deref());
            ("location", part)
        }
        Outbound::Contacts { cards } => ("contacts", json!(cards)),
        Outbound::Reaction { target, emoji } => {
            ("reaction", json!({"message_id": target, "emoji": emoji.as_deref().unwrap_or("")}))
        }
        Outbound::Template(filled) => ("template", template(filled)),
        Outbound::Buttons(question) => ("interactive", buttons(question)),
        Outbound::List(question) => ("interactive", list(question)),
        Outbound::Link { body, display_text, url } => {
            let parameters = json!({"display_text": display_text, "url": url});
            let action = json!({"name": "cta_url", "parameters": parameters});
            ("interactive", interactive("cta_url", body, action))
        }
        Outbound::LocationRequest { body } => {
            ("interactive", interactive("location_request_message", body, json!({"name": "send_location"})))
        }
        Outbound::Form { body, parameters } => {
            ("interactive", interactive("flow", body, json!({"name": "flow", "parameters": parameters})))
        }
    })
}

fn media(kind: MediaKind, file: &OutMedia, media_id: Option<&str>) -> Result<Value, Invalid> {
    let id = media_id.ok_or(Invalid::NotUploaded { what: kind.name() })?;
    let mut part = json!({"id": id});
    if kind.has_caption() {
        put(&mut part, "caption", file.caption.as_deref());
    }
    if kind == MediaKind::Document {
        put(&mut part, "filename", file.file_name.as_deref());
    }
    if kind == MediaKind::Audio && file.is_voice {
        put(&mut part, "voice", Some(true));
    }
    Ok(part)
}

fn buttons(question: &Buttons) -> Value {
    let reply = |b: &Choice| json!({"type": "reply", "reply": {"id": b.id, "title": b.title}});
    let buttons: Vec<Value> = question.buttons.iter().map(reply).collect();
    let part = interactive("button", &question.body, json!({"buttons": buttons}));
    framed(part, question.header.as_deref(), question.footer.as_deref())
}

fn list(question: &List) -> Value {
    let row = |choice: &Choice| {
        let mut row = json!({"id": choice.id, "title": choice.title});
        put(&mut row, "description", choice.description.as_deref());
        row
    };
    let section = |section: &Section| {
        let mut part = json!({"rows": section.rows.iter().map(row).collect::<Vec<_>>()});
        put(&mut part, "title", section.title.as_deref());
        part
    };
    let sections: Vec<Value> = question.sections.iter().map(section).collect();
    let action = json!({"button": question.button, "sections": sections});
    framed(
        interactive("list", &question.body, action),
        question.header.as_deref(),
        question.footer.as_deref(),
    )
}

fn interactive(kind: &str, body: &str, action: Value) -> Value {
    json!({"type": kind, "body": {"text": body}, "action": action})
}

fn framed(mut part: Value, header: Option<&str>, footer: Option<&str>) -> Value {
    put(&mut part, "header", header.map(|text| json!({"type": "text", "text": text})));
    put(&mut part, "footer", footer.map(|text| json!({"text": text})));
    part
}

fn template(filled: &Template) -> Value {
    let mut part = json!({"name": filled.name, "language": {"code": filled.language}});
    put(
        &mut part,
        "components",
        Some(&filled.components).filter(|all| !all.is_empty()).map(|all| json!(all)),
    );
    part
}

/// Adds a member, if there is one.
fn put(part: &mut Value, key: &str, member: Option<impl Into<Value>>) {
    if let (Some(members), Some(member)) = (part.as_object_mut(), member) {
        members.insert(key.to_owned(), member.into());
    }
}
