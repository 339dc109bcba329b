//! A world small enough for a text: a clock, alarm clocks, and the buttons that the customer still sees.

use std::{collections::BTreeMap, time::Duration};

use model::{
    clock::Timestamp,
    outbound::{Outbound, WINDOW},
};

use super::{script::Doing, tell};
use crate::{
    engine::{Action, Arrived, Call, Context, Event, Filled, Judged, Outcome, Run, Said, Timer, What, step},
    format::{Flow, Language, MediumKind},
};

/// Alarm clocks that ring within one `passes:` line.
const RINGS_MAX: usize = 200;

/// How long a customer takes to read and answer; and between two pictures of an album.
const PAUSE: Duration = Duration::from_secs(20);
const ALBUM_PAUSE: Duration = Duration::from_secs(1);

/// One customer, one flow, and time that moves only when it is told to.
pub struct World<'f> {
    flow: &'f Flow,
    pub run: Run,
    pub context: Context,
    is_started: bool,
    last_was_file: bool,
    events: u32,
    timers: Vec<(Timestamp, Timer)>,
    /// The options of every question so far, the newest last.
    options: Vec<Vec<(String, String)>>,
    call: Option<Call>,
}

impl<'f> World<'f> {
    pub fn new(flow: &'f Flow, language: Language) -> Self {
        let local = jiff::civil::date(2026, 11, 23).at(10, 0, 0, 0);
        let now = Timestamp::from_secs(1_795_424_400);
        let context = Context {
            now,
            local,
            window_closes_at: Some(now.plus(WINDOW)),
            is_desk_open: true,
            contact: Some("Zoe".to_owned()),
            tags: Vec::new(),
        };
        let run = Run::new(flow, language);
        Self {
            flow,
            run,
            context,
            is_started: false,
            last_was_file: false,
            events: 0,
            timers: Vec::new(),
            options: Vec::new(),
            call: None,
        }
    }

    /// Carries out what a line of a talk says (without its `>`) and returns it with everything that followed.
    pub fn line(&mut self, line: &str) -> Result<String, String> {
        self.play(&super::script::read(line)?)
    }

    /// Carries one line out and returns it with everything that followed.
    pub(super) fn play(&mut self, doing: &Doing) -> Result<String, String> {
        let title = self.picked(doing)?.map(|(_, title)| title);
        let mut told = tell::doing(doing, title.as_deref());
        if let Doing::Passes(span) = doing {
            told.push_str(&self.pass(span.0));
            return Ok(told);
        }
        let what = self.what(doing)?;
        let is_file = matches!(doing, Doing::Sends { .. });
        let pause = if is_file && self.last_was_file { ALBUM_PAUSE } else { PAUSE };
        self.last_was_file = is_file;
        if is_from_customer(doing) {
            told.insert_str(0, &self.pass(pause));
            self.context.window_closes_at = Some(self.context.now.plus(WINDOW));
        }
        told.push_str(&self.tell(what));
        Ok(told)
    }

    /// Lets something happen, under a new id, and returns what is done about it.
    pub fn happen(&mut self, what: What) -> Vec<Action> {
        self.events = self.events.saturating_add(1);
        let event = Event { id: format!("e{}", self.events), what };
        self.deliver(&event)
    }

    /// The same under an id of its own.
    pub fn deliver(&mut self, event: &Event) -> Vec<Action> {
        let (run, actions) = step(self.flow, self.run.clone(), event, &self.context);
        self.run = run;
        for action in &actions {
            match action {
                Action::Schedule { timer, at } => self.timers.push((*at, *timer)),
                Action::LookUp { call, .. }
                | Action::Suggest { call, .. }
                | Action::HandToBot { call, .. } => {
                    self.call = Some(*call);
                }
                Action::Send(Outbound::Buttons(b))
                | Action::OfferForm { otherwise: Outbound::Buttons(b), .. } => {
                    self.options.push(b.buttons.iter().map(|c| (c.id.clone(), c.title.clone())).collect());
                }
                Action::Send(Outbound::List(l)) | Action::OfferForm { otherwise: Outbound::List(l), .. } => {
                    let rows = l.sections.iter().flat_map(|s| &s.rows);
                    self.options.push(rows.map(|c| (c.id.clone(), c.title.clone())).collect());
                }
                _ => {}
            }
        }
        actions
    }

    /// Lets something happen and returns what is said and done about it.
    pub fn tell(&mut self, what: What) -> String {
        let actions = self.happen(what);
        actions.iter().map(tell::action).collect()
    }

    /// Time goes by; the alarm clocks ring in their order.
    fn pass(&mut self, span: Duration) -> String {
        let until = self.context.now.plus(span);
        let mut told = String::new();
        for _ in 0..RINGS_MAX {
            let next = self.timers.iter().copied().filter(|(at, _)| *at <= until).min();
            let Some((at, timer)) = next else { break };
            self.timers.retain(|other| *other != (at, timer));
            self.set_clock(at);
            told.push_str(&self.tell(What::TimerFired(timer)));
        }
        self.set_clock(until);
        told
    }

    fn set_clock(&mut self, at: Timestamp) {
        let gone = at.since(self.context.now);
        self.context.now = self.context.now.max(at);
        self.context.local = self.context.local.checked_add(gone).unwrap_or(self.context.local);
    }

    /// The option that a line names.
    fn picked(&self, doing: &Doing) -> Result<Option<(String, String)>, String> {
        let named = |options: &&(String, String), id: &str| options.0.rsplit('.').next() == Some(id);
        let find = |options: &Vec<(String, String)>, id: &str| options.iter().find(|o| named(o, id)).cloned();
        match doing {
            Doing::Picks(id) if id == "more" => {
                let newest = self.options.last().and_then(|o| o.last().cloned());
                newest.map(Some).ok_or_else(|| "there is no list to turn".to_owned())
            }
            Doing::Picks(id) => {
                let newest = self.options.last().and_then(|o| find(o, id));
                newest.map(Some).ok_or_else(|| format!("the newest question has no option `{id}`"))
            }
            Doing::PicksOld(id) => {
                let mut older = self.options.iter().rev().filter_map(|o| find(o, id));
                older.next().map(Some).ok_or_else(|| format!("no earlier question has an option `{id}`"))
            }
            _ => Ok(None),
        }
    }

    fn what(&mut self, doing: &Doing) -> Result<What, String> {
        let call = || self.call.ok_or_else(|| "nothing was asked of another system".to_owned());
        let what = match doing {
            Doing::Says(text) => What::CustomerSaid(Said::Text(text.clone())),
            Doing::Picks(_) | Doing::PicksOld(_) => {
                let (id, title) = self.picked(doing)?.unwrap_or_default();
                What::CustomerSaid(Said::Choice { id, title })
            }
            Doing::Location { latitude, longitude } => {
                What::CustomerSaid(Said::Location { latitude: *latitude, longitude: *longitude, name: None })
            }
            Doing::Sticker => What::CustomerSaid(Said::Other),
            Doing::Sends { kind, name, as_document, caption } => What::MediumArrived(Arrived {
                medium: name.as_str().into(),
                kind: *kind,
                as_document: *as_document,
                caption: caption.clone(),
            }),
            Doing::Judged { name, verdict, reason, side_px, findings, transcript } => {
                What::MediumJudged(Judged {
                    medium: name.as_str().into(),
                    verdict: *verdict,
                    reason: *reason,
                    side_px: *side_px,
                    findings: findings.clone(),
                    transcript: transcript.clone(),
                })
            }
            Doing::Fills(fields) => What::FormFilled(filled(fields)),
            Doing::Lost(name) => What::MediumLost(name.as_str().into()),
            Doing::LookedUp(Some(values)) => {
                What::LookedUp { call: call()?, outcome: Outcome::Found(values.clone()) }
            }
            Doing::LookedUp(None) => What::LookedUp { call: call()?, outcome: Outcome::Missing },
            Doing::LookUpFails => What::LookedUp { call: call()?, outcome: Outcome::Failed },
            Doing::Suggested(found) => What::Suggested { call: call()?, found: *found },
            Doing::BotDone(solved) => What::BotDone { call: call()?, solved: *solved },
            Doing::PersonTakesOver => What::PersonTookOver,
            Doing::Withdraws => What::Withdrew,
            Doing::Passes(_) => return Err("time is no event".to_owned()),
        };
        Ok(self.begin(what))
    }

    /// The first thing that a customer does is what starts the flow.
    fn begin(&mut self, what: What) -> What {
        if self.is_started {
            return what;
        }
        match what {
            What::CustomerSaid(Said::Text(said)) => {
                self.is_started = true;
                What::Started { said: Some(said), media: Vec::new() }
            }
            What::MediumArrived(arrived) => {
                self.is_started = true;
                What::Started { said: arrived.caption.clone(), media: vec![arrived] }
            }
            other => other,
        }
    }
}

fn filled(fields: &BTreeMap<String, String>) -> Filled {
    let mut filled = Filled::default();
    for (name, value) in fields {
        match value.strip_prefix('@') {
            Some(photos) => {
                filled.media.extend(photos.split("+@").map(|photo| (name.clone(), picked(photo))))
            }
            None => filled.words.push((name.clone(), value.clone())),
        }
    }
    filled
}

fn picked(photo: &str) -> Arrived {
    Arrived { medium: photo.into(), kind: MediumKind::Photo, as_document: false, caption: None }
}

const fn is_from_customer(doing: &Doing) -> bool {
    matches!(
        doing,
        Doing::Says(_)
            | Doing::Picks(_)
            | Doing::PicksOld(_)
            | Doing::Location { .. }
            | Doing::Sticker
            | Doing::Sends { .. }
            | Doing::Fills(_)
    )
}
