//! What stands in the desk after the kills, against what was promised before them.

use crate::product::{Attachment, Message, Product, Upload};
use crate::webhooks;
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const POLL_EVERY: Duration = Duration::from_millis(250);
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// Small enough to send many, large enough to be written in several pieces.
const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// What was sent, and what of it was acknowledged.
#[derive(Default)]
pub struct Sent {
    pub acknowledged: BTreeSet<u64>,
    /// Sent without a 200: they may be there, and they come again.
    pub unanswered: BTreeSet<u64>,
    pub photos: Vec<Photo>,
    /// The first number not used yet.
    pub next: u64,
    next_photo: u32,
}

impl Sent {
    /// A photo that nobody else sends.
    pub fn photo(&mut self) -> Photo {
        self.next_photo += 1;
        Photo::new(self.next_photo)
    }
}

pub struct Photo {
    number: u32,
    pub phone: String,
    pub caption: String,
}

impl Photo {
    fn new(number: u32) -> Self {
        Self { number, phone: format!("+3933399{:05}", number % 20), caption: format!("[photo {number}]") }
    }

    /// As a document, whose bytes stay what they are.
    pub fn upload(&self) -> Upload {
        Upload {
            form: "document",
            caption: self.caption.clone(),
            name: "photo.bmp".to_owned(),
            bytes: self.bytes(),
        }
    }

    /// A bitmap: the one picture format that needs no encoder, and every pixel counts for the hash.
    fn bytes(&self) -> Vec<u8> {
        let pixels = WIDTH * HEIGHT * 3;
        let mut bytes = Vec::from(*b"BM");
        for field in [54 + pixels, 0, 54, 40, WIDTH, HEIGHT, 1 | (24 << 16), 0, pixels, 2835, 2835, 0, 0] {
            bytes.extend(field.to_le_bytes());
        }
        let mut state = self.number;
        bytes.extend((0..pixels).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes().first().copied().unwrap_or_default()
        }));
        bytes
    }
}

/// The verdict; every number but the first two should be 0.
#[derive(Default)]
pub struct Report {
    acknowledged: usize,
    photos: usize,
    lost: usize,
    duplicated: usize,
    unread: usize,
    quarantined: usize,
    photos_lost: usize,
    photos_duplicated: usize,
    stuck: usize,
    wrong_bytes: usize,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        let bad = [
            self.lost,
            self.duplicated,
            self.unread,
            self.quarantined,
            self.photos_lost,
            self.photos_duplicated,
            self.stuck,
            self.wrong_bytes,
        ];
        bad.iter().all(|count| *count == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} acknowledged, {} lost, {} duplicated, {} unread, {} quarantined, {} photos, {} lost, {} duplicated, {} stuck, {} with wrong bytes",
            self.acknowledged,
            self.lost,
            self.duplicated,
            self.unread,
            self.quarantined,
            self.photos,
            self.photos_lost,
            self.photos_duplicated,
            self.stuck,
            self.wrong_bytes
        )
    }
}

/// Waits until the desk is at rest, then compares.
pub async fn count(product: &Product, sent: &Sent, patience: Duration) -> Result<Report> {
    let mut report =
        Report { acknowledged: sent.acknowledged.len(), photos: sent.photos.len(), ..Report::default() };
    match product.settle(patience).await {
        Ok(inbox) => report.quarantined = inbox.quarantined,
        Err(error) => {
            eprintln!("{error}");
            report.unread = product.inbox().await?.waiting;
        }
    }
    let desk = at_rest(product, sent.photos.len(), patience).await?;

    report.lost = sent.acknowledged.iter().filter(|n| !desk.webhooks.contains_key(n)).count();
    report.duplicated = desk.webhooks.values().filter(|times| **times > 1).count();
    for photo in &sent.photos {
        let attachments = desk.photos.get(&photo.caption).map(Vec::as_slice).unwrap_or_default();
        match attachments {
            [] => report.photos_lost += 1,
            [attachment] if attachment.state != "ready" => report.stuck += 1,
            [attachment] => {
                if !is_intact(product, attachment, photo).await? {
                    report.wrong_bytes += 1;
                }
            }
            _ => report.photos_duplicated += 1,
        }
    }
    Ok(report)
}

/// Everything that came in.
#[derive(Default)]
struct Desk {
    /// How often the message of each webhook is there.
    webhooks: BTreeMap<u64, usize>,
    /// Attachments by the caption of their message.
    photos: BTreeMap<String, Vec<Attachment>>,
}

impl Desk {
    async fn read(product: &Product) -> Result<Self> {
        let mut desk = Self::default();
        for ticket in product.tickets().await? {
            for message in product.messages(&ticket).await? {
                desk.add(message);
            }
        }
        Ok(desk)
    }

    fn add(&mut self, message: Message) {
        let Some(text) = message.text.filter(|_| message.direction == "in") else { return };
        if let Some(n) = webhooks::number_of(&text) {
            *self.webhooks.entry(n).or_default() += 1;
        } else {
            self.photos.entry(text).or_default().extend(message.attachments);
        }
    }

    fn ready(&self) -> usize {
        self.photos.values().flatten().filter(|attachment| attachment.state == "ready").count()
    }
}

/// Photos may still be on their way from the sandbox, which repeats what a dead server did not take.
async fn at_rest(product: &Product, photos: usize, patience: Duration) -> Result<Desk> {
    let mut desk = Desk::read(product).await?;
    let mut moved = Instant::now();
    while desk.ready() < photos && moved.elapsed() < patience {
        tokio::time::sleep(POLL_EVERY).await;
        let now = Desk::read(product).await?;
        if now.ready() > desk.ready() {
            moved = Instant::now();
        }
        desk = now;
    }
    Ok(desk)
}

/// The hash in the row and the bytes behind it are the customer's.
async fn is_intact(product: &Product, attachment: &Attachment, photo: &Photo) -> Result<bool> {
    let expected = photo.bytes();
    let is_hash_right = attachment.sha256.as_deref() == Some(&hex::encode(Sha256::digest(&expected)));
    Ok(is_hash_right && product.original(attachment).await? == expected)
}

/// Every SQLite file of a stopped server's folder passes SQLite's own check.
pub fn check_databases(dir: &Path) -> Result<()> {
    let files = databases(dir)?;
    ensure!(!files.is_empty(), "there is no SQLite database in {}", dir.display());
    for file in files {
        let db = rusqlite::Connection::open(&file).with_context(|| file.display().to_string())?;
        let verdict: String = db.query_row("pragma integrity_check", (), |row| row.get(0))?;
        if verdict != "ok" {
            bail!("{} is damaged: {verdict}", file.display());
        }
    }
    Ok(())
}

fn databases(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(databases(&path)?);
        } else if starts_with_magic(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

fn starts_with_magic(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; SQLITE_MAGIC.len()];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == SQLITE_MAGIC
}

#[cfg(test)]
mod tests {
    use super::{Desk, Photo, check_databases};
    use crate::product::Message;

    #[test]
    fn photos_differ_and_are_bitmaps_of_the_size_they_name() {
        let (one, two) = (Photo::new(1).bytes(), Photo::new(2).bytes());
        assert_eq!(one.len(), 54 + 160 * 120 * 3);
        assert_eq!(&one[..2], b"BM");
        assert_eq!(one[2..6], u32::try_from(one.len()).unwrap().to_le_bytes());
        assert_ne!(one, two);
        assert_eq!(one, Photo::new(1).bytes());
    }

    #[test]
    fn a_desk_counts_how_often_each_webhook_became_a_message() {
        let mut desk = Desk::default();
        for (direction, text) in
            [("in", "[webhook 5] a"), ("in", "[webhook 5] a"), ("out", "[webhook 6] b"), ("in", "[photo 1]")]
        {
            let text = Some(text.to_owned());
            desk.add(Message { direction: direction.to_owned(), text, attachments: Vec::new() });
        }
        assert_eq!(desk.webhooks, [(5, 2)].into());
        assert!(desk.photos.contains_key("[photo 1]"));
    }

    #[test]
    fn a_damaged_database_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert!(check_databases(dir.path()).is_err());
        let path = dir.path().join("desk.sqlite");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("create table t (x); insert into t values (zeroblob(100000));").unwrap();
        drop(db);
        check_databases(dir.path()).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4096..8192].fill(0xff);
        std::fs::write(&path, bytes).unwrap();
        assert!(check_databases(dir.path()).is_err());
    }
}
