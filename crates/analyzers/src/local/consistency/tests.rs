//! Documents that agree with themselves, that do not, and that cannot be understood.

use super::*;

fn page(text: &str, confidence: f32) -> Vec<TextLine> {
    let mut lines = Vec::new();
    for (line, row) in text.split('\n').zip(0_u16..) {
        for (part, column) in line.split('\t').zip(0_u16..) {
            let (left, top) = (400.0 * f32::from(column), 40.0 * f32::from(row));
            let quad = [[left, top], [left + 300.0, top], [left + 300.0, top + 25.0], [left, top + 25.0]];
            lines.push(TextLine { text: part.to_owned(), confidence, quad, block: u32::from(row) });
        }
    }
    lines
}

fn kinds(text: &str) -> Vec<String> {
    find(&page(text, 0.97), None, None).into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_total_that_nothing_makes_is_said() {
    for text in [
        "Pane\t2,50\nLatte\t1,60\nTotale\t5,10",
        "Coffee 3.50\nCake 4.00\nSubtotal 7.50\nTax 0.60\nTotal 9.10",
        "Artikel A 10,00 €\nArtikel B 5,00 €\nSumme 25,00 €",
    ] {
        assert_eq!(kinds(text), ["consistency.total"], "{text}");
    }
}

#[test]
fn a_total_that_some_reading_makes_is_not() {
    for text in [
        "Pane\t2,50\nLatte\t1,60\nTotale\t4,10",
        "Pane\t2,50\nLatte\t1,60\nTotale\t4,10\ndi cui IVA\t0,37\nContanti\t10,00\nResto\t5,90",
        "Coffee 3.50\nCake 4.00\nSubtotal 7.50\nTax 0.60\nTotal 8.10",
        "Shirt 20.00\nDiscount -5.00\nShipping 4.00\nTotal 19.00",
        "Item 1,000.00\nItem 500.00\nCGST 135.00\nSGST 135.00\nGrand Total 1,770.00",
        "Netto 100,00\nMwSt 19% 19,00\nGesamtbetrag 119,00",
    ] {
        assert_eq!(kinds(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_is_not_understood_or_not_read_well_is_not_judged() {
    assert!(kinds("2,50\n1,60\nTotale 9,99").is_empty(), "prices without goods");
    assert!(kinds("Pane 2,50\nTotale 9,99").is_empty(), "one row is cut off from others");
    assert!(
        kinds("Pane 2,50\nLatte 1,60\nContanti 10,00\nTotale 9,99").is_empty(),
        "payment between the goods"
    );
    assert!(kinds("Pane 2,50\nLatte 1,60\nTotale 4,20\nTotale 9,99").is_empty(), "two totals");
    let unsure = page("Pane\t2,50\nLatte\t1,60\nTotale\t5,10", 0.7);
    assert!(find(&unsure, None, None).is_empty());
}

#[test]
fn dates_that_contradict_each_other_are_said() {
    assert_eq!(kinds("Invoice date: 2026-05-20\nDue date: 2026-04-20"), ["consistency.dates"]);
    assert_eq!(kinds("Date of birth\t12 May 2021\nDate of issue\t12 May 2019"), ["consistency.dates"]);
    assert!(kinds("Invoice date: 2026-04-20\nDue date: 2026-05-20").is_empty());
    assert!(
        kinds("Invoice date: 05/04/2026\nDue date: 04/05/2026").is_empty(),
        "an ambiguous date is no witness"
    );
    assert!(kinds("Invoice date: 2026-05-20\nInvoice date: 2026-06-20\nDue date: 2026-04-20").is_empty());
}

#[test]
fn every_impossible_order_of_dates_is_said_in_every_language() {
    for (text, is_impossible) in [
        ("Date of issue: 2026-05-20\nValid until: 2025-05-20", true),
        ("Date of issue: 2025-05-20\nValid until: 2026-05-20", false),
        ("Data di rilascio: 20.05.2026\nData di scadenza: 20.05.2016", true),
        ("Data di nascita: 14.03.1985\nData di rilascio: 20.05.1975", true),
        ("Data di nascita: 14.03.1985\nData di rilascio: 20.05.2015", false),
        ("Fecha de nacimiento: 14 mar 1985\nFecha de caducidad: 20 may 1984", true),
        ("Date of birth: 1985-03-14\nPaid on: 1984-01-01", true),
        ("Order date: 2026-03-14\nDelivered on: 2026-03-10", true),
        ("Order date: 2026-03-10\nDelivered on: 2026-03-14", false),
        ("Data do pedido: 14/03/2026\nEntregue em: 02/28/2026", true),
        ("Date of purchase: 2026-03-14\nDue date: 2026-02-14", true),
        ("Bestelldatum: 14.03.2026\nGeliefert am: 28.02.2026", true),
        // Paid in advance, and paid late.
        ("Invoice date: 2026-05-20\nPaid on: 2026-05-18", false),
        ("Due date: 2026-05-20\nPaid on: 2026-06-18", false),
    ] {
        let expect: &[&str] = if is_impossible { &["consistency.dates"] } else { &[] };
        assert_eq!(kinds(text), expect, "{text}");
    }
}

#[test]
fn what_lies_after_the_day_it_came_is_said() {
    let on = |text: &str, today: Option<&str>| find(&page(text, 0.97), None, today);
    for (text, is_ahead) in [
        ("Payment date: 2026-11-25", true),
        ("Paid on: 25 Nov 2026", true),
        ("Paid on: 24 Nov 2026", false),
        ("Transaction date: 2027-01-02", true),
        ("भुगतान तिथि: 25 नवंबर 2026", true),
        ("Fecha del pago: 25 nov 2026", true),
        ("Data pagamento: 25 nov 2026", true),
        ("Data do pagamento: 25 nov 2026", true),
        ("Date of purchase: 2026-12-01", true),
        ("Invoice date: 2026-12-01", true),
        ("Date of birth: 2026-12-01", true),
        ("Delivered on: 2026-12-01", true),
        // These are about days to come.
        ("Due date: 2026-12-01", false),
        ("Valid until: 2036-12-01", false),
        ("Payment due: 2026-12-01", false),
        ("2026-12-01", false),
    ] {
        let found = on(text, Some("2026-11-24"));
        assert_eq!(found.iter().any(|f| f.kind == "consistency.dates"), is_ahead, "{text}: {found:?}");
        assert!(on(text, None).is_empty(), "nobody knows when it came: {text}");
    }
    let unsure = page("Paid on: 2027-01-02", 0.7);
    assert!(find(&unsure, None, Some("2026-11-24")).is_empty(), "read badly");
    let why = on("Paid on: 2027-01-02", Some("2026-11-24")).remove(0).why;
    assert!(why.contains("2027-01-02") && why.contains("2026-11-24"), "{why}");
}

#[test]
fn check_digits_that_fail_are_said_without_the_number() {
    let findings = find(&page("IBAN: DE89 3704 0044 0532 0130 01", 0.99), None, None);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].kind, "consistency.check_digit");
    assert!(!format!("{findings:?}").contains("3704"));
    assert!(kinds("IBAN: DE89 3704 0044 0532 0130 00").is_empty());
    let passport =
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408132F1204159ZE184226B<<<<<10";
    assert_eq!(kinds(passport), ["consistency.check_digit"]);
}
