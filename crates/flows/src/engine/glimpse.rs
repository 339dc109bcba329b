//! What a run remembers of a finding: a kind and a value in a few words. The evidence is stored elsewhere.
//!
//! Of an identity paper only those parts are kept that the flow names.

use model::finding::Finding;
use serde_json::{Map, Value};

use super::{
    decide,
    event::Judged,
    run::{FINDINGS_MAX, Glimpse, clip},
};
use crate::format::Flow;

const VALUE_CHARS_MAX: usize = 120;

/// The findings that this flow asks about come first, then what a person wants to read in the summary.
pub(super) fn worth_keeping(flow: &Flow, judged: &Judged) -> Vec<Glimpse> {
    let mut kept: Vec<(bool, Glimpse)> = Vec::new();
    for finding in &judged.findings {
        let is_asked = decide::mentions(flow, &finding.kind);
        if is_asked || finding.kind.starts_with("entity.") || finding.kind.starts_with("code.") {
            kept.push((is_asked, whole(finding)));
        }
        let parts = parts(finding).filter(|part| decide::names(flow, &part.kind));
        kept.extend(parts.map(|part| (true, part)));
    }
    kept.sort_by_key(|(is_asked, _)| !is_asked);
    kept.into_iter().take(FINDINGS_MAX).map(|(_, glimpse)| glimpse).collect()
}

fn whole(finding: &Finding) -> Glimpse {
    let value = match &finding.value {
        Value::Object(parts) if finding.kind == "mrz" => text(parts, "format").unwrap_or_default().to_owned(),
        Value::Object(parts) => in_words(parts),
        other => scalar(other).unwrap_or_else(|| other.to_string()),
    };
    Glimpse {
        kind: clip(&finding.kind, 40),
        value: clip(&value, VALUE_CHARS_MAX),
        confidence: finding.confidence,
    }
}

/// `49.90 EUR`, `ticket #1042, another contact`, `make Canon, model R5`.
fn in_words(parts: &Map<String, Value>) -> String {
    if let Some(value) = text(parts, "value").or_else(|| text(parts, "text")) {
        return value.to_owned();
    }
    if let (Some(amount), Some(currency)) = (text(parts, "amount"), text(parts, "currency")) {
        return format!("{amount} {currency}");
    }
    if let Some(is_same) = parts.get("is_same_contact").and_then(Value::as_bool) {
        let whose = if is_same { "same contact" } else { "another contact" };
        return match parts.get("ticket_number").and_then(Value::as_i64) {
            Some(number) => format!("ticket #{number}, {whose}"),
            None => whose.to_owned(),
        };
    }
    let each =
        parts.iter().filter_map(|(key, value)| Some(format!("{} {}", key.replace('_', " "), scalar(value)?)));
    each.collect::<Vec<_>>().join(", ")
}

/// The parts of a finding that is more than one value: `expiry_date` of `mrz` is a `mrz.expiry_date`.
fn parts(finding: &Finding) -> impl Iterator<Item = Glimpse> {
    finding.value.as_object().into_iter().flatten().filter_map(|(key, value)| {
        let value = clip(&scalar(value)?, VALUE_CHARS_MAX);
        Some(Glimpse { kind: format!("{}.{key}", finding.kind), value, confidence: finding.confidence })
    })
}

fn text<'v>(parts: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    parts.get(key).and_then(Value::as_str)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
