//! Dates of one document that cannot both be true.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::{Contradiction, READ_MIN};
use crate::local::meaning::found;
use crate::local::page::{Page, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Birth,
    Ordered,
    Issue,
    Paid,
    Delivered,
    Due,
    Expiry,
}

static WORDS: LazyLock<[(Event, Regex); 7]> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "constants that every test of this module compiles")]
    [
        (Event::Birth, r"(?i)\b(?:date of birth|birth date|born|dob|data di nascita|nato il|nata il|fecha de nacimiento|data de nascimento|geburtsdatum|geboren|date de naissance|né le|née le)\b|जन्म तिथि"),
        (Event::Ordered, r"(?i)\b(?:order date|date of order|ordered on|order placed|date of purchase|purchase date|purchased on|data ordine|data d'ordine|ordinato il|data di acquisto|data acquisto|fecha de(?:l)? pedido|fecha de compra|data do pedido|data da compra|bestelldatum|bestellt am|kaufdatum|date de commande|date d'achat)\b|ऑर्डर की तिथि|खरीद की तिथि"),
        (Event::Paid, r"(?i)\b(?:paid on|date paid|payment received(?: on)?|transaction date|payment date|date of payment|pagato il|data pagamento|data di pagamento|data transazione|data operazione|pagado el|fecha de(?:l)? pago|fecha de operación|pago em|data do pagamento|data da transação|bezahlt am|zahlungsdatum|payé le|date de paiement)\b|भुगतान की तिथि|भुगतान तिथि"),
        (Event::Delivered, r"(?i)\b(?:delivered on|date delivered|date of delivery|consegnato il|data di consegna|entregado el|entregue em|geliefert am|zugestellt am|livré le)\b"),
        (Event::Due, r"(?i)\b(?:due date|payment due|due by|pay by|scadenza pagamento|data scadenza|scadenza fattura|fecha de vencimiento|vencimiento|data de vencimento|vencimento|fällig(?:keit)?|zahlbar bis|échéance)\b|देय तिथि"),
        (Event::Expiry, r"(?i)\b(?:date of expiry|expiry date|expiration date|valid until|expires|data di scadenza|fecha de caducidad|válido hasta|data de validade|válido até|gültig bis|date d'expiration)\b"),
        (Event::Issue, r"(?i)\b(?:date of issue|issue date|issued(?: on)?|invoice date|bill date|data fattura|data di emissione|data di rilascio|fecha de emisión|fecha de expedición|fecha de factura|data de emissão|rechnungsdatum|ausstellungsdatum|ausgestellt am|date de facture|date d'émission|date de délivrance)\b|जारी करने की तिथि"),
    ]
    .map(|(event, words)| (event, Regex::new(words).expect("words compile")))
});

struct Dated {
    event: Event,
    date: String,
    span: Span,
}

/// Dates in an impossible order, and dates of things past that lie after the day on which the file came.
pub(super) fn contradictions(page: &Page, locale: Option<&str>, today: Option<&str>) -> Vec<Contradiction> {
    let dated = dated(page, locale);
    let mut found = order(&dated);
    found.extend(today.into_iter().flat_map(|today| ahead(&dated, today)));
    found
}

/// A date due or expired before the issue, an issue before the birth, a delivery before the order.
fn order(dated: &[Dated]) -> Vec<Contradiction> {
    // Two invoices on one picture say nothing of each other.
    let only =
        |event: Event| match dated.iter().filter(|dated| dated.event == event).collect::<Vec<_>>().as_slice()
        {
            [one] => Some(*one),
            _ => None,
        };
    let pairs = [
        (Event::Issue, Event::Due, "it is due before it was issued"),
        (Event::Issue, Event::Expiry, "it expired before it was issued"),
        (Event::Birth, Event::Issue, "it was issued before its holder was born"),
        (Event::Birth, Event::Expiry, "it expired before its holder was born"),
        (Event::Birth, Event::Paid, "it was paid before its holder was born"),
        (Event::Ordered, Event::Delivered, "it was delivered before it was ordered"),
        (Event::Ordered, Event::Due, "it was due before it was ordered"),
    ];
    pairs
        .into_iter()
        .filter_map(|(first, second, why)| {
            let (earlier, later) = (only(first)?, only(second)?);
            (later.date < earlier.date).then(|| Contradiction {
                kind: "consistency.dates",
                value: Value::from(vec![earlier.date.clone(), later.date.clone()]),
                confidence: 0.75,
                why: format!("{why}: {} and {}", earlier.date, later.date),
                spans: vec![later.span.clone(), earlier.span.clone()],
            })
        })
        .collect()
}

/// What has happened by its own words and yet lies after the day on which the file came. A date due or of expiry may.
fn ahead<'a>(dated: &'a [Dated], today: &'a str) -> impl Iterator<Item = Contradiction> + 'a {
    dated.iter().filter(move |dated| dated.date.as_str() > today).filter_map(move |dated| {
        // An invoice or a transfer can bear a later date on purpose; a birth, an order or a delivery cannot.
        let (what, confidence) = match dated.event {
            Event::Birth => ("the holder's birth", 0.85),
            Event::Delivered => ("the delivery", 0.75),
            Event::Ordered => ("the order", 0.7),
            Event::Paid => ("the payment", 0.65),
            Event::Issue => ("the issue", 0.6),
            Event::Due | Event::Expiry => return None,
        };
        let date = &dated.date;
        Some(Contradiction {
            kind: "consistency.dates",
            value: Value::from(vec![date.clone(), today.to_owned()]),
            confidence,
            why: format!(
                "{what} is dated {date}, and the file came before that: it was {today} at the latest anywhere on earth"
            ),
            spans: vec![dated.span.clone()],
        })
    })
}

/// Dates that can be read in one way only, each with the one word beside it that says what it is of.
fn dated(page: &Page, locale: Option<&str>) -> Vec<Dated> {
    /// An ambiguous date or one with a short year is less sure than this.
    const SURE: f32 = 0.88;
    found(page, locale, |kind| kind == "entity.date")
        .into_iter()
        .filter(|found| found.confidence >= SURE)
        .filter_map(|found| {
            let line = page.lines.get(found.span.line).filter(|line| line.confidence >= READ_MIN)?;
            let before = line.slice(0..found.span.chars.start);
            let beside = page.left_of(found.span.line).or_else(|| page.above(found.span.line));
            let words = if before.trim().is_empty() { &page.lines.get(beside?)?.text } else { before };
            let mut events = WORDS.iter().filter(|(_, expression)| expression.is_match(words));
            let (event, _) = events.next()?;
            let alone = events.next().is_none();
            let date = found.value.as_str()?.to_owned();
            alone.then_some(Dated { event: *event, date, span: found.span })
        })
        .collect()
}
