//! Codes: was each one read, and was anything read that is not there?

use super::answer::Answer;
use super::manifest::Picture;

/// One code of one picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Code {
    pub kind: String,
    pub damage: String,
    pub found: bool,
}

/// Payloads decide; the type must agree as well.
pub fn found(picture: &Picture, answer: Option<&Answer>) -> Vec<Code> {
    let read = read(answer);
    let is_read = |kind: &str, payload: &str| {
        read.iter().any(|(found, text)| found == &same(kind) && text.trim() == payload.trim())
    };
    picture
        .codes
        .iter()
        .map(|code| Code {
            kind: code.kind.clone(),
            damage: code.damage.clone(),
            found: is_read(&code.kind, &code.payload),
        })
        .collect()
}

/// How many were read that nobody printed there.
pub fn invented(picture: &Picture, answer: Option<&Answer>) -> usize {
    let printed: Vec<&str> = picture.codes.iter().map(|code| code.payload.trim()).collect();
    read(answer).iter().filter(|(_, text)| !printed.contains(&text.trim())).count()
}

fn read(answer: Option<&Answer>) -> Vec<(String, String)> {
    let findings = answer.into_iter().flat_map(|answer| &answer.findings);
    findings
        .filter_map(|finding| {
            finding.kind.strip_prefix("code.").map(|kind| (same(kind), finding.text().replace('\u{1d}', "")))
        })
        .collect()
}

/// `qr_code`, `QRCode` and `qr` are one; so are `pdf417` and `pdf_417`.
fn same(kind: &str) -> String {
    let plain: String = kind.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    match plain.as_str() {
        "qrcode" => "qr".to_owned(),
        "i25" => "itf".to_owned(),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{answer, manifest::Picture};
    use super::{found, invented};

    #[test]
    fn a_code_is_found_when_type_and_payload_agree() {
        let picture: Picture = serde_json::from_value(serde_json::json!({
            "file": "pictures/a.jpg", "sha256": "", "width": 1, "height": 1, "set": "tune", "template": "t", "kind": "label",
            "language": "en", "quality": "sharp", "expect": "usable", "readable": true, "lines": [], "entities": [], "personal": [],
            "codes": [{"kind": "qr", "payload": "A", "damage": "clean"}, {"kind": "pdf_417", "payload": "B", "damage": "clean"},
                      {"kind": "ean_13", "payload": "4006381333931", "damage": "clean"}],
        }))
        .expect("a picture");
        let answers = answer::parse(
            r#"{"file":"a.jpg","findings":[{"kind":"code.QRCode","value":"A"},{"kind":"code.pdf417","value":{"text":"C"}},{"kind":"code.upc_a","value":"4006381333931"}]}"#,
        )
        .expect("an answer");
        let codes = found(&picture, answers.get("a.jpg"));
        assert_eq!(codes.iter().map(|code| code.found).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(invented(&picture, answers.get("a.jpg")), 1);
        assert!(found(&picture, None).iter().all(|code| !code.found));
    }
}
