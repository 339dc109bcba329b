//! What recognised lines mean: pure rules over text, each part timed and isolated, and what a policy hides of it.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use analyzers::local::{
    TextLine, consistency, language, meaning,
    personal::{self, MaskPolicy},
    picture_kind::{self, Claim, Evidence, Look},
    text::{self, Runtime},
    worker::{Part, Seen},
};
use media::quality::TextEvidence;
use model::{
    Timestamp,
    finding::{Analysis, Finding, Region},
    redaction::Area,
};

use super::{eyes::Only, since};
use crate::config::Config;

/// The parts that are made of the text.
pub const NEEDS_TEXT: [&str; 5] = ["language", "meaning", "personal", "consistency", "kind"];

#[derive(Clone)]
pub struct Reader {
    policy: MaskPolicy,
    locale: String,
    /// The latest day that it was anywhere when the file came.
    today: Option<String>,
    /// What a person made black, in pixels of the view or of a page.
    redacted: Vec<Region>,
}

impl Reader {
    pub fn of(config: &Config) -> Self {
        let kinds = config.analysis.mask.iter().chain(&config.analysis.never_store).cloned().collect();
        let locale = config.analysis.locale.clone().unwrap_or_else(|| config.server.language.clone());
        Self {
            policy: MaskPolicy { kinds, ..MaskPolicy::default() },
            locale,
            today: None,
            redacted: Vec::new(),
        }
    }

    /// For a file that came then.
    pub fn on(&self, received: Option<Timestamp>) -> Self {
        /// In Kiribati the day begins fourteen hours before it does in Greenwich.
        const AHEAD_MAX: Duration = Duration::from_secs(14 * 60 * 60);
        let day = |at: Timestamp| Some(at.plus(AHEAD_MAX).to_string().get(..10)?.to_owned());
        Self { today: received.and_then(day), ..self.clone() }
    }

    /// For a file of which a person made these boxes black.
    pub fn with_redactions(self, areas: &[Area]) -> Self {
        Self { redacted: areas.iter().map(Area::region).collect(), ..self }
    }

    pub fn redacted(&self) -> impl Iterator<Item = Region> + '_ {
        self.redacted.iter().cloned()
    }

    /// Adds what the workers saw and what it means; says how well the text was read.
    pub async fn add(&self, analysis: &mut Analysis, picture: Picture, only: &Only) -> Option<TextEvidence> {
        let Picture { seen, claim, page } = picture;
        let Seen { lines, findings, look, ms, failed, runtime, .. } = seen;
        analysis.ms.extend(ms);
        analysis.failed.extend(failed);
        let was_read = !analysis.failed.contains_key("text");
        let (reader, only) = (self.clone(), only.clone());
        let draft = analysis.clone();
        let said = Said { lines, findings, look: look.map(|look| (look, claim)), page, runtime };
        let rules = tokio::task::spawn_blocking(move || reader.apply(draft, said, &only));
        match rules.await {
            Ok((done, evidence)) => {
                *analysis = done;
                evidence.filter(|_| was_read)
            }
            Err(error) => {
                analysis.failed.insert("meaning".to_owned(), error.to_string());
                None
            }
        }
    }

    /// Adds what a page of a document says in letters of its own.
    pub async fn add_page(
        &self,
        analysis: &mut Analysis,
        lines: Vec<TextLine>,
        page: Option<u32>,
        only: &Only,
    ) {
        let (reader, only, draft) = (self.clone(), only.clone(), analysis.clone());
        let said = Said { lines, findings: Vec::new(), look: None, page, runtime: Runtime::default() };
        match tokio::task::spawn_blocking(move || reader.apply(draft, said, &only)).await {
            Ok((done, _)) => *analysis = done,
            Err(error) => {
                analysis.failed.insert("meaning".to_owned(), error.to_string());
            }
        }
    }

    fn apply(&self, mut analysis: Analysis, said: Said, only: &Only) -> (Analysis, Option<TextEvidence>) {
        let Said { lines, mut findings, look, page, runtime } = said;
        let evidence = evidence(&lines);
        let tag = self.part(&mut analysis, "language", only, || language::of(&lines)).flatten();
        analysis.language = analysis.language.or(tag.map(str::to_owned));
        let locale = Some(tag.unwrap_or(&self.locale));
        let shown = personal::masked(&lines, locale, &self.policy);
        let meaning = || meant(&lines, &shown, locale);
        findings.extend(self.part(&mut analysis, "meaning", only, meaning).into_iter().flatten());
        let carriers = &mut findings;
        let personal = || {
            let carried: Vec<Finding> =
                carriers.iter_mut().flat_map(|finding| personal::carried(finding, &self.policy)).collect();
            personal::find(&lines, locale).into_iter().chain(carried)
        };
        let personal = self.part(&mut analysis, "personal", only, personal);
        findings.extend(personal.into_iter().flatten());
        if let Some(found) = self.part(&mut analysis, "consistency", only, || {
            consistency::find(&lines, locale, self.today.as_deref())
        }) {
            findings.extend(found);
        }
        if let Some((look, claim)) = look {
            let before = analysis.findings.clone();
            let kind = || kind_of(look, claim, &lines, &findings, &before);
            findings.extend(self.part(&mut analysis, "kind", only, kind));
        }
        findings.retain(|finding| is_wanted(finding, only));
        // What is hidden in the picture is hidden in its text, in what is found in it and in the search.
        if only.wants("text") {
            for line in &shown {
                let gap = if analysis.text.is_empty() { "" } else { "\n" };
                analysis.text.extend([gap, line.text.as_str()]);
            }
            findings.extend(text::findings(&shown, &runtime));
        }
        for finding in &mut findings {
            // What has no place on a page has no region either.
            finding.region = finding.region.take().filter(has_place);
            if let Some(region) = &mut finding.region {
                region.page = region.page.or(page);
            }
        }
        analysis.findings.extend(findings);
        (analysis, evidence)
    }

    /// One part, with its time; a part that panics is named, and the others go on.
    fn part<T>(
        &self,
        analysis: &mut Analysis,
        name: &str,
        only: &Only,
        work: impl FnOnce() -> T,
    ) -> Option<T> {
        if !only.wants(name) {
            return None;
        }
        let began = Instant::now();
        let done = std::panic::catch_unwind(AssertUnwindSafe(work)).ok();
        analysis.ms.insert(name.to_owned(), since(began));
        if done.is_none() {
            analysis.failed.insert(name.to_owned(), "it stumbled over this text".to_owned());
        }
        done
    }

    /// What is painted black, in pixels of the view.
    pub fn hidden(&self, analysis: &Analysis) -> Vec<Region> {
        personal::regions(&analysis.findings, &self.policy)
    }
}

/// What the workers saw on a picture.
pub struct Picture {
    pub seen: Seen,
    /// As what it was sent.
    pub claim: Option<Claim>,
    /// The document's page that it shows, from 1.
    pub page: Option<u32>,
}

/// What was seen or read of a picture or of a page.
struct Said {
    lines: Vec<TextLine>,
    findings: Vec<Finding>,
    /// Of a picture, and as what it was sent.
    look: Option<(Look, Option<Claim>)>,
    page: Option<u32>,
    /// What read the lines.
    runtime: Runtime,
}

/// What the lines mean, as far as they are shown; a machine-readable zone is read where it stands, hidden or not.
fn meant(lines: &[TextLine], shown: &[TextLine], locale: Option<&str>) -> Vec<Finding> {
    let mut found = meaning::find(shown, locale);
    if shown != lines {
        found.retain(|finding| finding.kind != "mrz");
        found.extend(meaning::find(lines, locale).into_iter().filter(|finding| finding.kind == "mrz"));
    }
    found
}

const IDENTITY_NUMBERS: [&str; 4] = ["pii.aadhaar", "pii.id_number", "pii.pan", "pii.passport"];

/// From everything that is known of it by now.
fn kind_of(
    look: Look,
    claim: Option<Claim>,
    lines: &[TextLine],
    found: &[Finding],
    said_before: &[Finding],
) -> Finding {
    let of = |kind: &str| -> Vec<Finding> {
        found.iter().filter(|finding| finding.kind.starts_with(kind)).cloned().collect()
    };
    let screen = said_before.iter().find(|finding| finding.kind == "quality.screen");
    picture_kind::judge(&Evidence {
        look,
        claim,
        lines,
        codes: &of("code."),
        faces: &of("pii.face"),
        has_mrz: found.iter().any(|finding| finding.kind == "mrz"),
        has_identity_number: found.iter().any(|finding| IDENTITY_NUMBERS.contains(&finding.kind.as_str())),
        is_over_exposed: said_before.iter().any(|finding| finding.kind == "quality.overexposed"),
        moire: screen.map(|finding| finding.confidence),
    })
}

/// Codes and faces are looked for when only the kind is asked for; then they are not told.
fn is_wanted(finding: &Finding, only: &Only) -> bool {
    match finding.kind.as_str() {
        kind if kind.starts_with("code.") => only.wants(Part::Codes.name()),
        "pii.face" => only.wants(Part::Faces.name()),
        _ => true,
    }
}

fn has_place(region: &Region) -> bool {
    region.points.iter().flatten().any(|coordinate| *coordinate != 0.0)
}

fn evidence(lines: &[TextLine]) -> Option<TextEvidence> {
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let sum: f32 = lines.iter().map(|line| line.confidence).sum();
    (count > 0).then(|| TextEvidence { lines: u32::from(count), mean_confidence: sum / f32::from(count) })
}
