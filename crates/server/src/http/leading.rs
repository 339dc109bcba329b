//! How a flow leads a ticket's customer, and a person who wants it otherwise.

use axum::{Json, extract::State, http::StatusCode};
use flows::{
    engine::{At, Doing, Run},
    format::{Flow, Step, Wanted},
};
use model::{Timestamp, ids::TicketId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{flow_runs, tickets};
use utoipa::ToSchema;

use super::{
    Web,
    access::Reached,
    auth::Caller,
    error::{ApiError, ApiResult},
};
use crate::{
    guide::{self, Begun},
    work,
};

/// How a ticket's customer is being led, or was.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketFlow {
    pub flow: String,
    pub version: i64,
    /// The step on which it stands; absent when it is over.
    pub step: Option<String>,
    /// What is waited for, in a few words: `waiting for a photo (label), second of 3 tries`.
    pub doing: Option<String>,
    /// `ended`, `handed_over` or `withdrawn`; absent while it is under way.
    pub ending: Option<String>,
    /// 1 (not good) to 3 (good), as the customer said.
    pub rating: Option<i64>,
    /// What was answered so far, by the name it is kept under.
    #[schema(value_type = Object)]
    pub answers: Value,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// Whether and how a flow leads this ticket's customer; `null` when none ever did.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/flow", tag = "flows", params(("id" = String, Path)), responses((status = 200, body = Option<TicketFlow>)))]
pub async fn of_ticket(
    State(web): State<Web>,
    Reached(id): Reached<TicketId>,
) -> ApiResult<Json<Option<TicketFlow>>> {
    if tickets::get(&web.app.db, &id).await?.is_none() {
        return Err(ApiError::not_found("ticket"));
    }
    told(&web, &id).await.map(Json)
}

async fn told(web: &Web, ticket: &TicketId) -> ApiResult<Option<TicketFlow>> {
    let Some(stored) = flow_runs::newest(&web.app.db, ticket).await? else { return Ok(None) };
    let run = guide::parse(&stored)?;
    let flows = web.app.flows.now();
    let flow = flows.of(&stored);
    let answers: serde_json::Map<String, Value> =
        run.answers.iter().map(|(name, answer)| (name.clone(), answer.in_words().into())).collect();
    Ok(Some(TicketFlow {
        doing: flow.and_then(|flow| doing(flow, &run)),
        flow: stored.flow,
        version: stored.version,
        step: stored.step,
        ending: stored.ending,
        rating: stored.rating,
        answers: answers.into(),
        started_at: stored.started_at,
        ended_at: stored.ended_at,
    }))
}

fn doing(flow: &Flow, run: &Run) -> Option<String> {
    let At::On(stay) = &run.at else { return None };
    Some(match (&stay.doing, flow.step(&stay.step)) {
        (Doing::Asking(asking), Some(Step::Ask(ask))) => {
            let wanted = wanted(&ask.wanted);
            let tries = match asking.asked {
                0 | 1 => String::new(),
                asked => format!(", try {asked} of {}", ask.tries),
            };
            let being_judged = if asking.judge_by.is_some() { ", looking at what came" } else { "" };
            format!("waiting for {wanted} ({}){tries}{being_judged}", stay.step)
        }
        (Doing::LookingUp, _) => "asking another system".to_owned(),
        (Doing::Suggesting, _) => "searching for an article".to_owned(),
        (Doing::Helping { .. }, _) => "waiting to hear whether the article helped".to_owned(),
        (Doing::WithBot, _) => "a bot has it".to_owned(),
        (Doing::Rating { .. }, _) => "settled; waiting to hear how it was".to_owned(),
        _ => "waiting".to_owned(),
    })
}

const fn wanted(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Text(_) => "words",
        Wanted::Choice(_) => "a choice",
        Wanted::Number(_) => "a number",
        Wanted::Date(_) => "a date",
        Wanted::Location(_) => "a place",
        Wanted::Photo(_) => "a photo",
        Wanted::Video(_) => "a video",
        Wanted::Voice(_) => "a voice note",
        Wanted::Document(_) => "a document",
    }
}

/// What a person wants of a ticket's flow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FlowWish {
    /// `"take_over"`: the flow ends, a person answers.
    TakeOver,
    /// `{"begin": "product_defect"}`: this flow leads the customer from here.
    Begin(String),
}

#[utoipa::path(post, path = "/api/v1/tickets/{id}/flow", tag = "flows", params(("id" = String, Path)), request_body = FlowWish, responses((status = 200, body = Option<TicketFlow>)))]
pub async fn lead(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Json(wish): Json<FlowWish>,
) -> ApiResult<Json<Option<TicketFlow>>> {
    let app = &web.app;
    let conflict = |code: &'static str, why: &str| Err(ApiError::new(StatusCode::CONFLICT, code, why));
    let mut tx = app.db.begin().await?;
    if !tickets::exists(&mut tx, &id).await? {
        return Err(ApiError::not_found("ticket"));
    }
    match wish {
        FlowWish::TakeOver => {
            work::taken(&mut tx, app, &id, caller.user_id()).await?;
            if !guide::taken_over(&mut tx, app, &id, caller.user_id()).await? {
                return conflict("no_flow", "no flow leads this customer; you can simply answer");
            }
        }
        FlowWish::Begin(flow) => match guide::begin(&mut tx, app, &id, &flow).await? {
            Begun::Yes => {}
            Begun::NoSuchFlow => return Err(ApiError::not_found("flow")),
            Begun::Busy => {
                return conflict("flow_busy", "a flow leads this customer already; take over first");
            }
            Begun::Unreachable => {
                return conflict(
                    "window_closed",
                    "the customer last wrote more than 24 hours ago; send a template first",
                );
            }
        },
    }
    tx.commit().await?;
    told(&web, &id).await.map(Json)
}
