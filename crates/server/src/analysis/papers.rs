//! Documents: what is written in them, page by page, and the pictures inside, each looked at like one that was sent.

use std::{sync::Arc, time::Instant};

use analyzers::local::{
    TextLine,
    worker::{Look, Urgency},
};
use media::{
    Rendition,
    documents::{Document, Embedded, Page},
};
use model::finding::{Analysis, Finding, Region};
use serde_json::{Value, json};

use super::{
    eyes::{Eyes, Only},
    reading::Picture,
    since,
};

pub const ANALYZER: &str = "local.documents";
pub const VERSION: &str = "1";
/// A file's text without places: enough for any letter, less than any novel.
const LINES_MAX: usize = 2_000;
/// Pictures inside that are looked at; the first ones tell what the document is about.
const IMAGES_MAX: usize = 8;
/// Pages that are read as pictures, because they have no letters of their own or pictures among them.
const PAGES_MAX: usize = 8;

impl Eyes {
    /// Adds everything that a document says; returns its pages as pictures, with what the policy hides painted black.
    pub(super) async fn read_document(
        &self,
        bytes: Arc<Vec<u8>>,
        analysis: &mut Analysis,
        only: &Only,
        urgency: Urgency,
    ) -> Vec<Rendition> {
        let began = Instant::now();
        let document = self.decoded(move |decoder| decoder.document(&bytes)).await;
        analysis.ms.insert("document".to_owned(), since(began));
        let document = match document {
            Ok(Ok(document)) => document,
            Ok(Err(error)) => {
                analysis.failed.insert("document".to_owned(), error.sentence());
                return Vec::new();
            }
            Err(why) => {
                analysis.failed.insert("document".to_owned(), why);
                return Vec::new();
            }
        };
        if let Some(why) = &document.why_none {
            analysis.failed.insert("document".to_owned(), why.clone());
        }
        analysis.findings.extend(said_of(&document));
        if document.pages.is_empty() {
            analysis.findings.extend(unread_lines(&document.text));
            self.reader.add_page(analysis, plain_lines(&document.text), None, only).await;
        }
        for page in &document.pages {
            self.reader.add_page(analysis, lines(page), Some(page.number), only).await;
        }
        let (mut shown, mut unread, mut looked) = (Vec::new(), Vec::new(), 0);
        for preview in document.previews {
            let Some(page) = number(&preview) else { continue };
            let known = document.pages.iter().find(|known| known.number == page);
            let is_written = known.is_some_and(|known| !known.lines.is_empty());
            let has_pictures = known.is_none_or(|known| known.has_pictures);
            // What stands in a picture on a page has its place on the page only when the page itself is read. Until
            // then nobody knows what has to be black on it.
            if !is_written || has_pictures {
                if looked >= PAGES_MAX {
                    unread.push(page);
                    continue;
                }
                looked += 1;
                let only = if is_written { &Only::hidden() } else { only };
                self.look_at_page(&preview, page, analysis, only, urgency).await;
            }
            shown.push((page, preview));
        }
        analysis.findings.extend(unread_pages(&unread));
        analysis.findings.extend(unread_images(document.images.len()));
        for image in document.images.into_iter().take(IMAGES_MAX) {
            self.look_inside(image, analysis, only, urgency).await;
        }
        self.masked_pages(shown, analysis).await
    }

    async fn look_at_page(
        &self,
        preview: &Rendition,
        page: u32,
        analysis: &mut Analysis,
        only: &Only,
        urgency: Urgency,
    ) {
        let pixels = match self.pixels(Arc::new(preview.bytes.clone()), analysis).await {
            Ok(pixels) => pixels,
            Err((why, _)) => {
                analysis.failed.insert(preview.name.clone(), why);
                return;
            }
        };
        match self.read(Look { pixels, parts: self.parts(only), urgency }).await {
            Ok(mut seen) => {
                seen.look = None;
                self.reader.add(analysis, Picture { seen, claim: None, page: Some(page) }, only).await;
            }
            Err(error) => {
                analysis.failed.insert(preview.name.clone(), error.to_string());
            }
        }
    }

    /// A page whose mask cannot be made is not shown.
    async fn masked_pages(&self, pages: Vec<(u32, Rendition)>, analysis: &mut Analysis) -> Vec<Rendition> {
        let hidden: Vec<Region> =
            self.reader.hidden(analysis).into_iter().chain(self.reader.redacted()).collect();
        let mut shown = Vec::new();
        for (page, preview) in pages {
            let regions: Vec<Region> =
                hidden.iter().filter(|region| region.page == Some(page)).cloned().collect();
            if regions.is_empty() {
                shown.push(preview);
                continue;
            }
            let masked = self.mask(Arc::new(preview.bytes), regions, analysis).await;
            let view = masked.into_iter().find(|rendition| rendition.name == "view");
            shown.extend(view.map(|view| Rendition { name: preview.name, ..view }));
        }
        shown
    }

    /// A picture in a document has no place on a page that we could draw: what is found in it says where it was.
    async fn look_inside(&self, image: Embedded, analysis: &mut Analysis, only: &Only, urgency: Urgency) {
        let name = image.name;
        let pixels = match self.pixels(Arc::new(image.bytes), analysis).await {
            Ok(pixels) => pixels,
            Err((why, _)) => {
                analysis.failed.insert(format!("document {name}"), why);
                return;
            }
        };
        match self.read(Look { pixels, parts: self.parts(only), urgency }).await {
            Ok(mut seen) => {
                for finding in &mut seen.findings {
                    finding.region = None;
                    finding.why = format!("in {name}: {}", finding.why);
                }
                for line in &mut seen.lines {
                    line.quad = [[0.0; 2]; 4];
                }
                seen.look = None;
                self.reader.add(analysis, Picture { seen, claim: None, page: None }, only).await;
            }
            Err(error) => {
                analysis.failed.insert(format!("document {name}"), error.to_string());
            }
        }
    }
}

fn number(preview: &Rendition) -> Option<u32> {
    preview.name.strip_prefix("page-")?.parse().ok()
}

fn said_of(document: &Document) -> Vec<Finding> {
    let mut findings = document.findings.clone();
    if let Some(count) = document.page_count {
        findings.push(finding("document.pages", count.into(), "so many pages, slides or sheets".to_owned()));
    }
    if !document.attachments.is_empty() {
        let names = document.attachments.clone();
        findings.push(finding("document.files", names.into(), "files inside this one".to_owned()));
    }
    findings.extend(document.left_out.iter().map(|why| truncated(true.into(), why.clone())));
    findings
}

fn finding(kind: &str, value: Value, why: String) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value,
        confidence: 1.0,
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

/// Something of the document was left out: whoever relies on it has to open the original.
fn truncated(value: Value, why: String) -> Finding {
    finding("document.truncated", value, format!("{why}; the original has all of it"))
}

/// Lines of a document without pages beyond the ones that are read and shown.
fn unread_lines(text: &str) -> Option<Finding> {
    let count = text.lines().count();
    let rest = count.checked_sub(LINES_MAX).filter(|rest| *rest > 0)?;
    let why = format!(
        "only the first {LINES_MAX} of {count} lines were read and are shown; the other {rest} were neither searched \
         nor shown"
    );
    Some(truncated(json!({ "lines": count, "read": LINES_MAX }), why))
}

/// Pages that are not shown, because nobody looked what has to be black on them.
fn unread_pages(unread: &[u32]) -> Option<Finding> {
    let (first, count) = (unread.first()?, unread.len());
    let why = format!(
        "{count} pages, the first of them page {first}, were neither read nor are they shown: they have pictures or \
         no letters of their own, and {PAGES_MAX} pages at most are read as pictures"
    );
    Some(truncated(json!({ "pages": count, "from": first }), why))
}

fn unread_images(count: usize) -> Option<Finding> {
    let why = format!("only the first {IMAGES_MAX} of {count} pictures inside were looked at one by one");
    (count > IMAGES_MAX).then(|| truncated(json!({ "pictures": count, "read": IMAGES_MAX }), why))
}

fn lines(page: &Page) -> Vec<TextLine> {
    let of = |line: &media::documents::Line| TextLine {
        text: line.text.clone(),
        confidence: 1.0,
        quad: line.quad,
        block: 0,
    };
    page.lines.iter().map(of).collect()
}

/// Without places: a text file has none.
fn plain_lines(text: &str) -> Vec<TextLine> {
    let of = |line: &str| TextLine { text: line.to_owned(), confidence: 1.0, quad: [[0.0; 2]; 4], block: 0 };
    text.lines().take(LINES_MAX).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::{IMAGES_MAX, LINES_MAX, plain_lines, unread_images, unread_lines, unread_pages};

    #[test]
    fn lines_that_are_not_read_are_counted() {
        let text = |lines: usize| "words\n".repeat(lines);
        assert_eq!(unread_lines(&text(LINES_MAX)), None);
        let found = unread_lines(&text(LINES_MAX + 1_512)).unwrap();
        assert_eq!(found.kind, "document.truncated");
        assert_eq!(found.value, serde_json::json!({ "lines": 3_512, "read": 2_000 }));
        assert!(found.why.contains("the other 1512 were neither searched nor shown"), "{}", found.why);
        assert_eq!(plain_lines(&text(LINES_MAX + 1_512)).len(), LINES_MAX);
    }

    #[test]
    fn pages_and_pictures_that_are_not_read_are_counted() {
        assert_eq!(unread_pages(&[]), None);
        let found = unread_pages(&[9, 11]).unwrap();
        assert_eq!(found.value, serde_json::json!({ "pages": 2, "from": 9 }));
        assert!(found.why.contains("nor are they shown"), "{}", found.why);
        assert_eq!(unread_images(IMAGES_MAX), None);
        assert!(unread_images(IMAGES_MAX + 1).unwrap().why.contains("8 of 9 pictures"));
    }
}
