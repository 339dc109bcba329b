//! How long a customer waits for advice: from the photo that leaves their phone to our words on it.
//!
//! A flow asks for a sharp and bright photo of a label. Where the quality decides, the photo is dark or burnt out; a
//! blurred one may be saved by text that can be read all the same; where the text decides, the photo is a good one
//! without the serial number that the flow wants. The customer's phone is asked again and again, so that what is
//! measured is what they see.

mod engine;

use crate::load::{self, Plan};
use crate::product::{Product, Upload};
use crate::timing::Timings;
use anyhow::{Context, Result, ensure};
use clap::Args;
use futures_util::future::try_join_all;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const POLL_EVERY: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(120);
/// Long enough to greet every customer of the open runs.
const GREETING: Duration = Duration::from_secs(1_800);
/// Long enough for start-up work to end and for the allocator to give back.
const REST: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 64;

/// In one language five times: what is measured is not the texts.
const FLOW: &str = r#"
flow: bench
version: 1
about: Asks for a photo with a serial number.
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  label:
    ask:
      text: { en: The label please., it: The label please., es: The label please., pt: The label please., hi: The label please. }
      for:
        photo:
          must_be: [sharp, bright, unhidden]
          reads:
            - finding: { kind: entity.serial }
              save: serial
              mend: { en: Nothing to read., it: Nothing to read., es: Nothing to read., pt: Nothing to read., hi: Nothing to read. }
      save: label
  person:
    hand_over: { why: Measured. }
"#;
const ASKED: &str = "The label please.";

#[derive(Args)]
pub struct Options {
    /// Photos of each kind, one at a time.
    #[arg(long, default_value_t = 15)]
    photos: usize,
    /// Conversations at once.
    #[arg(long, default_value_t = 20)]
    at_once: usize,
    /// Customers who are in the middle of a flow while memory is measured; 0 leaves it out.
    #[arg(long, default_value_t = 10_000)]
    open: u64,
    #[arg(long, default_value = "fixtures/evaluation")]
    fixtures: PathBuf,
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

/// Photos by what decides about them, by the endings of their names.
const QUALITY: [&str; 2] = ["-over-exposed.jpg", "-dark.jpg"];
const EITHER: [&str; 2] = ["-blurred.jpg", "-motion.jpg"];
const TEXT: [&str; 8] = [
    "photo-astronaut.jpg",
    "photo-cat.jpg",
    "photo-china.jpg",
    "photo-coffee.jpg",
    "photo-flower.jpg",
    "photo-hopper.jpg",
    "photo-rocket.jpg",
    "photo-gravel.jpg",
];

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    engine::print()?;
    let kinds = [("quality", &QUALITY[..]), ("quality, or the text", &EITHER), ("text", &TEXT)]
        .map(|(what, endings)| Ok((what, photos(&options.fixtures, endings)?)))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let dir = tempfile::tempdir_in(&options.dir)?;
    let product = Product::start(&dir.path().join("desk"))?;
    switch_on(&product).await?;

    let mut phones = Phones(0);
    // The first picture waits for the models.
    let first = kinds.first().and_then(|(_, photos)| photos.first()).context("no photo")?;
    advised(&product, &mut phones, &[first]).await?;
    println!("| load | photos | what decides | p50 ms | p95 ms | max ms |");
    for (what, photos) in &kinds {
        let mut alone = Timings::default();
        for photo in photos.iter().cycle().take(options.photos) {
            alone.extend(advised(&product, &mut phones, &[photo]).await?);
        }
        print("one conversation", what, alone);
    }
    for (what, photos) in &kinds {
        let many: Vec<&PathBuf> = photos.iter().cycle().take(options.at_once).collect();
        print(&format!("{} at once", many.len()), what, advised(&product, &mut phones, &many).await?);
    }
    product.stop()?;
    if options.open > 0 {
        let without = memory_mib(&dir.path().join("unguided"), options.open, false).await?;
        let with = memory_mib(&dir.path().join("guided"), options.open, true).await?;
        println!(
            "{} customers at rest after a restart: {without:.1} MiB without a flow, {with:.1} MiB in the middle of one",
            options.open
        );
    }
    Ok(())
}

async fn switch_on(product: &Product) -> Result<()> {
    let source = serde_json::json!({ "source": FLOW });
    product.call(reqwest::Method::POST, "/api/v1/flows", &source).await?;
    let on = serde_json::json!({ "rollout": "on" });
    product.call(reqwest::Method::PATCH, "/api/v1/flows/bench/1", &on).await
}

/// What server and sandbox take, in one process, with so many customers who wrote.
async fn memory_mib(dir: &Path, customers: u64, is_guided: bool) -> Result<f64> {
    let product = Product::start(dir)?;
    if is_guided {
        switch_on(&product).await?;
    }
    let plan = Plan { count_max: customers, ..Plan::closed(CONNECTIONS, Duration::MAX, 0) };
    let outcome = load::run(&product.target(customers)?, plan).await?;
    ensure!(outcome.refused + outcome.other == 0, "not everything was accepted");
    product.settle(PATIENCE).await?;
    if is_guided {
        let begin = Instant::now();
        while open_runs(&product).await? < customers {
            ensure!(begin.elapsed() < GREETING, "not every customer was greeted within {GREETING:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    product.stop()?;
    let product = Product::start(dir)?;
    tokio::time::sleep(REST).await;
    let memory = product.process.memory_mib()?;
    product.stop()?;
    Ok(memory)
}

async fn open_runs(product: &Product) -> Result<u64> {
    let flow: serde_json::Value = product.get("/api/v1/flows/bench/1").await?.json().await?;
    let open = flow.pointer("/info/counts/open").and_then(serde_json::Value::as_u64);
    open.context("the flow has no counts")
}

fn print(load: &str, what: &str, mut timings: Timings) {
    let [p50, p95, max] = [50, 95, 100].map(|percent| timings.percentile_ms(percent));
    println!("| {load} | {} | {what} | {p50:.0} | {p95:.0} | {max:.0} |", timings.len());
}

fn photos(fixtures: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let folder = fixtures.join("pictures");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Codes are judged like anything else, and there are many of them.
        if !name.starts_with("code-") && endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    ensure!(!found.is_empty(), "{} has no photo that ends in {endings:?}", folder.display());
    Ok(found)
}

/// Numbers that were not used yet.
struct Phones(u32);

impl Phones {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("+3933370{:05}", self.0)
    }
}

/// A customer each: brought to the question, then all photos leave at the same moment. It ends when everything is read,
/// so that no measurement pays for the one before.
async fn advised(product: &Product, phones: &mut Phones, photos: &[&PathBuf]) -> Result<Timings> {
    let numbers: Vec<String> = photos.iter().map(|_| phones.next()).collect();
    let customers = try_join_all(numbers.iter().map(|phone| product.customer(phone))).await?;
    try_join_all(customers.iter().map(|customer| asked(product, customer))).await?;
    let waits = customers.iter().zip(photos).map(|(customer, photo)| advise(product, customer, photo));
    let mut timings = Timings::default();
    for wait in try_join_all(waits).await? {
        timings.add(wait);
    }
    all_read(product).await?;
    Ok(timings)
}

async fn all_read(product: &Product) -> Result<()> {
    let begin = Instant::now();
    while unread(product).await? > 0 {
        ensure!(begin.elapsed() < PATIENCE, "not every photo was read within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(())
}

async fn unread(product: &Product) -> Result<usize> {
    let mut count = 0;
    for ticket in product.tickets().await? {
        let messages = product.messages(&ticket).await?;
        let analyses = messages.iter().flat_map(|message| &message.attachments).map(|file| &file.analysis);
        count += analyses.filter(|analysis| !analysis.as_ref().is_some_and(|said| said.is_complete)).count();
    }
    Ok(count)
}

async fn asked(product: &Product, customer: &str) -> Result<()> {
    product.say(customer, "Hello").await?;
    wait_for(product, customer, |texts| texts.iter().any(|text| text == ASKED)).await
}

async fn advise(product: &Product, customer: &str, photo: &Path) -> Result<Duration> {
    let before = product.heard(customer).await?.len();
    let name = photo.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let upload = Upload { form: "photo", caption: String::new(), name, bytes: std::fs::read(photo)? };
    let begin = Instant::now();
    product.send_as(customer, upload).await?;
    wait_for(product, customer, |texts| texts.len() > before).await?;
    Ok(begin.elapsed())
}

async fn wait_for(product: &Product, customer: &str, is_there: impl Fn(&[String]) -> bool) -> Result<()> {
    let begin = Instant::now();
    while !is_there(&product.heard(customer).await?) {
        ensure!(begin.elapsed() < PATIENCE, "nothing was said within {PATIENCE:?}");
        tokio::time::sleep(POLL_EVERY).await;
    }
    Ok(())
}
