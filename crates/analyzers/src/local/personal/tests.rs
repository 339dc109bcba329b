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
fn a_telephone_number_that_would_pass_as_aadhaar_is_one() {
    assert_eq!(kinds(&["Aadhaar card of Asha", "call +91 99999 00125"]), ["pii.phone"]);
    assert_eq!(kinds(&["Aadhaar card of Asha", "91 9999 9001 25"]), ["pii.aadhaar"]);
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

#[test]
fn an_address_is_hidden_from_its_street_to_its_town() {
    for (lines, hidden) in [
        (&["Va bene. Via Garibaldi 27, 10122 Torino"][..], 1),
        (&["Pode ser. Rua das Flores 112, 4050-262"], 1),
        (&["14 Elm Street", "Springfield SP1 4QX"], 2),
        (&["24 MG Road, Indiranagar, Bengaluru", "560038"], 2),
        (&["Calle Mayor 8, 3º B", "28013 Madrid"], 2),
        (&["Hauptstraße 5", "Bitte klingeln"], 1),
        (&["Via Roma 12", "Total 25.30"], 1),
    ] {
        let shown = masked(&page(lines), None, &MaskPolicy::strict());
        let black = shown.iter().filter(|line| line.text.contains('•')).count();
        assert_eq!(black, hidden, "{shown:?}");
        let readable = ["Garibaldi", "Flores", "Elm", "Springfield", "MG Road", "560038", "Mayor", "Madrid"];
        assert!(!readable.iter().any(|part| shown.iter().any(|l| l.text.contains(part))), "{shown:?}");
    }
}

/// A paragraph of a document and the content of a code are one line each, however long.
#[test]
fn a_number_is_hidden_wherever_it_stands_in_a_long_line() {
    let numbers = ["4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "9999 4105 7058"];
    for number in numbers {
        let start: String = number.chars().take(9).collect();
        for before in (0..1_400).step_by(23) {
            let text = format!("{} {number} {}", "so it goes on. ".repeat(before / 15), "and on ".repeat(90));
            let lines = [line(&text, 0.0)];
            let shown = masked(&lines, None, &MaskPolicy::default());
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0].text.chars().count(), text.chars().count());
            assert!(!shown[0].text.contains(&start), "{number} after {before}: {}", shown[0].text);
            assert!(shown[0].text.ends_with("and on "));
            let findings = find(&lines, None);
            assert!(!findings.is_empty(), "{number} after {before}");
        }
    }
}

#[test]
fn a_long_line_has_its_number_painted_where_it_stands() {
    let mut long = line(&format!("{} 4111 1111 1111 1111", "a ".repeat(590)), 0.0);
    long.quad = [[0.0, 0.0], [12_000.0, 0.0], [12_000.0, 10.0], [0.0, 10.0]];
    let findings = find(&[long], None);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let region = &findings[0].region.as_ref().unwrap().points;
    assert!(region[0][0] > 11_000.0 && region[1][0] > 11_950.0, "{region:?}");
}

#[test]
fn a_list_of_any_length_is_hidden_to_its_end() {
    let texts: Vec<String> = (0..1_500).map(|row| format!("{row}: ABCPE{:04}F", row)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let shown = masked(&page(&texts), None, &MaskPolicy::strict());
    assert_eq!(shown.len(), texts.len());
    assert!(!shown[1_499].text.contains("1499F"), "{}", shown[1_499].text);
}

#[test]
fn what_lies_beyond_the_limit_is_not_shown() {
    let shown = masked(&page(&["nothing"; 2_100]), None, &MaskPolicy::default());
    assert_eq!(shown.len(), 2_000);
}

#[test]
fn the_number_of_a_paper_is_hidden_where_it_is_printed_for_people() {
    let lines = page(&[
        "Passport No.",
        "UTOPIA",
        "L8989O2C3",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ]);
    let masked = masked(&lines, None, &MaskPolicy::default());
    assert_eq!((masked[1].text.as_str(), masked[2].text.as_str()), ("UTOPIA", "•••••••••"));
    let kinds: Vec<String> = find(&lines, None).into_iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, ["pii.passport", "pii.mrz", "pii.mrz"]);
}
