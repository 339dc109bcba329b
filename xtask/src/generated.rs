//! Files that a program writes and git keeps, so that a change of the API or of the configuration is
//! seen in a review. One row each.

use crate::{console, machine, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::process::Command;

struct Generated {
    path: &'static str,
    by: By,
}

enum By {
    /// `sportello ARGS` prints the file.
    Sportello(&'static [&'static str]),
    /// `npm run SCRIPT` in the console's folder writes the file.
    Npm(&'static str),
}

/// In this order: the console's types are made from the OpenAPI document.
const FILES: [Generated; 3] = [
    Generated { path: "console/src/api/openapi.json", by: By::Sportello(&["openapi"]) },
    Generated { path: "docs/configuration.md", by: By::Sportello(&["config", "reference"]) },
    Generated { path: "console/src/api/schema.d.ts", by: By::Npm("api-types") },
];

/// Fails when a file differs from what its program writes now; the files are left as they were.
pub fn check() -> Result<()> {
    let mut stale = Vec::new();
    for file in &FILES {
        let kept = fs::read(file.path).with_context(|| format!("cannot read {}", file.path))?;
        let fresh = file.fresh()?;
        fs::write(file.path, &kept)?;
        if fresh != kept {
            stale.push(file.path);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!("not up to date: {}; run `cargo dev generate` and commit", stale.join(", "))
}

pub fn write() -> Result<()> {
    machine::need_cpp()?;
    console::build()?;
    run::step("server", run::cargo().args(["build", "--package", "server"]))?;
    for file in &FILES {
        let fresh = file.fresh()?;
        fs::write(file.path, fresh).with_context(|| format!("cannot write {}", file.path))?;
        println!("{}", file.path);
    }
    Ok(())
}

impl Generated {
    fn fresh(&self) -> Result<Vec<u8>> {
        match self.by {
            By::Sportello(args) => {
                run::output(Command::new(run::target_dir()?.join("debug/sportello")).args(args))
            }
            By::Npm(script) => {
                run::output(console::npm().args(["run", "--silent", script]))?;
                fs::read(self.path).with_context(|| format!("npm run {script} did not write {}", self.path))
            }
        }
    }
}
