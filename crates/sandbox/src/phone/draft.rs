//! What the person at the phone asked for, before it is a message.

use std::collections::BTreeMap;

use bytes::Bytes;

#[derive(Default)]
pub struct Draft {
    pub fields: BTreeMap<String, String>,
    pub files: Vec<Attached>,
}

pub struct Attached {
    pub file_name: Option<String>,
    pub mime_type: Option<String>,
    pub bytes: Bytes,
}

impl Draft {
    /// A field that was filled in.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub fn need(&self, name: &str) -> Result<&str, String> {
        self.field(name).ok_or_else(|| format!("`{name}` is missing"))
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.field(name), Some("true" | "1" | "on" | "yes"))
    }
}

impl Attached {
    /// The type the browser said, or the one that the name suggests, or the one that the bytes betray.
    pub fn mime(&self) -> String {
        let said = self.mime_type.as_deref().filter(|m| !m.is_empty() && *m != "application/octet-stream");
        let magic = || {
            let bytes = self.bytes.as_ref();
            [
                (&b"\xff\xd8\xff"[..], "image/jpeg"),
                (b"\x89PNG", "image/png"),
                (b"OggS", "audio/ogg"),
                (b"%PDF-", "application/pdf"),
                (b"ID3", "audio/mpeg"),
                (b"\x1aE\xdf\xa3", "video/webm"),
            ]
            .into_iter()
            .find(|(start, _)| bytes.starts_with(start))
            .map(|(_, mime)| mime)
            .or_else(|| (bytes.get(4..8) == Some(b"ftyp")).then_some("video/mp4"))
        };
        said.or_else(|| self.file_name.as_deref().and_then(by_name))
            .or_else(magic)
            .unwrap_or("application/octet-stream")
            .to_owned()
    }
}

fn by_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "tif" | "tiff" => "image/tiff",
        "bmp" => "image/bmp",
        "svg" => "image/svg+xml",
        "html" | "htm" => "text/html",
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "3gp" => "video/3gpp",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        "amr" => "audio/amr",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        _ => return None,
    })
}
