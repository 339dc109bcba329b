//! Settings that the types alone cannot bound: numbers within limits, spans that make sense, lists that are not empty.

use std::collections::BTreeSet;

use super::{Findings, walk};
use crate::format::{
    Ask, Condition, DEPTH_MAX, Flow, Found, Language, Medium, Rollout, Source, Span, Step, Trigger, Wanted,
    hint, is_name, minute_of_day, path::Path,
};

/// More steps than this are two flows.
pub const STEPS_OF_A_FLOW_MAX: usize = 150;
const OPTIONS_MAX: usize = 40;
const OPTIONS_BESIDE_MAX: usize = 20;
const TRIES_MAX: u8 = 5;
const FILES_MAX: u8 = 10;
/// The window closes after 24 hours: a later reminder could not be sent.
const REMIND_MAX: Span = Span::hours(23);
const GIVE_UP_MIN: Span = Span::minutes(5);
const GIVE_UP_MAX: Span = Span::hours(7 * 24);
/// A visit may be weeks away.
const WAIT_UNTIL_MAX: Span = Span::hours(60 * 24);
const LOOK_UP_MAX: Span = Span::minutes(2);
/// The kinds of findings that the analyzers have, up to the first dot.
const FINDINGS: [&str; 12] = [
    "entity",
    "code",
    "text",
    "picture",
    "quality",
    "seen",
    "provenance",
    "document",
    "consistency",
    "content",
    "speech",
    "mrz",
];
/// The one kind without a dot: the machine-readable zone of an identity paper.
const MRZ: &str = "mrz";

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    let root = Path::default();
    if flow.version == 0 {
        found.add(&root.key("version"), "versions begin with 1");
    }
    if flow.about.trim().is_empty() {
        found.add(&root.key("about"), "say in one sentence what the flow is for");
    }
    if flow.steps.0.len() > STEPS_OF_A_FLOW_MAX {
        let said = format!(
            "{} steps; make two flows of it, at most {STEPS_OF_A_FLOW_MAX} steps each",
            flow.steps.0.len()
        );
        found.add(&root.key("steps"), said);
    }
    if let Rollout::Share(percent) = flow.rollout
        && percent > 100
    {
        found.add(
            &root.key("rollout").key("share"),
            format!("a share is 0 to 100 of a hundred, not {percent}"),
        );
    }
    for (n, trigger) in flow.triggers.iter().enumerate() {
        check_trigger(flow, trigger, &root.key("triggers").item(n), found);
    }
    for (id, step) in &flow.steps.0 {
        check_step(step, &walk::settings_of(id, step), found);
    }
}

fn check_trigger(flow: &Flow, trigger: &Trigger, path: &Path, found: &mut Findings<'_>) {
    match trigger {
        Trigger::Menu if flow.menu.is_none() => {
            found.add(path, "there is no `menu:` text; add one beside `greeting:`, or take the trigger out");
        }
        Trigger::Keyword(words) => {
            for language in Language::ALL.iter().filter(|l| words.get(l).is_none_or(|w| w.0.is_empty())) {
                let said =
                    format!("no keyword in `{}`; add `{}: [word]`", language.as_str(), language.as_str());
                found.add(&path.key("keyword"), said);
            }
        }
        Trigger::Medium(kinds) if kinds.0.is_empty() => {
            found.add(&path.key("medium"), "name at least one kind, such as `photo`");
        }
        Trigger::Link(start) if start.trim().is_empty() => {
            found.add(&path.key("link"), "an empty link fits every message; write how it begins");
        }
        Trigger::Finding(finding) => check_finding(finding, &path.key("finding"), found),
        _ => {}
    }
}

fn check_step(step: &Step, path: &Path, found: &mut Findings<'_>) {
    match step {
        Step::Ask(ask) => check_ask(ask, path, found),
        Step::Check(check) => {
            if check.cases.is_empty() {
                found.add(
                    &path.key("cases"),
                    "a check without cases decides nothing; add one, or take it out",
                );
            }
            for (n, case) in check.cases.iter().enumerate() {
                check_condition(&case.condition, 1, &path.key("cases").item(n).key("if"), found);
            }
        }
        Step::LookUp(look_up) => {
            between(look_up.give_up_after, Span::parse("1s"), LOOK_UP_MAX, &path.key("give_up_after"), found);
            if let Source::Http(name) = &look_up.source
                && !is_name(name)
            {
                let said = format!("`{name}` is no name of a connector; a flow never holds an address");
                found.add(&path.key("in").key("http"), said);
            }
        }
        Step::Suggest(suggest) if suggest.query.trim().is_empty() => {
            found.add(&path.key("for"), "say what to search for, such as `{error_code}`");
        }
        Step::Act(act) if act.deeds.0.is_empty() => {
            found.add(&path.key("do"), "this act does nothing; add something to do, or take the step out");
        }
        Step::Wait(wait) => {
            let most = if wait.until.is_some() { WAIT_UNTIL_MAX } else { GIVE_UP_MAX };
            between(wait.span, Span::parse("1s"), most, &path.key("for"), found);
            if wait.passed.is_some() && wait.until.is_none() {
                let said = "without `until:` no time can have passed; take `passed:` out";
                found.add(&path.key("passed"), said);
            }
        }
        Step::Bot(bot) => {
            between(bot.give_up_after, Some(GIVE_UP_MIN), GIVE_UP_MAX, &path.key("give_up_after"), found)
        }
        Step::HandOver(h) => {
            if h.why.trim().is_empty() {
                found.add(&path.key("why"), "say in one sentence why a person is needed");
            }
            for (n, listed) in h.lists.iter().enumerate() {
                let path = path.key("lists").item(n);
                check_condition(&listed.condition, 1, &path.key("if"), found);
                if listed.line.trim().is_empty() {
                    found.add(&path.key("line"), "an empty line tells nobody anything; write what is so");
                }
            }
        }
        _ => {}
    }
}

fn between(span: Span, least: Option<Span>, most: Span, path: &Path, found: &mut Findings<'_>) {
    let least = least.unwrap_or(GIVE_UP_MIN);
    if span < least || span > most {
        found.add(path, format!("{span} is not between {least} and {most}"));
    }
}

fn check_ask(ask: &Ask, path: &Path, found: &mut Findings<'_>) {
    if ask.tries == 0 || ask.tries > TRIES_MAX {
        found.add(
            &path.key("tries"),
            format!("a question is asked 1 to {TRIES_MAX} times, not {}", ask.tries),
        );
    }
    between(ask.give_up_after, Some(GIVE_UP_MIN), GIVE_UP_MAX, &path.key("give_up_after"), found);
    if let Some(span) = ask.remind_after {
        if span > REMIND_MAX {
            let said = format!(
                "a reminder after {span} cannot be sent: the window closes after 24h, write at most {REMIND_MAX}"
            );
            found.add(&path.key("remind_after"), said);
        } else if span >= ask.give_up_after {
            let said = format!("the question is given up after {}; remind before that", ask.give_up_after);
            found.add(&path.key("remind_after"), said);
        }
    }
    if let Some(form) = &ask.form {
        check_form(form, ask, &path.key("form"), found);
    }
    let wanted = path.key("for").key(walk::medium_key(&ask.wanted));
    match &ask.wanted {
        Wanted::Choice(choice) => {
            let options = wanted.key("options");
            let count = choice.options.len();
            if choice.from.is_some() {
                if count > OPTIONS_BESIDE_MAX {
                    let said = format!(
                        "beside `from:` a choice has at most {OPTIONS_BESIDE_MAX} options, not {count}"
                    );
                    found.add(&options, said);
                }
            } else if !(2..=OPTIONS_MAX).contains(&count) {
                found.add(&options, format!("a choice has 2 to {OPTIONS_MAX} options, not {count}"));
            }
            let mut ids = BTreeSet::new();
            for (n, option) in choice.options.iter().enumerate() {
                let path = options.item(n).key("id");
                if !is_name(&option.id) {
                    found.add(
                        &path,
                        format!("`{}` is no name for an option: small letters, digits and `_`", option.id),
                    );
                }
                if !ids.insert(&option.id) {
                    found.add(&path, format!("`{}` stands here twice; give one another id", option.id));
                }
            }
        }
        Wanted::Number(number) => {
            if let (Some(min), Some(max)) = (number.min, number.max)
                && min > max
            {
                found.add(&wanted.key("min"), format!("no number is at least {min} and at most {max}"));
            }
        }
        Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) => {
            check_medium(m, &ask.wanted, &wanted, found)
        }
        Wanted::Text(_) | Wanted::Date(_) | Wanted::Location(_) => {}
    }
}

fn check_form(form: &str, ask: &Ask, path: &Path, found: &mut Findings<'_>) {
    if !is_name(form) {
        found.add(path, format!("`{form}` is no name for a form: small letters, digits and `_`"));
    }
    if !ask.fits_a_form() {
        let said = "a form has no place for this question; ask for photos, documents, words, a number, a day or one of several options, and take `form:` out where a page of ours is used";
        found.add(path, said);
    }
}

fn check_medium(medium: &Medium, wanted: &Wanted, path: &Path, found: &mut Findings<'_>) {
    if medium.count == 0 || medium.count > FILES_MAX {
        found.add(
            &path.key("count"),
            format!("1 to {FILES_MAX} files can be asked for, not {}", medium.count),
        );
    }
    if medium.side_px_min > 6_000 {
        let said = format!("{} pixels are more than phones send; at most 6000", medium.side_px_min);
        found.add(&path.key("side_px_min"), said);
    }
    if medium.side_px_min > 1_200 && !medium.as_document && matches!(wanted, Wanted::Photo(_)) {
        let said =
            "WhatsApp makes photos smaller than that; add `as_document: true`, or ask for at most 1200";
        found.add(&path.key("side_px_min"), said);
    }
    if matches!(wanted, Wanted::Voice(_)) && (!medium.must_be.0.is_empty() || medium.side_px_min > 0) {
        found.add(path, "a voice note has no pixels; leave `must_be` and `side_px_min` out");
    }
    for (n, keeps) in medium.keeps.iter().enumerate() {
        check_finding(&keeps.finding, &path.key("keeps").item(n).key("finding"), found);
    }
    for (n, reads) in medium.reads.iter().enumerate() {
        check_finding(&reads.finding, &path.key("reads").item(n).key("finding"), found);
    }
}

fn check_finding(finding: &Found, path: &Path, found: &mut Findings<'_>) {
    let family = finding.kind.split('.').next().unwrap_or_default();
    if !FINDINGS.contains(&family) || (!finding.kind.contains('.') && finding.kind != MRZ) {
        let said = format!(
            "no analyzer finds `{}`; kinds look like `entity.serial`, or `code.` for all codes{}",
            finding.kind,
            hint(family, FINDINGS.iter().copied().filter(|f| *f != family))
        );
        found.add(&path.key("kind"), said);
    }
    if !(0.0..=1.0).contains(&finding.confidence_min) {
        found.add(
            &path.key("confidence_min"),
            format!("how sure goes from 0 to 1, not {}", finding.confidence_min),
        );
    }
}

fn check_condition(condition: &Condition, depth: usize, path: &Path, found: &mut Findings<'_>) {
    if depth > DEPTH_MAX {
        return found.add(path, format!("conditions nest at most {DEPTH_MAX} deep; make a check of its own"));
    }
    match condition {
        Condition::Finding(finding) => check_finding(finding, &path.key("finding"), found),
        Condition::Time(time) => {
            for (key, text) in [("from", &time.from), ("to", &time.to)] {
                if minute_of_day(text).is_none() {
                    let said = format!("`{text}` is no time of day; write it like \"08:30\"");
                    found.add(&path.key("time").key(key), said);
                }
            }
        }
        Condition::Answer(about) => {
            if let (Some(min), Some(max)) = (about.at_least, about.at_most)
                && min > max
            {
                found.add(&path.key("answer"), format!("no answer is at least {min} and at most {max}"));
            }
            if let (Some(min), Some(max)) = (about.days_ahead_min, about.days_ahead_max)
                && min > max
            {
                found.add(
                    &path.key("answer"),
                    format!("no day is at least {min} and at most {max} days ahead"),
                );
            }
            let tolerance = path.key("answer").key("give_or_take");
            match about.give_or_take {
                Some(_) if about.same_as.is_none() => {
                    found.add(&tolerance, "give or take of what? add `same_as:` with the name of an answer");
                }
                Some(away) if away < 0.0 => {
                    found.add(&tolerance, format!("nothing is {away} away; write 0 or more"))
                }
                _ => {}
            }
        }
        Condition::All(inner) | Condition::Any(inner) => {
            let key = if matches!(condition, Condition::All(_)) { "all" } else { "any" };
            if inner.is_empty() {
                found.add(&path.key(key), "an empty list decides nothing; add a condition");
            }
            for (n, c) in inner.iter().enumerate() {
                check_condition(c, depth + 1, &path.key(key).item(n), found);
            }
        }
        Condition::Not(inner) => check_condition(inner, depth + 1, &path.key("not"), found),
        Condition::Tag(_) | Condition::Language(_) | Condition::Hours(_) => {}
    }
}
