//! `sportello analyze`: the server's own look at files, without a server; or a new look at what a server has stored.

use std::{
    collections::BTreeSet,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use analyzers::local::worker::Urgency;
use clap::Args;
use futures_util::{StreamExt as _, stream};
use model::{
    Clock as _, Ids, SystemClock, Timestamp,
    finding::{Analysis, Finding},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::analysis_runs;
use tokio::sync::Semaphore;

use super::{block_on, check::onnxruntime, operate::opened};
use crate::{
    analysis::{self, Eyes, Glance, Only, Origin},
    config::Config,
    jobs::AnalysisAgain,
};

#[derive(Args)]
pub struct Analyze {
    /// Pictures and documents to look at
    #[arg(required_unless_present_any = ["stored", "progress"])]
    files: Vec<PathBuf>,
    /// One line of JSON a file
    #[arg(long)]
    json: bool,
    /// Only these parts, such as `quality,text,codes`
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Say it as the desk shows it: with bullets for what `analysis.mask` hides
    #[arg(long)]
    masked: bool,
    /// Read text with this library of ONNX Runtime instead of `analysis.onnxruntime`
    #[arg(long, value_name = "LIBRARY", requires = "files")]
    onnxruntime: Option<PathBuf>,
    /// Have the server look at everything it has stored anew, after an upgrade say
    #[arg(long, conflicts_with = "files")]
    stored: bool,
    /// With --stored: only files that came since, such as `2026-11-01T00:00:00Z`
    #[arg(long, requires = "stored")]
    since: Option<String>,
    /// Say how far the new look at what is stored is
    #[arg(long, conflicts_with_all = ["files", "stored"])]
    progress: bool,
}

/// What `--only` knows.
const PARTS: [&str; 12] = [
    "quality",
    "text",
    "language",
    "codes",
    "faces",
    "kind",
    "malware",
    "meaning",
    "personal",
    "consistency",
    "provenance",
    "forensics",
];

pub fn run(mut config: Config, args: &Analyze) -> anyhow::Result<ExitCode> {
    if args.stored {
        return again(&config, args.since.as_deref());
    }
    if args.progress {
        return progress(&config);
    }
    let only = chosen(&args.only)?;
    if !args.masked {
        // Whoever has the file may read it; the policy is for what the desk keeps.
        config.analysis.mask.clear();
        config.analysis.never_store.clear();
    }
    if let Some(library) = &args.onnxruntime {
        config.analysis.onnxruntime = Some(library.clone());
        // Asked for by name, it is not passed over in silence.
        onnxruntime(&config)?;
    }
    let workers = config.analysis.workers;
    block_on(async {
        let looker = Looker::open(config)?;
        let looks = stream::iter(&args.files).map(|path| looker.look_at(path, &only));
        // In the order of the arguments; the next file is decoded while this one is read.
        let mut looks = std::pin::pin!(looks.buffered(workers + 1));
        let mut was_any_read = false;
        while let Some(line) = looks.next().await {
            was_any_read |= line.error.is_none();
            let mut out = std::io::stdout().lock();
            if args.json {
                writeln!(out, "{}", serde_json::to_string(&line)?)?;
            } else {
                write!(out, "{}", line.for_people(std::io::stdout().is_terminal()))?;
            }
        }
        Ok(if was_any_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn chosen(only: &[String]) -> anyhow::Result<Only> {
    if let Some(unknown) = only.iter().find(|part| !PARTS.contains(&part.as_str())) {
        anyhow::bail!("--only has `{unknown}`; it knows {}", PARTS.join(", "));
    }
    let parts: BTreeSet<String> = only.iter().cloned().collect();
    Ok(Only((!parts.is_empty()).then_some(parts)))
}

/// What is said of one file.
#[derive(Serialize)]
struct Line {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// Why it could not be read; what could be said nevertheless stands beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    analysis: Option<Analysis>,
    #[serde(skip)]
    side_px: Option<u32>,
}

/// Looks at files as the server does.
pub struct Looker {
    eyes: Eyes,
    decoder: media::Decoder,
    size_bytes_max: u64,
}

/// What a look at one file found.
pub struct Looked {
    pub error: Option<String>,
    pub analysis: Option<Analysis>,
    /// The shorter side of a picture.
    pub side_px: Option<u32>,
}

impl Looker {
    pub fn open(config: Config) -> anyhow::Result<Self> {
        let eyes = Eyes::open(&config, Arc::new(Semaphore::new(config.media.decoders)))?;
        let decoder = crate::app::decoder(&config)?;
        Ok(Self { eyes, decoder, size_bytes_max: config.media.size_bytes_max })
    }

    /// At everything of it.
    pub async fn look(&self, path: &Path) -> Looked {
        let line = self.look_at(path, &Only::default()).await;
        Looked { error: line.error, analysis: line.analysis, side_px: line.side_px }
    }

    async fn look_at(&self, path: &Path, only: &Only) -> Line {
        look(&self.eyes, self.decoder.clone(), path, only, self.size_bytes_max).await
    }
}

async fn look(eyes: &Eyes, decoder: media::Decoder, path: &Path, only: &Only, limit: u64) -> Line {
    let file = path.display().to_string();
    let bytes = match read(path.to_owned(), limit).await {
        Ok(bytes) => Arc::new(bytes),
        Err(error) => return Line { file, sha256: None, error: Some(error), analysis: None, side_px: None },
    };
    let sha256 = Some(hex::encode(Sha256::digest(bytes.as_slice())));
    let began = Instant::now();
    let given = bytes.clone();
    let inspected = match tokio::task::spawn_blocking(move || decoder.inspect(&given)).await {
        Ok(inspected) => inspected,
        Err(error) => {
            return Line { file, sha256, error: Some(error.to_string()), analysis: None, side_px: None };
        }
    };
    let error = match &inspected {
        Ok(report) => report.why_none.as_ref().map(media::Unrenderable::sentence),
        Err(error) => Some(error.sentence()),
    };
    let side_px = inspected.as_ref().ok().and_then(|report| Some(report.width?.min(report.height?)));
    let mut glance = Glance::of(&inspected, analysis::since(began), None);
    let name = path.file_name().and_then(|name| name.to_str());
    if let Some(report) = inspected.as_ref().ok().filter(|_| only.wants("provenance")) {
        Origin::of_file(name).add(&mut glance.analysis, report);
    }
    if !only.wants("quality") {
        glance.analysis.findings.retain(|finding| finding.analyzer != media::quality::ANALYZER);
    }
    let mut analysis = eyes.look(bytes, glance, only, Urgency::Customer).await.analysis;
    if !only.wants("quality") {
        analysis.findings.retain(|finding| finding.analyzer != media::quality::ANALYZER);
    }
    Line { file, sha256, error, analysis: Some(analysis), side_px }
}

async fn read(path: PathBuf, limit: u64) -> Result<Vec<u8>, String> {
    let size = tokio::fs::metadata(&path).await.map_err(|e| e.to_string())?;
    if !size.is_file() {
        return Err("this is no file; name files, a folder's with FOLDER/*".to_owned());
    }
    if size.len() > limit {
        return Err(format!(
            "too large: {} bytes, at most {limit} are read (media.size_bytes_max)",
            size.len()
        ));
    }
    tokio::fs::read(&path).await.map_err(|e| e.to_string())
}

impl Line {
    fn for_people(&self, is_terminal: bool) -> String {
        let bold =
            |text: &str| if is_terminal { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
        let mut out = format!("{}\n", bold(&plain(&self.file)));
        if let Some(error) = &self.error {
            out.push_str(&format!("  error      {}\n", plain(error)));
        }
        let Some(analysis) = &self.analysis else { return out };
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().replace('_', " ");
        let verdict = serde_json::to_value(analysis.verdict).map(word).unwrap_or_default();
        let reason = analysis.reason.and_then(|reason| serde_json::to_value(reason).ok()).map(word);
        out.push_str(&format!(
            "  verdict    {verdict}{}\n",
            reason.map_or(String::new(), |r| format!(" ({r})"))
        ));
        if let Some(hint) = &analysis.hint {
            out.push_str(&format!("             {hint}\n"));
        }
        if let Some(language) = &analysis.language {
            out.push_str(&format!("  language   {language}\n"));
        }
        for (n, line) in analysis.text.lines().enumerate() {
            let name = if n == 0 { "text" } else { "" };
            out.push_str(&format!("  {name:<10} {}\n", plain(line)));
        }
        for finding in analysis.findings.iter().filter(|finding| finding.kind != "text.line") {
            out.push_str(&told(finding));
        }
        for (part, why) in &analysis.failed {
            out.push_str(&format!("  FAILED     {part}: {}\n", plain(why)));
        }
        let ms: Vec<String> = analysis.ms.iter().map(|(part, ms)| format!("{part} {ms}")).collect();
        out.push_str(&format!("  ms         {}\n", ms.join(", ")));
        out
    }
}

fn told(finding: &Finding) -> String {
    let value = match &finding.value {
        serde_json::Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let percent = (finding.confidence * 100.0).round();
    format!("  {:<26} {} ({percent} %)\n             {}\n", finding.kind, plain(&value), plain(&finding.why))
}

/// What a picture says must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn again(config: &Config, since: Option<&str>) -> anyhow::Result<ExitCode> {
    let since = match since {
        None => Timestamp::default(),
        Some(text) => serde_json::from_value(text.into()).map_err(|_| {
            anyhow::anyhow!("--since is `{text}`; a moment such as 2026-11-01T00:00:00Z is needed")
        })?,
    };
    block_on(async {
        let (desk, _) = opened(config).await?;
        let run = AnalysisAgain::start(&desk, &Ids::from_os(), since, SystemClock.now()).await?;
        println!("{} file(s) are looked at anew, by the server that runs on this database", run.total);
        println!("`sportello analyze --progress` says how far it is");
        Ok(ExitCode::SUCCESS)
    })
}

fn progress(config: &Config) -> anyhow::Result<ExitCode> {
    block_on(async {
        let (desk, _) = opened(config).await?;
        let runs = analysis_runs::list(&desk, 10).await?;
        if runs.is_empty() {
            println!("there was no new look at what is stored");
        }
        for run in runs {
            let state = if run.ended_at.is_some() { "done" } else { "under way" };
            let started = serde_json::to_value(run.started_at)?;
            println!(
                "{}  {} of {}, {} failed  {state}",
                started.as_str().unwrap_or_default(),
                run.done,
                run.total,
                run.failed
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}
