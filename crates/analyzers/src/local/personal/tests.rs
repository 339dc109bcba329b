//! What is hidden, where, and that no finding tells it.

use super::*;

fn line(text: &str, top: f32) -> TextLine {
    let width = 10.0 * f32::from(u16::try_from(text.chars().count()).unwrap());
    let quad = [[0.0, top], [width, top], [width, top + 20.0], [0.0, top + 20.0]];
    TextLine { text: text.to_owned(), confidence: 0.97, quad, block: 0 }
}

fn page(texts: &[&str]) -> Vec<TextLine> {
    texts.iter().zip(0_u16..).map(|(text, row)| line(text, 40.0 * f32::from(row))).collect()
}

fn kinds(texts: &[&str]) -> Vec<String> {
    find(&page(texts), None).into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_card_over_two_lines_is_two_findings_with_one_value() {
    let findings = find(&page(&["Card 4111 1111", "1111 1111 exp 12/28"]), None);
    let cards: Vec<&Finding> = findings.iter().filter(|finding| finding.kind == "pii.card").collect();
    assert_eq!(cards.len(), 2);
    assert!(cards.iter().all(|card| card.value == "•••• •••• •••• 1111"));
    let first = &cards[0].region.as_ref().unwrap().points;
    assert!((40.0..56.0).contains(&first[0][0]) && first[1][0] > 135.0, "{first:?}");
}

#[test]
fn of_an_aadhaar_number_the_last_four_stay() {
    let lines = page(&["Government of India", "9999 4105 7058"]);
    let masked = masked(&lines, None, &MaskPolicy::default());
    assert_eq!(masked[1].text, "•••• •••• 7058");
    let findings = find(&lines, None);
    assert_eq!(findings.len(), 1);
    let region = &findings[0].region.as_ref().unwrap().points;
    assert!(region[1][0] < 102.0 && region[1][0] > 88.0, "{region:?}");
}

#[test]
fn a_number_that_fails_its_arithmetic_or_is_called_otherwise_stays() {
    for text in [
        "4111 1111 1111 1112",
        "9999 4105 7059",
        "UTR: 999941057058",
        "UPI Ref No 999941057058",
        "DE89 3704 0044 0532 0130 01",
        "Order 4111111111111111",
        "ticket 5152886840",
        "DNI 12345678A",
        "CPF 111.111.111-11",
        "BOOK SOLD BILL GOBI",
    ] {
        assert_eq!(kinds(&[text]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_policy_chooses() {
    let findings = find(&page(&["4111 1111 1111 1111", "jane@example.com"]), None);
    assert_eq!(regions(&findings, &MaskPolicy::default()).len(), 1);
    assert_eq!(regions(&findings, &MaskPolicy::strict()).len(), 2);
    let none = MaskPolicy { kinds: BTreeSet::new(), confidence_min: 0.0 };
    assert!(regions(&findings, &none).is_empty());
}

#[test]
fn masked_text_has_no_number_left_for_other_rules() {
    let lines = page(&["IBAN DE89 3704 0044 0532 0130 00"]);
    let hidden = masked(&lines, None, &MaskPolicy::default());
    assert_eq!(hidden[0].text, "IBAN •••• •••• •••• •••• •••• ••");
    assert!(crate::local::meaning::find(&hidden, None).is_empty());
}

#[test]
fn addresses_are_found_and_are_not_sure() {
    for text in [
        "Via Garibaldi 12, 20121 Milano",
        "Hauptstraße 5, 10115 Berlin",
        "221B Baker Street, London",
        "Calle Mayor 10, Madrid",
    ] {
        let findings = find(&page(&[text]), None);
        assert!(
            findings.iter().any(|finding| finding.kind == "pii.address" && finding.confidence < 0.7),
            "{text}: {findings:?}"
        );
    }
    assert!(kinds(&["Rua"]).is_empty());
}
