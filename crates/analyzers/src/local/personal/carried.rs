//! Personal data that other findings carry: in a code's content, in the fields of a machine-readable zone.

use model::finding::Finding;
use serde_json::Value;

use super::{ANALYZER, MaskPolicy, VERSION, find};
use crate::local::TextLine;

/// An Aadhaar card's secure code: a decimal number of this many digits or more.
const AADHAAR_DIGITS_MIN: usize = 1_000;
/// What of a zone says nothing of a person.
const ZONE_KEYS: [&str; 7] =
    ["format", "document_type", "issuing_country", "expiry_date", "checks", "valid", "corrected_characters"];

/// What is personal in a finding, each where the finding is. What the policy hides is taken out of the finding itself.
pub fn carried(finding: &mut Finding, policy: &MaskPolicy) -> Vec<Finding> {
    if finding.kind == "mrz" && policy.hides("pii.mrz", finding.confidence) {
        if let Value::Object(fields) = &mut finding.value {
            fields.retain(|key, _| ZONE_KEYS.contains(&key.as_str()));
        }
        return Vec::new();
    }
    let Some(text) = finding.value.as_str().filter(|_| finding.kind.starts_with("code.")) else {
        return Vec::new();
    };
    if is_aadhaar(text) {
        let why = "the code of an Aadhaar card or letter, which holds name, number and address";
        let found = said(finding, "pii.aadhaar", Value::from("••••"), 0.95, why.to_owned());
        if policy.hides(&found.kind, found.confidence) {
            finding.value = Value::from("••••");
        }
        return vec![found];
    }
    let (key, shown) = match secret(text) {
        Some((shown, why)) => {
            let key = said(finding, "pii.secret", Value::from("••••"), 0.95, why.to_owned());
            (Some(key), shown)
        }
        None => (None, text.to_owned()),
    };
    // A network may bear a number as its name.
    let line = TextLine { text: shown.clone(), confidence: 1.0, quad: [[0.0; 2]; 4], block: 0 };
    let inside = find(&[line], None).into_iter();
    let mut found: Vec<Finding> =
        inside.map(|hit| said(finding, &hit.kind, hit.value, hit.confidence, hit.why)).collect();
    found.dedup_by(|a, b| a.kind == b.kind && a.value == b.value);
    if found.iter().any(|hit| policy.hides(&hit.kind, hit.confidence)) {
        finding.value = Value::from("••••");
    } else if key.as_ref().is_some_and(|key| policy.hides(&key.kind, key.confidence)) {
        finding.value = Value::from(shown);
    }
    key.into_iter().chain(found).collect()
}

/// What may be shown of a code that lets somebody in, and why the rest may not.
fn secret(text: &str) -> Option<(String, &'static str)> {
    let begins =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if begins(SCHEME) {
        let shown = without_password(text);
        return (shown != text).then_some((shown, "the password of a Wi-Fi network"));
    }
    begins("otpauth://").then(|| ("otpauth://…".to_owned(), "a second factor's secret key"))
}

const SCHEME: &str = "wifi:";

/// `WIFI:S:name;T:WPA;P:secret;;`; a semicolon of a value is written `\;`.
fn without_password(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut fields = vec![String::new()];
    let mut is_escaped = false;
    for c in text.chars() {
        if c == ';' && !is_escaped {
            fields.push(String::new());
            continue;
        }
        is_escaped = c == '\\' && !is_escaped;
        if let Some(field) = fields.last_mut() {
            field.push(c);
        }
    }
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            masked.push(';');
        }
        let name = if index == 0 { field.get(SCHEME.len()..).unwrap_or_default() } else { field };
        if name.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("P:")) {
            masked.push_str(field.get(..field.len() - name.len() + 2).unwrap_or_default());
            masked.push('•');
        } else {
            masked.push_str(field);
        }
    }
    masked
}

fn is_aadhaar(text: &str) -> bool {
    let is_secure = text.len() >= AADHAAR_DIGITS_MIN && text.bytes().all(|byte| byte.is_ascii_digit());
    is_secure || text.contains("PrintLetterBarcodeData")
}

fn said(code: &Finding, kind: &str, value: Value, confidence: f32, why: String) -> Finding {
    Finding {
        kind: kind.to_owned(),
        value,
        confidence,
        region: code.region.clone(),
        why: format!("in the code: {why}"),
        analyzer: ANALYZER.to_owned(),
        version: VERSION.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::finding::Region;
    use serde_json::json;

    use super::*;

    fn finding(kind: &str, value: Value) -> Finding {
        let corners = vec![[10.0, 10.0], [90.0, 10.0], [90.0, 90.0], [10.0, 90.0]];
        Finding {
            kind: kind.to_owned(),
            value,
            confidence: 0.99,
            region: Some(Region { page: None, points: corners }),
            why: String::new(),
            analyzer: "local.codes".to_owned(),
            version: "1".to_owned(),
        }
    }

    #[test]
    fn a_code_with_a_secret_is_hidden_and_hides_itself() {
        let secure = "1".repeat(1_200);
        let letter = r#"<?xml version="1.0"?><PrintLetterBarcodeData uid="x"/>"#;
        for (content, kind) in [
            (secure.as_str(), "pii.aadhaar"),
            (letter, "pii.aadhaar"),
            ("card 4111 1111 1111 1111", "pii.card"),
        ] {
            let mut code = finding("code.qr", content.into());
            let found = carried(&mut code, &MaskPolicy::default());
            assert_eq!(found.len(), 1, "{content}");
            assert_eq!((found[0].kind.as_str(), &found[0].region), (kind, &code.region));
            assert_eq!(code.value, "••••", "{content}");
        }
    }

    #[test]
    fn a_key_stays_in_the_code() {
        for (content, shown) in [
            ("WIFI:S:Caff\\;e;T:WPA;P:geheim\\;1;H:true;;", "WIFI:S:Caff\\;e;T:WPA;P:•;H:true;;"),
            ("wifi:P:geheim;S:x;;", "wifi:P:•;S:x;;"),
            ("otpauth://totp/x?secret=GEZDGNBV", "otpauth://…"),
        ] {
            let mut code = finding("code.qr", content.into());
            let found = carried(&mut code, &MaskPolicy::default());
            assert_eq!(
                found.iter().map(|hit| hit.kind.as_str()).collect::<Vec<_>>(),
                ["pii.secret"],
                "{content}"
            );
            assert_eq!(code.value, shown);
        }
        let mut open = finding("code.qr", "WIFI:S:Guests;T:nopass;;".into());
        assert_eq!(carried(&mut open, &MaskPolicy::default()), Vec::new());
    }

    #[test]
    fn a_number_behind_much_else_or_in_a_networks_name_is_hidden() {
        let long = format!("{} 4111 1111 1111 1111", "note ".repeat(300));
        for content in [long.as_str(), "WIFI:S:4111 1111 1111 1111;T:WPA;P:geheim;;"] {
            let mut code = finding("code.qr", content.into());
            let found = carried(&mut code, &MaskPolicy::default());
            assert!(found.iter().any(|hit| hit.kind == "pii.card"), "{found:?}");
            assert_eq!(code.value, "••••");
        }
    }

    #[test]
    fn what_nobody_hides_stays_readable() {
        let mut link = finding("code.qr", "https://example.org/r/1".into());
        assert_eq!(carried(&mut link, &MaskPolicy::default()), Vec::new());
        assert_eq!(link.value, "https://example.org/r/1");
        let nothing = MaskPolicy { kinds: [].into(), ..MaskPolicy::default() };
        let mut code = finding("code.qr", "card 4111 1111 1111 1111".into());
        assert_eq!(carried(&mut code, &nothing).len(), 1);
        assert_eq!(code.value, "card 4111 1111 1111 1111");
    }

    #[test]
    fn a_zone_keeps_what_is_no_person() {
        let value = json!({ "format": "TD3", "number": "L898902C3", "surname": "ERIKSSON", "valid": true });
        let mut zone = finding("mrz", value);
        carried(&mut zone, &MaskPolicy::default());
        assert_eq!(zone.value, json!({ "format": "TD3", "valid": true }));
    }
}
