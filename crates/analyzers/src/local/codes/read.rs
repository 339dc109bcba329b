//! The decoders behind one shape: a small upright picture in, what is written in it out.
//!
//! They are other people's parsers on hostile pixels: a panic inside one is "nothing read", and so is what the C++
//! one throws. It runs where nothing is at hand: in the confined worker ([`super::super::worker`]), which was given
//! pixels and no file.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rxing::{
    BarcodeFormat as LineFormat, DecodeHints,
    common::BitArray,
    oned::{MultiFormatOneDReader, OneDReader},
};
use zxingcpp::{Barcode, BarcodeFormat, BarcodeReader, Binarizer, ImageFormat, ImageView, PointI, TextMode};

use super::{CODES_MAX, bars::Line, gray::Gray};

/// Formats are named one by one: every other one costs time and could be invented.
pub const MATRICES: &[BarcodeFormat] = &[
    BarcodeFormat::QRCodeModel2,
    BarcodeFormat::DataMatrix,
    BarcodeFormat::AztecCode,
    BarcodeFormat::PDF417,
];
/// Without the one that is stacked bars.
pub const SQUARES: &[BarcodeFormat] =
    &[BarcodeFormat::QRCodeModel2, BarcodeFormat::DataMatrix, BarcodeFormat::AztecCode];
/// With those of bars.
pub const ALL: &[BarcodeFormat] = &[
    BarcodeFormat::QRCodeModel2,
    BarcodeFormat::DataMatrix,
    BarcodeFormat::AztecCode,
    BarcodeFormat::PDF417,
    BarcodeFormat::EAN13,
    BarcodeFormat::EAN8,
    BarcodeFormat::UPCA,
    BarcodeFormat::UPCE,
    BarcodeFormat::Code128,
    BarcodeFormat::Code93,
    BarcodeFormat::Code39,
    BarcodeFormat::ITF,
];
/// Lines across bars that must agree: with two, one wrong number in a hundred damaged codes got through, with six one in
/// five hundred, and no right one less was read.
const LINES_MIN: i32 = 6;
/// The largest QR code holds 7,089 digits. What says it holds more is not believed.
const CONTENT_BYTES_MAX: usize = 7_089;

/// What a decoder read, in coordinates of the picture it was given.
#[derive(Clone, Debug)]
pub struct Read {
    pub kind: &'static str,
    pub text: String,
    /// As stored, where it is not the text's own UTF-8.
    pub bytes: Option<Vec<u8>>,
    /// Clockwise.
    pub quad: [[f32; 2]; 4],
    /// How many lines across the bars agreed; `None` for a code with its own error correction.
    pub lines: Option<usize>,
}

/// How grey becomes black and white.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Threshold {
    /// By the blocks around.
    #[default]
    Local,
    /// One for all.
    Global,
}

/// What is tried beside the picture as it is.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tries {
    pub turned: bool,
    pub inverted: bool,
    pub smaller: bool,
    pub threshold: Threshold,
}

/// Every code of these formats that stands in the picture.
pub fn picture(gray: &Gray, formats: &[BarcodeFormat], tries: Tries) -> Vec<Read> {
    catch_unwind(AssertUnwindSafe(|| {
        let Ok(view) = ImageView::from_slice(&gray.data, gray.width, gray.height, ImageFormat::Lum) else {
            return Vec::new();
        };
        let reader = BarcodeReader::new()
            .formats(formats)
            .try_harder(true)
            .try_rotate(tries.turned)
            .try_invert(tries.inverted)
            .try_downscale(tries.smaller)
            .binarizer(match tries.threshold {
                Threshold::Local => Binarizer::LocalAverage,
                Threshold::Global => Binarizer::GlobalHistogram,
            })
            .text_mode(TextMode::Plain)
            .min_line_count(LINES_MIN)
            .max_number_of_symbols(i32::try_from(CODES_MAX).unwrap_or(1));
        reader.from(&view).unwrap_or_default().iter().take(CODES_MAX).filter_map(of_barcode).collect()
    }))
    .unwrap_or_default()
}

fn of_barcode(barcode: &Barcode) -> Option<Read> {
    let kind = match barcode.format() {
        BarcodeFormat::QRCode | BarcodeFormat::QRCodeModel2 => "code.qr",
        BarcodeFormat::DataMatrix => "code.data_matrix",
        BarcodeFormat::Aztec | BarcodeFormat::AztecCode => "code.aztec",
        BarcodeFormat::PDF417 | BarcodeFormat::CompactPDF417 => "code.pdf_417",
        BarcodeFormat::EAN13 => "code.ean_13",
        BarcodeFormat::EAN8 => "code.ean_8",
        BarcodeFormat::UPCA => "code.upc_a",
        BarcodeFormat::UPCE => "code.upc_e",
        BarcodeFormat::Code128 => "code.code_128",
        BarcodeFormat::Code93 => "code.code_93",
        BarcodeFormat::Code39 => "code.code_39",
        BarcodeFormat::ITF => "code.itf",
        _ => return None,
    };
    let content = barcode.bytes();
    if !barcode.is_valid() || content.is_empty() || content.len() > CONTENT_BYTES_MAX {
        return None;
    }
    // A text ends at a zero byte on its way here; the bytes do not.
    let text = if content.contains(&0) { String::new() } else { barcode.text() };
    let bytes = (content != text.as_bytes()).then_some(content);
    let (kind, text) = as_printed(kind, text, barcode);
    let place = barcode.position();
    #[expect(clippy::as_conversions, reason = "a coordinate within a picture of bounded sides")]
    let quad = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
        .map(|PointI { x, y }| [x as f32, y as f32]);
    let is_bars = !matches!(kind, "code.qr" | "code.data_matrix" | "code.aztec" | "code.pdf_417");
    let lines = is_bars.then(|| usize::try_from(barcode.line_count()).unwrap_or(1));
    Some(Read { kind, text, bytes, quad, lines })
}

/// The number under the bars. The decoder tells all of them as the thirteen digits that they stand for.
fn as_printed(kind: &'static str, text: String, barcode: &Barcode) -> (&'static str, String) {
    match kind {
        "code.ean_13" | "code.upc_a" => match text.strip_prefix('0') {
            Some(twelve) if text.len() == 13 => ("code.upc_a", twelve.to_owned()),
            _ => (kind, text),
        },
        "code.upc_e" => {
            (kind, Some(barcode.extra_with_key("UPCE")).filter(|short| !short.is_empty()).unwrap_or(text))
        }
        _ => (kind, text),
    }
}

/// A second decoder, for bars: reads one line of them, `true` is black.
pub fn line(row: &[bool]) -> Option<Line> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut bits = BitArray::with_capacity(row.len());
        row.iter().for_each(|&bit| bits.appendBit(bit));
        let hints = line_hints();
        let result = MultiFormatOneDReader::new(&hints).decode_row(0, &bits, &hints).ok()?;
        let kind = match result.getBarcodeFormat() {
            LineFormat::EAN_13 => "code.ean_13",
            LineFormat::EAN_8 => "code.ean_8",
            LineFormat::UPC_A => "code.upc_a",
            LineFormat::UPC_E => "code.upc_e",
            LineFormat::CODE_128 => "code.code_128",
            LineFormat::CODE_93 => "code.code_93",
            LineFormat::CODE_39 => "code.code_39",
            LineFormat::ITF => "code.itf",
            _ => return None,
        };
        let ends = result.getPoints().iter().map(|point| point.x).collect();
        Some(Line { kind, text: result.getText().to_owned(), ends })
    }))
    .ok()
    .flatten()
}

fn line_hints() -> DecodeHints {
    let formats = [
        LineFormat::EAN_13,
        LineFormat::EAN_8,
        LineFormat::UPC_A,
        LineFormat::UPC_E,
        LineFormat::CODE_128,
        LineFormat::CODE_93,
        LineFormat::CODE_39,
        LineFormat::ITF,
    ];
    DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from(formats)),
        ..DecodeHints::default()
    }
}
