//! `flow.call`: a question of a guided conversation to another system, and its answer.

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
    articles,
    error::AppError,
    guide::{self, Answer, Question},
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
        Some(question) => Some(find(app, question).await?),
        // It was answered before, or nobody waits for it any more.
        None => None,
    };
    let mut tx = app.db.begin().await?;
    if let Some(found) = found {
        let call = Call(payload.call);
        guide::answered(&mut tx, app, &payload.run_id, call, found).await?;
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
    guide::answered(tx, app, &run_id, Call(call), failed(&question)).await
}

async fn find(app: &App, question: &Question) -> Result<Answer, AppError> {
    Ok(match question {
        Question::Article { query, language } => {
            Answer::Suggested(articles::suggest(&app.db, query, language).await?.map(Box::new))
        }
        Question::LookUp { source: Source::Article, with } => {
            let query: Vec<&str> = with.values().map(String::as_str).collect();
            let found = articles::suggest(&app.db, &query.join(" "), "en").await?;
            Answer::LookedUp(found.map_or(Outcome::Missing, |found| Outcome::Found(found.facts())))
        }
        question => failed(question),
    })
}

const fn failed(question: &Question) -> Answer {
    match question {
        Question::LookUp { .. } => Answer::LookedUp(Outcome::Failed),
        Question::Article { .. } => Answer::Suggested(None),
        Question::Bot { .. } => Answer::BotDone(false),
    }
}
