//! Where in the tickets of a page the words stand.

use std::collections::{BTreeMap, BTreeSet};

use model::{finding::Finding, ids::AttachmentId};
use sqlx::FromRow;

use super::{
    Found, Hit, Place, Source, Text, Wanted,
    cut::Span,
    query::{Query, Word},
    snippet, texts,
};
use crate::{Db, Result, StoreError};

/// Places of one ticket that are told; how many there are besides is said.
const HITS_MAX: usize = 5;

/// A text in which something stands that was asked for.
struct Match {
    text: Text,
    spans: Vec<Span>,
    /// By word of the query: 2 when all of it stands here, 1 when a piece does.
    worth: Vec<u8>,
}

/// The tickets with their places; those in which a phrase does not stand are left out.
pub async fn of(db: &Db, wanted: &Wanted, founds: Vec<Found>) -> Result<Vec<Found>> {
    let numbers: Vec<i64> = founds.iter().map(|found| found.number).collect();
    let mut matches: BTreeMap<i64, Vec<Match>> = BTreeMap::new();
    if !numbers.is_empty() {
        for place in Place::ALL.into_iter().filter(|place| wanted.counts(*place)) {
            for text in texts::of(db, &numbers, place, texts::SHOWN_MAX).await? {
                if let Some(found) = Match::of(text, &wanted.query) {
                    matches.entry(found.text.ticket).or_default().push(found);
                }
            }
        }
    }
    let mut kept = Vec::new();
    let mut read = Vec::new();
    for mut found in founds {
        let matches = matches.remove(&found.number).unwrap_or_default();
        if !has_phrases(&wanted.query, &matches) {
            continue;
        }
        let (best, more) = best(matches, wanted.query.words.len());
        for one in &best {
            if let Source::Read { id, .. } = &one.text.source {
                read.push(id.clone());
            }
        }
        found.more = more;
        kept.push((found, best));
    }
    let lines = lines(db, &read).await?;
    let told = |(mut found, best): (Found, Vec<Match>)| {
        found.hits = best.into_iter().map(|one| one.hit(&wanted.query, &lines)).collect();
        found
    };
    Ok(kept.into_iter().map(told).collect())
}

impl Match {
    fn of(text: Text, query: &Query) -> Option<Self> {
        let spans = text.spans();
        let worth: Vec<u8> = query.words.iter().map(|word| worth(word, &spans)).collect();
        worth.iter().any(|worth| *worth > 0).then_some(Self { text, spans, worth })
    }

    fn hit(self, query: &Query, lines: &BTreeMap<AttachmentId, Vec<Finding>>) -> Hit {
        let Self { text, spans, .. } = self;
        let wanted = |span: &&Span| query.words.iter().any(|word| asks_for(word, &span.word));
        let at = text.at;
        if let Source::Read { id, message, file_name, .. } = &text.source
            && let Some((line, region)) = best_line(query, lines.get(id).map_or(&[], Vec::as_slice))
        {
            let spans = super::cut::spans(&line);
            let (snippet, matches) = snippet::of(&line, spans.iter().filter(wanted));
            let (id, message, file_name) = (id.clone(), message.clone(), file_name.clone());
            return Hit { source: Source::Read { id, message, file_name, region }, snippet, matches, at };
        }
        let (snippet, matches) = snippet::of(&text.text, spans.iter().filter(wanted));
        Hit { source: text.source, snippet, matches, at }
    }
}

fn asks_for(word: &Word, there: &str) -> bool {
    word.ways.iter().flatten().any(|range| range.holds(there))
}

fn worth(word: &Word, spans: &[Span]) -> u8 {
    let stands = |range: &super::query::Range| spans.iter().any(|span| range.holds(&span.word));
    if let Some(phrase) = &word.phrase {
        return if has_phrase(phrase, spans) { 2 } else { 0 };
    }
    if word.ways.iter().any(|way| way.iter().all(stands)) {
        2
    } else {
        u8::from(word.ways.iter().flatten().any(stands))
    }
}

/// Whether the words stand one after the other.
fn has_phrase(phrase: &[String], spans: &[Span]) -> bool {
    let parts: Vec<&str> = spans.iter().filter(|span| span.is_part).map(|span| span.word.as_str()).collect();
    parts.windows(phrase.len()).any(|window| window.iter().zip(phrase).all(|(there, asked)| there == asked))
}

fn has_phrases(query: &Query, matches: &[Match]) -> bool {
    query
        .words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.phrase.is_some())
        .all(|(n, _)| matches.iter().any(|one| one.worth.get(n).is_some_and(|worth| *worth > 0)))
}

/// The places that say the most, and how many are left. What repeats a weaker part of a better place is left out.
fn best(mut matches: Vec<Match>, words: usize) -> (Vec<Match>, usize) {
    let total = |one: &Match| one.worth.iter().map(|worth| u32::from(*worth)).sum::<u32>();
    // Stable: of two places that say as much, the newer of one kind comes first.
    matches.sort_by_key(|one| std::cmp::Reverse((total(one), one.text.at)));
    let full = matches.first().map_or(0, &total);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    matches.retain(|one| {
        let told: Vec<usize> =
            (0..words).filter(|n| one.worth.get(*n).is_some_and(|worth| *worth == 2)).collect();
        let is_new = told.iter().any(|n| !seen.contains(n)) || (told.is_empty() && seen.is_empty());
        seen.extend(told);
        is_new || total(one) == full
    });
    let more = matches.len().saturating_sub(HITS_MAX);
    matches.truncate(HITS_MAX);
    (matches, more)
}

#[derive(FromRow)]
struct Row {
    attachment_id: AttachmentId,
    findings: String,
}

/// The lines of these files, each with its place in the picture.
async fn lines(db: &Db, files: &[AttachmentId]) -> Result<BTreeMap<AttachmentId, Vec<Finding>>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = db.engine().pick(
        "select attachment_id, findings from analyses where is_current and attachment_id in (select value from json_each($1))",
        "select attachment_id, findings from analyses where is_current and attachment_id in (select json_array_elements_text($1::json))",
    );
    let list = serde_json::json!(files).to_string();
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(sql).bind(list).fetch_all(c).await)?;
    let read = |row: Row| {
        let mut findings: Vec<Finding> =
            serde_json::from_str(&row.findings).map_err(|e| StoreError::corrupt("analysis", e))?;
        findings.retain(|finding| finding.kind == "text.line");
        Ok((row.attachment_id, findings))
    };
    rows.into_iter().map(read).collect()
}

/// The line in which the most of the search stands, with its place in the picture.
fn best_line(query: &Query, lines: &[Finding]) -> Option<(String, Option<model::finding::Region>)> {
    let mut best: Option<(u32, &Finding, &str)> = None;
    for line in lines {
        let Some(text) = line.value.as_str() else { continue };
        let spans = super::cut::spans(text);
        let found: u32 = query.words.iter().map(|word| u32::from(worth(word, &spans))).sum();
        if found > 0 && best.is_none_or(|(most, ..)| found > most) {
            best = Some((found, line, text));
        }
    }
    best.map(|(_, line, text)| (text.to_owned(), line.region.clone()))
}
