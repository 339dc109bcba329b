//! What a file is, by its own first bytes.
//!
//! The sender's word (a name, a MIME type) decides nothing here: a file that calls itself `.jpg` and opens with
//! `<svg` is markup. Whatever a browser might run as a page is [`Family::Markup`], which must never be served inline.

mod containers;
mod markup;

use serde::{Deserialize, Serialize};

/// How many bytes of the file's beginning are enough for [`sniff`]; fewer work, and tell less.
pub const HEAD_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    Image,
    Video,
    Audio,
    Document,
    Archive,
    /// HTML, SVG, XML: a browser may run it, so it is only ever downloaded.
    Markup,
    Unknown,
}

impl Family {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Archive => "archive",
            Self::Markup => "markup",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Sniffed {
    pub mime_type: &'static str,
    pub family: Family,
    /// Without the dot.
    pub extension: &'static str,
}

impl Sniffed {
    /// The entry that [`sniff`] gives for this MIME type; `None` for a type that it never gives.
    pub fn from_mime_type(mime_type: &str) -> Option<Self> {
        ALL.iter().find(|s| s.mime_type == mime_type).copied()
    }

    /// The type that a name with this end (lower-case, without the dot) claims; `None` for one that means nothing here.
    pub fn from_extension(extension: &str) -> Option<Self> {
        let usual = match extension {
            "jpeg" | "jpe" | "jfif" => "jpg",
            "tiff" => "tif",
            "htm" | "xhtml" => "html",
            "heics" => "heic",
            "m4v" => "mp4",
            "oga" => "ogg",
            "docm" | "dotx" | "dotm" => "docx",
            "xlsm" | "xltx" => "xlsx",
            "pptm" | "ppsx" => "pptx",
            "text" | "log" | "csv" => "txt",
            other => other,
        };
        ALL.iter().find(|s| s.extension == usual).copied()
    }
}

const fn entry(family: Family, mime_type: &'static str, extension: &'static str) -> Sniffed {
    Sniffed { mime_type, family, extension }
}

macro_rules! types {
    ($($name:ident = $family:ident, $mime_type:literal, $extension:literal;)*) => {
        $(pub(crate) const $name: Sniffed = entry(Family::$family, $mime_type, $extension);)*
        const ALL: &[Sniffed] = &[$($name),*];
    };
}

types! {
    JPEG = Image, "image/jpeg", "jpg";
    PNG = Image, "image/png", "png";
    GIF = Image, "image/gif", "gif";
    WEBP = Image, "image/webp", "webp";
    HEIC = Image, "image/heic", "heic";
    HEIF = Image, "image/heif", "heif";
    AVIF = Image, "image/avif", "avif";
    TIFF = Image, "image/tiff", "tif";
    BMP = Image, "image/bmp", "bmp";
    JXL = Image, "image/jxl", "jxl";
    ICO = Image, "image/vnd.microsoft.icon", "ico";
    PSD = Image, "image/vnd.adobe.photoshop", "psd";
    MP4 = Video, "video/mp4", "mp4";
    MOV = Video, "video/quicktime", "mov";
    THREE_GP = Video, "video/3gpp", "3gp";
    WEBM = Video, "video/webm", "webm";
    MKV = Video, "video/x-matroska", "mkv";
    AVI = Video, "video/x-msvideo", "avi";
    OGV = Video, "video/ogg", "ogv";
    MPEG = Video, "video/mpeg", "mpg";
    ASF = Video, "video/x-ms-asf", "asf";
    OPUS = Audio, "audio/ogg; codecs=opus", "ogg";
    OGG = Audio, "audio/ogg", "ogg";
    MP3 = Audio, "audio/mpeg", "mp3";
    AAC = Audio, "audio/aac", "aac";
    AMR = Audio, "audio/amr", "amr";
    AMR_WB = Audio, "audio/amr-wb", "awb";
    M4A = Audio, "audio/mp4", "m4a";
    WAV = Audio, "audio/wav", "wav";
    FLAC = Audio, "audio/flac", "flac";
    CAF = Audio, "audio/x-caf", "caf";
    PDF = Document, "application/pdf", "pdf";
    DOCX = Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx";
    XLSX = Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx";
    PPTX = Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx";
    ODT = Document, "application/vnd.oasis.opendocument.text", "odt";
    ODS = Document, "application/vnd.oasis.opendocument.spreadsheet", "ods";
    ODP = Document, "application/vnd.oasis.opendocument.presentation", "odp";
    EPUB = Document, "application/epub+zip", "epub";
    DOC = Document, "application/msword", "doc";
    XLS = Document, "application/vnd.ms-excel", "xls";
    PPT = Document, "application/vnd.ms-powerpoint", "ppt";
    OLE = Document, "application/x-ole-storage", "ole";
    RTF = Document, "application/rtf", "rtf";
    VCARD = Document, "text/vcard", "vcf";
    EML = Document, "message/rfc822", "eml";
    TEXT = Document, "text/plain", "txt";
    ZIP = Archive, "application/zip", "zip";
    RAR = Archive, "application/vnd.rar", "rar";
    SEVEN_ZIP = Archive, "application/x-7z-compressed", "7z";
    GZIP = Archive, "application/gzip", "gz";
    HTML = Markup, "text/html", "html";
    SVG = Markup, "image/svg+xml", "svg";
    XML = Markup, "application/xml", "xml";
    UNKNOWN = Unknown, "application/octet-stream", "bin";
}

/// Names the file by its first bytes ([`HEAD_BYTES`] are enough; the whole file is fine, and no more of it is read).
///
/// Never fails: what has no name is `application/octet-stream`.
pub fn sniff(head: &[u8]) -> Sniffed {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    by_magic(head)
        .or_else(|| containers::riff(head))
        .or_else(|| containers::iso_media(head))
        .or_else(|| containers::ogg(head))
        .or_else(|| containers::matroska(head))
        .or_else(|| containers::zip(head))
        .or_else(|| containers::ole(head))
        // Before markup: a mail with an HTML part names it early, and no browser shows a mail as a page.
        .or_else(|| is_mail(head).then_some(EML))
        .or_else(|| markup::sniff(head))
        .or_else(|| late_pdf(head))
        .or_else(|| weak_magic(head))
        .or_else(|| text(head))
        .unwrap_or(UNKNOWN)
}

/// Whether the file is Ogg Opus with one channel: the only thing WhatsApp plays as a voice note.
pub fn is_mono_opus(bytes: &[u8]) -> bool {
    containers::opus_channels(bytes) == Some(1)
}

/// Signatures at offset 0, long enough to be no accident.
fn by_magic(head: &[u8]) -> Option<Sniffed> {
    const MAGIC: &[(&[u8], Sniffed)] = &[
        (b"\xFF\xD8\xFF", JPEG),
        (b"\x89PNG\r\n\x1A\n", PNG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"II*\0", TIFF),
        (b"MM\0*", TIFF),
        (b"II+\0\x08\0\0\0", TIFF),
        (b"MM\0+\0\x08\0\0", TIFF),
        (b"\0\0\0\x0CJXL \r\n\x87\n", JXL),
        (b"8BPS\0\x01", PSD),
        (b"%PDF-", PDF),
        (b"{\\rtf", RTF),
        (b"Rar!\x1A\x07", RAR),
        (b"7z\xBC\xAF\x27\x1C", SEVEN_ZIP),
        (b"\x1F\x8B\x08", GZIP),
        (b"#!AMR\n", AMR),
        (b"#!AMR-WB\n", AMR_WB),
        (b"ID3\x02", MP3),
        (b"ID3\x03", MP3),
        (b"ID3\x04", MP3),
        (b"ADIF", AAC),
        (b"fLaC", FLAC),
        (b"caff\0\x01", CAF),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", ASF),
        (b"\0\0\x01\xBA", MPEG),
        (b"\0\0\x01\xB3", MPEG),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, sniffed)| *sniffed)
}

/// Two-byte signatures, taken only when the fields behind them make sense: "BMW is a car" is no bitmap.
fn weak_magic(head: &[u8]) -> Option<Sniffed> {
    match *head {
        [b'B', b'M', ..] => {
            let info_header_bytes = u32_le(head, 14)?;
            matches!(info_header_bytes, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124).then_some(BMP)
        }
        [0, 0, 1, 0, count, 0, _, _, _, 0, ..] if count > 0 => Some(ICO),
        [0xFF, 0x0A, ..] => Some(JXL),
        // ADTS: sync word, layer 0, a sampling rate that exists.
        [0xFF, b1, b2, _, ..] if b1 & 0xF6 == 0xF0 && (b2 >> 2) & 0x0F < 13 => Some(AAC),
        // UTF-16 with its mark, a Latin letter first: as MPEG audio it would be of layer I, which nobody writes.
        [0xFF, 0xFE, _, 0, ..] => None,
        // MPEG audio: sync word, no reserved version, layer, bit rate or sampling rate.
        [0xFF, b1, b2, _, ..]
            if b1 & 0xE0 == 0xE0
                && b1 & 0x18 != 0x08
                && b1 & 0x06 != 0
                && !matches!(b2 >> 4, 0 | 15)
                && b2 & 0x0C != 0x0C =>
        {
            Some(MP3)
        }
        _ => None,
    }
}

/// Readers accept a PDF whose header stands within the first 1,024 bytes.
fn late_pdf(head: &[u8]) -> Option<Sniffed> {
    contains(head.get(..1_024).unwrap_or(head), b"%PDF-").then_some(PDF)
}

fn text(head: &[u8]) -> Option<Sniffed> {
    if head.is_empty() {
        return None;
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Some(TEXT);
    }
    // The head may end within a character, but not with more than three bytes of it.
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && e.valid_up_to() > 0,
    };
    let is_control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    if !valid || head.iter().any(is_control) {
        return None;
    }
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let is_vcard = start.get(..11).is_some_and(|s| s.eq_ignore_ascii_case(b"BEGIN:VCARD"));
    Some(if is_vcard { VCARD } else { TEXT })
}

/// A mail opens with fields, three of them such as only mails have (RFC 5322 §3.6).
fn is_mail(head: &[u8]) -> bool {
    const FIELDS: [&str; 9] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "message-id",
        "mime-version",
        "return-path",
        "delivered-to",
    ];
    let mut known = 0_usize;
    for (number, line) in head.split(|b| *b == b'\n').enumerate().take(200) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // An empty line ends the head; an indented one goes on with the field before.
        if line.is_empty() {
            break;
        }
        if number > 0 && matches!(line.first(), Some(b' ' | b'\t')) {
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { return false };
        let name = line.get(..colon).unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') {
            return false;
        }
        known = known.saturating_add(usize::from(FIELDS.iter().any(|f| f.as_bytes() == name.as_slice())));
    }
    known >= 3
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

pub(crate) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

pub(crate) fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))
}

#[cfg(test)]
mod tests;
