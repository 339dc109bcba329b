//! The flow file: YAML that people write, read into plain types.
//!
//! [`parse`] only reads; [`crate::check::check`] says whether the flow is good. A message of either points at a line
//! and a column and says what to write instead.

mod condition;
mod decode;
mod flow;
mod form;
mod medium;
pub(crate) mod path;
mod problem;
mod source;
mod steps;
pub(crate) mod tree;
mod words;

pub use condition::{AboutAnswer, Between, Condition};
pub(crate) use condition::{DEPTH_MAX, minute_of_day};
pub use flow::{Flow, Found, Hours, MediumKind, Narrow, Rollout, Steps, Trigger};
pub use form::{QUESTIONS_OF_A_FORM_MAX, Question};
pub use medium::{Keeps, Medium, Quality, Reads};
pub(crate) use problem::hint;
pub use problem::{Place, Problem};
pub(crate) use source::{DESCRIPTION, TITLE};
pub use source::{Keys, OfLink, OfReturn, OfVisit, Source};
pub use steps::*;
pub use tree::SIZE_BYTES_MAX;
pub(crate) use words::is_name;
pub use words::{FlowId, Language, Many, NAME_CHARS_MAX, Span, StepId, Texts, WordLists};

/// Reads a flow without judging it.
pub fn parse(source: &str) -> Result<Flow, Problem> {
    read(source).map(|(flow, _)| flow)
}

/// The flow, and the tree in which the places of its values are looked up.
pub(crate) fn read(source: &str) -> Result<(Flow, tree::Node), Problem> {
    let tree = tree::read(source)?;
    let flow = decode::decode(&tree)?;
    Ok((flow, tree))
}

/// Reads any YAML of ours with the same messages as a flow.
pub fn read_as<T: serde::de::DeserializeOwned>(source: &str) -> Result<T, Problem> {
    decode::decode(&tree::read(source)?)
}

/// The JSON Schema of a flow file, for editors.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Flow);
    allow_plain_words(schema.ensure_object());
    schema.to_value()
}

/// In YAML `photo` alone may stand where `photo: {}` does: adds that to every word whose settings are all optional.
fn allow_plain_words(root: &mut serde_json::Map<String, serde_json::Value>) {
    use serde_json::{Value, json};
    let Some(Value::Object(definitions)) = root.get("$defs") else { return };
    let needs_settings =
        |name: &str| definitions.get(name).is_none_or(|d| d.get("required").or(d.get("anyOf")).is_some());
    let plain: Vec<String> = definitions
        .get("Wanted")
        .and_then(|w| w.get("oneOf")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(|variant| variant.get("properties")?.as_object()?.iter().next())
        .filter(|(_, of)| {
            let name = of.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
            name.is_some_and(|n| !needs_settings(n))
        })
        .map(|(word, _)| word.clone())
        .collect();
    let wanted = root.get_mut("$defs").and_then(|d| d.get_mut("Wanted")?.get_mut("oneOf")?.as_array_mut());
    if let Some(variants) = wanted {
        variants.push(json!({ "type": "string", "enum": plain }));
    }
}
