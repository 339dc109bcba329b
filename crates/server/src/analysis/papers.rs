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
            self.reader.add_page(analysis, plain_lines(&document.text), None, only).await;
        }
        for page in &document.pages {
            self.reader.add_page(analysis, lines(page), Some(page.number), only).await;
        }
        let mut shown = Vec::new();
        for preview in document.previews {
            let Some(page) = number(&preview) else { continue };
            let is_written = document.pages.iter().any(|p| p.number == page && !p.lines.is_empty());
            let has_pictures =
                document.images.iter().any(|image| image.name.starts_with(&format!("page {page},")));
            // What stands in a picture on a page has its place on the page only when the page itself is read.
            if (!is_written || has_pictures) && shown.len() < PAGES_MAX {
                let only = if is_written { &Only::hidden() } else { only };
                self.look_at_page(&preview, page, analysis, only, urgency).await;
            } else if has_pictures {
                break;
            }
            shown.push((page, preview));
        }
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
        let hidden = self.reader.hidden(analysis);
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
    let finding = |kind: &str, value: serde_json::Value, why: String| Finding {
        kind: kind.to_owned(),
        value,
        confidence: 1.0,
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    };
    let mut findings = document.findings.clone();
    if let Some(count) = document.page_count {
        findings.push(finding("document.pages", count.into(), "so many pages, slides or sheets".to_owned()));
    }
    if !document.attachments.is_empty() {
        let names = document.attachments.clone();
        findings.push(finding("document.files", names.into(), "files inside this one".to_owned()));
    }
    if let Some(truncated) = &document.truncated {
        findings.push(finding("document.truncated", true.into(), truncated.clone()));
    }
    findings
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
