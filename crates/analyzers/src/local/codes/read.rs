//! The decoders behind one shape: a small upright picture in, what is written in it out.
//!
//! They are other people's parsers on hostile pixels: a panic inside one is "nothing read".

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rqrr::PreparedImage;
use rxing::{
    BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, ImmutableReader, Luma8LuminanceSource, RXingResult,
    aztec::AztecReader,
    common::{BitArray, GlobalHistogramBinarizer, HybridBinarizer},
    datamatrix::DataMatrixReader,
    multi::MultipleBarcodeReader,
    oned::{MultiFormatOneDReader, OneDReader},
    pdf417::PDF417Reader,
    qrcode::{QRCodeReader, cpp_port::QrReader},
};

use super::gray::Gray;

/// What a decoder read, in coordinates of the picture it was given.
#[derive(Clone, Debug)]
pub struct Read {
    pub kind: &'static str,
    pub text: String,
    /// As stored, where the decoder says so and it is not the text's own UTF-8.
    pub bytes: Option<Vec<u8>>,
    pub points: Vec<[f32; 2]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matrix {
    Qr,
    /// By the older detector and, for a QR code, by a second library.
    QrAgain,
    Data,
    Aztec,
    Pdf417,
}

/// How grey becomes black and white.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threshold {
    /// By the blocks around.
    Local,
    /// One for all.
    Global,
}

/// Reads codes of two dimensions.
pub fn matrix(gray: &Gray, what: Matrix, threshold: Threshold) -> Vec<Read> {
    catch_unwind(AssertUnwindSafe(|| {
        let (Ok(width), Ok(height)) = (u32::try_from(gray.width), u32::try_from(gray.height)) else {
            return Vec::new();
        };
        let Ok(source) = Luma8LuminanceSource::new(gray.data.clone(), width, height) else {
            return Vec::new();
        };
        let mut reads = match threshold {
            Threshold::Local => with(what, &mut BinaryBitmap::new(HybridBinarizer::new(source))),
            Threshold::Global => with(what, &mut BinaryBitmap::new(GlobalHistogramBinarizer::new(source))),
        };
        if reads.is_empty() && what == Matrix::QrAgain && threshold == Threshold::Local {
            reads = second_library(gray);
        }
        reads
    }))
    .unwrap_or_default()
}

/// Reads a code of one dimension from its bars: `true` is black.
pub fn bars(row: &[bool]) -> Option<Read> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut bits = BitArray::with_capacity(row.len());
        row.iter().for_each(|&bit| bits.appendBit(bit));
        let hints = linear_hints();
        MultiFormatOneDReader::new(&hints).decode_row(0, &bits, &hints).ok().and_then(read)
    }))
    .ok()
    .flatten()
}

fn with<B: Binarizer>(what: Matrix, bitmap: &mut BinaryBitmap<B>) -> Vec<Read> {
    let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let one = |result: rxing::common::Result<RXingResult>| result.map(|result| vec![result]);
    let results = match what {
        Matrix::Qr => {
            hints.PossibleFormats = Some(HashSet::from([BarcodeFormat::QR_CODE]));
            QrReader.decode_multiple_with_hints(bitmap, &hints)
        }
        Matrix::QrAgain => one(QRCodeReader.immutable_decode_with_hints(bitmap, &hints).map(around_finders)),
        Matrix::Data => one(DataMatrixReader.immutable_decode_with_hints(bitmap, &hints)),
        Matrix::Aztec => one(AztecReader.immutable_decode_with_hints(bitmap, &hints)),
        Matrix::Pdf417 => PDF417Reader.decode_multiple_with_hints(bitmap, &hints),
    };
    results.unwrap_or_default().into_iter().filter_map(read).collect()
}

/// This detector tells the middles of the finder patterns: bottom left, top left, top right.
fn around_finders(result: RXingResult) -> RXingResult {
    let [bottom, corner, right, ..] = *result.getPoints() else { return result };
    let opposite = bottom + right - corner;
    // A finder's middle is 3.5 modules from the edge; the middles are apart by the side less 7.
    let out = |point: rxing::Point| point + (point - (bottom + right) * 0.5) * 0.25;
    result.with_point([corner, right, opposite, bottom].map(out).to_vec())
}

fn linear_hints() -> DecodeHints {
    let formats = [
        BarcodeFormat::EAN_13,
        BarcodeFormat::EAN_8,
        BarcodeFormat::UPC_A,
        BarcodeFormat::UPC_E,
        BarcodeFormat::CODE_128,
        BarcodeFormat::CODE_93,
        BarcodeFormat::CODE_39,
        BarcodeFormat::ITF,
    ];
    DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from(formats)),
        ..DecodeHints::default()
    }
}

fn read(result: RXingResult) -> Option<Read> {
    let kind = match result.getBarcodeFormat() {
        BarcodeFormat::QR_CODE => "code.qr",
        BarcodeFormat::DATA_MATRIX => "code.data_matrix",
        BarcodeFormat::AZTEC => "code.aztec",
        BarcodeFormat::PDF_417 => "code.pdf_417",
        BarcodeFormat::EAN_13 => "code.ean_13",
        BarcodeFormat::EAN_8 => "code.ean_8",
        BarcodeFormat::UPC_A => "code.upc_a",
        BarcodeFormat::UPC_E => "code.upc_e",
        BarcodeFormat::CODE_128 => "code.code_128",
        BarcodeFormat::CODE_93 => "code.code_93",
        BarcodeFormat::CODE_39 => "code.code_39",
        BarcodeFormat::ITF => "code.itf",
        _ => return None,
    };
    // The bytes of a QR code are its content; those of the others are code words.
    let raw = result.getRawBytes();
    let bytes =
        (kind == "code.qr" && !raw.is_empty() && raw != result.getText().as_bytes()).then(|| raw.to_vec());
    let points = result.getPoints().iter().map(|point| [point.x, point.y]).collect();
    Some(Read { kind, text: result.getText().to_owned(), bytes, points })
}

fn second_library(gray: &Gray) -> Vec<Read> {
    let mut picture = PreparedImage::prepare_from_greyscale(gray.width, gray.height, |x, y| {
        gray.data.get(y * gray.width + x).copied().unwrap_or_default()
    });
    let mut reads = Vec::new();
    for grid in picture.detect_grids() {
        let mut content = Vec::new();
        if grid.decode_to(&mut content).is_err() {
            continue;
        }
        #[expect(clippy::as_conversions, reason = "a coordinate of a small picture")]
        let points = grid.bounds.iter().map(|point| [point.x as f32, point.y as f32]).collect();
        let (text, bytes) = match String::from_utf8(content) {
            Ok(text) => (text, None),
            Err(error) => (String::new(), Some(error.into_bytes())),
        };
        reads.push(Read { kind: "code.qr", text, bytes, points });
    }
    reads
}
