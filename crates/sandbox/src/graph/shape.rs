//! Is this a message that Meta would take? The documented limits of every type, as errors that name the field.

use serde_json::{Map, Value};

use crate::error::GraphError;

type Check = Result<(), GraphError>;

pub const KINDS: [&str; 12] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
    "pin",
];

/// The type of a message whose body has the right shape.
pub fn check(map: &Map<String, Value>) -> Result<&str, GraphError> {
    let kind = map.get("type").and_then(Value::as_str).unwrap_or("text");
    if !KINDS.contains(&kind) {
        return Err(GraphError::parameter(format!(
            "Param type must be one of {{{}}} - got \"{kind}\".",
            KINDS.join(", ").to_uppercase()
        )));
    }
    let body =
        map.get(kind).ok_or_else(|| GraphError::parameter(format!("The parameter {kind} is required.")))?;
    if let Some(opaque) = map.get("biz_opaque_callback_data") {
        length(opaque, "", "biz_opaque_callback_data", 0..=512)?;
    }
    match kind {
        "text" => length(body, "/body", "text.body", 1..=4_096)?,
        "image" | "video" | "audio" | "document" | "sticker" => media(kind, body)?,
        "location" => location(body)?,
        "contacts" => contacts(body)?,
        "reaction" => {
            need(body, "/message_id", "reaction.message_id")?;
            need(body, "/emoji", "reaction.emoji")?;
        }
        "interactive" => interactive(body)?,
        _ => {}
    }
    Ok(kind)
}

fn media(kind: &str, body: &Value) -> Check {
    match (body.get("id"), body.get("link")) {
        (None, None) => return Err(missing(&format!("{kind}.id or {kind}.link"))),
        (None, Some(link)) => {
            let link = link.as_str().unwrap_or_default();
            if !link.starts_with("http://") && !link.starts_with("https://") {
                return Err(bad(&format!("{kind}.link is not an http(s) address")));
            }
        }
        (Some(_), _) => {}
    }
    if body.get("caption").is_some_and(|c| !c.is_null()) {
        if matches!(kind, "audio" | "sticker") {
            return Err(GraphError::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
        }
        length(body, "/caption", &format!("{kind}.caption"), 0..=1_024)?;
    }
    Ok(())
}

fn location(body: &Value) -> Check {
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let number = match body.get(key) {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => return Err(missing(&format!("location.{key}"))),
        };
        if !number.is_some_and(|n| n.abs() <= most) {
            return Err(bad(&format!("location.{key} is not between -{most} and {most}")));
        }
    }
    Ok(())
}

fn contacts(body: &Value) -> Check {
    let cards = body.as_array().filter(|c| !c.is_empty()).ok_or_else(|| missing("contacts"))?;
    if cards.len() > 257 {
        return Err(bad("contacts has more than 257 cards"));
    }
    cards.iter().try_for_each(|card| need(card, "/name/formatted_name", "contacts[].name.formatted_name"))
}

fn interactive(body: &Value) -> Check {
    let kind = body.get("type").and_then(Value::as_str).ok_or_else(|| missing("interactive.type"))?;
    header(body)?;
    if body.get("footer").is_some_and(|f| !f.is_null()) {
        length(body, "/footer/text", "interactive.footer.text", 1..=60)?;
    }
    if body.get("action").is_none() {
        return Err(missing("interactive.action"));
    }
    let body_max = if kind == "list" { 4_096 } else { 1_024 };
    if !matches!(kind, "product" | "catalog_message" | "call_permission_request") {
        length(body, "/body/text", "interactive.body.text", 1..=body_max)?;
    }
    match kind {
        "button" => buttons(body),
        "list" => rows(body),
        "cta_url" => {
            length(body, "/action/parameters/display_text", "action.parameters.display_text", 1..=20)?;
            length(body, "/action/parameters/url", "action.parameters.url", 1..=2_000)
        }
        "location_request_message" => need(body, "/action/name", "action.name"),
        "flow" => flow(body),
        "product"
        | "product_list"
        | "catalog_message"
        | "address_message"
        | "order_details"
        | "order_status"
        | "call_permission_request"
        | "voice_call"
        | "carousel" => Ok(()),
        other => Err(bad(&format!("interactive.type \"{other}\" is not known"))),
    }
}

fn header(body: &Value) -> Check {
    let Some(header) = body.get("header").filter(|h| !h.is_null()) else { return Ok(()) };
    match header.get("type").and_then(Value::as_str) {
        Some("text") => length(header, "/text", "interactive.header.text", 1..=60),
        Some(kind @ ("image" | "video" | "document")) => {
            media(kind, header.get(kind).ok_or_else(|| missing(&format!("interactive.header.{kind}")))?)
        }
        _ => Err(bad("interactive.header.type must be text, image, video or document")),
    }
}

fn buttons(body: &Value) -> Check {
    let buttons = some(body, "/action/buttons", "action.buttons", 3)?;
    for button in buttons {
        length(button, "/reply/title", "action.buttons[].reply.title", 1..=20)?;
        length(button, "/reply/id", "action.buttons[].reply.id", 1..=256)?;
    }
    unique(buttons.iter().filter_map(|b| b.pointer("/reply/id")), "action.buttons[].reply.id")?;
    unique(buttons.iter().filter_map(|b| b.pointer("/reply/title")), "action.buttons[].reply.title")
}

fn rows(body: &Value) -> Check {
    length(body, "/action/button", "action.button", 1..=20)?;
    let sections = some(body, "/action/sections", "action.sections", 10)?;
    let mut all: Vec<&Value> = Vec::new();
    for section in sections {
        if sections.len() > 1 {
            length(section, "/title", "action.sections[].title", 1..=24)?;
        }
        all.extend(some(section, "/rows", "action.sections[].rows", 10)?);
    }
    if all.len() > 10 {
        return Err(bad(&format!("Total row count exceed max allowed count: 10, got {}", all.len())));
    }
    for row in &all {
        length(row, "/id", "action.sections[].rows[].id", 1..=200)?;
        length(row, "/title", "action.sections[].rows[].title", 1..=24)?;
        if row.get("description").is_some_and(|d| !d.is_null()) {
            length(row, "/description", "action.sections[].rows[].description", 0..=72)?;
        }
    }
    unique(all.iter().filter_map(|r| r.get("id")), "action.sections[].rows[].id")
}

fn flow(body: &Value) -> Check {
    let has = |key: &str| body.pointer(&format!("/action/parameters/{key}")).is_some_and(|v| !v.is_null());
    if !has("flow_id") && !has("flow_name") {
        return Err(missing("action.parameters.flow_id or flow_name"));
    }
    length(body, "/action/parameters/flow_cta", "action.parameters.flow_cta", 1..=30)?;
    need(body, "/action/parameters/flow_message_version", "action.parameters.flow_message_version")
}

fn some<'a>(value: &'a Value, pointer: &str, name: &str, most: usize) -> Result<&'a Vec<Value>, GraphError> {
    let list = value.pointer(pointer).and_then(Value::as_array).ok_or_else(|| missing(name))?;
    if list.is_empty() || list.len() > most {
        return Err(bad(&format!("{name}: between 1 and {most} are allowed, got {}", list.len())));
    }
    Ok(list)
}

fn unique<'a>(values: impl Iterator<Item = &'a Value>, name: &str) -> Check {
    let mut seen: Vec<&Value> = Vec::new();
    for value in values {
        if seen.contains(&value) {
            return Err(bad(&format!("Duplicated {name}: {value}")));
        }
        seen.push(value);
    }
    Ok(())
}

fn need(value: &Value, pointer: &str, name: &str) -> Check {
    let there = value.pointer(pointer).is_some_and(|v| !v.is_null());
    if there { Ok(()) } else { Err(missing(name)) }
}

fn length(value: &Value, pointer: &str, name: &str, range: std::ops::RangeInclusive<usize>) -> Check {
    let Some(text) = value.pointer(pointer).and_then(Value::as_str) else { return Err(missing(name)) };
    let count = text.chars().count();
    if range.contains(&count) {
        return Ok(());
    }
    Err(bad(&format!("{name} must have {} to {} characters, got {count}", range.start(), range.end())))
}

fn missing(name: &str) -> GraphError {
    GraphError::new(131_008, format!("The parameter {name} is required"))
}

fn bad(details: &str) -> GraphError {
    GraphError::new(131_009, details)
}
