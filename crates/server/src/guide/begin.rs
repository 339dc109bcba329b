//! How a run begins: with what the customer sent in one turn, or because a person chose a flow for them.

use flows::{
    engine::{self, Arrived, Event, Incoming, Run, Said, What},
    format::{Flow, FlowId, Language, Trigger},
};
use model::{
    content::Content,
    finding::Analysis,
    ids::{ConversationId, FlowRunId, TicketId},
    outbound::window_is_open,
};
use store::{
    Tx, attachments, conversations, findings,
    flow_runs::{self, NewRun, Said as SaidRow, Scene},
    messages, tickets,
    turns::Turn,
};

use super::{Begun, Guided, hear, menu};
use crate::{
    app::App,
    error::{AppError, to_json},
};

/// Messages of a turn that are looked at.
pub const SAID_MAX: i64 = 50;
const WORDS_CHARS_MAX: usize = 1_000;

/// What came in a turn.
#[derive(Default)]
struct Came {
    said: Option<String>,
    media: Vec<Arrived>,
    /// What was seen of each, as far as the analyzers are done.
    judged: Vec<Event>,
    findings: Vec<(String, String, f32)>,
    /// The line of the menu that was chosen.
    menu: Option<FlowId>,
}

pub async fn by_itself(tx: &mut Tx, app: &App, turn: &Turn, said: &[SaidRow]) -> Result<(), AppError> {
    let flows = app.flows.now();
    if said.is_empty() {
        return Ok(());
    }
    let ticket = &turn.ticket_id;
    let scene = flow_runs::scene(tx, ticket).await?;
    let is_anybodys = scene.assignee_id.is_none() && !messages::has_answer_of_person(tx, ticket).await?;
    if scene.unguided_at.is_some() || !is_anybodys || !window_is_open(scene.last_inbound_at, app.clock.now())
    {
        return Ok(());
    }
    let is_first = match flow_runs::newest_ending(tx, ticket).await? {
        None => true,
        // Settled: only what clearly begins something new does; a thank you does not.
        Some(Some(ending)) if ending == "ended" => false,
        // A person has it.
        Some(_) => return Ok(()),
    };
    let came = came(tx, said).await?;
    let incoming = Incoming {
        contact: scene.contact_id.0.clone(),
        language: language(app, &scene),
        number: scene.account.clone(),
        said: came.said.clone(),
        kinds: came.media.iter().map(|arrived| arrived.kind).collect(),
        findings: came.findings.clone(),
        menu: came.menu.clone(),
        link: came.said.clone(),
    };
    let candidates: Vec<Flow> =
        if is_first { flows.all() } else { flows.all().into_iter().map(particular).collect() };
    let context = super::context(app, &scene);
    if came.menu.is_none() && came.said.as_deref().is_some_and(menu::is_asked) {
        return menu::show(tx, app, ticket, &flows, &incoming).await;
    }
    let Some(flow) = engine::choose(&candidates, &incoming, &context) else { return Ok(()) };
    let place = Place { ticket, conversation: &turn.conversation_id };
    start(tx, app, &place, flow, scene, came).await
}

pub async fn by_hand(tx: &mut Tx, app: &App, ticket: &TicketId, flow: &str) -> Result<Begun, AppError> {
    let flows = app.flows.now();
    let Some(flow) = flows.newest(flow) else { return Ok(Begun::NoSuchFlow) };
    let Some((conversation, ..)) = tickets::place_of(tx, ticket).await? else {
        return Err(AppError::missing("ticket", ticket));
    };
    conversations::hold(tx, &conversation).await?;
    if flow_runs::open_of(tx, &conversation).await?.is_some() {
        return Ok(Begun::Busy);
    }
    let scene = flow_runs::scene(tx, ticket).await?;
    if !window_is_open(scene.last_inbound_at, app.clock.now()) {
        return Ok(Begun::Unreachable);
    }
    let place = Place { ticket, conversation: &conversation };
    start(tx, app, &place, flow, scene, Came::default()).await?;
    Ok(Begun::Yes)
}

struct Place<'a> {
    ticket: &'a TicketId,
    conversation: &'a ConversationId,
}

async fn start(
    tx: &mut Tx,
    app: &App,
    place: &Place<'_>,
    flow: &Flow,
    scene: Scene,
    came: Came,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let run = Run::new(flow, language(app, &scene));
    let id = FlowRunId::new(&app.ids, now);
    let state = to_json("the run of a flow", &run)?;
    let new = NewRun {
        id: &id,
        flow: flow.flow.as_str(),
        version: i64::from(flow.version),
        conversation_id: place.conversation,
        ticket_id: place.ticket,
        state: &state,
    };
    flow_runs::begin(tx, &new, now).await?;
    let data = serde_json::json!({ "flow": flow.flow, "version": flow.version });
    store::events::add(tx, &app.ids, place.ticket, "flow.began", None, &data, now).await?;
    metrics::counter!("sportello_flow_runs_begun_total").increment(1);
    let Some(stored) = flow_runs::open(tx, &id).await? else {
        return Err(AppError::missing("flow run", &id));
    };
    let flows = app.flows.now();
    let mut guided = Guided { app, flows: &flows, stored, scene, run };
    for seen in &came.judged {
        guided.take(tx, seen).await?;
    }
    let began = What::Started { said: came.said, media: came.media };
    guided.take(tx, &Event { id: "began".to_owned(), what: began }).await?;
    guided.keep(tx).await
}

/// The customer's language, or the desk's.
fn language(app: &App, scene: &Scene) -> Language {
    let known = scene.language.as_deref().and_then(Language::parse);
    known.or_else(|| Language::parse(&app.config.server.language)).unwrap_or_default()
}

/// The flow without the trigger that fits everything.
fn particular(mut flow: Flow) -> Flow {
    flow.triggers.retain(|trigger| !matches!(trigger, Trigger::FirstMessage));
    flow
}

async fn came(tx: &mut Tx, said: &[SaidRow]) -> Result<Came, AppError> {
    let mut came = Came::default();
    let mut words: Vec<String> = Vec::new();
    for row in said {
        let Ok(content) = serde_json::from_str::<Content>(&row.content) else { continue };
        if let Content::Choice { id, .. } = &content
            && let Some(flow) = id.strip_prefix(menu::LINE)
        {
            came.menu = Some(flow.into());
        }
        match hear::of(&content, row.attachment_id.as_ref()) {
            Some(What::CustomerSaid(Said::Text(text) | Said::Choice { title: text, .. })) => words.push(text),
            Some(What::MediumArrived(arrived)) => {
                words.extend(arrived.caption.clone());
                look(tx, &arrived, &mut came).await?;
                came.media.push(arrived);
            }
            _ => {}
        }
    }
    came.said = (!words.is_empty()).then(|| words.join("\n").chars().take(WORDS_CHARS_MAX).collect());
    Ok(came)
}

async fn look(tx: &mut Tx, arrived: &Arrived, came: &mut Came) -> Result<(), AppError> {
    let Some(kept) = findings::current_in(tx, &arrived.medium).await?.filter(|kept| kept.is_complete) else {
        return Ok(());
    };
    let Some(file) = attachments::get_in(tx, &arrived.medium).await? else { return Ok(()) };
    let analysis: Analysis = kept.analysis;
    came.findings.extend(analysis.findings.iter().filter_map(|finding| {
        Some((finding.kind.clone(), finding.value.as_str()?.to_owned(), finding.confidence))
    }));
    came.judged.push(hear::judged(&file, &analysis));
    Ok(())
}
