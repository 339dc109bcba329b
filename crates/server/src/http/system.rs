//! The state of the system: for people who run it, and for what watches it.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use model::{Timestamp, ids::JobId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{attachments, channels, inbox::Outcome, jobs as queue, problems};
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    error::{ApiError, ApiResult},
    page::{Page, PageQuery},
};
use crate::{
    health::Degraded,
    processes::{self, ProcessState},
};

/// The process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers and the inbox accepts. The codes of the named states follow; what
/// they mean is for people who are signed in.
pub async fn readyz(State(web): State<Web>) -> Response {
    if web.app.inbox.is_broken() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the inbox is broken: a commit failed; check the disk and restart\n",
        )
            .into_response();
    }
    match processes::all(&web.app).await {
        Ok(all) => {
            let states = processes::degraded(&all);
            let lines: String = states.iter().map(|state| format!("degraded: {}\n", state.code)).collect();
            format!("ready\n{lines}").into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct InboxStats {
    pub received: i64,
    pub read: i64,
    pub quarantined: i64,
    pub waiting: i64,
}

#[derive(Serialize, ToSchema)]
pub struct MediaStats {
    /// Files still with a channel.
    pub pending: i64,
    pub oldest_pending_secs: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ChannelState {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub is_sandbox: bool,
    /// Whether the configuration still has it; without, it cannot be answered.
    pub is_configured: bool,
}

/// What a channel reported that belongs to no message.
#[derive(Serialize, ToSchema)]
pub struct ChannelProblem {
    pub code: i64,
    pub message: String,
    pub times: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct SystemState {
    pub version: String,
    /// Every named state of every living process, each once.
    pub degraded: Vec<Degraded>,
    /// The processes of the last day, the oldest first.
    pub processes: Vec<ProcessState>,
    pub inbox: InboxStats,
    pub media: MediaStats,
    pub dead_jobs: i64,
    pub channels: Vec<ChannelState>,
    pub problems: Vec<ChannelProblem>,
}

async fn stats(web: &Web) -> ApiResult<InboxStats> {
    let stats = web.app.inbox.stats().await?;
    Ok(InboxStats {
        received: stats.received,
        read: stats.read,
        quarantined: stats.quarantined,
        waiting: stats.waiting,
    })
}

#[utoipa::path(get, path = "/api/v1/inbox/stats", tag = "system", responses((status = 200, body = InboxStats)))]
pub async fn inbox_stats(State(web): State<Web>) -> ApiResult<Json<InboxStats>> {
    stats(&web).await.map(Json)
}

#[utoipa::path(get, path = "/api/v1/system", tag = "system", responses((status = 200, body = SystemState)))]
pub async fn state(State(web): State<Web>) -> ApiResult<Json<SystemState>> {
    let app = &web.app;
    let (pending, oldest) = attachments::unfetched(&app.db, app.clock.now()).await?;
    let line = app.whatsapp.as_ref();
    let channels = channels::list(&app.db).await?.into_iter().map(|channel| ChannelState {
        is_configured: line.is_some_and(|line| line.number(&channel.account).is_some()),
        is_sandbox: line.is_some_and(|line| line.is_sandbox),
        id: channel.id.0,
        kind: channel.kind,
        name: channel.name,
    });
    let problems = problems::recent(&app.db, 20).await?.into_iter().map(|problem| ChannelProblem {
        message: channels_explain(problem.code, problem.details.as_deref().or(problem.title.as_deref())),
        code: problem.code,
        times: problem.times,
        at: problem.at,
    });
    let processes = processes::all(app).await?;
    Ok(Json(SystemState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        degraded: processes::degraded(&processes),
        processes,
        inbox: stats(&web).await?,
        media: MediaStats { pending, oldest_pending_secs: oldest.map(|age| age.as_secs()) },
        dead_jobs: queue::count(&app.db, "dead").await?,
        channels: channels.collect(),
        problems: problems.collect(),
    }))
}

fn channels_explain(code: i64, details: Option<&str>) -> String {
    ::channels::whatsapp::errors::explain(code, details)
}

#[derive(Serialize, ToSchema)]
pub struct QuarantinedBody {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    pub reason: Option<String>,
    /// The first 64 KiB, with what is no text replaced.
    pub body_text: String,
    pub size_bytes: usize,
}

const SHOWN_BYTES: usize = 64 * 1024;

#[utoipa::path(get, path = "/api/v1/inbox/quarantine", tag = "system", params(PageQuery), responses((status = 200, body = Page<QuarantinedBody>)))]
pub async fn quarantine(
    State(web): State<Web>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<QuarantinedBody>>> {
    let after = query.point()?.and_then(|(_, id)| id.parse().ok()).unwrap_or(0);
    let rows = web.app.inbox.quarantined(after, query.limit() + 1).await?;
    let page = Page::cut(rows, query.limit(), |row| (row.received_at, row.id.to_string()));
    Ok(Json(page.map(|row| {
        QuarantinedBody {
            id: row.id,
            received_at: row.received_at,
            reason: row.reason,
            body_text: String::from_utf8_lossy(
                row.body.get(..SHOWN_BYTES.min(row.body.len())).unwrap_or_default(),
            )
            .into_owned(),
            size_bytes: row.body.len(),
        }
    })))
}

/// Has a quarantined body read again, after an update that may understand it.
#[utoipa::path(post, path = "/api/v1/inbox/{id}/replay", tag = "system", params(("id" = i64, Path)), responses((status = 204)))]
pub async fn replay(State(web): State<Web>, Path(id): Path<i64>) -> ApiResult<StatusCode> {
    if !web.app.inbox.is_quarantined(id).await? {
        return Err(ApiError::not_found("quarantined body"));
    }
    web.app.inbox.mark(vec![(id, Outcome::Waiting)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// `ready`, `running` or `dead` (the default).
    pub state: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct JobInfo {
    pub id: String,
    pub kind: String,
    pub state: String,
    pub attempts: i64,
    #[schema(value_type = String, format = DateTime)]
    pub run_at: Timestamp,
    pub last_error: Option<String>,
    #[schema(value_type = Object)]
    pub payload: Value,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

#[utoipa::path(get, path = "/api/v1/jobs", tag = "system", params(JobQuery), responses((status = 200, body = Page<JobInfo>)))]
pub async fn jobs(State(web): State<Web>, Query(query): Query<JobQuery>) -> ApiResult<Json<Page<JobInfo>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor, order: None };
    let state = query.state.as_deref().unwrap_or("dead");
    if !matches!(state, "ready" | "running" | "dead") {
        return Err(ApiError::invalid(format!("state is `{state}`; ready, running or dead is needed")));
    }
    let after = page.point()?.map(|(_, id)| id).unwrap_or_default();
    let rows = queue::list(&web.app.db, state, &after, page.limit() + 1).await?;
    let rows = Page::cut(rows, page.limit(), |row| (row.created_at, row.id.0.clone()));
    Ok(Json(rows.map(|row| JobInfo {
        payload: serde_json::from_str(&row.payload).unwrap_or_default(),
        id: row.id.0,
        kind: row.kind,
        state: row.state,
        attempts: row.attempts,
        run_at: row.run_at,
        last_error: row.last_error,
        created_at: row.created_at,
    })))
}

#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "system", params(("id" = String, Path)), responses((status = 204)))]
pub async fn retry_job(State(web): State<Web>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let mut tx = web.app.db.begin().await?;
    let found = queue::retry(&mut tx, &JobId(id), web.app.clock.now()).await?;
    tx.commit().await?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found("job")) }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// The channel whose templates are wanted.
    pub channel_id: String,
}

#[derive(Serialize, ToSchema)]
pub struct TemplateInfo {
    pub name: String,
    pub language: String,
    pub category: Option<String>,
    pub status: Option<String>,
    /// Meta's components, as they came.
    #[schema(value_type = Vec<Object>)]
    pub components: Vec<Value>,
}

#[utoipa::path(get, path = "/api/v1/templates", tag = "system", params(TemplateQuery), responses((status = 200, body = Page<TemplateInfo>)))]
pub async fn templates(
    State(web): State<Web>,
    Query(query): Query<TemplateQuery>,
) -> ApiResult<Json<Page<TemplateInfo>>> {
    let wanted = query.channel_id.into();
    let channel = channels::list(&web.app.db)
        .await?
        .into_iter()
        .find(|c| c.id == wanted)
        .ok_or_else(|| ApiError::not_found("channel"))?;
    let number = web.app.whatsapp.as_ref().and_then(|line| line.number(&channel.account));
    let number = number.ok_or_else(|| ApiError::invalid("this number is not configured any more"))?;
    let found = number.client.templates().await.map_err(|error| {
        ApiError::new(
            StatusCode::BAD_GATEWAY,
            "whatsapp",
            format!("the templates could not be read: {error}"),
        )
    })?;
    let items = found.into_iter().map(|t| TemplateInfo {
        name: t.name,
        language: t.language,
        category: Some(t.category),
        status: Some(t.status),
        components: t.components,
    });
    Ok(Json(Page::whole(items.collect())))
}
