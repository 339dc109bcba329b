//! Meaning: which error codes, amounts and dates were found, which were invented; and what kind of picture it is.

use super::answer::{Answer, Finding};
use super::manifest::{Entity, Picture};

/// One kind in one picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Count {
    pub kind: String,
    pub wanted: usize,
    pub found: usize,
    /// Found by the rules though the picture does not hold it.
    pub invented: usize,
}

/// Kinds that the set marks everywhere, so that a finding without its mark is an invention.
const KINDS: [&str; 13] = [
    "error_code",
    "serial",
    "model",
    "order_number",
    "tracking_number",
    "amount",
    "date",
    "transaction",
    "version",
    "url",
    "email",
    "phone",
    "mrz",
];

pub fn count(picture: &Picture, answer: Option<&Answer>) -> Vec<Count> {
    let findings: Vec<(String, &Finding)> = answer
        .into_iter()
        .flat_map(|answer| &answer.findings)
        .filter_map(|finding| kind(&finding.kind).map(|kind| (kind, finding)))
        .collect();
    KINDS
        .iter()
        .map(|kind| {
            let wanted: Vec<&Entity> =
                picture.entities.iter().filter(|entity| same_kind(&entity.kind) == *kind).collect();
            let mine: Vec<&Finding> =
                findings.iter().filter(|(found, _)| found == kind).map(|(_, finding)| *finding).collect();
            Count {
                kind: (*kind).to_owned(),
                wanted: wanted.len(),
                found: wanted.iter().filter(|entity| mine.iter().any(|found| agrees(entity, found))).count(),
                invented: mine
                    .iter()
                    .filter(|found| !wanted.iter().any(|entity| agrees(entity, found)))
                    .count(),
            }
        })
        .filter(|count| count.wanted + count.invented > 0)
        .collect()
}

/// What the picture was taken for; `None` without a finding.
pub fn picture_kind(answer: Option<&Answer>) -> Option<String> {
    let finding = answer?.findings.iter().find(|finding| finding.kind == "picture.kind")?;
    Some(finding.text())
}

fn kind(finding: &str) -> Option<String> {
    if finding == "mrz" || finding.starts_with("mrz.") {
        return Some("mrz".to_owned());
    }
    finding.strip_prefix("entity.").map(same_kind)
}

/// The set is coarser than the rules: versions are versions, references of payments are transactions.
fn same_kind(kind: &str) -> String {
    match kind {
        "app_version" | "os_version" | "firmware_version" | "software_version" => "version",
        "iban" | "upi_ref" | "utr" => "transaction",
        "serial_number" => "serial",
        "model_number" => "model",
        "order" => "order_number",
        "tracking" => "tracking_number",
        other => other,
    }
    .to_owned()
}

fn agrees(entity: &Entity, finding: &Finding) -> bool {
    let said = finding.text();
    match same_kind(&entity.kind).as_str() {
        "amount" => {
            let currency = finding.field("currency");
            number(&said) == number(&entity.value)
                && (currency.is_none() || entity.currency.as_deref() == currency)
        }
        "mrz" => {
            // Fields were read out of it: the document's number stands for the whole.
            let number = ["number", "document_number"].iter().find_map(|name| finding.field(name));
            plain(&entity.value).contains(&plain(number.unwrap_or(&said)))
        }
        _ => plain(&said) == plain(&entity.value),
    }
}

/// Letters and digits only, upper case; leading zeros of dates stay.
fn plain(text: &str) -> String {
    text.trim_start_matches("https://")
        .trim_start_matches("http://")
        .chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

fn number(text: &str) -> Option<i64> {
    let clean: String = text.chars().filter(|char| char.is_ascii_digit() || *char == '.').collect();
    let (whole, cents) = clean.split_once('.').unwrap_or((&clean, ""));
    let cents: String = format!("{cents}00").chars().take(2).collect();
    format!("{whole}{cents}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::{answer, manifest::Picture};
    use super::{count, number, picture_kind};

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let picture: Picture = serde_json::from_value(serde_json::json!({
            "file": "a.jpg", "sha256": "", "width": 1, "height": 1, "set": "tune", "template": "t", "kind": "receipt", "language": "en",
            "quality": "sharp", "expect": "usable", "readable": true, "lines": [], "codes": [], "personal": [],
            "entities": [{"kind": "amount", "value": "1249.00", "currency": "INR"}, {"kind": "iban", "value": "IT60 X054"},
                         {"kind": "version", "value": "8.14.2"}, {"kind": "error_code", "value": "E18"}],
        }))
        .expect("a picture");
        let answers = answer::parse(concat!(
            r#"{"file":"a.jpg","findings":[{"kind":"entity.amount","value":{"amount":"1249","currency":"INR"}},"#,
            r#"{"kind":"entity.amount","value":{"amount":"1249","currency":"EUR"}},{"kind":"entity.transaction","value":"IT60X054"},"#,
            r#"{"kind":"entity.app_version","value":"8.14.2"},{"kind":"entity.mac","value":"00"},{"kind":"picture.kind","value":"receipt"}]}"#
        ))
        .expect("an answer");
        let counts = count(&picture, answers.get("a.jpg"));
        let table: Vec<_> = counts.iter().map(|c| (c.kind.as_str(), c.wanted, c.found, c.invented)).collect();
        assert_eq!(
            table,
            [("error_code", 1, 0, 0), ("amount", 1, 1, 1), ("transaction", 1, 1, 0), ("version", 1, 1, 0)]
        );
        assert_eq!(picture_kind(answers.get("a.jpg")).as_deref(), Some("receipt"));
        assert_eq!(
            (number("₹1249.5"), number("1249.50"), number("none")),
            (Some(124_950), Some(124_950), Some(0))
        );
    }
}
