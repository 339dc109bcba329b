//! The console and the phone page: npm modules as the lock file says, and a build no older than its sources.

use crate::{machine, run};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

const FOLDER: &str = "console";
/// A copy of the lock file that the installed modules came from.
const INSTALLED: &str = "console/node_modules/.installed-from-lock";
/// What a build or a test writes, and what the build does not read.
const NOT_SOURCES: [&str; 4] = ["node_modules", "dist", "e2e", "test-results"];

/// Installs the modules and builds, each only when it is stale.
pub fn build() -> Result<()> {
    install()?;
    let built = fs::metadata("console/dist/index.html").and_then(|file| file.modified());
    // An unchanged page keeps its time, so that the server that embeds it need not be compiled again.
    if built.is_ok_and(|built| newest(Path::new(FOLDER)).is_ok_and(|source| source < built)) {
        return Ok(());
    }
    run::step("console build", npm().args(["run", "build"]))
}

/// `npm ci` when the installed modules are not those of the lock file.
pub fn install() -> Result<()> {
    machine::need_node()?;
    let lock = fs::read("console/package-lock.json").context("cannot read console/package-lock.json")?;
    if fs::read(INSTALLED).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run::step("npm ci", npm().args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(INSTALLED, lock).with_context(|| format!("cannot write {INSTALLED}"))
}

pub fn npm() -> Command {
    let mut command = Command::new("npm");
    command.current_dir(FOLDER);
    command
}

/// When the youngest source was changed (folders too: a removed file changes its folder).
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let file = entry.metadata()?;
        newest = newest.max(file.modified()?);
        if file.is_dir() {
            newest = newest.max(self::newest(&entry.path())?);
        }
    }
    Ok(newest)
}
