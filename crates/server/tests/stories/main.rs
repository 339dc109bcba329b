//! Conversations through the real sandbox and the real server, on both engines, as an agent would read them.
//!
//! The clock stands still, so a transcript is the same in every run and on every engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    reason = "a test that cannot go on ends"
)]

#[path = "../support/hostile.rs"]
mod hostile;
#[path = "../support/rasa.rs"]
mod rasa;
#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod arranged;
mod arrival;
mod bots;
mod changes;
mod connectors;
mod events;
mod failures;
mod findings;
mod forms;
mod guided;
mod identities;
mod kinds;
mod library;
mod privacy;
mod processes;
mod redactions;
mod rights;
mod search;
mod sending;
mod tickets;
mod work;

use serde_json::{Value, json};
use support::{Desk, engines};

/// Tells the story once on each engine.
async fn on_each_engine(story: impl AsyncFn(&Desk)) {
    for engine in engines() {
        let desk = Desk::start(engine).await;
        story(&desk).await;
        close_without_debts(desk).await;
    }
}

/// Everything that waits for its time gets it; then nothing is left over.
async fn close_without_debts(desk: Desk) {
    desk.settle().await;
    desk.advance(std::time::Duration::from_secs(10));
    desk.finish().await;
}

/// The timeline of a ticket is the snapshot of that name, whatever the engine.
macro_rules! assert_told {
    ($desk:expr, $ticket:expr, $name:literal) => {{
        let transcript = $desk.transcript(&$ticket).await;
        insta::allow_duplicates! { insta::assert_snapshot!($name, transcript) };
    }};
}
pub(crate) use assert_told;

/// The agent answers with a text; returns the message.
async fn answer(desk: &Desk, ticket: &Value, text: &str) -> Value {
    send(desk, ticket, json!({ "text": text })).await
}

async fn send(desk: &Desk, ticket: &Value, body: Value) -> Value {
    let id = ticket["id"].as_str().unwrap();
    desk.post(&format!("/tickets/{id}/messages"), body).await
}

/// A message of the ticket, as it is now.
async fn message(desk: &Desk, ticket: &Value, id: &Value) -> Value {
    let all = desk.messages(ticket).await;
    all.into_iter().find(|message| &message["id"] == id).unwrap()
}

/// A voice note of no length: the first page of a mono Ogg/Opus file.
fn voice_note() -> Vec<u8> {
    let mut page = b"OggS\0\x02".to_vec();
    page.extend([0; 20]);
    page.extend([1, 19]);
    page.extend(b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0");
    page
}

const ZOE: &str = "+393331112223";
