//! `flow.call`: a question of a guided conversation to another system, and its answer.

use std::collections::BTreeMap;

use flows::{
    engine::{Call, Outcome},
    format::Source,
};
use model::ids::FlowRunId;
use serde::{Deserialize, Serialize};
use store::{
    flow_runs,
    jobs::{self, Job},
};

use super::End;
use crate::{
    app::App,
    articles, capture, connectors,
    error::AppError,
    guide::{self, Answer, Question},
    returns,
    visits::{self, Asked},
};

#[derive(Serialize, Deserialize)]
pub struct FlowCall {
    pub run_id: FlowRunId,
    pub call: u32,
}

impl FlowCall {
    pub const KIND: &str = "flow.call";

    pub fn key(&self) -> String {
        format!("{}:{}:{}", Self::KIND, self.run_id, self.call)
    }
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: FlowCall = job.read()?;
    let asked = flow_runs::question(&app.db, &payload.run_id, i64::from(payload.call)).await?;
    let question = asked.map(|text| serde_json::from_str(&text)).transpose();
    let question = question.map_err(|source| AppError::Json { what: "a question of a flow", source })?;
    let found = match &question {
        Some(question) => find(app, &payload.run_id, question).await?,
        // It was answered before, or nobody waits for it any more.
        None => None,
    };
    let (run, call) = (&payload.run_id, Call(payload.call));
    let mut tx = app.db.begin().await?;
    let answer = match (found, &question) {
        (Some(found), _) => Some(found),
        (None, Some(question)) => within(&mut tx, app, run, question).await?,
        (None, None) => None,
    };
    if let Some(answer) = answer {
        guide::answered(&mut tx, app, run, call, answer).await?;
    }
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

/// The job died of something that nobody foresaw: the flow goes on as if the other system had failed.
pub async fn buried(tx: &mut store::Tx, app: &App, job: &Job) -> Result<(), AppError> {
    let Ok(FlowCall { run_id, call }) = job.read() else { return Ok(()) };
    let asked = flow_runs::question(&app.db, &run_id, i64::from(call)).await?;
    let Some(question) = asked.and_then(|text| serde_json::from_str(&text).ok()) else { return Ok(()) };
    let Some(answer) = failed(&question) else { return Ok(()) };
    guide::answered(tx, app, &run_id, Call(call), answer).await
}

/// What is found outside of any transaction; `None` for what the desk itself decides.
async fn find(app: &App, run: &FlowRunId, question: &Question) -> Result<Option<Answer>, AppError> {
    Ok(Some(match question {
        Question::LookUp { source: Source::Visit(_) | Source::Return(_) | Source::Link(_), .. } => {
            return Ok(None);
        }
        Question::Article { query, language } => {
            Answer::Suggested(articles::suggest(&app.db, query, language).await?.map(Box::new))
        }
        Question::LookUp { source: Source::Article, with, language } => {
            let query: Vec<&str> = with.values().map(String::as_str).collect();
            let found = articles::suggest(&app.db, &query.join(" "), language).await?;
            Answer::LookedUp(found.map_or(Outcome::Missing, |found| Outcome::Found(found.facts())))
        }
        Question::LookUp { source: Source::Http(name), with, .. } => {
            Answer::LookedUp(match app.config.flows.connectors.get(name) {
                Some(connector) => connectors::ask(connector, with).await,
                None => Outcome::Failed,
            })
        }
        Question::LookUp { source: Source::Payment, with, .. } => {
            Answer::LookedUp(payment(app, run, with).await?)
        }
        // A bot is asked by jobs of its own.
        Question::Bot(_) => return Ok(None),
    }))
}

async fn payment(app: &App, run: &FlowRunId, with: &BTreeMap<String, String>) -> Result<Outcome, AppError> {
    let Some(ledger) = app.config.flows.payments.clone() else { return Ok(Outcome::Failed) };
    let phones = flow_runs::phones(&app.db, run).await?;
    let with = with.clone();
    Ok(tokio::task::spawn_blocking(move || connectors::payment(&ledger, &with, &phones)).await?)
}

/// What the desk decides in the transaction in which the flow hears of it: a visit that is told is booked.
/// `None` when the run is over: then nothing is booked.
async fn within(
    tx: &mut store::Tx,
    app: &App,
    run: &FlowRunId,
    question: &Question,
) -> Result<Option<Answer>, AppError> {
    let Question::LookUp { source, with, language } = question else { return Ok(None) };
    let Some((ticket, contact)) = guide::led(tx, run).await? else { return Ok(None) };
    let asked = Asked { ticket: &ticket, language, with };
    let outcome = match source {
        Source::Visit(of) => visits::answer(tx, app, *of, &asked).await?,
        Source::Return(of) => returns::answer(tx, app, *of, &contact, &asked).await?,
        Source::Link(_) => capture::answer(tx, app, run, &asked).await?,
        _ => Outcome::Failed,
    };
    Ok(Some(Answer::LookedUp(outcome)))
}

const fn failed(question: &Question) -> Option<Answer> {
    match question {
        Question::LookUp { .. } => Some(Answer::LookedUp(Outcome::Failed)),
        Question::Article { .. } => Some(Answer::Suggested(None)),
        Question::Bot(_) => None,
    }
}
