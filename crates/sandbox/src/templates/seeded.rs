//! The templates that every sandbox has: one of each shape that people send.

use serde_json::{Value, json};

use super::template;

pub fn seeded() -> Vec<Value> {
    rows()
        .into_iter()
        .zip(1_u64..)
        .map(|((name, language, category, components), n)| {
            template(n, name, language, category, json!(components))
        })
        .collect()
}

/// Name, language, category, components.
fn rows() -> [(&'static str, &'static str, &'static str, Vec<Value>); 9] {
    [
        (
            "hello_world",
            "en_US",
            "UTILITY",
            texts(
                "Hello World",
                "This is a test message of the sandbox. If you can read it, sending works.",
                "WhatsApp sandbox",
            ),
        ),
        (
            "ticket_update",
            "en",
            "UTILITY",
            with(
                texts("", "Hello {{1}}, there is news about your request {{2}}.", ""),
                quick(["Show me", "Not now"]),
            ),
        ),
        (
            "ticket_update",
            "it",
            "UTILITY",
            with(
                texts("", "Ciao {{1}}, ci sono novità sulla tua richiesta {{2}}.", ""),
                quick(["Fammi vedere", "Non ora"]),
            ),
        ),
        (
            "photo_request",
            "en",
            "UTILITY",
            with(
                texts(
                    "One more photo",
                    "Hello {{customer_name}}, please send us a photo of {{what}}.",
                    "Answer here",
                ),
                link("How to do it"),
            ),
        ),
        (
            "photo_request",
            "it",
            "UTILITY",
            with(
                texts(
                    "Ancora una foto",
                    "Ciao {{customer_name}}, mandaci una foto di {{what}}.",
                    "Rispondi qui",
                ),
                link("Come si fa"),
            ),
        ),
        ("repair_report", "en", "UTILITY", media("DOCUMENT", "The report about {{1}} is ready.")),
        ("repair_report", "it", "UTILITY", media("DOCUMENT", "Il rapporto su {{1}} è pronto.")),
        ("before_after", "it", "UTILITY", media("IMAGE", "Ecco il risultato della riparazione, {{1}}.")),
        (
            "spring_offer",
            "en",
            "MARKETING",
            texts("", "A check-up costs 10 % less until {{1}}.", "Answer STOP to hear no more of this"),
        ),
    ]
}

fn texts(header: &str, body: &str, footer: &str) -> Vec<Value> {
    let mut parts = Vec::new();
    if !header.is_empty() {
        parts.push(json!({ "type": "HEADER", "format": "TEXT", "text": header }));
    }
    parts.push(json!({ "type": "BODY", "text": body }));
    if !footer.is_empty() {
        parts.push(json!({ "type": "FOOTER", "text": footer }));
    }
    parts
}

fn media(format: &str, body: &str) -> Vec<Value> {
    vec![json!({ "type": "HEADER", "format": format }), json!({ "type": "BODY", "text": body })]
}

fn quick(words: [&str; 2]) -> Value {
    json!({ "type": "BUTTONS", "buttons": words.map(|text| json!({ "type": "QUICK_REPLY", "text": text })) })
}

fn link(text: &str) -> Value {
    json!({ "type": "BUTTONS", "buttons": [
        { "type": "URL", "text": text, "url": "https://help.example.org/t/{{1}}", "example": ["https://help.example.org/t/42"] }
    ]})
}

fn with(mut parts: Vec<Value>, more: Value) -> Vec<Value> {
    parts.push(more);
    parts
}
