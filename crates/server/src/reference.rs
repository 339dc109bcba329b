//! The API reference as one page without scripts: our own policy forbids foreign ones, and none is needed.

use serde_json::Value;
use utoipa::openapi::OpenApi;

/// Renders the whole document.
pub fn page(openapi: &OpenApi) -> String {
    let document = serde_json::to_value(openapi).unwrap_or_default();
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Sportello API</title><h1>Sportello API</h1>",
    );
    push_text(&mut out, "p", document.pointer("/info/description"));
    out.push_str("<p>As a machine reads it: <a href=\"/api/v1/openapi.json\">openapi.json</a></p>");
    for (path, operations) in members(document.get("paths")) {
        for (method, operation) in members(Some(operations)) {
            operation_section(&mut out, method, path, operation);
        }
    }
    out.push_str("<h2>Bodies</h2>");
    for (name, schema) in members(document.pointer("/components/schemas")) {
        schema_section(&mut out, name, schema);
    }
    out
}

fn operation_section(out: &mut String, method: &str, path: &str, operation: &Value) {
    out.push_str(&format!("<h2><code>{} {}</code></h2>", method.to_uppercase(), escape(path)));
    push_text(out, "p", operation.get("summary"));
    push_text(out, "p", operation.get("description"));
    let parameters =
        operation.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        out.push_str("<ul>");
        for parameter in parameters {
            let text = |key: &str| escape(parameter.get(key).and_then(Value::as_str).unwrap_or_default());
            out.push_str(&format!(
                "<li><code>{}</code> ({}) {}</li>",
                text("name"),
                text("in"),
                text("description")
            ));
        }
        out.push_str("</ul>");
    }
    if let Some(body) = operation.get("requestBody") {
        out.push_str(&format!("<p>Takes {}</p>", reference(body)));
    }
    for (status, answer) in members(operation.get("responses")) {
        let note = escape(answer.get("description").and_then(Value::as_str).unwrap_or_default());
        out.push_str(&format!("<p>Answers {status} {} {note}</p>", reference(answer)));
    }
}

fn schema_section(out: &mut String, name: &str, schema: &Value) {
    out.push_str(&format!("<h3 id=\"{0}\"><code>{0}</code></h3>", escape(name)));
    push_text(out, "p", schema.get("description"));
    out.push_str("<ul>");
    for (field, shape) in members(schema.get("properties")) {
        let note = escape(shape.get("description").and_then(Value::as_str).unwrap_or_default());
        out.push_str(&format!("<li><code>{}</code> {} {note}</li>", escape(field), type_of(shape)));
    }
    out.push_str("</ul>");
}

fn type_of(shape: &Value) -> String {
    match shape.get("type") {
        Some(Value::String(name)) => escape(name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).map(escape).collect::<Vec<_>>().join(" or ")
        }
        _ => reference(shape),
    }
}

/// The first schema that a part of the document points to, as a link.
fn reference(part: &Value) -> String {
    let text = part.to_string();
    let Some((_, rest)) = text.split_once("#/components/schemas/") else { return String::new() };
    let name = escape(rest.split('"').next().unwrap_or_default());
    format!("<a href=\"#{name}\"><code>{name}</code></a>")
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn push_text(out: &mut String, tag: &str, text: Option<&Value>) {
    if let Some(text) = text.and_then(Value::as_str) {
        out.push_str(&format!("<{tag}>{}</{tag}>", escape(text)));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
