//! The sandbox driven from outside: a business over HTTP, a customer over the control API, webhooks into a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "a test says what is wrong by panicking"
)]

mod customer;
mod graph;
mod media;
mod restart;
mod stage;
mod webhooks;
