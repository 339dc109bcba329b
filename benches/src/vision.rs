//! How well Sportello looks: the evaluation set through `sportello analyze` and through the alternatives, in one run.
//!
//! `fixtures/evaluation` holds the pictures and the truth; each part below turns answers into scores with 95 %
//! intervals, and `docs/evaluation.md` keeps the last tables.

mod alternatives;
mod answer;
mod bootstrap;
mod codes;
mod entities;
mod forensics;
mod manifest;
mod personal;
mod quality;
mod renditions;
mod report;
mod sportello;
mod tables;
mod text;

use alternatives::Alternative;
use answer::Answer;
use anyhow::Result;
use clap::{Args, ValueEnum};
use manifest::{Picture, Set};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Options {
    /// Only this part.
    #[arg(long)]
    only: Option<Part>,
    /// `held_out` was never looked at while tuning.
    #[arg(long, value_enum, default_value_t = Set::All)]
    set: Set,
    /// Only Sportello, without the alternatives.
    #[arg(long)]
    alone: bool,
    /// The alternatives' answers of the last run, where they cover the set; their times are that run's.
    #[arg(long, conflicts_with = "alone")]
    reuse: bool,
    /// Read the text once more with this library of ONNX Runtime.
    #[arg(long, value_name = "LIBRARY")]
    onnxruntime: Option<PathBuf>,
    /// Put the tables into docs/evaluation.md.
    #[arg(long)]
    write: bool,
    /// Name what was missed, picture by picture.
    #[arg(long)]
    misses: bool,
    /// For `forensics`: a folder with the photographs that crates/media/examples/calibrate/sources.txt names.
    #[arg(long, value_name = "FOLDER")]
    photographs: Option<PathBuf>,
    #[arg(long, default_value = "fixtures/evaluation")]
    fixtures: PathBuf,
    #[arg(long, default_value = "target/bench/vision")]
    cache: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Part {
    Text,
    Codes,
    Quality,
    /// Error codes, amounts, dates …, and the kind of picture.
    Entities,
    Personal,
    Renditions,
    /// Traces of editing, on photographs that are changed on the spot.
    Forensics,
    Speed,
}

/// Sportello's text alone, on the other runtime.
pub const ON_ONNXRUNTIME: &str = "Sportello, ONNX Runtime";

/// Somebody's answers to the whole set, by the pictures' names; or why there are none.
pub struct Reader {
    pub name: &'static str,
    pub answers: Result<HashMap<String, Answer>, String>,
    /// Processor time of the whole run over the number of pictures, where the answers do not tell it themselves.
    pub cpu_ms: Option<f64>,
    pub wall_ms: Option<f64>,
}

impl Reader {
    fn answer(&self, picture: &Picture) -> Option<&Answer> {
        self.answers.as_ref().ok()?.get(&picture.name()).filter(|answer| answer.error.is_none())
    }
}

pub fn run(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.cache)?;
    let pictures = manifest::load(&options.fixtures, options.set)?;
    let bench = Bench { options, pictures, cache: options.cache.canonicalize()? };
    let wanted = |part: Part| options.only.is_none_or(|only| only == part);
    let mut sections = Vec::new();
    let needs_analysis =
        [Part::Text, Part::Codes, Part::Quality, Part::Entities, Part::Personal, Part::Speed];
    if needs_analysis.into_iter().any(wanted) {
        let readers = bench.readers(wanted);
        for part in needs_analysis.into_iter().filter(|part| wanted(*part)) {
            sections.push((part, tables::section(part, &bench.pictures, &readers, options.misses)));
        }
    }
    if wanted(Part::Renditions) {
        sections.push((Part::Renditions, renditions::section(&bench.cache, options.alone)));
    }
    if wanted(Part::Forensics) {
        let section = forensics::section(
            &bench.pictures,
            &options.fixtures,
            options.photographs.as_deref(),
            &bench.cache,
            options.set,
            options.misses,
        );
        sections.push((Part::Forensics, section));
    }
    for (_, section) in &sections {
        println!("{section}\n");
    }
    if options.write {
        report::write(&sections, options.set)?;
    }
    Ok(())
}

/// Whether it is wanted, who does it, and which pictures concern it.
type Task = (bool, &'static Alternative, fn(&Picture) -> bool);

struct Bench<'a> {
    options: &'a Options,
    pictures: Vec<Picture>,
    cache: PathBuf,
}

impl Bench<'_> {
    fn readers(&self, wanted: impl Fn(Part) -> bool) -> Vec<Reader> {
        let mut readers = vec![self.ours()];
        if wanted(Part::Text) || wanted(Part::Speed) {
            readers.extend(self.options.onnxruntime.as_deref().map(|library| self.on_onnxruntime(library)));
        }
        if self.options.alone {
            return readers;
        }
        let reads_text = |picture: &Picture| picture.readable && !picture.lines.is_empty();
        let plan: [Task; 6] = [
            (wanted(Part::Text) || wanted(Part::Speed), &alternatives::RAPIDOCR, reads_text),
            (wanted(Part::Text) || wanted(Part::Speed), &alternatives::TESSERACT_5, reads_text),
            (wanted(Part::Codes), &alternatives::ZXING, |_| true),
            (wanted(Part::Codes), &alternatives::ZBAR, |_| true),
            (wanted(Part::Quality), &alternatives::LAPLACIAN, |_| true),
            (wanted(Part::Personal), &alternatives::PRESIDIO, tables::is_scored_for_personal),
        ];
        for (is_wanted, alternative, concerns) in plan {
            if is_wanted {
                readers.push(Reader {
                    name: alternative.name,
                    answers: self.asked(alternative, &self.files(concerns)),
                    cpu_ms: None,
                    wall_ms: None,
                });
            }
        }
        readers
    }

    fn asked(&self, alternative: &Alternative, files: &[PathBuf]) -> Result<HashMap<String, Answer>, String> {
        let last = if self.options.reuse { alternative.last_answers(&self.cache, files) } else { None };
        if let Some(answers) = last {
            return Ok(answers);
        }
        eprintln!("==> {}", alternative.name);
        alternative.answers(&self.cache, files).map_err(|error| format!("{error:#}"))
    }

    fn ours(&self) -> Reader {
        eprintln!("==> Sportello");
        let files = self.files(|_| true);
        let count = crate::timing::float(files.len());
        match sportello::binary().and_then(|binary| sportello::run(&binary, &files, &[])) {
            Ok(run) => Reader {
                name: "Sportello",
                answers: Ok(run.answers),
                cpu_ms: Some(run.cpu_s * 1_000.0 / count),
                wall_ms: Some(run.wall_s * 1_000.0 / count),
            },
            Err(error) => {
                Reader { name: "Sportello", answers: Err(format!("{error:#}")), cpu_ms: None, wall_ms: None }
            }
        }
    }

    fn on_onnxruntime(&self, library: &Path) -> Reader {
        eprintln!("==> {ON_ONNXRUNTIME}");
        let args = ["--only=text".into(), "--onnxruntime".into(), library.as_os_str().to_owned()];
        let run =
            sportello::binary().and_then(|binary| sportello::run(&binary, &self.files(|_| true), &args));
        let answers = run.map(|run| run.answers).map_err(|error| format!("{error:#}"));
        Reader { name: ON_ONNXRUNTIME, answers, cpu_ms: None, wall_ms: None }
    }

    fn files(&self, concerns: impl Fn(&Picture) -> bool) -> Vec<PathBuf> {
        self.pictures
            .iter()
            .filter(|picture| concerns(picture))
            .map(|picture| self.options.fixtures.join(&picture.file))
            .collect()
    }
}
