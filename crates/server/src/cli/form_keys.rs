//! `sportello keys forms`: the keys under which phones seal filled forms for our endpoint.

use std::{process::ExitCode, sync::Arc};

use channels::whatsapp::client::{Client, SendError, UploadedKey};
use clap::Subcommand;
use model::{Clock as _, Ids, SystemClock};
use store::{Db, forms as stored};

use super::{block_on, operate::opened};
use crate::{
    app::{self, Line},
    config::Config,
    forms::keys,
};

/// What Meta says of a key that phones use.
const VALID: &str = "VALID";

#[derive(Subcommand)]
pub enum FormKeysCommand {
    /// Make a key for each number (or the given ones) and upload its public half. Older keys still open what was
    /// sealed for them
    Make { numbers: Vec<String> },
    /// Upload the public half again, for Meta to sign it
    Upload { numbers: Vec<String> },
    /// Show the public half of each number's key, and what Meta says of it
    Show { numbers: Vec<String> },
}

impl FormKeysCommand {
    fn numbers(&self) -> &[String] {
        match self {
            Self::Make { numbers } | Self::Upload { numbers } | Self::Show { numbers } => numbers,
        }
    }
}

pub fn run(config: Config, command: &FormKeysCommand) -> anyhow::Result<ExitCode> {
    block_on(async {
        let settings = config.whatsapp.as_ref();
        let line =
            Line::open(settings.ok_or_else(|| {
                anyhow::anyhow!("WhatsApp is not configured; see `sportello config example`")
            })?)?;
        let chosen = chosen(&line, command.numbers())?;
        let (desk, _) = opened(&config).await?;
        let mut is_good = true;
        for (account, client) in chosen {
            if let FormKeysCommand::Make { .. } = command {
                make(&config, &desk, account).await?;
            }
            is_good &= match command {
                FormKeysCommand::Show { .. } => show(&desk, account, client).await?,
                _ => upload(&desk, account, client).await?,
            };
        }
        Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn chosen<'a>(line: &'a Line, wanted: &[String]) -> anyhow::Result<Vec<(&'a str, &'a Client)>> {
    if let Some(unknown) = wanted.iter().find(|account| line.number(account).is_none()) {
        anyhow::bail!("`{unknown}` is no phone_number_id of the configuration");
    }
    let is_wanted = |account: &str| wanted.is_empty() || wanted.iter().any(|one| one == account);
    let numbers = line.numbers().filter(|(account, _)| is_wanted(account));
    Ok(numbers.map(|(account, number)| (account, &number.client)).collect())
}

async fn make(config: &Config, desk: &Db, account: &str) -> anyhow::Result<()> {
    let (ids, now) = (Arc::new(Ids::from_os()), SystemClock.now());
    let ring = app::keyring(config, &ids, now)?;
    let mut tx = desk.begin().await?;
    keys::make(&mut tx, &ring, &ids, account, now).await?;
    tx.commit().await?;
    println!("{account}: a key was made and stored, sealed");
    Ok(())
}

async fn upload(desk: &Db, account: &str, client: &Client) -> anyhow::Result<bool> {
    let Some(key) = stored::public_key(desk, account).await? else {
        println!("{account}: there is no key; make one with `sportello keys forms make {account}`");
        return Ok(false);
    };
    client.upload_key(&key.public_key).await.map_err(|error| anyhow::anyhow!("{account}: {error}"))?;
    println!("{account}: the public key was uploaded");
    told(desk, account, client).await
}

async fn show(desk: &Db, account: &str, client: &Client) -> anyhow::Result<bool> {
    if let Some(key) = stored::public_key(desk, account).await? {
        print!("{}", key.public_key);
    }
    told(desk, account, client).await
}

async fn told(desk: &Db, account: &str, client: &Client) -> anyhow::Result<bool> {
    let state = state(desk, account, client).await;
    println!("{account}: {}", state.sentence(account));
    Ok(matches!(state, State::Valid))
}

/// How the key of a number is, here and at Meta.
pub enum State {
    Valid,
    Missing,
    NotUploaded,
    Another,
    /// Meta's own word for what is wrong.
    Refused(String),
    Unknown(String),
}

impl State {
    pub fn sentence(&self, account: &str) -> String {
        match self {
            Self::Valid => "the key is here, and Meta calls it VALID".to_owned(),
            Self::Missing => format!("there is no key; make one with `sportello keys forms make {account}`"),
            Self::NotUploaded => {
                format!("Meta has no key; upload it with `sportello keys forms upload {account}`")
            }
            Self::Another => format!(
                "Meta has another key than the one here; upload it with `sportello keys forms upload {account}`"
            ),
            Self::Refused(word) => {
                format!("Meta calls the key {word}; upload it with `sportello keys forms upload {account}`")
            }
            Self::Unknown(why) => format!("Meta did not say how the key is: {why}"),
        }
    }
}

pub async fn state(desk: &Db, account: &str, client: &Client) -> State {
    let ours = match stored::public_key(desk, account).await {
        Ok(Some(key)) => key.public_key,
        Ok(None) => return State::Missing,
        Err(error) => return State::Unknown(error.to_string()),
    };
    match client.uploaded_key().await {
        Ok(None) => State::NotUploaded,
        Ok(Some(UploadedKey { public_key, .. })) if !keys::is_same(&public_key, &ours) => State::Another,
        Ok(Some(UploadedKey { status, .. })) if status == VALID => State::Valid,
        Ok(Some(UploadedKey { status, .. })) => State::Refused(status),
        Err(SendError::Refused { code, message, .. }) => {
            State::Unknown(channels::whatsapp::errors::explain(code, Some(&message)))
        }
        Err(error) => State::Unknown(error.to_string()),
    }
}
