//! `sportello demo`: server and sandbox on one folder, with an agent and a token, ready to try.
//!
//! The same folder survives any number of starts and kills: what was chosen once is kept in `demo.json`.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use model::{Clock, Ids, SystemClock, access::Role, ids::UserId};
use secrecy::SecretString;
use store::users::{self, NewToken};
use tokio::net::TcpListener;
use url::Url;

use super::{block_on, example, kept::Kept, run::StopSignal};
use crate::{
    app::App,
    config::{Config, Log, LogFormat, Number, WhatsApp},
    password,
    serve::{self, Roles},
    telemetry,
};

#[derive(Args)]
pub struct Demo {
    /// Folder for everything; made when absent
    #[arg(long, default_value = ".dev")]
    dir: PathBuf,
    /// Address of the console and the API [default: 127.0.0.1:8080, or a free port when that is taken]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Address of the sandbox and the phone page [default: 127.0.0.1:8081, or a free port when that is taken]
    #[arg(long)]
    sandbox_listen: Option<SocketAddr>,
    /// Print one JSON line for programs when ready
    #[arg(long)]
    json: bool,
}

const EMAIL: &str = "agent@example.org";

pub fn run(args: &Demo) -> anyhow::Result<ExitCode> {
    let log = Log { level: "warn".to_owned(), format: LogFormat::Text };
    telemetry::start_log(&log).map_err(anyhow::Error::msg)?;
    block_on(async {
        let stop = StopSignal::listen()?;
        std::fs::create_dir_all(&args.dir).with_context(|| args.dir.display().to_string())?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let sandbox = start_sandbox(args, clock.clone()).await?;
        let metrics = telemetry::start_metrics().map_err(anyhow::Error::msg)?;
        let mut config = config(args, &sandbox.base_url).await?;
        example::publish_forms(&mut config, &args.dir).await?;
        let server = serve::start(config, Roles::ALL, clock, Arc::new(Ids::from_os()), Some(metrics)).await?;
        let ready = prepare(&server.app, &args.dir, &server.url(), &sandbox.base_url).await?;
        example::lay_out(&server.app).await?;
        sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await?;
        tell(args, &server, &sandbox.base_url, &ready);
        stop.wait().await;
        sandbox.shutdown().await;
        server.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

async fn start_sandbox(args: &Demo, clock: Arc<dyn Clock>) -> anyhow::Result<sandbox::Running> {
    let listen = address(args.sandbox_listen, 8081).await;
    let config = sandbox::Config {
        listen,
        dir: Some(args.dir.join("sandbox")),
        page: super::phone::page,
        ..sandbox::Config::default()
    };
    Ok(sandbox::start(config, clock).await?)
}

/// The wanted address, or the usual port, or a free one when that is taken.
async fn address(wanted: Option<SocketAddr>, usual: u16) -> SocketAddr {
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    match wanted {
        Some(wanted) => wanted,
        None if TcpListener::bind(loopback(usual)).await.is_ok() => loopback(usual),
        None => loopback(0),
    }
}

async fn config(args: &Demo, sandbox_url: &str) -> anyhow::Result<Config> {
    let sandbox = sandbox::Config::default();
    let mut config = Config::default();
    config.data.dir.clone_from(&args.dir);
    config.flows.payments = Some(args.dir.join("payments.jsonl"));
    config.server.listen = address(args.listen, 8080).await;
    config.server.metrics_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.database.url = std::env::var("SPORTELLO_DATABASE_URL").ok().filter(|url| !url.is_empty());
    config.analysis.models_dir =
        std::env::var_os("SPORTELLO_MODELS_DIR").filter(|dir| !dir.is_empty()).map(Into::into);
    config.whatsapp = Some(WhatsApp {
        app_secrets: vec![SecretString::from(sandbox.app_secret)],
        verify_token: SecretString::from(sandbox.verify_token),
        graph_url: Url::parse(sandbox_url)?,
        graph_version: channels::whatsapp::client::VERSION_DEFAULT.to_owned(),
        is_sandbox: true,
        numbers: vec![Number {
            phone_number_id: sandbox.phone_number_id,
            waba_id: sandbox.waba_id,
            token: SecretString::from(sandbox.tokens.first().cloned().unwrap_or_default()),
            name: sandbox.verified_name,
            forms: BTreeMap::new(),
        }],
    });
    Ok(config)
}

/// An agent and a token that stay the same over restarts.
async fn prepare(app: &App, dir: &Path, console_url: &str, sandbox_url: &str) -> anyhow::Result<Ready> {
    let mut kept = Kept::read(dir)?;
    if kept.password.is_empty() {
        kept.email = EMAIL.to_owned();
        kept.password =
            users::new_secret(&app.ids).chars().filter(char::is_ascii_alphanumeric).take(14).collect();
        kept.api_token = users::new_secret(&app.ids);
    }
    kept.console_url = console_url.to_owned();
    kept.sandbox_url = sandbox_url.to_owned();
    kept.write(dir)?;
    let account = users::account(&app.db, &kept.email).await?;
    // Somebody shut the agent out on purpose, or to try it: a start does not undo that, it says what does.
    let is_shut_out = account.as_ref().is_some_and(|account| account.disabled_at.is_some());
    if !is_shut_out {
        let user = agent(app, &kept).await?;
        keep_token(app, dir, &mut kept, &user).await?;
    }
    Ok(Ready { kept, is_shut_out })
}

/// What a start found or made.
struct Ready {
    kept: Kept,
    /// The agent is disabled: nobody signs in with what is kept, and the token opens nothing.
    is_shut_out: bool,
}

/// The administrator, with the password that is kept; made when the folder has none.
async fn agent(app: &App, kept: &Kept) -> anyhow::Result<UserId> {
    if let Some((user, hash)) = users::by_email(&app.db, &kept.email).await? {
        if !password::verify(Some(hash), kept.password.clone()).await {
            set_password(app, &user.id, &kept.password).await?;
        }
        if user.role != Role::Administrator.as_str() {
            let mut tx = app.db.begin().await?;
            users::set_role(&mut tx, &user.id, Role::Administrator).await?;
            tx.commit().await?;
        }
        return Ok(user.id);
    }
    let hash = password::hash(&kept.password).map_err(anyhow::Error::msg)?;
    let mut tx = app.db.begin().await?;
    let id = users::insert(
        &mut tx,
        &app.ids,
        &kept.email,
        "Alex Agent",
        Role::Administrator,
        &hash,
        app.clock.now(),
    );
    let id = id.await?;
    tx.commit().await?;
    Ok(id)
}

/// The token that is kept, or a new one in its place: those of an agent who was disabled once stay ended.
async fn keep_token(app: &App, dir: &Path, kept: &mut Kept, user: &UserId) -> anyhow::Result<()> {
    let now = app.clock.now();
    let new = NewToken { name: "demo", user: Some(user), scopes: None, expires_at: None };
    let mut tx = app.db.begin().await?;
    users::add_token(&mut tx, &app.ids, &kept.api_token, &new, now).await?;
    tx.commit().await?;
    if users::by_token(&app.db, &kept.api_token, app.clock.now()).await?.is_some() {
        return Ok(());
    }
    kept.api_token = users::new_secret(&app.ids);
    kept.write(dir)?;
    let mut tx = app.db.begin().await?;
    users::add_token(&mut tx, &app.ids, &kept.api_token, &new, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn set_password(app: &App, user: &UserId, password: &str) -> anyhow::Result<()> {
    let hash = password::hash(password).map_err(anyhow::Error::msg)?;
    let mut tx = app.db.begin().await?;
    users::set_password(&mut tx, user, &hash).await?;
    tx.commit().await?;
    Ok(())
}

fn tell(args: &Demo, server: &serve::Server, sandbox_url: &str, ready: &Ready) {
    let Ready { kept, is_shut_out } = ready;
    if args.json {
        println!("{}", line(server, sandbox_url, ready));
        return;
    }
    let sign_in = if *is_shut_out {
        // Whoever reads this may be in another folder than the next reader: the data folder goes before any settings.
        format!(
            "the agent {} is disabled and cannot sign in; this lets them in again:\n           SPORTELLO_DATA_DIR={:?} sportello user enable {}",
            kept.email, args.dir, kept.email
        )
    } else {
        format!("sign in as {} with {}", kept.email, kept.password)
    };
    println!(
        "\nSportello is ready.\n\n  Console  {}\n           {sign_in}\n  Phone    {}\n           be the customer here: send a photo\n\nCtrl-C ends both; the next start goes on where this one ended.\n",
        server.url(),
        sandbox_url
    );
}

fn line(server: &serve::Server, sandbox_url: &str, Ready { kept, is_shut_out }: &Ready) -> serde_json::Value {
    let sandbox = sandbox::Config::default();
    let metrics = server.metrics_address.map(|address| format!("http://{address}/metrics"));
    serde_json::json!({
        "console": server.url(),
        "phone": sandbox_url,
        "metrics": metrics,
        "graph": {
            "base_url": sandbox_url,
            "phone_number_id": sandbox.phone_number_id,
            "waba_id": sandbox.waba_id,
            "token": sandbox.tokens.first(),
            "app_secret": sandbox.app_secret,
            "verify_token": sandbox.verify_token,
        },
        "webhook": format!("{}/webhooks/whatsapp", server.url()),
        "agent": { "email": kept.email, "password": kept.password },
        "agent_is_disabled": is_shut_out,
        "api_token": kept.api_token,
    })
}
