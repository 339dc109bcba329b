//! What the analyzers said of each file: the current analysis, and a few older ones to compare it with.
//!
//! Findings are kept whole, as JSON: they are always read together. Their text is in the index of the
//! search. All of it is the customer's and goes when the customer is erased.

use std::collections::BTreeMap;

use model::{
    Ids, Timestamp,
    finding::{Analysis, Finding},
    ids::{AnalysisId, AttachmentId, ContactId, TicketId},
    redaction::{self, Area},
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::FromRow;

use crate::{Db, Result, StoreError, Tx, search, tickets};

/// Analyses of one file that are kept, the current one among them.
pub const KEPT_MAX: i64 = 4;
/// Of a long document the beginning; a picture never has so much.
pub const TEXT_CHARS_MAX: usize = 200_000;
pub const FINDINGS_MAX: usize = 4_000;

/// One run of the analyzers over one file.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub attachment_id: AttachmentId,
    /// From 1, for each file.
    pub number: i64,
    pub is_current: bool,
    /// Whether every part has had its turn: the quality is said before the text is read.
    pub is_complete: bool,
    pub analysis: Analysis,
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    attachment_id: AttachmentId,
    number: i64,
    is_current: bool,
    is_complete: bool,
    verdict: String,
    reason: Option<String>,
    hint: Option<String>,
    text: String,
    language: Option<String>,
    ms: String,
    failed: String,
    findings: String,
    created_at: Timestamp,
}

const SELECT: &str = "select attachment_id, number, is_current, is_complete, verdict, reason, hint, text, language, ms, failed, findings, created_at from analyses";

impl TryFrom<Row> for Kept {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            attachment_id: row.attachment_id,
            number: row.number,
            is_current: row.is_current,
            is_complete: row.is_complete,
            analysis: Analysis {
                verdict: from_word(&row.verdict)?,
                reason: row.reason.as_deref().map(from_word).transpose()?,
                hint: row.hint,
                text: row.text,
                language: row.language,
                ms: from_json(&row.ms)?,
                failed: from_json(&row.failed)?,
                findings: from_json(&row.findings)?,
            },
            created_at: row.created_at,
        })
    }
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::corrupt("analysis", e))
}

fn from_word<T: DeserializeOwned>(word: &str) -> Result<T> {
    serde_json::from_value(word.into()).map_err(|e| StoreError::corrupt("analysis", e))
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::corrupt("analysis", e))
}

fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(StoreError::corrupt("analysis", format!("{other:?} is no word"))),
    }
}

/// Keeps what was said and makes it current; returns its number.
///
/// An analysis that is not complete is replaced by what follows; a complete one is kept beside a new one.
pub async fn keep(
    tx: &mut Tx,
    ids: &Ids,
    attachment: &AttachmentId,
    analysis: &Analysis,
    is_complete: bool,
    now: Timestamp,
) -> Result<i64> {
    let newest: Option<(i64, bool)> = on_tx!(tx, c => sqlx::query_as(
        "select number, is_complete from analyses where attachment_id = $1 order by number desc limit 1")
        .bind(attachment).fetch_optional(c).await)?;
    let number = match newest {
        None => 1,
        Some((number, true)) => number + 1,
        Some((number, false)) => number,
    };
    // PostgreSQL keeps no zero in a text.
    let text: String = analysis.text.chars().filter(|c| *c != '\0').take(TEXT_CHARS_MAX).collect();
    let findings: Vec<&Finding> = analysis.findings.iter().take(FINDINGS_MAX).collect();
    let reason = analysis.reason.as_ref().map(word).transpose()?;
    on_tx!(tx, c => sqlx::query("delete from analyses where attachment_id = $1 and (number = $2 or number <= $3)")
        .bind(attachment).bind(number).bind(number - KEPT_MAX).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query("update analyses set is_current = false where attachment_id = $1 and is_current")
        .bind(attachment).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query(
        "insert into analyses (id, attachment_id, number, is_current, is_complete, verdict, reason, hint, text, language, ms, failed, findings, created_at, is_identity_document)
         values ($1, $2, $3, true, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
        .bind(AnalysisId::new(ids, now)).bind(attachment).bind(number).bind(is_complete)
        .bind(word(&analysis.verdict)?).bind(reason).bind(&analysis.hint).bind(&text).bind(&analysis.language)
        .bind(json(&analysis.ms)?).bind(json(&analysis.failed)?).bind(json(&findings)?).bind(now)
        .bind(analysis.is_identity_document())
        .execute(c).await.map(drop))?;
    touch(tx, attachment, analysis, newest.is_none()).await?;
    Ok(number)
}

async fn touch(tx: &mut Tx, attachment: &AttachmentId, analysis: &Analysis, is_first: bool) -> Result<()> {
    let ticket: Option<Option<TicketId>> = on_tx!(tx, c => sqlx::query_scalar("select ticket_id from attachments where id = $1")
        .bind(attachment).fetch_optional(c).await)?;
    if let Some(ticket) = ticket.flatten() {
        search::write_read(tx, &ticket, analysis, is_first).await?;
        tickets::refresh(tx, &ticket).await?;
        tx.touch(&ticket, "analysis");
    }
    Ok(())
}

/// Takes what stands under these boxes out of everything that was ever said of the file, and out of the search.
pub async fn redact(tx: &mut Tx, attachment: &AttachmentId, areas: &[Area]) -> Result<()> {
    let sql = format!("{SELECT} where attachment_id = $1 order by number");
    let rows: Vec<Row> =
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(attachment).fetch_all(c).await)?;
    for row in rows {
        let Kept { number, mut analysis, .. } = row.try_into()?;
        redaction::redact(&mut analysis, areas);
        on_tx!(tx, c => sqlx::query("update analyses set text = $3, findings = $4 where attachment_id = $1 and number = $2")
            .bind(attachment).bind(number).bind(&analysis.text).bind(json(&analysis.findings)?)
            .execute(c).await.map(drop))?;
    }
    let ticket: Option<Option<TicketId>> = on_tx!(tx, c => sqlx::query_scalar("select ticket_id from attachments where id = $1")
        .bind(attachment).fetch_optional(c).await)?;
    if let Some(ticket) = ticket.flatten() {
        search::rewrite(tx, &ticket, &[search::Place::Read, search::Place::Paper]).await?;
        tx.touch(&ticket, "analysis");
    }
    Ok(())
}

/// The current analysis, `None` while there is none.
pub async fn current(db: &Db, attachment: &AttachmentId) -> Result<Option<Kept>> {
    let sql = format!("{SELECT} where attachment_id = $1 and is_current");
    let row: Option<Row> =
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(attachment).fetch_optional(c).await)?;
    row.map(Kept::try_from).transpose()
}

pub async fn current_in(tx: &mut Tx, attachment: &AttachmentId) -> Result<Option<Kept>> {
    let sql = format!("{SELECT} where attachment_id = $1 and is_current");
    let row: Option<Row> =
        on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(attachment).fetch_optional(c).await)?;
    row.map(Kept::try_from).transpose()
}

/// Every analysis that is kept, the newest first.
pub async fn versions(db: &Db, attachment: &AttachmentId) -> Result<Vec<Kept>> {
    let sql = format!("{SELECT} where attachment_id = $1 order by number desc");
    let rows: Vec<Row> =
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(attachment).fetch_all(c).await)?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// What a list shows of an analysis.
#[derive(Clone, Debug, FromRow)]
pub struct Summary {
    pub attachment_id: AttachmentId,
    pub number: i64,
    pub is_complete: bool,
    pub verdict: String,
    pub reason: Option<String>,
    pub hint: Option<String>,
    pub is_identity_document: bool,
    failed: String,
}

impl Summary {
    /// The parts that failed, each with a sentence.
    pub fn failed(&self) -> BTreeMap<String, String> {
        serde_json::from_str(&self.failed).unwrap_or_default()
    }
}

/// The current analyses of these files, those that have one.
pub async fn summaries(db: &Db, attachments: &[&str]) -> Result<Vec<Summary>> {
    let condition = db.engine().pick(
        "attachment_id in (select value from json_each($1))",
        "attachment_id in (select json_array_elements_text($1::json))",
    );
    let sql = format!(
        "select attachment_id, number, is_complete, verdict, reason, hint, is_identity_document, failed from analyses where is_current and {condition}"
    );
    let list = json(&attachments)?;
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(list).fetch_all(c).await)?)
}

/// Removes everything that was said of a contact's files, and by what they would be known again.
///
/// The second half of an erasure: the blobs themselves are noise once the contact's key is gone.
pub async fn erase(tx: &mut Tx, contact: &ContactId) -> Result<u64> {
    let mut gone = 0;
    for sql in [
        "delete from picture_hashes where attachment_id in (select id from attachments where contact_id = $1)",
        "delete from analyses where attachment_id in (select id from attachments where contact_id = $1)",
    ] {
        gone += on_tx!(tx, c => sqlx::query(sql).bind(contact).execute(c).await.map(|done| done.rows_affected()))?;
    }
    search::erase_read(tx, contact).await?;
    Ok(gone)
}
