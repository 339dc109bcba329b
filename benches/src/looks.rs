//! How long a photo takes from the desk's folder to advice about it, and to its text: one at a time, and many at once.
//!
//! The photos are those of the evaluation set that look photographed. Moments are those at which the REST API says
//! so, asked again and again; what happened between two questions counts as the later one.

use crate::product::{Attachment, Product, Upload};
use crate::timing::Timings;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use futures_util::future::try_join_all;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The API's answer about one ticket takes a millisecond or two; a person sees no shorter wait than this.
const POLL_EVERY: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(120);
/// The argument with which the process that holds the models is started.
const WORKER: &str = "analysis-worker";
/// It is started by the first picture, which waits for the models.
const WARMING: &str = "+393338000000";
const ONE: &str = "+393338000001";
const MANY: &str = "+393338000002";

#[derive(Args)]
pub struct Options {
    /// Photos one at a time.
    #[arg(long, default_value_t = 40)]
    photos: usize,
    /// Photos at once.
    #[arg(long, default_value_t = 20)]
    at_once: usize,
    #[arg(long, default_value = "fixtures/evaluation")]
    fixtures: PathBuf,
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

pub async fn run(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let photos = photos(&options.fixtures)?;
    let most = options.photos.max(options.at_once);
    ensure!(most < photos.len(), "the evaluation set has {} photos", photos.len());
    let dir = tempfile::tempdir_in(&options.dir)?;
    let product = Product::start(&dir.path().join("desk"))?;

    let cold = together(&product, WARMING, photos.iter().take(1)).await?;
    println!("{}", row("load", "photos", "what", &["p50 ms", "p95 ms", "max ms"]));
    cold.print("first after the start");
    let mut alone = Waits::default();
    for (index, photo) in photos.iter().skip(1).take(options.photos).enumerate() {
        // A customer each, so that a question to the API stays as short for the last photo as for the first.
        let phone = format!("{ONE}{index:02}");
        alone.extend(together(&product, &phone, [photo]).await?);
    }
    alone.print("one at a time");
    let many = together(&product, MANY, photos.iter().skip(1).take(options.at_once)).await?;
    many.print(&format!("{} at once", options.at_once));

    let server = product.process.memory_mib()?;
    println!("memory of server and sandbox  {server:.1} MiB");
    match product.process.child_memory_mib_max(WORKER)? {
        Some(worker) => println!("most memory of a worker       {worker:.1} MiB"),
        None => println!("no worker is running: are the models there (`cargo dev models`)?"),
    }
    product.stop()
}

/// A line of the manifest, as far as it matters here.
#[derive(Deserialize)]
struct Picture {
    file: PathBuf,
    look: String,
}

fn photos(fixtures: &Path) -> Result<Vec<PathBuf>> {
    let path = fixtures.join("manifest.jsonl");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let pictures: Result<Vec<Picture>, _> = text.lines().map(serde_json::from_str).collect();
    Ok(pictures?
        .into_iter()
        .filter(|picture| picture.look == "photo")
        .map(|picture| fixtures.join(picture.file))
        .collect())
}

/// What each photo waited for.
#[derive(Default)]
struct Waits {
    /// From the phone's upload to the bytes in our store: the customer's network, the webhook, the fetch.
    stored: Timings,
    /// From there to the verdict on its quality.
    advice: Timings,
    /// From there to everything that was read in it.
    text: Timings,
}

impl Waits {
    fn extend(&mut self, other: Self) {
        self.stored.extend(other.stored);
        self.advice.extend(other.advice);
        self.text.extend(other.text);
    }

    fn print(mut self, load: &str) {
        let count = self.text.len().to_string();
        let parts = [
            ("sent to stored", &mut self.stored),
            ("stored to advice", &mut self.advice),
            ("stored to text", &mut self.text),
        ];
        for (what, timings) in parts {
            let times = [50, 95, 100].map(|percent| format!("{:.0}", timings.percentile_ms(percent)));
            println!("{}", row(load, &count, what, &times.each_ref().map(String::as_str)));
        }
    }
}

fn row(load: &str, photos: &str, what: &str, times: &[&str; 3]) -> String {
    let [p50, p95, max] = times;
    format!("| {load:<22} | {photos:>6} | {what:<16} | {p50:>7} | {p95:>7} | {max:>7} |")
}

/// When the API first said what.
#[derive(Default, Clone, Copy)]
struct Moments {
    stored: Option<Instant>,
    advice: Option<Instant>,
    text: Option<Instant>,
}

/// Sends the photos of one customer at the same time and waits until all are read.
async fn together(
    product: &Product,
    phone: &str,
    photos: impl IntoIterator<Item = &PathBuf>,
) -> Result<Waits> {
    let mut uploads = Vec::new();
    for photo in photos {
        let name = photo.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = std::fs::read(photo)?;
        uploads.push(Upload { form: "photo", caption: String::new(), name, bytes });
    }
    let count = uploads.len();
    let before: Vec<String> = product.tickets().await?.into_iter().map(|ticket| ticket.id).collect();
    let begin = Instant::now();
    let sending = try_join_all(uploads.into_iter().map(|upload| product.send(phone, upload)));
    let (_, moments) = tokio::try_join!(sending, watch(product, &before, count))?;
    let mut waits = Waits::default();
    for moment in moments {
        let (Some(stored), Some(advice), Some(text)) = (moment.stored, moment.advice, moment.text) else {
            bail!("a photo was never read");
        };
        waits.stored.add(stored - begin);
        waits.advice.add(advice - stored);
        waits.text.add(text - stored);
    }
    Ok(waits)
}

/// Asks for the one new ticket until `count` photos in it are read whole.
async fn watch(product: &Product, before: &[String], count: usize) -> Result<Vec<Moments>> {
    let begin = Instant::now();
    let mut seen: BTreeMap<String, Moments> = BTreeMap::new();
    let mut ticket = None;
    while seen.values().filter(|moments| moments.text.is_some()).count() < count {
        ensure!(begin.elapsed() < PATIENCE, "not all of {count} photos were read within {PATIENCE:?}");
        tokio::time::sleep(POLL_EVERY).await;
        let Some(ticket) = &ticket else {
            ticket = product.tickets().await?.into_iter().find(|ticket| !before.contains(&ticket.id));
            continue;
        };
        let messages = product.messages(ticket).await?;
        let now = Instant::now();
        for attachment in messages.iter().flat_map(|message| &message.attachments) {
            note(seen.entry(attachment.id.clone()).or_default(), attachment, now)?;
        }
    }
    Ok(seen.into_values().collect())
}

fn note(moments: &mut Moments, attachment: &Attachment, now: Instant) -> Result<()> {
    ensure!(!["failed", "expired"].contains(&attachment.state.as_str()), "a photo is {}", attachment.state);
    if attachment.state != "pending" {
        moments.stored.get_or_insert(now);
    }
    let Some(analysis) = &attachment.analysis else { return Ok(()) };
    moments.advice.get_or_insert(now);
    if analysis.is_complete {
        ensure!(analysis.failed.is_empty(), "not everything could be looked at: {:?}", analysis.failed);
        moments.text.get_or_insert(now);
    }
    Ok(())
}
