//! `sportello flow`: an author's tools. None of them needs a server.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;
use flows::{
    check::check,
    engine::{Judged, What},
    format::{Flow, Language},
    graph, library,
    talk::{self, World},
};

use super::{
    analyze, block_on,
    flow_form::{self, FormOfFlow},
};
use crate::config::Config;

#[derive(Subcommand)]
pub enum FlowCommand {
    /// Say everything that is wrong with flow files, each with its line, its column and what to write instead
    Check {
        /// Flow files, or folders with a `flow.yaml`
        #[arg(required = true)]
        flows: Vec<PathBuf>,
    },
    /// Play the conversations in the folder `talks` beside a flow, and show where one goes otherwise than it is written
    Test {
        /// Flow files, or folders with a `flow.yaml`
        #[arg(required = true)]
        flows: Vec<PathBuf>,
        /// Write the conversations as they go now
        #[arg(long)]
        write: bool,
    },
    /// Be the customer in the terminal; pictures are looked at as the desk would
    Run {
        /// A flow file, or the name of a shipped flow
        flow: String,
        /// `en`, `it`, `es`, `pt` or `hi`
        #[arg(long, default_value = "en")]
        language: String,
        /// Where the pictures are that are sent by name
        #[arg(long, default_value = ".")]
        pictures: PathBuf,
    },
    /// Draw a flow: an SVG picture, or Mermaid text
    Graph {
        /// A flow file, or the name of a shipped flow
        flow: String,
        /// The language of what customers read: `en`, `it`, `es`, `pt` or `hi`
        #[arg(long, default_value = "en")]
        language: String,
        /// Print Mermaid text, for a page that draws it itself
        #[arg(long)]
        mermaid: bool,
    },
    /// Print the native form of WhatsApp that a flow offers, or publish it at Meta
    Form(FormOfFlow),
    /// Print the JSON Schema of a flow file, for an editor
    Schema,
    /// Print a shipped flow, to copy and change it; without a name, list them
    Library { name: Option<String> },
}

pub fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    command: &FlowCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        FlowCommand::Check { flows } => check_all(flows),
        FlowCommand::Test { flows, write } => test_all(flows, *write),
        FlowCommand::Run { flow, language, pictures } => {
            let (flow, language) = (open(flow)?, parse_language(language)?);
            let config = config()?;
            block_on(play(config, &flow, language, pictures))
        }
        FlowCommand::Graph { flow, language, mermaid } => {
            let draw = if *mermaid { graph::mermaid } else { graph::svg::svg };
            print!("{}", draw(&open(flow)?, parse_language(language)?));
            Ok(ExitCode::SUCCESS)
        }
        FlowCommand::Form(args) => {
            let (flow, language) = (open(&args.flow)?, parse_language(&args.language)?);
            flow_form::run(config, &flow, language, args)
        }
        FlowCommand::Schema => {
            println!("{}", serde_json::to_string_pretty(&flows::format::schema())?);
            Ok(ExitCode::SUCCESS)
        }
        FlowCommand::Library { name } => shipped(name.as_deref()),
    }
}

fn parse_language(text: &str) -> anyhow::Result<Language> {
    Language::parse(text)
        .ok_or_else(|| anyhow::anyhow!("--language is `{text}`; en, it, es, pt or hi is needed"))
}

/// The file itself, or `flow.yaml` in a folder.
fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("flow.yaml") } else { path.to_owned() }
}

/// Reads and checks a flow; every problem is printed with its place.
fn read(path: &Path) -> anyhow::Result<Option<Flow>> {
    let source =
        std::fs::read_to_string(path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    match check(&source) {
        Ok(flow) => Ok(Some(flow)),
        Err(problems) => {
            for problem in problems {
                println!("{}:{problem}", path.display());
            }
            Ok(None)
        }
    }
}

fn open(flow: &str) -> anyhow::Result<Flow> {
    if let Some((_, source)) = library::SOURCES.iter().find(|(name, _)| *name == flow) {
        return check(source).map_err(|_| anyhow::anyhow!("the shipped flow `{flow}` has problems"));
    }
    let path = file_of(Path::new(flow));
    if !path.exists() {
        anyhow::bail!("`{flow}` is neither a file nor a shipped flow; `sportello flow library` lists those");
    }
    read(&path)?.ok_or_else(|| anyhow::anyhow!("mend these first"))
}

fn check_all(paths: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut is_good = true;
    for path in paths.iter().map(|path| file_of(path)) {
        if let Some(flow) = read(&path)? {
            println!(
                "{}: {} version {}, {} steps, good",
                path.display(),
                flow.flow,
                flow.version,
                flow.steps.0.len()
            );
        } else {
            is_good = false;
        }
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn test_all(paths: &[PathBuf], write: bool) -> anyhow::Result<ExitCode> {
    let (mut played, mut other) = (0, 0);
    for path in paths.iter().map(|path| file_of(path)) {
        let Some(flow) = read(&path)? else {
            other += 1;
            continue;
        };
        let talks = talks_beside(&path)?;
        if talks.is_empty() {
            println!(
                "{}: no conversations; put some as NAME.LANGUAGE.talk into the folder `talks` beside it",
                path.display()
            );
        }
        for (talk, language) in talks {
            played += 1;
            if !test_one(&flow, language, &talk, write)? {
                other += 1;
            }
        }
    }
    println!("{played} conversation(s) played, {other} went otherwise");
    Ok(if other == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The conversations in `talks` beside a flow file, each with its language (`NAME.it.talk`).
fn talks_beside(flow: &Path) -> anyhow::Result<Vec<(PathBuf, Language)>> {
    let folder = flow.parent().unwrap_or(Path::new(".")).join("talks");
    let mut talks = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".talk") else { continue };
        let language =
            stem.rsplit('.').next().and_then(Language::parse).ok_or_else(|| {
                anyhow::anyhow!("{}: name its language, such as NAME.it.talk", path.display())
            })?;
        talks.push((path, language));
    }
    talks.sort();
    Ok(talks)
}

fn test_one(flow: &Flow, language: Language, path: &Path, write: bool) -> anyhow::Result<bool> {
    let written = std::fs::read_to_string(path)?;
    let told = match talk::replay(flow, language, &written) {
        Ok(told) => told,
        Err(problem) => {
            println!("{}:{problem}", path.display());
            return Ok(false);
        }
    };
    if told == written {
        return Ok(true);
    }
    if write {
        std::fs::write(path, told)?;
        println!("{}: written", path.display());
        return Ok(true);
    }
    let (line, was, is) = first_difference(&written, &told);
    println!("{}:{line}: goes otherwise\n  written: {was}\n  now:     {is}", path.display());
    Ok(false)
}

fn first_difference<'a>(written: &'a str, told: &'a str) -> (usize, &'a str, &'a str) {
    let ends = "(the end)";
    let (mut was, mut is) = (written.lines(), told.lines());
    let mut line = 1;
    loop {
        match (was.next(), is.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => return (line, a.unwrap_or(ends), b.unwrap_or(ends)),
        }
    }
}

const HELP: &str = "Write what the customer writes. A line with `:` in front does more:
  :photo FILE   send a picture (:video, :document, :voice alike); it is looked at
  :pick ID      choose an option of the newest question
  :passes 2h    let time go by
  :person       a person takes over
  :quit         leave";

/// Reads lines from the terminal until the conversation is over.
async fn play(config: Config, flow: &Flow, language: Language, pictures: &Path) -> anyhow::Result<ExitCode> {
    let is_terminal = std::io::stdin().is_terminal();
    if is_terminal {
        println!("{HELP}\n");
    }
    let looker = analyze::Looker::open(config)?;
    let mut world = World::new(flow, language);
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let line = line.trim();
        if line == ":quit" {
            break;
        }
        match answer(&mut world, line, pictures, &looker).await {
            Ok(told) => print!("{told}"),
            Err(why) => println!("  ({why})"),
        }
        std::io::stdout().flush()?;
        if world.run.is_over() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn answer(
    world: &mut World<'_>,
    line: &str,
    pictures: &Path,
    looker: &analyze::Looker,
) -> anyhow::Result<String> {
    let Some(doing) = line.strip_prefix(':') else {
        return said(world, &format!("says: {line}"));
    };
    let (word, rest) = doing.split_once(' ').unwrap_or((doing, ""));
    match word {
        "photo" | "video" | "document" | "voice" => send(world, word, rest.trim(), pictures, looker).await,
        "pick" => said(world, &format!("picks: {rest}")),
        "passes" => said(world, &format!("passes: {rest}")),
        "person" => said(world, "person takes over"),
        _ => said(world, doing),
    }
}

fn said(world: &mut World<'_>, line: &str) -> anyhow::Result<String> {
    // What was typed is on the screen already.
    let told = world.line(line).map_err(anyhow::Error::msg)?;
    Ok(told.lines().filter(|line| !line.starts_with('>')).map(|line| format!("{line}\n")).collect())
}

async fn send(
    world: &mut World<'_>,
    kind: &str,
    name: &str,
    pictures: &Path,
    looker: &analyze::Looker,
) -> anyhow::Result<String> {
    let path = pictures.join(name);
    if !path.is_file() {
        anyhow::bail!("there is no file {}", path.display());
    }
    let mut told = said(world, &format!("{kind} {}", name.replace(' ', "_")))?;
    let looked = looker.look(&path).await;
    let Some(analysis) = looked.analysis else {
        anyhow::bail!("{}", looked.error.unwrap_or_else(|| "it could not be looked at".to_owned()));
    };
    let reason = analysis.reason.map(|reason| format!(", {reason:?}")).unwrap_or_default();
    told.push_str(&format!("  ({:?}{reason})\n", analysis.verdict));
    let judged = Judged {
        medium: name.replace(' ', "_").as_str().into(),
        verdict: analysis.verdict,
        reason: analysis.reason,
        side_px: looked.side_px,
        findings: analysis.findings,
        transcript: None,
    };
    told.push_str(&world.tell(What::MediumJudged(judged)));
    Ok(told)
}

fn shipped(name: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(name) = name else {
        for (name, source) in library::SOURCES {
            let about = check(source).map(|flow| flow.about).unwrap_or_default();
            println!("{name:<24} {about}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    match library::SOURCES.iter().find(|(known, _)| *known == name) {
        Some((_, source)) => print!("{source}"),
        None => anyhow::bail!("there is no shipped flow `{name}`; `sportello flow library` lists them"),
    }
    Ok(ExitCode::SUCCESS)
}
