//! How customers talk to us. One folder a channel, the same files in each:
//!
//! - `signature` proves that a webhook is the channel's own,
//! - `parse` turns its body into `model::event::Event`s,
//! - `validate` and `render` check and write what we send,
//! - `errors` says what a refusal means and what to do next,
//! - `client` is the only file that talks to the network,
//! - `pace` keeps us under the channel's rate limits.
//!
//! No SQL here, and no knowledge of tickets: a channel carries messages.

pub mod whatsapp;
