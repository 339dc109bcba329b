//! The configuration: every setting has a default that works on one machine with a folder.
//!
//! Unknown keys are refused, so that a typing mistake is an error and not a silence.
//! The doc comments here are the manual: `sportello config reference` prints them.

mod flows;
mod whatsapp;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use analyzers::local::personal::MaskPolicy;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use url::Url;

pub use self::{
    flows::{Connector, Events, Flows},
    whatsapp::{Form, Number, WhatsApp},
};
use crate::clamd;
pub use crate::guide::Hours;

/// Settings of a Sportello server. Every key may be left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub data: Data,
    pub database: Database,
    pub blobs: Blobs,
    pub whatsapp: Option<WhatsApp>,
    pub tickets: Tickets,
    pub hours: Hours,
    pub flows: Flows,
    pub articles: Articles,
    pub visits: Visits,
    pub media: Media,
    pub analysis: Analysis,
    pub log: Log,
}

/// Where the server listens.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address of the console, the API and the webhooks.
    /// The environment variable SPORTELLO_LISTEN goes before it.
    pub listen: SocketAddr,
    /// Address of `/metrics` for Prometheus; keep it away from the internet. `""` switches it off.
    /// The environment variable SPORTELLO_METRICS_LISTEN goes before it.
    #[serde(deserialize_with = "optional_address")]
    #[schemars(with = "String")]
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which people reach the console, such as `https://help.example.org`.
    /// With `https` the session cookie is bound to it (`__Host-`, `Secure`).
    pub public_url: Option<Url>,
    /// How long a sign-in lasts, in hours.
    pub session_hours: u64,
    /// The language in which customers are addressed when theirs is unknown: `en`, `it`, `es`, `pt` or `hi`.
    pub language: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: Some(SocketAddr::from(([127, 0, 0, 1], 9464))),
            public_url: None,
            session_hours: 12,
            language: "en".to_owned(),
        }
    }
}

/// The folder for everything that has no address of its own below.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
    /// File with the master keys (made on the first start, readable by its owner only).
    /// Default: `master.key` in `dir`. The environment variable SPORTELLO_MASTER_KEY goes before it.
    pub master_key_file: Option<PathBuf>,
    /// Days for which read webhook bodies are kept in the inbox.
    pub inbox_days: u64,
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: PathBuf::from("data"), master_key_file: None, inbox_days: 30 }
    }
}

/// The database.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://user@host/database`. Default: `sqlite:` and `sportello.sqlite` in the data folder.
    /// The environment variable SPORTELLO_DATABASE_URL goes before it.
    pub url: Option<String>,
}

/// Where sealed files are kept. Every process of a desk needs the same place and the same master key.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Blobs {
    /// `file:PATH`, or `s3://bucket` or `s3://bucket/prefix` for Amazon S3 and what speaks it. Default: `file:` and `blobs` in the data folder.
    pub url: Option<String>,
    /// For S3: the endpoint, such as `https://s3.example.org`, when it is not Amazon's. `http://` is spoken when it says so.
    /// The bucket is part of the path (`https://s3.example.org/bucket`).
    pub s3_endpoint: Option<String>,
    /// For S3: the region. Without one, AWS_REGION or `us-east-1`.
    pub s3_region: Option<String>,
    /// For S3: the access key. The environment variable SPORTELLO_S3_ACCESS_KEY_ID goes before it.
    /// Without one, AWS_ACCESS_KEY_ID or the role of the machine or container. It needs to get, put, delete and list objects.
    pub s3_access_key_id: Option<String>,
    /// For S3: the secret key. The environment variable SPORTELLO_S3_SECRET_ACCESS_KEY goes before it.
    #[schemars(with = "Option<String>")]
    pub s3_secret_access_key: Option<SecretString>,
}

/// How messages become tickets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tickets {
    /// Hours within which a message reopens a solved ticket; later it opens a new one.
    pub reopen_hours: u64,
    /// Milliseconds of quiet after which a customer's turn (an album, say) is complete.
    pub turn_quiet_ms: u64,
}

impl Default for Tickets {
    fn default() -> Self {
        Self { reopen_hours: 72, turn_quiet_ms: 4_000 }
    }
}

impl Tickets {
    pub const fn reopen_within(&self) -> Duration {
        Duration::from_secs(self.reopen_hours * 3_600)
    }

    pub const fn turn_quiet(&self) -> Duration {
        Duration::from_millis(self.turn_quiet_ms)
    }
}

/// The knowledge base.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Articles {
    /// Folder with articles: `NAME/en.md`, `NAME/it.md` … and their pictures. A changed file counts within seconds.
    /// Default: `articles` in the data folder.
    pub dir: Option<PathBuf>,
}

/// Technicians' visits.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Visits {
    /// Hours that a visit is given.
    pub hours: u8,
    /// Hours from now before which no visit is offered.
    pub notice_hours: u16,
    /// Days from now for which visits are offered.
    pub days_ahead: u16,
    /// An approved template of WhatsApp whose body has one gap, the time of the visit. It reminds of a visit the evening
    /// before when the customer last wrote more than 24 hours ago; without one the ticket says that nobody was reminded.
    pub reminder_template: Option<String>,
}

impl Default for Visits {
    fn default() -> Self {
        Self { hours: 2, notice_hours: 12, days_ahead: 14, reminder_template: None }
    }
}

/// Files of customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Largest file that is fetched, in bytes (WhatsApp's own limit is 100 MiB).
    pub size_bytes_max: u64,
    /// Largest picture that is decoded, in pixels.
    pub pixels_max: u64,
    /// Seconds after which the decoding of one picture is ended.
    pub decode_seconds_max: u64,
    /// Memory that the decoding of one picture may use, in MiB.
    pub decode_memory_mib_max: u64,
    /// Pictures decoded at the same time.
    pub decoders: usize,
    /// Files fetched at the same time.
    pub fetchers: usize,
    /// The program whose `media-worker` command decodes; the running one when `None`. For tests, whose own program has no such command.
    #[serde(skip)]
    pub worker: Option<PathBuf>,
    /// Where a ClamAV daemon listens, `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`: every file is shown to it,
    /// and what it knows as malware is not handed out. Without one nobody looks for malware.
    pub clamd: Option<clamd::Address>,
    /// Refuse to decode when the kernel cannot confine the decoder fully; otherwise it is a degraded state.
    pub require_confinement: bool,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            size_bytes_max: model::attachment::SIZE_BYTES_MAX,
            pixels_max: 50_000_000,
            decode_seconds_max: 20,
            decode_memory_mib_max: 1_024,
            decoders: 2,
            fetchers: 8,
            worker: None,
            clamd: None,
            require_confinement: false,
        }
    }
}

/// What is said of the files that customers send: quality, text, codes, personal data.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Analysis {
    /// Look at what customers send. Without it, files are shown and nothing is said of them.
    pub enabled: bool,
    /// Folder with the models of text and faces. Default: `models` in the data folder, or in the current one when only that exists.
    /// The environment variable SPORTELLO_MODELS_DIR goes before it.
    pub models_dir: Option<PathBuf>,
    /// A library of ONNX Runtime, version 1.17 or a newer 1.x, such as `/usr/lib/libonnxruntime.so.1.23`: text is then read
    /// with it in less time. One that cannot be used is a degraded state, and text is read as without it.
    pub onnxruntime: Option<PathBuf>,
    /// Processes that hold the models (some 250 MB each, at most 1 GiB); as many pictures are read at the same time.
    pub workers: usize,
    /// Processor threads of each.
    pub threads: usize,
    /// Seconds after which the reading of one picture is ended.
    pub seconds_max: u64,
    /// The language (`en`, `it`, `en-IN`) that decides what 03/04/2026 and `$` mean where nothing else does. Default: `server.language`.
    pub locale: Option<String>,
    /// Personal data that is black in what people see of a picture, and bullets in its text, by the finding's kind.
    /// `pii.face`, `pii.address`, `pii.email` and `pii.phone` can be added; `[]` masks nothing.
    pub mask: Vec<String>,
    /// Personal data that is black before a picture is stored, such as `["pii.aadhaar", "pii.card"]`: then the picture
    /// waits in memory until it was read, and what it was stays nowhere. Pictures only; a document is stored as it came.
    /// Without the models, pictures are not stored at all but fetched again until they can be read.
    pub never_store: Vec<String>,
}

impl Default for Analysis {
    fn default() -> Self {
        Self {
            enabled: true,
            models_dir: None,
            onnxruntime: None,
            workers: 1,
            threads: 2,
            seconds_max: 20,
            locale: None,
            mask: MaskPolicy::default().kinds.into_iter().collect(),
            never_store: Vec::new(),
        }
    }
}

/// The log.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `info,store=debug`.
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{path}: {message}")]
    Invalid { path: String, message: String },
}

impl Config {
    /// Reads `path`, or `sportello.toml` beside us when it exists, or takes the defaults. The environment goes first.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let default = Path::new("sportello.toml");
        let path = path.or_else(|| default.exists().then_some(default));
        let mut config = match path {
            None => Self::default(),
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|source| ConfigError::Unreadable { path: name.clone(), source })?;
                toml::from_str(&text)
                    .map_err(|e| ConfigError::Invalid { path: name, message: e.to_string() })?
            }
        };
        config.read_environment().and_then(|()| config.validate()).map_err(|message| {
            ConfigError::Invalid {
                path: path.map_or_else(|| "configuration".to_owned(), |p| p.display().to_string()),
                message,
            }
        })?;
        Ok(config)
    }

    fn read_environment(&mut self) -> Result<(), String> {
        let from = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        if let Some(url) = from("SPORTELLO_DATABASE_URL") {
            self.database.url = Some(url);
        }
        if let Some(dir) = from("SPORTELLO_DATA_DIR") {
            self.data.dir = PathBuf::from(dir);
        }
        if let Some(key) = from("SPORTELLO_S3_ACCESS_KEY_ID") {
            self.blobs.s3_access_key_id = Some(key);
        }
        if let Some(key) = from("SPORTELLO_S3_SECRET_ACCESS_KEY") {
            self.blobs.s3_secret_access_key = Some(SecretString::from(key));
        }
        if let Some(dir) = from("SPORTELLO_MODELS_DIR") {
            self.analysis.models_dir = Some(PathBuf::from(dir));
        }
        let address =
            |name: &str| from(name).map(|text| parse_address(&text).map_err(|e| format!("{name}: {e}")));
        if let Some(listen) = address("SPORTELLO_LISTEN").transpose()? {
            self.server.listen = listen;
        }
        if let Some(listen) = address("SPORTELLO_METRICS_LISTEN").transpose()? {
            self.server.metrics_listen = Some(listen);
        }
        Ok(())
    }

    /// What no type can say. Pure: nothing is opened.
    pub fn validate(&self) -> Result<(), String> {
        self.whatsapp.as_ref().map_or(Ok(()), WhatsApp::validate)?;
        if !crate::texts::LANGUAGES.contains(&self.server.language.as_str()) {
            return Err(format!(
                "server.language is `{}`; one of {} is needed",
                self.server.language,
                crate::texts::LANGUAGES.join(", ")
            ));
        }
        if self.media.decoders == 0 || self.media.fetchers == 0 {
            return Err("media.decoders and media.fetchers must be at least 1".to_owned());
        }
        if self.analysis.workers == 0 || self.analysis.threads == 0 {
            return Err(
                "analysis.workers and analysis.threads must be at least 1; `enabled = false` switches the analysis off"
                    .to_owned(),
            );
        }
        let masks = [("mask", &self.analysis.mask), ("never_store", &self.analysis.never_store)];
        for (key, kinds) in masks {
            if let Some(kind) = kinds.iter().find(|kind| !kind.starts_with("pii.")) {
                return Err(format!(
                    "analysis.{key} has `{kind}`; only kinds that begin with `pii.` can be masked"
                ));
            }
        }
        if !self.analysis.enabled && !self.analysis.never_store.is_empty() {
            return Err("analysis.never_store needs the analysis, and analysis.enabled is false".to_owned());
        }
        self.flows.validate()
    }

    pub fn database_url(&self) -> String {
        self.database
            .url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.dir.join("sportello.sqlite").display()))
    }

    /// The inbox has a file of its own on SQLite; on PostgreSQL it is in the same database.
    pub fn inbox_url(&self) -> String {
        let url = self.database_url();
        match url.strip_prefix("sqlite:") {
            Some(path) => format!("sqlite:{}", Path::new(path).with_file_name("inbox.sqlite").display()),
            None => url,
        }
    }

    pub fn models_dir(&self) -> PathBuf {
        let (own, here) = (self.data.dir.join("models"), PathBuf::from("models"));
        let is_here = !own.exists() && here.is_dir();
        self.analysis.models_dir.clone().unwrap_or(if is_here { here } else { own })
    }

    pub fn articles_dir(&self) -> PathBuf {
        self.articles.dir.clone().unwrap_or_else(|| self.data.dir.join("articles"))
    }

    pub fn flows_dir(&self) -> PathBuf {
        self.flows.dir.clone().unwrap_or_else(|| self.data.dir.join("flows"))
    }

    pub fn blobs_url(&self) -> String {
        self.blobs.url.clone().unwrap_or_else(|| format!("file:{}", self.data.dir.join("blobs").display()))
    }

    pub fn master_key_file(&self) -> PathBuf {
        self.data.master_key_file.clone().unwrap_or_else(|| self.data.dir.join("master.key"))
    }
}

fn optional_address<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    parse_address(&text).map(Some).map_err(serde::de::Error::custom)
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address such as 127.0.0.1:9464"))
}
