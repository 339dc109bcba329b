//! Other systems that a flow may ask: connectors by HTTP, and a ledger of payments in a file.
//!
//! A flow names a connector, never an address: where it goes is the configuration's to say.

use std::{collections::BTreeMap, path::Path, time::Duration};

use flows::engine::Outcome;
use reqwest::{Client, StatusCode, redirect::Policy};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::{app::USER_AGENT, config::Connector};

const TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const FACTS_MAX: usize = 20;
const FACT_CHARS_MAX: usize = 500;
const LEDGER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Posts what the flow passes on as a JSON object. A 200 with a JSON object is found, a 404 is missing.
pub async fn ask(connector: &Connector, with: &BTreeMap<String, String>) -> Outcome {
    match answer(connector, with).await {
        Ok(Some(facts)) => Outcome::Found(facts),
        Ok(None) => Outcome::Missing,
        Err(why) => {
            tracing::warn!(host = connector.url.host_str(), why, "a connector of a flow failed");
            Outcome::Failed
        }
    }
}

async fn answer(
    connector: &Connector,
    with: &BTreeMap<String, String>,
) -> Result<Option<BTreeMap<String, String>>, String> {
    let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).user_agent(USER_AGENT);
    let client = client.build().map_err(|e| e.to_string())?;
    let mut request = client.post(connector.url.clone()).json(with);
    if let Some(token) = connector.token.as_ref().map(SecretString::expose_secret) {
        request = request.bearer_auth(token);
    }
    // Its text may name the address with what was asked.
    let mut response = request.send().await.map_err(|e| e.without_url().to_string())?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Ok(None),
        status => return Err(format!("it answered {status}")),
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|e| e.without_url().to_string())? {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(format!("its answer has more than {ANSWER_BYTES_MAX} bytes"));
        }
    }
    let object: BTreeMap<String, Value> =
        serde_json::from_slice(&body).map_err(|_| "its answer is no JSON object".to_owned())?;
    Ok(Some(facts(object)))
}

/// The plain members; whatever has parts of its own is left out.
fn facts(object: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let plain = object.into_iter().filter_map(|(key, value)| {
        let text = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        Some((key, text.chars().take(FACT_CHARS_MAX).collect()))
    });
    plain.take(FACTS_MAX).collect()
}

/// A line of the ledger.
#[derive(Debug, Deserialize)]
struct Payment {
    reference: String,
    amount: String,
    currency: String,
    /// `2026-11-20`.
    date: String,
    status: String,
    #[serde(default)]
    refunded: Option<String>,
    #[serde(default)]
    method: Option<String>,
    /// Digits; a payment with a number is told to that customer only.
    #[serde(default)]
    phone: Option<String>,
}

/// Looks a payment up in a file with a JSON object a line: by its reference, or by amount and date together.
pub fn payment(ledger: &Path, with: &BTreeMap<String, String>, phones: &[String]) -> Outcome {
    let size = std::fs::metadata(ledger).map(|meta| meta.len());
    let text = match size {
        Ok(size) if size <= LEDGER_BYTES_MAX => std::fs::read_to_string(ledger),
        Ok(_) => Err(std::io::Error::other("it is too large")),
        Err(error) => Err(error),
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            tracing::warn!(%error, "the ledger of payments cannot be read");
            return Outcome::Failed;
        }
    };
    let payments = text.lines().filter_map(|line| serde_json::from_str::<Payment>(line).ok());
    let theirs = |payment: &Payment| payment.phone.as_ref().is_none_or(|phone| phones.contains(phone));
    let found = payments.into_iter().find(|payment| theirs(payment) && is_meant(payment, with));
    found.map_or(Outcome::Missing, |payment| Outcome::Found(told(payment)))
}

fn is_meant(payment: &Payment, with: &BTreeMap<String, String>) -> bool {
    let given = |key: &str| with.get(key).map(|text| letters(text)).filter(|text| !text.is_empty());
    if let Some(reference) = given("reference") {
        return reference == letters(&payment.reference);
    }
    let cents = |text: &str| text.replace(',', ".").parse::<f64>().ok().map(|sum| (sum * 100.0).round());
    let same_sum =
        with.get("amount").and_then(|sum| cents(sum)).is_some_and(|sum| Some(sum) == cents(&payment.amount));
    same_sum && with.get("date").is_some_and(|date| date.starts_with(&payment.date))
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn told(payment: Payment) -> BTreeMap<String, String> {
    let facts = [
        ("reference", Some(payment.reference)),
        ("amount", Some(payment.amount)),
        ("currency", Some(payment.currency)),
        ("date", Some(payment.date)),
        ("status", Some(payment.status)),
        ("refunded", payment.refunded),
        ("method", payment.method),
    ];
    facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_told_to_its_customer_only() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join("payments.jsonl");
        let line = r#"{"reference":"pay_29QQ","amount":"49.90","currency":"EUR","date":"2026-11-20","status":"captured","phone":"393331112223"}"#;
        std::fs::write(&ledger, format!("not a payment\n{line}\n")).unwrap();
        let with = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let zoe = ["393331112223".to_owned()];
        for (asked, phones, is_found) in [
            (with(&[("reference", "PAY 29qq")]), &zoe[..], true),
            (with(&[("reference", "pay_30")]), &zoe, false),
            (with(&[("reference", ""), ("amount", "49,90"), ("date", "2026-11-20")]), &zoe, true),
            (with(&[("amount", "49.90"), ("date", "2026-11-21")]), &zoe, false),
            (with(&[("amount", "49.90")]), &zoe, false),
            (with(&[("reference", "pay_29QQ")]), &[], false),
        ] {
            let outcome = payment(&ledger, &asked, phones);
            assert_eq!(matches!(outcome, Outcome::Found(_)), is_found, "{asked:?}: {outcome:?}");
        }
        assert_eq!(payment(&dir.path().join("none"), &with(&[]), &zoe), Outcome::Failed);
    }

    #[test]
    fn of_an_answer_the_plain_members_are_kept() {
        let object =
            serde_json::from_str(r#"{"state":"sent","parcels":2,"is_late":true,"lines":[1],"who":null}"#);
        let told = facts(object.unwrap());
        let expect = [("is_late", "true"), ("parcels", "2"), ("state", "sent")];
        assert_eq!(told, expect.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
}
