//! Receipts and invoices whose lines do not make their total.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use super::{Contradiction, READ_MIN};
use crate::local::meaning::decimal;
use crate::local::page::{Page, Span};

/// A longer bill has pages, and then a part of it is missing.
const ITEMS_MAX: usize = 60;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Item,
    Subtotal,
    /// Taxes, and what is added after the goods: delivery, service, a tip.
    Added,
    /// Tax that is said to be inside the prices.
    Included,
    /// Rebates, already with their sign.
    Deducted,
    Total,
}

/// A row with a price at its end.
struct Row {
    role: Role,
    cents: i64,
    span: Span,
}

static WORDS: LazyLock<[(Role, Regex); 5]> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "constants that every test of this module compiles")]
    [
        (Role::Subtotal, r"(?i)sub-? ?total|zwischensumme|subtotale|imponibile|base imponible|sous-? ?total|total ht|nettobetrag|netto|net amount|taxable"),
        (Role::Included, r"(?i)di cui iva|incl\.? (?:mwst|vat|tax|iva)|enthalten|iva inclu|dont tva|includes? (?:vat|tax|gst)|(?:vat|tax|gst) included|inkl"),
        (Role::Deducted, r"(?i)discount|sconto|descuento|desconto|rabatt|remise|coupon|voucher|gutschein|promo|savings?|बचत|छूट"),
        (Role::Total, r"(?i)\b(?:grand total|total(?:e)?|gesamt(?:betrag|summe)?|summe|importe total|amount (?:due|payable)|total (?:due|amount|ttc|a pagar|geral)|valor total|zu zahlen|net à payer|da pagare)\b|कुल"),
        (Role::Added, r"(?i)\b(?:tax|vat|iva|mwst|ust|tva|gst|cgst|sgst|igst|hst|pst|service|servizio|tip|gratuity|shipping|delivery|spedizione|versand|envío|frete|livraison|handling|coperto|fee|packing)\b|कर"),
    ]
    .map(|(role, words)| (role, Regex::new(words).expect("words compile")))
});

/// Words of rows that are no goods and no sum: what was paid, the change, how many pieces.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant that every test of this module compiles")]
    Regex::new(r"(?i)cash|change|contant|resto|bar\b|gegeben|rückgeld|efectivo|cambio|dinheiro|troco|espèces|rendu|card|carta|visa|master|karte|tarjeta|cartão|paid|pagat|balance|saldo|points|punti|items?\b|qty|pezzi|stück|unit|a pagar|round|arrot|deposit|kaution|pfand|due date")
        .expect("words compile")
});

/// A price at the end of a row: two decimals, a sign perhaps.
static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant that every test of this module compiles")]
    Regex::new(r"(?P<sign>-\s?)?(?:[€$£₹]|R\$|EUR|USD|INR|Rs\.?)?\s?(?P<number>\d{1,3}(?:[., ']\d{2,3})*[.,]\d{2}|\d+[.,]\d{2})\s?(?:[€$£₹]|EUR|USD|INR)?\s?(?P<after>-)?\s?[A-D*]?$")
        .expect("a price compiles")
});

/// The total of a receipt that no reading of its lines makes.
pub(super) fn total(page: &Page) -> Option<Contradiction> {
    let rows = rows(page)?;
    let totals: Vec<&Row> = rows.iter().filter(|row| row.role == Role::Total).collect();
    let [total] = totals.as_slice() else { return None };
    let sum = |role: Role| -> i64 { rows.iter().filter(|row| row.role == role).map(|row| row.cents).sum() };
    let count = |role: Role| rows.iter().filter(|row| row.role == role).count();
    let deducted: i64 = rows.iter().filter(|row| row.role == Role::Deducted).map(|row| row.cents.abs()).sum();
    let (items, added) = (sum(Role::Item), sum(Role::Added));
    // Taxes may be inside the prices or not, rebates inside the items or not: every reading gets its chance.
    let bases = match count(Role::Subtotal) {
        0 => vec![items],
        1 => vec![sum(Role::Subtotal), items],
        _ => return None,
    };
    let enough = if count(Role::Subtotal) == 1 { count(Role::Added) >= 1 } else { count(Role::Item) >= 2 };
    if !enough || count(Role::Item) > ITEMS_MAX {
        return None;
    }
    let mut possible = Vec::new();
    for base in bases {
        for plus in [0, added, sum(Role::Included), added + sum(Role::Included)] {
            possible.extend([base + plus, base + plus - deducted]);
        }
        // One of several added rows may be inside, as a tax is and a delivery is not.
        for row in rows.iter().filter(|row| row.role == Role::Added) {
            possible.extend([base + row.cents, base + added - row.cents, base + row.cents - deducted]);
        }
    }
    // Cash is rounded to five cents in some countries.
    let fits = possible.iter().any(|sum| sum.abs_diff(total.cents) <= 5);
    let nearest = possible.into_iter().min_by_key(|sum| sum.abs_diff(total.cents))?;
    (!fits).then(|| Contradiction {
        kind: "consistency.total",
        value: json!({ "total": money(total.cents), "nearest_sum": money(nearest) }),
        confidence: 0.7,
        why: format!(
            "the lines above make {} at the nearest, and the total says {}",
            money(nearest),
            money(total.cents)
        ),
        spans: vec![total.span.clone()],
    })
}

/// Every row with a price down to the total, in cents; `None` as soon as one of them cannot be trusted.
fn rows(page: &Page) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    for (index, line) in page.lines.iter().enumerate() {
        let Some(captures) = PRICE.captures(line.text.trim_end()) else { continue };
        let (Some(all), Some(number)) = (captures.get(0), captures.name("number")) else { continue };
        let before = line.text.get(..all.start()).unwrap_or("").trim();
        // A price in a box of its own has its words in the box to the left.
        let words = if before.is_empty() {
            page.left_of(index).and_then(|left| page.lines.get(left)).map_or("", |line| line.text.trim())
        } else {
            before
        };
        if !words.chars().any(char::is_alphabetic) || line.confidence < READ_MIN {
            return None;
        }
        if rows.iter().any(|row: &Row| row.role == Role::Total) {
            // Below the total stand payments and the taxes of the same sum.
            if role(words) == Role::Total {
                return None;
            }
            continue;
        }
        let cents = cents(number.as_str())?;
        let negative = captures.name("sign").is_some() || captures.name("after").is_some();
        let role = if negative && role(words) == Role::Item { Role::Deducted } else { role(words) };
        if role == Role::Item && ASIDE.is_match(words) {
            return None;
        }
        rows.push(Row {
            role,
            cents: if negative { -cents } else { cents },
            span: Span { line: index, chars: 0..line.len() },
        });
    }
    Some(rows)
}

fn role(words: &str) -> Role {
    WORDS.iter().find(|(_, expression)| expression.is_match(words)).map_or(Role::Item, |(role, _)| *role)
}

fn cents(number: &str) -> Option<i64> {
    let decimal = decimal(number, "EUR")?;
    let (whole, part) = decimal.split_once('.')?;
    let (whole, part): (i64, i64) = (whole.parse().ok()?, part.parse().ok()?);
    // A hundred million is no receipt.
    (whole < 100_000_000 && decimal.len() == decimal.find('.')? + 3).then_some(whole * 100 + part)
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}
