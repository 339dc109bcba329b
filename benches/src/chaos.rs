//! Kills the server at random moments under load, again and again on one folder, and then asks for every
//! acknowledged webhook and every photo.
//!
//! The moments come from a seed. SIGKILL spares what is in the kernel's page cache: this proves the order of
//! our writes, not the disk's honesty.

use crate::http::Connection;
use crate::load::Target;
use crate::product::Product;
use crate::survivors::{self, Sent};
use anyhow::{Result, ensure};
use clap::Args;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const SENDERS: usize = 8;
const CUSTOMERS: u64 = 50;
/// One of so many trials is killed while it is still starting.
const START_KILLS: u32 = 5;
/// One of so many acknowledged webhooks is sent again, as Meta does when its network fails.
const REPEATS: u64 = 16;
/// A server that hangs fails the trial; a killed one closes the connection at once.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const RECONNECT_AFTER: Duration = Duration::from_millis(5);

#[derive(Args)]
pub struct Options {
    #[arg(long, default_value_t = 30)]
    trials: u32,
    /// Decides when each kill happens; the same seed asks for the same moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Milliseconds after which a server is killed at the latest.
    #[arg(long, default_value_t = 1_200)]
    kill_within_ms: u64,
    /// At most so many webhooks in each trial.
    #[arg(long, default_value_t = 1_000)]
    webhooks: u64,
    /// Photos that customers send in each trial.
    #[arg(long, default_value_t = 2)]
    photos: u64,
    /// Seconds without progress after which what still waits counts as stuck.
    #[arg(long, default_value_t = 60)]
    patience_secs: u64,
    /// Where the server's folder goes; it is kept when something was lost.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
}

pub async fn kill(options: Options) -> Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let mut home = tempfile::tempdir_in(&options.dir)?;
    // A failure is evidence: only success throws the folder away.
    home.disable_cleanup(true);
    let dir = home.path().join("desk");
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut sent = Sent::default();
    for trial in 0..options.trials {
        let moment = Duration::from_millis(random.random_range(0..options.kill_within_ms.max(1)));
        if random.random_range(0..START_KILLS) == 0 {
            Product::start_and_kill(&dir, moment / 4)?;
        } else {
            attack(Product::start(&dir)?, &mut sent, moment, &options).await?;
        }
        eprint!(
            "\rtrial {}: {} acknowledged, {} photos ",
            trial + 1,
            sent.acknowledged.len(),
            sent.photos.len()
        );
    }
    eprintln!();

    let product = Product::start(&dir)?;
    deliver_the_rest(&product, &mut sent).await?;
    let report = survivors::count(&product, &sent, Duration::from_secs(options.patience_secs)).await?;
    product.stop()?;
    survivors::check_databases(&dir)?;
    println!("chaos: {} trials, seed {}, {report}, databases sound", options.trials, options.seed);
    ensure!(
        report.is_clean(),
        "something was lost or doubled; the folder is kept: {}",
        home.path().display()
    );
    home.disable_cleanup(false);
    Ok(())
}

/// Webhooks and photos until the kill.
async fn attack(product: Product, sent: &mut Sent, moment: Duration, options: &Options) -> Result<()> {
    let target = product.target(CUSTOMERS)?;
    let queue: BTreeSet<u64> =
        sent.unanswered.iter().copied().chain(sent.next..sent.next + options.webhooks).collect();
    sent.next += options.webhooks;
    let shared = Arc::new(Trial { queue: Mutex::new(queue.clone()), ..Trial::default() });
    let senders: Vec<JoinHandle<()>> =
        (0..SENDERS).map(|_| tokio::spawn(send(Arc::clone(&target), Arc::clone(&shared)))).collect();

    let photos = async {
        for _ in 0..options.photos {
            let photo = sent.photo();
            // Refused by a dying sandbox: it promised nothing.
            if product.send(&photo.phone, photo.upload()).await.is_ok() {
                sent.photos.push(photo);
            }
        }
    };
    // Whichever comes first; photos left over are not sent in this trial.
    let _ = timeout(moment, async { tokio::join!(photos, sleep(moment)) }).await;
    product.process.kill()?;
    // Answers that were sent before the kill are still read: those promises count most.
    shared.is_over.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await?;
    }
    let acknowledged =
        std::mem::take(&mut *shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner));
    sent.unanswered = queue.difference(&acknowledged).copied().collect();
    sent.acknowledged.extend(acknowledged);
    Ok(())
}

/// What the senders of one trial share.
#[derive(Default)]
struct Trial {
    queue: Mutex<BTreeSet<u64>>,
    acknowledged: Mutex<BTreeSet<u64>>,
    is_over: AtomicBool,
}

impl Trial {
    /// The next webhook to send; `None` when there is no more or the server is dead.
    fn take(&self) -> Option<u64> {
        if self.is_over.load(Ordering::Relaxed) {
            return None;
        }
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }
}

async fn send(target: Arc<Target>, trial: Arc<Trial>) {
    let mut connection = Connection::new(target.addr);
    while let Some(n) = trial.take() {
        if post(&mut connection, &target, n).await {
            trial.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert(n);
            if n % REPEATS == 0 {
                // The answer to the repetition changes nothing.
                let _ = post(&mut connection, &target, n).await;
            }
        } else {
            connection = Connection::new(target.addr);
            sleep(RECONNECT_AFTER).await;
        }
    }
}

async fn post(connection: &mut Connection, target: &Target, n: u64) -> bool {
    let body = target.sender.body(n);
    let signature = target.sender.signature(body.as_bytes());
    let answer = timeout(ANSWER_WITHIN, connection.post(&target.path, body.as_bytes(), &signature)).await;
    matches!(answer, Ok(Ok(200)))
}

/// As Meta would: whatever got no 200 comes again, until it has one.
async fn deliver_the_rest(product: &Product, sent: &mut Sent) -> Result<()> {
    let target = product.target(CUSTOMERS)?;
    let mut connection = Connection::new(target.addr);
    for n in std::mem::take(&mut sent.unanswered) {
        ensure!(post(&mut connection, &target, n).await, "webhook {n} is refused by a server at rest");
        sent.acknowledged.insert(n);
    }
    Ok(())
}
