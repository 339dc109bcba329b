//! `cargo dev bench …`: measures the release build on the machine it runs on.

use anyhow::Result;
use bench::{guidance, idle, ingest, looks, media, search, vision};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(about = "Measures Sportello on this machine, beside what it has to be compared with")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Durable webhooks a second, beside a bare Rust handler and a Python receiver.
    Ingest(ingest::Options),
    /// Photos a second from webhook to ready, and the renditions alone beside sharp and libvips.
    Media(media::Options),
    /// From a photo on the desk to advice and to its text: one at a time, and many at once.
    Looks(looks::Options),
    /// From a photo that leaves a customer's phone to our advice on it: one conversation, and many at once.
    Guidance(guidance::Options),
    /// Memory at rest, time to start and the list of tickets, on a full desk.
    Idle(idle::Options),
    /// Searches on a desk with 100,000 tickets and two million messages, on both databases.
    Search(search::Options),
    /// What is read, judged and masked on the evaluation set, beside the alternatives.
    Vision(vision::Options),
    /// The bare Rust handler itself.
    #[command(hide = true)]
    Bound { database: PathBuf },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Ingest(options) => ingest::run(options).await,
        Command::Media(options) => media::run(options).await,
        Command::Looks(options) => looks::run(options).await,
        Command::Guidance(options) => guidance::run(options).await,
        Command::Idle(options) => idle::run(options).await,
        Command::Search(options) => search::run(options).await,
        Command::Vision(options) => vision::run(&options),
        Command::Bound { database } => ingest::bound::serve(&database).await,
    }
}
