//! What WhatsApp would refuse, told before it is sent and in words: what, the limit, what it is now.
//!
//! The limits are Meta's; where its pages state none, a bound of our own stands and says so.

use std::collections::HashSet;

use model::{
    content::Location,
    outbound::{Buttons, Choice, List, OutMedia, Outbound, Template},
};
use serde_json::Value;

use super::media_rules::MediaKind;

/// Why a message cannot be sent as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Invalid {
    #[error("{what} is empty; write something there")]
    Empty { what: &'static str },
    #[error("{what} has {actual} characters, WhatsApp takes at most {limit}; shorten it")]
    TooLong { what: &'static str, limit: usize, actual: usize },
    #[error("there are {actual} {what}, WhatsApp takes {least} to {most}")]
    Count { what: &'static str, least: usize, most: usize, actual: usize },
    #[error("two {what} are the same; WhatsApp needs each to be different")]
    Twice { what: &'static str },
    #[error("{what} takes up {actual} bytes, at most {limit} can be sent; leave something out")]
    TooBig { what: &'static str, limit: usize, actual: usize },
    #[error("the {what} has no uploaded file yet; attach a file and send it again")]
    NotUploaded { what: &'static str },
    #[error("{what} {why}")]
    Wrong { what: &'static str, why: &'static str },
}

/// Bounds of our own, where Meta states none.
const LABEL_CHARS_MAX: usize = 1_000;
const URL_CHARS_MAX: usize = 2_000;
const CARDS_MAX: usize = 50;
const EMOJI_CHARS_MAX: usize = 16;
const JSON_BYTES_MAX: usize = 64 * 1024;

/// Checks `content` against every limit that needs no look at a file.
///
/// Files have [`super::media_rules::validate_media`] of their own.
pub fn validate(content: &Outbound) -> Result<(), Invalid> {
    match content {
        Outbound::Text { body, .. } => text("the text", body, 4_096),
        Outbound::Image(file) => media(MediaKind::Image, file),
        Outbound::Video(file) => media(MediaKind::Video, file),
        Outbound::Audio(file) => media(MediaKind::Audio, file),
        Outbound::Document(file) => media(MediaKind::Document, file),
        Outbound::Sticker(file) => media(MediaKind::Sticker, file),
        Outbound::Location(place) => location(place),
        Outbound::Contacts { cards } => contacts(cards),
        Outbound::Reaction { target, emoji } => reaction(target, emoji.as_deref()),
        Outbound::Buttons(question) => buttons(question),
        Outbound::List(question) => list(question),
        Outbound::Link { body, display_text, url } => link(body, display_text, url),
        Outbound::LocationRequest { body } => text("the text", body, 1_024),
        Outbound::Form { body, parameters } => form(body, parameters),
        Outbound::Template(filled) => template(filled),
    }
}

fn media(kind: MediaKind, file: &OutMedia) -> Result<(), Invalid> {
    let what = kind.name();
    if file.attachment_id.is_none() {
        return Err(Invalid::NotUploaded { what });
    }
    if file.caption.is_some() && !kind.has_caption() {
        return Err(Invalid::Wrong {
            what,
            why: "cannot carry a caption; send the text as a message of its own",
        });
    }
    if file.is_voice && kind != MediaKind::Audio {
        return Err(Invalid::Wrong { what, why: "cannot be a voice note; only audio can" });
    }
    optional("the caption", file.caption.as_deref(), 1_024)?;
    optional("the file name", file.file_name.as_deref(), 240)
}

fn location(place: &Location) -> Result<(), Invalid> {
    let is_on_earth = place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0;
    if !is_on_earth {
        return Err(Invalid::Wrong {
            what: "the location",
            why: "is not on the map; latitude goes from -90 to 90, longitude from -180 to 180",
        });
    }
    optional("the name of the place", place.name.as_deref(), LABEL_CHARS_MAX)?;
    optional("the address of the place", place.address.as_deref(), LABEL_CHARS_MAX)
}

fn contacts(cards: &[Value]) -> Result<(), Invalid> {
    count("contact cards", cards.len(), 1, CARDS_MAX)?;
    let is_named = |card: &Value| {
        let name = card.get("name").and_then(|name| name.get("formatted_name"));
        name.and_then(Value::as_str).is_some_and(|name| !name.trim().is_empty())
    };
    if !cards.iter().all(is_named) {
        return Err(Invalid::Wrong {
            what: "a contact card",
            why: "has no `name.formatted_name`; enter one",
        });
    }
    size("the contact cards", cards)
}

fn reaction(target: &str, emoji: Option<&str>) -> Result<(), Invalid> {
    text("the message to react to", target, 512)?;
    let Some(emoji) = emoji else { return Ok(()) };
    text("the reaction", emoji, EMOJI_CHARS_MAX)?;
    if emoji.is_ascii() || emoji.chars().any(char::is_alphabetic) {
        return Err(Invalid::Wrong { what: "the reaction", why: "is not an emoji; choose one" });
    }
    Ok(())
}

fn buttons(question: &Buttons) -> Result<(), Invalid> {
    text("the text above the buttons", &question.body, 1_024)?;
    optional("the header", question.header.as_deref(), 60)?;
    optional("the footer", question.footer.as_deref(), 60)?;
    count("buttons", question.buttons.len(), 1, 3)?;
    for button in &question.buttons {
        text("the title of a button", &button.title, 20)?;
        text("the id of a button", &button.id, 256)?;
        if button.description.is_some() {
            return Err(Invalid::Wrong { what: "a button", why: "cannot have a description; use a list" });
        }
    }
    each_differs("ids of buttons", question.buttons.iter().map(|button| button.id.as_str()))?;
    each_differs("titles of buttons", question.buttons.iter().map(|button| button.title.as_str()))
}

fn list(question: &List) -> Result<(), Invalid> {
    text("the text above the list", &question.body, 4_096)?;
    optional("the header", question.header.as_deref(), 60)?;
    optional("the footer", question.footer.as_deref(), 60)?;
    text("the button that opens the list", &question.button, 20)?;
    count("sections", question.sections.len(), 1, 10)?;
    for section in &question.sections {
        optional("the title of a section", section.title.as_deref(), 24)?;
        if section.title.is_none() && question.sections.len() > 1 {
            return Err(Invalid::Wrong { what: "a section", why: "needs a title when there are several" });
        }
        if section.rows.is_empty() {
            return Err(Invalid::Empty { what: "a section of the list" });
        }
    }
    let rows: Vec<&Choice> = question.sections.iter().flat_map(|section| &section.rows).collect();
    count("rows in all sections together", rows.len(), 1, 10)?;
    for row in &rows {
        text("the title of a row", &row.title, 24)?;
        text("the id of a row", &row.id, 200)?;
        optional("the description of a row", row.description.as_deref(), 72)?;
    }
    each_differs("ids of rows", rows.iter().map(|row| row.id.as_str()))
}

fn link(body: &str, display_text: &str, url: &str) -> Result<(), Invalid> {
    text("the text above the link", body, 1_024)?;
    text("the text on the link", display_text, 20)?;
    text("the address of the link", url, URL_CHARS_MAX)?;
    let is_web =
        url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web {
        Ok(())
    } else {
        Err(Invalid::Wrong {
            what: "the address of the link",
            why: "must begin with https:// and name a host",
        })
    }
}

fn form(body: &str, parameters: &Value) -> Result<(), Invalid> {
    text("the text above the form", body, 1_024)?;
    let has = |key: &str| parameters.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !has("flow_id") && !has("flow_name") {
        return Err(Invalid::Wrong { what: "the form", why: "names no flow; set `flow_id` or `flow_name`" });
    }
    if !has("flow_cta") || !has("flow_message_version") {
        return Err(Invalid::Wrong {
            what: "the form",
            why: "lacks `flow_cta` (the text of its button) or `flow_message_version`",
        });
    }
    size("the form", parameters)
}

fn template(filled: &Template) -> Result<(), Invalid> {
    text("the name of the template", &filled.name, 512)?;
    if !filled.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Invalid::Wrong {
            what: "the name of the template",
            why: "may hold only lower-case letters, digits and `_`; copy it from the list of templates",
        });
    }
    text("the language of the template", &filled.language, 16)?;
    if !filled.components.iter().all(Value::is_object) {
        return Err(Invalid::Wrong { what: "the template", why: "has a component that is not an object" });
    }
    size("the template", &filled.components)
}

fn text(what: &'static str, text: &str, limit: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::Empty { what });
    }
    match text.chars().count() {
        actual if actual > limit => Err(Invalid::TooLong { what, limit, actual }),
        _ => Ok(()),
    }
}

/// May be left out; if it is there, it says something.
fn optional(what: &'static str, given: Option<&str>, limit: usize) -> Result<(), Invalid> {
    given.map_or(Ok(()), |given| text(what, given, limit))
}

fn count(what: &'static str, actual: usize, least: usize, most: usize) -> Result<(), Invalid> {
    if (least..=most).contains(&actual) { Ok(()) } else { Err(Invalid::Count { what, least, most, actual }) }
}

fn each_differs<'a>(what: &'static str, all: impl Iterator<Item = &'a str>) -> Result<(), Invalid> {
    let mut seen = HashSet::new();
    for one in all {
        if !seen.insert(one) {
            return Err(Invalid::Twice { what });
        }
    }
    Ok(())
}

fn size(what: &'static str, json: &(impl serde::Serialize + ?Sized)) -> Result<(), Invalid> {
    match serde_json::to_vec(json) {
        Ok(bytes) if bytes.len() <= JSON_BYTES_MAX => Ok(()),
        Ok(bytes) => Err(Invalid::TooBig { what, limit: JSON_BYTES_MAX, actual: bytes.len() }),
        Err(_) => Err(Invalid::Wrong { what, why: "cannot be written as JSON" }),
    }
}
