//! Fills a desk for measurements, through the same reader that real webhooks take.

use store::inbox::Waiting;

use crate::{app::App, error::AppError, reader};

/// Customers in one transaction.
const BATCH: u32 = 500;

/// Makes `tickets` customers with one message each, spread over the last ninety days.
pub async fn run(app: &App, tickets: u32) -> Result<(), AppError> {
    let now = app.clock.now();
    for first in (0..tickets).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let bodies: Vec<Waiting> = (first..(first + BATCH).min(tickets))
            .map(|n| {
                let at = now.secs() - i64::from(n) * 77;
                Waiting {
                    id: i64::from(n),
                    channel: "whatsapp".to_owned(),
                    received_at: now,
                    body: body(n, at).into_bytes(),
                }
            })
            .collect();
        reader::apply_all(app, &bodies).await?;
    }
    // Half of them are done with, as on a real desk.
    store::tickets::close_every_other(&app.db, now).await?;
    Ok(())
}

fn body(n: u32, at: i64) -> String {
    serde_json::json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "800000000000001", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "390612345678", "phone_number_id": "700000000000001" },
            "contacts": [{ "profile": { "name": format!("Customer {n}") }, "wa_id": format!("3933{n:08}") }],
            "messages": [{ "from": format!("3933{n:08}"), "id": format!("wamid.seed{n:08}"), "timestamp": at.to_string(),
                "type": "text", "text": { "body": format!("Hello, order {n} arrived broken, what can I do?") } }],
        } }] }],
    })
    .to_string()
}
