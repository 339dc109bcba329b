//! What a phone has to know of a form's definition: its inputs, and what its last screen sends.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Filled, attach, leave_sealed};
use crate::{app::App, phone::draft::Attached, state::State};

/// How a file leaves the phone; answers how it is named.
type Leave = fn(&App, &mut State, &Attached) -> Result<Value, String>;

/// The last screen: what it sends, and to whom.
pub struct Last {
    pub screen: String,
    /// `data_exchange`; else the form is complete with its message.
    pub asks_endpoint: bool,
    /// The input behind each name that is sent.
    sends: Vec<(String, String)>,
    inputs: BTreeMap<String, Value>,
}

impl Last {
    pub fn of(definition: &Value) -> Result<Self, String> {
        let mut inputs = BTreeMap::new();
        let mut last = None;
        for screen in list(definition, "/screens") {
            for child in list(screen, "/layout/children") {
                if let Some(name) = child.get("name").and_then(Value::as_str) {
                    inputs.insert(name.to_owned(), child.clone());
                }
                let action = child.get("on-click-action");
                let verb = action.and_then(|a| a.get("name")).and_then(Value::as_str);
                if let (Some(action), Some(verb @ ("complete" | "data_exchange"))) = (action, verb) {
                    last = Some((screen, verb == "data_exchange", action));
                }
            }
        }
        let (screen, asks_endpoint, action) = last.ok_or("no screen of the form sends anything")?;
        let payload = action.get("payload").and_then(Value::as_object).cloned().unwrap_or_default();
        let sends = payload.iter().filter_map(|(name, from)| Some((name.clone(), input(from)?.to_owned())));
        Ok(Self {
            screen: screen.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            asks_endpoint,
            sends: sends.collect(),
            inputs,
        })
    }

    /// What is sent, its files left where they can be fetched.
    pub fn answers(&self, app: &App, filled: &Filled) -> Result<Map<String, Value>, String> {
        let leave: Leave = if self.asks_endpoint { leave_sealed } else { attach };
        let mut state = app.state();
        let mut answers = Map::new();
        for (name, input) in &self.sends {
            let files: Vec<_> = filled.files.iter().filter(|(of, _)| of == input).collect();
            self.check(input, files.len(), filled.words.get(input))?;
            if files.is_empty() {
                answers.insert(name.clone(), filled.words.get(input).cloned().unwrap_or_default());
                continue;
            }
            let left =
                files.iter().map(|(_, file)| leave(app, &mut state, file)).collect::<Result<Vec<_>, _>>()?;
            answers.insert(name.clone(), left.into());
        }
        Ok(answers)
    }

    /// What the phone itself would not let through.
    fn check(&self, name: &str, files: usize, words: Option<&Value>) -> Result<(), String> {
        let Some(input) = self.inputs.get(name) else {
            return Err(format!("the form has no input `{name}`"));
        };
        let bound = |end: &str| {
            let number =
                ["photos", "documents"].iter().find_map(|what| input.get(format!("{end}-uploaded-{what}")));
            number.and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let is_picker =
            input.get("type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("Picker"))
                && input.get("type").and_then(Value::as_str) != Some("DatePicker");
        if is_picker {
            let (least, most) = (bound("min").unwrap_or(0), bound("max").unwrap_or(30));
            return if (least..=most).contains(&files) {
                Ok(())
            } else {
                Err(format!("`{name}` takes {least} to {most} files, not {files}"))
            };
        }
        let is_required = input.get("required").and_then(Value::as_bool).unwrap_or(false);
        let is_empty = words.and_then(Value::as_str).is_none_or(|words| words.trim().is_empty());
        if is_required && is_empty { Err(format!("`{name}` has to be filled in")) } else { Ok(()) }
    }
}

/// The input that `${form.photos}` or `${screen.SCREEN_A.form.photos}` stands for.
fn input(from: &Value) -> Option<&str> {
    let (_, name) = from.as_str()?.strip_prefix("${")?.strip_suffix('}')?.rsplit_once("form.")?;
    Some(name)
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
