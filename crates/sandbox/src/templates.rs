//! Message templates: the ones that every sandbox has, the check of what a send fills in, and how it reads.

mod seeded;

use serde_json::{Map, Value, json};

pub use self::seeded::seeded;
use crate::error::GraphError;

pub fn template(n: u64, name: &str, language: &str, category: &str, components: Value) -> Value {
    let named = placeholders(&body_text(&components)).iter().any(|p| p.parse::<u32>().is_err());
    json!({
        "id": format!("9{n:014}"),
        "name": name,
        "language": language,
        "status": "APPROVED",
        "category": category,
        "parameter_format": if named { "NAMED" } else { "POSITIONAL" },
        "components": components,
    })
}

/// A send that was checked: what it costs and what the customer reads.
pub struct Rendered {
    pub category: String,
    pub view: Value,
    pub text: String,
}

/// Checks `template` of a send against the account's templates and fills it in.
pub fn render(all: &[Value], send: &Value) -> Result<Rendered, GraphError> {
    let name = text(send, "/name").ok_or_else(|| GraphError::new(131_008, "template.name is required"))?;
    let code = text(send, "/language/code")
        .ok_or_else(|| GraphError::new(131_008, "template.language.code is required"))?;
    let template = all
        .iter()
        .find(|t| text(t, "/name") == Some(name) && text(t, "/language") == Some(code))
        .ok_or_else(|| {
            GraphError::new(132_001, format!("template name ({name}) does not exist in {code}"))
        })?;
    let given = list(send, "/components");
    let mut view = Map::new();
    let (mut body, mut buttons) = (String::new(), Vec::new());
    for part in list(template, "/components") {
        let kind = text(part, "/type").unwrap_or_default();
        let of_kind = |g: &&Value| text(g, "/type").is_some_and(|t| t.eq_ignore_ascii_case(kind));
        let parameters = given.iter().find(of_kind).map_or(&[][..], |g| list(g, "/parameters"));
        match kind {
            "HEADER" => header(part, parameters, &mut view)?,
            "BODY" => body = fill(text(part, "/text").unwrap_or_default(), parameters, "body")?,
            "FOOTER" => drop(view.insert("footer".to_owned(), text(part, "/text").into())),
            "BUTTONS" => buttons = self::buttons(list(part, "/buttons"), given)?,
            _ => {}
        }
    }
    for key in ["header_text", "header_media", "footer"] {
        view.entry(key).or_insert(Value::Null);
    }
    view.insert("name".to_owned(), name.into());
    view.insert("language".to_owned(), code.into());
    view.insert("body".to_owned(), body.clone().into());
    view.insert("buttons".to_owned(), buttons.into());
    let category = text(template, "/category").unwrap_or("UTILITY").to_lowercase();
    Ok(Rendered { category, view: Value::Object(view), text: body })
}

fn header(part: &Value, parameters: &[Value], view: &mut Map<String, Value>) -> Result<(), GraphError> {
    let format = text(part, "/format").unwrap_or("TEXT");
    if format == "TEXT" {
        let filled = fill(text(part, "/text").unwrap_or_default(), parameters, "header")?;
        view.insert("header_text".to_owned(), filled.into());
        return Ok(());
    }
    let wanted = format.to_lowercase();
    let Some(parameter) = parameters.first() else {
        return Err(GraphError::new(
            132_012,
            format!("header: Format mismatch, expected {format}, received UNKNOWN"),
        ));
    };
    let kind = text(parameter, "/type").unwrap_or("UNKNOWN");
    if kind != wanted {
        let received = kind.to_uppercase();
        return Err(GraphError::new(
            132_012,
            format!("header: Format mismatch, expected {format}, received {received}"),
        ));
    }
    let media = parameter.get(kind).cloned().unwrap_or_default();
    if media.get("id").is_none() && media.get("link").is_none() && wanted != "location" {
        return Err(GraphError::new(131_008, format!("header: {kind} needs an id or a link")));
    }
    let view_of = json!({ "type": kind, "id": media.get("id"), "link": media.get("link"), "file_name": media.get("filename") });
    view.insert("header_media".to_owned(), view_of);
    Ok(())
}

fn buttons(parts: &[Value], given: &[Value]) -> Result<Vec<Value>, GraphError> {
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let mine = given.iter().find(|g| {
                text(g, "/type").is_some_and(|t| t.eq_ignore_ascii_case("button"))
                    && index_of(g) == Some(index)
            });
            let parameter = mine.and_then(|g| list(g, "/parameters").first());
            let label = text(part, "/text").unwrap_or_default();
            let mut button = json!({ "type": part.get("type"), "text": label, "url": null, "payload": null, "index": index });
            let Some(map) = button.as_object_mut() else { return Ok(button) };
            match (text(part, "/type"), text(part, "/url")) {
                (Some("URL"), Some(url)) if url.contains("{{1}}") => {
                    let suffix = parameter.and_then(|p| text(p, "/text")).ok_or_else(|| {
                        GraphError::new(131_008, format!("buttons: Button at index {index} of type Url requires a parameter"))
                    })?;
                    map.insert("url".to_owned(), url.replace("{{1}}", suffix).into());
                }
                (Some("URL"), url) => drop(map.insert("url".to_owned(), url.into())),
                _ => {
                    let payload = parameter.and_then(|p| text(p, "/payload")).unwrap_or(label);
                    map.insert("payload".to_owned(), payload.into());
                }
            }
            Ok(button)
        })
        .collect()
}

fn index_of(component: &Value) -> Option<usize> {
    match component.get("index")? {
        Value::String(text) => text.parse().ok(),
        number => usize::try_from(number.as_u64()?).ok(),
    }
}

/// The text with its parameters in place, in order or by name.
fn fill(pattern: &str, parameters: &[Value], part: &str) -> Result<String, GraphError> {
    let wanted = placeholders(pattern);
    if wanted.len() != parameters.len() {
        return Err(GraphError::new(
            132_000,
            format!(
                "{part}: number of localizable_params ({}) does not match the expected number of params ({})",
                parameters.len(),
                wanted.len()
            ),
        ));
    }
    let mut filled = pattern.to_owned();
    for (position, name) in wanted.iter().enumerate() {
        let parameter = match name.parse::<usize>() {
            Ok(_) => parameters.get(position),
            Err(_) => parameters.iter().find(|p| text(p, "/parameter_name") == Some(name)),
        };
        let value = parameter.and_then(words).ok_or_else(|| {
            GraphError::new(132_012, format!("{part}: a text for parameter {{{{{name}}}}} is missing"))
        })?;
        filled = filled.replace(&format!("{{{{{name}}}}}"), &value);
    }
    Ok(filled)
}

fn words(parameter: &Value) -> Option<String> {
    text(parameter, "/text")
        .or_else(|| text(parameter, "/currency/fallback_value"))
        .or_else(|| text(parameter, "/date_time/fallback_value"))
        .map(str::to_owned)
}

/// The names between double braces, each once, as they come.
fn placeholders(pattern: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in pattern.split("{{").skip(1) {
        if let Some((name, _)) = part.split_once("}}")
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn body_text(components: &Value) -> String {
    let body = list(components, "").iter().find(|c| text(c, "/type") == Some("BODY"));
    body.and_then(|b| text(b, "/text")).unwrap_or_default().to_owned()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
