//! A flow as its author works on it: a text is checked, drawn and tried without being stored, and published.

use axum::{Json, extract::State, http::StatusCode};
use flows::{
    check::check,
    format::{Flow, Language, Problem, Rollout},
    talk,
};
use serde::{Deserialize, Serialize};
use store::flows::{self as kept, NewFlow};
use utoipa::ToSchema;

use super::{
    FlowDetail, FlowProblem, detail,
    drawing::{Counted, FlowDrawing},
};
use crate::http::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
};

/// A flow file larger than this is refused.
const SOURCE_BYTES_MAX: usize = flows::format::SIZE_BYTES_MAX;
/// Lines of a conversation that is tried.
const LINES_MAX: usize = 200;

/// A flow as an author writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSource {
    /// YAML.
    pub source: String,
}

/// What the checker says of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowChecked {
    pub problems: Vec<FlowProblem>,
    /// When there are no problems. Nobody stands on its steps.
    pub drawing: Option<FlowDrawing>,
}

/// Checks a text without storing it.
#[utoipa::path(post, path = "/api/v1/flows/check", tag = "flows", request_body = FlowSource, responses((status = 200, body = FlowChecked)))]
pub async fn check_source(Json(given): Json<FlowSource>) -> ApiResult<Json<FlowChecked>> {
    let checked = with_source(given.source, |source| match check(source) {
        Ok(flow) => {
            FlowChecked { problems: Vec::new(), drawing: Some(FlowDrawing::of(&flow, &Counted::default())) }
        }
        Err(problems) => {
            FlowChecked { problems: problems.iter().map(FlowProblem::from).collect(), drawing: None }
        }
    });
    checked.await.map(Json)
}

async fn read(source: String) -> ApiResult<Result<Flow, Vec<Problem>>> {
    with_source(source, check).await
}

/// What takes a while is no work for the threads that answer.
async fn with_source<T: Send + 'static>(
    source: String,
    work: impl FnOnce(&str) -> T + Send + 'static,
) -> ApiResult<T> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(ApiError::invalid(format!("a flow has at most {} KiB", SOURCE_BYTES_MAX / 1024)));
    }
    Ok(tokio::task::spawn_blocking(move || work(&source)).await.map_err(crate::error::AppError::from)?)
}

/// Stores a new version, switched off. Its number has to be higher than every one of this flow before.
#[utoipa::path(post, path = "/api/v1/flows", tag = "flows", request_body = FlowSource, responses((status = 201, body = FlowDetail)))]
pub async fn publish(
    State(web): State<Web>,
    caller: Caller,
    Json(given): Json<FlowSource>,
) -> ApiResult<(StatusCode, Json<FlowDetail>)> {
    let app = &web.app;
    let flow = read(given.source.clone()).await?.map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        ApiError::invalid(format!("the flow has {} problems; the first: {first}", problems.len()))
    })?;
    let (name, version) = (flow.flow.as_str(), i64::from(flow.version));
    let newest =
        app.flows.now().versions().iter().filter(|v| v.stored.name == name).map(|v| v.stored.version).max();
    if newest.is_some_and(|newest| newest >= version) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "version_exists",
            format!("version {} of `{name}` is there already; raise `version`", newest.unwrap_or_default()),
        ));
    }
    let off = serde_json::json!(Rollout::Off).to_string();
    let new = NewFlow {
        name,
        version,
        source: &given.source,
        origin: "console",
        rollout: &off,
        by: caller.user_id(),
    };
    let mut tx = app.db.begin().await?;
    kept::put(&mut tx, &new, app.clock.now()).await?;
    tx.commit().await?;
    app.flows.reload(&app.db).await?;
    Ok((StatusCode::CREATED, Json(detail(&web, name, version, &Counted::default())?)))
}

/// A conversation to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowTry {
    /// YAML.
    pub source: String,
    /// `en`, `it`, `es`, `pt` or `hi`.
    pub language: String,
    /// What the customer and the world do, a line each: `says: hello`, `picks: oven`, `photo a`,
    /// `judged a: retake too_dark`, `passes: 2h`.
    pub lines: Vec<String>,
}

/// How it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowTried {
    /// `>` what was done, `<` what is said, `=` what is done on the desk.
    pub lines: Vec<String>,
}

/// Plays a conversation against a text, without a customer.
#[utoipa::path(post, path = "/api/v1/flows/try", tag = "flows", request_body = FlowTry, responses((status = 200, body = FlowTried)))]
pub async fn try_out(Json(given): Json<FlowTry>) -> ApiResult<Json<FlowTried>> {
    let language = Language::parse(&given.language)
        .ok_or_else(|| ApiError::invalid("language is `en`, `it`, `es`, `pt` or `hi`"))?;
    if given.lines.len() > LINES_MAX {
        return Err(ApiError::invalid(format!("at most {LINES_MAX} lines are played")));
    }
    let flow = read(given.source).await?.map_err(|problems| {
        ApiError::invalid(problems.first().map(ToString::to_string).unwrap_or_default())
    })?;
    let script: String = given.lines.iter().map(|line| format!("> {}\n", line.replace('\n', " "))).collect();
    let told = tokio::task::spawn_blocking(move || talk::replay(&flow, language, &script));
    let told = told.await.map_err(crate::error::AppError::from)?;
    let told = told
        .map_err(|problem| ApiError::invalid(format!("line {}: {}", problem.place.line, problem.message)))?;
    Ok(Json(FlowTried { lines: told.lines().map(str::to_owned).collect() }))
}
