//! `sportello config …`.

use std::{path::Path, process::ExitCode, sync::Arc};

use analyzers::local::text::Runtime;
use clap::Subcommand;
use model::{Clock, SystemClock};
use tokio::sync::Semaphore;

use super::manual;
use crate::{analysis::Eyes, config::Config, guide, outgoing::Receiver};

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Read the configuration and say whether it is right
    Check,
    /// Print an example to begin with
    Example,
    /// Print the JSON Schema, for editors
    Schema,
    /// Print the reference of every setting
    Reference,
}

pub fn run(path: Option<&Path>, command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Check => {
            let config = Config::load(path)?;
            // The files that bots and events need are read, too; nothing is sent.
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let bots = guide::open_bots(&config, &clock)?;
            let events = Receiver::open(&config)?;
            let onnxruntime = onnxruntime(&config)?;
            println!("the configuration is right");
            println!("  data      {}", config.data.dir.display());
            println!("  database  {}", without_password(&config.database_url()));
            println!("  blobs     {}", config.blobs_url());
            match &config.whatsapp {
                Some(whatsapp) => {
                    println!("  whatsapp  {} number(s), {}", whatsapp.numbers.len(), whatsapp.graph_url)
                }
                None => println!("  whatsapp  not configured: no message can come in"),
            }
            if let Some(version) = onnxruntime {
                println!("  text      read with ONNX Runtime {version}");
            }
            for name in bots.keys() {
                println!("  bot       {name}");
            }
            if let Some(receiver) = &events {
                println!("  events    {}", receiver.host());
            }
        }
        ConfigCommand::Example => print!("{}", manual::EXAMPLE),
        ConfigCommand::Schema => println!("{:#}", manual::schema()?),
        ConfigCommand::Reference => print!("{}", manual::reference()?),
    }
    Ok(ExitCode::SUCCESS)
}

/// The version of the library that is to read text, loaded where the server loads it: in a worker.
pub fn onnxruntime(config: &Config) -> anyhow::Result<Option<String>> {
    if !config.analysis.enabled || config.analysis.onnxruntime.is_none() {
        return Ok(None);
    }
    let ready = Eyes::open(config, Arc::new(Semaphore::new(1)))?.probe()?;
    match (ready.why_not_onnxruntime, ready.runtime) {
        (Some(why), _) => anyhow::bail!("{why}"),
        (None, Runtime::OnnxRuntime(version)) => Ok(Some(version)),
        (None, Runtime::Rten) => Ok(None),
    }
}

/// A database url as it may be shown.
pub fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if url.password().is_some() => {
            let _ = url.set_password(Some("…"));
            url.to_string()
        }
        _ => text.to_owned(),
    }
}
