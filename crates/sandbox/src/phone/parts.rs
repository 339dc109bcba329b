//! A draft becomes one part a message: its type, its words, and the file as the phone would send it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::draft::{Attached, Draft};
use crate::{
    media::{FILE_MAX, NewMedia, bare},
    picture::{self, HD_SIDE, PHOTO_SIDE, Picture},
};

pub struct Part {
    /// The type of the webhook's message.
    pub kind: String,
    pub text: Option<String>,
    pub media: Option<NewMedia>,
    pub voice: bool,
    /// The body of a message that has no file.
    pub body: Option<Value>,
}

impl Part {
    fn plain(kind: &str, text: Option<&str>, body: Value) -> Self {
        Self { kind: kind.to_owned(), text: text.map(str::to_owned), media: None, voice: false, body: Some(body) }
    }
}

pub fn of(draft: &Draft) -> Result<Vec<Part>, String> {
    let way = draft.need("as")?;
    if matches!(way, "photo" | "hd" | "document" | "voice" | "audio" | "video" | "sticker") {
        if draft.files.is_empty() {
            return Err(format!("`{way}` needs a `file`"));
        }
        let caption = draft.field("text");
        // A caption belongs to the first picture of an album.
        return draft.files.iter().enumerate().map(|(n, f)| file(way, f, caption.filter(|_| n == 0))).collect();
    }
    spoken(draft, way).map(|part| vec![part])
}

fn file(way: &str, file: &Attached, caption: Option<&str>) -> Result<Part, String> {
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    if size > FILE_MAX {
        return Ok(too_large());
    }
    let mime = file.mime();
    let (kind, media) = match way {
        "photo" => ("image", made("image/jpeg", picture::photo(&file.bytes, PHOTO_SIDE)?)),
        "hd" => ("image", made("image/jpeg", picture::photo(&file.bytes, HD_SIDE)?)),
        "sticker" => ("sticker", made("image/webp", picture::sticker(&file.bytes)?)),
        "document" => ("document", untouched(file, mime, true)),
        "video" => ("video", untouched(file, mime, false)),
        "voice" if file.bytes.starts_with(b"OggS") => {
            ("audio", untouched(file, "audio/ogg; codecs=opus".to_owned(), false))
        }
        // A recorder that made something else says `video/webm` for a file without pictures.
        "voice" => ("audio", untouched(file, bare(&mime).replace("video/", "audio/"), false)),
        _ => ("audio", untouched(file, mime, false)),
    };
    let text = caption.filter(|_| !matches!(kind, "audio" | "sticker")).map(str::to_owned);
    Ok(Part { kind: kind.to_owned(), text, media: Some(media), voice: way == "voice", body: None })
}

fn made(mime: &str, picture: Picture) -> NewMedia {
    NewMedia {
        mime_type: mime.to_owned(),
        file_name: None,
        bytes: picture.bytes,
        width: Some(picture.width),
        height: Some(picture.height),
    }
}

fn untouched(file: &Attached, mime_type: String, named: bool) -> NewMedia {
    let (width, height) = if mime_type.starts_with("image/") {
        picture::dimensions(&file.bytes).unzip()
    } else {
        (None, None)
    };
    let name = || file.file_name.clone().unwrap_or_else(|| "file".to_owned());
    NewMedia { mime_type, file_name: named.then(name), bytes: Bytes::clone(&file.bytes), width, height }
}

/// Meta does not pass on files of more than 100 MB; the business learns only this.
fn too_large() -> Part {
    let mut part = Part::plain("unsupported", None, json!({ "type": "document" }));
    part.body = Some(json!({ "code": 131_052, "type": "document", "details": "Failed to download media. File is larger than 100 MB." }));
    part
}

fn spoken(draft: &Draft, way: &str) -> Result<Part, String> {
    let field = |name: &str| draft.field(name);
    let title = |way: &str| field("choice_title").or(field("text")).ok_or(format!("`{way}` needs a `choice_title`"));
    Ok(match way {
        "text" => {
            let text = draft.need("text")?;
            Part::plain("text", Some(text), json!({ "body": text }))
        }
        "location" => location(draft)?,
        "contact" => contact(draft)?,
        "reaction" => {
            let mut body = json!({ "message_id": draft.need("target")? });
            if let (Some(emoji), Some(body)) = (field("emoji"), body.as_object_mut()) {
                body.insert("emoji".to_owned(), emoji.into());
            }
            Part::plain("reaction", field("emoji"), body)
        }
        "button_reply" => {
            let title = title(way)?;
            let reply = json!({ "id": draft.need("choice_id")?, "title": title });
            Part::plain("interactive", Some(title), json!({ "type": way, "button_reply": reply }))
        }
        "list_reply" => {
            let title = title(way)?;
            let mut reply = json!({ "id": draft.need("choice_id")?, "title": title });
            if let (Some(text), Some(reply)) = (field("choice_description"), reply.as_object_mut()) {
                reply.insert("description".to_owned(), text.into());
            }
            Part::plain("interactive", Some(title), json!({ "type": way, "list_reply": reply }))
        }
        "quick_reply" => {
            let title = title(way)?;
            let payload = field("choice_id").unwrap_or(title);
            Part::plain("button", Some(title), json!({ "payload": payload, "text": title }))
        }
        "flow_reply" => {
            let answers = field("text").unwrap_or("{}");
            serde_json::from_str::<Value>(answers).map_err(|e| format!("`text` of a flow_reply is JSON: {e}"))?;
            let reply = json!({ "name": "flow", "body": "Sent", "response_json": answers });
            Part::plain("interactive", Some("Sent"), json!({ "type": "nfm_reply", "nfm_reply": reply }))
        }
        "edit" => {
            let text = draft.need("text")?;
            let target = draft.need("target")?;
            Part::plain("edit", Some(text), json!({ "original_message_id": target }))
        }
        "revoke" => Part::plain("revoke", None, json!({ "original_message_id": draft.need("target")? })),
        "unsupported" => {
            let what = field("choice_id").unwrap_or("poll_creation");
            let body = json!({ "code": 131_051, "type": what, "details": "Message type is not currently supported" });
            Part::plain("unsupported", None, body)
        }
        "order" => order(draft)?,
        other => return Err(format!("`as` is \"{other}\"; see the list in the sandbox's contract")),
    })
}

fn location(draft: &Draft) -> Result<Part, String> {
    let mut body = serde_json::Map::new();
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let number: f64 = draft.need(key)?.parse().map_err(|_| format!("`{key}` is not a number"))?;
        if !number.is_finite() || number.abs() > most {
            return Err(format!("`{key}` is not between -{most} and {most}"));
        }
        body.insert(key.to_owned(), number.into());
    }
    for key in ["name", "address"] {
        if let Some(text) = draft.field(key) {
            body.insert(key.to_owned(), text.into());
        }
    }
    Ok(Part::plain("location", draft.field("name"), Value::Object(body)))
}

fn contact(draft: &Draft) -> Result<Part, String> {
    let name = draft.need("name")?;
    let first = name.split_whitespace().next().unwrap_or(name);
    let mut card = json!({ "name": { "formatted_name": name, "first_name": first } });
    if let (Some(phone), Some(card)) = (draft.field("phone"), card.as_object_mut()) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        card.insert("phones".to_owned(), json!([{ "phone": phone, "wa_id": digits, "type": "CELL" }]));
    }
    Ok(Part::plain("contacts", Some(name), json!([card])))
}

fn order(draft: &Draft) -> Result<Part, String> {
    let items = match draft.field("choice_id") {
        Some(json) => serde_json::from_str(json).map_err(|e| format!("`choice_id` of an order is JSON: {e}"))?,
        None => json!([{ "product_retailer_id": "SKU-1", "quantity": 1, "item_price": 9.9, "currency": "EUR" }]),
    };
    let body = json!({ "catalog_id": "500000000000001", "text": draft.field("text").unwrap_or_default(), "product_items": items });
    Ok(Part::plain("order", draft.field("text"), body))
}
