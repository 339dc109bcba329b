//! A flow's questions as the screens of a native form, for Meta.

use channels::whatsapp::forms::{Input, Plan, Screen};
use flows::format::{Ask, Flow, Language, Wanted};
use thiserror::Error;

use crate::texts::{Text, Texts};

const TITLE_CHARS_MAX: usize = 30;

#[derive(Debug, Error)]
pub enum PlanError {
    #[error("the flow offers no form `{0}`; write `form: {0}` into the first question of it")]
    NoForm(String),
    #[error(
        "the question `{0}` has a gap in its text, and a form is written before anybody is known; take the `{{…}}` out"
    )]
    Gap(String),
    #[error("the question `{0}` does not fit into a form")]
    NoInput(String),
}

/// What a form is written from.
pub struct Wanting<'a> {
    pub flow: &'a Flow,
    pub form: &'a str,
    pub language: Language,
    pub has_endpoint: bool,
}

pub fn plan(texts: &Texts, wanting: &Wanting<'_>) -> Result<Plan, PlanError> {
    let Wanting { flow, form, language, has_endpoint } = wanting;
    let questions = flow.questions_of_form(form);
    if questions.is_empty() {
        return Err(PlanError::NoForm((*form).to_owned()));
    }
    let screens =
        questions.iter().map(|question| screen(question.ask, *language)).collect::<Result<_, _>>()?;
    let say = |text| texts.get(Some(language.as_str()), text);
    let title = flow.menu.as_ref().map_or(flow.flow.as_str(), |menu| menu.get(*language));
    Ok(Plan {
        title: title.chars().take(TITLE_CHARS_MAX).collect(),
        next: say(Text::FormNext),
        send: say(Text::FormSend),
        answer: say(Text::FormAnswer),
        has_endpoint: *has_endpoint,
        screens,
    })
}

fn screen(ask: &Ask, language: Language) -> Result<Screen, PlanError> {
    let question = ask.text.get(language).to_owned();
    if question.contains('{') {
        return Err(PlanError::Gap(ask.save.clone()));
    }
    let input = match &ask.wanted {
        Wanted::Photo(medium) => Input::Photos { count: medium.count.max(1) },
        Wanted::Document(medium) => Input::Documents { count: medium.count.max(1) },
        Wanted::Text(_) => Input::Text,
        Wanted::Number(_) => Input::Number,
        Wanted::Date(_) => Input::Date,
        Wanted::Choice(choice) => {
            let options = choice.options.iter();
            Input::Choice(options.map(|o| (o.id.clone(), o.title.get(language).to_owned())).collect())
        }
        Wanted::Video(_) | Wanted::Voice(_) | Wanted::Location(_) => {
            return Err(PlanError::NoInput(ask.save.clone()));
        }
    };
    Ok(Screen { field: ask.save.clone(), question, input })
}

#[cfg(test)]
mod tests {
    use channels::whatsapp::forms::render;
    use flows::{format::Step, library};

    use super::*;

    #[test]
    fn every_form_of_the_library_can_be_published_in_every_language() {
        let texts = Texts::load("en").unwrap();
        let mut published = 0;
        for (name, _) in library::SOURCES {
            let flow = library::flow(name).unwrap().unwrap();
            let forms = flow.steps.0.iter().filter_map(|(_, step)| match step {
                Step::Ask(ask) => ask.form.as_deref(),
                _ => None,
            });
            for form in forms {
                for language in Language::ALL {
                    let wanting = Wanting { flow: &flow, form, language, has_endpoint: true };
                    let plan = plan(&texts, &wanting).unwrap();
                    assert!(plan.screens.len() > 1, "{name}: a form of one question is none");
                    render(&plan).unwrap_or_else(|why| panic!("{name} {form} {language:?}: {why}"));
                    published += 1;
                }
            }
        }
        assert_eq!(published, 2 * Language::ALL.len());
    }
}
