//! Which files WhatsApp takes from a business, told before the upload, and what to do instead.
//!
//! Meta judges by type, size and file name, and often only after it accepted the message (131053), when nobody is looking any more.

use model::outbound::Outbound;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// How a file goes out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

impl MediaKind {
    pub const fn of(content: &Outbound) -> Option<Self> {
        match content {
            Outbound::Image(_) => Some(Self::Image),
            Outbound::Video(_) => Some(Self::Video),
            Outbound::Audio(_) => Some(Self::Audio),
            Outbound::Document(_) => Some(Self::Document),
            Outbound::Sticker(_) => Some(Self::Sticker),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    pub(super) const fn has_caption(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }

    /// The largest file; for a sticker, that of an animated one.
    pub const fn size_bytes_max(self) -> u64 {
        match self {
            Self::Image => 5 * MIB,
            Self::Video | Self::Audio => 16 * MIB,
            Self::Document => 100 * MIB,
            Self::Sticker => 500 * KIB,
        }
    }

    fn takes(self, mime: &str) -> bool {
        match self {
            Self::Image => matches!(mime, "image/jpeg" | "image/png"),
            Self::Video => matches!(mime, "video/mp4" | "video/3gpp"),
            Self::Audio => {
                matches!(mime, "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg")
            }
            Self::Sticker => mime == "image/webp",
            Self::Document => {
                mime == "application/pdf"
                    || mime == "application/msword"
                    || mime.starts_with("text/")
                    || mime.starts_with("application/vnd.ms-")
                    || mime.starts_with("application/vnd.openxmlformats-officedocument.")
                    || mime.starts_with("application/vnd.oasis.opendocument.")
                    || [Self::Image, Self::Video, Self::Audio].into_iter().any(|kind| kind.takes(mime))
            }
        }
    }

    const fn instead(self) -> &'static str {
        match self {
            Self::Image => "JPEG and PNG; convert it to JPEG or send it as a document",
            Self::Video => "MP4 (H.264 with AAC) and 3GP; convert it to MP4",
            Self::Audio => "AAC, AMR, MP3, M4A and Ogg/Opus; convert it to Ogg/Opus",
            Self::Document => "text, PDF and office files; convert it to PDF or send a link to it",
            Self::Sticker => "WebP of 512 by 512 pixels; send it as an image",
        }
    }
}

/// Why WhatsApp would refuse a file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidMedia {
    #[error("the file is empty; choose another one")]
    Empty,
    #[error("the {kind} has {actual} bytes, WhatsApp takes at most {limit}; {instead}")]
    TooLarge { kind: &'static str, limit: u64, actual: u64, instead: &'static str },
    #[error("WhatsApp does not take `{mime}` as {kind}, only {instead}")]
    Type { kind: &'static str, mime: String, instead: &'static str },
    #[error(
        "a voice note must be mono Ogg/Opus (`audio/ogg`), this is `{mime}`; convert it or send it as an audio file"
    )]
    Voice { mime: String },
    #[error("a document needs a file name, so that the customer's phone can open it")]
    NoName,
    #[error(
        "the file name ends in `.{extension}`, which WhatsApp reads as another type than `{mime}`; rename it"
    )]
    Name { extension: String, mime: String },
}

/// Checks a file that is to go out as `kind`. `mime` may carry parameters (`audio/ogg; codecs=opus`).
pub fn validate_media(
    kind: MediaKind,
    mime: &str,
    size_bytes: u64,
    file_name: Option<&str>,
    is_voice: bool,
) -> Result<(), InvalidMedia> {
    let base = base_type(mime);
    if size_bytes == 0 {
        return Err(InvalidMedia::Empty);
    }
    if is_voice && (kind != MediaKind::Audio || base != "audio/ogg") {
        return Err(InvalidMedia::Voice { mime: shown(mime) });
    }
    if !kind.takes(&base) {
        return Err(InvalidMedia::Type { kind: kind.name(), mime: shown(mime), instead: kind.instead() });
    }
    let limit = kind.size_bytes_max();
    if size_bytes > limit {
        let instead = match kind {
            MediaKind::Document => "send a link to it",
            _ => "make it smaller or send it as a document",
        };
        return Err(InvalidMedia::TooLarge { kind: kind.name(), limit, actual: size_bytes, instead });
    }
    let name = file_name.map(str::trim).filter(|name| !name.is_empty());
    match (kind, name) {
        (MediaKind::Document, None) => Err(InvalidMedia::NoName),
        // An upload gets a name that fits (`upload_name`); a document keeps the one that the customer will see.
        (MediaKind::Document, Some(name)) => name_agrees(name, &base),
        _ => Ok(()),
    }
}

/// The name and the type under which a file is uploaded: Meta goes by the name as much as by the type.
pub fn upload_name(file_name: &str, mime: &str) -> (String, String) {
    let base = base_type(mime);
    if base == "audio/ogg" {
        return ("voice.ogg".to_owned(), "audio/ogg; codecs=opus".to_owned());
    }
    let name: String =
        file_name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(is_plain).collect();
    let name = name.trim_matches(['.', ' ']);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem: String = if stem.is_empty() { "file" } else { stem }.chars().take(80).collect();
    let name = match (extension(name), extensions(&base)) {
        (Some(given), fitting) if fitting.is_empty() || fitting.contains(&given.as_str()) => {
            format!("{stem}.{given}")
        }
        (_, [fitting, ..]) => format!("{stem}.{fitting}"),
        _ => stem,
    };
    (name, base)
}

/// The type without its parameters, in lower case.
fn base_type(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn name_agrees(name: &str, base: &str) -> Result<(), InvalidMedia> {
    let fitting = extensions(base);
    match extension(name) {
        Some(extension) if !fitting.is_empty() && !fitting.contains(&extension.as_str()) => {
            Err(InvalidMedia::Name { extension, mime: shown(base) })
        }
        _ => Ok(()),
    }
}

fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_one = (1..=5).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    is_one.then(|| extension.to_ascii_lowercase())
}

/// The extensions that belong to a type, the usual one first; none where any will do.
fn extensions(base: &str) -> &'static [&'static str] {
    match base {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        "video/mp4" => &["mp4", "m4v"],
        "video/3gpp" => &["3gp", "3gpp"],
        "audio/aac" => &["aac"],
        "audio/amr" => &["amr"],
        "audio/mpeg" => &["mp3"],
        "audio/mp4" => &["m4a", "mp4"],
        "audio/ogg" => &["ogg"],
        "application/pdf" => &["pdf"],
        _ => &[],
    }
}

fn is_plain(c: &char) -> bool {
    !c.is_control() && !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | '%' | ';')
}

/// What a sentence may repeat of somebody else's text.
fn shown(mime: &str) -> String {
    mime.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_whatsapp_would_refuse() {
        use MediaKind::{Audio, Document, Image, Sticker, Video};
        let check = |kind, mime, size, name, is_voice| {
            validate_media(kind, mime, size, name, is_voice).err().map(|error| error.to_string())
        };
        for (kind, mime, size, name, is_voice) in [
            (Image, "image/jpeg", 5 * MIB, None, false),
            (Video, "video/mp4", 16 * MIB, None, false),
            (Audio, "audio/ogg; codecs=opus", 1, None, true),
            (Document, "application/pdf", 100 * MIB, Some("Scheda.PDF"), false),
            (Document, "image/png", 6 * MIB, Some("schermata.png"), false),
            (Document, "text/csv", 1, Some("righe.csv"), false),
            (Sticker, "image/webp", 500 * KIB, None, false),
        ] {
            assert_eq!(check(kind, mime, size, name, is_voice), None, "{kind:?} {mime}");
        }
        for (kind, mime, size, name, is_voice, part) in [
            (Image, "image/jpeg", 0, None, false, "empty"),
            (Image, "image/jpeg", 5 * MIB + 1, None, false, "5242881 bytes, WhatsApp takes at most 5242880"),
            (Image, "image/heic", 1, None, false, "convert it to JPEG"),
            (Image, "image/webp", 1, None, false, "convert it to JPEG"),
            (Video, "video/quicktime", 1, None, false, "convert it to MP4"),
            (Audio, "audio/opus", 1, None, false, "Ogg/Opus"),
            (Audio, "audio/mp4", 1, None, true, "a voice note must be mono Ogg/Opus"),
            (Image, "image/jpeg", 1, None, true, "a voice note must be"),
            (Document, "application/zip", 1, Some("a.zip"), false, "send a link"),
            (Document, "application/pdf", 1, None, false, "needs a file name"),
            (Document, "application/pdf", 1, Some("scheda.mp4"), false, "`.mp4`"),
            (Document, "application/pdf", 100 * MIB + 1, Some("a.pdf"), false, "send a link to it"),
        ] {
            let said = check(kind, mime, size, name, is_voice).unwrap_or_default();
            assert!(said.contains(part), "{kind:?} {mime}: {said}");
        }
    }

    #[test]
    fn names_uploads_so_that_meta_understands_them() {
        for (name, mime, expected, expected_mime) in [
            ("PTT-2026.opus", "audio/ogg", "voice.ogg", "audio/ogg; codecs=opus"),
            ("x.mp4", "audio/ogg; codecs=opus", "voice.ogg", "audio/ogg; codecs=opus"),
            ("foto.webp", "image/jpeg", "foto.jpg", "image/jpeg"),
            ("FOTO.JPEG", "image/jpeg", "FOTO.jpeg", "image/jpeg"),
            ("../../etc/passwd", "text/plain", "passwd", "text/plain"),
            ("C:\\a\\scheda.pdf", "application/pdf", "scheda.pdf", "application/pdf"),
            ("", "image/png", "file.png", "image/png"),
            ("a\"\r\nb.pdf", "application/pdf", "ab.pdf", "application/pdf"),
            ("righe.csv", "text/csv; charset=utf-8", "righe.csv", "text/csv"),
        ] {
            assert_eq!(upload_name(name, mime), (expected.to_owned(), expected_mime.to_owned()), "{name}");
        }
    }
}
