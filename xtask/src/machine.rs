//! What this machine has, and how it gets what it lacks.

use crate::run;
use anyhow::{Result, bail};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

const NODE_MAJOR_MIN: u32 = 20;

/// A program of a Debian package, installed when we may, named with the command when we may not.
/// `found` looks for it, before and after.
pub fn need<T>(what: &str, package: &str, found: impl Fn() -> Option<T>) -> Result<T> {
    if let Some(it) = found() {
        return Ok(it);
    }
    let command = format!("apt-get update && apt-get install -y --no-install-recommends {package}");
    if run::find("apt-get").is_none() {
        bail!("{what} is missing: install it with your system's package manager ({package} on Debian)");
    }
    if !is_root() {
        bail!("{what} is missing: run `sudo sh -c '{command}'` and try again");
    }
    eprintln!("{what} is missing: installing the package {package}");
    apt_update()?;
    run::step(
        &format!("apt-get install {package}"),
        apt().args(["install", "-y", "--no-install-recommends", package]),
    )?;
    match found() {
        Some(it) => Ok(it),
        None => bail!("{what} is still missing after `{command}`"),
    }
}

/// What compiles the C++ in a dependency (`zxing-cpp`). Ask before every build that can contain it.
pub fn need_cpp() -> Result<()> {
    for (program, package) in [("c++", "g++"), ("make", "make"), ("cmake", "cmake")] {
        need(package, package, || run::find(program))?;
    }
    Ok(())
}

/// What reads Hindi; the package brings the program along.
pub fn need_tesseract() -> Result<()> {
    need("Tesseract with Hindi", "tesseract-ocr-hin", || {
        let listed = run::output(Command::new(run::find("tesseract")?).arg("--list-langs")).ok()?;
        String::from_utf8_lossy(&listed).lines().any(|line| line.trim() == "hin").then_some(())
    })
}

/// The components of the toolchain that `check` calls; a minimal Rust comes without them.
pub fn need_rust_component(component: &str, subcommand: &str) -> Result<()> {
    if run::answers(run::cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    let name = format!("rustup component add {component}");
    if run::find("rustup").is_none() {
        bail!("cargo {subcommand} is missing: install it (`{name}` where rustup is used)");
    }
    run::step(&name, Command::new("rustup").args(["component", "add", component]))
}

/// Node.js is asked for, not installed: distributions carry versions that are too old.
pub fn need_node() -> Result<()> {
    const WAY_OUT: &str = "install Node 20 or newer with npm (https://nodejs.org) and try again";
    if run::find("node").is_none() || run::find("npm").is_none() {
        bail!("Node.js is missing: {WAY_OUT}");
    }
    let version = String::from_utf8(run::output(Command::new("node").arg("--version"))?)?;
    match node_major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!("Node.js {} is too old: {WAY_OUT}", version.trim()),
    }
}

pub fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim_ascii() == b"0")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Once a run: two missing packages need one fresh list.
fn apt_update() -> Result<()> {
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    run::step("apt-get update", apt().arg("update"))
}

fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::node_major;

    #[test]
    fn the_major_is_the_first_number() {
        assert_eq!(node_major("v20.19.4\n"), Some(20));
        assert_eq!(node_major("v8.1.0"), Some(8));
        assert_eq!(node_major("nightly"), None);
    }
}
