//! Names: well formed, used for one thing, and naming something that exists.

use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, walk};
use crate::format::{Condition, Deed, Flow, NAME_CHARS_MAX, Step, Wanted, hint, is_name, path::Path};

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    let root = Path::default();
    well_formed(flow.flow.as_str(), "flow", &root.key("flow"), found);
    let known: Vec<&str> = flow.steps.0.iter().map(|(id, _)| id.as_str()).collect();
    for (id, step) in &flow.steps.0 {
        well_formed(id.as_str(), "step", &root.key("steps").key(id.as_str()), found);
        for exit in walk::exits(id, step) {
            if let Some(to) = exit.to.filter(|to| !known.contains(&to.as_str())) {
                let said = format!("there is no step `{to}`{}", hint(to.as_str(), known.iter().copied()));
                found.add(&exit.path, said);
            }
        }
    }
    answers(flow, found);
}

fn well_formed(name: &str, what: &str, path: &Path, found: &mut Findings<'_>) {
    if !is_name(name) {
        let said = format!(
            "`{}` is no name for a {what}: begin with a small letter, then small letters, digits and `_`, at most {NAME_CHARS_MAX}",
            name.chars().take(50).collect::<String>()
        );
        found.add(path, said);
    }
}

/// What is known under a name once the flow has come by: `{name}` in texts, `name:` in conditions.
struct Known {
    names: BTreeSet<String>,
    /// `payment` of whatever a look-up brings, and the keys that it may bring, when they are ours to say.
    brought: BTreeMap<String, Option<BTreeSet<&'static str>>>,
}

impl Known {
    fn has(&self, name: &str) -> bool {
        let is_brought = || {
            let (save, key) = name.split_once('.')?;
            self.brought.get(save).map(|keys| keys.as_ref().is_none_or(|keys| keys.contains(key)))
        };
        self.names.contains(name) || is_brought().unwrap_or_default()
    }

    fn hint(&self, name: &str) -> String {
        let brought =
            name.split_once('.').and_then(|(save, _)| Some((save, self.brought.get(save)?.as_ref()?)));
        match brought {
            Some((save, keys)) => {
                let keys: Vec<String> = keys.iter().map(|key| format!("{save}.{key}")).collect();
                hint(name, keys.iter().map(String::as_str))
            }
            None => hint(name, self.names.iter().map(String::as_str)),
        }
    }
}

fn answers(flow: &Flow, found: &mut Findings<'_>) {
    let known = collect(flow, found);
    for said in walk::texts(flow) {
        for (language, text) in &said.texts.0 {
            let path = said.path.key(language.as_str());
            let may_notice = said.path == Path::default().key("greeting");
            gaps(text, may_notice, &path, &known, found);
        }
    }
    for (id, step) in &flow.steps.0 {
        let path = walk::settings_of(id, step);
        match step {
            Step::Check(check) => {
                for (n, case) in check.cases.iter().enumerate() {
                    condition(&case.condition, &path.key("cases").item(n).key("if"), &known, found);
                }
            }
            Step::HandOver(h) => {
                gaps(&h.why, false, &path.key("why"), &known, found);
                for (n, listed) in h.lists.iter().enumerate() {
                    let path = path.key("lists").item(n);
                    condition(&listed.condition, &path.key("if"), &known, found);
                    gaps(&listed.line, false, &path.key("line"), &known, found);
                }
            }
            Step::Wait(wait) => {
                if let Some(until) = wait.until.as_ref().filter(|until| !known.has(until)) {
                    found.add(&path.key("until"), not_saved(until, &known));
                }
            }
            Step::Suggest(s) => gaps(&s.query, false, &path.key("for"), &known, found),
            Step::LookUp(l) => fields(&l.with, &path.key("with"), &known, found),
            Step::Act(act) => {
                for (n, deed) in act.deeds.0.iter().enumerate() {
                    let path = path.key("do").item(n);
                    match deed {
                        Deed::Fields(of) => fields(of, &path.key("fields"), &known, found),
                        Deed::Event(event) => {
                            fields(&event.with, &path.key("event").key("with"), &known, found);
                        }
                        Deed::Tag(_) | Deed::Priority(_) | Deed::Team(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn collect(flow: &Flow, found: &mut Findings<'_>) -> Known {
    let mut known =
        Known { names: ["contact", "first_message"].map(str::to_owned).into(), brought: BTreeMap::new() };
    for (id, step) in &flow.steps.0 {
        let path = walk::settings_of(id, step);
        match step {
            Step::Ask(ask) => {
                saved(&ask.save, &path.key("save"), &mut known, found);
                if matches!(&ask.wanted, Wanted::Choice(choice) if choice.from.is_some()) {
                    known.names.insert(format!("{}.title", ask.save));
                }
                if let Wanted::Photo(m) | Wanted::Video(m) | Wanted::Voice(m) | Wanted::Document(m) =
                    &ask.wanted
                {
                    let medium = path.key("for").key(walk::medium_key(&ask.wanted));
                    let (reads, keeps) = (medium.key("reads"), medium.key("keeps"));
                    for (n, keep) in m.keeps.iter().enumerate() {
                        saved(&keep.save, &keeps.item(n).key("save"), &mut known, found);
                    }
                    for (n, read) in m.reads.iter().enumerate() {
                        if let Some(save) = &read.save {
                            saved(save, &reads.item(n).key("save"), &mut known, found);
                        }
                    }
                }
            }
            Step::LookUp(l) => {
                saved(&l.save, &path.key("save"), &mut known, found);
                let keys = l.source.keys().map(|keys| keys.gives.iter().copied().collect::<BTreeSet<_>>());
                let of_save = known.brought.entry(l.save.clone()).or_insert_with(|| Some(BTreeSet::new()));
                // Two look-ups under one name bring what either brings.
                *of_save = of_save.take().zip(keys).map(|(all, more)| &all | &more);
            }
            _ => {}
        }
    }
    known
}

fn saved(name: &str, path: &Path, known: &mut Known, found: &mut Findings<'_>) {
    well_formed(name, "answer", path, found);
    if ["notice", "contact", "first_message"].contains(&name) {
        found.add(path, format!("`{name}` is a name of the house; save it under another"));
    }
    known.names.insert(name.to_owned());
}

fn fields(fields: &BTreeMap<String, String>, path: &Path, known: &Known, found: &mut Findings<'_>) {
    for (key, value) in fields {
        gaps(value, false, &path.key(key), known, found);
    }
}

/// The `{names}` of a text.
fn gaps(text: &str, may_notice: bool, path: &Path, known: &Known, found: &mut Findings<'_>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return found.add(path, "a `{` is not closed; write `{name}`, or leave the bracket out");
        };
        if name == "notice" {
            if !may_notice {
                found.add(path, "`{notice}` belongs to the greeting; leave it out here");
            }
        } else if !known.has(name) {
            found.add(path, not_saved(name, known));
        }
        rest = after;
    }
}

fn not_saved(name: &str, known: &Known) -> String {
    format!("nothing is saved as `{name}`{}", known.hint(name))
}

fn condition(condition: &Condition, path: &Path, known: &Known, found: &mut Findings<'_>) {
    let inner = |key: &str, n: usize| path.key(key).item(n);
    match condition {
        Condition::Answer(about) => {
            let named = [("name", Some(&about.name)), ("same_as", about.same_as.as_ref())];
            for (key, name) in named.into_iter().filter_map(|(key, name)| Some((key, name?))) {
                if !known.has(name) {
                    found.add(&path.key("answer").key(key), not_saved(name, known));
                }
            }
        }
        Condition::All(all) => {
            all.iter().enumerate().for_each(|(n, c)| self::condition(c, &inner("all", n), known, found));
        }
        Condition::Any(any) => {
            any.iter().enumerate().for_each(|(n, c)| self::condition(c, &inner("any", n), known, found));
        }
        Condition::Not(not) => self::condition(not, &path.key("not"), known, found),
        _ => {}
    }
}
