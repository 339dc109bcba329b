//! What a bot says, within WhatsApp's limits, and what it may hear of a file.

use bots::{Choice as Offered, Found, Say};
use flows::{
    engine::{Call, Glimpse, Run, limits},
    texts::{Phrase, phrase},
};
use model::outbound::{Buttons, Choice, List, Outbound, Section};

/// WhatsApp's limit of a row's id; a button may have a longer one.
const ID_CHARS_MAX: usize = 200;

/// The messages of one answer.
pub fn all(says: Vec<Say>, run: &Run, call: Call) -> Vec<Outbound> {
    says.into_iter().flat_map(|say| one(say, run, call)).collect()
}

fn one(say: Say, run: &Run, call: Call) -> Vec<Outbound> {
    match say {
        Say::Text(text) => vec![words(clip(&text, limits::TEXT))],
        // The customer's phone fetches and shows it; nothing is fetched here from an address that a bot names.
        Say::Picture { url } => vec![Outbound::Text { body: url.into(), preview_url: true }],
        Say::Choice { text, options } => choice(&text, &options, run, call),
    }
}

fn words(body: String) -> Outbound {
    Outbound::Text { body, preview_url: false }
}

/// Three short options are buttons, others the rows of a list. A long text goes before its question.
fn choice(text: &str, options: &[Offered], run: &Run, call: Call) -> Vec<Outbound> {
    let is_long = text.chars().count() > limits::BODY;
    let body = if is_long || text.is_empty() { phrase(run.language, Phrase::Choose) } else { text };
    let before = is_long.then(|| words(clip(text, limits::TEXT)));
    let choices = differing(options.iter().map(|option| offer(option, run, call)).collect());
    let is_short = |choice: &Choice| choice.title.chars().count() <= limits::BUTTON_TITLE;
    let body = body.to_owned();
    let question = if choices.len() <= limits::BUTTONS && choices.iter().all(is_short) {
        Outbound::Buttons(Buttons { header: None, body, footer: None, buttons: choices })
    } else {
        let rows = choices.into_iter().take(limits::ROWS).map(row).collect();
        Outbound::List(List {
            header: None,
            body,
            footer: None,
            button: phrase(run.language, Phrase::ChooseButton).to_owned(),
            sections: vec![Section { title: None, rows }],
        })
    };
    before.into_iter().chain([question]).collect()
}

/// A payload that is too long to come back is replaced by the title.
fn offer(option: &Offered, run: &Run, call: Call) -> Choice {
    let id = |payload: &str| format!("{}{payload}", start(run, call));
    let whole = id(&option.payload);
    let fits = whole.chars().count() <= ID_CHARS_MAX;
    let id = if fits { whole } else { id(&option.title) };
    Choice { id, title: option.title.clone(), description: None }
}

/// WhatsApp wants each id and each button's title once.
fn differing(choices: Vec<Choice>) -> Vec<Choice> {
    let mut kept: Vec<Choice> = Vec::new();
    for choice in choices {
        if kept.iter().all(|known| known.id != choice.id && known.title != choice.title) {
            kept.push(choice);
        }
    }
    kept
}

/// A title that is cut stands whole below.
fn row(choice: Choice) -> Choice {
    let title = clip(&choice.title, limits::ROW_TITLE);
    let description = (title != choice.title).then(|| clip(&choice.title, limits::ROW_DESCRIPTION));
    Choice { title, description, ..choice }
}

/// Whose question it was, as the engine writes it: an old button is known for what it is.
fn start(run: &Run, call: Call) -> String {
    format!("{}.{}.", run.flow, call.0)
}

/// What the bot wants to hear, of an option of its own.
pub fn payload<'i>(id: &'i str, run: &Run, call: Call) -> Option<&'i str> {
    id.strip_prefix(&start(run, call))
}

/// What a bot may hear of what was found: never of personal data, nor of an identity paper.
pub fn found(glimpse: &Glimpse) -> Option<Found> {
    let is_private = ["pii", "mrz"].iter().any(|family| {
        glimpse.kind.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    let confidence = (f64::from(glimpse.confidence) * 100.0).round() / 100.0;
    (!is_private).then(|| Found { kind: glimpse.kind.clone(), value: glimpse.value.clone(), confidence })
}

fn clip(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

#[cfg(test)]
mod tests {
    use channels::whatsapp::validate::validate;
    use flows::{format::Language, library};

    use super::*;

    fn run() -> Run {
        Run::new(&library::flow("triage").unwrap().unwrap(), Language::It)
    }

    fn said(text: &str, titles: &[&str]) -> Vec<Outbound> {
        let options =
            titles.iter().map(|title| Offered { title: (*title).to_owned(), payload: format!("/{title}") });
        let says = vec![Say::Choice { text: text.to_owned(), options: options.collect() }];
        let messages = all(says, &run(), Call(3));
        for message in &messages {
            validate(message).unwrap_or_else(|e| panic!("{message:?}: {e}"));
        }
        messages
    }

    #[test]
    fn every_answer_is_one_that_whatsapp_takes() {
        let long = "a size that nobody could write on a button, nor in the row of a list";
        let Outbound::Buttons(few) = &said("Which?", &["Small", "Large"])[0] else { panic!() };
        assert_eq!(few.buttons[1].id, "triage.3./Large");
        assert_eq!(payload(&few.buttons[1].id, &run(), Call(3)), Some("/Large"));
        assert_eq!(payload(&few.buttons[1].id, &run(), Call(4)), None);
        let Outbound::List(cut) = &said("", &["Small", long])[0] else { panic!() };
        assert_eq!(cut.sections[0].rows[1].description.as_deref(), Some(long));
        let many: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(
            matches!(&said("Which?", &many)[0], Outbound::List(list) if list.sections[0].rows.len() == 10)
        );
        assert!(
            matches!(&said("Which?", &["Yes", "Yes", "No"])[0], Outbound::Buttons(b) if b.buttons.len() == 2)
        );
        let [Outbound::Text { body, .. }, Outbound::Buttons(_)] = &said(&"x".repeat(5_000), &["A"])[..]
        else {
            panic!()
        };
        assert_eq!(body.len(), limits::TEXT);
    }

    #[test]
    fn a_payload_that_is_too_long_comes_back_as_its_title() {
        let option = Offered { title: "Large".to_owned(), payload: "x".repeat(300) };
        let id = offer(&option, &run(), Call(3)).id;
        assert_eq!(payload(&id, &run(), Call(3)), Some("Large"));
    }

    #[test]
    fn of_a_paper_nothing_is_told() {
        let glimpse = |kind: &str| Glimpse { kind: kind.to_owned(), value: "x".to_owned(), confidence: 0.9 };
        for (kind, is_told) in [
            ("entity.error_code", true),
            ("code.qr", true),
            ("mrz", false),
            ("mrz.expiry_date", false),
            ("pii.card", false),
            ("mrzish", true),
        ] {
            assert_eq!(found(&glimpse(kind)).is_some(), is_told, "{kind}");
        }
        assert!((found(&glimpse("entity.serial")).unwrap().confidence - 0.9).abs() < f64::EPSILON);
    }
}
