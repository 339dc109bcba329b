//! Running other programs: every step says what it is, how long it took and how it ended.

use anyhow::{Context, Result, anyhow, bail};
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

/// The repository's folder.
pub fn root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map(Path::to_path_buf).context("xtask has no parent folder")
}

pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Cargo describes the package it runs to the programs it starts; a cargo inside must not inherit that.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR") {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo's own answer: `CARGO_TARGET_DIR` and a configuration file can move it.
pub fn target_dir() -> Result<PathBuf> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let metadata = json(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let path = metadata.get("target_directory").and_then(|value| value.as_str());
    let path = PathBuf::from(path.context("cargo metadata names no target_directory")?);
    Ok(FOUND.get_or_init(|| path).clone())
}

/// Runs a step with the terminal as its own; an error names the step.
pub fn step(name: &str, command: &mut Command) -> Result<()> {
    timed(name, || {
        let status = start(command)?;
        fail_unless(status.success(), name, command)
    })
}

/// Says what starts, and how long it took however it ended.
pub fn timed<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {name}");
    let begin = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "ok" } else { "FAILED" };
    eprintln!("<== {name}: {verdict} in {:.1} s", begin.elapsed().as_secs_f64());
    result
}

/// Runs a program whose lines are shown as they come and kept, without colours, for a summary.
pub fn watched(command: &mut Command) -> Result<(ExitStatus, Vec<String>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let aside =
        std::thread::spawn(move || stderr.map_or(Ok(Vec::new()), |pipe| echo(pipe, std::io::stderr())));
    let mut lines = stdout.map_or(Ok(Vec::new()), |pipe| echo(pipe, std::io::stdout()))?;
    let status = child.wait()?;
    lines.extend(aside.join().map_err(|_| anyhow!("the reader of standard error panicked"))??);
    Ok((status, lines))
}

/// What a program prints, which must succeed; its complaints go to the terminal.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let out = command.stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    fail_unless(out.status.success(), "it", command)?;
    Ok(out.stdout)
}

pub fn json(command: &mut Command) -> Result<serde_json::Value> {
    Ok(serde_json::from_slice(&output(command)?)?)
}

/// Whether a program can be started at all and answers with success.
pub fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A program on the PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The value for `--color`: our pipe must not cost a person at a terminal the colours.
pub fn colour() -> &'static str {
    if std::io::stderr().is_terminal() { "always" } else { "never" }
}

fn start(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| cannot_start(command))
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().display())
}

fn fail_unless(success: bool, name: &str, command: &Command) -> Result<()> {
    if success {
        return Ok(());
    }
    let mut line = command.get_program().display().to_string();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    bail!("{name} failed: {line}")
}

fn echo(pipe: impl Read, mut to: impl Write) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        lines.push(without_colours(String::from_utf8_lossy(&line).trim_end()));
        line.clear();
    }
    Ok(lines)
}

/// Drops the escape sequences of colours (`ESC [ … letter`).
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            chars.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(char);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_dropped_and_text_is_kept() {
        assert_eq!(without_colours("\u{1b}[1;32m  Summary\u{1b}[0m 3 passed è"), "  Summary 3 passed è");
    }
}
