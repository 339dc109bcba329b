//! A device that draws nothing: it keeps the letters with their places, and the pictures.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, RasterImage,
        SoftMask,
        font::{Glyph, GlyphRun},
        hayro_cmap::BfString,
    },
    hayro_syntax::object::ObjectIdentifier,
    kurbo::{Affine, BezPath, Point, Vec2},
};

use super::super::{Bounds, Document, Embedded, Line, is_worthwhile};
use crate::rendition::{Pixels, encode_at};

const LETTERS_MAX: usize = 200_000;
const LINES_MAX: usize = 4_000;
const IMAGES_MAX: usize = 20;
const SEEN_MAX: usize = 1_000;
const IMAGE_PIXELS_MAX: u64 = 25_000_000;
const IMAGE_QUALITY: u8 = 90;
/// Glyphs are placed in thousandths of the font's size.
const UNITS_PER_EM: f64 = 1_000.0;

pub(super) struct Reader<'b> {
    page: u32,
    bounds: &'b Bounds,
    letters: usize,
    lines: Vec<Open>,
    images: Vec<Embedded>,
    seen: Vec<ObjectIdentifier>,
    unread: Unread,
}

/// What was on the page and did not fit.
#[derive(Default)]
struct Unread {
    letters: usize,
    images: usize,
    /// Pictures with too many pixels.
    large: usize,
}

/// A line that is being written: along `along`, from `start` to `end`.
struct Open {
    text: String,
    start: Point,
    end: Point,
    along: Vec2,
    size: f64,
}

impl<'b> Reader<'b> {
    pub fn new(page: u32, bounds: &'b Bounds) -> Self {
        let (lines, images, seen) = (Vec::new(), Vec::new(), Vec::new());
        Self { page, bounds, letters: 0, lines, images, seen, unread: Unread::default() }
    }

    pub const fn has_pictures(&self) -> bool {
        !self.seen.is_empty()
    }

    /// What was read of the page; what was not is told to the document.
    pub fn finish(self, document: &mut Document) -> (Vec<Line>, Vec<Embedded>) {
        let Unread { letters, images, large } = self.unread;
        let page = self.page;
        if letters > 0 {
            document
                .cut(|| format!("{letters} letters of page {page} were not read: there are too many on it"));
        }
        if images > 0 {
            document.cut(|| {
                format!("{images} pictures of page {page} were not taken out: there are too many on it")
            });
        }
        if large > 0 {
            document.cut(|| format!("{large} pictures of page {page} are too large and were not taken out"));
        }
        let lines = self.lines.into_iter().filter(|line| !line.text.trim().is_empty()).map(Open::close);
        (lines.collect(), self.images)
    }

    /// In the order of the page's own program, which is nearly always the reading order. What stands on the same
    /// baseline as the letter before belongs to its line, however far away: a label and its value in a table.
    fn letter(&mut self, said: &str, placed: Affine, advance: f64) {
        let [a, b, c, d, x, y] = placed.as_coeffs();
        let size = Vec2::new(c, d).hypot() * UNITS_PER_EM;
        let along = Vec2::new(a, b);
        let is_placed = [x, y, size, along.hypot()].into_iter().all(f64::is_finite);
        if !is_placed || size < 0.5 || along.hypot() == 0.0 {
            return;
        }
        if self.letters >= LETTERS_MAX {
            self.unread.letters = self.unread.letters.saturating_add(1);
            return;
        }
        self.letters = self.letters.saturating_add(1);
        let width = along.hypot() * advance;
        let along = along / along.hypot();
        let at = Point::new(x, y);
        let end = at + along * width;
        let Some(line) = self.lines.last_mut().filter(|line| line.goes_on(at, along, size)) else {
            let is_space = said.trim().is_empty();
            if self.lines.len() < LINES_MAX && !is_space {
                self.lines.push(Open { text: said.to_owned(), start: at, end, along, size });
            } else if !is_space {
                self.unread.letters = self.unread.letters.saturating_add(1);
            }
            return;
        };
        let gap = (at - line.end).dot(line.along);
        // Bold is sometimes made by writing twice, a hair apart.
        if gap < -0.7 * width && line.text.ends_with(said) && width > 0.0 {
            return;
        }
        if gap > 2.0 * size {
            line.text.push('\t');
        } else if gap > 0.18 * size && !line.text.ends_with([' ', '\t']) {
            line.text.push(' ');
        }
        if !(said == " " && line.text.ends_with([' ', '\t'])) {
            line.text.push_str(said);
        }
        line.end = end;
        line.size = line.size.max(size);
    }

    fn picture(&mut self, image: &RasterImage<'_>) {
        let (width, height) = (image.width(), image.height());
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        let is_small = width.min(height) < self.bounds.image_side_px_min;
        let id = image.stream().obj_id();
        if is_small || self.seen.contains(&id) {
            return;
        }
        // Beyond so many it is not remembered which ones were counted.
        if self.seen.len() < SEEN_MAX {
            self.seen.push(id);
        }
        if pixels > IMAGE_PIXELS_MAX {
            self.unread.large = self.unread.large.saturating_add(1);
            return;
        }
        if self.images.len() >= IMAGES_MAX {
            self.unread.images = self.unread.images.saturating_add(1);
            return;
        }
        let raw = image.stream().raw_data();
        // A photo as its camera made it keeps what its file says of itself.
        let bytes = if raw.starts_with(b"\xFF\xD8\xFF") { Some(raw.into_owned()) } else { encoded(image) };
        if let Some(bytes) = bytes.filter(|b| is_worthwhile(b, self.bounds)) {
            let name = format!("page {}, picture {}", self.page, self.images.len().saturating_add(1));
            self.images.push(Embedded { name, bytes });
        }
    }
}

impl Open {
    /// The letter stands on this line's baseline and not before its end.
    fn goes_on(&self, at: Point, along: Vec2, size: f64) -> bool {
        let step = at - self.end;
        let is_level = along.dot(self.along) > 0.99;
        let is_on_baseline = step.cross(self.along).abs() < 0.35 * self.size.min(size).max(1.0);
        is_level && is_on_baseline && step.dot(self.along) > -1.5 * self.size
    }

    fn close(self) -> Line {
        // By rule of thumb: letters reach 0.8 of the size above the baseline and 0.2 below.
        let up = Vec2::new(self.along.y, -self.along.x) * self.size;
        let corner = |at: Point, share: f64| {
            let at = at + up * share;
            [narrow(at.x), narrow(at.y)]
        };
        Line {
            text: self.text.trim().to_owned(),
            quad: [
                corner(self.start, 0.8),
                corner(self.end, 0.8),
                corner(self.end, -0.2),
                corner(self.start, -0.2),
            ],
        }
    }
}

#[expect(clippy::as_conversions, reason = "a pixel's place needs no more than a float's precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// What is packed as a PDF packs it becomes a JPEG; see-through parts stand on white as on a page.
fn encoded(image: &RasterImage<'_>) -> Option<Vec<u8>> {
    let mut bytes = None;
    image.with_rgba(
        |data, _alpha| {
            let (width, height) = (data.width(), data.height());
            let rgb = match data {
                ImageData::Rgb(rgb) => rgb.data,
                ImageData::Luma(luma) => luma.data.iter().flat_map(|l| [*l, *l, *l]).collect(),
            };
            bytes = encode_at(IMAGE_QUALITY, &Pixels { width, height, rgb }).ok();
        },
        None,
    );
    bytes
}

impl<'a> Device<'a> for Reader<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(drawn) => drawn.advance_width(),
            };
            let advance = f64::from(advance.unwrap_or(500.0));
            let placed = props.transform * glyph.transform();
            match glyph.as_unicode() {
                Some(BfString::Char(c)) => self.letter(c.encode_utf8(&mut [0; 4]), placed, advance),
                Some(BfString::String(said)) => self.letter(&said, placed, advance),
                None => {}
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        if let Image::Raster(image) = image {
            self.picture(&image);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
