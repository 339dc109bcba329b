//! `sportello analyze`, as anybody would call it.

use super::answer::{self, Answer};
use anyhow::{Context, Result, ensure};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Run {
    pub answers: HashMap<String, Answer>,
    pub wall_s: f64,
    /// Of the process and of all children that it waited for.
    pub cpu_s: f64,
}

/// One process for all files, with these options before them.
pub fn run(binary: &Path, files: &[PathBuf], options: &[OsString]) -> Result<Run> {
    ensure!(binary.is_file(), "{} is missing: start this through `cargo dev`", binary.display());
    // The shell's own clock is the only one that counts the processor time of children without system calls of ours.
    let script = r#"TIMEFORMAT='%R %U %S'; time "$0" "$@""#;
    let mut command = Command::new("bash");
    command.args(["-c", script]).arg(binary).args(["analyze", "--json"]);
    let output = command.args(options).args(files).env("LC_ALL", "C").output()?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(
        output.status.success(),
        "`sportello analyze` failed: {}",
        errors.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given")
    );
    let times = errors.lines().last().unwrap_or_default();
    let numbers: Vec<f64> = times.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [wall_s, user_s, system_s] = numbers.as_slice() else {
        return Err(anyhow::anyhow!("the shell did not say how long it took")).context(times.to_owned());
    };
    Ok(Run {
        answers: answer::parse(std::str::from_utf8(&output.stdout)?)?,
        wall_s: *wall_s,
        cpu_s: user_s + system_s,
    })
}

/// `SPORTELLO_BIN`, or the one that was built beside us.
pub fn binary() -> Result<PathBuf> {
    match std::env::var_os("SPORTELLO_BIN") {
        Some(path) => Ok(path.into()),
        None => Ok(std::env::current_exe()?.with_file_name("sportello")),
    }
}
