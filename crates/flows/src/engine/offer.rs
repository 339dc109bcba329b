//! The options of a choice: those that a look-up gave, and those of the file.

use std::borrow::Cow;

use super::{
    run::{Answer, clip},
    say::limits,
    turn::Turn,
};
use crate::{
    format::{Choice, ChoiceOption, DESCRIPTION, TITLE, Texts, WordLists, is_name},
    texts::{Phrase, phrase, tidy},
};

/// Two pages of a list.
const GIVEN_MAX: usize = 20;
/// ` (2)` behind the second of two titles that are alike.
const NUMBER_CHARS: usize = 5;

impl Turn<'_> {
    /// None at all when the look-up gave none: then there is nothing to choose, whatever the file holds.
    pub fn offered<'c>(&self, choice: &'c Choice) -> Cow<'c, [ChoiceOption]> {
        let Some(from) = &choice.from else { return Cow::Borrowed(&choice.options) };
        let given = self.given(from, &choice.options);
        if given.is_empty() {
            return Cow::Owned(given);
        }
        Cow::Owned(given.into_iter().chain(choice.options.iter().cloned()).collect())
    }

    /// Value and title of an option that a look-up gave.
    pub fn given_value(&self, choice: &Choice, option: &str) -> Option<(String, String)> {
        let from = choice.from.as_ref()?;
        let value = self.looked_up_text(&format!("{from}.{option}"))?;
        let title = self.looked_up_text(&format!("{from}.{option}{TITLE}"))?;
        Some((value.to_owned(), title.to_owned()))
    }

    /// Whether there is anything to choose: cheaper than to put it together.
    pub fn offers_any(&self, choice: &Choice) -> bool {
        choice.from.as_ref().is_none_or(|from| self.given_ids(from, &choice.options).next().is_some())
    }

    fn given(&self, from: &str, own: &[ChoiceOption]) -> Vec<ChoiceOption> {
        let language = self.run.language;
        let mut ids: Vec<&str> = self.given_ids(from, own).collect();
        ids.sort_by_key(|id| numbered(id));
        let mut taken: Vec<String> = own.iter().map(|o| tidy(o.title.get(language))).collect();
        taken.push(tidy(phrase(language, Phrase::More)));
        let text = |id: &str, part: &str| self.looked_up_text(&format!("{from}.{id}{part}"));
        let in_language = |text: String| Texts([(language, text)].into());
        ids.into_iter()
            .take(GIVEN_MAX)
            .map(|id| ChoiceOption {
                id: id.to_owned(),
                title: in_language(unlike(text(id, TITLE).unwrap_or_default(), &mut taken)),
                description: text(id, DESCRIPTION).map(|d| in_language(in_one_line(d))),
                words: WordLists::new(),
                then: None,
            })
            .collect()
    }

    /// A key with a value and a title, unless the file has an option of that name.
    fn given_ids<'t>(&'t self, from: &str, own: &'t [ChoiceOption]) -> impl Iterator<Item = &'t str> {
        let start = format!("{from}.");
        self.run
            .answers
            .range(start.clone()..)
            .map_while(move |(name, _)| Some((name.as_str(), name.strip_prefix(&start)?)))
            .filter(|(name, id)| {
                is_name(id)
                    && self.looked_up_text(name).is_some()
                    && self.looked_up_text(&format!("{name}{TITLE}")).is_some()
            })
            .map(|(_, id)| id)
            .filter(|id| own.iter().all(|o| o.id != *id))
    }

    fn looked_up_text(&self, name: &str) -> Option<&str> {
        match self.run.answers.get(name) {
            Some(Answer::Text(text)) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }
}

/// `slot2` before `slot10`.
fn numbered(id: &str) -> (&str, u64) {
    let word = id.trim_end_matches(|c: char| c.is_ascii_digit());
    (word, id.strip_prefix(word).and_then(|n| n.parse().ok()).unwrap_or_default())
}

/// A title within a row's limits that no other one has; WhatsApp refuses two alike.
fn unlike(title: &str, taken: &mut Vec<String>) -> String {
    let title = in_one_line(title);
    let mut own = clip(&title, limits::ROW_TITLE);
    let mut number = 1_u32;
    while taken.contains(&tidy(&own)) {
        number = number.saturating_add(1);
        own = format!("{} ({number})", clip(&title, limits::ROW_TITLE - NUMBER_CHARS));
    }
    taken.push(tidy(&own));
    own
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
