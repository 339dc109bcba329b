//! `cargo dev`: what people and CI do with this repository, in one word each.
//!
//! Whatever the machine lacks is installed here when that is possible and named, with the exact
//! command, when it is not; nobody has to read a set-up page first.

mod check;
mod console;
mod generated;
mod licences;
mod machine;
mod models;
mod onnxruntime;
mod postgres;
mod run;
mod spdx;
mod test;

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo dev COMMAND

  demo [ARGS]       build everything in release and start the server and the sandbox on ./.dev
  test [--filter X] every test: console, both databases, browser (with --filter: Rust tests named *X*)
  check             formatting, lints, documentation, licences, generated files
  generate          bring every generated file up to date
  console           build the console and the phone page
  models            download the analyzers' models into models/ and check them
                    (with --onnxruntime: also the library that reads text faster)
  postgres          keep a throw-away PostgreSQL running until Enter is pressed
  chaos ARGS        kill the server under load and look for losses: chaos kill --trials 30
  bench ARGS        measure: bench ingest, media, looks, vision, idle, search
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let command = args.next().and_then(|arg| arg.into_string().ok()).unwrap_or_default();
    let rest: Vec<OsString> = args.collect();
    std::env::set_current_dir(run::root()?).context("cannot enter the repository")?;
    match command.as_str() {
        "test" if !test::run(&test::Options::parse(&rest)?)? => return Ok(ExitCode::FAILURE),
        "test" => Ok(()),
        "demo" => demo(&rest),
        "check" => no_arguments(&rest).and_then(|()| check::run()),
        "generate" => no_arguments(&rest).and_then(|()| generated::write()),
        "console" => no_arguments(&rest).and_then(|()| console::build()),
        "models" if rest.iter().any(|arg| arg == "--onnxruntime") && rest.len() == 1 => {
            models::need().and_then(|()| onnxruntime::need())
        }
        "models" => no_arguments(&rest).and_then(|()| models::need()),
        "postgres" => no_arguments(&rest).and_then(|()| postgres::hold()),
        "chaos" => measured("chaos", &rest),
        "bench" => measured("bench", &rest),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no `cargo dev {other}`\n\n{USAGE}"),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn demo(args: &[OsString]) -> Result<()> {
    machine::need_cpp()?;
    console::build()?;
    models::need()?;
    run::step("server", run::cargo().args(["build", "--release", "--package", "server"]))?;
    become_program(
        Command::new(run::target_dir()?.join("release/sportello")).args(["demo", "--dir", ".dev"]).args(args),
    )
}

/// Chaos and bench drive the release build: a debug server would measure the compiler.
fn measured(program: &str, args: &[OsString]) -> Result<()> {
    machine::need_cpp()?;
    console::build()?;
    run::step(
        "release build",
        run::cargo().args(["build", "--release", "--package", "server", "--package", "bench"]),
    )?;
    // Thousands of connections need as many open files as we may have.
    let script = r#"ulimit -n "$(ulimit -Hn)"; exec "$0" "$@""#;
    become_program(
        Command::new("sh")
            .args(["-c", script])
            .arg(run::target_dir()?.join("release").join(program))
            .args(args),
    )
}

/// Replaces this process, so that signals and the exit status are the program's own.
fn become_program(command: &mut Command) -> Result<()> {
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start {}", command.get_program().display()))
}

fn no_arguments(args: &[OsString]) -> Result<()> {
    match args.first() {
        Some(arg) => bail!("unexpected argument {}", arg.display()),
        None => Ok(()),
    }
}
