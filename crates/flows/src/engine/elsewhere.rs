//! What others answer: another system, the search for an article, a bot.

use super::{
    action::{Action, Why},
    event::{Call, Outcome, TimerKind},
    run::{Answer, Doing, Stay, clip},
    summary,
    turn::{OWN_QUESTION, Onward, Turn},
};
use crate::format::{Bot, LookUp, Span, Step, StepId, Suggest};

/// Answers of another system that are kept.
const LOOKED_UP_MAX: usize = 32;
/// How long the search for an article may take.
const SEARCH: Span = Span::minutes(2);

impl Turn<'_> {
    pub fn look_up(&mut self, id: &StepId, look_up: &LookUp) -> Onward {
        if !self.stay(id, Doing::LookingUp) {
            return Onward::Stay;
        }
        let with = self.filled(&look_up.with);
        let call = Call(self.run.place);
        self.actions.push(Action::LookUp { call, source: look_up.source.clone(), with });
        self.schedule(TimerKind::GiveUp, look_up.give_up_after)
    }

    pub fn looked_up(&mut self, stay: &Stay, outcome: &Outcome) {
        let flow = self.flow;
        let Some(Step::LookUp(look_up)) = flow.step(&stay.step) else { return };
        match outcome {
            Outcome::Found(values) => {
                // What it gave the last time is no longer so.
                let start = format!("{}.", look_up.save);
                self.run.answers.retain(|name, _| !name.starts_with(&start));
                for (key, value) in values.iter().take(LOOKED_UP_MAX) {
                    let name = format!("{}.{}", look_up.save, clip(key, 40));
                    self.save(&name, Answer::Text(value.clone()));
                }
                self.go(look_up.found.clone());
            }
            Outcome::Missing => self.go(look_up.missing.clone()),
            Outcome::Failed => self.go_or(look_up.failed.clone(), Why::LookUpFailed),
        }
    }

    pub fn suggest(&mut self, id: &StepId, suggest: &Suggest) -> Onward {
        if !self.stay(id, Doing::Suggesting) {
            return Onward::Stay;
        }
        // What is not known leaves no blank behind.
        let query = self.fill(&suggest.query).split_whitespace().collect::<Vec<_>>().join(" ");
        let (call, language) = (Call(self.run.place), self.run.language);
        self.actions.push(Action::Suggest { call, query, language });
        self.schedule(TimerKind::GiveUp, SEARCH)
    }

    pub fn suggested(&mut self, stay: &Stay, found: bool) {
        let flow = self.flow;
        let (Some(Step::Suggest(suggest)), Doing::Suggesting) = (flow.step(&stay.step), &stay.doing) else {
            return;
        };
        if !found {
            return self.go(suggest.none.clone());
        }
        if self.stay(&stay.step, Doing::Helping { detours: 0 }) {
            self.ask_if_helped(None);
            self.schedule(TimerKind::GiveUp, OWN_QUESTION);
        }
    }

    pub fn hand_to_bot(&mut self, id: &StepId, bot: &Bot) -> Onward {
        if !self.stay(id, Doing::WithBot) {
            return Onward::Stay;
        }
        let summary = Box::new(summary::write(self, Why::Planned, None, None));
        self.actions.push(Action::HandToBot { call: Call(self.run.place), bot: bot.name.clone(), summary });
        self.schedule(TimerKind::GiveUp, bot.give_up_after)
    }

    pub fn bot_done(&mut self, stay: &Stay, solved: bool) {
        let flow = self.flow;
        let Some(Step::Bot(bot)) = flow.step(&stay.step) else { return };
        if solved { self.go(bot.solved.clone()) } else { self.go_or(bot.otherwise.clone(), Why::BotGaveUp) }
    }
}
