//! A file as the API tells it: its state, its renditions, and in short what was said of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{
    Timestamp,
    access::{Right, Rights},
    ids::AttachmentId,
};
use serde::Serialize;
use store::{Db, attachments as files, findings, redactions};
use utoipa::ToSchema;

use crate::error::AppError;

/// The analysis of a file in short; all of it is at `/attachments/{id}/findings`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnalysisSummary {
    /// From 1; a new look at the file has a new number.
    pub number: i64,
    /// Quality is said first; text and the rest follow and complete it. Until then nobody knows what has to be masked.
    pub is_complete: bool,
    /// `usable`, `doubtful` or `retake`.
    pub verdict: String,
    /// The one reason that helps most: `out_of_focus`, `motion_blur`, `too_dark`, `over_exposed`, `glare`,
    /// `low_contrast`, `too_small`, `cut_off`, `tilted`, `photo_of_screen`, `nothing_to_see` or `unreadable`.
    pub reason: Option<String>,
    /// What would mend it.
    pub hint: Option<String>,
    /// The parts that failed, each with a sentence; the others stand.
    #[schema(value_type = Object)]
    pub failed: BTreeMap<String, String>,
}

impl From<findings::Summary> for AnalysisSummary {
    fn from(row: findings::Summary) -> Self {
        Self {
            failed: row.failed(),
            number: row.number,
            is_complete: row.is_complete,
            verdict: row.verdict,
            reason: row.reason,
            hint: row.hint,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attachment {
    pub id: String,
    pub message_id: Option<String>,
    pub kind: String,
    /// `pending`, `fetched`, `ready`, `failed` or `expired`.
    pub state: String,
    /// Why it is not (or not wholly) here, or not shown.
    pub reason: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// What the bytes are.
    pub mime_type: Option<String>,
    /// What the sender said they are.
    pub claimed_mime_type: Option<String>,
    pub file_name: Option<String>,
    pub is_voice: bool,
    pub size_bytes: Option<i64>,
    /// Lower-case hex.
    pub sha256: Option<String>,
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// `thumb` and `view` when they exist; `thumb_masked` and `view_masked` when personal data in them is black,
    /// and then these are what `thumb` and `view` give. Of a document its pages, `page-1` and on, once they were looked at.
    pub renditions: Vec<String>,
    /// It shows an identity document, and is for those with the right `identity_documents.read`.
    pub is_withheld: bool,
    /// Boxes that people made black for good in all of its renditions; a change of it is a change of the pictures.
    pub redaction_count: i64,
    /// What was said of it; absent for what is not looked at, and until it was.
    pub analysis: Option<AnalysisSummary>,
    /// When the channel forgets the file.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl Attachment {
    fn new(row: files::Attachment, extras: &Extras) -> Self {
        let is_withheld = extras.withheld.contains(row.id.as_str());
        let renditions = extras.renditions.get(row.id.as_str()).filter(|_| !is_withheld);
        Self {
            is_withheld,
            renditions: renditions.cloned().unwrap_or_default(),
            analysis: extras.analyses.get(row.id.as_str()).cloned(),
            redaction_count: extras.redactions.get(&row.id).copied().unwrap_or(0),
            id: row.id.0,
            message_id: row.message_id.map(|id| id.0),
            kind: row.kind,
            state: row.state,
            reason: if is_withheld { Some(WITHHELD.to_owned()) } else { row.reason },
            retry_at: row.retry_at,
            mime_type: row.mime_type,
            claimed_mime_type: row.claimed_mime_type,
            file_name: row.file_name,
            is_voice: row.is_voice,
            size_bytes: row.size_bytes,
            sha256: row.sha256,
            width: row.width,
            height: row.height,
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// What hangs on attachments, by their ids.
#[derive(Default)]
struct Extras {
    renditions: HashMap<String, Vec<String>>,
    analyses: HashMap<String, AnalysisSummary>,
    redactions: HashMap<AttachmentId, i64>,
    /// Those that whoever asks may not see.
    withheld: HashSet<String>,
}

const WITHHELD: &str = "an identity document: seen by those with the right to it";

/// Attachments with the names of their renditions and what was said of them, as far as these rights let it be seen.
pub async fn attachments(
    db: &Db,
    rows: Vec<files::Attachment>,
    rights: &Rights,
) -> Result<Vec<Attachment>, AppError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut extras = Extras::default();
    if !ids.is_empty() {
        for rendition in files::renditions(db, &ids).await? {
            extras.renditions.entry(rendition.attachment_id.0).or_default().push(rendition.name);
        }
        extras.redactions = redactions::counts(db, &ids).await?;
        for row in findings::summaries(db, &ids).await? {
            if row.is_identity_document && !rights.has(Right::IdentityDocumentsRead) {
                extras.withheld.insert(row.attachment_id.0.clone());
            }
            extras.analyses.insert(row.attachment_id.0.clone(), row.into());
        }
    }
    Ok(rows.into_iter().map(|row| Attachment::new(row, &extras)).collect())
}
