//! The receiver in Python (`receiver.py`), in a virtual environment that is made once.

use crate::process::Process;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const PACKAGES: [&str; 4] = ["fastapi", "uvicorn", "uvloop", "httptools"];

pub fn start(cache: &Path, database: &Path) -> Result<(Process, String)> {
    let venv = cache.join("python");
    let python = venv.join("bin/python");
    if !run(Command::new(&python).args(["-c", "import fastapi, uvicorn, uvloop, httptools"])) {
        eprintln!("installing {} into {}", PACKAGES.join(", "), venv.display());
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
            && run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
        ensure!(
            made,
            "cannot make the Python receiver's environment: install python3 with venv and pip (`apt-get install -y python3-venv`), or leave it out with --receivers sportello,bound"
        );
    }
    let script = database.with_extension("py");
    std::fs::write(&script, include_str!("receiver.py"))?;
    let mut command = Command::new(&python);
    command.arg(&script).env("APP_SECRET", super::SECRET).env("DATABASE", database);
    Process::start(&mut command, &database.with_extension("log"), Duration::from_secs(30))
        .context("the Python receiver did not start")
}

fn run(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
