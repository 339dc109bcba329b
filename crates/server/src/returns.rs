//! Returns, as flows ask for them. A flow proposes; whether goods may come back is a person's decision.

use flows::{engine::Outcome, format::OfReturn};
use model::{ids::ContactId, returns::ReturnState};
use store::{
    Tx,
    returns::{self, NewReturn},
};

use crate::{app::App, error::AppError, texts::Text, visits::Asked};

/// Answers within the transaction in which the flow hears of it.
pub async fn answer(
    tx: &mut Tx,
    app: &App,
    of: OfReturn,
    contact: &ContactId,
    asked: &Asked<'_>,
) -> Result<Outcome, AppError> {
    match of {
        OfReturn::Open => open(tx, app, contact, asked).await,
        OfReturn::State => state(tx, app, contact, asked).await,
    }
}

async fn open(tx: &mut Tx, app: &App, contact: &ContactId, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let (Some(order), Some(item)) = (asked.word("order"), asked.word("item")) else {
        return Ok(Outcome::Missing);
    };
    let new = NewReturn {
        ticket_id: asked.ticket,
        contact_id: contact,
        order_number: order,
        item,
        reason: asked.word("reason"),
        wish: asked.word("wish"),
        condition: asked.word("condition"),
        opened_by: None,
    };
    let (_, number) = returns::open(tx, &app.ids, &new, app.clock.now()).await?;
    let state = ReturnState::Proposed.as_str().to_owned();
    Ok(Outcome::Found([("number".to_owned(), shown(number)), ("state".to_owned(), state)].into()))
}

async fn state(tx: &mut Tx, app: &App, contact: &ContactId, asked: &Asked<'_>) -> Result<Outcome, AppError> {
    let Some(number) = asked.word("number").and_then(parse_number) else { return Ok(Outcome::Missing) };
    let Some(found) = returns::of_contact(tx, contact, number).await? else { return Ok(Outcome::Missing) };
    let Some(state) = ReturnState::parse(&found.state) else { return Ok(Outcome::Failed) };
    let says = app.texts.get(Some(asked.language), Text::Return(state));
    let facts = [("number", shown(number)), ("state", state.as_str().to_owned()), ("says", says)];
    Ok(Outcome::Found(facts.map(|(key, value)| (key.to_owned(), value)).into()))
}

/// `R-1042`: what stands on the parcel.
pub fn shown(number: i64) -> String {
    format!("R-{number:04}")
}

/// Whatever stands around the digits.
fn parse_number(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}
