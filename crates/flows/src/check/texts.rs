//! Texts: in every language, not empty, and no longer than WhatsApp takes.

use std::collections::BTreeMap;

use super::{Findings, walk};
use crate::{
    engine::limits,
    format::{Ask, Choice, Flow, Language, Step, Wanted, path::Path},
    texts::{tidy, wants_person, wants_stop},
};

pub(super) fn check(flow: &Flow, found: &mut Findings<'_>) {
    for said in walk::texts(flow) {
        languages(&said, found);
        for (language, text) in &said.texts.0 {
            let path = said.path.key(language.as_str());
            let chars = text.chars().count();
            if text.trim().is_empty() {
                found.add(&path, "this text is empty; write what the customer reads");
            } else if chars > said.chars_max {
                let said =
                    format!("{chars} characters; WhatsApp takes at most {} here, shorten it", said.chars_max);
                found.add(&path, said);
            }
        }
    }
    for (id, step) in &flow.steps.0 {
        if let Step::Ask(ask) = step
            && let Wanted::Choice(choice) = &ask.wanted
        {
            options(ask, choice, &walk::settings_of(id, step), found);
        }
    }
}

fn languages(said: &walk::Said<'_>, found: &mut Findings<'_>) {
    let missing: Vec<&str> =
        Language::ALL.into_iter().filter(|l| !said.texts.0.contains_key(l)).map(Language::as_str).collect();
    if !missing.is_empty() {
        let each: Vec<String> = missing.iter().map(|l| format!("`{l}: …`")).collect();
        found.add(
            &said.path,
            format!("this text is missing in {}; add {}", missing.join(", "), each.join(" and ")),
        );
    }
}

/// What a list or buttons demand: distinct titles, and no title that would be taken for a wish.
fn options(_: &Ask, choice: &Choice, ask: &Path, found: &mut Findings<'_>) {
    let options = ask.key("for").key("choice").key("options");
    for language in Language::ALL {
        let mut titles: BTreeMap<String, &str> = BTreeMap::new();
        for (n, option) in choice.options.iter().enumerate() {
            let Some(title) = option.title.0.get(&language) else { continue };
            let path = options.item(n).key("title").key(language.as_str());
            if let Some(other) = titles.insert(tidy(title), &option.id) {
                found
                    .add(&path, format!("`{other}` has this title too; WhatsApp needs each to be different"));
            }
            if wants_stop(title) {
                found.add(&path, format!("`{title}` is a word that stops everything; choose another title"));
            } else if wants_person(title) {
                found.add(&path, format!("`{title}` is a word that reaches a person; choose another title"));
            }
            if option.title.get(language).contains('{') {
                found.add(&path, "a title has no gaps: write it out, its length has to be known");
            }
        }
        three_buttons(choice, language, &options, found);
    }
}

/// Up to three options without descriptions are buttons: in one language a list and in another buttons would confuse.
fn three_buttons(choice: &Choice, language: Language, options: &Path, found: &mut Findings<'_>) {
    // What a look-up gives has its own lengths.
    if choice.from.is_some()
        || choice.options.len() > limits::BUTTONS
        || choice.options.iter().any(|o| o.description.is_some())
    {
        return;
    }
    for (n, option) in choice.options.iter().enumerate() {
        let chars = option.title.0.get(&language).map_or(0, |t| t.chars().count());
        if chars > limits::BUTTON_TITLE && chars <= limits::ROW_TITLE {
            let path = options.item(n).key("title").key(language.as_str());
            let most = limits::BUTTON_TITLE;
            found.add(
                &path,
                format!("{chars} characters; a button takes at most {most}, shorten it or add descriptions"),
            );
        }
    }
}
