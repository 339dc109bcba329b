//! A bot has the conversation: what the customer does is kept for it and told to it, one turn after the other.
//!
//! What it has not heard yet stands beside the run, in the question on which the run waits; the job `bot.turn` tells
//! it. What must always hold: of one run one turn is under way at a time; an answer counts only while the run
//! stands with the bot at the same call; whoever leaves the bot takes the question away, and nothing more is told.

use std::collections::{BTreeMap, VecDeque};

use bots::{Begin, Bot, File, Reply, Said, Then};
use flows::engine::{At, Call, Doing, Medium, Said as Heard, Stay, Summary, What};
use model::ids::{AttachmentId, FlowRunId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Tx, attachments, findings, flow_runs,
    jobs::{self, NewJob},
    messages,
};

use super::{Guided, bot_says, hear, perform::Question};
use crate::{
    app::{App, USER_AGENT},
    config::Config,
    error::{AppError, StartError, to_json},
    jobs::{BotPause, BotTurn},
};

/// Turns that wait for a bot; a customer who writes more than that is better off with a person.
const WAITING_MAX: usize = 20;
/// Of what is written on a file, the beginning.
const TEXT_CHARS_MAX: usize = 2_000;

/// What a bot is to be told, kept until it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Talk {
    pub bot: String,
    pub language: String,
    pub waiting: VecDeque<Said>,
}

/// The bots of the configuration, by name.
pub fn open(
    config: &Config,
    clock: &std::sync::Arc<dyn model::Clock>,
) -> Result<BTreeMap<String, Bot>, StartError> {
    let open = |(name, of): (&String, &bots::Config)| {
        let bot = Bot::open(of, USER_AGENT, clock.clone());
        Ok((name.clone(), bot.map_err(|e| StartError::Config(format!("flows.bots.{name}: {e}")))?))
    };
    config.flows.bots.iter().map(open).collect()
}

/// Takes the conversation of a run before anything else of it is written.
pub async fn hold_run(tx: &mut Tx, run: &FlowRunId) -> Result<(), AppError> {
    super::held(tx, run).await.map(drop)
}

/// The bot answered its turn; `false` when somebody else has the conversation by now, and the answer is dropped.
pub async fn replied(
    tx: &mut Tx,
    app: &App,
    run: &FlowRunId,
    call: Call,
    reply: Reply,
) -> Result<bool, AppError> {
    let Some(stored) = super::held(tx, run).await? else { return Ok(false) };
    let flows = app.flows.now();
    let mut guided = Guided::open(tx, app, &flows, stored).await?;
    if guided.with_bot() != Some(call) {
        return Ok(false);
    }
    for message in bot_says::all(reply.says, &guided.run, call) {
        guided.send(tx, message).await?;
    }
    match reply.then {
        Then::Stay => guided.next_turn(tx, call).await?,
        Then::Solved => guided.bot_done(tx, call, true).await?,
        Then::Person => guided.bot_done(tx, call, false).await?,
    }
    guided.keep(tx).await?;
    Ok(true)
}

/// The bot could not be asked, or answered what nobody can read: its step is left, and the ticket says why.
pub async fn failed(tx: &mut Tx, app: &App, run: &FlowRunId, call: Call, why: &str) -> Result<(), AppError> {
    let Some(stored) = super::held(tx, run).await? else { return Ok(()) };
    let flows = app.flows.now();
    let mut guided = Guided::open(tx, app, &flows, stored).await?;
    if guided.with_bot() != Some(call) {
        return Ok(());
    }
    guided.bot_failed(tx, call, why).await?;
    guided.keep(tx).await
}

impl Guided<'_> {
    /// The call under which a bot has the conversation.
    pub(super) fn with_bot(&self) -> Option<Call> {
        let is_with_bot = matches!(&self.run.at, At::On(Stay { doing: Doing::WithBot, .. }));
        is_with_bot.then_some(Call(self.run.place))
    }

    pub(super) async fn hand_to_bot(
        &self,
        tx: &mut Tx,
        call: Call,
        bot: String,
        summary: Summary,
    ) -> Result<(), AppError> {
        let mut files = Vec::new();
        for medium in &self.run.media {
            files.extend(self.file(tx, medium).await?);
        }
        let begin = Begin { flow: summary.flow.to_string(), answers: summary.answers, files };
        let language = self.run.language.as_str().to_owned();
        let talk = Talk { bot, language, waiting: VecDeque::from([Said::Begin(begin)]) };
        let question = to_json("a question of a flow", &Question::Bot(talk))?;
        flow_runs::ask(tx, &self.stored.id, call.0.into(), &question, self.app.clock.now()).await?;
        self.enqueue_turn(tx, call).await
    }

    /// What the bot, that had the conversation before an event and has it still, hears of it.
    pub(super) async fn pass_on(&mut self, tx: &mut Tx, call: Call, what: &What) -> Result<(), AppError> {
        let said = match what {
            What::CustomerSaid(heard) => self.in_words(call, heard),
            What::MediumArrived(arrived) => self.seen(tx, &arrived.medium).await?,
            What::MediumJudged(judged) => self.seen(tx, &judged.medium).await?,
            What::MediumLost(medium) => self.seen(tx, medium).await?,
            _ => None,
        };
        let (Some(said), Some(mut talk)) = (said, self.talk(tx, call).await?) else { return Ok(()) };
        if talk.waiting.len() >= WAITING_MAX {
            let why = format!("the customer wrote {WAITING_MAX} messages before it answered the first");
            return Box::pin(self.bot_failed(tx, call, &why)).await;
        }
        talk.waiting.push_back(said);
        self.keep_talk(tx, call, talk).await?;
        self.enqueue_turn(tx, call).await
    }

    /// The conversation has left the bot: it hears nothing more, and one that goes on by itself is told to pause.
    pub(super) async fn let_go(&self, tx: &mut Tx, call: Call, what: &What) -> Result<(), AppError> {
        let Some(talk) = self.talk(tx, call).await? else { return Ok(()) };
        flow_runs::answered(tx, &self.stored.id, call.0.into()).await?;
        let has_solved_it = matches!(what, What::BotDone { solved: true, .. });
        if has_solved_it || !self.app.bots.get(&talk.bot).is_some_and(Bot::is_to_be_paused) {
            return Ok(());
        }
        let now = self.app.clock.now();
        let payload = BotPause { run_id: self.stored.id.clone(), call: call.0, bot: talk.bot };
        let job = NewJob { kind: BotPause::KIND, payload: &payload, run_at: now, dedup_key: None };
        jobs::enqueue(tx, &self.app.ids, now, job).await?;
        Ok(())
    }

    /// The turn that was answered is over; the next one follows, if the customer went on meanwhile.
    async fn next_turn(&self, tx: &mut Tx, call: Call) -> Result<(), AppError> {
        let Some(mut talk) = self.talk(tx, call).await? else { return Ok(()) };
        talk.waiting.pop_front();
        let is_more = !talk.waiting.is_empty();
        self.keep_talk(tx, call, talk).await?;
        if is_more { self.enqueue_turn(tx, call).await } else { Ok(()) }
    }

    async fn bot_failed(&mut self, tx: &mut Tx, call: Call, why: &str) -> Result<(), AppError> {
        let bot = self.talk(tx, call).await?.map(|talk| talk.bot);
        self.note(tx, "flow.bot_failed", json!({ "bot": bot, "why": why })).await?;
        self.bot_done(tx, call, false).await
    }

    async fn bot_done(&mut self, tx: &mut Tx, call: Call, solved: bool) -> Result<(), AppError> {
        self.take(tx, &hear::answer(call, What::BotDone { call, solved })).await
    }

    fn in_words(&self, call: Call, heard: &Heard) -> Option<Said> {
        Some(match heard {
            Heard::Text(text) => Said::Text(text.clone()),
            Heard::Choice { id, title } => match bot_says::payload(id, &self.run, call) {
                Some(payload) => Said::Choice { payload: payload.to_owned(), title: title.clone() },
                // A button of somebody else's: what it said counts.
                None => Said::Text(title.clone()),
            },
            Heard::Location { name: Some(name), .. } => Said::Text(name.clone()),
            Heard::Location { latitude, longitude, name: None } => {
                Said::Text(format!("{latitude:.5}, {longitude:.5}"))
            }
            Heard::Other => return None,
        })
    }

    /// A file that has come and was judged.
    async fn seen(&self, tx: &mut Tx, medium: &AttachmentId) -> Result<Option<Said>, AppError> {
        let known = self.run.media.iter().find(|known| known.id == *medium && known.judged.is_some());
        let Some(known) = known else { return Ok(None) };
        Ok(self.file(tx, known).await?.map(Said::Media))
    }

    /// What the flow knows of a file, and what is written on it; `None` while only its judgement has come.
    async fn file(&self, tx: &mut Tx, medium: &Medium) -> Result<Option<File>, AppError> {
        let Some(kind) = medium.kind else { return Ok(None) };
        let seen = medium.judged.as_ref();
        let analysis = findings::current_in(tx, &medium.id).await?.map(|kept| kept.analysis);
        let text = analysis.map(|analysis| analysis.text.chars().take(TEXT_CHARS_MAX).collect::<String>());
        Ok(Some(File {
            kind: word(&kind),
            caption: caption(tx, &medium.id).await?,
            verdict: seen.map(|seen| word(&seen.verdict)),
            reason: seen.and_then(|seen| seen.reason).map(|reason| word(&reason)),
            text: text.filter(|text| !text.is_empty()),
            findings: seen.into_iter().flat_map(|seen| &seen.findings).filter_map(bot_says::found).collect(),
        }))
    }

    async fn talk(&self, tx: &mut Tx, call: Call) -> Result<Option<Talk>, AppError> {
        let Some(text) = flow_runs::question_in(tx, &self.stored.id, call.0.into()).await? else {
            return Ok(None);
        };
        let question = serde_json::from_str(&text)
            .map_err(|source| AppError::Json { what: "a question of a flow", source })?;
        Ok(if let Question::Bot(talk) = question { Some(talk) } else { None })
    }

    async fn keep_talk(&self, tx: &mut Tx, call: Call, talk: Talk) -> Result<(), AppError> {
        let question = to_json("a question of a flow", &Question::Bot(talk))?;
        Ok(flow_runs::ask_again(tx, &self.stored.id, call.0.into(), &question).await?)
    }

    /// One is under way at a time: while one waits or runs, this one follows from its end.
    async fn enqueue_turn(&self, tx: &mut Tx, call: Call) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let payload = BotTurn { run_id: self.stored.id.clone(), call: call.0 };
        let key = payload.key();
        let job = NewJob { kind: BotTurn::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
        jobs::enqueue(tx, &self.app.ids, now, job).await?;
        Ok(())
    }
}

async fn caption(tx: &mut Tx, file: &AttachmentId) -> Result<Option<String>, AppError> {
    let message = attachments::get_in(tx, file).await?.and_then(|file| file.message_id);
    let Some(message) = message else { return Ok(None) };
    Ok(messages::get_in(tx, &message).await?.and_then(|message| message.text))
}

/// As it is written in a flow: `out_of_focus`.
fn word(value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}
