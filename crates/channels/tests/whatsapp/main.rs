//! The WhatsApp channel from outside: bodies of webhooks in, events out; a real server on 127.0.0.1 for the client.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod envelope;
mod events;
mod hostile;
mod people;
mod types;
