//! The customer's phone: what a person does with it, as WhatsApp reports it to the business.
//!
//! Two steps: `prepare` does the slow part (pictures) without any lock, `send` makes all webhooks under one.

pub mod draft;
mod inbound;
mod parts;

use std::time::Duration;

use serde_json::{Map, json};

pub use self::draft::Draft;
use self::parts::Part;
use crate::{
    app::{App, Event},
    customer::Customer,
    error::GraphError,
    ids,
    state::State,
    webhooks::{
        compose::{self, Hides},
        deliver,
    },
};

/// Messages sent one after the other leave the phone that far apart; an album leaves at once.
const BETWEEN: Duration = Duration::from_millis(60);

pub struct Prepared {
    draft: Draft,
    parts: Vec<Part>,
}

/// What will be sent, with its pictures re-encoded.
pub async fn prepare(app: &App, draft: Draft) -> Result<Prepared, String> {
    let _permit = app.pictures.acquire().await.map_err(|error| error.to_string())?;
    tokio::task::spawn_blocking(move || {
        let parts = parts::of(&draft)?;
        Ok(Prepared { draft, parts })
    })
    .await
    .map_err(|error| format!("the phone failed: {error}"))?
}

/// Puts the messages in the chat and their webhooks in the queue; answers their ids.
pub fn send(
    app: &App,
    state: &mut State,
    customer: &Customer,
    prepared: Prepared,
) -> Result<Vec<String>, String> {
    let Prepared { draft, parts } = prepared;
    let now = app.now_at(state.meta.clock_offset_s);
    let mut wrote = customer.clone();
    wrote.last_inbound_at = Some(now);
    let hides = Hides::of(customer, state.meta.knobs.bsuid_only || draft.flag("bsuid_only"));
    let mut ids = Vec::new();
    let mut after = Duration::ZERO;
    for part in parts {
        let n = state.next();
        let wamid = ids::wamid(state.seed, n, customer.key(), false);
        let made =
            inbound::make(app, state, &wrote, &draft, inbound::At { n, wamid: wamid.clone(), now }, part)?;
        let inbound::Made { kind, members, stored } = made;
        let message = compose::Inbound { customer: &wrote, wamid: &wamid, at: now, kind: &kind, members };
        let value = compose::message(&app.config, message, hides);
        let tracked = stored.is_some().then(|| wamid.clone());
        if let Some(stored) = stored {
            state.save_message(stored);
        }
        deliver::enqueue(app, state, deliver::update(value, tracked, customer), after)
            .map_err(|error| error.body().to_string())?;
        if !draft.flag("album") {
            after += BETWEEN;
        }
        ids.push(wamid);
    }
    state.save_customer(wrote);
    Ok(ids)
}

/// The customer has a new number: WhatsApp says so in a system message, and the scoped id changes too.
pub fn change_number(
    app: &App,
    state: &mut State,
    customer: &Customer,
    phone: String,
) -> Result<Customer, GraphError> {
    let now = app.now_at(state.meta.clock_offset_s);
    let n = state.next();
    let wamid = ids::wamid(state.seed, n, customer.key(), false);
    let mut moved = customer.clone();
    moved.user_id = ids::bsuid(state.seed, Some(&phone), n);
    moved.phone = Some(phone.clone());
    let hides = Hides::of(customer, state.meta.knobs.bsuid_only);
    let (what, body) = match (&customer.phone, hides.0) {
        (Some(old), false) => {
            ("user_changed_number", format!("User {} changed from {old} to {phone}", customer.name))
        }
        _ => ("user_changed_user_id", format!("User {} changed their id", customer.name)),
    };
    let mut system = json!({ "body": body, "type": what, "user_id": moved.user_id });
    if let (false, Some(system)) = (hides.0, system.as_object_mut()) {
        system.insert("wa_id".to_owned(), phone.into());
    }
    let mut members = Map::new();
    members.insert("system".to_owned(), system);
    if hides.0 {
        members.insert("from_user_id".to_owned(), customer.user_id.clone().into());
    }
    let message = compose::Inbound { customer, wamid: &wamid, at: now, kind: "system", members };
    let value = compose::message(&app.config, message, hides);
    deliver::enqueue(app, state, deliver::update(value, None, customer), Duration::ZERO)?;
    state.save_customer(moved.clone());
    app.tell(Event::Chat(customer.id()));
    Ok(moved)
}
