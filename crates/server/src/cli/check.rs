//! `sportello config …`.

use std::{path::Path, process::ExitCode, sync::Arc};

use clap::Subcommand;
use model::{Clock, SystemClock};

use super::manual;
use crate::{config::Config, guide, outgoing::Receiver};

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
