//! One turn: an event is taken, steps are walked until one waits for something.

use std::time::Duration;

use jiff::civil::DateTime;

use super::{
    action::{Action, Why},
    event::{Arrived, Call, Context, Timer, TimerKind, What},
    run::{ANSWERS_MAX, Answer, Asking, At, Doing, Ending, PLACES_MAX, Run, Stay, clip},
    summary,
};
use crate::{
    format::{Act, Deed, End, Flow, HandOver, Say, Span, Step, StepId, Wait},
    texts::Phrase,
};

/// Steps walked for one event; a flow that passes the checker needs far fewer.
pub const STEPS_MAX: u32 = 64;
/// How long an article or a star is waited for before the matter rests.
pub(super) const OWN_QUESTION: Span = Span::hours(20);

pub(super) struct Turn<'a> {
    pub flow: &'a Flow,
    pub run: Run,
    pub context: &'a Context,
    pub actions: Vec<Action>,
    steps_left: u32,
}

/// Where a step leads.
pub(super) enum Onward {
    To(StepId),
    /// To the named step, or to the one below.
    Then(Option<StepId>),
    Stay,
}

impl<'a> Turn<'a> {
    pub fn new(flow: &'a Flow, run: Run, context: &'a Context) -> Self {
        Self { flow, run, context, actions: Vec::new(), steps_left: STEPS_MAX }
    }

    pub fn take(&mut self, what: &What) {
        match what {
            What::PersonTookOver => return self.run.at = At::Over(Ending::HandedOver),
            What::Withdrew => return self.run.at = At::Over(Ending::Withdrawn),
            _ => {}
        }
        let stay = match (&self.run.at, what) {
            (At::Start, What::Started { said, media }) => return self.start(said.as_deref(), media),
            (At::On(stay), _) => stay.clone(),
            // Before the start there is nothing that it could answer, after the end nobody who would.
            (At::Start | At::Over(_), _) => return self.remember(what),
        };
        if !self.still_fits(&stay) {
            return self.hand_over(Why::FlowChanged, Some(Phrase::Unforeseen));
        }
        match what {
            What::Started { .. } | What::PersonTookOver | What::Withdrew => {}
            What::CustomerSaid(said) => self.customer_said(&stay, said),
            What::MediumArrived(arrived) => self.medium_arrived(&stay, arrived),
            What::FormFilled(filled) => self.form_filled(&stay, filled),
            What::MediumJudged(judged) => self.medium_judged(&stay, judged),
            What::MediumLost(medium) => self.medium_lost(&stay, medium),
            What::LookedUp { call, outcome } if self.is_here(*call) => self.looked_up(&stay, outcome),
            What::Suggested { call, found } if self.is_here(*call) => self.suggested(&stay, *found),
            What::BotDone { call, solved } if self.is_here(*call) => self.bot_done(&stay, *solved),
            What::TimerFired(timer) if timer.place == self.run.place => self.timer_fired(&stay, timer.kind),
            What::LookedUp { .. } | What::Suggested { .. } | What::BotDone { .. } | What::TimerFired(_) => {}
        }
    }

    /// A file that is told of before the start is there when it is needed.
    fn remember(&mut self, what: &What) {
        match what {
            What::MediumArrived(arrived) => _ = self.keep(arrived, 0, false),
            What::MediumJudged(judged) => _ = self.note_judgement(judged),
            _ => {}
        }
    }

    fn start(&mut self, said: Option<&str>, media: &[Arrived]) {
        let Some(first) = self.flow.first().cloned() else {
            return self.hand_over(Why::FlowChanged, Some(Phrase::Unforeseen));
        };
        if let Some(said) = said {
            self.save("first_message", Answer::Text(said.to_owned()));
        }
        for arrived in media {
            self.keep(arrived, 0, false);
        }
        let greeting = self.flow.greeting.get(self.run.language).to_owned();
        self.say(&greeting);
        self.go(first);
    }

    fn is_here(&self, call: Call) -> bool {
        call.0 == self.run.place
    }

    /// Whether the flow still has the step, and the step still does what the run waits for.
    fn still_fits(&self, stay: &Stay) -> bool {
        match (self.flow.step(&stay.step), &stay.doing) {
            (Some(Step::Ask(_)), Doing::Asking(_))
            | (Some(Step::LookUp(_)), Doing::LookingUp)
            | (Some(Step::Suggest(_)), Doing::Suggesting | Doing::Helping { .. })
            | (Some(Step::Wait(_)), Doing::Waiting)
            | (Some(Step::Bot(_)), Doing::WithBot) => true,
            // The matter is settled; only the question how it was is open.
            (_, Doing::Rating { .. }) => true,
            _ => false,
        }
    }

    /// Walks from `step` until a step waits or the run is over.
    pub fn go(&mut self, step: StepId) {
        if let At::On(stay) = &self.run.at {
            self.went(stay.step.clone(), step.clone());
        }
        let mut next = step;
        while let Some(left) = self.steps_left.checked_sub(1) {
            self.steps_left = left;
            let flow = self.flow;
            let Some(here) = flow.step(&next) else {
                return self.hand_over(Why::FlowChanged, Some(Phrase::Unforeseen));
            };
            let onward = self.walk(&next, here);
            match self.resolve(&next, onward) {
                Some(step) => {
                    self.went(next, step.clone());
                    next = step;
                }
                None => return,
            }
        }
        self.hand_over(Why::TooLong, Some(Phrase::Unforeseen));
    }

    fn went(&mut self, from: StepId, to: StepId) {
        self.actions.push(Action::Went { from, to });
    }

    /// Leaves the step that the run stays at.
    pub fn leave(&mut self, from: &StepId, onward: Onward) {
        if let Some(next) = self.resolve(from, onward) {
            self.go(next);
        }
    }

    fn resolve(&mut self, from: &StepId, onward: Onward) -> Option<StepId> {
        let next = match onward {
            Onward::Stay => return None,
            Onward::To(step) | Onward::Then(Some(step)) => Some(step),
            Onward::Then(None) => self.flow.below(from).cloned(),
        };
        if next.is_none() {
            self.hand_over(Why::FlowChanged, Some(Phrase::Unforeseen));
        }
        next
    }

    fn walk(&mut self, id: &StepId, step: &Step) -> Onward {
        match step {
            Step::Say(say) => self.tell(say),
            Step::Ask(ask) => self.ask(id, ask),
            Step::Check(check) => {
                let case = check.cases.iter().find(|case| self.holds(&case.condition));
                Onward::To(case.map_or(&check.otherwise, |case| &case.then).clone())
            }
            Step::Act(act) => self.act(act),
            Step::LookUp(look_up) => self.look_up(id, look_up),
            Step::Suggest(suggest) => self.suggest(id, suggest),
            Step::Wait(wait) => self.wait(id, wait),
            Step::HandOver(hand_over) => self.planned_hand_over(hand_over),
            Step::Bot(bot) => self.hand_to_bot(id, bot),
            Step::End(end) => self.end(id, end),
        }
    }

    /// Stands still at `id`; every stay is a new place with a number of its own.
    ///
    /// A run that has come by too many places goes to a person instead.
    pub fn stay(&mut self, id: &StepId, doing: Doing) -> bool {
        if self.run.place >= PLACES_MAX {
            self.hand_over(Why::TooLong, Some(Phrase::Unforeseen));
            return false;
        }
        self.run.place = self.run.place.saturating_add(1);
        self.run.at = At::On(Stay { step: id.clone(), doing });
        true
    }

    /// Rings later, unless the run has moved on by then.
    pub fn schedule(&mut self, kind: TimerKind, span: Span) -> Onward {
        if !self.run.is_over() {
            let timer = Timer { place: self.run.place, kind };
            self.actions.push(Action::Schedule { timer, at: self.context.now.plus(span.0) });
        }
        Onward::Stay
    }

    fn wait(&mut self, id: &StepId, wait: &Wait) -> Onward {
        let named = wait.until.as_ref().and_then(|name| self.run.answers.get(name));
        let until: Option<DateTime> = named.and_then(|answer| answer.in_words().trim().parse().ok());
        // A time that has passed leaves nothing, not less.
        let left = until
            .map(|until| Duration::try_from(self.context.local.duration_until(until)).unwrap_or_default());
        match (left, &wait.passed) {
            (Some(Duration::ZERO), Some(step)) => return Onward::To(step.clone()),
            _ => _ = self.stay(id, Doing::Waiting),
        }
        let left = left.map_or(wait.span.0, |left| left.min(wait.span.0));
        self.schedule(TimerKind::WaitOver, Span(left.max(Duration::from_secs(1))))
    }

    fn tell(&mut self, say: &Say) -> Onward {
        if let Some(picture) = &say.picture {
            self.show(picture);
        }
        let text = say.text.get(self.run.language).to_owned();
        self.say_or_template(&text, say.template.as_deref());
        Onward::Then(say.then.clone())
    }

    fn act(&mut self, act: &Act) -> Onward {
        for deed in &act.deeds.0 {
            let action = match deed {
                Deed::Fields(fields) => Action::SetFields(self.filled(fields)),
                Deed::Tag(tag) => Action::AddTag(tag.clone()),
                Deed::Priority(priority) => Action::SetPriority(*priority),
                Deed::Team(team) => Action::SetTeam(team.clone()),
                Deed::Event(event) => {
                    Action::Announce { name: event.name.clone(), with: self.filled(&event.with) }
                }
            };
            self.actions.push(action);
        }
        Onward::Then(act.then.clone())
    }

    fn end(&mut self, id: &StepId, end: &End) -> Onward {
        let text = end.text.get(self.run.language).to_owned();
        self.say(&text);
        self.actions.push(Action::Solve);
        self.run.at = At::Over(Ending::Ended);
        if end.satisfaction && self.window_is_open() && self.stay(id, Doing::Rating { detours: 0 }) {
            self.ask_how_it_was();
            self.schedule(TimerKind::GiveUp, OWN_QUESTION);
        }
        Onward::Stay
    }

    fn timer_fired(&mut self, stay: &Stay, kind: TimerKind) {
        let flow = self.flow;
        match (flow.step(&stay.step), &stay.doing, kind) {
            (Some(Step::Ask(ask)), Doing::Asking(asking), _) => self.ask_timer(&stay.step, ask, asking, kind),
            (Some(Step::Wait(wait)), Doing::Waiting, TimerKind::WaitOver) => {
                self.leave(&stay.step, Onward::Then(wait.then.clone()));
            }
            (Some(Step::LookUp(look_up)), Doing::LookingUp, TimerKind::GiveUp) => {
                self.go_or(look_up.failed.clone(), Why::LookUpFailed);
            }
            (Some(Step::Suggest(suggest)), Doing::Suggesting, TimerKind::GiveUp) => {
                self.go(suggest.none.clone())
            }
            (Some(Step::Bot(bot)), Doing::WithBot, TimerKind::GiveUp) => {
                self.go_or(bot.otherwise.clone(), Why::BotGaveUp);
            }
            // Nobody said whether it helped: the article was sent, the matter rests.
            (_, Doing::Helping { .. } | Doing::Rating { .. }, TimerKind::GiveUp) => {
                self.run.at = At::Over(Ending::Ended);
            }
            _ => {}
        }
    }

    /// To the step if the author named one, else to a person.
    pub fn go_or(&mut self, step: Option<StepId>, why: Why) {
        match step {
            Some(step) => self.go(step),
            None => self.hand_over(why, Some(Phrase::PersonComing)),
        }
    }

    fn planned_hand_over(&mut self, hand_over: &HandOver) -> Onward {
        match &hand_over.text {
            Some(text) => {
                let text = text.get(self.run.language).to_owned();
                self.say(&text);
            }
            None => self.say_phrase(Phrase::PersonComing),
        }
        let mut said = self.fill(&hand_over.why);
        for listed in hand_over.lists.iter().filter(|listed| self.holds(&listed.condition)) {
            said.push_str("\n- ");
            said.push_str(&self.fill(&listed.line));
        }
        self.give_to_person(Why::Planned, hand_over.team.clone(), Some(said));
        Onward::Stay
    }

    pub fn hand_over(&mut self, why: Why, say: Option<Phrase>) {
        if let Some(phrase) = say {
            self.say_phrase(phrase);
        }
        self.give_to_person(why, None, None);
    }

    fn give_to_person(&mut self, why: Why, team: Option<String>, said: Option<String>) {
        let summary = summary::write(self, why, team, said);
        self.actions.push(Action::HandOver(Box::new(summary)));
        self.run.at = At::Over(Ending::HandedOver);
    }

    pub fn withdraw(&mut self) {
        self.say_phrase(Phrase::Withdrawn);
        self.actions.push(Action::Withdraw);
        self.run.at = At::Over(Ending::Withdrawn);
    }

    pub fn asking_mut(&mut self) -> Option<&mut Asking> {
        match &mut self.run.at {
            At::On(Stay { doing: Doing::Asking(asking), .. }) => Some(asking),
            _ => None,
        }
    }

    pub fn save(&mut self, name: &str, answer: Answer) {
        let clipped = match answer {
            Answer::Text(text) => Answer::Text(clip(&text, super::ANSWER_CHARS_MAX)),
            Answer::Read(text) => Answer::Read(clip(&text, super::ANSWER_CHARS_MAX)),
            other => other,
        };
        if self.run.answers.len() < ANSWERS_MAX || self.run.answers.contains_key(name) {
            self.run.answers.insert(name.to_owned(), clipped);
        }
    }
}
