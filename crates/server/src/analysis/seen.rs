//! Whether a picture was here before: the same bytes, or one that looks the same however it is held.
//!
//! The index of perceptual hashes is in memory and follows the table `picture_hashes`, also when another process
//! writes it. What it finds is looked up in the database again: what was erased is never named.

use std::{
    collections::{HashMap, HashSet},
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
    /// Whole pictures, and what is within their borders.
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
                if let (Some(id), Some(hashes)) = (number(&row.attachment_id), row.pdq.as_deref()) {
                    state.learn(id, &pdqs(hashes));
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
            let id = Ulid(near.id).to_string();
            let row = stored::seen(db, &[id.as_str()]).await?.pop();
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
        let (state, hashes) = (self.0.clone(), hashes.clone());
        let found = tokio::task::spawn_blocking(move || {
            state.lock().unwrap_or_else(PoisonError::into_inner).near(&hashes)
        });
        Ok(found.await?)
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
    /// In the order in which [`bytes()`] writes them.
    fn learn(&mut self, id: u128, hashes: &[Pdq]) {
        let Some(whole) = hashes.first() else { return };
        match self.known.insert(id, *whole) {
            Some(before) if before == *whole => return,
            Some(_) => {
                self.index.remove(id);
            }
            None => {}
        }
        hashes.iter().for_each(|hash| self.index.insert(id, *hash));
    }

    /// Each picture once, the nearest first: held in any way, or one within a border around the other.
    fn near(&self, hashes: &Hashes) -> Vec<Near> {
        let as_whole = self.index.near(&hashes.pdq, hash::DISTANCE_MAX).into_iter();
        let as_whole = as_whole.map(|near| (near, HOLDS.get(near.hold).copied().unwrap_or("as it is")));
        let within: Vec<Pdq> = hashes.inner.into_iter().collect();
        let framed = self.index.near(&within, hash::DISTANCE_MAX).into_iter();
        let mut found: Vec<Near> = as_whole
            .chain(framed.map(|near| (near, "with a border around it")))
            .map(|(near, how)| Near { id: near.id, distance: near.distance, how })
            .collect();
        found.sort_by_key(|near| near.distance);
        let mut told = HashSet::new();
        found.retain(|near| told.insert(near.id));
        found.truncate(NEAR_MAX);
        found
    }
}

struct Near {
    id: u128,
    distance: u32,
    how: &'static str,
}

fn number(id: &AttachmentId) -> Option<u128> {
    Ulid::from_string(id.as_str()).ok().map(|ulid| ulid.0)
}

/// As they are stored, 32 bytes each: the whole, and what is within its border.
pub fn bytes(hashes: &Hashes) -> Vec<u8> {
    let [whole, ..] = hashes.pdq;
    let all = std::iter::once(whole).chain(hashes.inner);
    all.flat_map(|hash| hash.0).flat_map(u64::to_le_bytes).collect()
}

fn pdqs(bytes: &[u8]) -> Vec<Pdq> {
    let (words, _) = bytes.as_chunks::<8>();
    let (hashes, _) = words.as_chunks::<4>();
    hashes.iter().map(|words| Pdq(words.map(u64::from_le_bytes))).collect()
}

fn same_bytes(seen: &Seen, asked: &Asked<'_>) -> Finding {
    let why = format!("the very same file came before{}", whereabouts(seen, asked));
    finding("seen.exact", seen, asked, 1.0, why, json!({}))
}

fn looks_same(seen: &Seen, near: &Near, asked: &Asked<'_>) -> Finding {
    let held = if near.how == "as it is" { String::new() } else { format!(", {}", near.how) };
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
        json!({ "distance_bits": near.distance, "how": near.how }),
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
