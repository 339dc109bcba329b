//! A native form that came back: it answers several questions at once. Its words and files wait for their questions
//! and are held against each as if they had come by the chat; what does not serve is asked for there.

use super::{
    ask::wanted_medium,
    event::{Filled, Said},
    run::{At, Doing, Stay, clip},
    turn::Turn,
};
use crate::format::{Ask, Step, StepId};

/// Words that wait for their questions; a form has eight at most.
const WAITING_MAX: usize = 16;

impl Turn<'_> {
    pub fn form_filled(&mut self, stay: &Stay, filled: &Filled) {
        for (name, words) in &filled.words {
            if self.run.filled.len() < WAITING_MAX {
                self.run.filled.insert(name.clone(), clip(words, super::ANSWER_CHARS_MAX));
            }
        }
        for (name, arrived) in &filled.media {
            if self.keep(arrived, 0, false) {
                self.name(name, arrived);
            }
        }
        let flow = self.flow;
        if let (Doing::Asking(_), Some(Step::Ask(ask))) = (&stay.doing, flow.step(&stay.step)) {
            self.use_filled(&stay.step, ask);
        }
    }

    fn name(&mut self, name: &str, arrived: &super::event::Arrived) {
        if let Some(medium) = self.run.media.iter_mut().find(|m| m.id == arrived.medium) {
            medium.field = Some(name.to_owned());
        }
    }

    /// Answers the question at which the run stands with what a form brought for it; `false` when there is nothing.
    pub fn use_filled(&mut self, id: &StepId, ask: &Ask) -> bool {
        if wanted_medium(ask).is_some() {
            return self.use_filled_files(id, ask);
        }
        let At::On(stay) = self.run.at.clone() else { return false };
        match self.run.filled.remove(&ask.save) {
            Some(words) => {
                self.answered(&stay, ask, &Said::Text(words));
                true
            }
            None => false,
        }
    }
}
