//! `cargo dev chaos …`: breaks the release build on purpose and looks for what was lost.

use anyhow::Result;
use bench::chaos;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Breaks Sportello on purpose and looks for what was lost")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// SIGKILL at random moments under load.
    Kill(chaos::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Kill(options) => chaos::kill(options).await,
    }
}
