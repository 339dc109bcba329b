//! `message.read`: the customer sees blue ticks on what an agent has seen. Best effort: a lost tick is no lost message.

use channels::whatsapp::client::SendError;
use model::ids::MessageId;
use serde::{Deserialize, Serialize};
use store::{
    channels as numbers,
    jobs::{self, Job},
    messages,
};

use super::End;
use crate::{app::App, error::AppError};

#[derive(Serialize, Deserialize)]
pub struct ReadMark {
    pub message_id: MessageId,
}

impl ReadMark {
    pub const KIND: &str = "message.read";
}

/// Tries before the tick is given up: it says less with every hour.
const ATTEMPTS_MAX: i64 = 5;

pub async fn run(app: &App, job: &Job) -> Result<End, AppError> {
    let payload: ReadMark = job.read()?;
    if let Some(message) = messages::get(&app.db, &payload.message_id).await?
        && let Some(external_id) = &message.external_id
    {
        let channel = numbers::get(&app.db, &message.channel_id).await?;
        if let Some(number) = app.whatsapp.as_ref().and_then(|line| line.number(&channel.account))
            && let Err(error) = number.client.mark_read(external_id, false).await
            && job.attempts < ATTEMPTS_MAX
            && is_passing(&error)
        {
            return Ok(End::Retry { at: super::backoff(app, job), why: error.to_string() });
        }
    }
    let mut tx = app.db.begin().await?;
    jobs::done(&mut tx, job).await?;
    tx.commit().await?;
    Ok(End::Done)
}

const fn is_passing(error: &SendError) -> bool {
    match error {
        SendError::Refused { class, .. } => class.is_retried(),
        SendError::Unreachable { .. } | SendError::Unknown { .. } => true,
    }
}
