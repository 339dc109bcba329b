//! Guided conversations: the flow file, its checker, and the pure engine that steps through it.
//!
//! Nothing here does I/O: the engine is told what happened and answers with what to do. Whoever calls it stores
//! the run and carries the actions out, in one transaction.

pub mod check;
pub mod engine;
pub mod format;
pub mod graph;
pub mod library;
pub mod talk;
pub mod texts;
