//! What is said of a file: quality at once, from the decoder's own report; then text, codes, meaning and the rest.
//!
//! The same code serves the jobs of the server and `sportello analyze`. Nothing here fails as a whole: a part that
//! fails is named in [`Analysis::failed`] and the others stand.

mod eyes;
mod guard;
mod origin;
mod papers;
mod queue;
mod reading;
mod seen;

use std::{collections::BTreeMap, time::Instant};

use analyzers::local::picture_kind::Claim;
use media::{DecodeError, Hashes, Report, quality};
use model::{
    Timestamp,
    finding::{Analysis, Finding, Reason, Verdict},
    redaction::Area,
};
use store::attachments::Attachment;

pub use self::{
    eyes::{Eyes, Only, WORKER, Whole},
    guard::{Guarded, Unguarded},
    origin::Origin,
    queue::{Leave, Queue},
    seen::{Asked, SeenBefore},
};
use crate::app::App;

/// What was said at first, and what the rest begins with.
#[derive(Clone, Debug)]
pub struct Glance {
    pub analysis: Analysis,
    /// Absent when no picture could be opened.
    pub measures: Option<quality::Measures>,
    /// As what the channel delivered it.
    pub claim: Option<Claim>,
    /// When the file came; `None` for one on this machine's disk.
    pub received: Option<Timestamp>,
    /// What a person made black since.
    pub redacted: Vec<Area>,
}

impl Glance {
    /// From what the confined decoder reported, `ms` after it was asked.
    pub fn of(inspected: &Result<Report, DecodeError>, ms: u32, claim: Option<Claim>) -> Self {
        let mut analysis = empty();
        analysis.ms.insert("decode".to_owned(), ms);
        let report = match inspected {
            Ok(report) => report,
            Err(error) => {
                analysis.failed.insert("decode".to_owned(), error.sentence());
                let analysis = unreadable(analysis, "decoder", &error.sentence());
                return Self { analysis, measures: None, claim, received: None, redacted: Vec::new() };
            }
        };
        if let Some(why) = &report.why_none {
            let analysis = unreadable(analysis, why.as_str(), &why.sentence());
            return Self { analysis, measures: None, claim, received: None, redacted: Vec::new() };
        }
        if let Some(measures) = &report.quality {
            let began = Instant::now();
            judge(&mut analysis, measures, None);
            analysis.ms.insert("quality".to_owned(), since(began));
        }
        Self { analysis, measures: report.quality.clone(), claim, received: None, redacted: Vec::new() }
    }

    /// The same of a file that a message brought then.
    pub fn received_at(self, received: Timestamp) -> Self {
        Self { received: Some(received), ..self }
    }

    /// The same of a file of which these boxes were made black.
    pub fn redacted_by(self, redacted: Vec<Area>) -> Self {
        Self { redacted, ..self }
    }

    /// What would be said, could every word in the picture be read: what is wrong then, no reading mends.
    pub fn at_best(&self) -> Analysis {
        let mut analysis = self.analysis.clone();
        if let Some(measures) = &self.measures {
            judge(&mut analysis, measures, Some(quality::TextEvidence::BEST));
        }
        analysis
    }
}

/// As what the customer's message brought it.
pub fn claim(attachment: &Attachment) -> Option<Claim> {
    match attachment.kind.as_str() {
        "image" | "sticker" => Some(Claim::Photo),
        "document" => Some(Claim::Document),
        _ => None,
    }
}

/// Whether anything is said of this file: it is a customer's, and a picture, a document or,
/// where a daemon looks for malware, anything else.
pub fn is_looked_at(app: &App, attachment: &Attachment) -> bool {
    let is_seen = matches!(attachment.kind.as_str(), "image" | "sticker" | "document")
        || attachment.mime_type.as_deref().is_some_and(|mime| mime.starts_with("image/"));
    let is_wanted = app.config.analysis.enabled && (is_seen || app.eyes.clamd().is_some());
    is_wanted && attachment.contact_id.is_some()
}

/// The perceptual hashes as they are stored; `None` when the picture has too little in it to be told by it.
pub fn stored_hash(hashes: &Hashes) -> Option<Vec<u8>> {
    (hashes.quality >= media::hash::QUALITY_MIN).then(|| seen::bytes(hashes))
}

fn empty() -> Analysis {
    Analysis {
        verdict: Verdict::Usable,
        reason: None,
        hint: None,
        text: String::new(),
        language: None,
        ms: BTreeMap::new(),
        failed: BTreeMap::new(),
        findings: Vec::new(),
    }
}

/// Whole milliseconds since then.
pub fn since(began: Instant) -> u32 {
    u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX)
}

/// Puts the verdict by these measures in the place of the one before: text that was read well can raise it.
fn judge(analysis: &mut Analysis, measures: &quality::Measures, text: Option<quality::TextEvidence>) {
    let (verdict, reason, findings) = quality::judge(measures, text);
    analysis.findings.retain(|finding| finding.analyzer != quality::ANALYZER);
    analysis.verdict = verdict;
    analysis.reason = reason;
    analysis.hint = reason.map(|reason| quality::hint(reason).to_owned());
    analysis.findings.splice(0..0, findings);
}

fn unreadable(mut analysis: Analysis, what: &str, sentence: &str) -> Analysis {
    analysis.verdict = Verdict::Retake;
    analysis.reason = Some(Reason::Unreadable);
    analysis.hint = Some(quality::hint(Reason::Unreadable).to_owned());
    analysis.findings.push(Finding {
        kind: "quality.unreadable".to_owned(),
        value: what.into(),
        confidence: 1.0,
        region: None,
        why: sentence.to_owned(),
        analyzer: quality::ANALYZER.to_owned(),
        version: quality::VERSION.to_owned(),
    });
    analysis
}
