//! Starting and ending the server: listeners, workers, and a shutdown that loses nothing.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use model::{Clock, Ids};
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time};

use crate::{
    app::{self, App, SHUTDOWN_GRACE},
    articles,
    config::Config,
    error::StartError,
    guide, http, jobs, processes, reader,
};

/// What a process does: answer HTTP, do the work, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Roles {
    pub web: bool,
    pub worker: bool,
}

impl Roles {
    pub const ALL: Self = Self { web: true, worker: true };
    /// A command that opens the desk and serves nobody.
    pub const NONE: Self = Self { web: false, worker: false };
}

/// A running server.
pub struct Server {
    pub app: Arc<App>,
    /// Where the console, the API and the webhooks are; absent without the web role.
    pub address: Option<SocketAddr>,
    pub metrics_address: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Opens everything and starts it. Returns once the listeners accept.
pub async fn start(
    config: Config,
    roles: Roles,
    clock: Arc<dyn Clock>,
    ids: Arc<Ids>,
    metrics: Option<PrometheusHandle>,
) -> Result<Server, StartError> {
    let app = app::open(config, roles, clock, ids).await?;
    guide::ship(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut address = None;
    if roles.web {
        let listener = listen(app.config.server.listen).await?;
        address = listener.local_addr().ok();
        if let Some(address) = address {
            let _ = app.address.set(address);
        }
        let router = http::router(app.clone());
        tasks.spawn(serve_http(listener, router, stopped.clone()));
    }
    let mut metrics_address = None;
    if let (Some(handle), Some(wanted)) = (metrics, app.config.server.metrics_listen) {
        let listener = listen(wanted).await?;
        metrics_address = listener.local_addr().ok();
        let router = Router::new()
            .route("/metrics", get(move || async move { handle.render() }))
            .layer(http::plain_text());
        tasks.spawn(serve_http(listener, router, stopped.clone()));
    }
    if roles.worker {
        // Whoever held jobs on this folder is gone: the lock says that we are alone. Others' leases run out.
        let is_alone = app.db.engine() == store::Engine::Sqlite;
        store::jobs::rescue(&app.db, app.clock.now(), is_alone).await?;
        if is_alone {
            store::leases::clear(&app.db).await?;
            store::processes::clear(&app.db).await?;
        }
        jobs::SearchFill::order(&app).await?;
        spawn_worker(&mut tasks, "reader", &app, &stopped, reader::run);
        spawn_worker(&mut tasks, "jobs", &app, &stopped, jobs::run);
        spawn_worker(&mut tasks, "housekeeping", &app, &stopped, jobs::housekeeping);
    }
    spawn_worker(&mut tasks, "flows", &app, &stopped, guide::watch);
    if roles.worker {
        spawn_worker(&mut tasks, "articles", &app, &stopped, articles::watch);
    }
    spawn_worker(&mut tasks, "processes", &app, &stopped, processes::run);
    tasks.spawn(listen_to_others(app.clone(), stopped.clone()));
    // Who only answers HTTP decodes nothing.
    if roles.worker {
        tasks.spawn(probe_decoder(app.clone()));
    }
    if roles.worker && app.config.analysis.enabled {
        tasks.spawn(probe_eyes(app.clone()));
    }
    if app.whatsapp.is_none() {
        app.health.enter(
            "no_channel",
            "No channel is configured: no message can come in. See `sportello config example`",
        );
    }
    Ok(Server { app, address, metrics_address, stop, tasks })
}

/// Runs a worker, and starts it again when it panics: a server that answers and does no work looks well and is dead.
fn spawn_worker<W: Future<Output = ()> + Send + 'static>(
    tasks: &mut JoinSet<()>,
    name: &'static str,
    app: &Arc<App>,
    stopped: &watch::Receiver<bool>,
    start: fn(Arc<App>, watch::Receiver<bool>) -> W,
) {
    const PAUSE: time::Duration = time::Duration::from_secs(1);
    let (app, stopped) = (app.clone(), stopped.clone());
    tasks.spawn(async move {
        loop {
            // In a set, so that the worker ends with us when a shutdown runs out of patience.
            let mut worker = JoinSet::new();
            worker.spawn(start(app.clone(), stopped.clone()));
            match worker.join_next().await {
                Some(Err(error)) if error.is_panic() && !*stopped.borrow() => {
                    metrics::counter!("sportello_worker_restarts_total", "worker" => name).increment(1);
                    tracing::error!(worker = name, "a worker panicked and is started again");
                    time::sleep(PAUSE).await;
                }
                _ => return,
            }
        }
    });
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Io { path: format!("cannot listen on {address}"), source })
}

async fn serve_http(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let until = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(until).await {
        tracing::error!(%error, "a listener ended");
    }
}

/// On PostgreSQL other processes' commits wake this one's listeners.
async fn listen_to_others(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);
    loop {
        tokio::select! {
            ended = app.db.listen() => if let Err(error) = ended {
                tracing::warn!(%error, "live updates from other processes are interrupted; polling goes on");
            },
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        time::sleep(PAUSE).await;
    }
}

/// Says at the start, and not at the first hostile picture, whether the decoder is confined.
async fn probe_decoder(app: Arc<App>) {
    let decoder = app.decoder.clone();
    match tokio::task::spawn_blocking(move || decoder.probe()).await {
        Ok(Ok(confinement)) if confinement.is_full() => {}
        Ok(Ok(confinement)) => {
            app.health.enter("decoder_not_confined", format!("Pictures are decoded with less protection than intended: {}. Use a kernel with Landlock and seccomp, or set media.require_confinement", confinement.describe()));
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the decoder does not work");
            app.health.enter("decoder_broken", "Pictures cannot be decoded: files are kept and can be downloaded, but not shown. Run `sportello doctor`");
        }
        Err(error) => tracing::error!(%error, "the decoder could not be probed"),
    }
}

/// Says at the start what cannot be read here, and what mends it.
async fn probe_eyes(app: Arc<App>) {
    let eyes = app.eyes.clone();
    match tokio::task::spawn_blocking(move || eyes.probe()).await {
        Ok(Ok(ready)) => {
            if !ready.unavailable.is_empty() {
                let why: Vec<String> = ready.unavailable.into_values().collect();
                app.health.enter(
                    "models_missing",
                    format!("Pictures are judged, but not everything on them is read: {}", why.join("; ")),
                );
            }
            if let Some(why) = ready.why_not_onnxruntime {
                app.health.enter(
                    "onnxruntime_unused",
                    format!("Text is read without ONNX Runtime, which takes more time: {why}"),
                );
            }
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the analysis does not work");
            app.health.enter("analysis_broken", format!("Pictures are shown and judged, but nothing on them is read: {error}. Run `sportello doctor`"));
        }
        Err(error) => tracing::error!(%error, "the analysis could not be probed"),
    }
    if let Err(error) = app.seen.catch_up(&app.db).await {
        tracing::warn!(%error, "the earlier pictures are loaded with the next one");
    }
}

impl Server {
    pub fn url(&self) -> String {
        self.address.map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// Stops accepting, lets what is under way end, closes the database. Nothing acknowledged is lost either way.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if time::timeout(SHUTDOWN_GRACE, ended).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on after the next start");
            self.tasks.abort_all();
        }
        self.app.db.close().await;
        self.app.inbox.db().close().await;
    }
}
