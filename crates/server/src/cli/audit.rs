//! Who saw and did what, for an auditor at a terminal.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use store::audit::{self as kept, Wanted};

use super::{block_on, operate::opened};
use crate::config::Config;

const SHOWN_MAX: i64 = 10_000;

#[derive(Args)]
pub struct Audit {
    /// A ticket's number (with all its files), or the id of a ticket, a file or a user; everything without one
    object: Option<String>,
    /// Only what this one did: `user:…`, `token:…` or `cli`
    #[arg(long)]
    actor: Option<String>,
    /// The newest so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=SHOWN_MAX))]
    limit: i64,
}

/// A line each, the newest first: when, who, what, to what.
pub fn run(config: Config, args: Audit) -> anyhow::Result<ExitCode> {
    block_on(async {
        let (desk, _) = opened(&config).await?;
        let object = match args.object {
            Some(text) => Some(match text.trim_start_matches('#').parse::<i64>() {
                Ok(number) => {
                    let ticket = store::tickets::numbered(&desk, number).await?;
                    ticket.with_context(|| format!("there is no ticket {number}"))?.0
                }
                Err(_) => text,
            }),
            None => None,
        };
        let wanted = Wanted { object: object.as_deref(), actor: args.actor.as_deref(), before: None };
        let entries = kept::list(&desk, &wanted, args.limit).await?;
        for kept::Entry { at, actor, action, object, detail, .. } in &entries {
            println!("{}", format!("{at}  {actor}  {action}  {object}  {detail}").trim_end());
        }
        if entries.is_empty() {
            println!("nothing was looked at or changed that is written down");
        }
        Ok(ExitCode::SUCCESS)
    })
}
