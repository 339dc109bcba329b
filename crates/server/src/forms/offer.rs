//! Offering a form: a token is made for it, and the message that opens it.

use std::time::Duration;

use channels::whatsapp::forms::FIRST_SCREEN;
use model::{ids::TicketId, outbound::Outbound};
use serde_json::json;
use store::{Tx, forms};

use crate::{app::App, config, error::AppError, texts::Text};

/// How long a form may lie in the chat before it is filled in.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const MESSAGE_VERSION: &str = "3";

/// A form that somebody wants to offer.
pub struct Wish<'a> {
    pub ticket: &'a TicketId,
    /// The channel's id of our number.
    pub account: &'a str,
    pub language: &'a str,
    /// Its name in the configuration.
    pub form: &'a str,
    pub body: String,
}

/// The message to be queued; `None` where this number has no such form in the customer's language.
pub async fn offer(tx: &mut Tx, app: &App, wish: Wish<'_>) -> Result<Option<Outbound>, AppError> {
    let Some(flow_id) =
        form_of(app, wish.account, wish.form).and_then(|form| form.flow_ids.get(wish.language))
    else {
        return Ok(None);
    };
    let now = app.clock.now();
    let token = hex::encode(app.ids.bytes::<16>());
    let made = forms::Offer {
        token: token.clone(),
        form: wish.form.to_owned(),
        language: wish.language.to_owned(),
        ticket_id: wish.ticket.clone(),
        expires_at: now.plus(LIFE),
        used_at: None,
    };
    forms::offer(tx, &made, now).await?;
    let parameters = json!({
        "flow_message_version": MESSAGE_VERSION,
        "flow_id": flow_id,
        "flow_token": token,
        "flow_cta": app.texts.get(Some(wish.language), Text::FormButton),
        "flow_action": "navigate",
        "flow_action_payload": { "screen": FIRST_SCREEN },
    });
    Ok(Some(Outbound::Form { body: wish.body, parameters }))
}

fn form_of<'a>(app: &'a App, account: &str, form: &str) -> Option<&'a config::Form> {
    let numbers = &app.config.whatsapp.as_ref()?.numbers;
    numbers.iter().find(|number| number.phone_number_id == account)?.forms.get(form)
}
