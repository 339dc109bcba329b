//! Which questions of a flow a native form can put: those that follow one another whatever is answered.

use super::{Ask, Flow, Step, StepId, Wanted};

/// A longer form is not filled in.
pub const QUESTIONS_OF_A_FORM_MAX: usize = 8;

/// A question of a form, and the step that asks it in the chat.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Question<'f> {
    pub step: &'f StepId,
    pub ask: &'f Ask,
}

impl Ask {
    /// Whether a form can put this question: a page of ours, a place and a recording have no input there.
    pub fn fits_a_form(&self) -> bool {
        match &self.wanted {
            Wanted::Photo(medium) | Wanted::Document(medium) => medium.by_link.is_none(),
            Wanted::Choice(choice) => choice.from.is_none(),
            Wanted::Text(_) | Wanted::Number(_) | Wanted::Date(_) => true,
            Wanted::Video(_) | Wanted::Voice(_) | Wanted::Location(_) => false,
        }
    }

    /// Whether every answer leads on to the same step.
    fn leads_one_way(&self) -> bool {
        match &self.wanted {
            Wanted::Choice(choice) => choice.options.iter().all(|option| option.then.is_none()),
            _ => true,
        }
    }
}

impl Flow {
    /// The questions of the form that a flow offers under this name, in their order; empty when it offers none.
    pub fn questions_of_form(&self, form: &str) -> Vec<Question<'_>> {
        let starts = |step: &Step| matches!(step, Step::Ask(ask) if ask.form.as_deref() == Some(form));
        let mut next = self.steps.0.iter().find(|(_, step)| starts(step)).map(|(id, _)| id);
        let mut questions: Vec<Question<'_>> = Vec::new();
        while let Some(step) = next.filter(|_| questions.len() < QUESTIONS_OF_A_FORM_MAX) {
            let Some(Step::Ask(ask)) = self.step(step) else { break };
            let is_others = ask.form.as_deref().is_some_and(|other| other != form);
            let is_twice = questions.iter().any(|q| q.step == step || q.ask.save == ask.save);
            if !ask.fits_a_form() || is_others || is_twice {
                break;
            }
            questions.push(Question { step, ask });
            next = if ask.leads_one_way() { ask.then.as_ref().or(self.below(step)) } else { None };
        }
        questions
    }
}
