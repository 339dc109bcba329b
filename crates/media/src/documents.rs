//! What stands in a document: its text, its pages as pictures, and the pictures inside it.
//!
//! Reads bytes from outside: call [`read`] in the confined child only. Nothing of a document is run, fetched or
//! followed; what is too much is left out, and [`Document::left_out`] says what and how much. Every picture inside is handed out
//! as it is, so that it is inspected like one that was sent, in a child of its own.

mod mail;
mod office;
mod pdf;
mod plain;

use std::time::Instant;

use model::finding::Finding;
use serde::{Deserialize, Serialize};

use crate::{
    malice,
    rendition::{VIEW, is_renderable},
    report::Rendition,
    sniff::{self, Family, Sniffed, sniff},
};

/// How much of one document is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Pages that become pictures.
    pub previews_max: u32,
    /// Pages whose text is read.
    pub pages_max: u32,
    pub text_bytes_max: usize,
    pub images_max: usize,
    pub image_bytes_max: usize,
    /// A picture inside with a smaller side is a bullet, a line or a logo.
    pub image_side_px_min: u32,
    /// For everything but the text, which is read first.
    pub time_ms_max: u64,
}

impl Bounds {
    /// For a document whose pages or pictures were too much.
    pub const TEXT_ONLY: Self = Self { previews_max: 0, images_max: 0, ..Self::WHOLE };

    const WHOLE: Self = Self {
        previews_max: 20,
        pages_max: 200,
        text_bytes_max: 1024 * 1024,
        images_max: 40,
        image_bytes_max: 24 * 1024 * 1024,
        image_side_px_min: 64,
        time_ms_max: 8_000,
    };
}

impl Default for Bounds {
    fn default() -> Self {
        Self::WHOLE
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Document {
    pub sniffed: Sniffed,
    /// How many pages, slides or sheets it has; `None` where that means nothing.
    pub page_count: Option<u32>,
    /// Of a PDF, the pages that were read, in order.
    pub pages: Vec<Page>,
    /// Everything that is written in it, in reading order.
    pub text: String,
    /// `page-1`, `page-2`, …: what the pages look like, the longer side 1,600 pixels.
    pub previews: Vec<Rendition>,
    pub images: Vec<Embedded>,
    /// The names of the files inside: a mail's attachments, an archive's members.
    pub attachments: Vec<String>,
    /// What it hides or could do: [`malice::findings`].
    pub findings: Vec<Finding>,
    pub is_encrypted: bool,
    /// What was left out and how much of it, each in a sentence for a person.
    pub left_out: Vec<String>,
    #[serde(skip)]
    unread: Unread,
    /// Why nothing could be read, in a sentence with a way out.
    pub why_none: Option<String>,
}

/// What did not fit, counted while the document is read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Unread {
    text_bytes: usize,
    images: usize,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// Of its preview in pixels, whether or not one was made.
    pub width: u32,
    pub height: u32,
    /// Whether a picture stands on it that is large enough to show something, taken out or not.
    pub has_pictures: bool,
    pub lines: Vec<Line>,
}

/// A line of a page's own text (of a scan: of the text layer that its program put behind the picture).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    /// Clockwise from where the text begins, in pixels of the page's preview.
    pub quad: [[f32; 2]; 4],
}

/// A picture inside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Embedded {
    /// `word/media/image1.png`, `page 3, picture 1`.
    pub name: String,
    /// Behind the header on the wire, not in it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl Document {
    pub(crate) fn new(sniffed: Sniffed) -> Self {
        Self {
            sniffed,
            page_count: None,
            pages: Vec::new(),
            text: String::new(),
            previews: Vec::new(),
            images: Vec::new(),
            attachments: Vec::new(),
            findings: Vec::new(),
            is_encrypted: false,
            left_out: Vec::new(),
            unread: Unread::default(),
            why_none: None,
        }
    }

    /// For a reader that gave up.
    pub(crate) fn damaged(sniffed: Sniffed) -> Self {
        let why =
            "the document is damaged and was not read; ask for it to be sent again, as a PDF or a photo";
        Self { why_none: Some(why.to_owned()), ..Self::new(sniffed) }
    }

    /// Each kind of thing that is left out is told once.
    pub(crate) fn cut(&mut self, why: impl FnOnce() -> String) {
        let why = why();
        if self.left_out.len() < LEFT_OUT_MAX && !self.left_out.contains(&why) {
            self.left_out.push(why);
        }
    }

    /// Says how much text and how many pictures did not fit, which is known only at the end.
    fn count_unread(&mut self, bounds: &Bounds) {
        let Unread { text_bytes, images } = self.unread;
        if text_bytes > 0 {
            let (read, rest) = (bounds.text_bytes_max / 1024, text_bytes.div_ceil(1024));
            self.cut(|| {
                format!("only the first {read} KiB of its text were read, at least {rest} KiB were not")
            });
        }
        if images > 0 {
            let taken = self.images.len();
            self.cut(|| {
                format!("only {taken} of the {} pictures inside were taken out", taken.saturating_add(images))
            });
        }
    }

    fn push_text(&mut self, text: &str, bounds: &Bounds) {
        let room = bounds.text_bytes_max.saturating_sub(self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
            return;
        }
        let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.text.push_str(text.get(..end).unwrap_or_default());
        self.unread.text_bytes = self.unread.text_bytes.saturating_add(text.len().saturating_sub(end));
    }

    /// Whether there is room for the picture; says so when there is none.
    fn push_image(&mut self, name: String, bytes: Vec<u8>, bounds: &Bounds) {
        let held: usize = self.images.iter().map(|i| i.bytes.len()).sum();
        let fits = self.images.len() < bounds.images_max
            && held.saturating_add(bytes.len()) <= bounds.image_bytes_max;
        if fits {
            self.images.push(Embedded { name: short(&name), bytes });
        } else {
            self.unread.images = self.unread.images.saturating_add(1);
        }
    }
}

/// The document's text and pictures, and, when asked for, its pages' previews.
pub fn read(bytes: &[u8], sniffed: Sniffed, bounds: &Bounds) -> Document {
    let started = Instant::now();
    let mut document = Document::new(sniffed);
    document.findings = malice::findings(bytes, sniffed);
    document.is_encrypted = document.findings.iter().any(|f| f.kind == "file.encrypted");
    let is_bomb = document.findings.iter().any(|f| f.kind == "file.archive_bomb");
    match sniffed {
        _ if bytes.is_empty() => {
            document.why_none = Some("the file is empty (0 bytes); ask for it again".to_owned())
        }
        _ if is_bomb => {
            document.why_none = Some(
                "the file would unpack to far more than it is and was not read; do not open it, and ask for a PDF or \
                 a photo of what it shows"
                    .to_owned(),
            );
        }
        sniff::PDF => pdf::read(bytes, bounds, started, &mut document),
        sniff::DOCX | sniff::XLSX | sniff::PPTX => office::open_xml(bytes, bounds, &mut document),
        sniff::ODT | sniff::ODS | sniff::ODP => office::open_document(bytes, bounds, &mut document),
        sniff::ZIP | sniff::EPUB => office::archive(bytes, &mut document),
        sniff::EML => mail::read(bytes, bounds, &mut document),
        sniff::HTML => {
            let html = plain::decoded(bytes);
            document.push_text(&mail_parser::decoders::html::html_to_text(&html), bounds);
        }
        sniff::TEXT | sniff::VCARD => document.push_text(&plain::decoded(bytes), bounds),
        _ if sniffed == sniff::UNKNOWN && plain::is_legacy_text(bytes) => {
            document.push_text(&plain::decoded(bytes), bounds);
        }
        _ => document.why_none = Some(unread(sniffed)),
    }
    document.count_unread(bounds);
    if document.is_encrypted && document.text.is_empty() && document.previews.is_empty() {
        document.why_none = Some(
            "the file is protected by a password and was not read; ask for a copy without one, or for a photo of what \
             it shows"
                .to_owned(),
        );
    }
    document
}

/// What a child says of a document, believed only as far as its shape goes: pictures that are pictures, names of ours,
/// nothing beyond the bounds.
pub(crate) fn checked(mut rest: &[u8], description_bytes: u64, part_bytes: &[u64]) -> Option<Document> {
    let bounds = Bounds::default();
    let mut take = |length: u64| {
        let (part, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        rest = after;
        Some(part)
    };
    let mut document: Document = serde_json::from_slice(take(description_bytes)?).ok()?;
    let (previews, images) = part_bytes.split_at_checked(document.previews.len())?;
    let is_bounded = previews.len() <= usize::try_from(bounds.previews_max).ok()?
        && images.len() == document.images.len()
        && images.len() <= bounds.images_max
        && document.text.len() <= bounds.text_bytes_max
        && document.findings.len() <= FINDINGS_MAX
        && document.attachments.len() <= ATTACHMENTS_MAX
        && document.left_out.len() <= LEFT_OUT_MAX;
    if !is_bounded {
        return None;
    }
    for (preview, length) in document.previews.iter_mut().zip(previews) {
        let bytes = take(*length)?;
        let is_ours = preview.name.strip_prefix("page-").is_some_and(|n| n.parse::<u32>().is_ok())
            && preview.mime_type == sniff::JPEG.mime_type
            && preview.width.max(preview.height) <= VIEW.side_px_max
            && sniff(bytes) == sniff::JPEG;
        if !is_ours {
            return None;
        }
        preview.bytes = bytes.to_vec();
    }
    for (image, length) in document.images.iter_mut().zip(images) {
        let bytes = take(*length)?;
        if !is_renderable(sniff(bytes)) {
            return None;
        }
        (image.name, image.bytes) = (short(&image.name), bytes.to_vec());
    }
    document.attachments.iter_mut().for_each(|name| *name = short(name));
    document.left_out.iter_mut().for_each(|why| *why = short(why));
    rest.is_empty().then_some(document)
}

const FINDINGS_MAX: usize = 100;
const ATTACHMENTS_MAX: usize = 1_000;
const LEFT_OUT_MAX: usize = 16;

/// Whether [`read`] has anything to say of this kind of file beyond its name.
pub fn is_readable(sniffed: Sniffed) -> bool {
    !matches!(sniffed.family, Family::Image | Family::Video | Family::Audio)
}

fn unread(sniffed: Sniffed) -> String {
    match sniffed {
        sniff::DOC | sniff::XLS | sniff::PPT | sniff::OLE | sniff::RTF => format!(
            "{} is an old Office format that is not read here; ask for it as PDF, or for a photo of what it shows",
            sniffed.extension.to_uppercase()
        ),
        sniff::RAR | sniff::SEVEN_ZIP | sniff::GZIP => {
            "archives of this kind are not unpacked here; ask for the files themselves".to_owned()
        }
        _ => format!("{} is not read here; download it, or ask for a PDF or a photo", sniffed.mime_type),
    }
}

/// A name for a person: no control characters, not endless, and where it was cut, an ellipsis.
fn short(name: &str) -> String {
    const CHARS_MAX: usize = 200;
    let mut chars = name.chars().filter(|c| !c.is_control());
    let mut short: String = chars.by_ref().take(CHARS_MAX).collect();
    if chars.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// A picture that is worth to be looked at, by its header.
fn is_worthwhile(bytes: &[u8], bounds: &Bounds) -> bool {
    let sniffed = sniff(bytes);
    let size = match sniffed {
        sniff::PNG => crate::sniff::u32_be(bytes, 16).zip(crate::sniff::u32_be(bytes, 20)),
        sniff::JPEG => crate::metadata::jpeg::dimensions(bytes),
        // The others are seldom enough to be taken without a look.
        _ => Some((u32::MAX, u32::MAX)),
    };
    let is_large = size.is_some_and(|(w, h)| w.min(h) >= bounds.image_side_px_min);
    is_renderable(sniffed) && is_large
}

#[cfg(test)]
mod tests;
