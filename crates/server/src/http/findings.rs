//! What analyzers said of a file, and a new look at everything that is stored.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use model::{Timestamp, access::Right, finding, ids::AttachmentId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    analysis_runs,
    findings::{self as kept, Kept},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    access::Reached,
    attachments::{self, sight},
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::jobs::AnalysisAgain;

/// One thing that an analyzer says: advice with evidence.
#[derive(Serialize, ToSchema)]
pub struct Finding {
    /// From the general to the particular: `quality.blur`, `text.line`, `entity.serial`.
    pub kind: String,
    /// A string for what is read, a number for what is measured, an object where one value is not enough.
    #[schema(value_type = Value)]
    pub value: Value,
    /// 0.0 to 1.0.
    pub confidence: f32,
    /// Where it stands; absent when it is said of the whole file.
    pub region: Option<Region>,
    /// One sentence for a person.
    pub why: String,
    pub analyzer: String,
    pub version: String,
}

/// A polygon in pixels of the `view` rendition.
#[derive(Serialize, ToSchema)]
pub struct Region {
    /// From 1, for a document.
    pub page: Option<u32>,
    /// `[x, y]`, clockwise from the top left of the thing itself.
    pub points: Vec<[f32; 2]>,
}

impl From<finding::Region> for Region {
    fn from(region: finding::Region) -> Self {
        Self { page: region.page, points: region.points }
    }
}

impl From<finding::Finding> for Finding {
    fn from(found: finding::Finding) -> Self {
        Self {
            kind: found.kind,
            value: found.value,
            confidence: found.confidence,
            region: found.region.map(Region::from),
            why: found.why,
            analyzer: found.analyzer,
            version: found.version,
        }
    }
}

/// Everything said about a file by one run of the analyzers.
#[derive(Serialize, ToSchema)]
pub struct FileAnalysis {
    /// From 1, for each file.
    pub number: i64,
    pub is_current: bool,
    /// Quality is said first; text and the rest follow and complete it.
    pub is_complete: bool,
    /// `usable`, `doubtful` or `retake`.
    pub verdict: String,
    pub reason: Option<String>,
    pub hint: Option<String>,
    /// Everything written on it, in reading order, a line a line; what the configuration masks is bullets.
    pub text: String,
    /// BCP 47.
    pub language: Option<String>,
    /// Milliseconds of each part.
    #[schema(value_type = Object)]
    pub ms: BTreeMap<String, u32>,
    /// The parts that failed, each with a sentence.
    #[schema(value_type = Object)]
    pub failed: BTreeMap<String, String>,
    pub findings: Vec<Finding>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<Kept> for FileAnalysis {
    fn from(row: Kept) -> Self {
        let word = |value: Value| value.as_str().map(str::to_owned);
        let analysis = row.analysis;
        Self {
            number: row.number,
            is_current: row.is_current,
            is_complete: row.is_complete,
            verdict: serde_json::to_value(analysis.verdict).ok().and_then(word).unwrap_or_default(),
            reason: serde_json::to_value(analysis.reason).ok().and_then(word),
            hint: analysis.hint,
            text: analysis.text,
            language: analysis.language,
            ms: analysis.ms,
            failed: analysis.failed,
            findings: analysis.findings.into_iter().map(Finding::from).collect(),
            created_at: row.created_at,
        }
    }
}

/// What was said of a file: the current analysis first.
#[derive(Serialize, ToSchema)]
pub struct FileFindings {
    pub attachment_id: String,
    /// Absent until the file was looked at, and for what is not looked at.
    pub current: Option<FileAnalysis>,
    /// Earlier analyses, the newest first; only with `all=true`.
    pub earlier: Vec<FileAnalysis>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingsQuery {
    /// Earlier analyses as well, to compare.
    pub all: Option<bool>,
}

#[utoipa::path(get, path = "/api/v1/attachments/{id}/findings", tag = "findings", params(("id" = String, Path), FindingsQuery), responses((status = 200, body = FileFindings)))]
pub async fn get(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<AttachmentId>,
    Query(query): Query<FindingsQuery>,
) -> ApiResult<Json<FileFindings>> {
    let app = &web.app;
    let row = attachments::row(app, &id).await?;
    if attachments::is_revoked(app, &row).await? {
        return Err(ApiError::new(StatusCode::GONE, "revoked", "the customer took this message back"));
    }
    let (current, earlier): (Vec<Kept>, Vec<Kept>) = if query.all.unwrap_or(false) {
        kept::versions(&app.db, &row.id).await?.into_iter().partition(|version| version.is_current)
    } else {
        (kept::current(&app.db, &row.id).await?.into_iter().collect(), Vec::new())
    };
    let shown = |kept: Kept| shown(kept, &caller);
    Ok(Json(FileFindings {
        attachment_id: row.id.0,
        current: current.into_iter().next().map(shown),
        earlier: earlier.into_iter().map(shown).collect(),
    }))
}

/// What this caller may know of it: of an identity document perhaps only that it is one, and how good a picture.
fn shown(mut kept: Kept, caller: &Caller) -> FileAnalysis {
    if kept.analysis.is_identity_document() && !caller.may(Right::IdentityDocumentsRead) {
        kept.analysis.findings.retain(|finding| sight::is_harmless(&finding.kind));
        kept.analysis.text.clear();
    }
    kept.into()
}

/// A new look at what is stored.
#[derive(Serialize, ToSchema)]
pub struct AnalysisRun {
    pub id: String,
    /// Files that came before it are left alone.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    pub total: i64,
    pub done: i64,
    pub failed: i64,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

impl From<analysis_runs::Run> for AnalysisRun {
    fn from(run: analysis_runs::Run) -> Self {
        Self {
            id: run.id.0,
            since: run.since,
            total: run.total,
            done: run.done,
            failed: run.failed,
            started_at: run.started_at,
            ended_at: run.ended_at,
        }
    }
}

const RUNS_SHOWN: i64 = 20;

/// The newest runs and how far they are.
#[utoipa::path(get, path = "/api/v1/analysis/runs", tag = "findings", responses((status = 200, body = Page<AnalysisRun>)))]
pub async fn runs(State(web): State<Web>) -> ApiResult<Json<Page<AnalysisRun>>> {
    let runs = analysis_runs::list(&web.app.db, RUNS_SHOWN).await?;
    Ok(Json(Page::whole(runs.into_iter().map(AnalysisRun::from).collect())))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnalysisRun {
    /// Only files that came since; everything without it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
}

/// Looks at everything that is stored anew, after an upgrade say. Pictures that customers wait on go first.
#[utoipa::path(post, path = "/api/v1/analysis/runs", tag = "findings", request_body = NewAnalysisRun, responses((status = 201, body = AnalysisRun)))]
pub async fn start_run(State(web): State<Web>, Json(wanted): Json<NewAnalysisRun>) -> ApiResult<Response> {
    if !web.app.config.analysis.enabled {
        return Err(ApiError::invalid(
            "the analysis is switched off in the configuration (analysis.enabled)",
        ));
    }
    let app = &web.app;
    let since = wanted.since.unwrap_or_default();
    let run = AnalysisAgain::start(&app.db, &app.ids, since, app.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(AnalysisRun::from(run))).into_response())
}
