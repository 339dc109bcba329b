//! A stand-in for Meta's Graph API and for the customers' phones.
//!
//! Everything that talks to WhatsApp can be run, shown and tested against it without an account at Meta.
//! It speaks the Graph API and signs webhooks as Meta does, and knows nothing of the help desk behind them.
//! Nothing in it is random: ids come from a counter and a seed, failures from knobs, time from a clock that can be moved.

mod app;
pub mod client;
mod config;
mod customer;
mod cut;
mod error;
mod forms;
mod graph;
mod http;
mod ids;
mod journal;
mod knobs;
mod media;
mod phone;
mod picture;
mod state;
mod templates;
mod webhooks;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use model::Clock;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use crate::config::{Asset, Config, Page};
use crate::{app::App, cut::CutListener};

/// How long open connections may take to end when the sandbox stops.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("cannot listen on {addr}: {source}; choose another port with `--sandbox-listen`")]
    Listen { addr: SocketAddr, source: std::io::Error },
    #[error("cannot use the sandbox's folder {path}: {source}")]
    Folder { path: String, source: std::io::Error },
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    #[error("`{0}` is not an http(s) address")]
    Url(String),
    #[error("the sandbox at {url} answered {status}: {body}")]
    Refused { url: String, status: u16, body: String },
    #[error("cannot read {path}: {source}")]
    File { path: String, source: std::io::Error },
}

/// A sandbox that is up. Dropping it stops it; `shutdown` also waits for it.
pub struct Running {
    pub addr: SocketAddr,
    /// Where clients reach the Graph API, without a version and without a trailing slash.
    pub base_url: String,
    app: App,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts listening and delivering; the sandbox is ready when this returns.
pub async fn start(config: Config, clock: Arc<dyn Clock>) -> Result<Running, SandboxError> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| SandboxError::Listen { addr: config.listen, source })?;
    let addr =
        listener.local_addr().map_err(|source| SandboxError::Listen { addr: config.listen, source })?;
    let base_url = match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{addr}"),
    };
    let (stop, stopped) = watch::channel(false);
    let app = app::open(config, clock, base_url.clone(), stopped.clone())?;
    let router = http::router(app.clone());
    let server = tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<cut::Cut>();
        let serving =
            axum::serve(CutListener(listener), service).with_graceful_shutdown(app::until_stopped(stopped));
        if let Err(error) = serving.await {
            tracing::error!(%error, "sandbox stopped serving");
        }
    });
    let dispatcher = tokio::spawn(webhooks::deliver::run(app.clone()));
    let running = Running { addr, base_url, app, stop, tasks: vec![server, dispatcher] };
    if running.app.state().webhook_url().is_some() {
        let app = running.app.clone();
        drop(tokio::spawn(async move { webhooks::deliver::handshake(&app).await }));
    }
    Ok(running)
}

impl Running {
    /// Sends webhooks there from now on, after the verification request that Meta makes.
    /// `Ok(false)`: the receiver did not answer the challenge; deliveries are attempted all the same.
    pub async fn set_webhook_url(&self, url: &str) -> Result<bool, SandboxError> {
        app::set_webhook_url(&self.app, Some(url))?;
        Ok(webhooks::deliver::handshake(&self.app).await)
    }

    /// Webhooks that did not get their 200 yet.
    pub fn queued(&self) -> usize {
        self.app.state().queue.len()
    }

    /// Stops listening and delivering; undelivered webhooks stay in the folder.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for mut task in self.tasks {
            if tokio::time::timeout(GRACE, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
