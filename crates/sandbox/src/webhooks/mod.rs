//! What goes to the business: composed, queued, signed, delivered until it gets its 200.

pub mod compose;
pub mod deliver;
pub mod queue;
pub mod statuses;
pub mod wire;
