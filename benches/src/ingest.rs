//! Durable webhooks a second: the product beside the bound and beside a good Python receiver.
//!
//! All three run on the same machine in the same run, get the same bodies, and answer 200 only after their
//! fsync. They take turns, so that a noisy neighbour disturbs all of them.

pub mod bound;
mod python;

use crate::load::{self, Outcome, Plan, Target};
use crate::process::Process;
use crate::product::Product;
use crate::timing::{Timings, median, per_second};
use crate::webhooks::{self, Sender};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Without the product's own JSON line to learn it from.
pub const SECRET: &str = "bench-app-secret";
const READING_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub struct Options {
    /// Times that every receiver has its turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of each turn.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Connections that send at once.
    #[arg(long, value_delimiter = ',', default_value = "64,256")]
    connections: Vec<usize>,
    /// Receivers, of: sportello, bound, python.
    #[arg(long, value_delimiter = ',', default_value = "sportello,bound,python")]
    receivers: Vec<Kind>,
    /// Webhooks a second of the sustained load (0: leave it out).
    #[arg(long, default_value_t = 3_300)]
    rate: u32,
    /// Seconds of the sustained load.
    #[arg(long, default_value_t = 60)]
    sustained_seconds: u64,
    /// How many times what it can do is sent at it (0: leave it out).
    #[arg(long, default_value_t = 3.0)]
    overload: f64,
    /// Connections of the overload: more than the receiver's queue holds, or it would never fill.
    #[arg(long, default_value_t = 9_500)]
    overload_connections: usize,
    /// Customers who write.
    #[arg(long, default_value_t = 1_000)]
    customers: u64,
    /// Where the databases go; the disk is what is measured.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Sportello,
    Bound,
    Python,
}

/// A receiver that is up, and what it has promised so far.
struct Receiver {
    name: &'static str,
    /// Does no more than it must; the others are measured against it.
    is_bound: bool,
    /// The product takes part in everything, the Python receiver only in the turns.
    takes_all: bool,
    place: Place,
    target: Arc<Target>,
    next: u64,
    acknowledged: Vec<u64>,
}

enum Place {
    Product(Box<Product>),
    /// A process and the SQLite file with its table `inbox(body)`.
    Sqlite(Process, PathBuf),
}

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let dir = tempfile::tempdir_in(&options.dir)?;
    let mut receivers = Vec::new();
    for kind in &options.receivers {
        receivers.push(Receiver::start(*kind, dir.path(), &options)?);
    }
    let rates = turns(&mut receivers, &options).await?;
    if options.rate > 0 {
        sustained(&mut receivers, &options).await?;
    }
    if options.overload > 0.0 {
        overload(&mut receivers, &options, &rates).await?;
    }
    println!();
    for receiver in receivers {
        receiver.account().await?;
    }
    Ok(())
}

/// Returns the best median rate of each receiver.
async fn turns(receivers: &mut [Receiver], options: &Options) -> Result<Vec<f64>> {
    let mut best = vec![0.0_f64; receivers.len()];
    println!("receiver     connections  webhooks/s  of bound  p50 ms  p99 ms  CPU us each     503   other");
    for connections in &options.connections {
        let mut measured: Vec<Vec<Turn>> = receivers.iter().map(|_| Vec::new()).collect();
        for _ in 0..options.rounds {
            for (receiver, turns) in receivers.iter_mut().zip(&mut measured) {
                let plan = Plan::closed(*connections, Duration::from_secs(options.seconds), receiver.next);
                turns.push(receiver.load(plan).await?);
            }
        }
        let rate = |turns: &[Turn]| median(turns.iter().map(|turn| turn.rate).collect());
        let bound = receivers.iter().zip(&measured).find(|(receiver, _)| receiver.is_bound);
        let bound = bound.map_or(f64::NAN, |(_, turns)| rate(turns));
        for ((receiver, turns), best) in receivers.iter().zip(measured).zip(&mut best) {
            let rate = rate(&turns);
            *best = best.max(rate);
            let cpu = median(turns.iter().map(|turn| turn.cpu_us).collect());
            let (refused, other) =
                turns.iter().fold((0, 0), |sum, turn| (sum.0 + turn.refused, sum.1 + turn.other));
            let mut timings = Timings::default();
            turns.into_iter().for_each(|turn| timings.extend(turn.timings));
            println!(
                "{:<12} {connections:>11} {rate:>11.0} {:>8.0}% {:>7.1} {:>7.1} {cpu:>12.0} {refused:>7} {other:>7}",
                receiver.name,
                100.0 * rate / bound,
                timings.percentile_ms(50),
                timings.percentile_ms(99),
            );
        }
    }
    Ok(best)
}

/// At the rate of the sender's contract, whatever the answers.
async fn sustained(receivers: &mut [Receiver], options: &Options) -> Result<()> {
    println!(
        "\n{}/s for {} s, from the moment each should be sent:",
        options.rate, options.sustained_seconds
    );
    for receiver in receivers.iter_mut().filter(|receiver| receiver.takes_all) {
        let duration = Duration::from_secs(options.sustained_seconds);
        let plan = Plan { rate: Some(options.rate), ..Plan::closed(256, duration, receiver.next) };
        receiver.load(plan).await?.print(receiver.name);
    }
    Ok(())
}

async fn overload(receivers: &mut [Receiver], options: &Options, rates: &[f64]) -> Result<()> {
    for (receiver, rate) in receivers.iter_mut().zip(rates).filter(|(receiver, _)| receiver.takes_all) {
        // Through text: there is no checked way from a float to an integer.
        let rate: u32 = format!("{:.0}", rate * options.overload).parse()?;
        println!("\n{} times that, {rate}/s for {} s:", options.overload, options.seconds);
        let duration = Duration::from_secs(options.seconds);
        let plan =
            Plan { rate: Some(rate), ..Plan::closed(options.overload_connections, duration, receiver.next) };
        receiver.load(plan).await?.print(receiver.name);
    }
    Ok(())
}

/// One receiver's turn.
struct Turn {
    /// Sent in a second, whatever the answers.
    offered: f64,
    /// Acknowledged in a second.
    rate: f64,
    cpu_us: f64,
    timings: Timings,
    refused: u64,
    other: u64,
    reading: Option<Duration>,
}

impl Turn {
    fn print(mut self, name: &str) {
        print!(
            "{name:<12} {:.0}/s sent, {:.0}/s acknowledged, p50 {:.1} ms, p99 {:.1} ms, CPU {:.0} us each, {} x 200, {} x 503, {} other",
            self.offered,
            self.rate,
            self.timings.percentile_ms(50),
            self.timings.percentile_ms(99),
            self.cpu_us,
            self.timings.len(),
            self.refused,
            self.other,
        );
        match self.reading {
            Some(reading) => println!("; read {:.1} s later", reading.as_secs_f64()),
            None => println!(),
        }
    }
}

impl Receiver {
    fn start(kind: Kind, dir: &Path, options: &Options) -> Result<Self> {
        let local = || Sender::new(SECRET, "700000000000001", "800000000000001", options.customers);
        let (name, place, target) = match kind {
            Kind::Sportello => {
                let product = Product::start(&dir.join("sportello"))?;
                let target = product.target(options.customers)?;
                ("sportello", Place::Product(Box::new(product)), target)
            }
            Kind::Bound => {
                let (process, url) = bound::start(&dir.join("bound.sqlite"))?;
                let target = Arc::new(Target::new(&url, local()?)?);
                ("bound", Place::Sqlite(process, dir.join("bound.sqlite")), target)
            }
            Kind::Python => {
                let (process, url) = python::start(&options.dir, &dir.join("python.sqlite"))?;
                let target = Arc::new(Target::new(&url, local()?)?);
                ("python", Place::Sqlite(process, dir.join("python.sqlite")), target)
            }
        };
        let (is_bound, takes_all) = (kind == Kind::Bound, kind != Kind::Python);
        Ok(Self { name, is_bound, takes_all, place, target, next: 0, acknowledged: Vec::new() })
    }

    async fn load(&mut self, plan: Plan) -> Result<Turn> {
        let process = match &self.place {
            Place::Product(product) => &product.process,
            Place::Sqlite(process, _) => process,
        };
        let before = process.cpu()?;
        let outcome: Outcome = load::run(&self.target, plan).await?;
        let cpu = process.cpu()? - before;
        self.next = outcome.next;
        let count = outcome.acknowledged.len();
        self.acknowledged.extend(outcome.acknowledged);
        // The next turn is another receiver's: this one must not go on reading beside it.
        let reading = match &self.place {
            Place::Product(product) => {
                let begin = Instant::now();
                product.settle(READING_PATIENCE).await?;
                Some(begin.elapsed())
            }
            Place::Sqlite(..) => None,
        };
        Ok(Turn {
            offered: per_second(count + usize::try_from(outcome.refused + outcome.other)?, outcome.elapsed),
            rate: per_second(count, outcome.elapsed),
            cpu_us: 1e6 * cpu.as_secs_f64() / crate::timing::float(count.max(1)),
            timings: outcome.timings,
            refused: outcome.refused,
            other: outcome.other,
            reading,
        })
    }

    /// Everything acknowledged must be there.
    async fn account(self) -> Result<()> {
        let promised = self.acknowledged.len();
        let stored = match self.place {
            Place::Product(product) => {
                let inbox = product.settle(READING_PATIENCE).await?;
                ensure!(inbox.quarantined == 0, "{} webhooks were quarantined", inbox.quarantined);
                product.stop()?;
                inbox.received
            }
            Place::Sqlite(process, path) => {
                process.kill()?;
                let stored = numbers(&path)?;
                let lost = self.acknowledged.iter().filter(|n| !stored.contains(n)).count();
                ensure!(lost == 0, "{}: {lost} of {promised} acknowledged webhooks are lost", self.name);
                stored.len()
            }
        };
        if stored < promised {
            bail!("{}: {promised} acknowledged, only {stored} stored", self.name);
        }
        println!("{}: {promised} acknowledged, {stored} stored, 0 lost", self.name);
        Ok(())
    }
}

fn numbers(path: &Path) -> Result<HashSet<u64>> {
    let db = rusqlite::Connection::open(path)?;
    let mut statement = db.prepare("select body from inbox")?;
    let mut rows = statement.query([])?;
    let mut numbers = HashSet::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        let number = std::str::from_utf8(&body).ok().and_then(webhooks::number_in);
        numbers.insert(number.context("a stored body has no number")?);
    }
    Ok(numbers)
}
