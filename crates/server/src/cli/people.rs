//! Commands about people and programs that may come in: accounts, passwords, tokens.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use model::{
    Clock as _, Ids, SystemClock,
    access::{Right, Rights, Role},
};
use store::{
    audit, second_factors, sessions,
    users::{self, NewToken},
};

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
    /// Take a user's second factor away, who lost phone and recovery codes; their sessions end
    ResetSecondFactor { email: String },
    /// Let a disabled user sign in again; their tokens stay ended
    Enable { email: String },
    /// Give a user another role, or rights of their own beside it
    May(May),
    /// List every account, its role and what was given beside it
    List,
}

#[derive(Args)]
pub struct Add {
    email: String,
    #[arg(long)]
    name: Option<String>,
    /// agent, supervisor, administrator, auditor or technician
    #[arg(long, default_value = "agent")]
    role: String,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub struct May {
    email: String,
    /// agent, supervisor, administrator, auditor or technician
    #[arg(long)]
    role: Option<String>,
    /// A right beside those of the role, such as identity_documents.read; may be given several times
    #[arg(long)]
    give: Vec<String>,
    /// A right that was given and ends
    #[arg(long)]
    take: Vec<String>,
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
        /// Only this right, such as tickets.read; may be given several times. Without one: all that the user may do
        #[arg(long)]
        scope: Vec<String>,
    },
}

pub fn user(config: Config, command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add(args) => add(&config, args),
        UserCommand::Password(args) => change_password(&config, &args),
        UserCommand::Disable { email } => block_on(disable(&config, &email)),
        UserCommand::ResetSecondFactor { email } => block_on(reset_second_factor(&config, &email)),
        UserCommand::Enable { email } => block_on(enable(&config, &email)),
        UserCommand::May(args) => block_on(may(&config, &args)),
        UserCommand::List => block_on(list(&config)),
    }
}

fn add(config: &Config, args: Add) -> anyhow::Result<ExitCode> {
    let Add { email, name, role, password_stdin } = args;
    if !email.contains('@') {
        anyhow::bail!("`{email}` is no e-mail address");
    }
    let role = role_named(&role)?;
    let ids = Ids::from_os();
    let about = [email.as_str(), name.as_deref().unwrap_or_default()];
    let chosen = Chosen::new(&ids, password_stdin, &about)?;
    block_on(async {
        let (desk, _) = opened(config).await?;
        let mut tx = desk.begin().await?;
        let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
        match users::insert(&mut tx, &ids, &email, &name, role, &chosen.hash, SystemClock.now()).await {
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
    let chosen = Chosen::new(&Ids::from_os(), args.password_stdin, &[&args.email])?;
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

async fn reset_second_factor(config: &Config, email: &str) -> anyhow::Result<ExitCode> {
    let (desk, account) = found(config, email).await?;
    let mut tx = desk.begin().await?;
    if !second_factors::remove(&mut tx, &account.id).await? {
        println!("{} has no second factor; the password is enough to sign in", account.email);
        return Ok(ExitCode::SUCCESS);
    }
    sessions::end_all(&mut tx, &account.id).await?;
    let (ids, now) = (Ids::from_os(), SystemClock.now());
    let detail = format!("of {}", account.email);
    audit::add(&mut tx, &ids, "cli", "user.second_factor_reset", account.id.as_str(), &detail, now).await?;
    tx.commit().await?;
    println!("{} signs in with the password alone; every session of theirs has ended", account.email);
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

fn role_named(name: &str) -> anyhow::Result<Role> {
    Role::parse(name).with_context(|| {
        format!("role is `{name}`; one of {} is needed", Role::ALL.map(Role::as_str).join(", "))
    })
}

fn right_named(name: &str) -> anyhow::Result<Right> {
    Right::parse(name).with_context(|| {
        format!("right is `{name}`; these exist: {}", Right::ALL.map(Right::as_str).join(", "))
    })
}

async fn may(config: &Config, args: &May) -> anyhow::Result<ExitCode> {
    let (desk, account) = found(config, &args.email).await?;
    let role = args.role.as_deref().map(role_named).transpose()?;
    let mut granted = account.granted()?;
    for name in &args.give {
        granted.add(right_named(name)?);
    }
    for name in &args.take {
        let right = right_named(name)?;
        if !granted.remove(right) && Role::parse(&account.role).is_some_and(|role| role.rights().has(right)) {
            anyhow::bail!(
                "`{name}` comes with the role {}; give {} another role with --role",
                account.role,
                account.email
            );
        }
    }
    let (ids, now) = (Ids::from_os(), SystemClock.now());
    let mut tx = desk.begin().await?;
    if let Some(role) = role {
        users::set_role(&mut tx, &account.id, role).await?;
    }
    users::set_granted(&mut tx, &account.id, &granted).await?;
    let names: Vec<&str> = granted.iter().map(Right::as_str).collect();
    let role = role.map_or(account.role.as_str(), |role| role.as_str());
    let told = format!("{role}{}", names.iter().map(|name| format!(" +{name}")).collect::<String>());
    audit::add(&mut tx, &ids, "cli", "user.may", account.id.as_str(), &told, now).await?;
    tx.commit().await?;
    println!("{}: {told}", account.email);
    Ok(ExitCode::SUCCESS)
}

async fn list(config: &Config) -> anyhow::Result<ExitCode> {
    let (desk, _) = opened(config).await?;
    for account in users::accounts(&desk).await? {
        let state = account.disabled_at.map_or_else(String::new, |at| format!("  disabled {at}"));
        let second = if account.has_second_factor { "  second factor" } else { "" };
        let granted: String =
            account.granted()?.iter().map(|right| format!(" +{}", right.as_str())).collect();
        println!("{}  {}  {}{granted}{second}{state}", account.email, account.name, account.role);
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
    fn new(ids: &Ids, from_stdin: bool, about: &[&str]) -> anyhow::Result<Self> {
        let password = if from_stdin {
            read_password(about)?
        } else {
            users::new_secret(ids).chars().take(20).collect()
        };
        let hash = password::hash(&password).map_err(anyhow::Error::msg)?;
        Ok(Self { hash, made: (!from_stdin).then_some(password) })
    }

    fn print(&self) {
        if let Some(password) = &self.made {
            println!("password: {password}");
        }
    }
}

fn read_password(about: &[&str]) -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    password::check(&password, about).map_err(anyhow::Error::msg)?;
    Ok(password)
}

pub fn token(config: Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let TokenCommand::Add { name, user, scope } = command;
    let scopes = scope.iter().map(|name| right_named(name)).collect::<anyhow::Result<Rights>>()?;
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
        let new = NewToken {
            name: &name,
            user: user.as_ref(),
            scopes: (!scope.is_empty()).then_some(&scopes),
            expires_at: None,
        };
        users::add_token(&mut tx, &ids, &secret, &new, SystemClock.now()).await?;
        tx.commit().await?;
        println!("{secret}");
        Ok(ExitCode::SUCCESS)
    })
}
