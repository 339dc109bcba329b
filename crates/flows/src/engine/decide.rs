//! Whether a condition holds.

use super::{
    run::{Answer, Glimpse},
    turn::Turn,
};
use crate::format::{
    AboutAnswer, Between, Condition, Flow, Found, Hours, Step, Trigger, Wanted, minute_of_day,
};

impl Turn<'_> {
    /// Conditions nest a stated number of levels in a checked flow; deeper ones do not hold.
    pub fn holds(&self, condition: &Condition) -> bool {
        self.holds_at(condition, crate::format::DEPTH_MAX)
    }

    fn holds_at(&self, condition: &Condition, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match condition {
            Condition::Answer(about) => self.answer_is(about),
            Condition::Finding(found) => self.run.media.iter().any(|m| m.finds(found).is_some()),
            Condition::Tag(tag) => self.context.tags.contains(tag),
            Condition::Language(languages) => languages.0.contains(&self.run.language),
            Condition::Hours(hours) => self.context.is_desk_open == (*hours == Hours::Open),
            Condition::Time(between) => self.is_between(between),
            Condition::All(all) => all.iter().all(|c| self.holds_at(c, depth)),
            Condition::Any(any) => any.iter().any(|c| self.holds_at(c, depth)),
            Condition::Not(not) => !self.holds_at(not, depth),
        }
    }

    fn answer_is(&self, about: &AboutAnswer) -> bool {
        let Some(answer) = self.run.answers.get(&about.name) else { return false };
        let number = match answer {
            Answer::Number(number) => Some(*number),
            other => other.in_words().trim().replace(',', ".").parse().ok(),
        };
        let at_least = about.at_least.is_none_or(|min| number.is_some_and(|n| n >= min));
        let at_most = about.at_most.is_none_or(|max| number.is_some_and(|n| n <= max));
        at_least && at_most && is_like(&about.is.0, &answer.in_words())
    }

    fn is_between(&self, between: &Between) -> bool {
        let (Some(from), Some(to)) = (minute_of_day(&between.from), minute_of_day(&between.to)) else {
            return false;
        };
        let local = self.context.local;
        let minute = |n: i8| u16::try_from(n).unwrap_or_default();
        let now = minute(local.hour()) * 60 + minute(local.minute());
        if from <= to { from <= now && now < to } else { from <= now || now < to }
    }
}

/// Whether a finding is one of those that are meant.
pub(super) fn matches_found(found: &Found, glimpse: &Glimpse) -> bool {
    is_kind(&found.kind, &glimpse.kind)
        && glimpse.confidence >= found.confidence_min
        && is_like(&found.like.0, &glimpse.value)
}

/// `code.` means every code.
pub(super) fn is_kind(wanted: &str, kind: &str) -> bool {
    wanted == kind || (wanted.ends_with('.') && kind.starts_with(wanted))
}

/// Whether `value` is one of `patterns`; none means any value. `E*` is everything that begins with E.
pub(super) fn is_like(patterns: &[String], value: &str) -> bool {
    let value = value.trim().to_lowercase();
    let fits = |pattern: &String| {
        let pattern = pattern.trim().to_lowercase();
        match pattern.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => value == pattern,
        }
    };
    patterns.is_empty() || patterns.iter().any(fits)
}

/// Whether a flow decides anything by findings of this kind.
pub(super) fn mentions(flow: &Flow, kind: &str) -> bool {
    let triggers =
        flow.triggers.iter().any(|t| matches!(t, Trigger::Finding(found) if is_kind(&found.kind, kind)));
    triggers || flow.steps.0.iter().any(|(_, step)| step_mentions(step, kind))
}

fn step_mentions(step: &Step, kind: &str) -> bool {
    match step {
        Step::Ask(ask) => match &ask.wanted {
            Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) => {
                let read = m.reads.iter().map(|r| &r.finding);
                read.chain(m.keeps.iter().map(|k| &k.finding)).any(|f| is_kind(&f.kind, kind))
            }
            _ => false,
        },
        Step::Check(check) => check.cases.iter().any(|c| condition_mentions(&c.condition, kind)),
        _ => false,
    }
}

fn condition_mentions(condition: &Condition, kind: &str) -> bool {
    match condition {
        Condition::Finding(found) => is_kind(&found.kind, kind),
        Condition::All(inner) | Condition::Any(inner) => inner.iter().any(|c| condition_mentions(c, kind)),
        Condition::Not(inner) => condition_mentions(inner, kind),
        _ => false,
    }
}
