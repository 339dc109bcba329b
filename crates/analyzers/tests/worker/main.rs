//! Workers as the server runs them: real confined processes, real models, real pictures, and some that misbehave.
//!
//! This binary is the test and the worker: started with `analysis-worker` it is the product's worker, started with the
//! name of a misbehaviour it is a worker that was taken over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test, without the harness that clippy knows tests by"
)]

mod attackers;
#[path = "../common/mod.rs"]
mod common;
mod onnxruntime;
mod order;
mod pictures;

use std::process::ExitCode;

use analyzers::local::worker::{self, Limits, Look, Part, Pool, Settings, Urgency};
use libtest_mimic::{Arguments, Trial};
use media::Pixels;

fn main() -> ExitCode {
    let role = std::env::args().nth(1).unwrap_or_default();
    if role == "analysis-worker" {
        return worker::run();
    }
    if let Some(attacker) = attackers::by_name(&role) {
        return attacker();
    }
    // One at a time: a test looks whether any child of this process is left over.
    let args = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let trials: Vec<Trial> = [pictures::TESTS, order::TESTS, onnxruntime::TESTS]
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

fn settings(role: &str, limits: Limits) -> Settings {
    Settings {
        exe: std::env::current_exe().unwrap(),
        args: vec![role.into()],
        models: common::models_dir(),
        onnxruntime: None,
        workers: 1,
        threads: 2,
        limits,
        tesseract: None,
        needs_full_confinement: false,
    }
}

/// The product's worker under the default limits.
fn pool() -> Pool {
    common::models();
    Pool::new(settings("analysis-worker", Limits::default())).unwrap()
}

fn text_of(pixels: Pixels) -> Look {
    Look { pixels, parts: vec![Part::Text], urgency: Urgency::Customer }
}
