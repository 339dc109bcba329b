//! Everything that can be said about the code without running its tests.

use crate::{console, generated, licences, machine, run};
use anyhow::Result;

pub fn run() -> Result<()> {
    machine::need_rust_component("rustfmt", "fmt")?;
    machine::need_rust_component("clippy", "clippy")?;
    machine::need_cpp()?;
    run::step("formatting", run::cargo().args(["fmt", "--all", "--check"]))?;
    run::timed("licences, bans, sources", licences::check)?;
    // The server embeds the built pages, so nothing compiles before they stand.
    console::build()?;
    run::step("console types", console::npm().args(["run", "check"]))?;
    run::step(
        "clippy",
        run::cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]),
    )?;
    run::step(
        "rustdoc",
        run::cargo()
            .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    // The tests' own build, not `--package server`: another choice of packages would unify features
    // otherwise and compile every dependency a second time.
    run::step("build", run::cargo().args(["test", "--workspace", "--no-run", "--locked"]))?;
    run::timed("generated files", generated::check)
}
