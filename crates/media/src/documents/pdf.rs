//! PDF: the text of its pages with its places, the pictures on them, and what the pages look like.
//!
//! Everything is in the child already, so a page that cannot be drawn costs that page: text is read first, then
//! pictures, then previews, each page by itself, until the time is up.

mod page;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page, util::TransformExt},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page as PdfPage},
    kurbo::{Affine, Rect},
    vello_cpu::color::palette::css::WHITE,
};

use super::{Bounds, Document, Page};
use crate::{
    rendition::{Pixels, Spec, VIEW, encode},
    report::Rendition,
};

pub(super) fn read(bytes: &[u8], bounds: &Bounds, started: Instant, document: &mut Document) {
    let pdf = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            document.is_encrypted = true;
            return;
        }
        Err(LoadPdfError::Decryption(_)) => {
            document.is_encrypted = true;
            let why =
                "the PDF is locked in a way that cannot be opened here; ask for a copy without a password";
            document.why_none = Some(why.to_owned());
            return;
        }
        Err(LoadPdfError::Invalid) => {
            let why = "the PDF is damaged or incomplete and was not read; ask for it to be sent again";
            document.why_none = Some(why.to_owned());
            return;
        }
    };
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    document.page_count = Some(count);
    if count == 0 {
        document.why_none = Some("the PDF has no pages; ask for it to be sent again".to_owned());
        return;
    }
    let is_late = || started.elapsed() > Duration::from_millis(bounds.time_ms_max);
    let numbered = || pages.iter().zip(1_u32..);
    let cache = InterpreterCache::new();
    for (page, number) in numbered().take(usize_of(bounds.pages_max)) {
        if is_late() {
            document.cut(|| {
                format!("only the first {} of {count} pages were read: it takes too long", number - 1)
            });
            break;
        }
        contents(page, number, &cache, bounds, document);
    }
    if count > bounds.pages_max {
        document.cut(|| format!("only the first {} of {count} pages were read", bounds.pages_max));
    }
    let cache = RenderCache::new();
    for (page, number) in numbered().take(usize_of(bounds.previews_max)) {
        if is_late() {
            document.cut(|| {
                format!("only the first {} of {count} pages are shown: it takes too long", number - 1)
            });
            break;
        }
        let drawn = catch_unwind(AssertUnwindSafe(|| preview(page, number, &cache)));
        match drawn.ok().flatten() {
            Some(preview) => document.previews.push(preview),
            None => document.cut(|| format!("page {number} is damaged and is not shown")),
        }
    }
    if count > bounds.previews_max && bounds.previews_max > 0 {
        document.cut(|| format!("only the first {} of {count} pages are shown", bounds.previews_max));
    }
}

fn usize_of(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Pixels of the preview for one point of the page; `None` for a page that has no size.
fn scale_of(page: &PdfPage<'_>) -> Option<(f32, u32, u32)> {
    let (width, height) = page.render_dimensions();
    let is_page = |side: f32| side.is_finite() && side > 0.0;
    if !is_page(width) || !is_page(height) {
        return None;
    }
    let scale = f32::from(u16::try_from(VIEW.side_px_max).ok()?) / width.max(height);
    let pixels = |side: f32| to_px(side * scale).clamp(1, VIEW.side_px_max);
    Some((scale, pixels(width), pixels(height)))
}

#[expect(clippy::as_conversions, reason = "a float has no other way to an integer, and this one saturates")]
fn to_px(side: f32) -> u32 {
    side as u32
}

fn contents<'a>(
    page: &PdfPage<'a>,
    number: u32,
    cache: &InterpreterCache<'a>,
    bounds: &Bounds,
    document: &mut Document,
) {
    let Some((scale, width, height)) = scale_of(page) else { return };
    let transform = Affine::scale(f64::from(scale)) * page.initial_transform(true).to_kurbo();
    let target = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut device = page::Reader::new(number, bounds);
    // Whatever was read before a damaged place stays.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let settings = InterpreterSettings::default();
        let mut context = Context::new(transform, target, cache, page.xref(), settings);
        interpret_page(page, &mut context, &mut device);
    }));
    let has_pictures = device.has_pictures();
    let (lines, images) = device.finish(document);
    for line in &lines {
        document.push_text(&line.text, bounds);
        document.push_text("\n", bounds);
    }
    if number > 0 && !lines.is_empty() {
        document.push_text("\n", bounds);
    }
    // The text as a whole is bounded, and so are its places.
    let held: usize = document.pages.iter().map(|p| p.lines.len()).sum();
    let is_full = held >= LINES_MAX && !lines.is_empty();
    if is_full {
        document.cut(|| {
            format!("the text from page {number} on was not searched: there are {held} lines before it")
        });
    }
    let lines = if is_full { Vec::new() } else { lines };
    document.pages.push(Page { number, width, height, has_pictures, lines });
    for image in images {
        document.push_image(image.name, image.bytes, bounds);
    }
}

const LINES_MAX: usize = 20_000;

fn preview<'a>(page: &'a PdfPage<'a>, number: u32, cache: &RenderCache<'a>) -> Option<Rendition> {
    let (scale, ..) = scale_of(page)?;
    let pixmap_settings = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let settings = InterpreterSettings::default();
    let pixmap = hayro::render(page, cache, &settings, &RenderSettings::default(), &pixmap_settings);
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    if width == 0 || height == 0 {
        return None;
    }
    // On white nothing stays transparent, so that premultiplied and plain are the same.
    let rgb = pixmap.data().iter().flat_map(|p| [p.r, p.g, p.b]).collect();
    let encoded =
        encode(Spec { name: "page", side_px_max: VIEW.side_px_max }, &Pixels { width, height, rgb }).ok()?;
    Some(Rendition { name: format!("page-{number}"), ..encoded })
}
