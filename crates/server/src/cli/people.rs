//! Commands about people and programs that may come in: accounts, passwords, tokens.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use model::{Clock as _, Ids, SystemClock};
use store::users;

use super::{block_on, operate::opened};
use crate::{config::Config, password};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is read from standard input, or made and printed
    Add(Add),
    /// Give a user a new password and end their sessions
    Password(Password),
    /// Shut a user out: no sign-in, and their sessions and tokens end
    Disable { email: String },
    /// Let a disabled user sign in again; their tokens stay ended
    Enable { email: String },
    /// List every account
    List,
}

#[derive(Args)]
pub struct Add {
    email: String,
    #[arg(long)]
    name: Option<String>,
    /// agent or administrator
    #[arg(long, default_value = "agent")]
    role: String,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub struct Password {
    email: String,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make an API token; it is printed once
    Add {
        name: String,
        /// Acts as this user
        #[arg(long)]
        user: Option<String>,
    },
}

pub fn user(config: Config, command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add(args) => add(&config, args),
        UserCommand::Password(args) => change_password(&config, &args),
        UserCommand::Disable { email } => block_on(disable(&config, &email)),
        UserCommand::Enable { email } => block_on(enable(&config, &email)),
        UserCommand::List => block_on(list(&config)),
    }
}

fn add(config: &Config, args: Add) -> anyhow::Result<ExitCode> {
    let Add { email, name, role, password_stdin } = args;
    if !email.contains('@') {
        anyhow::bail!("`{email}` is no e-mail address");
    }
    if !matches!(role.as_str(), "agent" | "administrator") {
        anyhow::bail!("role is `{role}`; agent or administrator is needed");
    }
    let ids = Ids::from_os();
    let chosen = Chosen::new(&ids, password_stdin)?;
    block_on(async {
        let (desk, _) = opened(config).await?;
        let mut tx = desk.begin().await?;
        let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
        match users::insert(&mut tx, &ids, &email, &name, &role, &chosen.hash, SystemClock.now()).await {
            Ok(_) => tx.commit().await?,
            Err(store::StoreError::Duplicate(_)) => anyhow::bail!(
                "{email} has an account already; `sportello user password {email}` gives it a new password"
            ),
            Err(error) => return Err(error.into()),
        }
        println!("{email} can sign in");
        chosen.print();
        Ok(ExitCode::SUCCESS)
    })
}

fn change_password(config: &Config, args: &Password) -> anyhow::Result<ExitCode> {
    let chosen = Chosen::new(&Ids::from_os(), args.password_stdin)?;
    block_on(async {
        let (desk, account) = found(config, &args.email).await?;
        let mut tx = desk.begin().await?;
        users::set_password(&mut tx, &account.id, &chosen.hash).await?;
        tx.commit().await?;
        println!("{} has a new password; every session of theirs has ended", account.email);
        if account.disabled_at.is_some() {
            println!("the account is disabled: `sportello user enable {}` lets them in", account.email);
        }
        chosen.print();
        Ok(ExitCode::SUCCESS)
    })
}

async fn disable(config: &Config, email: &str) -> anyhow::Result<ExitCode> {
    let (desk, account) = found(config, email).await?;
    let mut tx = desk.begin().await?;
    users::disable(&mut tx, &account.id, SystemClock.now()).await?;
    tx.commit().await?;
    println!("{} is shut out; every session and token of theirs has ended", account.email);
    Ok(ExitCode::SUCCESS)
}

async fn enable(config: &Config, email: &str) -> anyhow::Result<ExitCode> {
    let (desk, account) = found(config, email).await?;
    let mut tx = desk.begin().await?;
    users::enable(&mut tx, &account.id).await?;
    tx.commit().await?;
    println!("{} can sign in again, with the password they had; tokens are made anew", account.email);
    Ok(ExitCode::SUCCESS)
}

async fn list(config: &Config) -> anyhow::Result<ExitCode> {
    let (desk, _) = opened(config).await?;
    for account in users::accounts(&desk).await? {
        let state = account.disabled_at.map_or_else(String::new, |at| format!("  disabled {at}"));
        println!("{}  {}  {}{state}", account.email, account.name, account.role);
    }
    Ok(ExitCode::SUCCESS)
}

async fn found(config: &Config, email: &str) -> anyhow::Result<(store::Db, users::Account)> {
    let (desk, _) = opened(config).await?;
    let account = users::account(&desk, email).await?.with_context(|| {
        format!("{email} has no account; `sportello user list` shows those that there are")
    })?;
    Ok((desk, account))
}

/// A password that was typed, or one that was made and has to be told.
struct Chosen {
    hash: String,
    made: Option<String>,
}

impl Chosen {
    fn new(ids: &Ids, from_stdin: bool) -> anyhow::Result<Self> {
        let password =
            if from_stdin { read_password()? } else { users::new_secret(ids).chars().take(20).collect() };
        let hash = password::hash(&password).map_err(anyhow::Error::msg)?;
        Ok(Self { hash, made: (!from_stdin).then_some(password) })
    }

    fn print(&self) {
        if let Some(password) = &self.made {
            println!("password: {password}");
        }
    }
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < password::LENGTH_MIN {
        anyhow::bail!("the password needs at least {} characters", password::LENGTH_MIN);
    }
    Ok(password)
}

pub fn token(config: Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let TokenCommand::Add { name, user } = command;
    block_on(async {
        let (desk, _) = opened(&config).await?;
        let user = match user {
            None => None,
            Some(email) => Some(
                users::by_email(&desk, &email)
                    .await?
                    .with_context(|| format!("{email} has no account"))?
                    .0
                    .id,
            ),
        };
        let ids = Ids::from_os();
        let secret = users::new_secret(&ids);
        let mut tx = desk.begin().await?;
        users::add_token(&mut tx, &ids, &secret, &name, user.as_ref(), SystemClock.now()).await?;
        tx.commit().await?;
        println!("{secret}");
        Ok(ExitCode::SUCCESS)
    })
}
