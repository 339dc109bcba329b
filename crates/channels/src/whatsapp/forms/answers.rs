//! What was filled in: words under their fields, and files, which come in one of two ways.
//!
//! With an endpoint a file is a sealed object on WhatsApp's network; without one it has a media id like any picture
//! of a chat.

use std::slice;

use model::content::Media;
use serde_json::{Map, Value};

use super::media::Seals;
use crate::whatsapp::parse::sha256_hex;

/// WhatsApp's pickers take 30 files each; a form of ours has fewer.
const FILES_MAX: usize = 60;
const FIELDS_MAX: usize = 60;
const TOKEN: &str = "flow_token";
const TOKEN_CHARS_MAX: usize = 200;
const ID_CHARS_MAX: usize = 512;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AnswersError {
    #[error("the form has more than {FIELDS_MAX} fields")]
    TooManyFields,
    #[error("the form carries more than {FILES_MAX} files; send fewer at a time")]
    TooManyFiles,
    #[error("the form carries a file that is described in a way that this version does not know")]
    UnknownFile,
}

/// A file of a form. Without `Debug`: it may carry keys.
#[derive(Clone, PartialEq)]
pub struct PickedFile {
    pub field: String,
    pub media: Media,
    /// `Some` for a sealed object, whose address is `media.url`.
    pub seals: Option<Seals>,
}

impl PickedFile {
    /// The stored kind of the attachment, by what the phone says of the file.
    pub fn kind(&self) -> &'static str {
        let is_picture_by_name = || {
            let name = self.media.file_name.as_deref().unwrap_or_default().to_ascii_lowercase();
            [".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"].iter().any(|ending| name.ends_with(ending))
        };
        match self.media.mime_type.as_deref() {
            Some(mime) if mime.starts_with("image/") => "image",
            Some(mime) if mime.starts_with("video/") => "video",
            None if is_picture_by_name() => "image",
            _ => "document",
        }
    }
}

/// A filled form. Without `Debug`: its files may carry keys.
#[derive(Clone, PartialEq, Default)]
pub struct Answers {
    pub token: Option<String>,
    /// The words, by field.
    pub words: Vec<(String, String)>,
    pub files: Vec<PickedFile>,
    /// Everything as people may see it: files by their names, without ids, addresses and keys.
    pub shown: Map<String, Value>,
}

/// The token that a filled form carries.
pub fn token_of(answers: &Value) -> Option<&str> {
    answers.get(TOKEN)?.as_str().filter(|token| (1..=TOKEN_CHARS_MAX).contains(&token.len()))
}

impl Answers {
    pub fn read(fields: &Map<String, Value>) -> Result<Self, AnswersError> {
        if fields.len() > FIELDS_MAX {
            return Err(AnswersError::TooManyFields);
        }
        let mut read = Self::default();
        for (field, value) in fields {
            if field == TOKEN {
                read.token = value.as_str().map(str::to_owned);
            } else {
                read.take(field, value)?;
            }
        }
        Ok(read)
    }

    /// What can be read of a form that nobody can refuse any more: a file that cannot leaves a word in its place.
    pub fn salvage(fields: &Map<String, Value>) -> Self {
        let mut read = Self::default();
        for (field, value) in fields.iter().take(FIELDS_MAX) {
            if field == TOKEN {
                read.token = value.as_str().map(str::to_owned);
            } else if read.take(field, value).is_err() {
                let room = FILES_MAX.saturating_sub(read.files.len());
                let files: Vec<_> =
                    listed(value).iter().filter_map(|one| picked(field, one)).take(room).collect();
                let lost = listed(value).len() - files.len();
                read.keep(field, files, lost);
            }
        }
        read
    }

    fn take(&mut self, field: &str, value: &Value) -> Result<(), AnswersError> {
        let listed = listed(value);
        if !listed.iter().any(is_file) {
            // A file where none is expected carries its address and its keys with it.
            if holds_file(value) {
                return Err(AnswersError::UnknownFile);
            }
            self.shown.insert(field.to_owned(), value.clone());
            self.words.extend(words(value).map(|words| (field.to_owned(), words)));
            return Ok(());
        }
        if self.files.len() + listed.len() > FILES_MAX {
            return Err(AnswersError::TooManyFiles);
        }
        let files: Option<Vec<_>> = listed.iter().map(|one| picked(field, one)).collect();
        self.keep(field, files.ok_or(AnswersError::UnknownFile)?, 0);
        Ok(())
    }

    fn keep(&mut self, field: &str, files: Vec<PickedFile>, lost: usize) {
        let name = |file: &PickedFile| file.media.file_name.clone().unwrap_or_else(|| "file".to_owned());
        let mut names: Vec<String> = files.iter().map(name).collect();
        if lost > 0 {
            names.push(format!("{lost} × unreadable"));
        }
        self.shown.insert(field.to_owned(), names.into());
        self.files.extend(files);
    }
}

/// A picker gives a list, and a field that took one thing gives that.
fn listed(value: &Value) -> &[Value] {
    value.as_array().map_or(slice::from_ref(value), Vec::as_slice)
}

/// What a person would have typed; `None` for nothing.
fn words(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(list) => list.iter().filter_map(words).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Object(_) => String::new(),
    };
    (!words.is_empty()).then_some(words)
}

fn is_file(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("cdn_url") || has("encryption_metadata") || (has("id") && (has("mime_type") || has("sha256")))
}

fn holds_file(value: &Value) -> bool {
    is_file(value)
        || match value {
            Value::Array(list) => list.iter().any(holds_file),
            Value::Object(fields) => fields.values().any(holds_file),
            _ => false,
        }
}

fn picked(field: &str, file: &Value) -> Option<PickedFile> {
    let text = |key: &str| file.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let seals: Option<Seals> = match file.get("encryption_metadata") {
        Some(seals) => Some(serde_json::from_value(seals.clone()).ok()?),
        None => None,
    };
    let id = text("media_id").or(text("id"))?;
    let url = text("cdn_url").map(str::to_owned);
    if id.len() > ID_CHARS_MAX || seals.is_some() != url.is_some() {
        return None;
    }
    let plain_hash = file.pointer("/encryption_metadata/plaintext_hash").and_then(Value::as_str);
    let media = Media {
        external_id: id.to_owned(),
        url,
        mime_type: text("mime_type").map(str::to_owned),
        sha256: match plain_hash {
            Some(hash) => Some(sha256_hex(hash)?),
            None => text("sha256").and_then(sha256_hex),
        },
        file_name: text("file_name").map(|name| name.chars().filter(|c| !c.is_control()).take(240).collect()),
        ..Media::default()
    };
    Some(PickedFile { field: field.to_owned(), media, seals })
}
