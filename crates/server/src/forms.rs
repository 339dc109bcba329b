//! Native forms of WhatsApp: offered in the place of a question, filled in on the phone, heard like an album and its
//! answers.
//!
//! A filled form comes in one of two ways. With an endpoint the phone posts it here, sealed for a key of ours, before
//! WhatsApp sends its message; without one the message carries everything. Either way the token that went out with
//! the form says whose it is and serves once.

mod arrive;
mod endpoint;
pub mod keys;
mod offer;
pub mod plan;

pub use self::{
    arrive::{Came, announce, come, heard_before, told},
    endpoint::{Reply, answer},
    offer::{Wish, offer},
};

/// The name that a form has as a message until WhatsApp gives it one.
fn external_id(token: &str) -> String {
    format!("form:{token}")
}
