//! Every exit and every text of a flow, each with its path: what the rules are applied to.

use crate::format::{Ask, Flow, Step, StepId, Texts, Wanted, path::Path};

/// The path of a step's settings: `steps.damage.ask`.
pub(crate) fn settings_of(id: &StepId, step: &Step) -> Path {
    Path::default().key("steps").key(id.as_str()).key(kind(step))
}

pub(crate) const fn kind(step: &Step) -> &'static str {
    match step {
        Step::Say(_) => "say",
        Step::Ask(_) => "ask",
        Step::Check(_) => "check",
        Step::LookUp(_) => "look_up",
        Step::Suggest(_) => "suggest",
        Step::Act(_) => "act",
        Step::Wait(_) => "wait",
        Step::HandOver(_) => "hand_over",
        Step::Bot(_) => "bot",
        Step::End(_) => "end",
    }
}

/// Where a step may lead.
pub(crate) struct Exit<'f> {
    /// `None`: to the step below.
    pub to: Option<&'f StepId>,
    pub path: Path,
    /// What has to happen, in a few words for the drawing.
    pub when: String,
}

/// All exits of a step that the author wrote; a person is always one more.
pub(crate) fn exits<'f>(id: &StepId, step: &'f Step) -> Vec<Exit<'f>> {
    let path = settings_of(id, step);
    let exit = |to: Option<&'f StepId>, key: &str, when: &str| Exit {
        to,
        path: path.key(key),
        when: when.to_owned(),
    };
    let named = |to: Option<&'f StepId>, key: &str, when: &str| to.map(|to| exit(Some(to), key, when));
    match step {
        Step::Say(say) => vec![exit(say.then.as_ref(), "then", "")],
        Step::Act(act) => vec![exit(act.then.as_ref(), "then", "")],
        Step::Ask(ask) => {
            let mut exits = ask_exits(ask, &path);
            if let Wanted::Choice(choice) = &ask.wanted {
                exits.extend(choice.none.as_ref().map(|to| Exit {
                    to: Some(to),
                    path: path.key("for").key("choice").key("none"),
                    when: "nothing to choose".to_owned(),
                }));
            }
            exits.extend(named(ask.otherwise.as_ref(), "otherwise", "tries used up"));
            exits.extend(named(ask.on_silence.as_ref(), "on_silence", "no answer"));
            exits
        }
        Step::Check(check) => {
            let cases = check.cases.iter().enumerate().map(|(n, case)| Exit {
                to: Some(&case.then),
                path: path.key("cases").item(n).key("then"),
                when: format!("case {}", n + 1),
            });
            cases.chain([exit(Some(&check.otherwise), "otherwise", "otherwise")]).collect()
        }
        Step::LookUp(l) => {
            [exit(Some(&l.found), "found", "found"), exit(Some(&l.missing), "missing", "missing")]
                .into_iter()
                .chain(named(l.failed.as_ref(), "failed", "failed"))
                .collect()
        }
        Step::Suggest(s) => vec![
            exit(Some(&s.helped), "helped", "helped"),
            exit(Some(&s.did_not_help), "did_not_help", "did not help"),
            exit(Some(&s.none), "none", "no article"),
        ],
        Step::Wait(wait) => [exit(wait.then.as_ref(), "then", "time is over")]
            .into_iter()
            .chain(named(wait.passed.as_ref(), "passed", "has passed"))
            .chain(named(wait.if_they_write.as_ref(), "if_they_write", "they write"))
            .collect(),
        Step::Bot(bot) => [exit(Some(&bot.solved), "solved", "solved")]
            .into_iter()
            .chain(named(bot.otherwise.as_ref(), "otherwise", "otherwise"))
            .collect(),
        Step::HandOver(_) | Step::End(_) => Vec::new(),
    }
}

fn ask_exits<'f>(ask: &'f Ask, path: &Path) -> Vec<Exit<'f>> {
    let then = |when: &str| Exit { to: ask.then.as_ref(), path: path.key("then"), when: when.to_owned() };
    let Wanted::Choice(choice) = &ask.wanted else { return vec![then("")] };
    let mut exits: Vec<Exit<'f>> = Vec::new();
    for (n, option) in choice.options.iter().enumerate() {
        if let Some(to) = &option.then {
            let path = path.key("for").key("choice").key("options").item(n).key("then");
            exits.push(Exit { to: Some(to), path, when: option.id.clone() });
        }
    }
    if choice.from.is_some() || exits.is_empty() || choice.options.iter().any(|o| o.then.is_none()) {
        exits.push(then(if exits.is_empty() { "" } else { "others" }));
    }
    exits
}

/// A text of a flow: where it stands, and what it is for.
pub(crate) struct Said<'f> {
    pub texts: &'f Texts,
    pub path: Path,
    pub chars_max: usize,
    /// The customer is asked for something here.
    pub is_question: bool,
    /// The question that it belongs to.
    pub ask: Option<&'f Ask>,
}

/// All texts that customers may read.
pub(crate) fn texts(flow: &Flow) -> Vec<Said<'_>> {
    use crate::engine::limits;
    let root = Path::default();
    let mut all = vec![Said {
        texts: &flow.greeting,
        path: root.key("greeting"),
        chars_max: limits::TEXT,
        is_question: false,
        ask: None,
    }];
    if let Some(menu) = &flow.menu {
        all.push(Said {
            texts: menu,
            path: root.key("menu"),
            chars_max: limits::ROW_TITLE,
            is_question: false,
            ask: None,
        });
    }
    for (id, step) in &flow.steps.0 {
        let path = settings_of(id, step);
        let ask = if let Step::Ask(ask) = step { Some(&**ask) } else { None };
        let mut add =
            |texts, path, chars_max, is_question| all.push(Said { texts, path, chars_max, is_question, ask });
        match step {
            Step::Say(say) => add(&say.text, path.key("text"), limits::TEXT, true),
            Step::End(end) => add(&end.text, path.key("text"), limits::TEXT, false),
            Step::HandOver(h) => {
                if let Some(text) = &h.text {
                    add(text, path.key("text"), limits::TEXT, true);
                }
            }
            Step::Ask(ask) => {
                add(&ask.text, path.key("text"), limits::BODY, true);
                for (texts, path, chars_max) in asked_texts(&ask.wanted, &path.key("for")) {
                    add(texts, path, chars_max, true);
                }
            }
            _ => {}
        }
    }
    all
}

fn asked_texts<'f>(wanted: &'f Wanted, path: &Path) -> Vec<(&'f Texts, Path, usize)> {
    use crate::engine::limits;
    match wanted {
        Wanted::Choice(choice) => {
            let options = path.key("choice").key("options");
            let of = |(n, o): (usize, &'f crate::format::ChoiceOption)| {
                let at = options.item(n);
                let title = Some((&o.title, at.key("title"), limits::ROW_TITLE));
                let description =
                    o.description.as_ref().map(|d| (d, at.key("description"), limits::ROW_DESCRIPTION));
                title.into_iter().chain(description).collect::<Vec<_>>()
            };
            choice.options.iter().enumerate().flat_map(of).collect()
        }
        Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) => {
            let reads = path.key(medium_key(wanted)).key("reads");
            m.reads
                .iter()
                .enumerate()
                .map(|(n, r)| (&r.mend, reads.item(n).key("mend"), limits::BODY / 2))
                .collect()
        }
        _ => Vec::new(),
    }
}

pub(crate) const fn medium_key(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Photo(_) => "photo",
        Wanted::Video(_) => "video",
        Wanted::Voice(_) => "voice",
        Wanted::Document(_) => "document",
        Wanted::Text(_) => "text",
        Wanted::Choice(_) => "choice",
        Wanted::Number(_) => "number",
        Wanted::Date(_) => "date",
        Wanted::Location(_) => "location",
    }
}
