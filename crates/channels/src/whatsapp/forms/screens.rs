//! The definition of a form as Meta takes it ("Flow JSON"): one question a screen, the last one sends.
//!
//! A picker stands alone on its screen and its files are passed on by the last screen only, because WhatsApp lets
//! them travel in no other way.

use serde_json::{Map, Value, json};

use crate::whatsapp::validate::Invalid;

/// The first version that has what is used here, and the version of the endpoint's requests.
const VERSION: &str = "7.1";
const DATA_API_VERSION: &str = "3.0";
/// More screens than this nobody fills in.
pub const SCREENS_MAX: usize = 8;
/// Screens are named by letters only: `SCREEN_A`, `SCREEN_B` …
pub const FIRST_SCREEN: &str = "SCREEN_A";
/// Files of a response message, which carries them when there is no endpoint.
const FILES_MAX: u8 = 10;
const OPTIONS_MAX: usize = 200;
const TITLE_CHARS_MAX: usize = 30;
const QUESTION_CHARS_MAX: usize = 300;
const LABEL_CHARS_MAX: usize = 20;
const OPTION_CHARS_MAX: usize = 30;
const BUTTON_CHARS_MAX: usize = 35;

/// A form to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    pub title: String,
    /// On the button of every screen but the last.
    pub next: String,
    /// On the button of the last screen.
    pub send: String,
    /// Above an input that has no better name.
    pub answer: String,
    pub has_endpoint: bool,
    pub screens: Vec<Screen>,
}

/// One question.
#[derive(Clone, PartialEq, Debug)]
pub struct Screen {
    /// The name of the answer: small letters, digits and `_`.
    pub field: String,
    pub question: String,
    pub input: Input,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    Photos {
        count: u8,
    },
    Documents {
        count: u8,
    },
    Text,
    Number,
    Date,
    /// Id and title of each option.
    Choice(Vec<(String, String)>),
}

/// The definition of `plan`; what WhatsApp would refuse is told before.
pub fn render(plan: &Plan) -> Result<Value, Invalid> {
    check(plan)?;
    let ids: Vec<String> = ('A'..='Z').take(plan.screens.len()).map(|c| format!("SCREEN_{c}")).collect();
    let screens: Vec<Value> = plan
        .screens
        .iter()
        .enumerate()
        .map(|(n, screen)| {
            let id = ids.get(n).map_or("", String::as_str);
            let next = ids.get(n + 1).map(String::as_str);
            one(plan, &ids, screen, id, next)
        })
        .collect();
    let mut form = json!({ "version": VERSION, "screens": screens });
    if let (true, Some(members)) = (plan.has_endpoint, form.as_object_mut()) {
        members.insert("data_api_version".to_owned(), DATA_API_VERSION.into());
        members.insert("routing_model".to_owned(), routes(&ids));
    }
    Ok(form)
}

fn routes(ids: &[String]) -> Value {
    let next = |n: usize| ids.get(n + 1).cloned().into_iter().collect::<Vec<_>>();
    ids.iter().enumerate().map(|(n, id)| (id.clone(), json!(next(n)))).collect::<Map<_, _>>().into()
}

fn one(plan: &Plan, ids: &[String], screen: &Screen, id: &str, next: Option<&str>) -> Value {
    let mut children = Vec::new();
    if !matches!(screen.input, Input::Photos { .. } | Input::Documents { .. }) {
        children.push(json!({ "type": "TextBody", "text": screen.question }));
    }
    children.push(input(plan, screen));
    let (label, action) = match next {
        Some(next) => {
            let next = json!({ "type": "screen", "name": next });
            (&plan.next, json!({ "name": "navigate", "next": next, "payload": {} }))
        }
        None => {
            let name = if plan.has_endpoint { "data_exchange" } else { "complete" };
            (&plan.send, json!({ "name": name, "payload": payload(plan, ids) }))
        }
    };
    children.push(json!({ "type": "Footer", "label": label, "on-click-action": action }));
    let layout = json!({ "type": "SingleColumnLayout", "children": children });
    let mut written = json!({ "id": id, "title": plan.title, "data": {}, "layout": layout });
    if let (None, Some(members)) = (next, written.as_object_mut()) {
        members.insert("terminal".to_owned(), true.into());
        members.insert("success".to_owned(), true.into());
    }
    written
}

/// Every answer, from whichever screen.
fn payload(plan: &Plan, ids: &[String]) -> Value {
    let fields = plan.screens.iter().zip(ids);
    fields
        .map(|(screen, id)| {
            let from = format!("${{screen.{id}.form.{}}}", screen.field);
            (screen.field.clone(), from.into())
        })
        .collect::<Map<String, Value>>()
        .into()
}

fn input(plan: &Plan, screen: &Screen) -> Value {
    let (name, label) = (&screen.field, &plan.answer);
    match &screen.input {
        Input::Photos { count } => json!({
            "type": "PhotoPicker", "name": name, "label": plan.answer, "description": screen.question,
            "photo-source": "camera_gallery", "min-uploaded-photos": count, "max-uploaded-photos": most(plan, *count),
        }),
        Input::Documents { count } => json!({
            "type": "DocumentPicker", "name": name, "label": plan.answer, "description": screen.question,
            "min-uploaded-documents": count, "max-uploaded-documents": most(plan, *count),
        }),
        Input::Text => json!({ "type": "TextArea", "name": name, "label": label, "required": true }),
        Input::Number => {
            json!({ "type": "TextInput", "input-type": "number", "name": name, "label": label, "required": true })
        }
        Input::Date => json!({ "type": "DatePicker", "name": name, "label": label, "required": true }),
        Input::Choice(options) => {
            let options: Vec<Value> =
                options.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
            json!({ "type": "Dropdown", "name": name, "label": label, "required": true, "data-source": options })
        }
    }
}

/// Files that a picker takes. Without an endpoint all of them come with one message, which carries no more than ten.
fn most(plan: &Plan, count: u8) -> u8 {
    if plan.has_endpoint {
        return FILES_MAX;
    }
    let counts: Vec<u8> = plan.screens.iter().filter_map(|screen| files_of(&screen.input)).collect();
    let spare = FILES_MAX.saturating_sub(counts.iter().sum());
    let pickers = u8::try_from(counts.len()).unwrap_or(FILES_MAX);
    count + spare.checked_div(pickers).unwrap_or_default()
}

/// How many files are asked for, where files are.
const fn files_of(input: &Input) -> Option<u8> {
    match input {
        Input::Photos { count } | Input::Documents { count } => Some(*count),
        Input::Text | Input::Number | Input::Date | Input::Choice(_) => None,
    }
}

fn check(plan: &Plan) -> Result<(), Invalid> {
    let actual = plan.screens.len();
    if !(1..=SCREENS_MAX).contains(&actual) {
        return Err(Invalid::Count { what: "screens of the form", least: 1, most: SCREENS_MAX, actual });
    }
    short("the title of the form", &plan.title, TITLE_CHARS_MAX)?;
    short("the text on the form's button", &plan.next, BUTTON_CHARS_MAX)?;
    short("the text on the form's last button", &plan.send, BUTTON_CHARS_MAX)?;
    short("the label of the form's inputs", &plan.answer, LABEL_CHARS_MAX)?;
    let mut files = 0;
    for screen in &plan.screens {
        short("a question of the form", &screen.question, QUESTION_CHARS_MAX)?;
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if screen.field.is_empty() || !screen.field.bytes().all(is_plain) {
            return Err(Invalid::Wrong {
                what: "the name of an answer of the form",
                why: "may hold only lower-case letters, digits and `_`",
            });
        }
        match &screen.input {
            Input::Choice(options) => choice(options)?,
            input => files += usize::from(files_of(input).unwrap_or_default()),
        }
    }
    let most = usize::from(FILES_MAX);
    if files > most {
        return Err(Invalid::Count { what: "files in the form", least: 0, most, actual: files });
    }
    let mut names: Vec<&str> = plan.screens.iter().map(|screen| screen.field.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < actual { Err(Invalid::Twice { what: "names of answers of the form" }) } else { Ok(()) }
}

fn choice(options: &[(String, String)]) -> Result<(), Invalid> {
    if !(1..=OPTIONS_MAX).contains(&options.len()) {
        let actual = options.len();
        return Err(Invalid::Count { what: "options of a choice", least: 1, most: OPTIONS_MAX, actual });
    }
    options.iter().try_for_each(|(_, title)| short("an option of the form", title, OPTION_CHARS_MAX))
}

fn short(what: &'static str, text: &str, limit: usize) -> Result<(), Invalid> {
    match text.chars().count() {
        0 => Err(Invalid::Empty { what }),
        actual if actual > limit => Err(Invalid::TooLong { what, limit, actual }),
        _ => Ok(()),
    }
}
