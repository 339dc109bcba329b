//! `bot.pause`: a bot that goes on by itself is told that somebody else has the conversation.
//!
//! A courtesy: nothing that it says now would reach the customer, so that a bot that cannot be told is left alone.

use std::time::Duration;

use model::ids::FlowRunId;
use serde::{Deserialize, Serialize};
use store::jobs::{self, Job};

use super::{End, bot_turn};
use crate::{app::App, error::AppError};

const ATTEMPTS_MAX: i64 = 3;
const PAUSE: Duration = Duration::from_secs(10);

#[derive(Serialize, Deserialize)]
pub struct BotPause {
    pub run_id: FlowRunId,
    pub call: u32,
    pub bot: String,
}

impl BotPause {
    pub const KIND: &str = "bot.pause";
}

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: BotPause = job.read()?;
    if let Some(bot) = app.bots.get(&payload.bot) {
        let session = bot_turn::session(&payload.run_id, payload.call);
        if let Err(error) = bot.handed_over(&session).await {
            if error.is_passing() && job.attempts < ATTEMPTS_MAX {
                return Ok(End::Retry { at: app.clock.now().plus(PAUSE), why: error.to_string() });
            }
            tracing::warn!(bot = payload.bot, ?error, "a bot could not be told to pause");
        }
    }
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}
