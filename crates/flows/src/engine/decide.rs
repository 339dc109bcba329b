//! Whether a condition holds.

use jiff::civil::Date as Day;

use super::{
    answer::sum,
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
        at_least
            && at_most
            && is_like(&about.is.0, &answer.in_words())
            && self.is_same(about, &answer.in_words())
            && self.is_ahead(about, &answer.in_words())
    }

    fn is_same(&self, about: &AboutAnswer, answer: &str) -> bool {
        let Some(other) = &about.same_as else { return true };
        let other = self.run.answers.get(other).map(Answer::in_words);
        other.is_some_and(|other| are_same(answer, &other, about.give_or_take))
    }

    fn is_ahead(&self, about: &AboutAnswer, answer: &str) -> bool {
        if about.days_ahead_min.is_none() && about.days_ahead_max.is_none() {
            return true;
        }
        let Some(away) = day(answer).and_then(|day| days_between(self.context.local.date(), day)) else {
            return false;
        };
        about.days_ahead_min.is_none_or(|min| away >= min)
            && about.days_ahead_max.is_none_or(|max| away <= max)
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

/// Whether two answers say the same, as days, as numbers or as words.
fn are_same(one: &str, other: &str, give_or_take: Option<f64>) -> bool {
    let within = |away: f64| away <= give_or_take.unwrap_or_default() + ROUNDING;
    if let (Some(one), Some(other)) = (day(one), day(other)) {
        return days_between(one, other).is_some_and(|days| within(f64::from(days).abs()));
    }
    // With a tolerance a number is meant, whatever stands around it; else a letter makes it a name.
    let number = |text: &str| if give_or_take.is_some() { sum(text) } else { plain_number(text) };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => within((one - other).abs()),
        _ => letters(one) == letters(other) && !letters(one).is_empty(),
    }
}

/// Half of the smallest coin's tenth: what adding up leaves behind.
const ROUNDING: f64 = 1e-6;
/// More digits than this a double does not tell apart.
const DIGITS_MAX: usize = 15;

fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    let is_plain =
        text.len() <= DIGITS_MAX && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    text.parse().ok().filter(|_| is_plain)
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The day of `2026-11-24` or `2026-11-24T17:00`.
fn day(text: &str) -> Option<Day> {
    let (day, rest) = text.trim().split_at_checked(10)?;
    if rest.starts_with(|c: char| c.is_ascii_digit()) { None } else { day.parse().ok() }
}

fn days_between(from: Day, to: Day) -> Option<i32> {
    from.until(to).ok().map(|span| span.get_days())
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
    mentions_any(flow, &|found| is_kind(&found.kind, kind))
}

/// Whether a flow decides anything by this very kind: `mrz.expiry_date` is named, not only `mrz.`.
pub(super) fn names(flow: &Flow, kind: &str) -> bool {
    mentions_any(flow, &|found| found.kind == kind)
}

fn mentions_any(flow: &Flow, is_meant: &dyn Fn(&Found) -> bool) -> bool {
    let triggers = flow.triggers.iter().any(|t| matches!(t, Trigger::Finding(found) if is_meant(found)));
    triggers || flow.steps.0.iter().any(|(_, step)| step_mentions(step, is_meant))
}

fn step_mentions(step: &Step, is_meant: &dyn Fn(&Found) -> bool) -> bool {
    match step {
        Step::Ask(ask) => match &ask.wanted {
            Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) => {
                let read = m.reads.iter().map(|r| &r.finding);
                read.chain(m.keeps.iter().map(|k| &k.finding)).any(is_meant)
            }
            _ => false,
        },
        Step::Check(check) => check.cases.iter().any(|c| condition_mentions(&c.condition, is_meant)),
        Step::HandOver(h) => h.lists.iter().any(|l| condition_mentions(&l.condition, is_meant)),
        _ => false,
    }
}

fn condition_mentions(condition: &Condition, is_meant: &dyn Fn(&Found) -> bool) -> bool {
    match condition {
        Condition::Finding(found) => is_meant(found),
        Condition::All(inner) | Condition::Any(inner) => {
            inner.iter().any(|c| condition_mentions(c, is_meant))
        }
        Condition::Not(inner) => condition_mentions(inner, is_meant),
        _ => false,
    }
}
