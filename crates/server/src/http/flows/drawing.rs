//! The drawing of a flow as the console shows it: every box and way with its place, and how many customers are there.

use flows::{
    format::{Flow, Language, StepId},
    graph::{
        self,
        layout::{self, PlacedBox, PlacedWay},
    },
};
use serde::Serialize;
use store::flow_runs::{self, Count, Went};
use utoipa::ToSchema;

use crate::http::{Web, error::ApiResult};

/// Where the boxes stand and how the ways between them run, in px from the left upper corner.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowDrawing {
    pub width: f64,
    pub height: f64,
    /// In the order of the file.
    pub steps: Vec<FlowStep>,
    pub ways: Vec<FlowWay>,
}

/// A step in the drawing: a box.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowStep {
    pub id: String,
    /// `say`, `ask`, `check`, `look_up`, `suggest`, `act`, `wait`, `hand_over`, `bot` or `end`.
    pub kind: String,
    /// What a question is for: `photo`, `video`, `voice`, `document`, `location`, `choice`, `number`, `date` or `text`.
    pub wants: Option<String>,
    /// What it does or says; a long text is cut.
    pub text: String,
    /// Who stands here now.
    pub open: i64,
    /// The left upper corner.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// The step's name, as much of it as fits.
    pub title: String,
    /// The text in lines, as much of it as fits.
    pub lines: Vec<String>,
}

/// All ways from a step to another, as one line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowWay {
    pub from: String,
    pub to: String,
    /// What has to happen; empty when nothing has to.
    pub when: String,
    /// How many customers went it.
    pub went: i64,
    /// Closes a circle.
    pub is_back: bool,
    /// The `d` of an SVG path, from the border of one box to that of the other.
    pub path: String,
    pub label: Option<FlowWayLabel>,
}

/// The words of a way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlowWayLabel {
    /// Empty when only the number of customers stands here. Its last line has room for ` · ` and that number.
    pub lines: Vec<String>,
    /// The middle.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Where the runs of a version stand and which ways they went.
#[derive(Default)]
pub(super) struct Counted {
    pub runs: Vec<Count>,
    pub ways: Vec<Went>,
}

impl Counted {
    pub(super) async fn of(web: &Web, name: &str, version: i64) -> ApiResult<Self> {
        let db = &web.app.db;
        Ok(Self { runs: flow_runs::counts(db).await?, ways: flow_runs::ways(db, name, version).await? })
    }

    /// How many stand on a step of that flow now.
    fn open(&self, flow: &Flow, step: &str) -> i64 {
        let here = self.runs.iter().filter(|c| {
            c.flow == flow.flow.as_str()
                && c.version == i64::from(flow.version)
                && c.ending.is_none()
                && c.step.as_deref() == Some(step)
        });
        here.map(|count| count.runs).sum()
    }

    fn went(&self, from: &str, to: &str) -> i64 {
        let went = self.ways.iter().find(|way| way.from_step == from && way.to_step == to);
        went.map_or(0, |way| way.runs)
    }
}

impl FlowDrawing {
    pub(super) fn of(flow: &Flow, counted: &Counted) -> Self {
        let (boxes, ways) = graph::draw(flow, Language::En);
        let went = |from: &StepId, to: &StepId| counted.went(from.as_str(), to.as_str());
        let placed = layout::layout(&boxes, &ways, &went);
        let step = |placed: PlacedBox<'_>| {
            let open = counted.open(flow, placed.of.step.as_str());
            FlowStep::of(placed, open)
        };
        Self {
            width: placed.width,
            height: placed.height,
            steps: placed.boxes.into_iter().map(step).collect(),
            ways: placed.ways.into_iter().map(FlowWay::from).collect(),
        }
    }
}

impl FlowStep {
    fn of(placed: PlacedBox<'_>, open: i64) -> Self {
        let PlacedBox { of, title, lines, x, y, width, height } = placed;
        Self {
            id: of.step.to_string(),
            kind: of.kind.to_owned(),
            wants: of.wants.map(str::to_owned),
            text: of.text,
            open,
            x,
            y,
            width,
            height,
            title,
            lines,
        }
    }
}

impl From<PlacedWay<'_>> for FlowWay {
    fn from(placed: PlacedWay<'_>) -> Self {
        let label = placed.label.map(|label| {
            let layout::Label { lines, x, y, width, height } = label;
            FlowWayLabel { lines, x, y, width, height }
        });
        Self {
            from: placed.from.to_string(),
            to: placed.to.to_string(),
            when: placed.when,
            went: placed.went,
            is_back: placed.is_back,
            path: placed.path.to_string(),
            label,
        }
    }
}
