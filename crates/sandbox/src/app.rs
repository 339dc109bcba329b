//! What every part of the sandbox shares.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Clock, Timestamp};
use tokio::sync::{Notify, Semaphore, broadcast, watch};
use url::Url;

use crate::{SandboxError, config::Config, state::State};

/// Pictures decoded at a time, and uploads held in memory at a time.
const PICTURES_MAX: usize = 2;
const UPLOADS_MAX: usize = 8;
/// A browser that sleeps longer than so many events refetches everything.
const EVENTS_KEPT: usize = 1_024;
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(20);

pub type App = Arc<Shared>;

/// What a phone page is told: not the news, only where there is some.
#[derive(Clone, Debug)]
pub enum Event {
    Chat(String),
    Typing(String),
    State,
}

pub struct Shared {
    pub config: Config,
    pub base_url: String,
    pub http: reqwest::Client,
    pub wake: Notify,
    pub pictures: Semaphore,
    pub uploads: Semaphore,
    pub stopped: watch::Receiver<bool>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    events: broadcast::Sender<Event>,
}

pub fn open(
    config: Config,
    clock: Arc<dyn Clock>,
    base_url: String,
    stopped: watch::Receiver<bool>,
) -> Result<App, SandboxError> {
    if let Some(url) = &config.webhook_url {
        parse_http(url)?;
    }
    let state = State::open(&config).map_err(|source| SandboxError::Folder {
        path: config.dir.as_ref().map_or(String::new(), |d| d.display().to_string()),
        source,
    })?;
    // Webhooks go to where they were told to, on this machine as a rule: no proxy, no redirect.
    let http = reqwest::Client::builder()
        .user_agent("facebookexternalua")
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(DELIVERY_TIMEOUT)
        .build()?;
    let (events, _) = broadcast::channel(EVENTS_KEPT);
    Ok(Arc::new(Shared {
        config,
        base_url,
        http,
        wake: Notify::new(),
        pictures: Semaphore::new(PICTURES_MAX),
        uploads: Semaphore::new(UPLOADS_MAX),
        stopped,
        clock,
        state: Mutex::new(state),
        events,
    }))
}

pub fn parse_http(url: &str) -> Result<Url, SandboxError> {
    Url::parse(url)
        .ok()
        .filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
        .ok_or_else(|| SandboxError::Url(url.to_owned()))
}

pub fn set_webhook_url(app: &App, url: Option<&str>) -> Result<(), SandboxError> {
    if let Some(url) = url {
        parse_http(url)?;
    }
    let mut state = app.state();
    state.meta.webhook_url = url.map(str::to_owned);
    state.queue.hurry();
    state.record_meta();
    drop(state);
    app.wake.notify_one();
    app.tell(Event::State);
    Ok(())
}

/// Ends when the sandbox is told to stop, or when its handle is dropped.
pub async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox's time: the machine's, moved by what the control API added (which stands in the state).
    pub fn now_at(&self, offset_s: i64) -> Timestamp {
        Timestamp(self.clock.now().micros().saturating_add(Timestamp::from_secs(offset_s).micros()))
    }

    pub fn tell(&self, event: Event) {
        // Nobody listening is no failure.
        let _ = self.events.send(event);
    }

    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}
