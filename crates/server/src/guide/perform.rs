//! What the engine wants done, written into the transaction of the event that caused it.

use std::collections::BTreeMap;

use flows::{
    engine::{Action, Summary, Timer, Why},
    format::Source,
};
use model::{
    ids::EventId,
    outbound::{OutMedia, Outbound},
    ticket::TicketStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Tx, articles, attachments, contacts, events, flow_runs,
    jobs::{self, NewJob},
    tickets,
};

use super::{Guided, bots::Talk};
use crate::{
    error::{AppError, to_json},
    forms,
    jobs::{Announced, EventPost, FlowCall, FlowTimer, NOT_CONFIGURED, Untold},
    outbox::{self, Draft, Refusal},
};

/// What a run asks of another system, kept until it is answered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    LookUp {
        source: Source,
        with: BTreeMap<String, String>,
        language: String,
    },
    Article {
        query: String,
        language: String,
    },
    /// A bot has the conversation; what it has still to hear.
    Bot(Talk),
}

impl Guided<'_> {
    pub(super) async fn perform(&mut self, tx: &mut Tx, action: Action) -> Result<(), AppError> {
        let (app, now) = (self.app, self.app.clock.now());
        let ticket = self.stored.ticket_id.clone();
        match action {
            Action::Send(content) => self.send(tx, content).await,
            Action::OfferForm { form, body, otherwise } => self.offer(tx, &form, body, otherwise).await,
            Action::ShowPicture(name) => self.show(tx, &name).await,
            Action::Schedule { timer, at } => self.schedule(tx, timer, at).await,
            Action::LookUp { call, source, with } => {
                let language = self.run.language.as_str().to_owned();
                self.ask(tx, call.0, &Question::LookUp { source, with, language }).await
            }
            Action::Suggest { call, query, language } => {
                let language = language.as_str().to_owned();
                self.ask(tx, call.0, &Question::Article { query, language }).await
            }
            Action::HandToBot { call, bot, summary } => self.hand_to_bot(tx, call, bot, *summary).await,
            Action::SetFields(fields) => {
                Ok(tickets::set_fields(tx, &app.ids, &ticket, &fields, None, now).await?)
            }
            Action::AddTag(tag) => {
                tickets::add_tag(tx, &app.ids, &ticket, &tag, now).await?;
                self.scene = flow_runs::scene(tx, &ticket).await?;
                Ok(())
            }
            Action::SetPriority(to) => Ok(tickets::set_priority(tx, &app.ids, &ticket, to, None, now).await?),
            Action::SetTeam(team) => {
                Ok(tickets::set_team(tx, &app.ids, &ticket, Some(&team), None, now).await?)
            }
            Action::Announce { name, with } => self.announce(tx, name, with).await,
            Action::HandOver(summary) => self.hand_over(tx, *summary).await,
            Action::Helped(helped) => self.helped(tx, helped).await,
            Action::Went { from, to } => {
                Ok(flow_runs::went(tx, &self.stored.id, from.as_str(), to.as_str()).await?)
            }
            Action::Solve => self.set_status(tx, TicketStatus::Solved).await,
            Action::Rate(stars) => {
                flow_runs::rate(tx, &self.stored.id, i64::from(stars)).await?;
                self.note(tx, "flow.rated", json!({ "rating": stars, "of": 3 })).await
            }
            Action::Withdraw => {
                contacts::set_unguided(tx, &self.scene.contact_id, Some(now)).await?;
                self.note(tx, "flow.withdrawn", json!({})).await
            }
        }
    }

    pub(super) async fn send(&self, tx: &mut Tx, content: Outbound) -> Result<(), AppError> {
        let draft = Draft { content, author: None, reply_to: None };
        match outbox::queue(tx, self.app, &self.stored.ticket_id, draft).await {
            Ok(_) => Ok(()),
            Err(Refusal::App(error)) => Err(error),
            // The engine keeps to the limits and the window; a person sees where it did not.
            Err(refusal) => {
                tracing::warn!(run = self.stored.id.as_str(), %refusal, "a message of a flow was refused");
                self.note(tx, "flow.not_said", json!({ "why": refusal.to_string() })).await
            }
        }
    }

    /// The form where the number has it, or the question as the chat puts it.
    async fn offer(
        &self,
        tx: &mut Tx,
        form: &str,
        body: String,
        otherwise: Outbound,
    ) -> Result<(), AppError> {
        let wish = forms::Wish {
            ticket: &self.stored.ticket_id,
            account: &self.scene.account,
            language: self.run.language.as_str(),
            form,
            body,
        };
        let offered = forms::offer(tx, self.app, wish).await?;
        self.send(tx, offered.unwrap_or(otherwise)).await
    }

    /// A picture beside the flow's file; the same bytes stand in many conversations.
    async fn show(&self, tx: &mut Tx, name: &str) -> Result<(), AppError> {
        let app = self.app;
        let kept = store::flows::picture(tx, &self.stored.flow, name).await?;
        let shared = match kept {
            Some(file) => attachments::share(tx, &app.ids, &file, app.clock.now()).await?,
            None => None,
        };
        // The words say the same: an example that is not here yet is no reason to stop.
        let Some(file) = shared else {
            tracing::warn!(flow = self.stored.flow, picture = name, "a picture of a flow is not here");
            return Ok(());
        };
        self.send(tx, Outbound::Image(OutMedia { attachment_id: Some(file), ..OutMedia::default() })).await
    }

    /// What is told stands on the ticket; the job names it by its id alone. Without anybody to tell, the ticket says so.
    async fn announce(
        &self,
        tx: &mut Tx,
        name: String,
        with: BTreeMap<String, String>,
    ) -> Result<(), AppError> {
        let (app, now, ticket) = (self.app, self.app.clock.now(), &self.stored.ticket_id);
        let (flow, version) = (self.stored.flow.clone(), self.stored.version);
        let announced = Announced { name, with, flow, version };
        let id = EventId::new(&app.ids, now);
        if app.events.is_none() {
            let untold = Untold { id: &id, ticket, announced: &announced, why: NOT_CONFIGURED, tries: 0 };
            return untold.note(tx, app).await;
        }
        let data = serde_json::to_value(&announced)
            .map_err(|source| AppError::Json { what: "an event of a flow", source })?;
        events::add_with_id(tx, &id, ticket, Announced::KIND, None, &data, now).await?;
        let payload = EventPost { event_id: id };
        let key = payload.key();
        let job = NewJob { kind: EventPost::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
        jobs::enqueue(tx, &app.ids, now, job).await?;
        Ok(())
    }

    /// Counted with the article that was tried, if it is still there.
    async fn helped(&self, tx: &mut Tx, helped: bool) -> Result<(), AppError> {
        let Some(article) = flow_runs::tried(tx, &self.stored.id).await? else { return Ok(()) };
        articles::count(tx, &article, helped).await?;
        flow_runs::suggested(tx, &self.stored.id, None).await?;
        let kind = if helped { "article.helped" } else { "article.did_not_help" };
        self.note(tx, kind, json!({ "article_id": article })).await
    }

    async fn schedule(&self, tx: &mut Tx, timer: Timer, at: model::Timestamp) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let payload = FlowTimer { run_id: self.stored.id.clone(), timer };
        let job = NewJob { kind: FlowTimer::KIND, payload: &payload, run_at: at, dedup_key: None };
        jobs::enqueue(tx, &self.app.ids, now, job).await?;
        Ok(())
    }

    async fn ask(&self, tx: &mut Tx, call: u32, question: &Question) -> Result<(), AppError> {
        let now = self.app.clock.now();
        let text = to_json("a question of a flow", question)?;
        flow_runs::ask(tx, &self.stored.id, i64::from(call), &text, now).await?;
        let payload = FlowCall { run_id: self.stored.id.clone(), call };
        let key = payload.key();
        let job = NewJob { kind: FlowCall::KIND, payload: &payload, run_at: now, dedup_key: Some(&key) };
        jobs::enqueue(tx, &self.app.ids, now, job).await?;
        Ok(())
    }

    async fn hand_over(&self, tx: &mut Tx, summary: Summary) -> Result<(), AppError> {
        let (app, now, ticket) = (self.app, self.app.clock.now(), &self.stored.ticket_id);
        if let Some(team) = &summary.team {
            tickets::set_team(tx, &app.ids, ticket, Some(team), None, now).await?;
        }
        let told = json!({
            "flow": summary.flow, "version": summary.flow_version, "why": summary.why,
            "team": summary.team, "text": summary.text,
        });
        self.note(tx, "flow.handed_over", told).await?;
        self.set_status(tx, TicketStatus::Open).await
    }

    /// The flow does not exist any more in any version: the run ends with a person.
    pub(super) async fn strand(&mut self, tx: &mut Tx) -> Result<(), AppError> {
        self.run.at = flows::engine::At::Over(flows::engine::Ending::HandedOver);
        let why = Why::FlowChanged;
        let told = json!({ "flow": self.stored.flow, "version": self.stored.version, "why": why, "text": why.sentence() });
        self.note(tx, "flow.handed_over", told).await?;
        self.set_status(tx, TicketStatus::Open).await
    }

    async fn set_status(&self, tx: &mut Tx, to: TicketStatus) -> Result<(), AppError> {
        let app = self.app;
        tickets::set_status(tx, &app.ids, &self.stored.ticket_id, to, None, app.clock.now()).await?;
        Ok(())
    }

    pub(super) async fn note(
        &self,
        tx: &mut Tx,
        kind: &str,
        data: serde_json::Value,
    ) -> Result<(), AppError> {
        let app = self.app;
        Ok(events::add(tx, &app.ids, &self.stored.ticket_id, kind, None, &data, app.clock.now()).await?)
    }
}
