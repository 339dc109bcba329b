//! Files: which question each answers, whether it will do, and what to say when it will not.
//!
//! An album is one turn of the customer: its pictures are judged together and answered once.

use std::time::Duration;

use model::{
    finding::{Reason, Verdict},
    ids::AttachmentId,
};

use super::{
    action::Why,
    ask::{need, wanted_medium},
    decide::matches_found,
    event::{Arrived, Judged, TimerKind},
    glimpse,
    run::{Answer, At, Doing, Glimpse, MEDIA_MAX, Medium, Run, Seen, Stay},
    turn::{Onward, Turn},
};
use crate::{
    format::{Ask, Flow, Medium as Wants, MediumKind, Span, Step, StepId},
    texts::{Phrase, phrase, wants_person, wants_stop},
};

/// Files that come this soon after one another are one album.
const ALBUM: Duration = Duration::from_secs(5);
/// Longer than this nobody waits for a judgement; a person looks instead.
const JUDGE_WITHIN: Span = Span::minutes(3);

/// Whether the question that the customer stands at would ask for another file than this one, judged so.
///
/// What was taken on a page of ours is never refused before it was read: the page has advised already, and its link
/// is used up.
pub fn refuses(flow: &Flow, run: &Run, judged: &Judged) -> bool {
    let At::On(stay) = &run.at else { return false };
    let (Doing::Asking(_), Some(Step::Ask(ask))) = (&stay.doing, flow.step(&stay.step)) else { return false };
    let is_meant = |m: &&Medium| m.id == judged.medium && m.place == run.place && m.judged.is_none();
    match (wanted_medium(ask), run.media.iter().find(is_meant)) {
        (Some((_, wants)), Some(medium)) if wants.by_link.is_none() => {
            flaw(wants, &Medium { judged: Some(seen(flow, judged)), ..medium.clone() }).is_some()
        }
        _ => false,
    }
}

fn seen(flow: &Flow, judged: &Judged) -> Seen {
    let findings = glimpse::worth_keeping(flow, judged);
    Seen { verdict: judged.verdict, reason: judged.reason, side_px: judged.side_px, findings }
}

impl Turn<'_> {
    /// Remembers a file; `false` when there are too many.
    pub fn keep(&mut self, arrived: &Arrived, place: u32, is_told: bool) -> bool {
        let now = self.context.now;
        self.run.last_medium_at = Some(now);
        let is_full = self.run.media.len() >= MEDIA_MAX;
        match self.run.media.iter_mut().find(|m| m.id == arrived.medium) {
            Some(known) if known.kind.is_some() => {}
            // Its judgement overtook it.
            Some(known) => {
                (known.kind, known.as_document) = (Some(arrived.kind), arrived.as_document);
                (known.place, known.is_told) = (place, is_told);
            }
            None if is_full => return false,
            None => self.run.media.push(Medium {
                id: arrived.medium.clone(),
                kind: Some(arrived.kind),
                as_document: arrived.as_document,
                place,
                judged: None,
                field: None,
                is_used: false,
                is_told,
            }),
        }
        true
    }

    pub fn medium_arrived(&mut self, stay: &Stay, arrived: &Arrived) {
        if let Some(caption) = &arrived.caption
            && (wants_stop(caption) || wants_person(caption))
        {
            self.keep(arrived, 0, true);
            return self.words_came(&stay.step, caption);
        }
        if self.run.media.iter().any(|m| m.id == arrived.medium && m.kind.is_some()) {
            return;
        }
        let is_sibling = self.run.last_medium_at.is_some_and(|at| self.context.now.since(at) < ALBUM);
        let flow = self.flow;
        match (&stay.doing, flow.step(&stay.step)) {
            (Doing::Asking(asking), Some(Step::Ask(ask))) => match wanted_medium(ask) {
                // What is taken on a page of ours comes as a document; a photo in the chat is not what was asked.
                Some((kind, wants))
                    if kind == arrived.kind && (wants.by_link.is_none() || arrived.as_document) =>
                {
                    self.caption(arrived);
                    let is_late_sibling = is_sibling && !self.has_any_here();
                    if self.keep(arrived, self.run.place, is_late_sibling) {
                        self.judge_within(asking.judge_by.is_some());
                        self.weigh(&stay.step, ask);
                    } else {
                        self.hand_over(Why::TooLong, Some(Phrase::PersonComing));
                    }
                }
                _ => self.unasked(stay, ask, arrived, is_sibling),
            },
            _ => {
                self.caption(arrived);
                self.keep(arrived, 0, true);
            }
        }
    }

    fn caption(&mut self, arrived: &Arrived) {
        if let Some(caption) = &arrived.caption {
            self.note(caption);
        }
    }

    /// A file where something else was asked: kept; its caption may be the answer; a voice note may speak it.
    fn unasked(&mut self, stay: &Stay, ask: &Ask, arrived: &Arrived, is_sibling: bool) {
        let is_answer = arrived.kind == MediumKind::Voice && wanted_medium(ask).is_none();
        let place = if is_answer { self.run.place } else { 0 };
        if !self.keep(arrived, place, true) {
            return self.hand_over(Why::TooLong, Some(Phrase::PersonComing));
        }
        if is_answer {
            self.judge_within(false);
            return self.heard(&stay.step, &arrived.medium, None);
        }
        match &arrived.caption {
            Some(caption) if wanted_medium(ask).is_none() => self.words_came(&stay.step, caption),
            _ if is_sibling => self.caption(arrived),
            _ => {
                self.caption(arrived);
                self.lead_back(ask, if wanted_medium(ask).is_some() { need(ask) } else { Phrase::Kept });
            }
        }
    }

    fn judge_within(&mut self, is_scheduled: bool) {
        let by = self.context.now.plus(JUDGE_WITHIN.0);
        if let Some(asking) = self.asking_mut() {
            asking.judge_by = Some(by);
        }
        if !is_scheduled {
            self.schedule(TimerKind::Judge, JUDGE_WITHIN);
        }
    }

    /// A glance comes before the reading: what is read adds to what was seen, and may yet make the file serve.
    pub fn medium_judged(&mut self, stay: &Stay, judged: &Judged) {
        let is_first = !self.is_judged(&judged.medium);
        if !self.note_judgement(judged) {
            return;
        }
        self.keep_late(&judged.medium);
        let flow = self.flow;
        let (Doing::Asking(_), Some(Step::Ask(ask))) = (&stay.doing, flow.step(&stay.step)) else { return };
        if wanted_medium(ask).is_some() {
            self.weigh(&stay.step, ask);
        } else if is_first {
            self.heard(&stay.step, &judged.medium, judged.transcript.as_deref());
        }
    }

    fn is_judged(&self, medium: &AttachmentId) -> bool {
        self.run.media.iter().any(|m| m.id == *medium && m.judged.is_some())
    }

    pub fn medium_lost(&mut self, stay: &Stay, medium: &AttachmentId) {
        if self.is_judged(medium) {
            return;
        }
        let judged = Judged {
            medium: medium.clone(),
            verdict: Verdict::Retake,
            reason: Some(Reason::Unreadable),
            side_px: None,
            findings: Vec::new(),
            transcript: None,
        };
        self.medium_judged(stay, &judged);
    }

    /// Writes down what was seen; `false` when nothing of it is new.
    pub fn note_judgement(&mut self, judged: &Judged) -> bool {
        let seen = seen(self.flow, judged);
        let is_full = self.run.media.len() >= MEDIA_MAX;
        match self.run.media.iter_mut().find(|m| m.id == judged.medium) {
            Some(medium) if medium.judged.as_ref() != Some(&seen) => medium.judged = Some(seen),
            None if !is_full => self.run.media.push(Medium {
                id: judged.medium.clone(),
                kind: None,
                as_document: false,
                place: 0,
                judged: Some(seen),
                field: None,
                is_used: false,
                is_told: false,
            }),
            _ => return false,
        }
        true
    }

    /// What an earlier question keeps may stand on a picture of its album that was judged after it was answered.
    fn keep_late(&mut self, id: &AttachmentId) {
        let Some(medium) = self.run.media.iter().find(|m| m.id == *id) else { return };
        let asks = self.flow.steps.0.iter().filter_map(|(_, step)| match step {
            Step::Ask(ask) if self.run.answers.contains_key(&ask.save) => wanted_medium(ask),
            _ => None,
        });
        let keeps =
            asks.flat_map(|(_, wants)| &wants.keeps).filter(|k| !self.run.answers.contains_key(&k.save));
        let values: Vec<(String, String)> =
            keeps.filter_map(|k| Some((k.save.clone(), medium.finds(&k.finding)?.value.clone()))).collect();
        for (name, value) in values {
            self.save(&name, Answer::Read(value));
        }
    }

    /// A voice note where words were asked.
    fn heard(&mut self, step: &StepId, medium: &AttachmentId, transcript: Option<&str>) {
        let flow = self.flow;
        let here =
            |m: &&Medium| m.id == *medium && m.kind == Some(MediumKind::Voice) && m.place == self.run.place;
        let Some(is_judged) = self.run.media.iter().find(here).map(|m| m.judged.is_some()) else { return };
        if !is_judged {
            return;
        }
        if let Some(asking) = self.asking_mut() {
            asking.judge_by = None;
        }
        match (transcript.map(str::trim).filter(|t| !t.is_empty()), flow.step(step)) {
            (Some(words), _) => self.words_came(step, words),
            (None, Some(Step::Ask(ask))) => self.lead_back(ask, Phrase::CannotHear),
            _ => {}
        }
    }

    fn has_any_here(&self) -> bool {
        self.run.media.iter().any(|m| m.place == self.run.place)
    }

    pub fn has_earlier(&self, ask: &Ask) -> bool {
        wanted_medium(ask)
            .is_some_and(|(kind, wants)| self.run.media.iter().any(|m| is_earlier(m, kind, wants)))
    }

    /// Looks first at what came unasked; only when that will not do is the question put.
    pub fn use_earlier(&mut self, id: &StepId, ask: &Ask) {
        let Some((kind, wants)) = wanted_medium(ask) else { return };
        let place = self.run.place;
        for medium in self.run.media.iter_mut().filter(|m| is_earlier(m, kind, wants)) {
            medium.place = place;
        }
        if self.run.media.iter().any(|m| m.place == place && m.judged.is_none()) {
            self.judge_within(false);
        }
        self.weigh(id, ask);
    }

    /// The files that a form brought for this question; `false` when it brought none.
    pub fn use_filled_files(&mut self, id: &StepId, ask: &Ask) -> bool {
        let place = self.run.place;
        let is_meant = |m: &&mut Medium| m.place == 0 && m.field.as_ref() == Some(&ask.save);
        let mut count = 0;
        for medium in self.run.media.iter_mut().filter(is_meant) {
            medium.place = place;
            count += 1;
        }
        if count == 0 {
            return false;
        }
        if self.run.media.iter().any(|m| m.place == place && m.judged.is_none()) {
            let is_scheduled = self.asking_mut().is_some_and(|asking| asking.judge_by.is_some());
            self.judge_within(is_scheduled);
        }
        self.weigh(id, ask);
        true
    }

    /// Weighs the files of this question: enough, something to mend, or still waiting.
    fn weigh(&mut self, id: &StepId, ask: &Ask) {
        let Some((_, wants)) = wanted_medium(ask) else { return };
        let place = self.run.place;
        let here: Vec<&Medium> = self.run.media.iter().filter(|m| m.place == place).collect();
        let good: Vec<&Medium> =
            here.iter().copied().filter(|m| m.judged.is_some() && flaw(wants, m).is_none()).collect();
        let is_pending = here.iter().any(|m| m.judged.is_none());
        let unread = wants.reads.iter().find(|r| !r.is_on(&good));
        let is_enough = good.len() >= usize::from(wants.count.max(1));
        if is_enough && unread.is_none() {
            return self.files_serve(id, ask, wants);
        }
        if is_pending {
            return;
        }
        let have = good.len();
        let mut untold = here.iter().rev().filter(|m| !m.is_told);
        // With enough good ones only what came last is worth a word; else each bad one keeps the number down.
        let newest_flaw = if is_enough {
            untold.next().and_then(|m| flaw(wants, m))
        } else {
            untold.find_map(|m| flaw(wants, m))
        };
        let language = self.run.language;
        let mend = match (newest_flaw, is_enough, unread) {
            (Some(sentence), ..) => phrase(language, sentence).to_owned(),
            (None, true, Some(reads)) => self.fill(reads.mend.get(language)),
            _ => String::new(),
        };
        let any_new = here.iter().any(|m| !m.is_told);
        self.tell_of_files(id, ask, wants.count, &Weighed { have, mend, any_new, is_enough });
    }

    fn tell_of_files(&mut self, id: &StepId, ask: &Ask, count: u8, weighed: &Weighed) {
        let place = self.run.place;
        for medium in self.run.media.iter_mut().filter(|m| m.place == place) {
            medium.is_told = true;
        }
        let asked = self.asking_mut().map_or(0, |asking| {
            asking.judge_by = None;
            asking.asked
        });
        if asked == 0 && (!weighed.any_new || weighed.have > 0) {
            return self.put(ask, None);
        }
        if !weighed.any_new {
            return;
        }
        let progress =
            (weighed.have > 0 && !weighed.is_enough).then(|| self.still_missing(weighed.have, count));
        match (progress, weighed.mend.is_empty()) {
            (Some(progress), true) => self.say(&progress),
            (Some(progress), false) => self.again(id, ask, &format!("{} {progress}", weighed.mend)),
            (None, _) => self.again(id, ask, &weighed.mend),
        }
    }

    fn still_missing(&self, have: usize, count: u8) -> String {
        let text = phrase(self.run.language, Phrase::StillMissing);
        text.replace("{have}", &have.to_string()).replace("{count}", &count.to_string())
    }

    fn files_serve(&mut self, id: &StepId, ask: &Ask, wants: &Wants) {
        let place = self.run.place;
        let asked = self.asking_mut().map_or(1, |a| a.asked);
        let is_by_form = self.run.media.iter().any(|m| m.place == place && m.field.is_some());
        let mut ids = Vec::new();
        let mut values = Vec::new();
        for medium in self.run.media.iter_mut().filter(|m| m.place == place) {
            // What is still being judged may serve the next question.
            if medium.judged.is_none() {
                (medium.place, medium.is_told) = (0, true);
            } else if flaw(wants, medium).is_none() {
                medium.is_used = true;
                ids.push(medium.id.clone());
                let read = wants.reads.iter().filter_map(|r| Some((&r.finding, r.save.as_ref()?)));
                for (finding, save) in read.chain(wants.keeps.iter().map(|k| (&k.finding, &k.save))) {
                    values.extend(medium.finds(finding).map(|g| (save.clone(), g.value.clone())));
                }
            }
        }
        for (name, value) in values {
            self.save(&name, Answer::Read(value));
        }
        self.save(&ask.save, Answer::Media(ids));
        if asked == 0 && !is_by_form {
            self.say_phrase(Phrase::UsedEarlier);
        }
        self.leave(id, Onward::Then(ask.then.clone()));
    }
}

struct Weighed {
    have: usize,
    mend: String,
    any_new: bool,
    is_enough: bool,
}

/// Whether a file from before may serve here: one that answered nothing yet, or one that shows all that is asked for.
fn is_earlier(medium: &Medium, kind: MediumKind, wants: &Wants) -> bool {
    let shows_all = || !wants.reads.is_empty() && wants.reads.iter().all(|r| r.is_on(&[medium]));
    medium.kind == Some(kind)
        && medium.field.is_none()
        && (if medium.is_used { shows_all() } else { medium.place == 0 })
}

impl crate::format::Reads {
    fn is_on(&self, media: &[&Medium]) -> bool {
        media.iter().any(|m| m.finds(&self.finding).is_some())
    }
}

impl Medium {
    /// The surest finding that is meant.
    pub(super) fn finds(&self, found: &crate::format::Found) -> Option<&Glimpse> {
        let findings = self.judged.iter().flat_map(|s| &s.findings);
        findings.filter(|g| matches_found(found, g)).max_by(|a, b| a.confidence.total_cmp(&b.confidence))
    }
}

/// Why one judged file will not do: the one sentence that helps.
fn flaw(wants: &Wants, medium: &Medium) -> Option<Phrase> {
    let seen = medium.judged.as_ref()?;
    let strict = |reason: Reason| wants.must_be.0.iter().any(|q| q.failed_by().contains(&reason));
    let told = |reason: Reason| match (medium.kind, reason) {
        (Some(MediumKind::Video), Reason::TooDark) => Phrase::VideoTooDark,
        (Some(MediumKind::Video), Reason::OutOfFocus | Reason::MotionBlur) => Phrase::VideoBlurred,
        (Some(MediumKind::Video), Reason::NothingToSee) => Phrase::VideoNothingToSee,
        (_, reason) => reason.into(),
    };
    match (seen.verdict, seen.reason) {
        (Verdict::Retake, reason) => return Some(told(reason.unwrap_or(Reason::Unreadable))),
        (Verdict::Doubtful, Some(reason)) if strict(reason) => return Some(told(reason)),
        _ => {}
    }
    if wants.as_document && !medium.as_document {
        return Some(Phrase::AsDocument);
    }
    // Without a measure nothing is claimed.
    seen.side_px.is_some_and(|side| side < wants.side_px_min).then_some(Phrase::TooSmall)
}
