//! What everything in the process shares, how it is opened, and how it ends.

use std::{
    collections::BTreeMap,
    fs::File,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use bots::Bot;
use channels::whatsapp::{
    client::{Client, ClientConfig, Timeouts},
    pace::Pace,
};
use model::{Clock, Ids, Timestamp};
use secrecy::SecretString;
use store::{Db, blobs::Blobs, inbox::Inbox, keys::Keyring, migrate};
use tokio::sync::Semaphore;

use crate::{
    analysis::{Eyes, Queue, SeenBefore},
    config::{Config, Number, WhatsApp},
    error::StartError,
    guide,
    health::{Degraded, Health},
    objects,
    outgoing::Receiver,
    processes::Own,
    serve::Roles,
    texts::Texts,
};

pub const USER_AGENT: &str = concat!("Sportello/", env!("CARGO_PKG_VERSION"));

/// The process's context. Everything takes it; nothing else is global.
pub struct App {
    pub config: Config,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<Ids>,
    pub db: Db,
    pub inbox: Inbox,
    pub blobs: Blobs,
    pub whatsapp: Option<Line>,
    pub decoder: media::Decoder,
    /// Bounds the pictures decoded at once.
    pub decoders: Arc<Semaphore>,
    /// Bounds the files fetched at once.
    pub fetchers: Arc<Semaphore>,
    /// What looks at pixels.
    pub eyes: Eyes,
    /// The pictures of the desk, by what they look like.
    pub seen: SeenBefore,
    /// Bounds the files that are read at once, customers' new ones before old ones.
    pub readers: Queue,
    pub texts: Texts,
    /// The flows that lead conversations.
    pub flows: guide::Catalog,
    /// The bots that a flow may hand a conversation to, by name.
    pub bots: BTreeMap<String, Bot>,
    /// The operator's system that flows tell what happened.
    pub events: Option<Receiver>,
    pub health: Health,
    /// Where this process answers, once it does.
    pub address: OnceLock<SocketAddr>,
    /// This process among those of the desk.
    pub own: Own,
    /// Keeps a second server off the same SQLite folder.
    _lock: Option<File>,
}

impl App {
    /// Every named state of this process that holds at this moment.
    pub fn degraded(&self) -> Vec<Degraded> {
        let mut states = self.health.all();
        // Asked, not noted: the moment in which a commit fails is the moment from which it is told.
        if self.inbox.is_broken() {
            states.push(Degraded {
                code: "inbox_broken".to_owned(),
                message: "A commit of the inbox failed and nothing is accepted any more. Check the disk, then restart".to_owned(),
            });
        }
        states
    }
}

/// Our line to WhatsApp: the secrets of the app and a client a number.
pub struct Line {
    pub secrets: Vec<SecretString>,
    pub verify_token: SecretString,
    pub is_sandbox: bool,
    numbers: BTreeMap<String, NumberLine>,
}

pub struct NumberLine {
    pub name: String,
    pub client: Client,
    pace: Mutex<Pace>,
}

impl NumberLine {
    /// Takes leave to send one message to `pair`, or says when to ask again.
    pub fn reserve(&self, pair: &str, now: Timestamp) -> Result<(), Timestamp> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).reserve(pair, now)
    }
}

impl Line {
    pub fn open(config: &WhatsApp) -> Result<Self, StartError> {
        let mut numbers = BTreeMap::new();
        for number in &config.numbers {
            let client = Client::new(client_config(config, number))
                .map_err(|e| StartError::Config(format!("whatsapp: {e}")))?;
            let line = NumberLine { name: number.name.clone(), client, pace: Mutex::new(Pace::default()) };
            numbers.insert(number.phone_number_id.clone(), line);
        }
        Ok(Self {
            secrets: config.app_secrets.clone(),
            verify_token: config.verify_token.clone(),
            is_sandbox: config.is_sandbox,
            numbers,
        })
    }

    /// The line of one of our numbers, by its `phone_number_id`.
    pub fn number(&self, account: &str) -> Option<&NumberLine> {
        self.numbers.get(account)
    }

    pub fn numbers(&self) -> impl Iterator<Item = (&str, &NumberLine)> {
        self.numbers.iter().map(|(account, line)| (account.as_str(), line))
    }
}

fn client_config(config: &WhatsApp, number: &Number) -> ClientConfig {
    ClientConfig {
        base_url: config.graph_url.clone(),
        version: config.graph_version.clone(),
        phone_number_id: number.phone_number_id.clone(),
        waba_id: number.waba_id.clone(),
        token: number.token.clone(),
        media_hosts: Vec::new(),
        user_agent: USER_AGENT.to_owned(),
        timeouts: Timeouts::default(),
    }
}

/// Opens everything that `config` names and brings the schemas up to date.
pub async fn open(
    config: Config,
    roles: Roles,
    clock: Arc<dyn Clock>,
    ids: Arc<Ids>,
) -> Result<Arc<App>, StartError> {
    let dir = config.data.dir.clone();
    std::fs::create_dir_all(&dir)
        .map_err(|source| StartError::Io { path: dir.display().to_string(), source })?;
    let lock = lock(&config)?;
    let now = clock.now();
    let ring = keyring(&config, &ids, now)?;
    let (db, inbox_db) = open_databases(&config).await?;
    migrate::run(&db, migrate::Schema::Desk, now).await?;
    migrate::run(&inbox_db, migrate::Schema::Inbox, now).await?;
    let unopenable = store::keys::unopenable(&db, &ring).await?;
    if unopenable > 0 {
        return Err(StartError::Config(format!(
            "the master key of {unopenable} contacts is missing: their files could not be opened. Put the old key back as a further line of {}",
            config.master_key_file().display()
        )));
    }
    claim_house(&db, &ring, &ids, now).await?;
    let blobs = Blobs::new(objects::open(&config)?, ring, ids.clone());
    let texts = Texts::load(&config.server.language).map_err(StartError::Config)?;
    let whatsapp = config.whatsapp.as_ref().map(Line::open).transpose()?;
    let decoder = decoder(&config)?;
    let health = Health::default();
    let decoders = Arc::new(Semaphore::new(config.media.decoders));
    let eyes = Eyes::open(&config, decoders.clone())?;
    let bots = guide::open_bots(&config, &clock)?;
    let events = Receiver::open(&config)?;
    Ok(Arc::new(App {
        decoders,
        eyes,
        fetchers: Arc::new(Semaphore::new(config.media.fetchers)),
        readers: Queue::new(config.analysis.workers + 1),
        seen: SeenBefore::default(),
        inbox: Inbox::start(inbox_db),
        own: Own::new(roles, &*clock, &ids),
        config,
        clock,
        ids,
        db,
        blobs,
        whatsapp,
        decoder,
        texts,
        flows: guide::Catalog::default(),
        bots,
        events,
        health,
        address: OnceLock::new(),
        _lock: lock,
    }))
}

/// Makes the house's key, so that a further process with another master key is told at its start, not at the first file.
async fn claim_house(db: &Db, ring: &Keyring, ids: &Ids, now: Timestamp) -> Result<(), store::StoreError> {
    let mut tx = db.begin().await?;
    store::keys::of_owner(&mut tx, ring, ids, store::keys::HOUSE, now).await?;
    tx.commit().await
}

/// The desk's database and the inbox's; on PostgreSQL they are the same.
pub async fn open_databases(config: &Config) -> Result<(Db, Db), store::StoreError> {
    let db = Db::open(&config.database_url()).await?;
    let inbox = if config.inbox_url() == config.database_url() {
        db.clone()
    } else {
        Db::open(&config.inbox_url()).await?
    };
    Ok((db, inbox))
}

/// The master keys: from the environment, or from the key file.
pub fn keyring(config: &Config, ids: &Ids, now: Timestamp) -> Result<Keyring, store::StoreError> {
    match std::env::var("SPORTELLO_MASTER_KEY") {
        Ok(text) if !text.is_empty() => Keyring::parse(&text),
        _ => Keyring::from_file(&config.master_key_file(), ids, now),
    }
}

/// The decoder that runs pictures through a confined child of this same binary.
pub fn decoder(config: &Config) -> Result<media::Decoder, StartError> {
    let exe = config.media.worker.clone().map_or_else(std::env::current_exe, Ok);
    let exe = exe.map_err(|source| StartError::Io { path: "own executable".to_owned(), source })?;
    let limits = media::Limits {
        wall_ms: config.media.decode_seconds_max.saturating_mul(1_000),
        cpu_s: config.media.decode_seconds_max,
        memory_bytes: config.media.decode_memory_mib_max.saturating_mul(1024 * 1024),
        pixels_max: config.media.pixels_max,
        needs_full_confinement: config.media.require_confinement,
        ..media::Limits::default()
    };
    Ok(media::Decoder { exe, args: vec!["media-worker".into()], limits })
}

/// One server a folder: SQLite's own lock would let two of them take turns at the same jobs.
pub fn lock(config: &Config) -> Result<Option<File>, StartError> {
    if config.database_url().starts_with("postgres") {
        return Ok(None);
    }
    let path = config.data.dir.join("sportello.lock");
    lock_file(&path).map(Some)
}

pub fn lock_file(path: &Path) -> Result<File, StartError> {
    let io = |source| StartError::Io { path: path.display().to_string(), source };
    let file = File::create(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(path.display().to_string())),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

/// How long work under way may take to end when the server is told to stop.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
