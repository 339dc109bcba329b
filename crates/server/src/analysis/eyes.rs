//! What looks at a file's pixels: a fresh child decodes them, long-lived workers with the models read them.
//!
//! Shared by the server's jobs and by `sportello analyze`. It never sees a database.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use analyzers::local::{
    picture_kind::Claim,
    tesseract::Tesseract,
    worker::{Limits, Look, Part, Pool, PoolError, Ready, Seen, Settings, Urgency},
};
use media::{Decoder, Pixels, Rendition, forensics, metadata::ChannelKind};
use model::{
    finding::{Analysis, Finding, Region},
    redaction,
};
use tokio::sync::Semaphore;

use super::{Glance, judge, reading, since};
use crate::{
    app,
    clamd::{self, Clamd},
    config::Config,
    error::StartError,
};

/// The longer side of what is read: small print of a large photo is legible, and a worker's memory is bounded.
const SIDE_PX_MAX: u32 = 2_560;
/// A daemon with a large archive needs long; nobody waits for this part.
const SCAN_TIME: Duration = Duration::from_secs(120);

/// The parts that are wanted; all of them when nothing was chosen.
#[derive(Clone, Debug, Default)]
pub struct Only(pub Option<BTreeSet<String>>);

impl Only {
    /// Only what a policy may hide.
    pub fn hidden() -> Self {
        Self(Some(["personal", "codes", "faces"].map(str::to_owned).into()))
    }

    pub fn wants(&self, part: &str) -> bool {
        self.0.as_ref().is_none_or(|parts| parts.contains(part))
    }
}

#[derive(Clone)]
pub struct Eyes {
    decoder: Decoder,
    decoders: Arc<Semaphore>,
    pool: Arc<Pool>,
    pub(super) reader: reading::Reader,
    clamd: Option<Clamd>,
    /// Kinds of personal data that are black before a picture is stored.
    pub(super) never_stored: BTreeSet<String>,
}

/// Everything that was said, and what was made on the way.
pub struct Whole {
    pub analysis: Analysis,
    /// `view_masked` and `thumb_masked` when the policy hides something of a picture; a document's pages, `page-1` and
    /// on, with what it hides painted black.
    pub made: Vec<Rendition>,
    /// The machine failed and not the picture: another try may see more.
    pub passing: Option<String>,
}

impl Eyes {
    pub fn open(config: &Config, decoders: Arc<Semaphore>) -> Result<Self, StartError> {
        let decoder = app::decoder(config)?;
        let settings = Settings {
            exe: decoder.exe.clone(),
            args: vec![WORKER.into()],
            models: config.models_dir(),
            onnxruntime: config.analysis.onnxruntime.clone(),
            workers: config.analysis.workers,
            threads: config.analysis.threads,
            limits: Limits {
                wall_ms: config.analysis.seconds_max.saturating_mul(1_000),
                ..Limits::default()
            },
            tesseract: Tesseract::find(),
            needs_full_confinement: config.media.require_confinement,
        };
        let pool = Pool::new(settings)
            .map_err(|source| StartError::Io { path: "the analysis workers".to_owned(), source })?;
        let size_bytes_max = usize::try_from(config.media.size_bytes_max).unwrap_or(usize::MAX);
        let clamd = |address| Clamd::new(address, SCAN_TIME, size_bytes_max);
        Ok(Self {
            decoder,
            decoders,
            pool: Arc::new(pool),
            reader: reading::Reader::of(config),
            clamd: config.media.clamd.clone().map(clamd),
            never_stored: config.analysis.never_store.iter().cloned().collect(),
        })
    }

    /// Starts a worker and says what it cannot do. Blocking.
    pub fn probe(&self) -> Result<Ready, PoolError> {
        self.pool.probe()
    }

    /// The daemon that knows malware, when there is one.
    pub fn clamd(&self) -> Option<&Clamd> {
        self.clamd.as_ref()
    }

    /// Looks at the file with everything but what the glance said already.
    pub async fn look(&self, bytes: Arc<Vec<u8>>, glance: Glance, only: &Only, urgency: Urgency) -> Whole {
        let reader = self.reader.on(glance.received).with_redactions(&glance.redacted);
        let redacted = glance.redacted.clone();
        let eyes = Self { reader, ..self.clone() };
        let (mut whole, scanned) =
            tokio::join!(eyes.look_at_content(bytes.clone(), glance, only, urgency), self.scan(&bytes, only));
        if let Some((finding, ms)) = scanned {
            whole.analysis.ms.insert(MALWARE.to_owned(), ms);
            whole.analysis.findings.push(finding);
        }
        redaction::redact(&mut whole.analysis, &redacted);
        whole
    }

    /// What the daemon says of the file; an error of its is said as well.
    async fn scan(&self, bytes: &[u8], only: &Only) -> Option<(Finding, u32)> {
        let clamd = self.clamd.as_ref().filter(|_| only.wants(MALWARE) && !bytes.is_empty())?;
        let began = Instant::now();
        let scan = clamd.scan(bytes).await;
        let version = clamd.version().await.unwrap_or_else(|_| "unknown".to_owned());
        Some((clamd::finding(&scan, &version), since(began)))
    }

    async fn look_at_content(
        &self,
        bytes: Arc<Vec<u8>>,
        glance: Glance,
        only: &Only,
        urgency: Urgency,
    ) -> Whole {
        let Glance { mut analysis, measures, claim, .. } = glance;
        let is_picture = measures.is_some();
        if is_picture && only.wants(FORENSICS) {
            self.examine(bytes.clone(), claim, &mut analysis).await;
        }
        let mut whole = Whole { analysis: analysis.clone(), made: Vec::new(), passing: None };
        let Some(measures) = measures else {
            if media::documents::is_readable(media::sniff(&bytes)) && !bytes.is_empty() {
                whole.made = self.read_document(bytes, &mut analysis, only, urgency).await;
                whole.analysis = analysis;
            }
            return whole;
        };
        let parts = self.parts(only);
        if parts.is_empty() {
            return whole;
        }
        let pixels = match self.pixels(bytes.clone(), &mut analysis).await {
            Ok(pixels) => pixels,
            Err((why, is_passing)) => {
                fail(&mut analysis, &parts, &why);
                whole.passing = is_passing.then_some(why);
                whole.analysis = analysis;
                return whole;
            }
        };
        let scale = scale(measures.width.max(measures.height), pixels.width.max(pixels.height));
        match self.read(Look { pixels, parts: parts.clone(), urgency }).await {
            Ok(seen) => {
                let picture = reading::Picture { seen: scaled(seen, scale), claim, page: None };
                let evidence = self.reader.add(&mut analysis, picture, only).await;
                judge(&mut analysis, &measures, evidence);
            }
            Err(error) => {
                fail(&mut analysis, &parts, &error.to_string());
                whole.passing = (!error.is_final()).then(|| error.to_string());
            }
        }
        let hidden = self.reader.hidden(&analysis);
        // Without anything that the policy hides, the view with its black boxes is what everybody sees.
        if !hidden.is_empty() {
            let hidden = hidden.into_iter().chain(self.reader.redacted()).collect();
            whole.made = self.mask(bytes, hidden, &mut analysis).await;
            whole.made.iter_mut().for_each(|rendition| rendition.name.push_str("_masked"));
        }
        whole.analysis = analysis;
        whole
    }

    /// Traces of editing, in a child of its own: whatever happens to it, everything else is said.
    async fn examine(&self, bytes: Arc<Vec<u8>>, claim: Option<Claim>, analysis: &mut Analysis) {
        let channel_kind = match claim {
            Some(Claim::Photo) => ChannelKind::Photo,
            Some(Claim::Document) => ChannelKind::Document,
            None => ChannelKind::Upload,
        };
        // What a messenger compressed anew is not even handed to a child.
        if channel_kind == ChannelKind::Photo {
            return;
        }
        let began = Instant::now();
        let why = match self.decoded(move |decoder| decoder.forensics(&bytes, channel_kind)).await {
            Ok(Ok(Ok(seen))) => {
                analysis.findings.extend(forensics::findings(&seen));
                None
            }
            Ok(Ok(Err(why))) => Some(why.sentence()),
            Ok(Err(error)) => Some(error.sentence()),
            Err(why) => Some(why),
        };
        analysis.ms.insert(FORENSICS.to_owned(), since(began));
        analysis.failed.extend(why.map(|why| (FORENSICS.to_owned(), why)));
    }

    pub(super) fn parts(&self, only: &Only) -> Vec<Part> {
        Part::ALL.iter().copied().filter(|part| self.is_wanted(*part, only)).collect()
    }

    /// Runs the decoder's child, as many at once as the configuration allows.
    pub(super) async fn decoded<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Decoder) -> T + Send + 'static,
    ) -> Result<T, String> {
        let leave = self.decoders.clone().acquire_owned().await.ok();
        let decoder = self.decoder.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _leave = leave;
            work(&decoder)
        });
        done.await.map_err(|error| error.to_string())
    }

    fn is_wanted(&self, part: Part, only: &Only) -> bool {
        only.wants(part.name())
            || part == Part::Text && reading::NEEDS_TEXT.iter().any(|other| only.wants(other))
            || matches!(part, Part::Codes | Part::Faces) && only.wants(Part::Kind.name())
    }

    pub(super) async fn pixels(
        &self,
        bytes: Arc<Vec<u8>>,
        analysis: &mut Analysis,
    ) -> Result<Pixels, (String, bool)> {
        let began = Instant::now();
        let decoded = self.decoded(move |decoder| decoder.pixels(&bytes, SIDE_PX_MAX)).await;
        analysis.ms.insert("pixels".to_owned(), since(began));
        match decoded {
            Ok(Ok(Ok(pixels))) => Ok(pixels),
            Ok(Ok(Err(why))) => Err((why.sentence(), false)),
            Ok(Err(error)) => Err((error.sentence(), !error.is_final())),
            Err(why) => Err((why, true)),
        }
    }

    pub(super) async fn read(&self, look: Look) -> Result<Seen, PoolError> {
        let pool = self.pool.clone();
        tokio::task::spawn_blocking(move || pool.look(look)).await.unwrap_or(Err(PoolError::Closed))
    }

    /// `view` and `thumb` of a picture that is drawn already, with these regions of it black.
    pub async fn painted(&self, bytes: Arc<Vec<u8>>, regions: Vec<Region>) -> Result<Vec<Rendition>, String> {
        match self.decoded(move |decoder| decoder.masked(&bytes, &regions)).await {
            Ok(Ok(Ok(renditions))) => Ok(renditions),
            Ok(Ok(Err(why))) => Err(why.sentence()),
            Ok(Err(error)) => Err(error.sentence()),
            Err(why) => Err(why),
        }
    }

    /// `view` and `thumb` with these regions black.
    ///
    /// A mask that cannot be made is a failed part that people see: the policy asked for it.
    pub(super) async fn mask(
        &self,
        bytes: Arc<Vec<u8>>,
        hidden: Vec<Region>,
        analysis: &mut Analysis,
    ) -> Vec<Rendition> {
        let began = Instant::now();
        let masked = self.painted(bytes, hidden).await;
        analysis.ms.insert("mask".to_owned(), since(began));
        masked.unwrap_or_else(|why| {
            analysis
                .failed
                .insert("mask".to_owned(), format!("personal data could not be made black: {why}"));
            Vec::new()
        })
    }
}

/// The part that asks the daemon.
const MALWARE: &str = "malware";

/// The part that looks for traces of editing.
const FORENSICS: &str = "forensics";

/// The word that makes our own binary a worker.
pub const WORKER: &str = "analysis-worker";

fn fail(analysis: &mut Analysis, parts: &[Part], why: &str) {
    for part in parts {
        analysis.failed.insert(part.name().to_owned(), why.to_owned());
    }
}

fn scale(view: u32, pixels: u32) -> f32 {
    let side = |px: u32| f32::from(u16::try_from(px).unwrap_or(u16::MAX));
    side(view) / side(pixels).max(1.0)
}

/// From pixels of what was read to pixels of what people see.
fn scaled(mut seen: Seen, by: f32) -> Seen {
    let each = |point: &mut [f32; 2]| point.iter_mut().for_each(|c| *c *= by);
    seen.lines.iter_mut().for_each(|line| line.quad.iter_mut().for_each(each));
    seen.look = seen.look.map(|look| look.scaled(by));
    let regions = seen.findings.iter_mut().filter_map(|finding: &mut Finding| finding.region.as_mut());
    regions.for_each(|region| region.points.iter_mut().for_each(each));
    seen
}
