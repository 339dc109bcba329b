//! Zones, places and hostile text; the tables of rules are in `tests/meaning.rs`.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// ICAO 9303's own specimens: Utopia's documents.
const TD3: [&str; 2] =
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const TD1: [&str; 3] =
    ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
const TD2: [&str; 2] = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
const MRV_A: [&str; 2] =
    ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"];
const MRV_B: [&str; 2] = ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"];

fn lines(texts: &[&str]) -> Vec<TextLine> {
    let mut top = 0.0;
    texts
        .iter()
        .map(|text| {
            top += 50.0;
            let quad = [[10.0, top], [1010.0, top], [1010.0, top + 30.0], [10.0, top + 30.0]];
            TextLine { text: (*text).to_owned(), confidence: 0.97, quad, block: 0 }
        })
        .collect()
}

#[test]
fn a_bill_says_its_currency_once_for_the_row() {
    let row = |text: &str, left: f32, top: f32| TextLine {
        quad: [[left, top], [left + 200.0, top], [left + 200.0, top + 30.0], [left, top + 30.0]],
        ..lines(&[text]).remove(0)
    };
    let bill = [
        row("Grinder M40", 10.0, 0.0),
        row("129,00", 700.0, 2.0),
        row("TOTAL EUR:", 10.0, 60.0),
        row("1.153,30", 700.0, 58.0),
    ];
    let amounts: Vec<Finding> =
        find(&bill, None).into_iter().filter(|finding| finding.kind == "entity.amount").collect();
    assert_eq!(amounts.len(), 1, "{amounts:#?}");
    assert_eq!(amounts[0].value, json!({ "amount": "1153.30", "currency": "EUR" }));
    assert!(amounts[0].why.contains("TOTAL EUR"), "{}", amounts[0].why);
    // A sum that has its own currency is told once.
    let twice = [row("TOTAL EUR", 10.0, 0.0), row("€ 12,50", 700.0, 0.0)];
    assert_eq!(find(&twice, None).iter().filter(|finding| finding.kind == "entity.amount").count(), 1);
}

fn zone(texts: &[&str]) -> Option<Finding> {
    find(&lines(texts), None).into_iter().find(|finding| finding.kind == "mrz")
}

#[test]
fn the_specimens_of_the_standard_are_read() {
    for (format, texts) in [
        ("TD3", TD3.as_slice()),
        ("TD1", TD1.as_slice()),
        ("TD2", TD2.as_slice()),
        ("MRV-A", MRV_A.as_slice()),
        ("MRV-B", MRV_B.as_slice()),
    ] {
        let zone = zone(texts).unwrap_or_else(|| panic!("{format} is not found"));
        assert_eq!(zone.value["format"], format, "{}", zone.value);
        assert_eq!(zone.value["valid"], true, "{format}: {}", zone.value);
        assert_eq!(zone.value["surname"], "ERIKSSON");
        assert_eq!(zone.value["given_names"], "ANNA MARIA");
        assert_eq!(zone.value["sex"], "F");
    }
    let passport = zone(&TD3).unwrap();
    assert_eq!(passport.value["number"], "L898902C3");
    assert_eq!(passport.value["birth_date"], "1974-08-12");
    assert_eq!(passport.value["expiry_date"], "2012-04-15");
    assert_eq!(passport.value["nationality"], "UTO");
    assert_eq!(passport.confidence, 0.99);
    let region = passport.region.unwrap();
    assert_eq!(region.points, vec![[10.0, 50.0], [1010.0, 50.0], [1010.0, 130.0], [10.0, 130.0]]);
}

#[test]
fn a_readers_slips_are_mended_where_a_check_digit_agrees() {
    // O for 0 in the number and the dates, a lost filler, a space, small letters.
    for slipped in [
        "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10",
        "L898902C36UT07408122F12O4159ZE184226B<<<<<10",
        "L898902C36UTO74O8I22F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<10",
        "L898902C36 UTO7408122F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<<10",
    ] {
        let zone = zone(&[TD3[0], slipped]).unwrap_or_else(|| panic!("{slipped}"));
        assert_eq!(zone.value["number"], "L898902C3", "{slipped}");
        assert_eq!(zone.value["birth_date"], "1974-08-12", "{slipped}");
        assert_eq!(zone.value["nationality"], "UTO", "{slipped}");
        assert_eq!(zone.value["valid"], true, "{slipped}: {}", zone.value);
    }
}

#[test]
fn a_check_digit_that_does_not_hold_is_said() {
    // The last digit of the birth changed: its check and the composite fail, the others hold.
    let zone = zone(&[TD3[0], "L898902C36UTO7408132F1204159ZE184226B<<<<<10"]).unwrap();
    assert_eq!(zone.value["checks"]["birth_date"], false);
    assert_eq!(zone.value["checks"]["number"], true);
    assert_eq!(zone.value["checks"]["composite"], false);
    assert_eq!(zone.value["valid"], false);
    assert!(zone.confidence < 0.9);
    assert!(zone.why.contains("date of birth"), "{}", zone.why);
}

#[test]
fn ordinary_lines_are_no_zone() {
    assert!(
        zone(&[
            "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
            "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"
        ])
        .is_none()
    );
    assert!(
        zone(&[
            "PLEASE WAIT WHILE YOUR ORDER IS BEING LOADED",
            "DO NOT CLOSE THIS WINDOW OR PRESS THE BUTTON"
        ])
        .is_none()
    );
}

#[test]
fn a_finding_stands_where_its_characters_stand() {
    let findings = find(&lines(&["AAAA E03 S/N: 1234567890"]), None);
    let serial = findings.iter().find(|finding| finding.kind == "entity.serial").unwrap();
    let points = &serial.region.as_ref().unwrap().points;
    // Ten of twenty-four characters, at the end.
    assert!((540.0..660.0).contains(&points[0][0]), "{points:?}");
    assert!((1005.0..1011.0).contains(&points[1][0]), "{points:?}");
    assert_eq!((points[0][1], points[2][1]), (50.0, 80.0));
}

#[test]
fn an_ambiguous_date_says_so_and_is_less_sure() {
    let findings = find(&lines(&["03/04/2026", "13/04/2026"]), None);
    assert_eq!(findings[0].value, json!("2026-04-03"));
    assert!(findings[0].why.contains("2026-03-04"), "{}", findings[0].why);
    assert!(findings[0].confidence < 0.7 && findings[1].confidence > 0.85);
}

#[test]
fn a_page_of_numbers_is_bounded() {
    let line = "12/11/2026 €1,00 ".repeat(40);
    let texts = vec![line.as_str(); 3_000];
    assert!(find(&lines(&texts), None).len() <= FINDINGS_MAX + 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_anywhere_never_panics(
        texts in prop::collection::vec("(\\PC{0,40}|[A-Z0-9<]{28,46}|[0-9 .,/€$₹-]{0,40}|(Error|S/N|IBAN|Total|DOB):? ?\\PC{0,12})", 0..8),
        corners in prop::collection::vec(any::<f32>(), 8),
        confidence in any::<f32>(),
    ) {
        let mut quad = [[0.0; 2]; 4];
        for (place, value) in quad.iter_mut().flatten().zip(corners) {
            *place = value;
        }
        let lines: Vec<TextLine> = texts
            .into_iter()
            .map(|text| TextLine { text, confidence, quad, block: 0 })
            .collect();
        for finding in find(&lines, Some("en-US")) {
            prop_assert!((0.0..=1.0).contains(&finding.confidence));
        }
        crate::local::personal::find(&lines, None);
        crate::local::consistency::find(&lines, Some("it"), Some("2026-11-24"));
        crate::local::language::of(&lines);
        let masked = crate::local::personal::masked(&lines, None, &crate::local::personal::MaskPolicy::strict());
        for (before, after) in lines.iter().zip(&masked) {
            prop_assert_eq!(before.text.chars().count(), after.text.chars().count());
        }
    }
}
