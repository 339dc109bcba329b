//! The command line: every command says what it did, or what to do instead.

mod analyze;
mod audit;
mod check;
mod demo;
mod doctor;
mod example;
mod flow;
mod flow_form;
mod form_keys;
mod kept;
mod manual;
mod models;
mod operate;
mod people;
mod phone;
mod run;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::Config;

/// The help desk that looks.
#[derive(Parser)]
#[command(name = "sportello", version, max_term_width = 100)]
struct Cli {
    /// Configuration file [default: sportello.toml beside you, if it exists]
    #[arg(long, short, global = true, env = "SPORTELLO_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(run::Serve),
    /// Run the server and the sandbox on one folder, ready to try
    Demo(demo::Demo),
    /// Check the whole set-up and say what to mend
    Doctor,
    /// Look at pictures and documents: quality, text, codes, personal data; no server needed
    Analyze(analyze::Analyze),
    /// Guided conversations: check, test, try and draw flows; no server needed
    #[command(subcommand)]
    Flow(flow::FlowCommand),
    /// Put the models of text and faces in their place, and check them
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// Check the configuration, or print an example, a schema or the reference
    #[command(subcommand)]
    Config(check::ConfigCommand),
    /// Bring the database to this version
    Migrate,
    /// People who work at the desk: add, list, disable, new passwords, roles and rights
    #[command(subcommand)]
    User(people::UserCommand),
    /// Who saw and did what: to a ticket and its files, to a user, or all of it
    Audit(audit::Audit),
    /// Make tokens for programs
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// Look at webhooks that could not be read, and read them again
    #[command(subcommand)]
    Inbox(operate::InboxCommand),
    /// Look at jobs, and run dead ones again
    #[command(subcommand)]
    Jobs(operate::JobsCommand),
    /// The stand-in for WhatsApp: run it, send as a customer, set its clock and its faults
    #[command(subcommand)]
    Sandbox(phone::SandboxCommand),
    /// The master key, and the keys of native forms
    #[command(subcommand)]
    Keys(operate::KeysCommand),
    /// Write a consistent copy of everything while the server runs
    Backup(operate::Backup),
    /// Put a backup back into an empty data folder
    Restore(operate::Restore),
    /// Print the API's description
    Openapi,
    /// Fill a database for measurements
    #[command(hide = true)]
    Seed(operate::Seed),
}

/// Runs what the command line asks for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sportello: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; one that quotes its cause already is not followed by it.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        if told.is_empty() {
            cause
        } else if told.ends_with(&cause) {
            told
        } else {
            format!("{told}: {cause}")
        }
    })
}

fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let path = cli.config;
    match cli.command {
        Command::Serve(serve) => run::serve(Config::load(path.as_deref())?, &serve),
        Command::Demo(demo) => demo::run(&demo),
        Command::Doctor => doctor::run(Config::load(path.as_deref())?),
        Command::Analyze(args) => analyze::run(Config::load(path.as_deref())?, &args),
        Command::Flow(command) => flow::run(|| Ok(Config::load(path.as_deref())?), &command),
        Command::Models(command) => models::run(&Config::load(path.as_deref())?, &command),
        Command::Config(command) => check::run(path.as_deref(), &command),
        Command::Migrate => operate::migrate(Config::load(path.as_deref())?),
        Command::User(command) => people::user(Config::load(path.as_deref())?, command),
        Command::Audit(args) => audit::run(Config::load(path.as_deref())?, args),
        Command::Token(command) => people::token(Config::load(path.as_deref())?, command),
        Command::Inbox(command) => operate::inbox(Config::load(path.as_deref())?, &command),
        Command::Jobs(command) => operate::jobs(Config::load(path.as_deref())?, &command),
        Command::Sandbox(command) => phone::run(command),
        Command::Keys(command) => operate::keys(Config::load(path.as_deref())?, &command),
        Command::Backup(backup) => operate::backup(Config::load(path.as_deref())?, &backup),
        Command::Restore(restore) => operate::restore(Config::load(path.as_deref())?, &restore),
        Command::Openapi => {
            print!("{}", crate::http::openapi_document());
            Ok(ExitCode::SUCCESS)
        }
        Command::Seed(seed) => operate::seed(Config::load(path.as_deref())?, &seed),
    }
}

/// Tasks that a thread runs before it looks for those that were woken from outside of the runtime.
///
/// The threads of SQLite wake from there: under a storm of webhooks every commit would wait for its turn behind the
/// requests that wait for the commit.
const WOKEN_FROM_OUTSIDE_EVERY: u32 = 4;

/// Runs async code for a command.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().global_queue_interval(WOKEN_FROM_OUTSIDE_EVERY).build()?.block_on(future)
}
