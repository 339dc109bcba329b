//! `sportello sandbox …`: the stand-in for WhatsApp, and being its customer from a shell.

use std::{borrow::Cow, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::{Args, Subcommand};
use model::SystemClock;
use sandbox::{Asset, client};

use super::{block_on, kept::Kept, run::StopSignal};
use crate::http::asset;

#[derive(Subcommand)]
pub enum SandboxCommand {
    /// Run the sandbox alone; its webhooks go to --webhook
    Serve(ServeSandbox),
    /// Send something as a customer
    Send(Send),
    /// Show or advance the virtual clock
    Clock(ClockArgs),
    /// Show or set the faults: `--set duplicate=2 --set delay_ms=500`
    Knobs(KnobsArgs),
}

/// Which sandbox is meant.
#[derive(Args)]
struct Which {
    /// The folder of a running `sportello demo`
    #[arg(long, default_value = ".dev")]
    dir: PathBuf,
    /// The sandbox's address, instead of a folder
    #[arg(long)]
    url: Option<String>,
}

impl Which {
    fn url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let url = Kept::read(&self.dir)?.sandbox_url;
        if url.is_empty() {
            anyhow::bail!(
                "no sandbox was started on {}; run `sportello demo --dir {0}` first",
                self.dir.display()
            );
        }
        Ok(url)
    }
}

#[derive(Args)]
pub struct ServeSandbox {
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Keeps chats, files and undelivered webhooks
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where webhooks go
    #[arg(long)]
    webhook: Option<String>,
}

#[derive(Args)]
pub struct Send {
    #[command(flatten)]
    which: Which,
    /// The customer's number: +39…
    #[arg(long)]
    from: String,
    /// text, photo, hd, document, voice, video or sticker
    #[arg(long = "as", default_value = "photo")]
    kind: String,
    /// Send all files at once, as an album
    #[arg(long)]
    album: bool,
    /// The text, or the files' caption
    #[arg(long)]
    text: Option<String>,
    files: Vec<PathBuf>,
}

#[derive(Args)]
pub struct ClockArgs {
    #[command(flatten)]
    which: Which,
    /// Seconds to go forward
    #[arg(long)]
    advance: Option<u64>,
}

#[derive(Args)]
pub struct KnobsArgs {
    #[command(flatten)]
    which: Which,
    /// NAME=VALUE, VALUE as JSON or a word
    #[arg(long)]
    set: Vec<String>,
    /// Back to no faults
    #[arg(long)]
    reset: bool,
}

pub fn run(command: SandboxCommand) -> anyhow::Result<ExitCode> {
    block_on(async {
        match command {
            SandboxCommand::Serve(args) => serve(args).await?,
            SandboxCommand::Send(args) => send(&args).await?,
            SandboxCommand::Clock(args) => println!(
                "{}",
                client::clock(&args.which.url()?, Duration::from_secs(args.advance.unwrap_or(0))).await?
            ),
            SandboxCommand::Knobs(args) => println!("{:#}", knobs(&args).await?),
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn serve(args: ServeSandbox) -> anyhow::Result<()> {
    let stop = StopSignal::listen()?;
    let config = sandbox::Config {
        listen: args.listen,
        dir: args.dir,
        webhook_url: args.webhook,
        page,
        ..sandbox::Config::default()
    };
    let running = sandbox::start(config, Arc::new(SystemClock)).await?;
    println!("the sandbox is ready on {}", running.base_url);
    stop.wait().await;
    running.shutdown().await;
    Ok(())
}

async fn send(args: &Send) -> anyhow::Result<()> {
    if args.files.is_empty() && args.kind != "text" {
        anyhow::bail!("name at least one file, or use `--as text --text …`");
    }
    let what = client::Send {
        from: &args.from,
        way: &args.kind,
        files: &args.files,
        album: args.album,
        text: args.text.as_deref(),
    };
    let ids = client::send(&args.which.url()?, what).await?;
    for id in ids {
        println!("{id}");
    }
    Ok(())
}

async fn knobs(args: &KnobsArgs) -> anyhow::Result<serde_json::Value> {
    let url = args.which.url()?;
    let mut wanted = serde_json::Map::new();
    for pair in &args.set {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| anyhow::anyhow!("`{pair}` has no `=`; write NAME=VALUE"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        wanted.insert(name.to_owned(), value);
    }
    if args.reset {
        client::reset_knobs(&url).await?;
    }
    Ok(client::knobs(&url, wanted).await?)
}

/// The phone page of the same build that holds the console.
pub fn page(path: &str) -> Option<Asset> {
    let path = match path.trim_start_matches('/') {
        "" => "phone.html",
        path => path,
    };
    let file = asset(path)?;
    Some(Asset { content_type: Cow::Borrowed(crate::http::content_type(path)), bytes: file.data })
}
