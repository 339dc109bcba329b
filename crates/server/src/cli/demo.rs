//! `sportello demo`: server and sandbox on one folder, with an agent and a token, ready to try.
//!
//! The same folder survives any number of starts and kills: what was chosen once is kept in `demo.json`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use model::{Clock, Ids, SystemClock};
use secrecy::SecretString;
use store::users;
use tokio::net::TcpListener;
use url::Url;

use super::{block_on, kept::Kept, run::StopSignal};
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
        let config = config(args, &sandbox.base_url).await?;
        let server = serve::start(config, Roles::ALL, clock, Arc::new(Ids::from_os()), Some(metrics)).await?;
        let kept = prepare(&server.app, &args.dir, &server.url(), &sandbox.base_url).await?;
        sandbox.set_webhook_url(&format!("{}/webhooks/whatsapp", server.url())).await?;
        tell(args.json, &server, &sandbox.base_url, &kept);
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
        }],
    });
    Ok(config)
}

/// An agent and a token that stay the same over restarts.
async fn prepare(app: &App, dir: &Path, console_url: &str, sandbox_url: &str) -> anyhow::Result<Kept> {
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
    let user = match users::by_email(&app.db, &kept.email).await? {
        Some((user, hash)) => {
            if !password::verify(Some(hash), kept.password.clone()).await {
                set_password(app, &user.id, &kept.password).await?;
            }
            user.id
        }
        None => {
            let hash = password::hash(&kept.password).map_err(anyhow::Error::msg)?;
            let mut tx = app.db.begin().await?;
            let id =
                users::insert(&mut tx, &app.ids, &kept.email, "Alex Agent", "agent", &hash, app.clock.now())
                    .await?;
            tx.commit().await?;
            id
        }
    };
    let mut tx = app.db.begin().await?;
    users::add_token(&mut tx, &app.ids, &kept.api_token, "demo", Some(&user), app.clock.now()).await?;
    tx.commit().await?;
    Ok(kept)
}

async fn set_password(app: &App, user: &model::ids::UserId, password: &str) -> anyhow::Result<()> {
    let hash = password::hash(password).map_err(anyhow::Error::msg)?;
    let mut tx = app.db.begin().await?;
    users::set_password(&mut tx, user, &hash).await?;
    tx.commit().await?;
    Ok(())
}

fn tell(as_json: bool, server: &serve::Server, sandbox_url: &str, kept: &Kept) {
    let sandbox = sandbox::Config::default();
    if as_json {
        let metrics = server.metrics_address.map(|address| format!("http://{address}/metrics"));
        let line = serde_json::json!({
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
            "api_token": kept.api_token,
        });
        println!("{line}");
        return;
    }
    println!(
        "\nSportello is ready.\n\n  Console  {}\n           sign in as {} with {}\n  Phone    {}\n           be the customer here: send a photo\n\nCtrl-C ends both; the next start goes on where this one ended.\n",
        server.url(),
        kept.email,
        kept.password,
        sandbox_url
    );
}
