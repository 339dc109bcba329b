//! The WhatsApp channel from outside: bodies of webhooks in, events out; a real server on 127.0.0.1 for the client.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod account;
mod envelope;
mod events;
mod fates;
mod forms;
mod graph;
mod hostile;
mod media;
mod outgoing;
mod people;
mod types;
