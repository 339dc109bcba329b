//! What the text of a picture says of its kind: its layout, and a few words in the languages of the desk.

use super::{Evidence, TextLine};

/// Each a phrase in lower case; a line counts once.
pub const IDENTITY: &[&str] = &[
    "passport",
    "passaporto",
    "passeport",
    "pasaporte",
    "reisepass",
    "identity card",
    "identity no",
    "carta d'identit",
    "carte d'identit",
    "documento nacional",
    "personalausweis",
    "date of birth",
    "data di nascita",
    "date de naissance",
    "fecha de nacimiento",
    "geburtsdatum",
    "driving licence",
    "driver license",
    "driver's license",
    "patente di guida",
    "permis de conduire",
    "permiso de conducir",
    "führerschein",
    "income tax department",
    "permanent account number",
    "unique identification authority",
    "government of india",
    "aadhaar",
    "election commission",
    "nationality",
    "cittadinanza",
    "nationalité",
    "nacionalidad",
    "staatsangehörigkeit",
    "place of birth",
    "luogo di nascita",
];
pub const RECEIPT: &[&str] = &[
    "total",
    "totale",
    "summe",
    "gesamt",
    "subtotal",
    "iva",
    "mwst",
    "vat",
    "gst",
    "tva",
    "cash",
    "contanti",
    "bar ",
    "change",
    "resto",
    "efectivo",
    "espèces",
    "receipt",
    "ricevuta",
    "scontrino",
    "documento commerciale",
    "ticket",
    "quittung",
    "bon",
    "recibo",
    "invoice no",
    "bill no",
    "thank you",
    "grazie",
    "danke",
    "merci",
    "gracias",
];
/// Of bills and invoices, beside the words that a till's receipt has as well.
pub const INVOICE: &[&str] = &[
    "invoice",
    "bill to",
    "due date",
    "payment to",
    "iban",
    "fattura",
    "intestatario",
    "scadenza",
    "factura",
    "titular",
    "vencimiento",
    "fecha límite",
    "contrato",
    "fatura",
    "vencimento",
    "data limite",
    "cliente",
    "rechnung",
    "kundennummer",
    "fällig",
    "facture",
    "échéance",
    "account number",
    "customer no",
];
pub const LABEL: &[&str] = &[
    "s/n", "serial", "model", "modell", "modello", "modèle", "modelo", "mod.", "type", "typ ", "p/n",
    "part no", "art. nr", "e-nr", "fd ", "imei", "mac:", "input", "output", "220-240", "100-240", "50hz",
    "50/60", "50 hz", "made in", "ip20", "ip44", "ip65", "rated", "batch", "lot", "exp", "tracking",
    "ship to", "awb",
];
/// As many lines are a page's.
const PAGE_LINES: usize = 12;

/// How many lines hold one of the phrases.
pub fn count(lines: &[TextLine], phrases: &[&str]) -> usize {
    lines
        .iter()
        .filter(|line| {
            let text = line.text.to_lowercase();
            phrases.iter().any(|phrase| holds(&text, phrase))
        })
        .count()
}

/// A phrase of letters at its start must not stand inside another word.
fn holds(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, found)| {
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let is_whole_after =
            phrase.len() > 6 || !is_letter(text.get(at + found.len()..).and_then(|rest| rest.chars().next()));
        !is_letter(text.get(..at).and_then(|before| before.chars().next_back())) && is_whole_after
    })
}

/// Lines that end with an amount: `12,90`, `1.249.00 €`, `₹ 49.00`.
pub fn amounts(lines: &[TextLine]) -> usize {
    lines.iter().filter(|line| ends_with_amount(&line.text)).count()
}

fn ends_with_amount(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','));
    let mut from_end = text.chars().rev();
    let cents = from_end.by_ref().take(2).filter(char::is_ascii_digit).count();
    cents == 2
        && matches!(from_end.next(), Some('.' | ','))
        && from_end.next().is_some_and(|c| c.is_ascii_digit())
}

/// Left, top, right, bottom of a line.
fn sides(line: &TextLine) -> [f32; 4] {
    line.quad.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[left, top, right, bottom], &[x, y]| {
        [left.min(x), top.min(y), right.max(x), bottom.max(y)]
    })
}

/// The time, alone or first, in the topmost part of an upright picture.
pub fn has_status_bar(evidence: &Evidence) -> bool {
    evidence.lines.iter().any(|line| {
        let [_, _, _, bottom] = sides(line);
        bottom < 0.06 * evidence.look.height && begins_with_time(line.text.trim())
    })
}

fn begins_with_time(text: &str) -> bool {
    let Some((hour, rest)) = text.split_once([':', '.']) else { return false };
    let minute: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (1..=2).contains(&hour.len())
        && hour.parse::<u8>().is_ok_and(|hour| hour < 24)
        && minute.len() == 2
        && minute.parse::<u8>().is_ok_and(|minute| minute < 60)
}

/// Many lines, a good part of them long.
pub fn is_text_of_pages(evidence: &Evidence) -> bool {
    let long = evidence.lines.iter().filter(|line| line.text.chars().count() >= 40).count();
    evidence.lines.len() >= PAGE_LINES && long * 4 >= evidence.lines.len()
}

/// Words, not sentences and not numbers of goods: nine letters a line at most, on the whole.
pub fn are_short(evidence: &Evidence) -> bool {
    let letters: usize = evidence.lines.iter().map(|line| line.text.chars().count()).sum();
    letters <= 9 * evidence.lines.len()
}

/// Seen as a whole, the text is much higher than wide.
pub fn is_narrow_column(evidence: &Evidence) -> bool {
    let [left, top, right, bottom] =
        evidence.lines.iter().map(sides).fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |all, own| {
            [all[0].min(own[0]), all[1].min(own[1]), all[2].max(own[2]), all[3].max(own[3])]
        });
    evidence.lines.len() >= 6 && bottom - top > 1.25 * (right - left)
}
