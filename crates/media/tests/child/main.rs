//! The decoder as the server runs it: a real child process, fed real and hostile files.
//!
//! This binary is the test and the child: started with `media-worker` it is the product's worker, started with the
//! name of a misbehaviour it is a child that was taken over.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test, without the harness that clippy knows tests by"
)]

mod attackers;
mod corpus;
mod documents;
#[path = "../../src/fixtures.rs"]
mod fixtures;
mod hostile;
mod looks;
mod pictures;
mod renditions;
mod walls;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use media::{Decoder, Limits};

fn main() -> ExitCode {
    let role = std::env::args().nth(1).unwrap_or_default();
    if role == "media-worker" {
        return media::run_worker();
    }
    if let Some(attacker) = attackers::by_name(&role) {
        return attacker();
    }
    // One at a time: a test looks whether any child of this process is left over.
    let args = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials: Vec<Trial> =
        [renditions::TESTS, looks::TESTS, documents::TESTS, hostile::TESTS, walls::TESTS, corpus::TESTS]
            .concat()
            .into_iter()
            .map(|(name, test)| {
                Trial::test(name, move || {
                    test();
                    Ok(())
                })
            })
            .collect();
    libtest_mimic::run(&args, trials).exit_code()
}

type Test = (&'static str, fn());

/// The product's worker under the default limits.
fn decoder() -> Decoder {
    child("media-worker", Limits::default())
}

fn child(role: &str, limits: Limits) -> Decoder {
    Decoder { exe: std::env::current_exe().unwrap(), args: vec![role.into()], limits }
}
