//! The nouns of the help desk and the rules that need nothing but data.
//!
//! No I/O, no async, no wire format of anybody else: what stands here can be tested with a table.

pub mod access;
pub mod assignment;
pub mod attachment;
pub mod calendar;
pub mod clock;
pub mod contact;
pub mod content;
pub mod event;
pub mod finding;
pub mod ids;
pub mod message;
pub mod outbound;
pub mod redaction;
pub mod returns;
pub mod sla;
pub mod ticket;

pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use ids::Ids;
