//! The customer said something: first what counts everywhere, then what was asked, then whatever else it may be.

use super::{
    action::{Action, Why},
    ask::DETOURS_MAX,
    event::Said,
    run::{Answer, At, Doing, Ending, NOTES_MAX, Stay, clip},
    turn::{Onward, Turn},
};
use crate::{
    format::{Ask, FlowId, Step, StepId, Wanted},
    texts::{self, Phrase, phrase, same, wants_person, wants_stop, yes_or_no},
};

const NOTE_CHARS_MAX: usize = 200;

impl Turn<'_> {
    pub fn customer_said(&mut self, stay: &Stay, said: &Said) {
        if let Said::Text(text) = said {
            if wants_stop(text) {
                return self.withdraw();
            }
            if wants_person(text) {
                self.note(text);
                return self.hand_over(Why::CustomerAsked, Some(Phrase::PersonAsked));
            }
        }
        let flow = self.flow;
        match (&stay.doing, flow.step(&stay.step)) {
            (Doing::Asking(_), Some(Step::Ask(ask))) => self.said_to_question(stay, ask, said),
            (Doing::Helping { detours }, Some(Step::Suggest(suggest))) => match self.whether_helped(said) {
                Some(helped) => {
                    self.actions.push(Action::Helped(helped));
                    self.go(if helped { suggest.helped.clone() } else { suggest.did_not_help.clone() });
                }
                None => self.ask_again_if_helped(stay, *detours, said),
            },
            (Doing::Rating { detours }, _) => self.rated(*detours, said),
            // `ok, thanks` is said to what was told before the wait.
            (Doing::Waiting, Some(Step::Wait(wait)))
                if wait.if_they_write.is_some() && is_in_passing(said) => {}
            (Doing::Waiting, Some(Step::Wait(wait))) => {
                self.note_said(said);
                let then = wait.if_they_write.clone().or_else(|| wait.then.clone());
                self.leave(&stay.step, Onward::Then(then));
            }
            // Something else is under way; what was said is kept for whoever comes next. A bot hears it by itself.
            _ => self.note_said(said),
        }
    }

    fn said_to_question(&mut self, stay: &Stay, ask: &Ask, said: &Said) {
        match said {
            Said::Choice { id, .. } => match self.pressed(id) {
                Pressed::Here(option) => self.pressed_here(stay, ask, option, said),
                // Pressed twice: it was heard the first time.
                Pressed::Earlier(option) if self.was_chosen(option) => {}
                Pressed::Earlier(_) => self.lead_back(ask, Phrase::OldButton),
                Pressed::Elsewhere => self.answered(stay, ask, said),
            },
            // `ok`, a thumb: no answer, and nothing to be corrected for.
            Said::Text(text) if self.is_in_passing(ask, text) => {}
            _ => self.answered(stay, ask, said),
        }
    }

    fn pressed_here(&mut self, stay: &Stay, ask: &Ask, option: &str, said: &Said) {
        let Wanted::Choice(choice) = &ask.wanted else { return self.answered(stay, ask, said) };
        if let Some(page) = option.strip_prefix('+').and_then(|p| p.parse().ok()) {
            return self.turn_page(ask, choice, page);
        }
        match self.offered(choice).iter().find(|o| o.id == option) {
            Some(option) => self.chosen(stay, ask, option),
            None => self.answered(stay, ask, said),
        }
    }

    /// Whose option was pressed.
    fn pressed<'i>(&self, id: &'i str) -> Pressed<'i> {
        let mut parts = id.splitn(3, '.');
        let (Some(flow), Some(place), Some(option)) = (parts.next(), parts.next(), parts.next()) else {
            return Pressed::Elsewhere;
        };
        match place.parse::<u32>() {
            Ok(place) if self.run.flow == FlowId::from(flow) && place == self.run.place => {
                Pressed::Here(option)
            }
            Ok(_) => Pressed::Earlier(option),
            Err(_) => Pressed::Elsewhere,
        }
    }

    fn was_chosen(&self, option: &str) -> bool {
        let is_chosen = |value: &str| {
            self.run.answers.values().any(|a| matches!(a, Answer::Choice(chosen) if chosen == value))
        };
        // Of an option that a look-up gave, its value was saved.
        let given =
            self.run.answers.iter().filter(|(name, _)| name.split_once('.').is_some_and(|n| n.1 == option));
        is_chosen(option) || given.map(|(_, value)| value.in_words()).any(|value| is_chosen(&value))
    }

    /// The option of a question of the house's own, pressed or typed.
    fn own_option<'s>(&self, said: &'s Said) -> Option<&'s str> {
        const TITLES: [(&str, Phrase); 5] = [
            ("yes", Phrase::YesHelped),
            ("no", Phrase::NotHelped),
            ("3", Phrase::RateGood),
            ("2", Phrase::RateFair),
            ("1", Phrase::RateBad),
        ];
        match said {
            Said::Choice { id, .. } => match self.pressed(id) {
                Pressed::Here(option) => Some(option),
                _ => None,
            },
            Said::Text(text) => {
                let titled = |(_, p): &&(&str, Phrase)| same(phrase(self.run.language, *p), text);
                TITLES.iter().find(titled).map(|(id, _)| *id)
            }
            _ => None,
        }
    }

    fn ask_again_if_helped(&mut self, stay: &Stay, detours: u8, said: &Said) {
        self.note_said(said);
        if is_in_passing(said) {
            return;
        }
        if detours >= DETOURS_MAX {
            return self.hand_over(Why::LostPatience, Some(Phrase::PersonComing));
        }
        let doing = Doing::Helping { detours: detours.saturating_add(1) };
        self.run.at = At::On(Stay { step: stay.step.clone(), doing });
        let choose = phrase(self.run.language, Phrase::Choose);
        self.ask_if_helped(Some(choose));
    }

    /// By the button, or in words that can mean nothing else.
    fn whether_helped(&self, said: &Said) -> Option<bool> {
        match (self.own_option(said), said) {
            (Some("yes"), _) => Some(true),
            (Some("no"), _) => Some(false),
            (_, Said::Text(text)) => yes_or_no(text),
            _ => None,
        }
    }

    /// Whoever writes something else than how it was has something new to say: the run is over, the desk reads it.
    fn rated(&mut self, detours: u8, said: &Said) {
        match self.own_option(said).and_then(|o| o.parse().ok()) {
            Some(stars @ 1..=3) => {
                self.actions.push(Action::Rate(stars));
                self.say_phrase(Phrase::Rated);
                self.run.at = At::Over(Ending::Ended);
            }
            _ if is_in_passing(said) && detours < DETOURS_MAX => {
                if let At::On(Stay { doing: Doing::Rating { detours }, .. }) = &mut self.run.at {
                    *detours = detours.saturating_add(1);
                }
            }
            _ => {
                self.note_said(said);
                self.hand_over(Why::LostPatience, Some(Phrase::PersonComing));
            }
        }
    }

    pub fn note(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && self.run.notes.len() < NOTES_MAX {
            self.run.notes.push(clip(text, NOTE_CHARS_MAX));
        }
    }

    fn note_said(&mut self, said: &Said) {
        if let Said::Text(text) | Said::Choice { title: text, .. } = said {
            self.note(text);
        }
    }

    /// Words that came otherwise than as a text: a caption, the transcript of a voice note.
    pub fn words_came(&mut self, step: &StepId, words: &str) {
        let At::On(stay) = self.run.at.clone() else { return };
        if stay.step == *step {
            self.customer_said(&stay, &Said::Text(words.to_owned()));
        }
    }
}

fn is_in_passing(said: &Said) -> bool {
    matches!(said, Said::Text(text) if texts::is_in_passing(text))
}

enum Pressed<'i> {
    Here(&'i str),
    Earlier(&'i str),
    Elsewhere,
}
