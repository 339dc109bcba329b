//! Guided conversations: what happens on the desk is told to the engine, and what the engine wants is done.
//!
//! The run, the messages and everything else that an event causes are written in the event's own transaction: a crash
//! leaves all of it or nothing. Questions to other systems and alarm clocks are jobs.

mod begin;
mod bot_says;
mod bots;
mod catalog;
mod hear;
mod hours;
mod menu;
pub mod needs;
mod perform;

use flows::engine::{At, Call, Context, Ending, Event, Outcome, Run, Timer, What, step};
use model::{
    finding::Analysis,
    ids::{AttachmentId, ContactId, ConversationId, FlowRunId, MessageId, TicketId, UserId},
    outbound::window_closes_at,
};
use store::{
    Tx,
    attachments::Attachment,
    conversations, events,
    flow_runs::{self, Left, Scene, Stored},
    tickets, turns,
};

pub use self::{
    bots::{Talk, failed as bot_failed, hold_run, open as open_bots, replied as bot_replied},
    catalog::{Catalog, Flows, Version, ship, watch},
    hear::of as heard_in,
    hours::{Hours, Span},
    perform::Question,
};
use crate::{
    app::App,
    articles::Suggestion,
    error::{AppError, to_json},
    work::{self, Moved},
};

/// A run in the hands of a transaction.
struct Guided<'a> {
    app: &'a App,
    flows: &'a Flows,
    stored: Stored,
    scene: Scene,
    run: Run,
}

/// A customer's message was stored.
pub async fn wrote(
    tx: &mut Tx,
    app: &App,
    conversation: &ConversationId,
    message: &MessageId,
    what: Option<What>,
) -> Result<(), AppError> {
    let Some(what) = what else { return Ok(()) };
    let Some(run) = flow_runs::open_of(tx, conversation).await? else { return Ok(()) };
    tell(tx, app, run, vec![hear::message(message, what)]).await
}

/// The customer has been quiet for a moment: a flow may begin with what they sent.
pub async fn turn_closed(tx: &mut Tx, app: &App, turn: &turns::Turn) -> Result<(), AppError> {
    conversations::hold(tx, &turn.conversation_id).await?;
    let run = flow_runs::open_of(tx, &turn.conversation_id).await?;
    if run.is_none() && !app.flows.now().is_any_on() {
        return Ok(());
    }
    let said = flow_runs::said_in(tx, &turn.id, begin::SAID_MAX).await?;
    match run {
        // Something may have come between the end of one turn and the beginning of the run; what is known is not new.
        Some(run) => {
            let events = said.iter().filter_map(hear::again).collect();
            tell(tx, app, run, events).await
        }
        None => begin::by_itself(tx, app, turn, &said).await,
    }
}

/// A person chose a flow for this customer.
pub async fn begin(tx: &mut Tx, app: &App, ticket: &TicketId, flow: &str) -> Result<Begun, AppError> {
    begin::by_hand(tx, app, ticket, flow).await
}

/// What became of a person's wish to have a flow begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    Yes,
    NoSuchFlow,
    /// One is under way.
    Busy,
    /// The 24-hour window is closed, or nobody wrote yet.
    Unreachable,
}

/// Takes the conversation of a file before anything else of it is written; see [`conversations::hold`].
pub async fn hold(tx: &mut Tx, file: &Attachment) -> Result<(), AppError> {
    let Some(ticket) = &file.ticket_id else { return Ok(()) };
    if let Some((conversation, ..)) = tickets::place_of(tx, ticket).await? {
        conversations::hold(tx, &conversation).await?;
    }
    Ok(())
}

/// Whether a flow waits for this file and would ask for another one, were this all that can be said of it.
pub async fn refuses(
    tx: &mut Tx,
    app: &App,
    file: &Attachment,
    analysis: &Analysis,
) -> Result<bool, AppError> {
    let Some(stored) = of_ticket(tx, file.ticket_id.as_ref()).await? else { return Ok(false) };
    let run = parse(&stored)?;
    let judged = hear::judgement(file, analysis);
    Ok(app.flows.now().of(&stored).is_some_and(|flow| flows::engine::refuses(flow, &run, &judged)))
}

/// A glance at a file said enough for the customer who waits; what is read of it is told when it is there.
pub async fn glanced(tx: &mut Tx, app: &App, file: &Attachment, analysis: &Analysis) -> Result<(), AppError> {
    let Some(run) = of_ticket(tx, file.ticket_id.as_ref()).await? else { return Ok(()) };
    tell(tx, app, run, vec![hear::glanced(file, analysis)]).await
}

/// The analyzers are done with a file.
pub async fn judged(tx: &mut Tx, app: &App, file: &Attachment, analysis: &Analysis) -> Result<(), AppError> {
    let Some(run) = of_ticket(tx, file.ticket_id.as_ref()).await? else { return Ok(()) };
    tell(tx, app, run, vec![hear::judged(file, analysis)]).await
}

/// A file could not be fetched or opened.
pub async fn lost(
    tx: &mut Tx,
    app: &App,
    ticket: Option<&TicketId>,
    file: &AttachmentId,
) -> Result<(), AppError> {
    let Some(run) = of_ticket(tx, ticket).await? else { return Ok(()) };
    tell(tx, app, run, vec![hear::lost(file)]).await
}

/// A person answers now; `false` when no flow was under way.
pub async fn taken_over(
    tx: &mut Tx,
    app: &App,
    ticket: &TicketId,
    by: Option<&UserId>,
) -> Result<bool, AppError> {
    let Some(run) = of_ticket(tx, Some(ticket)).await? else { return Ok(false) };
    let told = serde_json::json!({ "flow": run.flow, "version": run.version });
    events::add(tx, &app.ids, ticket, "flow.taken_over", by, &told, app.clock.now()).await?;
    tell(tx, app, run, vec![hear::person()]).await?;
    Ok(true)
}

/// An alarm clock rings.
pub async fn rang(tx: &mut Tx, app: &App, run: &FlowRunId, timer: Timer) -> Result<(), AppError> {
    let Some(run) = held(tx, run).await? else { return Ok(()) };
    tell(tx, app, run, vec![hear::timer(timer)]).await
}

/// Another system answered.
pub async fn answered(
    tx: &mut Tx,
    app: &App,
    run: &FlowRunId,
    call: Call,
    answer: Answer,
) -> Result<(), AppError> {
    let Some(run) = held(tx, run).await? else { return Ok(()) };
    if !flow_runs::answered(tx, &run.id, i64::from(call.0)).await? {
        return Ok(());
    }
    let what = match answer {
        Answer::LookedUp(outcome) => What::LookedUp { call, outcome },
        Answer::Suggested(found) => What::Suggested { call, found: show(tx, app, &run, found).await? },
    };
    tell(tx, app, run, vec![hear::answer(call, what)]).await
}

/// Sends the article; whether there was one that could be sent.
async fn show(
    tx: &mut Tx,
    app: &App,
    run: &Stored,
    found: Option<Box<Suggestion>>,
) -> Result<bool, AppError> {
    let Some(found) = found else { return Ok(false) };
    if !found.send(tx, app, &run.ticket_id, None).await? {
        return Ok(false);
    }
    flow_runs::suggested(tx, &run.id, Some(&found.article.id)).await?;
    let told = serde_json::json!({ "article": found.article.slug, "why": found.why });
    events::add(tx, &app.ids, &run.ticket_id, "flow.suggested", None, &told, app.clock.now()).await?;
    Ok(true)
}

/// Whom a run leads while it is under way, held until the transaction ends.
pub async fn led(tx: &mut Tx, run: &FlowRunId) -> Result<Option<(TicketId, ContactId)>, AppError> {
    let Some(run) = held(tx, run).await? else { return Ok(None) };
    let scene = flow_runs::scene(tx, &run.ticket_id).await?;
    Ok(Some((run.ticket_id, scene.contact_id)))
}

/// What a question of a run was answered with.
pub enum Answer {
    LookedUp(Outcome),
    /// The article to be sent, if one fits.
    Suggested(Option<Box<Suggestion>>),
}

/// The run while it is under way; its conversation is taken first, as everybody does.
async fn held(tx: &mut Tx, id: &FlowRunId) -> Result<Option<Stored>, AppError> {
    let Some(conversation) = flow_runs::conversation_of(tx, id).await? else { return Ok(None) };
    conversations::hold(tx, &conversation).await?;
    Ok(flow_runs::open(tx, id).await?)
}

async fn of_ticket(tx: &mut Tx, ticket: Option<&TicketId>) -> Result<Option<Stored>, AppError> {
    let Some(ticket) = ticket else { return Ok(None) };
    let Some((conversation, ..)) = tickets::place_of(tx, ticket).await? else { return Ok(None) };
    conversations::hold(tx, &conversation).await?;
    Ok(flow_runs::open_of(tx, &conversation).await?)
}

/// The run as the engine knows it.
pub fn parse(stored: &Stored) -> Result<Run, AppError> {
    serde_json::from_str(&stored.state).map_err(|source| AppError::Json { what: "the run of a flow", source })
}

/// Applies events to a run, in their order, and keeps what became of it.
async fn tell(tx: &mut Tx, app: &App, stored: Stored, events: Vec<Event>) -> Result<(), AppError> {
    let flows = app.flows.now();
    let mut guided = Guided::open(tx, app, &flows, stored).await?;
    for event in &events {
        guided.take(tx, event).await?;
    }
    guided.keep(tx).await
}

impl<'a> Guided<'a> {
    async fn open(tx: &mut Tx, app: &'a App, flows: &'a Flows, stored: Stored) -> Result<Self, AppError> {
        let run = parse(&stored)?;
        let scene = flow_runs::scene(tx, &stored.ticket_id).await?;
        Ok(Self { app, flows, stored, scene, run })
    }

    async fn take(&mut self, tx: &mut Tx, event: &Event) -> Result<(), AppError> {
        let (bot, seen) = (self.with_bot(), self.run.seen.clone());
        self.step(tx, event).await?;
        match bot {
            Some(call) if self.with_bot() != bot => self.let_go(tx, call, &event.what).await,
            // What is told again was heard the first time.
            Some(call) if self.run.seen != seen => self.pass_on(tx, call, &event.what).await,
            _ => Ok(()),
        }
    }

    async fn step(&mut self, tx: &mut Tx, event: &Event) -> Result<(), AppError> {
        let Some(flow) = self.flows.of(&self.stored) else {
            // The flow is gone altogether: a person has it.
            return self.strand(tx).await;
        };
        let (run, actions) = step(flow, self.run.clone(), event, &context(self.app, &self.scene));
        self.run = run;
        for action in actions {
            self.perform(tx, action).await?;
        }
        Ok(())
    }

    async fn keep(self, tx: &mut Tx) -> Result<(), AppError> {
        let state = to_json("the run of a flow", &self.run)?;
        let (step, ending) = match &self.run.at {
            At::Start => (None, None),
            At::On(stay) => (Some(stay.step.as_str()), None),
            At::Over(ending) => (None, Some(word(*ending))),
        };
        let left = Left { state: &state, step, ending };
        flow_runs::keep(tx, &self.stored, &left, self.app.clock.now()).await?;
        if let Some(ending) = ending {
            metrics::counter!("sportello_flow_runs_ended_total", "ending" => ending).increment(1);
        }
        work::moved(tx, self.app, &self.stored.ticket_id, Moved::FlowWent).await
    }
}

/// The world as a flow may know it.
fn context(app: &App, scene: &Scene) -> Context {
    let now = app.clock.now();
    Context {
        now,
        local: app.config.hours.local(now),
        window_closes_at: window_closes_at(scene.last_inbound_at),
        is_desk_open: app.config.hours.is_open(now),
        contact: scene.name.clone(),
        tags: serde_json::from_str(&scene.tags).unwrap_or_default(),
    }
}

/// As it is stored.
const fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Ended => "ended",
        Ending::HandedOver => "handed_over",
        Ending::Withdrawn => "withdrawn",
    }
}
