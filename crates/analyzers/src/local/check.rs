//! Check digits: the arithmetic that tells a number from a row of digits.
//!
//! Every function takes what was read without its separators and says whether it agrees with itself. They know
//! nothing of pictures or of words around; a wrong length or a strange character is simply `false`.

/// The values of a row of ASCII digits, or `None` if anything else is among them.
pub(crate) fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|char| char.to_digit(10)).collect()
}

/// Only letters and digits, in capitals: what a number is once spaces, points and dashes are gone.
pub(crate) fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_uppercase()).collect()
}

/// 0–9 and A–Z as 0–35, as ISO 7064 and ICAO 9303 count them.
fn value36(char: char) -> Option<u32> {
    char.is_ascii_alphanumeric().then(|| char.to_digit(36)).flatten()
}

/// ISO/IEC 7812-1: payment cards and IMEIs.
pub(crate) fn luhn(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([false, true].into_iter().cycle())
        .map(|(&digit, doubled)| match (doubled, digit) {
            (false, digit) => digit,
            (true, digit) if digit < 5 => digit * 2,
            (true, digit) => digit * 2 - 9,
        })
        .sum();
    digits.len() >= 2 && sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

/// Verhoeff's scheme over the dihedral group of ten: Aadhaar.
pub(crate) fn verhoeff(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let checksum =
        digits.iter().rev().enumerate().fold(0, |sum, (place, &digit)| dihedral(sum, permuted(place, digit)));
    digits.len() >= 2 && checksum == 0
}

/// The product in D5, without its table: rotations are 0–4, reflections 5–9.
fn dihedral(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left - 5 + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// Verhoeff's permutation (1 5 7 6 2 8 3 0 9 4), applied `place` times.
fn permuted(place: usize, digit: u32) -> u32 {
    (0..place % 8).fold(digit, |digit, _| match digit {
        0 => 1,
        1 => 5,
        2 => 7,
        3 => 6,
        4 => 2,
        5 => 8,
        6 => 3,
        7 => 0,
        8 => 9,
        _ => 4,
    })
}

/// ISO 13616: the first four characters moved to the end, letters as 10–35, the whole modulo 97 is 1.
pub(crate) fn mod97(text: &str) -> bool {
    let rotated = text.chars().skip(4).chain(text.chars().take(4));
    let remainder = rotated.map(value36).try_fold(0_u32, |remainder, value| {
        value.map(
            |value| if value > 9 { (remainder * 100 + value) % 97 } else { (remainder * 10 + value) % 97 },
        )
    });
    remainder == Some(1)
}

/// UPU S10: two letters, eight digits, the check digit, the country: `RR473124829IN`.
pub(crate) fn upu_s10(text: &str) -> bool {
    let serial: String = text.chars().skip(2).take(9).collect();
    let Some(serial) = digits(&serial) else { return false };
    let Some((&check, body)) = serial.split_last() else { return false };
    let sum: u32 = body.iter().zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| digit * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    text.len() == 13 && body.len() == 8 && check == expected
}

/// UPS `1Z`: letters count by their place from `A` = 2, every second one doubles.
pub(crate) fn ups(text: &str) -> bool {
    let Some(body) = text.strip_prefix("1Z").filter(|body| body.len() == 16) else { return false };
    let values: Option<Vec<u32>> = body
        .chars()
        .map(|char| char.to_digit(10).or_else(|| char.to_digit(36).map(|value| (value - 8) % 10)))
        .collect();
    let Some(values) = values else { return false };
    let Some((&check, body)) = values.split_last() else { return false };
    let sum: u32 = body.iter().zip([1, 2].into_iter().cycle()).map(|(value, weight)| value * weight).sum();
    check == (10 - sum % 10) % 10
}

/// FedEx Express, 12 digits: weights 3, 1, 7 over the first eleven, modulo 11 and then 10.
pub(crate) fn fedex(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 12) else { return false };
    let Some((&check, body)) = digits.split_last() else { return false };
    let sum: u32 = body.iter().zip([3, 1, 7].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    check == sum % 11 % 10
}

/// GS1: weights 3 and 1 from the right. EAN, SSCC, USPS and FedEx Ground all use it.
pub(crate) fn gs1(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let sum: u32 =
        digits.iter().rev().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    digits.len() >= 8 && sum.is_multiple_of(10)
}

/// DHL Express, 10 digits: the first nine modulo 7.
pub(crate) fn dhl_express(text: &str) -> bool {
    let Ok(number) = text.parse::<u64>() else { return false };
    text.len() == 10 && number / 10 % 7 == number % 10
}

/// ICAO 9303: weights 7, 3, 1; `<` counts nothing, letters from 10.
pub(crate) fn icao(field: &[char], check: char) -> bool {
    let sum = field.iter().zip([7, 3, 1].into_iter().cycle()).try_fold(0, |sum, (&char, weight)| {
        let value = if char == '<' { Some(0) } else { value36(char) };
        value.map(|value| sum + value * weight)
    });
    let check = if check == '<' { Some(0) } else { check.to_digit(10) };
    sum.is_some_and(|sum| Some(sum % 10) == check)
}

/// Italian codice fiscale, 16 characters, by the table of the decree of 23 December 1976.
pub(crate) fn codice_fiscale(text: &str) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, // 0–9
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23, // A–Z
    ];
    let values: Option<Vec<u32>> = text.chars().map(value36).collect();
    let Some(values) = values.filter(|values| values.len() == 16) else { return false };
    let Some((&check, body)) = values.split_last() else { return false };
    let sum: u32 = body
        .iter()
        .zip([true, false].into_iter().cycle())
        .map(|(&value, odd)| match (odd, value) {
            (true, value) => {
                ODD.iter().zip(0..).find(|(_, place)| *place == value).map_or(0, |(odd, _)| *odd)
            }
            (false, value) if value > 9 => value - 10,
            (false, value) => value,
        })
        .sum();
    check == sum % 26 + 10
}

/// Spanish DNI (eight digits and a letter) and NIE (X, Y or Z first).
pub(crate) fn dni(text: &str) -> bool {
    let number: String = text
        .chars()
        .take(8)
        .zip(0..)
        .map(|(char, place)| match (char, place) {
            ('X', 0) => '0',
            ('Y', 0) => '1',
            ('Z', 0) => '2',
            _ => char,
        })
        .collect();
    let Ok(number) = number.parse::<usize>() else { return false };
    text.len() == 9 && text.chars().last() == "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth(number % 23)
}

/// Brazilian CPF: two check digits, weights 10 and 11 downwards; one digit eleven times is nobody's.
pub(crate) fn cpf(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 11) else { return false };
    let alike = digits.windows(2).all(|pair| matches!(pair, [left, right] if left == right));
    let agrees = |length: usize| {
        let weights = (2..=u32::try_from(length).unwrap_or(0) + 1).rev();
        let sum: u32 = digits.iter().take(length).zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.get(length) == Some(&(sum * 10 % 11 % 10))
    };
    !alike && agrees(9) && agrees(10)
}

/// Brazilian CNPJ, digits or (since 2026) letters in the first twelve places: a character counts as its ASCII code less 48.
pub(crate) fn cnpj(text: &str) -> bool {
    let values: Option<Vec<u32>> = text
        .chars()
        .map(|char| {
            char.is_ascii_alphanumeric().then(|| u32::from(char.to_ascii_uppercase()) - u32::from('0'))
        })
        .collect();
    let Some(values) = values.filter(|values| values.len() == 14) else { return false };
    let alike = values.windows(2).all(|pair| matches!(pair, [left, right] if left == right));
    let agrees = |length: usize| {
        let weights = (2..=9).cycle();
        let sum: u32 =
            values.iter().take(length).rev().zip(weights).map(|(value, weight)| value * weight).sum();
        let check = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        values.get(length) == Some(&check)
    };
    !alike && agrees(12) && agrees(13)
}

/// Portuguese NIF: nine digits, weights 9 to 2.
pub(crate) fn nif(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 9) else { return false };
    let sum: u32 = digits.iter().zip((2..=9).rev()).map(|(digit, weight)| digit * weight).sum();
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.first().is_some_and(|first| ![0, 4, 7].contains(first)) && digits.last() == Some(&check)
}

/// German tax number for people (Steuer-ID): eleven digits, ISO 7064 MOD 11,10.
pub(crate) fn steuer_id(text: &str) -> bool {
    let Some(digits) = digits(text).filter(|digits| digits.len() == 11) else { return false };
    let Some((&check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = match (digit + product) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    digits.first() != Some(&0) && check == (11 - product) % 10
}

/// A form a US social security number can have: no area 000, 666 or 9xx, no group 00, no serial 0000.
pub(crate) fn ssn(text: &str) -> bool {
    let Ok(number) = text.parse::<u32>() else { return false };
    let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    text.len() == 9 && area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

/// Indian PAN: five letters, four digits, a letter; the fourth letter says what kind of holder.
pub(crate) fn pan(text: &str) -> bool {
    text.len() == 10
        && text.chars().zip(0..).all(|(char, place)| match place {
            3 => "ABCFGHJLPT".contains(char),
            5..=8 => char.is_ascii_digit(),
            _ => char.is_ascii_uppercase(),
        })
}

/// French NIR: thirteen digits (Corsica's 2A and 2B count as 19 and 18) and a key, 97 less the rest modulo 97.
pub(crate) fn nir(text: &str) -> bool {
    let plain = text.replacen("2A", "19", 1).replacen("2B", "18", 1);
    match plain.split_at_checked(13).map(|(body, key)| (body.parse::<u64>(), key.parse::<u64>())) {
        Some((Ok(body), Ok(key))) => plain.len() == 15 && key == 97 - body % 97,
        _ => false,
    }
}

/// The nine-character number of a German identity card or passport with its check digit (7, 3, 1).
pub(crate) fn german_document(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    match chars.split_last() {
        Some((&check, field)) if chars.len() == 10 => icao(field, check),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
