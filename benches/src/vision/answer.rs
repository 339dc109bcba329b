//! What a reader says of a picture: the line of JSON of `sportello analyze --json`, which every alternative writes too.

use anyhow::{Context, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    pub file: PathBuf,
    pub verdict: Option<String>,
    pub reason: Option<String>,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub ms: BTreeMap<String, f64>,
    #[serde(default)]
    pub failed: BTreeMap<String, String>,
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Alternatives only: processor time of this picture, children included.
    pub cpu_ms: Option<f64>,
    pub error: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Finding {
    pub kind: String,
    pub value: Value,
    #[serde(default, deserialize_with = "points")]
    pub region: Vec<[f32; 2]>,
}

#[derive(Deserialize)]
struct Region {
    points: Vec<[f32; 2]>,
}

/// `{"points": […]}`, or nothing.
fn points<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<[f32; 2]>, D::Error> {
    Ok(Option::<Region>::deserialize(from)?.map(|region| region.points).unwrap_or_default())
}

impl Finding {
    /// As text, whatever shape the value has: of an object its first string under a usual name.
    pub fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Object(fields) => ["value", "text", "payload", "number", "amount", "kind"]
                .iter()
                .find_map(|name| fields.get(*name))
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .unwrap_or_default(),
            other => other.to_string(),
        }
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.value.get(name).and_then(Value::as_str)
    }
}

/// By the file's name.
pub fn parse(lines: &str) -> Result<HashMap<String, Answer>> {
    let mut answers = HashMap::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let answer: Answer =
            serde_json::from_str(line).with_context(|| format!("not an answer: {line:.200}"))?;
        let name = answer.file.file_name().map(|name| name.to_string_lossy().into_owned());
        answers.insert(name.unwrap_or_default(), answer);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_come_in_several_shapes() {
        let line = r#"{"file":"/a/b.jpg","sha256":"00","verdict":"usable","reason":null,"hint":null,"text":"E18","ms":{"text":12},
            "findings":[{"kind":"code.qr","value":{"text":"hi"},"confidence":1,"region":{"points":[[0,0],[1,0],[1,1]]},"why":"","analyzer":"a","version":"1"},
                        {"kind":"entity.amount","value":{"amount":"3.00","currency":"EUR"},"region":null},{"kind":"quality.blur","value":3.5}]}"#
            .replace('\n', "");
        let answers = parse(&line).expect("an answer");
        let answer = answers.get("b.jpg").expect("under the file's name");
        let texts: Vec<String> = answer.findings.iter().map(super::Finding::text).collect();
        assert_eq!(texts, ["hi", "3.00", "3.5"]);
        assert_eq!(answer.findings.iter().map(|finding| finding.region.len()).collect::<Vec<_>>(), [3, 0, 0]);
        assert!(parse("{\"text\":1}").is_err(), "a line without a file is no answer");
        assert!(parse(r#"{"file":"x.jpg","error":"not a picture"}"#).is_ok_and(|all| all.len() == 1));
    }
}
