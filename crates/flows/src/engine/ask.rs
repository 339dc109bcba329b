//! A question: put, repeated, reminded of, given up.

use super::{
    action::{Action, Why},
    answer,
    event::{Said, Timer, TimerKind},
    run::{Answer, Asking, Doing, Stay},
    turn::{Onward, Turn},
};
use crate::{
    format::{Ask, Choice, ChoiceOption, MediumKind, StepId, Wanted},
    texts::{self, Phrase, phrase},
};

/// How often a customer who goes another way is led back to the question before a person takes over.
pub(super) const DETOURS_MAX: u8 = 4;

impl Turn<'_> {
    pub fn ask(&mut self, id: &StepId, ask: &Ask) -> Onward {
        if let Some(none) = self.nothing_to_choose(ask) {
            return Onward::To(none);
        }
        if !self.stay(id, Doing::Asking(Asking::default())) {
            return Onward::Stay;
        }
        self.schedule(TimerKind::GiveUp, ask.give_up_after);
        if let Some(span) = ask.remind_after {
            self.schedule(TimerKind::Remind, span);
        }
        if self.use_filled(id, ask) {
            return Onward::Stay;
        }
        match wanted_medium(ask) {
            Some((_, medium)) if medium.earlier_serves && !is_by_link(ask) && self.has_earlier(ask) => {
                self.use_earlier(id, ask);
            }
            _ => self.put(ask, None),
        }
        Onward::Stay
    }

    /// Asks once more, with a sentence before it.
    pub fn put(&mut self, ask: &Ask, before: Option<&str>) {
        let Some(asking) = self.asking_mut() else { return };
        let is_first = asking.asked == 0;
        asking.asked = asking.asked.saturating_add(1);
        if let (true, Some(picture)) = (is_first, &ask.example) {
            self.show(picture);
        }
        self.repeat(ask, before);
    }

    /// Where a choice without options leads.
    fn nothing_to_choose(&self, ask: &Ask) -> Option<StepId> {
        match &ask.wanted {
            Wanted::Choice(choice) if !self.offers_any(choice) => choice.none.clone(),
            _ => None,
        }
    }

    /// The question again, without counting it as a try.
    pub fn repeat(&mut self, ask: &Ask, before: Option<&str>) {
        if let Wanted::Choice(choice) = &ask.wanted
            && !self.offers_any(choice)
        {
            // The flow was changed meanwhile.
            return self.go_or(choice.none.clone(), Why::FlowChanged);
        }
        let page = self.asking_mut().map_or(0, |a| a.page);
        let text = self.fill(ask.text.get(self.run.language));
        let body = match before {
            Some(before) => format!("{before}\n\n{text}"),
            None => text,
        };
        match &ask.wanted {
            Wanted::Choice(choice) => {
                let options = self.offered(choice);
                self.send_choice(&body, &options, page);
            }
            Wanted::Location(_) => {
                let body = super::clip(&body, super::limits::BODY);
                self.send(model::outbound::Outbound::LocationRequest { body });
            }
            _ => {
                let body = super::clip(&body, super::limits::BODY);
                self.send(model::outbound::Outbound::Text { body, preview_url: false });
            }
        }
        if let (Some(form), None) = (&ask.form, before) {
            self.offer_form(form, body);
        }
    }

    /// Makes the question that was just put a form, once in a run: who does not fill it in is asked in the chat.
    fn offer_form(&mut self, form: &str, body: String) {
        if self.run.offered.iter().any(|offered| offered == form) {
            return;
        }
        match self.actions.pop() {
            Some(Action::Send(otherwise)) => {
                self.run.offered.push(form.to_owned());
                let body = super::clip(&body, super::limits::BODY);
                self.actions.push(Action::OfferForm { form: form.to_owned(), body, otherwise });
            }
            // Nothing was said: the window is closed.
            other => self.actions.extend(other),
        }
    }

    /// The answer did not serve: says why and how to mend it, or gives the question up when it was asked enough.
    pub fn again(&mut self, id: &StepId, ask: &Ask, mend: &str) {
        let Some(asking) = self.asking_mut() else { return };
        let is_first = asking.asked == 0;
        if asking.asked >= ask.tries {
            return match &ask.otherwise {
                Some(step) => {
                    // A link serves once: the next question brings another one, and this is the place to say why.
                    if is_by_link(ask) {
                        self.say(mend);
                    }
                    self.leave(id, Onward::To(step.clone()));
                }
                None => self.hand_over(Why::TriesUsedUp, Some(Phrase::GaveUp)),
            };
        }
        if is_first || is_by_link(ask) || matches!(ask.wanted, Wanted::Choice(_) | Wanted::Location(_)) {
            return self.put(ask, Some(mend));
        }
        asking.asked = asking.asked.saturating_add(1);
        self.say(mend);
    }

    /// The customer went another way: a friendly sentence and the question again, some times, then a person.
    pub fn lead_back(&mut self, ask: &Ask, sentence: Phrase) {
        let language = self.run.language;
        let Some(asking) = self.asking_mut() else { return };
        if asking.detours >= DETOURS_MAX {
            return self.hand_over(Why::LostPatience, Some(Phrase::GaveUp));
        }
        asking.detours = asking.detours.saturating_add(1);
        let before = format!("{} {}", phrase(language, sentence), phrase(language, Phrase::BackTo));
        self.repeat(ask, Some(&before));
    }

    /// Something was said that may be the answer. A wish for a person, stop and what is said in passing are behind us.
    pub fn answered(&mut self, stay: &Stay, ask: &Ask, said: &Said) {
        match (&ask.wanted, said) {
            (Wanted::Text(words), Said::Text(text) | Said::Choice { title: text, .. }) => {
                if text.trim().chars().count() < usize::from(words.chars_min.max(1)) {
                    return self.complain(stay, ask, Phrase::Longer);
                }
                self.accept(stay, ask, Answer::Text(text.trim().to_owned()), None);
            }
            (Wanted::Choice(choice), Said::Text(text) | Said::Choice { title: text, .. }) => {
                match answer::option(&self.offered(choice), text) {
                    Some(option) => self.chosen(stay, ask, option),
                    None => {
                        self.note(text);
                        self.complain(stay, ask, Phrase::Choose);
                    }
                }
            }
            (Wanted::Number(wanted), Said::Text(text) | Said::Choice { title: text, .. }) => {
                match answer::number(wanted, text) {
                    Ok(number) => self.accept(stay, ask, Answer::Number(number), None),
                    Err(Phrase::NumberFrom) => {
                        self.complain_with(stay, ask, Phrase::NumberFrom, "{min}", wanted.min)
                    }
                    Err(Phrase::NumberTo) => {
                        self.complain_with(stay, ask, Phrase::NumberTo, "{max}", wanted.max)
                    }
                    Err(other) => self.complain(stay, ask, other),
                }
            }
            (Wanted::Date(wanted), Said::Text(text) | Said::Choice { title: text, .. }) => {
                match answer::date(wanted, text, self.context.local.date()) {
                    Ok(day) => self.accept(stay, ask, Answer::Date(day.to_string()), None),
                    Err(sentence) => self.complain(stay, ask, sentence),
                }
            }
            (Wanted::Location(_), Said::Location { latitude, longitude, name }) => {
                let (latitude, longitude) = (*latitude, *longitude);
                let name = name.as_ref().map(|n| super::clip(n, super::ANSWER_CHARS_MAX));
                self.accept(stay, ask, Answer::Location { latitude, longitude, name }, None);
            }
            (Wanted::Location(pin), Said::Text(text)) if pin.or_words => {
                self.accept(stay, ask, Answer::Text(text.clone()), None);
            }
            (Wanted::Location(_), _) => self.complain(stay, ask, Phrase::NotAPlace),
            (_, Said::Text(text) | Said::Choice { title: text, .. }) => {
                self.note(text);
                match &ask.on_silence {
                    Some(step) if is_by_link(ask) && texts::wants_new_link(text) => {
                        self.leave(&stay.step, Onward::To(step.clone()));
                    }
                    _ => self.lead_back(ask, need(ask)),
                }
            }
            (_, Said::Location { .. }) => self.lead_back(ask, Phrase::Kept),
            (_, Said::Other) => self.lead_back(ask, Phrase::Unsupported),
        }
    }

    pub fn chosen(&mut self, stay: &Stay, ask: &Ask, option: &ChoiceOption) {
        let title = format!("{}.title", ask.save);
        self.run.answers.remove(&title);
        let given = match &ask.wanted {
            Wanted::Choice(choice) => self.given_value(choice, &option.id),
            _ => None,
        };
        let answer = match given {
            Some((value, shown)) => {
                self.save(&title, Answer::Text(shown));
                value
            }
            None => option.id.clone(),
        };
        self.accept(stay, ask, Answer::Choice(answer), option.then.clone());
    }

    /// Turns a long list to another page.
    pub fn turn_page(&mut self, ask: &Ask, choice: &Choice, page: u8) {
        if let Some(asking) = self.asking_mut() {
            asking.page = page;
            asking.detours = asking.detours.saturating_add(1);
        }
        // Every page may be looked at twice.
        let looks_max = self.offered(choice).len().div_ceil(4).max(usize::from(DETOURS_MAX) * 2);
        if self.asking_mut().is_some_and(|a| usize::from(a.detours) > looks_max) {
            return self.hand_over(Why::LostPatience, Some(Phrase::GaveUp));
        }
        self.repeat(ask, None);
    }

    /// Whether `text` is said in passing and no answer to this question.
    pub fn is_in_passing(&self, ask: &Ask, text: &str) -> bool {
        if !texts::is_in_passing(text) {
            return false;
        }
        match &ask.wanted {
            Wanted::Choice(choice) => answer::option(&self.offered(choice), text).is_none(),
            Wanted::Text(words) => words.chars_min > 2,
            _ => true,
        }
    }

    pub fn accept(&mut self, stay: &Stay, ask: &Ask, answer: Answer, then: Option<StepId>) {
        self.save(&ask.save, answer);
        self.leave(&stay.step, Onward::Then(then.or_else(|| ask.then.clone())));
    }

    fn complain(&mut self, stay: &Stay, ask: &Ask, sentence: Phrase) {
        let mend = phrase(self.run.language, sentence);
        self.again(&stay.step, ask, mend);
    }

    fn complain_with(&mut self, stay: &Stay, ask: &Ask, sentence: Phrase, gap: &str, value: Option<f64>) {
        let value = value.map(|v| v.to_string()).unwrap_or_default();
        let mend = phrase(self.run.language, sentence).replace(gap, &value);
        self.again(&stay.step, ask, &mend);
    }

    pub fn ask_timer(&mut self, id: &StepId, ask: &Ask, asking: &Asking, kind: TimerKind) {
        match kind {
            TimerKind::Remind if !asking.is_reminded && asking.judge_by.is_none() => {
                if let Some(asking) = self.asking_mut() {
                    asking.is_reminded = true;
                }
                if self.window_is_open() {
                    self.repeat(ask, Some(phrase(self.run.language, Phrase::Remind)));
                }
            }
            TimerKind::GiveUp => match &ask.on_silence {
                Some(step) => self.leave(id, Onward::To(step.clone())),
                None => self.hand_over(Why::NoAnswer, None),
            },
            TimerKind::Judge => match asking.judge_by {
                // A file came after this clock was set: another one rings for it.
                Some(by) if self.context.now < by => {
                    let timer = Timer { place: self.run.place, kind: TimerKind::Judge };
                    self.actions.push(Action::Schedule { timer, at: by });
                }
                Some(_) => self.hand_over(Why::NotJudged, Some(Phrase::PersonComing)),
                None => {}
            },
            TimerKind::Remind | TimerKind::WaitOver => {}
        }
    }

    /// Did the article help?
    pub fn ask_if_helped(&mut self, before: Option<&str>) {
        let question = phrase(self.run.language, Phrase::DidItHelp);
        let body = before.map_or_else(|| question.to_owned(), |b| format!("{b} {question}"));
        self.send_own_choice(&body, &[("yes", Phrase::YesHelped), ("no", Phrase::NotHelped)]);
    }

    pub fn ask_how_it_was(&mut self) {
        let options = [("3", Phrase::RateGood), ("2", Phrase::RateFair), ("1", Phrase::RateBad)];
        self.send_own_choice(phrase(self.run.language, Phrase::Rate), &options);
    }
}

/// The file that is asked for, when it is a file.
pub(super) fn wanted_medium(ask: &Ask) -> Option<(MediumKind, &crate::format::Medium)> {
    match &ask.wanted {
        Wanted::Photo(medium) => Some((MediumKind::Photo, medium)),
        Wanted::Video(medium) => Some((MediumKind::Video, medium)),
        Wanted::Voice(medium) => Some((MediumKind::Voice, medium)),
        Wanted::Document(medium) => Some((MediumKind::Document, medium)),
        _ => None,
    }
}

/// What to say to somebody who answers with something else.
pub(super) fn need(ask: &Ask) -> Phrase {
    match wanted_medium(ask) {
        Some(_) if is_by_link(ask) => Phrase::ByLink,
        Some((MediumKind::Photo, _)) => Phrase::NeedPhoto,
        Some((MediumKind::Video, _)) => Phrase::NeedVideo,
        Some((MediumKind::Voice, _)) => Phrase::NeedVoice,
        Some((MediumKind::Document, _)) => Phrase::NeedDocument,
        None => Phrase::Kept,
    }
}

/// Whether it is taken on a page of ours and not sent by the chat.
pub(super) fn is_by_link(ask: &Ask) -> bool {
    wanted_medium(ask).is_some_and(|(_, medium)| medium.by_link.is_some())
}
