//! Published specimen and test numbers, and each of them with one digit changed.

use proptest::prelude::*;

use super::*;

type Check = fn(&str) -> bool;

const KNOWN: [(&str, Check, &[&str]); 17] = [
    (
        "luhn",
        luhn,
        &["4111111111111111", "5555555555554444", "378282246310005", "490154203237518", "79927398713"],
    ),
    ("verhoeff", verhoeff, &["2363", "999941057058", "999971658847"]),
    ("mod97", mod97, &["GB82WEST12345698765432", "DE89370400440532013000", "IT60X0542811101000000123456"]),
    ("upu_s10", upu_s10, &["RR473124829IN", "RA123456785IT"]),
    ("ups", ups, &["1Z999AA10123456784", "1Z12345E6605272234"]),
    ("fedex", fedex, &["986578788855", "477179081230"]),
    ("gs1", gs1, &["4006381333931", "9400111899223197428497", "00340434161094042557"]),
    ("dhl_express", dhl_express, &["3318810025"]),
    ("codice_fiscale", codice_fiscale, &["RSSMRA85T10A562S", "MRTMTT91D08F205J"]),
    ("dni", dni, &["12345678Z", "X1234567L"]),
    ("cpf", cpf, &["12345678909", "52998224725"]),
    ("cnpj", cnpj, &["11222333000181", "12ABC34501DE35"]),
    ("nif", nif, &["123456789", "501964843"]),
    ("steuer_id", steuer_id, &["86095742719", "47036892816"]),
    ("ssn", ssn, &["078051120"]),
    ("pan", pan, &["AAAPL1234C", "ABCPE1234F"]),
    ("german_document", german_document, &["L01X00T471"]),
];

#[test]
fn known_numbers_agree() {
    for (name, check, numbers) in KNOWN {
        for number in numbers {
            assert!(check(number), "{name} {number}");
        }
    }
}

#[test]
fn one_changed_digit_is_noticed() {
    for (name, check, numbers) in KNOWN {
        // These have a form and no check digit, or a modulus that takes two remainders for one.
        if ["ssn", "pan", "dhl_express", "fedex", "upu_s10", "cpf"].contains(&name) {
            continue;
        }
        for number in numbers {
            for place in 0..number.len() {
                let mut changed: Vec<char> = number.chars().collect();
                let Some(digit) = changed[place].to_digit(10) else { continue };
                changed[place] = char::from_digit((digit + 1) % 10, 10).unwrap();
                let changed: String = changed.into_iter().collect();
                // A country's length rules the two letters and the prefix out elsewhere.
                if !(name == "ups" && place < 2) {
                    assert!(!check(&changed), "{name} {number} -> {changed}");
                }
            }
        }
    }
}

#[test]
fn neighbours_swapped_are_noticed_by_verhoeff() {
    assert!(verhoeff("999941057058"));
    assert!(!verhoeff("999914057058"));
    assert!(!verhoeff("999941057085"));
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,30}") {
        for (_, check, _) in KNOWN {
            check(&text);
        }
        compact(&text);
    }
}
