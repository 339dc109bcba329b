//! Whether a picture was here before: the same bytes, or one that looks the same however it is held.
//!
//! The index of perceptual hashes is in memory and follows the table `picture_hashes`, also when another process
//! writes it. What it finds is looked up in the database again: what was erased is never named.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use media::{
    Hashes, Pdq,
    hash::{self, HOLDS, index::Index},
};
use model::{
    Timestamp,
    finding::Finding,
    ids::{AttachmentId, ContactId},
};
use serde_json::json;
use store::{
    Db,
    hashes::{self as stored, Seen},
};
use ulid::Ulid;

use crate::error::AppError;

pub const ANALYZER: &str = "local.seen";
pub const VERSION: &str = "1";
/// More than these say nothing new: a logo, a meme, a shop's own picture.
const TOLD_MAX: usize = 5;
const NEAR_MAX: usize = 200;
const PAGE: i64 = 10_000;
/// A row may become visible after younger ones: rows of the last moments are read again.
const OVERLAP: Duration = Duration::from_secs(120);

/// The perceptual hashes of the desk.
#[derive(Clone, Default)]
pub struct SeenBefore(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    index: Index<u128>,
    known: HashMap<u128, Pdq>,
    newest: Timestamp,
}

/// Whose picture is asked about.
pub struct Asked<'a> {
    pub attachment: &'a AttachmentId,
    pub contact: Option<&'a ContactId>,
    pub sha256: &'a str,
    pub hashes: Option<&'a Hashes>,
}

impl SeenBefore {
    /// Reads what was kept since the last time.
    pub async fn catch_up(&self, db: &Db) -> Result<(), AppError> {
        let mut from = (self.lock().newest.minus(OVERLAP), String::new());
        loop {
            let page = stored::since(db, from.0, &from.1, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            from = (last.created_at, last.attachment_id.0.clone());
            let mut state = self.lock();
            state.newest = state.newest.max(last.created_at);
            for row in &page {
                if let (Some(id), Some(hash)) = (number(&row.attachment_id), pdq(row.pdq.as_deref())) {
                    state.learn(id, hash);
                }
            }
        }
    }

    /// The pictures that came before this one and are the same or look the same; those that are nearest first.
    pub async fn look(&self, db: &Db, asked: &Asked<'_>) -> Result<Vec<Finding>, AppError> {
        let same = stored::same_bytes(db, asked.sha256, 20).await?;
        let is_before = |seen: &&Seen| seen.attachment_id < *asked.attachment;
        let mut findings: Vec<Finding> =
            same.iter().filter(is_before).map(|seen| same_bytes(seen, asked)).collect();
        for near in self.near(db, asked.hashes).await? {
            let row = stored::seen(db, &[near.attachment.as_str()]).await?.pop();
            let Some(row) = row.filter(|row| row.sha256 != asked.sha256 && is_before(&row)) else { continue };
            findings.push(looks_same(&row, &near, asked));
            if findings.len() >= TOLD_MAX {
                break;
            }
        }
        findings.truncate(TOLD_MAX);
        Ok(findings)
    }

    async fn near(&self, db: &Db, hashes: Option<&Hashes>) -> Result<Vec<Near>, AppError> {
        let Some(hashes) = hashes.filter(|h| h.quality >= hash::QUALITY_MIN) else { return Ok(Vec::new()) };
        self.catch_up(db).await?;
        let (index, pdq) = (self.0.clone(), hashes.pdq);
        let found = tokio::task::spawn_blocking(move || {
            index.lock().unwrap_or_else(PoisonError::into_inner).index.near(&pdq, hash::DISTANCE_MAX)
        });
        let told = found.await?.into_iter().take(NEAR_MAX).map(|near| Near {
            attachment: AttachmentId(Ulid(near.id).to_string()),
            distance: near.distance,
            hold: near.hold,
        });
        Ok(told.collect())
    }

    /// How many pictures it knows.
    pub fn len(&self) -> usize {
        self.lock().known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn learn(&mut self, id: u128, hash: Pdq) {
        match self.known.insert(id, hash) {
            Some(before) if before == hash => return,
            Some(_) => {
                self.index.remove(id);
            }
            None => {}
        }
        self.index.insert(id, hash);
    }
}

struct Near {
    attachment: AttachmentId,
    distance: u32,
    hold: usize,
}

fn number(id: &AttachmentId) -> Option<u128> {
    Ulid::from_string(id.as_str()).ok().map(|ulid| ulid.0)
}

/// As it is stored: 32 bytes, the lowest frequencies first.
pub fn bytes(hash: Pdq) -> Vec<u8> {
    hash.0.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn pdq(bytes: Option<&[u8]>) -> Option<Pdq> {
    let (words, rest) = bytes?.as_chunks::<8>();
    let words: [[u8; 8]; 4] = words.try_into().ok()?;
    rest.is_empty().then_some(Pdq(words.map(u64::from_le_bytes)))
}

fn same_bytes(seen: &Seen, asked: &Asked<'_>) -> Finding {
    let why = format!("the very same file came before{}", whereabouts(seen, asked));
    finding("seen.exact", seen, asked, 1.0, why, json!({}))
}

fn looks_same(seen: &Seen, near: &Near, asked: &Asked<'_>) -> Finding {
    let hold = HOLDS.get(near.hold).copied().unwrap_or("as it is");
    let held = if near.hold == 0 { String::new() } else { format!(", {hold}") };
    let why = format!(
        "a picture that looks the same{held} came before{}: {} of 256 bits differ, up to {} are taken for the same",
        whereabouts(seen, asked),
        near.distance,
        hash::DISTANCE_MAX
    );
    let bits = u16::try_from(near.distance).unwrap_or(u16::MAX);
    let confidence = 0.99 - f32::from(bits) / 100.0;
    finding(
        "seen.near",
        seen,
        asked,
        confidence,
        why,
        json!({ "distance_bits": near.distance, "hold": hold }),
    )
}

fn is_same_contact(seen: &Seen, asked: &Asked<'_>) -> bool {
    seen.contact_id.is_some() && seen.contact_id.as_ref() == asked.contact
}

fn whereabouts(seen: &Seen, asked: &Asked<'_>) -> String {
    let who = if is_same_contact(seen, asked) { "from this contact" } else { "from another contact" };
    match seen.ticket_number {
        Some(number) => format!(" {who}, in ticket #{number}"),
        None => format!(" {who}"),
    }
}

fn finding(
    kind: &str,
    seen: &Seen,
    asked: &Asked<'_>,
    confidence: f32,
    why: String,
    more: serde_json::Value,
) -> Finding {
    let mut value = json!({
        "attachment_id": seen.attachment_id,
        "ticket_id": seen.ticket_id,
        "ticket_number": seen.ticket_number,
        "is_same_contact": is_same_contact(seen, asked),
        "at": seen.created_at,
    });
    if let (Some(value), serde_json::Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    Finding {
        kind: kind.to_owned(),
        value,
        confidence,
        region: None,
        why,
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}
