//! What becomes of the business's messages: sent, delivered, read, played – or failed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    compose::{self, Hides},
    deliver,
};
use crate::{
    app::{App, Event},
    customer::{Direction, Failure, Status, Stored},
    error,
    state::State,
};

/// Statuses follow the answer of the send after a moment, one after the other, as Meta's do.
const STEP: Duration = Duration::from_millis(20);

/// The whole life of a message that was just accepted.
pub fn follow(app: &App, state: &mut State, stored: &Stored, failure: Option<(i64, String)>) {
    let failure = failure.or_else(|| {
        let code = state.meta.knobs.error_status?;
        Some((code, "asked for on the sandbox".to_owned()))
    });
    if let Some((code, details)) = failure {
        report(app, state, stored, Status::Failed, Some((code, &details)));
        return;
    }
    report(app, state, stored, Status::Sent, None);
    report(app, state, stored, Status::Delivered, None);
    if state.meta.knobs.read_automatically {
        report(app, state, stored, Status::Read, None);
    }
}

/// One status: on the phone and to the business.
pub fn report(app: &App, state: &mut State, stored: &Stored, status: Status, failure: Option<(i64, &str)>) {
    let Some(customer) = state.customers.get(&stored.customer).cloned() else { return };
    state.change_message(&stored.view.id, |m| {
        m.view.status = m.view.status.max(status);
        if let Some((code, details)) = failure {
            m.view.error = Some(Failure { code, message: details.to_owned() });
        }
    });
    let now = app.now_at(state.meta.clock_offset_s);
    let word = serde_json::to_value(status).unwrap_or_default();
    let mut object = json!({
        "id": stored.view.id,
        "status": word,
        "timestamp": now.secs().to_string(),
    });
    if let Some(map) = object.as_object_mut() {
        if let Some(opaque) = &stored.opaque {
            map.insert("biz_opaque_callback_data".to_owned(), opaque.clone().into());
        }
        if let Some((code, details)) = failure {
            map.insert("errors".to_owned(), json!([error::in_webhook(code, details)]));
        }
        if matches!(status, Status::Sent | Status::Delivered) {
            map.insert("pricing".to_owned(), pricing(stored));
        }
        if state.meta.knobs.conversation_on_status && matches!(status, Status::Sent | Status::Delivered) {
            let origin = stored.category.as_deref().unwrap_or("service");
            let mut conversation = json!({
                "id": crate::ids::trace(&format!("conversation {}", customer.user_id)),
                "origin": { "type": origin },
            });
            if let (Status::Sent, Some(map)) = (status, conversation.as_object_mut()) {
                let expires = now.plus(Duration::from_secs(24 * 60 * 60)).secs().to_string();
                map.insert("expiration_timestamp".to_owned(), expires.into());
            }
            map.insert("conversation".to_owned(), conversation);
        }
    }
    let knobs = &state.meta.knobs;
    let with = (knobs.contacts_on_status, Hides::of(&customer, knobs.bsuid_only));
    let value = compose::status(&app.config, &customer, object, with);
    let after = match status {
        Status::Sent | Status::Failed => STEP,
        Status::Delivered => STEP * 2,
        Status::Read | Status::Played => STEP * 3,
    };
    if deliver::enqueue(app, state, deliver::update(value, None, &customer), after).is_err() {
        tracing::warn!("a status was lost: too many webhooks wait");
    }
    app.tell(Event::Chat(customer.id()));
}

fn pricing(stored: &Stored) -> Value {
    match stored.category.as_deref() {
        None => json!({
            "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service",
        }),
        Some(category) => json!({
            "billable": true, "pricing_model": "PMP", "type": "regular", "category": category,
        }),
    }
}

/// The customer looks at the chat: everything that arrived is read.
pub fn seen(app: &App, state: &mut State, customer: u64) -> usize {
    let unread: Vec<Stored> = state
        .chat(customer)
        .iter()
        .filter(|m| m.view.direction == Direction::In)
        .filter(|m| matches!(m.view.status, Status::Sent | Status::Delivered))
        .cloned()
        .collect();
    for stored in &unread {
        report(app, state, stored, Status::Read, None);
    }
    unread.len()
}
