//! Saying things: texts with their gaps filled, within WhatsApp's limits, and only while the window is open.

use std::{borrow::Cow, collections::BTreeMap};

use model::outbound::{Buttons, Choice, List, Outbound, Section, Template};

use super::{
    action::Action,
    run::{ANSWER_CHARS_MAX, clip},
    turn::Turn,
};
use crate::{
    format::{ChoiceOption, Language},
    texts::{Phrase, fill, phrase},
};

/// WhatsApp's limits, in characters (Meta, "Interactive messages", 2026).
pub mod limits {
    pub const TEXT: usize = 4_096;
    /// The body of a question; also what stands above buttons and a location request.
    pub const BODY: usize = 1_024;
    pub const BUTTONS: usize = 3;
    pub const BUTTON_TITLE: usize = 20;
    pub const ROWS: usize = 10;
    pub const ROW_TITLE: usize = 24;
    pub const ROW_DESCRIPTION: usize = 72;
}

/// Rows of a page of a long list; the last row turns it.
const ROWS_OF_A_PAGE: usize = limits::ROWS - 1;

/// A value that an answer or another system put into a text.
const VALUE_CHARS_MAX: usize = 200;

impl Turn<'_> {
    pub fn window_is_open(&self) -> bool {
        self.context.window_closes_at.is_some_and(|closes| self.context.now < closes)
    }

    /// Sends what is meant freely; what cannot be said any more is remembered for the summary.
    pub fn send(&mut self, message: Outbound) {
        if self.window_is_open() {
            self.actions.push(Action::Send(message));
        } else {
            self.run.is_unsaid = true;
        }
    }

    pub fn show(&mut self, picture: &str) {
        if self.window_is_open() {
            self.actions.push(Action::ShowPicture(picture.to_owned()));
        }
    }

    pub fn say(&mut self, text: &str) {
        let body = clip(&self.fill(text), limits::TEXT);
        if !body.trim().is_empty() {
            self.send(Outbound::Text { body, preview_url: false });
        }
    }

    pub fn say_phrase(&mut self, which: Phrase) {
        self.say(phrase(self.run.language, which));
    }

    pub fn say_or_template(&mut self, text: &str, template: Option<&str>) {
        match template {
            Some(name) if !self.window_is_open() => {
                let language = self.run.language.as_str().to_owned();
                let preview = Some(clip(&self.fill(text), limits::TEXT));
                let template = Template { name: name.to_owned(), language, components: Vec::new(), preview };
                self.actions.push(Action::Send(Outbound::Template(template)));
            }
            _ => self.say(text),
        }
    }

    /// `text` with its `{names}` replaced by what is known.
    pub fn fill(&self, text: &str) -> String {
        fill(text, |name| match name {
            "notice" => Some(Cow::Borrowed(phrase(self.run.language, Phrase::Notice))),
            "contact" => self.context.contact.as_deref().map(|c| Cow::Owned(clip(c, VALUE_CHARS_MAX))),
            _ => {
                let answer = self.run.answers.get(name)?;
                // Half an address leads nowhere.
                let chars_max = if name.ends_with(".url") { ANSWER_CHARS_MAX } else { VALUE_CHARS_MAX };
                Some(Cow::Owned(clip(&answer.in_words(), chars_max)))
            }
        })
    }

    /// Fields with their gaps filled; one for which nothing is known is left out.
    pub fn filled(&self, fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let filled = fields.iter().map(|(name, value)| (name.clone(), self.fill(value).trim().to_owned()));
        filled.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The id that comes back when an option is chosen: whose question it was, and which answer.
    fn option_id(&self, option: &str) -> String {
        format!("{}.{}.{option}", self.run.flow, self.run.place)
    }

    /// Buttons or a page of a list.
    pub fn send_choice(&mut self, body: &str, options: &[ChoiceOption], page: u8) {
        let language = self.run.language;
        let body = clip(body, limits::BODY);
        let choices: Vec<Choice> = options
            .iter()
            .map(|o| Choice {
                id: self.option_id(&o.id),
                title: o.title.get(language).to_owned(),
                description: o
                    .description
                    .as_ref()
                    .map(|d| clip(&self.fill(d.get(language)), limits::ROW_DESCRIPTION)),
            })
            .collect();
        let message = if fit_buttons(options, language) {
            Outbound::Buttons(Buttons { header: None, body, footer: None, buttons: choices })
        } else {
            let button = phrase(language, Phrase::ChooseButton).to_owned();
            let rows = self.rows(choices, page);
            Outbound::List(List {
                header: None,
                body,
                footer: None,
                button,
                sections: vec![Section { title: None, rows }],
            })
        };
        self.send(message);
    }

    fn rows(&self, choices: Vec<Choice>, page: u8) -> Vec<Choice> {
        let clipped = |c: Choice| Choice { title: clip(&c.title, limits::ROW_TITLE), ..c };
        if choices.len() <= limits::ROWS {
            return choices.into_iter().map(clipped).collect();
        }
        let pages = choices.len().div_ceil(ROWS_OF_A_PAGE);
        let page = usize::from(page).checked_rem(pages).unwrap_or_default();
        let next = (page + 1).checked_rem(pages).unwrap_or_default();
        let more = Choice {
            id: self.option_id(&format!("+{next}")),
            title: phrase(self.run.language, Phrase::More).to_owned(),
            description: None,
        };
        let here = choices.into_iter().skip(page * ROWS_OF_A_PAGE).take(ROWS_OF_A_PAGE);
        here.map(clipped).chain([more]).collect()
    }

    /// A question of the house's own with up to three buttons.
    pub fn send_own_choice(&mut self, body: &str, options: &[(&str, Phrase)]) {
        let language = self.run.language;
        let buttons = options
            .iter()
            .map(|(id, title)| Choice {
                id: self.option_id(id),
                title: phrase(language, *title).to_owned(),
                description: None,
            })
            .collect();
        self.send(Outbound::Buttons(Buttons {
            header: None,
            body: clip(body, limits::BODY),
            footer: None,
            buttons,
        }));
    }
}

/// Whether three buttons can carry these options in `language`.
pub(crate) fn fit_buttons(options: &[ChoiceOption], language: Language) -> bool {
    options.len() <= limits::BUTTONS
        && options
            .iter()
            .all(|o| o.description.is_none() && o.title.get(language).chars().count() <= limits::BUTTON_TITLE)
}
