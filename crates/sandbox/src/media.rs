//! Files that the sandbox holds for both sides: how long they live, which are accepted, where their bytes are.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{error::GraphError, webhooks::wire};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const URL_LIFE: Duration = Duration::from_secs(5 * 60);
/// Without a folder, the oldest files give way beyond this.
const MEMORY_MAX: usize = 512 * 1_024 * 1_024;
const MIB: u64 = 1_024 * 1_024;
/// What a customer can send, and the largest upload of a business.
pub const FILE_MAX: u64 = 100 * MIB;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Media {
    pub n: u64,
    pub id: String,
    pub mime_type: String,
    pub file_name: Option<String>,
    pub size_bytes: u64,
    /// Lower-case hex, as the look-up answers it.
    pub sha256: String,
    pub created_at: Timestamp,
    /// Uploaded by the business (30 days), not sent by a customer (7 days).
    pub uploaded: bool,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// A file that has no id yet.
pub struct NewMedia {
    pub mime_type: String,
    pub file_name: Option<String>,
    pub bytes: Bytes,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

impl Media {
    pub fn new(n: u64, id: String, now: Timestamp, new: &NewMedia, uploaded: bool) -> Self {
        Self {
            n,
            id,
            mime_type: new.mime_type.clone(),
            file_name: new.file_name.clone(),
            size_bytes: u64::try_from(new.bytes.len()).unwrap_or(u64::MAX),
            sha256: hex::encode(Sha256::digest(&new.bytes)),
            created_at: now,
            uploaded,
            width: new.width,
            height: new.height,
        }
    }

    /// As webhooks spell it.
    pub fn sha256_base64(&self) -> String {
        STANDARD.encode(hex::decode(&self.sha256).unwrap_or_default())
    }

    pub fn is_alive(&self, now: Timestamp) -> bool {
        now.since(self.created_at) < if self.uploaded { DAY * 30 } else { DAY * 7 }
    }

    /// Where the bytes are for the next five minutes.
    pub fn url(&self, base_url: &str, app_secret: &str, now: Timestamp) -> String {
        let expires = now.plus(URL_LIFE).secs();
        let hash = url_hash(app_secret, &self.id, expires);
        format!("{base_url}/media-bytes/attachments/?mid={}&ext={expires}&hash={hash}", self.id)
    }
}

pub fn url_hash(secret: &str, id: &str, expires: i64) -> String {
    wire::signature(secret, format!("media {id} {expires}").as_bytes()).chars().skip(7).take(32).collect()
}

/// What a business may upload; the answer to the rest is Meta's.
const UPLOAD_TYPES: [&str; 19] = [
    "audio/aac",
    "audio/mp4",
    "audio/mpeg",
    "audio/amr",
    "audio/ogg",
    "audio/opus",
    "application/vnd.ms-powerpoint",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/pdf",
    "text/plain",
    "application/vnd.ms-excel",
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/mp4",
    "video/3gpp",
];

pub fn bare(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub fn check_upload(mime: &str, size: u64) -> Result<(), GraphError> {
    let kind = bare(mime);
    if !UPLOAD_TYPES.contains(&kind.as_str()) && !kind.starts_with("text/") {
        return Err(GraphError::parameter(format!(
            "Param file must be a file with one of the following types: {}. Received file of type '{mime}'.",
            UPLOAD_TYPES.join(", ")
        )));
    }
    if size == 0 {
        return Err(GraphError::parameter("Param file must not be empty."));
    }
    let most = match kind.split('/').next() {
        Some("image") if kind != "image/webp" => 5 * MIB,
        Some("image") => 500 * 1_024,
        Some("audio" | "video") => 16 * MIB,
        _ => FILE_MAX,
    };
    if size > most {
        return Err(GraphError::new(
            131_053,
            format!("File is too large: {size} bytes of {kind}, at most {most} are allowed"),
        ));
    }
    Ok(())
}

/// What Meta finds out only after it accepted the message.
pub fn late_failure(kind: &str, media: &Media, head: &[u8]) -> Option<String> {
    let mime = bare(&media.mime_type);
    let allowed: &[&str] = match kind {
        "image" => &["image/jpeg", "image/png"],
        "audio" => &["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"],
        "video" => &["video/mp4", "video/3gpp"],
        "sticker" => &["image/webp"],
        _ => return None,
    };
    if !allowed.contains(&mime.as_str()) {
        return Some(format!(
            "Unsupported {kind} mime type {mime}. Please use one of {}.",
            allowed.join(", ").replace("audio/ogg", "audio/ogg; codecs=opus")
        ));
    }
    // Meta goes by the name as well as by the type.
    let extension =
        media.file_name.as_deref().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_lowercase());
    if kind == "audio" && matches!(extension.as_deref(), Some("opus" | "webm" | "wav" | "flac")) {
        return Some(format!("Unsupported audio file name extension in {:?}", media.file_name));
    }
    let magic_ok = match mime.as_str() {
        "image/jpeg" => head.starts_with(&[0xff, 0xd8, 0xff]),
        "image/png" => head.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/webp" => head.starts_with(b"RIFF"),
        "audio/ogg" => head.starts_with(b"OggS"),
        _ => true,
    };
    (!magic_ok).then(|| format!("The file is not {mime}: media file and its type do not match"))
}

/// Where the bytes are: files of the folder, or memory up to a limit.
pub enum MediaBytes {
    Folder(PathBuf),
    Memory { files: HashMap<String, Bytes>, order: VecDeque<String>, held: usize },
}

impl MediaBytes {
    pub fn open(dir: Option<&Path>) -> io::Result<Self> {
        let Some(dir) = dir else {
            return Ok(Self::Memory { files: HashMap::new(), order: VecDeque::new(), held: 0 });
        };
        let folder = dir.join("media");
        std::fs::create_dir_all(&folder)?;
        Ok(Self::Folder(folder))
    }

    pub fn write(&mut self, id: &str, bytes: Bytes) -> io::Result<()> {
        match self {
            Self::Folder(folder) => std::fs::write(folder.join(id), &bytes),
            Self::Memory { files, order, held } => {
                *held += bytes.len();
                order.push_back(id.to_owned());
                files.insert(id.to_owned(), bytes);
                while *held > MEMORY_MAX
                    && let Some(oldest) = order.pop_front()
                {
                    *held -= files.remove(&oldest).map_or(0, |b| b.len());
                }
                Ok(())
            }
        }
    }

    /// `None` when they were deleted or gave way to newer ones.
    pub fn read(&self, id: &str) -> Option<Bytes> {
        match self {
            // Media ids are digits, made here; nothing of a request becomes a path.
            Self::Folder(folder) => std::fs::read(folder.join(id)).ok().map(Bytes::from),
            Self::Memory { files, .. } => files.get(id).cloned(),
        }
    }

    pub fn remove(&mut self, id: &str) {
        match self {
            Self::Folder(folder) => drop(std::fs::remove_file(folder.join(id))),
            Self::Memory { files, order, held } => {
                *held -= files.remove(id).map_or(0, |b| b.len());
                order.retain(|known| known != id);
            }
        }
    }
}
