//! How long a search takes on a full desk, on SQLite and on PostgreSQL, beside a page of the list of tickets.
//!
//! The desk is written by SQL in bulk, as no customer could in a day. The words of its index come from the product
//! itself, which fills it as it does after an upgrade; that is measured, too.

mod desk;
mod words;

use crate::timing::{Timings, float};
use anyhow::{Context, Result, ensure};
use clap::Args;
use desk::{Desk, Engine};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use words::Words;

/// Before they count: pages come from the disk once.
const WARMING: usize = 5;

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value_t = 100_000)]
    tickets: usize,
    /// Messages of each ticket; beside them each has a picture that was read.
    #[arg(long, default_value_t = 20)]
    messages: usize,
    /// Searches of each kind.
    #[arg(long, default_value_t = 100)]
    searches: usize,
    /// A server on which databases may be made; without one only SQLite is measured.
    #[arg(long, env = "SPORTELLO_TEST_POSTGRES_URL")]
    postgres: Option<String>,
    #[arg(long, default_value = "target/bench")]
    cache: PathBuf,
}

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.cache)?;
    let dir = tempfile::tempdir_in(&options.cache)?;
    let words = Words::new();
    for engine in [Some(Engine::Sqlite), options.postgres.clone().map(Engine::Postgres)].into_iter().flatten()
    {
        let name = engine.name();
        let begin = Instant::now();
        let desk =
            Desk::write(&engine, &dir.path().join(name), &words, options.tickets, options.messages).await?;
        println!(
            "\n{name}: {} tickets, {} messages written in {:.0} s",
            options.tickets,
            options.tickets * options.messages,
            begin.elapsed().as_secs_f64()
        );
        let desk = desk.start().await?;
        let filled = desk.filled().await?;
        println!(
            "the index is filled after {:.0} s, {:.1} ms a ticket",
            filled.as_secs_f64(),
            filled.as_secs_f64() * 1_000.0 / float(options.tickets)
        );
        measure(&desk, &words, &options).await?;
        desk.stop()?;
    }
    Ok(())
}

async fn measure(desk: &desk::Running, words: &Words, options: &Options) -> Result<()> {
    let mut list = timed(desk, options.searches, |_| "/api/v1/tickets?limit=20".to_owned()).await?;
    let page = list.percentile_ms(50);
    println!("list of tickets        p50 {page:.1} ms, p95 {:.1} ms", list.percentile_ms(95));
    let mut all = Timings::default();
    for kind in words::KINDS {
        let path = |n: usize| format!("/api/v1/search?limit=20&{}", words.query(kind, n, options.tickets));
        let mut times = timed(desk, options.searches, path).await?;
        println!(
            "{kind:22} p50 {:.1} ms, p95 {:.1} ms, {:.1} of a list",
            times.percentile_ms(50),
            times.percentile_ms(95),
            times.percentile_ms(50) / page.max(f64::EPSILON)
        );
        all.extend(times);
    }
    println!(
        "all together           p50 {:.1} ms, p95 {:.1} ms",
        all.percentile_ms(50),
        all.percentile_ms(95)
    );
    Ok(())
}

async fn timed(desk: &desk::Running, times: usize, path: impl Fn(usize) -> String) -> Result<Timings> {
    let mut timings = Timings::default();
    for n in 0..times + WARMING {
        let path = path(n);
        let begin = Instant::now();
        let found = desk.get(&path).await.with_context(|| path.clone())?;
        let elapsed: Duration = begin.elapsed();
        ensure!(path.contains("nowhere") || !found.is_empty(), "{path} found nothing");
        if n >= WARMING {
            timings.add(elapsed);
        }
    }
    Ok(timings)
}
