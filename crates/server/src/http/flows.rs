//! Guided conversations: which flows there are, for whom each is on, and how they go.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use flows::{
    check::check,
    format::{Flow, Language, Problem, Rollout, Trigger},
    graph, talk,
};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    flow_runs::{self, Count, Went},
    flows::{self as kept, NewFlow},
};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
};
use crate::guide::{Version, needs};

/// A flow file larger than this is refused.
const SOURCE_BYTES_MAX: usize = flows::format::SIZE_BYTES_MAX;
/// Lines of a conversation that is tried.
const LINES_MAX: usize = 200;

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
pub async fn list(State(web): State<Web>, _caller: Caller) -> ApiResult<Json<Page<FlowInfo>>> {
    let counts = flow_runs::counts(&web.app.db).await?;
    let flows = web.app.flows.now();
    Ok(Json(Page::whole(flows.versions().iter().map(|version| FlowInfo::of(version, &counts)).collect())))
}

/// A step in the drawing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowStep {
    pub id: String,
    /// `say`, `ask`, `check`, `look_up`, `suggest`, `act`, `wait`, `hand_over`, `bot` or `end`.
    pub kind: String,
    pub label: String,
    /// Who stands here now.
    pub open: i64,
}

/// A way in the drawing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowWay {
    pub from: String,
    pub to: String,
    /// What has to happen; empty when nothing has to.
    pub when: String,
    /// How many customers went it.
    pub went: i64,
}

/// A version with its text and its drawing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowDetail {
    pub info: FlowInfo,
    pub source: String,
    pub steps: Vec<FlowStep>,
    pub ways: Vec<FlowWay>,
}

#[utoipa::path(get, path = "/api/v1/flows/{name}/{version}", tag = "flows", params(("name" = String, Path), ("version" = i64, Path)), responses((status = 200, body = FlowDetail)))]
pub async fn get(
    State(web): State<Web>,
    _caller: Caller,
    Path((name, version)): Path<(String, i64)>,
) -> ApiResult<Json<FlowDetail>> {
    let counted = Counted::of(&web, &name, version).await?;
    detail(&web, &name, version, &counted).map(Json)
}

/// Where the runs of a version stand and which ways they went.
#[derive(Default)]
struct Counted {
    runs: Vec<Count>,
    ways: Vec<Went>,
}

impl Counted {
    async fn of(web: &Web, name: &str, version: i64) -> ApiResult<Self> {
        let db = &web.app.db;
        Ok(Self { runs: flow_runs::counts(db).await?, ways: flow_runs::ways(db, name, version).await? })
    }
}

fn detail(web: &Web, name: &str, version: i64, counted: &Counted) -> ApiResult<FlowDetail> {
    let flows = web.app.flows.now();
    let found = flows.version(name, version).ok_or_else(|| ApiError::not_found("flow"))?;
    let (steps, ways) = found.flow.as_ref().map_or_else(|_| Default::default(), |flow| drawn(flow, counted));
    Ok(FlowDetail {
        info: FlowInfo::of(found, &counted.runs),
        source: found.stored.source.clone(),
        steps,
        ways,
    })
}

fn drawn(flow: &Flow, counted: &Counted) -> (Vec<FlowStep>, Vec<FlowWay>) {
    let (boxes, ways) = graph::draw(flow, Language::En);
    let open = |step: &str| {
        let here = counted.runs.iter().filter(|c| {
            c.flow == flow.flow.as_str()
                && c.version == i64::from(flow.version)
                && c.ending.is_none()
                && c.step.as_deref() == Some(step)
        });
        here.map(|count| count.runs).sum()
    };
    let steps = boxes.into_iter().map(|drawn| FlowStep {
        id: drawn.step.to_string(),
        kind: drawn.kind.to_owned(),
        open: open(drawn.step.as_str()),
        label: drawn.label,
    });
    let went = |from: &str, to: &str| {
        let went = counted.ways.iter().find(|way| way.from_step == from && way.to_step == to);
        went.map_or(0, |way| way.runs)
    };
    let ways = ways.into_iter().map(|way| FlowWay {
        went: went(way.from.as_str(), way.to.as_str()),
        from: way.from.to_string(),
        to: way.to.to_string(),
        when: way.when,
    });
    (steps.collect(), ways.collect())
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
    /// The drawing, when there are no problems.
    pub steps: Vec<FlowStep>,
    pub ways: Vec<FlowWay>,
}

/// Checks a text without storing it.
#[utoipa::path(post, path = "/api/v1/flows/check", tag = "flows", request_body = FlowSource, responses((status = 200, body = FlowChecked)))]
pub async fn check_source(_caller: Caller, Json(given): Json<FlowSource>) -> ApiResult<Json<FlowChecked>> {
    Ok(Json(match read(given.source).await? {
        Ok(flow) => {
            let (steps, ways) = drawn(&flow, &Counted::default());
            FlowChecked { problems: Vec::new(), steps, ways }
        }
        Err(problems) => FlowChecked {
            problems: problems.iter().map(FlowProblem::from).collect(),
            steps: Vec::new(),
            ways: Vec::new(),
        },
    }))
}

async fn read(source: String) -> ApiResult<Result<Flow, Vec<Problem>>> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(ApiError::invalid(format!("a flow has at most {} KiB", SOURCE_BYTES_MAX / 1024)));
    }
    Ok(tokio::task::spawn_blocking(move || check(&source)).await.map_err(crate::error::AppError::from)?)
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
pub async fn try_out(_caller: Caller, Json(given): Json<FlowTry>) -> ApiResult<Json<FlowTried>> {
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
