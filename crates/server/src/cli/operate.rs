//! Commands for whoever runs the desk: keys, quarantine, jobs, backups.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Subcommand};
use model::{Clock as _, Ids, SystemClock, ids::JobId};
use store::{
    inbox::Outcome,
    jobs as queue, keys as key_store,
    migrate::{self as steps, Schema},
};

use super::{
    block_on,
    form_keys::{self, FormKeysCommand},
};
use crate::{app, backup as copies, config::Config, serve::Roles};

#[derive(Subcommand)]
pub enum InboxCommand {
    /// List quarantined webhooks
    List {
        /// Print their bodies as well (they hold what customers wrote)
        #[arg(long)]
        bodies: bool,
    },
    /// Read quarantined webhooks again: all, or the given numbers. The server must be stopped on SQLite
    Replay { ids: Vec<i64> },
}

#[derive(Subcommand)]
pub enum JobsCommand {
    /// List jobs
    List {
        /// ready, running or dead
        #[arg(long, default_value = "dead")]
        state: String,
    },
    /// Run dead jobs again: all, or the given ones
    Retry { ids: Vec<String> },
}

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a new master key and seal every contact's key under it. The server must be stopped
    Rotate,
    /// The keys under which phones seal filled forms of WhatsApp for our endpoint
    #[command(subcommand)]
    Forms(FormKeysCommand),
}

#[derive(Args)]
pub struct Backup {
    /// An empty or absent folder
    #[arg(long)]
    to: PathBuf,
    /// Copy the master key too. Without it the copy is safe to store anywhere, and useless without the key
    #[arg(long)]
    with_master_key: bool,
}

#[derive(Args)]
pub struct Restore {
    #[arg(long)]
    from: PathBuf,
}

#[derive(Args)]
pub struct Seed {
    #[arg(long, default_value_t = 100_000)]
    tickets: u32,
}

pub fn migrate(config: Config) -> anyhow::Result<ExitCode> {
    block_on(async {
        std::fs::create_dir_all(&config.data.dir)?;
        let (desk, inbox) = app::open_databases(&config).await?;
        let now = SystemClock.now();
        let taken =
            steps::run(&desk, Schema::Desk, now).await? + steps::run(&inbox, Schema::Inbox, now).await?;
        println!("{taken} step(s) taken; the database is at this version");
        Ok(ExitCode::SUCCESS)
    })
}

/// Databases whose schema is this version's.
pub async fn opened(config: &Config) -> anyhow::Result<(store::Db, store::Db)> {
    if config.database_url().starts_with("sqlite") && !config.data.dir.exists() {
        anyhow::bail!(
            "there is no desk in {}; start the server once, or run `sportello migrate`",
            config.data.dir.display()
        );
    }
    let (desk, inbox) = app::open_databases(config).await?;
    let missing = steps::pending(&desk, Schema::Desk).await? + steps::pending(&inbox, Schema::Inbox).await?;
    if missing > 0 {
        anyhow::bail!(
            "the database is {missing} step(s) behind this version; start the server once, or run `sportello migrate`"
        );
    }
    Ok((desk, inbox))
}

pub fn inbox(config: Config, command: &InboxCommand) -> anyhow::Result<ExitCode> {
    block_on(async {
        let (_, db) = opened(&config).await?;
        let inbox = store::inbox::Inbox::start(db);
        let mut after = 0;
        let mut ids = Vec::new();
        loop {
            let rows = inbox.quarantined(after, 100).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in &rows {
                ids.push(row.id);
                if let InboxCommand::List { bodies } = command {
                    println!(
                        "{}  {}  {} bytes  {}",
                        row.id,
                        row.received_at,
                        row.body.len(),
                        row.reason.as_deref().unwrap_or("-")
                    );
                    if *bodies {
                        println!("    {}", String::from_utf8_lossy(&row.body));
                    }
                }
            }
        }
        if let InboxCommand::Replay { ids: wanted } = command {
            let chosen: Vec<i64> = if wanted.is_empty() { ids } else { wanted.clone() };
            inbox.mark(chosen.iter().map(|id| (*id, Outcome::Waiting)).collect()).await?;
            println!("{} bodies are read again within seconds of the server's running", chosen.len());
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub fn jobs(config: Config, command: &JobsCommand) -> anyhow::Result<ExitCode> {
    block_on(async {
        let (desk, _) = opened(&config).await?;
        match command {
            JobsCommand::List { state } => {
                let mut after = String::new();
                loop {
                    let rows = queue::list(&desk, state, &after, 100).await?;
                    let Some(last) = rows.last() else { break };
                    after = last.id.0.clone();
                    for job in &rows {
                        println!(
                            "{}  {}  {} tries  {}  {}",
                            job.id,
                            job.kind,
                            job.attempts,
                            job.run_at,
                            job.last_error.as_deref().unwrap_or("-")
                        );
                    }
                }
            }
            JobsCommand::Retry { ids } => {
                let dead = if ids.is_empty() {
                    queue::list(&desk, "dead", "", 10_000).await?.into_iter().map(|job| job.id).collect()
                } else {
                    ids.iter().map(|id| JobId::from(id.as_str())).collect::<Vec<_>>()
                };
                let mut tx = desk.begin().await?;
                let mut found = 0;
                for id in &dead {
                    found += usize::from(queue::retry(&mut tx, id, SystemClock.now()).await?);
                }
                tx.commit().await?;
                println!("{found} job(s) run again");
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub fn keys(config: Config, command: &KeysCommand) -> anyhow::Result<ExitCode> {
    if let KeysCommand::Forms(command) = command {
        return form_keys::run(config, command);
    }
    if std::env::var("SPORTELLO_MASTER_KEY").is_ok_and(|key| !key.is_empty()) {
        anyhow::bail!(
            "the master key comes from the environment: put a new `id:base64` line before the old one there, then run this again without it to see the file way"
        );
    }
    // A running server knows the old key only: it could open nothing that is sealed anew.
    let _alone = app::lock(&config)?;
    block_on(async {
        let (desk, _) = opened(&config).await?;
        let ids = Ids::from_os();
        let ring = key_store::Keyring::rotate_file(&config.master_key_file(), &ids, SystemClock.now())?;
        let moved = key_store::rewrap(&desk, &ring, &ids).await?;
        println!("the new master key is {}; {moved} contacts' keys are sealed under it", ring.current_id());
        println!(
            "start the server again; the old line may be removed from {} (backups made before still need it)",
            config.master_key_file().display()
        );
        Ok(ExitCode::SUCCESS)
    })
}

pub fn backup(config: Config, args: &Backup) -> anyhow::Result<ExitCode> {
    block_on(async {
        let report = copies::write(&config, &args.to, args.with_master_key).await?;
        println!("{} files of customers and both databases are in {}", report.blobs, args.to.display());
        if !args.with_master_key {
            println!(
                "the master key is not among them: keep a copy of {} somewhere else",
                config.master_key_file().display()
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub fn restore(config: Config, args: &Restore) -> anyhow::Result<ExitCode> {
    block_on(async {
        let report = copies::restore(&config, &args.from).await?;
        println!(
            "restored into {}: {} files of customers, all there; both databases sound",
            config.data.dir.display(),
            report.blobs
        );
        if report.locked_contacts > 0 {
            println!(
                "the files of {} contacts need the master key of the backed up server: put it into {} before the start",
                report.locked_contacts,
                config.master_key_file().display()
            );
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub fn seed(config: Config, args: &Seed) -> anyhow::Result<ExitCode> {
    block_on(async {
        let app = app::open(config, Roles::NONE, Arc::new(SystemClock), Arc::new(Ids::from_os())).await?;
        crate::seed::run(&app, args.tickets).await?;
        println!("{} tickets", args.tickets);
        Ok(ExitCode::SUCCESS)
    })
}
