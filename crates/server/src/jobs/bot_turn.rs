//! `bot.turn`: what the customer did is told to the bot that has the conversation, and what it answers is said.
//!
//! A bot hears a turn twice when this process dies between its answer and the commit; the customer reads one answer.

use std::time::Duration;

use bots::{Reply, Session, Turn};
use flows::engine::Call;
use model::ids::FlowRunId;
use serde::{Deserialize, Serialize};
use store::{
    flow_runs,
    jobs::{self, Job},
};

use super::End;
use crate::{
    app::App,
    error::AppError,
    guide::{self, Question, Talk},
};

/// Tries of a turn that fails in passing; with the pauses between them, half a minute.
const ATTEMPTS_MAX: i64 = 3;
const PAUSE: Duration = Duration::from_secs(3);

#[derive(Serialize, Deserialize)]
pub struct BotTurn {
    pub run_id: FlowRunId,
    pub call: u32,
}

impl BotTurn {
    pub const KIND: &str = "bot.turn";

    pub fn key(&self) -> String {
        format!("{}:{}:{}", Self::KIND, self.run_id, self.call)
    }
}

/// How the bot knows the conversation.
pub fn session(run: &FlowRunId, call: u32) -> Session {
    Session::of(&format!("{run}:{call}"))
}

/// What came of a turn.
enum Told {
    /// Nobody waits for it any more.
    Nothing,
    Answered(Reply),
    Failed {
        why: String,
        is_passing: bool,
    },
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: BotTurn = job.read()?;
    let told = match waiting(app, &payload).await? {
        // Its process died each time: not once more.
        Some(_) if job.attempts > ATTEMPTS_MAX => {
            Told::Failed { why: "its answer could not be taken in".to_owned(), is_passing: false }
        }
        Some(talk) => tell(app, &payload, talk).await,
        None => Told::Nothing,
    };
    if let Told::Failed { why, is_passing: true } = &told
        && job.attempts < ATTEMPTS_MAX
    {
        return Ok(End::Retry { at: app.clock.now().plus(PAUSE), why: why.clone() });
    }
    let (run, call) = (&payload.run_id, Call(payload.call));
    let mut tx = app.db.begin().await?;
    // The conversation first, as everybody does; then this job's end, so that the next turn finds its place free.
    guide::hold_run(&mut tx, run).await?;
    jobs::done(&mut tx, job).await?;
    let end = match told {
        Told::Nothing => "dropped",
        Told::Answered(reply) => {
            if guide::bot_replied(&mut tx, app, run, call, reply).await? {
                "answered"
            } else {
                "dropped"
            }
        }
        Told::Failed { why, .. } => {
            guide::bot_failed(&mut tx, app, run, call, &why).await?;
            "failed"
        }
    };
    tx.commit().await?;
    metrics::counter!("sportello_bot_turns_total", "end" => end).increment(1);
    Ok(End::Done)
}

/// The job died of something that nobody foresaw: the conversation does not stay with a bot that hears nothing.
pub async fn buried(tx: &mut store::Tx, app: &App, job: &Job) -> Result<(), AppError> {
    let Ok(BotTurn { run_id, call }) = job.read() else { return Ok(()) };
    guide::bot_failed(tx, app, &run_id, Call(call), "its answer could not be taken in").await
}

async fn waiting(app: &App, turn: &BotTurn) -> Result<Option<Talk>, AppError> {
    let asked = flow_runs::question(&app.db, &turn.run_id, turn.call.into()).await?;
    let question = asked.map(|text| serde_json::from_str(&text)).transpose();
    let question = question.map_err(|source| AppError::Json { what: "a question of a flow", source })?;
    Ok(if let Some(Question::Bot(talk)) = question { Some(talk) } else { None })
}

async fn tell(app: &App, payload: &BotTurn, mut talk: Talk) -> Told {
    let Some(said) = talk.waiting.pop_front() else { return Told::Nothing };
    let Some(bot) = app.bots.get(&talk.bot) else {
        let why = format!("the configuration has no [flows.bots.{}]", talk.bot);
        return Told::Failed { why, is_passing: false };
    };
    let turn = Turn { session: session(&payload.run_id, payload.call), language: talk.language, said };
    match bot.turn(&turn).await {
        Ok(reply) => Told::Answered(reply),
        Err(error) => {
            tracing::warn!(bot = talk.bot, run = payload.run_id.as_str(), ?error, "a bot did not answer");
            Told::Failed { why: error.to_string(), is_passing: error.is_passing() }
        }
    }
}
