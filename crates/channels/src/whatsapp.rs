//! WhatsApp through Meta's Business Cloud API.
//!
//! A webhook's way in is `signature::verify` over the raw bytes, then (later, from the stored body) `parse::parse`.
//! A message's way out is `validate::validate`, `pace::Pace::reserve`, `render::render`, `client::Client::send`.
//! Everything but `client` is pure.

pub mod client;
pub mod errors;
pub mod forms;
pub mod media_rules;
pub mod pace;
pub mod parse;
pub mod render;
pub mod signature;
pub mod validate;
