//! Guided conversations: which flows there are, for whom each is on, and how they go.

pub mod authoring;
mod drawing;

use axum::{
    Json,
    extract::{Path, State},
};
pub use drawing::FlowDrawing;
use flows::format::{Problem, Rollout, Trigger};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    flow_runs::{self, Count},
    flows as kept,
};
use utoipa::ToSchema;

use self::drawing::Counted;
use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::guide::{Version, needs};

/// One sentence of the checker.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowProblem {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl From<&Problem> for FlowProblem {
    fn from(problem: &Problem) -> Self {
        Self { line: problem.place.line, column: problem.place.column, message: problem.message.clone() }
    }
}

/// How many went how far with a version.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct FlowCounts {
    /// Under way now.
    pub open: i64,
    pub ended: i64,
    pub handed_over: i64,
    pub withdrawn: i64,
    /// How many rated it, and the sum of their stars (1 to 3 each).
    pub rated: i64,
    pub rating_sum: i64,
}

/// A version of a flow as a list shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowInfo {
    pub name: String,
    pub version: i64,
    /// `library`, `folder` or `console`.
    pub origin: String,
    pub about: Option<String>,
    /// `"off"`, `"on"`, `{"share": 1..=100}` or `{"contacts": [ids]}`.
    #[schema(value_type = Object)]
    pub rollout: Value,
    /// What starts it, a word a trigger.
    pub triggers: Vec<String>,
    pub problems: Vec<FlowProblem>,
    pub counts: FlowCounts,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

impl FlowInfo {
    fn of(version: &Version, counts: &[Count]) -> Self {
        let stored = &version.stored;
        let own = counts.iter().filter(|c| c.flow == stored.name && c.version == stored.version);
        let flow = version.flow.as_ref();
        Self {
            name: stored.name.clone(),
            version: stored.version,
            origin: stored.origin.clone(),
            about: flow.ok().map(|flow| flow.about.clone()),
            rollout: serde_json::from_str(&stored.rollout).unwrap_or_default(),
            triggers: flow.ok().map(|flow| flow.triggers.iter().map(trigger).collect()).unwrap_or_default(),
            problems: flow.err().into_iter().flatten().map(FlowProblem::from).collect(),
            counts: own.fold(FlowCounts::default(), add),
            changed_at: stored.changed_at,
        }
    }
}

fn add(mut sum: FlowCounts, count: &Count) -> FlowCounts {
    match count.ending.as_deref() {
        None => sum.open += count.runs,
        Some("ended") => sum.ended += count.runs,
        Some("withdrawn") => sum.withdrawn += count.runs,
        Some(_) => sum.handed_over += count.runs,
    }
    sum.rated += count.rated;
    sum.rating_sum += count.rating_sum;
    sum
}

fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::FirstMessage => "any first message".to_owned(),
        Trigger::Menu => "menu".to_owned(),
        Trigger::Keyword(words) => {
            let own: Vec<&str> = words.values().flat_map(|words| &words.0).map(String::as_str).collect();
            format!("words: {}", own.join(", "))
        }
        Trigger::Medium(kinds) => {
            let kinds: Vec<&str> = kinds.0.iter().map(|kind| kind.as_str()).collect();
            format!("a {}", kinds.join(" or a "))
        }
        Trigger::Finding(found) if found.like.0.is_empty() => format!("found: {}", found.kind),
        Trigger::Finding(found) => format!("found: {} like {}", found.kind, found.like.0.join(", ")),
        Trigger::Link(start) => format!("link: {start}…"),
    }
}

#[utoipa::path(get, path = "/api/v1/flows", tag = "flows", responses((status = 200, body = Page<FlowInfo>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<FlowInfo>>> {
    let counts = flow_runs::counts(&web.app.db).await?;
    let flows = web.app.flows.now();
    Ok(Json(Page::whole(flows.versions().iter().map(|version| FlowInfo::of(version, &counts)).collect())))
}

/// A version with its text and its drawing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowDetail {
    pub info: FlowInfo,
    pub source: String,
    /// Absent while the text has problems.
    pub drawing: Option<FlowDrawing>,
}

#[utoipa::path(get, path = "/api/v1/flows/{name}/{version}", tag = "flows", params(("name" = String, Path), ("version" = i64, Path)), responses((status = 200, body = FlowDetail)))]
pub async fn get(
    State(web): State<Web>,
    Path((name, version)): Path<(String, i64)>,
) -> ApiResult<Json<FlowDetail>> {
    let counted = Counted::of(&web, &name, version).await?;
    detail(&web, &name, version, &counted).map(Json)
}

fn detail(web: &Web, name: &str, version: i64, counted: &Counted) -> ApiResult<FlowDetail> {
    let flows = web.app.flows.now();
    let found = flows.version(name, version).ok_or_else(|| ApiError::not_found("flow"))?;
    Ok(FlowDetail {
        info: FlowInfo::of(found, &counted.runs),
        source: found.stored.source.clone(),
        drawing: found.flow.as_ref().ok().map(|flow| FlowDrawing::of(flow, counted)),
    })
}

/// For whom a version is on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowRollout {
    /// `"off"`, `"on"`, `{"share": 1..=100}` or `{"contacts": [ids]}`.
    #[schema(value_type = Object)]
    pub rollout: Value,
}

/// Switches a version on or off, for all or for some. It counts for whoever writes next; who is led by it stays.
#[utoipa::path(patch, path = "/api/v1/flows/{name}/{version}", tag = "flows", params(("name" = String, Path), ("version" = i64, Path)), request_body = FlowRollout, responses((status = 200, body = FlowDetail)))]
pub async fn switch(
    State(web): State<Web>,
    caller: Caller,
    Path((name, version)): Path<(String, i64)>,
    Json(wanted): Json<FlowRollout>,
) -> ApiResult<Json<FlowDetail>> {
    let app = &web.app;
    let rollout: Rollout = serde_json::from_value(wanted.rollout).map_err(|_| {
        ApiError::invalid("rollout is `\"off\"`, `\"on\"`, `{\"share\": 10}` or `{\"contacts\": [\"…\"]}`")
    })?;
    if matches!(rollout, Rollout::Share(percent) if !(1..=100).contains(&percent)) {
        return Err(ApiError::invalid("a share is 1 to 100 of a hundred contacts"));
    }
    let before = detail(&web, &name, version, &Counted::default())?;
    if before.info.origin == "folder" {
        return Err(ApiError::invalid(
            "this flow is kept in the folder of flows: write its rollout into its file",
        ));
    }
    if !before.info.problems.is_empty() && rollout != Rollout::Off {
        return Err(ApiError::invalid("this version has problems; mend them in a new version first"));
    }
    if rollout != Rollout::Off {
        let flows = app.flows.now();
        let flow = flows.version(&name, version).and_then(|found| found.flow.as_ref().ok());
        let missing = flow.map(|flow| needs::missing(flow, &app.config.flows)).unwrap_or_default();
        if let Some(why) = missing.first() {
            return Err(ApiError::invalid(format!("this flow cannot be switched on yet: {why}")));
        }
    }
    let text = serde_json::json!(rollout).to_string();
    let mut tx = app.db.begin().await?;
    kept::set_rollout(&mut tx, &name, version, &text).await?;
    let object = format!("flow:{name}/{version}");
    store::audit::add(&mut tx, &app.ids, &caller.name, "flow.switched", &object, &text, app.clock.now())
        .await?;
    tx.commit().await?;
    app.flows.reload(&app.db).await?;
    let counted = Counted::of(&web, &name, version).await?;
    detail(&web, &name, version, &counted).map(Json)
}
