//! Everything durable: the database (SQLite or PostgreSQL), the inbox, the jobs queue, and sealed blobs.
//!
//! One module a noun; SQL stands beside its only caller.
//! Nothing here speaks HTTP or knows the wire format of others.

#[macro_use]
mod db;

pub mod analysis_runs;
pub mod articles;
pub mod attachments;
pub mod audit;
pub mod blobs;
pub mod capture_links;
pub mod changes;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod events;
pub mod findings;
pub mod flow_runs;
pub mod flows;
pub mod forms;
pub mod hashes;
pub mod inbox;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod leases;
pub mod messages;
pub mod migrate;
pub mod problems;
pub mod processes;
pub mod redactions;
pub mod returns;
pub mod seal;
pub mod search;
pub mod second_factors;
pub mod sessions;
pub mod sla;
pub mod statuses;
pub mod teams;
pub mod tickets;
pub mod turns;
pub mod users;
pub mod visits;
mod words;

mod error;

pub use db::{Db, Engine, Notice, Tx};
pub use error::{Result, StoreError, fault};
