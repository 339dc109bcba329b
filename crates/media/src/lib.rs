//! Bytes in, report out: what a file is, and what a person may look at.
//!
//! Bytes from outside are decoded only by [`worker`], a child process that first gives up everything it does not
//! need ([`confine`]); [`child`] starts it, watches it and checks its answer. People see re-encoded renditions only:
//! nothing of the original's metadata, trailing bytes or markup survives them.

pub mod child;
pub mod confine;
pub mod documents;
#[cfg(test)]
mod fixtures;
pub mod forensics;
pub mod hash;
pub mod limits;
pub mod malice;
pub mod mask;
pub mod metadata;
pub mod quality;
pub mod rendition;
pub mod report;
pub mod sniff;
mod wire;
pub mod worker;

pub use child::{Death, DecodeError, Decoder};
pub use confine::{Confinement, Landlock};
pub use documents::Document;
pub use hash::{Hashes, Pdq};
pub use limits::Limits;
pub use metadata::Metadata;
pub use quality::Measures;
pub use rendition::Pixels;
pub use report::{Rendition, Report, Unrenderable};
pub use sniff::{Family, Sniffed, is_mono_opus, sniff};
pub use worker::run_worker;
