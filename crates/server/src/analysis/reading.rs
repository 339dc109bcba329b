//! What recognised lines mean: pure rules over text, each part timed and isolated, and what a policy hides of it.

use std::{panic::AssertUnwindSafe, time::Instant};

use analyzers::local::{
    TextLine, consistency, language, meaning,
    personal::{self, MaskPolicy},
    text,
    worker::Seen,
};
use media::quality::TextEvidence;
use model::finding::{Analysis, Finding, Region};

use super::{eyes::Only, since};
use crate::config::Config;

/// The parts that are made of the text.
pub const NEEDS_TEXT: [&str; 4] = ["language", "meaning", "personal", "consistency"];

#[derive(Clone)]
pub struct Reader {
    policy: MaskPolicy,
    locale: String,
}

impl Reader {
    pub fn of(config: &Config) -> Self {
        let kinds = config.analysis.mask.iter().cloned().collect();
        let locale = config.analysis.locale.clone().unwrap_or_else(|| config.server.language.clone());
        Self { policy: MaskPolicy { kinds, ..MaskPolicy::default() }, locale }
    }

    /// Adds what the workers saw and what it means; says how well the text was read.
    pub async fn add(&self, analysis: &mut Analysis, seen: Seen, only: &Only) -> Option<TextEvidence> {
        let Seen { lines, findings, ms, failed } = seen;
        analysis.ms.extend(ms);
        analysis.failed.extend(failed);
        let was_read = !analysis.failed.contains_key("text");
        let (reader, only) = (self.clone(), only.clone());
        let draft = analysis.clone();
        let rules = tokio::task::spawn_blocking(move || reader.apply(draft, lines, findings, None, &only));
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
        match tokio::task::spawn_blocking(move || reader.apply(draft, lines, Vec::new(), page, &only)).await {
            Ok((done, _)) => *analysis = done,
            Err(error) => {
                analysis.failed.insert("meaning".to_owned(), error.to_string());
            }
        }
    }

    fn apply(
        &self,
        mut analysis: Analysis,
        lines: Vec<TextLine>,
        mut findings: Vec<Finding>,
        page: Option<u32>,
        only: &Only,
    ) -> (Analysis, Option<TextEvidence>) {
        let evidence = evidence(&lines);
        let tag = self.part(&mut analysis, "language", only, || language::of(&lines)).flatten();
        analysis.language = analysis.language.or(tag.map(str::to_owned));
        let locale = Some(tag.unwrap_or(&self.locale));
        if let Some(found) = self.part(&mut analysis, "meaning", only, || meaning::find(&lines, locale)) {
            findings.extend(found);
        }
        if let Some(found) = self.part(&mut analysis, "personal", only, || personal::find(&lines, locale)) {
            findings.extend(found);
        }
        if let Some(found) =
            self.part(&mut analysis, "consistency", only, || consistency::find(&lines, locale))
        {
            findings.extend(found);
        }
        // What is hidden in the picture is hidden in its text, in what is found in it and in the search.
        let lines = personal::masked(&lines, locale, &self.policy);
        if only.wants("text") {
            for line in &lines {
                let gap = if analysis.text.is_empty() { "" } else { "\n" };
                analysis.text.extend([gap, line.text.as_str()]);
            }
            findings.extend(text::findings(&lines));
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

fn has_place(region: &Region) -> bool {
    region.points.iter().flatten().any(|coordinate| *coordinate != 0.0)
}

fn evidence(lines: &[TextLine]) -> Option<TextEvidence> {
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let sum: f32 = lines.iter().map(|line| line.confidence).sum();
    (count > 0).then(|| TextEvidence { lines: u32::from(count), mean_confidence: sum / f32::from(count) })
}
