//! Native forms: screens with inputs that open inside WhatsApp, which calls them Flows. With us a flow is a guided
//! conversation, so they are forms everywhere.
//!
//! - `key` is the RSA key of a number, under which phones seal what they send to our endpoint,
//! - `envelope` opens such a request and seals its answer, `exchange` says what the two mean,
//! - `media` opens the files that a picker left on WhatsApp's network,
//! - `answers` tells words from files in what was filled in, with an endpoint and without,
//! - `screens` writes the definition that Meta shows.
//!
//! Pure: `client` fetches and sends. Nothing of a customer's stands in an error.

mod answers;
mod envelope;
mod exchange;
mod key;
mod media;
mod screens;

pub use self::{
    answers::{Answers, AnswersError, PickedFile, token_of},
    envelope::{EnvelopeError, Session, open},
    exchange::{Asked, ExchangeError, acknowledged, active, done, read, refused, screen},
    key::{FormKey, KeyError},
    media::{CIPHER_BYTES_MAX, FILE_BYTES_MAX, MediaError, Seals, open as open_media},
    screens::{FIRST_SCREEN, Input, Plan, SCREENS_MAX, Screen, render},
};
