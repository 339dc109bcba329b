//! What is written on a picture: found (PP-OCR detection), straightened, read (PP-OCR recognition), put in order.
//!
//! Pure Rust on `rten`, or the same networks on [`OnnxRuntime`]; one [`Reader`] holds both networks and reads one
//! picture at a time. It runs in the confined worker; everything a picture can make it do is bounded by [`Limits`].

mod crop;
mod detect;
mod geometry;
mod layout;
mod network;
mod outline;
mod raster;
mod recognize;
mod segments;
mod turn;
mod weights;

use std::time::{Duration, Instant};

use media::Pixels;
use model::finding::{Finding, Region};
use serde::{Deserialize, Serialize};

use self::{detect::Detector, geometry::Quad, network::Network, recognize::Recognizer};
use crate::local::{
    TextLine,
    models::{ModelError, Models, TEXT_DETECTION, TEXT_RECOGNITION},
    onnxruntime::{OnnxRuntime, OnnxRuntimeError},
};

/// Which models and which rules around them: changes whenever the same picture may be read differently.
pub const VERSION: &str = "pp-ocrv6-small/2";

/// What runs the networks. Both read the same; a finding names the one that is not part of this program.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    #[default]
    Rten,
    /// With the version of the library.
    OnnxRuntime(String),
}

impl Runtime {
    /// The version in a finding.
    pub fn version(&self) -> String {
        match self {
            Self::Rten => VERSION.to_owned(),
            Self::OnnxRuntime(version) => format!("{VERSION} on onnxruntime {version}"),
        }
    }
}

/// Finds and reads text. Loading takes a second or less and about 150 MB.
pub struct Reader {
    detector: Detector,
    recognizer: Recognizer,
    limits: Limits,
}

/// What stands on a picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    pub lines: Vec<TextLine>,
    /// So many lines could not surely be read: another script, or too blurred. Some of them are among `lines`.
    pub unread: usize,
}

/// What one picture may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// A larger picture is refused: the caller makes it smaller first.
    pub pixels_max: u64,
    /// The largest lines are read, the rest is left out.
    pub lines_max: usize,
    /// Looked at between batches; a picture that takes longer is not read.
    pub time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels_max: 8_000_000, lines_max: 600, time_max: Duration::from_secs(40) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    OnnxRuntime(#[from] OnnxRuntimeError),
    #[error("the model for {name} cannot be loaded: {what}")]
    Load { name: &'static str, what: String },
    #[error("the picture has {pixels} pixels and at most {limit} are read: make it smaller first")]
    TooLarge { pixels: u64, limit: u64 },
    #[error("reading took too long; a smaller part of the picture would be read")]
    TimedOut,
    #[error("the picture is not {width} times {height} pixels of three bytes")]
    NotAPicture { width: u32, height: u32 },
    #[error("the {name} network gave no answer: {what}")]
    Network { name: &'static str, what: String },
}

/// A found line before it is read: its outline, clockwise from its top left corner as it stands in the picture.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Found {
    quad: Quad,
}

impl Reader {
    /// `threads` work on one picture; they are started here and live as long as the reader.
    pub fn load(models: &Models, threads: usize) -> Result<Self, ReadError> {
        Self::from_bytes(models.read(&TEXT_DETECTION)?, models.read(&TEXT_RECOGNITION)?, threads)
    }

    /// From the files' bytes, for a process that may open no file any more.
    pub fn from_bytes(detection: Vec<u8>, recognition: Vec<u8>, threads: usize) -> Result<Self, ReadError> {
        let pool = network::pool(threads);
        let detector = Detector::new(Network::load(TEXT_DETECTION.name, detection, &pool)?);
        let recognizer = Recognizer::new(Network::load(TEXT_RECOGNITION.name, recognition, &pool)?)?;
        Ok(Self { detector, recognizer, limits: Limits::default() })
    }

    /// The same on a library that was loaded.
    pub fn load_on(library: &OnnxRuntime, models: &Models, threads: usize) -> Result<Self, ReadError> {
        Self::on(library, models.read(&TEXT_DETECTION)?, models.read(&TEXT_RECOGNITION)?, threads)
    }

    /// From the files' bytes, for a process that may open no file any more.
    pub fn on(
        library: &OnnxRuntime,
        detection: Vec<u8>,
        recognition: Vec<u8>,
        threads: usize,
    ) -> Result<Self, ReadError> {
        let pool = network::pool(threads);
        let load = |name, bytes| Network::load_on(library, name, bytes, threads, &pool);
        let detector = Detector::new(load(TEXT_DETECTION.name, detection)?);
        let recognizer = Recognizer::new(load(TEXT_RECOGNITION.name, recognition)?)?;
        Ok(Self { detector, recognizer, limits: Limits::default() })
    }

    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Every line that could be read, in reading order.
    pub fn read(&self, pixels: &Pixels) -> Result<Vec<TextLine>, ReadError> {
        Ok(self.read_page(pixels)?.lines)
    }

    /// The same, with how much could not be read.
    pub fn read_page(&self, pixels: &Pixels) -> Result<Page, ReadError> {
        let until = Instant::now() + self.limits.time_max;
        raster::check(pixels, self.limits.pixels_max)?;
        let brightened = raster::brightened(pixels);
        let pixels = brightened.as_ref().unwrap_or(pixels);
        let mut found = self.detector.find(pixels)?;
        found.truncate(self.limits.lines_max);
        let (read, unread) = turn::read_upright(&self.recognizer, pixels, &found, until)?;
        Ok(Page { lines: layout::in_order(read), unread })
    }
}

/// A finding a line. The regions are in the pixels that were read.
pub fn findings(lines: &[TextLine], runtime: &Runtime) -> Vec<Finding> {
    lines
        .iter()
        .map(|line| Finding {
            kind: "text.line".to_owned(),
            value: line.text.clone().into(),
            confidence: line.confidence,
            region: Some(Region { page: None, points: line.quad.to_vec() }),
            why: format!("letters read here, {:.0} % sure on average", line.confidence * 100.0),
            analyzer: "local.text".to_owned(),
            version: runtime.version(),
        })
        .collect()
}
