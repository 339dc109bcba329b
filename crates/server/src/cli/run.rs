//! `sportello serve`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use model::{Ids, SystemClock};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::block_on;
use crate::{
    config::Config,
    serve::{self, Roles},
    telemetry,
};

#[derive(Args)]
pub struct Serve {
    /// What this process does: `web`, `worker`, or both
    #[arg(long, value_delimiter = ',', default_value = "web,worker")]
    role: Vec<Role>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    Web,
    Worker,
}

pub fn serve(config: Config, args: &Serve) -> anyhow::Result<ExitCode> {
    let roles = Roles { web: args.role.contains(&Role::Web), worker: args.role.contains(&Role::Worker) };
    if roles != Roles::ALL && !config.database_url().starts_with("postgres") {
        anyhow::bail!(
            "--role splits the work over several processes, and those need a PostgreSQL database; leave it out on SQLite"
        );
    }
    telemetry::start_log(&config.log).map_err(anyhow::Error::msg)?;
    block_on(async {
        let stop = StopSignal::listen()?;
        let metrics = telemetry::start_metrics().map_err(anyhow::Error::msg)?;
        let server =
            serve::start(config, roles, Arc::new(SystemClock), Arc::new(Ids::from_os()), Some(metrics))
                .await?;
        tracing::info!(address = server.url(), metrics = ?server.metrics_address, "sportello is ready");
        stop.wait().await;
        tracing::info!("stopping");
        server.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Somebody asks the process to end. Listen before saying that it is ready: whoever hears that may ask at once.
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    pub fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
