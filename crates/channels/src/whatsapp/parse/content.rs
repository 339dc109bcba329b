//! What: the body of a message, by its type, and what rides on any type.

use model::content::{Content, Location, Media, Riders};
use serde_json::Value;

use super::{
    fields::{self, Why},
    mend,
};

/// Answers of a form may be nested this deep; deeper ones stay the text that they came as.
const ANSWERS_DEPTH_MAX: usize = 32;

/// The body of `message`, which says that it is a `kind`.
pub(super) fn content(kind: &str, message: &Value) -> Result<Content, Why> {
    Ok(match kind {
        "text" => Content::Text { body: body_text(fields::member(message, kind)?)? },
        "image" => Content::Image(media(kind, message)?),
        "video" => Content::Video(media(kind, message)?),
        "audio" | "voice" => Content::Audio(media(kind, message)?),
        "document" => Content::Document(media(kind, message)?),
        "sticker" => Content::Sticker(media(kind, message)?),
        "location" => Content::Location(location(fields::member(message, kind)?)?),
        "contacts" => Content::Contacts { cards: fields::array(message, kind)? },
        "interactive" => interactive(fields::member(message, kind)?, message)?,
        "button" => button(fields::member(message, kind)?)?,
        "order" => order(fields::member(message, kind)?)?,
        "unsupported" => {
            let what = message.get("unsupported").and_then(|body| fields::text(body, "type"));
            Content::Unsupported { what: what.map(fields::short) }
        }
        _ => Content::Unknown { what: fields::short(kind), raw: message.clone() },
    })
}

/// What rides on any type: an answer, a forward, an advertisement, a product, a group.
pub(super) fn riders(message: &Value) -> Riders {
    let context = message.get("context").unwrap_or(&Value::Null);
    let is_forwarded_often = fields::flag(context, "frequently_forwarded");
    Riders {
        reply_to: fields::id(context, "id").ok(),
        is_forwarded: is_forwarded_often || fields::flag(context, "forwarded"),
        is_forwarded_often,
        referral: fields::object(message, "referral"),
        referred_product: fields::object(context, "referred_product"),
        group_id: fields::id(message, "group_id").or_else(|_| fields::id(context, "group_id")).ok(),
    }
}

fn body_text(text: &Value) -> Result<String, Why> {
    let body = text.get("body").and_then(Value::as_str).ok_or("`text.body` is missing")?;
    Ok(body.to_owned())
}

fn media(kind: &str, message: &Value) -> Result<Media, Why> {
    let file = fields::member(message, kind)?;
    Ok(Media {
        external_id: fields::id(file, "id")?,
        url: fields::owned(file, "url"),
        mime_type: fields::owned(file, "mime_type"),
        sha256: fields::text(file, "sha256").and_then(fields::sha256_hex),
        file_name: fields::owned(file, "filename"),
        caption: fields::owned(file, "caption"),
        is_voice: kind == "voice" || fields::flag(file, "voice"),
        is_animated: fields::flag(file, "animated"),
    })
}

fn location(place: &Value) -> Result<Location, Why> {
    let degrees = |key: &str, most: f64| {
        fields::number(place, key)
            .filter(|degrees| degrees.abs() <= most)
            .ok_or_else(|| format!("`location.{key}` is not a number of degrees"))
    };
    Ok(Location {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        name: fields::owned(place, "name"),
        address: fields::owned(place, "address"),
        url: fields::owned(place, "url"),
    })
}

fn interactive(body: &Value, message: &Value) -> Result<Content, Why> {
    let kind = fields::text(body, "type").ok_or("`interactive.type` is missing")?;
    Ok(match kind {
        "button_reply" | "list_reply" => {
            let reply = fields::member(body, kind)?;
            Content::Choice {
                id: fields::id(reply, "id")?,
                title: fields::owned(reply, "title").unwrap_or_default(),
                description: fields::owned(reply, "description"),
            }
        }
        "nfm_reply" => {
            let reply = fields::member(body, kind)?;
            Content::Form {
                name: fields::owned(reply, "name"),
                answers: reply.get("response_json").map(answers).unwrap_or_default(),
            }
        }
        _ => Content::Unknown { what: fields::short(&format!("interactive.{kind}")), raw: message.clone() },
    })
}

/// The answers are JSON in a string. What cannot be read as such stays the string.
fn answers(response: &Value) -> Value {
    let Value::String(text) = response else { return response.clone() };
    match serde_json::from_slice::<Value>(&mend::mend(text.as_bytes())) {
        // Stored content is wrapped in further levels and must still be readable.
        Ok(answers) if depth(&answers) <= ANSWERS_DEPTH_MAX => answers,
        _ => response.clone(),
    }
}

/// How many levels of arrays and objects. The parser's own limit bounds the recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn button(body: &Value) -> Result<Content, Why> {
    let payload = fields::owned(body, "payload");
    let text = fields::owned(body, "text").or_else(|| payload.clone()).ok_or("`button.text` is missing")?;
    Ok(Content::Button { payload, text })
}

fn order(body: &Value) -> Result<Content, Why> {
    Ok(Content::Order {
        text: fields::owned(body, "text"),
        items: fields::array(body, "product_items")?,
        catalog_id: fields::id(body, "catalog_id").ok(),
    })
}
