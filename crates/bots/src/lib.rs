//! Bots that a flow may hand a conversation to: Dialogflow ES, Dialogflow CX and Rasa.
//!
//! A turn of the customer goes in, what the bot says and what is to follow comes out. What must always hold: nothing
//! that goes to a bot names the customer; every call ends within [`TIMEOUT`] and every answer within
//! [`ANSWER_BYTES_MAX`]; no redirect is followed; no error carries a word of what was said.

mod config;
mod custom;
mod dialogflow_cx;
mod dialogflow_es;
mod error;
mod google;
mod http;
mod rasa;
mod reply;
mod turn;

use std::sync::Arc;

use model::Clock;

pub use self::{
    config::{Config, DialogflowCx as CxConfig, DialogflowEs as EsConfig, Rasa as RasaConfig, is_private},
    error::{Error, OpenError},
    http::{ANSWER_BYTES_MAX, TIMEOUT},
    reply::{Choice, OPTIONS_MAX, Reply, SAYS_MAX, Say, Then},
    turn::{BEGIN, Begin, File, Found, MEDIA, Said, Session, Turn},
};
use self::{dialogflow_cx::DialogflowCx, dialogflow_es::DialogflowEs, rasa::Rasa};

/// A bot of the configuration, ready to be asked.
pub enum Bot {
    Rasa(Rasa),
    DialogflowEs(DialogflowEs),
    DialogflowCx(DialogflowCx),
}

impl Bot {
    /// Reads what `config` names; nothing is sent.
    pub fn open(config: &Config, user_agent: &str, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let http = http::client(user_agent)?;
        Ok(match config {
            Config::Rasa(config) => Self::Rasa(Rasa::new(config, http)),
            Config::DialogflowEs(config) => Self::DialogflowEs(DialogflowEs::open(config, http, clock)?),
            Config::DialogflowCx(config) => Self::DialogflowCx(DialogflowCx::open(config, http, clock)?),
        })
    }

    /// Tells the bot what happened. A repetition is a new turn to it: none of the three knows an idempotency key.
    pub async fn turn(&self, turn: &Turn) -> Result<Reply, Error> {
        match self {
            Self::Rasa(rasa) => rasa.turn(turn).await,
            Self::DialogflowEs(es) => es.turn(turn).await,
            Self::DialogflowCx(cx) => cx.turn(turn).await,
        }
    }

    /// Whether the bot goes on by itself until it is told that somebody else has the conversation.
    pub const fn is_to_be_paused(&self) -> bool {
        matches!(self, Self::Rasa(_))
    }

    /// Somebody else has the conversation now.
    pub async fn handed_over(&self, session: &Session) -> Result<(), Error> {
        match self {
            Self::Rasa(rasa) => rasa.pause(session).await,
            Self::DialogflowEs(_) | Self::DialogflowCx(_) => Ok(()),
        }
    }
}
