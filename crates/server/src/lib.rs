//! The server: everything that `sportello` does, as a library so that tests can start it in their own process.
//!
//! A photo's way through this crate: `http::webhook` stores the raw body, `reader` turns it into a message on a
//! ticket, `jobs::media_fetch` brings the bytes home, `jobs::media_render` makes what people see, `http::live`
//! tells the console. An answer goes `http::messages` → `outbox` → `jobs::message_send`.

pub mod analysis;
pub mod app;
pub mod articles;
pub mod backup;
mod capture;
pub mod clamd;
pub mod cli;
pub mod config;
mod connectors;
pub mod error;
pub mod forms;
pub mod guide;
pub mod health;
pub mod http;
pub mod jobs;
mod objects;
pub mod outbox;
mod outgoing;
pub mod password;
pub mod processes;
pub mod reader;
mod redactions;
mod reference;
mod returns;
mod second_factor;
pub mod seed;
pub mod serve;
pub mod telemetry;
pub mod texts;
pub mod totp;
mod uploads;
mod visits;
mod work;
