//! What a full desk costs when nothing happens: memory, the way back from a restart, the list of tickets.

use crate::load::{self, Plan};
use crate::product::Product;
use crate::timing::{Timings, float};
use anyhow::{Result, ensure};
use clap::Args;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(120);
/// Long enough for start-up work to end and for the allocator to give back.
const REST: Duration = Duration::from_secs(10);
const STARTS: usize = 5;
const LISTS: usize = 200;

#[derive(Args)]
pub struct Options {
    /// Messages to fill the desk with, through its own webhook.
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
    /// Customers who wrote them, a ticket each.
    #[arg(long, default_value_t = 100_000)]
    tickets: u64,
    /// A folder to fill on the first run and to find again on the next; a temporary one if left out.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where the temporary folder goes.
    #[arg(long, default_value = "target/bench")]
    cache: PathBuf,
}

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.cache)?;
    let temporary = tempfile::tempdir_in(&options.cache)?;
    let dir = options.dir.clone().unwrap_or_else(|| temporary.path().join("desk"));
    fill(&Product::start(&dir)?, &options).await?;

    let mut starts = Timings::default();
    for _ in 0..STARTS {
        let product = Product::start(&dir)?;
        starts.add(product.started_in);
        product.stop()?;
    }
    println!(
        "start to ready  p50 {:.0} ms, worst {:.0} ms",
        starts.percentile_ms(50),
        starts.percentile_ms(100)
    );

    let product = Product::start(&dir)?;
    tokio::time::sleep(REST).await;
    println!("memory at rest  {:.1} MiB (server and sandbox, one process)", product.process.memory_mib()?);

    let mut lists = Timings::default();
    for _ in 0..LISTS {
        let begin = Instant::now();
        product.get("/api/v1/tickets?limit=50").await?.bytes().await?;
        lists.add(begin.elapsed());
    }
    println!(
        "list of tickets p50 {:.1} ms, p95 {:.1} ms over {LISTS} requests",
        lists.percentile_ms(50),
        lists.percentile_ms(95)
    );
    product.stop()
}

/// Through the front door: what is measured is a desk that came about as a real one does.
async fn fill(product: &Product, options: &Options) -> Result<()> {
    let have = u64::try_from(product.inbox().await?.received)?;
    let missing = options.messages.saturating_sub(have);
    if missing > 0 {
        let plan = Plan { count_max: missing, ..Plan::closed(CONNECTIONS, Duration::MAX, have) };
        let begin = Instant::now();
        let outcome = load::run(&product.target(options.tickets)?, plan).await?;
        ensure!(outcome.refused + outcome.other == 0, "not everything was accepted while filling the desk");
        let accepted = begin.elapsed();
        product.settle(PATIENCE).await?;
        println!(
            "filled          {missing} messages accepted in {:.1} s, read {:.1} s later ({:.0}/s in all)",
            accepted.as_secs_f64(),
            (begin.elapsed() - accepted).as_secs_f64(),
            float(usize::try_from(missing)?) / begin.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
