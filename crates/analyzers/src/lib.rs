//! How attachments are read: from decoded pixels and text to findings.
//!
//! An analyzer never sees a customer's bytes: a fresh confined child has decoded them (`media`). It says what it
//! found, how sure it is and why; it decides nothing.

pub mod local;
