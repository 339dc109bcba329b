//! The flows of the desk: the shipped ones, those of a folder, those written in the console.
//!
//! The database is the record, so that every process of a desk has the same; here they stand read and checked.
//! A change is there at once, without a restart.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use flows::{
    check::check,
    format::{Flow, Problem, Rollout, Step},
    library,
};
use store::{
    Db, Notice, flow_runs,
    flows::{NewFlow, Stored},
};
use tokio::{sync::watch as stop_watch, time};

use crate::{app::App, error::AppError, jobs::noticed, uploads};

/// How soon a changed file of the folder is read.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Files of the folder that are looked at, and the size of one.
const FILES_MAX: usize = 200;
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// WhatsApp's limit of a picture.
const PICTURE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// A version of a flow, read.
#[derive(Clone, Debug)]
pub struct Version {
    pub stored: Stored,
    /// With the desk's own decision for whom it is on; or what is wrong with it, since this program knows better.
    pub flow: Result<Flow, Vec<Problem>>,
}

/// Every version of every flow, by name, the newest first.
#[derive(Default, Debug)]
pub struct Flows {
    versions: Vec<Version>,
}

impl Flows {
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    fn good(&self) -> impl Iterator<Item = &Flow> {
        self.versions.iter().filter_map(|version| version.flow.as_ref().ok())
    }

    pub fn all(&self) -> Vec<Flow> {
        self.good().filter(|flow| flow.rollout != Rollout::Off).cloned().collect()
    }

    pub fn is_any_on(&self) -> bool {
        self.good().any(|flow| flow.rollout != Rollout::Off)
    }

    pub fn version(&self, name: &str, version: i64) -> Option<&Version> {
        self.versions.iter().find(|v| v.stored.name == name && v.stored.version == version)
    }

    /// The version that a run began with, or the newest when that one is gone.
    pub fn of(&self, run: &flow_runs::Stored) -> Option<&Flow> {
        let is_same = |flow: &&Flow| flow.flow.as_str() == run.flow && i64::from(flow.version) == run.version;
        self.good().find(is_same).or_else(|| self.newest(&run.flow))
    }

    pub fn newest(&self, name: &str) -> Option<&Flow> {
        self.good().find(|flow| flow.flow.as_str() == name)
    }
}

/// What is read at this moment.
#[derive(Default)]
pub struct Catalog(RwLock<Arc<Flows>>);

impl Catalog {
    pub fn now(&self) -> Arc<Flows> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the database anew; a version whose text is the same is not checked again.
    pub async fn reload(&self, db: &Db) -> store::Result<()> {
        let before = self.now();
        let stored = store::flows::list(db).await?;
        let versions = stored.into_iter().map(|stored| read(stored, &before)).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Flows { versions });
        Ok(())
    }
}

fn read(stored: Stored, before: &Flows) -> Version {
    let same = before.versions.iter().find(|known| known.stored.source == stored.source);
    let flow = same.map_or_else(|| check(&stored.source), |known| known.flow.clone());
    let rollout = serde_json::from_str(&stored.rollout).unwrap_or_default();
    Version { flow: flow.map(|flow| Flow { rollout, ..flow }), stored }
}

/// Brings the shipped flows into the database; each is off until somebody switches it on.
pub async fn ship(app: &App) -> store::Result<()> {
    let off = serde_json::json!(Rollout::Off).to_string();
    let mut tx = app.db.begin().await?;
    for (name, source) in library::SOURCES {
        let version = library::flow(name).and_then(Result::ok).map_or(1, |flow| i64::from(flow.version));
        let new = NewFlow { name, version, source, origin: "library", rollout: &off, by: None };
        store::flows::put(&mut tx, &new, app.clock.now()).await?;
    }
    tx.commit().await?;
    app.flows.reload(&app.db).await
}

/// Keeps what is read in step with the database and, where this process does the work, the database with the folder.
pub async fn watch(app: Arc<App>, mut stop: stop_watch::Receiver<bool>) {
    let mut notices = app.db.notices();
    let mut seen = BTreeMap::new();
    // The flows whose pictures are stored.
    let mut pictured: Option<Arc<Flows>> = None;
    while !*stop.borrow() {
        if app.own.roles.worker {
            if let Err(error) = take_in(&app, &mut seen).await {
                tracing::warn!(%error, "the folder of flows could not be taken in");
            }
            let now = app.flows.now();
            if !pictured.as_ref().is_some_and(|before| Arc::ptr_eq(before, &now)) {
                match keep_shipped_pictures(&app, &now).await {
                    Ok(()) => pictured = Some(now),
                    Err(error) => {
                        tracing::warn!(%error, "the pictures of the shipped flows could not be stored");
                    }
                }
            }
        }
        tokio::select! {
            () = time::sleep(LOOK_EVERY) => {}
            () = noticed(&mut notices, &Notice::Flows) => {
                if let Err(error) = app.flows.reload(&app.db).await {
                    tracing::warn!(%error, "changed flows could not be read; the ones from before go on");
                }
            }
            _ = stop.changed() => {}
        }
    }
}

/// Where a flow's pictures lie.
enum Beside {
    Program,
    Folder(PathBuf),
}

impl Beside {
    async fn read(&self, flow: &str, name: &str) -> Option<Vec<u8>> {
        let folder = match self {
            Self::Program => return library::picture(flow, name).map(<[u8]>::to_vec),
            Self::Folder(folder) => folder,
        };
        // In this folder, and nowhere else.
        let path = folder.join(Path::new(name).file_name()?);
        let size = tokio::fs::metadata(&path).await.ok()?.len();
        if size > PICTURE_BYTES_MAX {
            return None;
        }
        tokio::fs::read(path).await.ok()
    }
}

/// Stores the pictures of a flow that are new.
async fn keep_pictures(app: &App, flow: &Flow, beside: &Beside) -> Result<(), AppError> {
    let flow_name = flow.flow.as_str();
    for name in pictures_of(flow) {
        let Some(bytes) = beside.read(flow_name, name).await else {
            tracing::warn!(flow = flow_name, picture = name, "a picture of a flow is not beside it");
            continue;
        };
        let known = store::flows::picture_hash(&app.db, flow_name, name).await?;
        if known.as_deref() == Some(uploads::sha256(&bytes).as_str()) {
            continue;
        }
        let file = uploads::keep_bytes(app, Some(name), &bytes).await?;
        let mut tx = app.db.begin().await?;
        store::flows::put_picture(&mut tx, flow_name, name, &file).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn pictures_of(flow: &Flow) -> impl Iterator<Item = &str> {
    flow.steps.0.iter().filter_map(|(_, step)| match step {
        Step::Say(say) => say.picture.as_deref(),
        Step::Ask(ask) => ask.example.as_deref(),
        _ => None,
    })
}

/// The pictures of the shipped flows that are on: a desk that uses none keeps none.
async fn keep_shipped_pictures(app: &App, flows: &Flows) -> Result<(), AppError> {
    let shipped =
        flows.good().filter(|flow| library::SOURCES.iter().any(|(name, _)| *name == flow.flow.as_str()));
    for flow in shipped.filter(|flow| flow.rollout != Rollout::Off) {
        keep_pictures(app, flow, &Beside::Program).await?;
    }
    Ok(())
}

/// Reads the files that have changed. A file with problems changes nothing and is named as a degraded state.
async fn take_in(app: &App, seen: &mut BTreeMap<PathBuf, std::time::SystemTime>) -> Result<(), AppError> {
    let dir = app.config.flows_dir();
    let files = tokio::task::spawn_blocking(move || files_of(&dir)).await.unwrap_or_default();
    if files.iter().all(|(path, at)| seen.get(path) == Some(at)) && files.len() == seen.len() {
        return Ok(());
    }
    let mut bad = Vec::new();
    for (path, at) in &files {
        if let Err(why) = take_file(app, path).await? {
            bad.push(format!("{}: {why}", path.display()));
        }
        seen.insert(path.clone(), *at);
    }
    seen.retain(|path, _| files.iter().any(|(known, _)| known == path));
    match bad.first() {
        Some(first) => app.health.enter(
            "flow_file_bad",
            format!(
                "{first} ({} such). The version before goes on; mend the file, it is read again by itself",
                bad.len()
            ),
        ),
        None => app.health.leave("flow_file_bad"),
    };
    Ok(())
}

async fn take_file(app: &App, path: &Path) -> Result<Result<(), String>, AppError> {
    let source = match tokio::fs::read_to_string(path).await {
        Ok(source) => source,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let flow = match check(&source) {
        Ok(flow) => flow,
        Err(problems) => return Ok(Err(problems.first().map(ToString::to_string).unwrap_or_default())),
    };
    let rollout = serde_json::json!(flow.rollout).to_string();
    let (name, version) = (flow.flow.as_str(), i64::from(flow.version));
    let new = NewFlow { name, version, source: &source, origin: "folder", rollout: &rollout, by: None };
    let mut tx = app.db.begin().await?;
    // What is kept in a folder is decided in the folder.
    if store::flows::put(&mut tx, &new, app.clock.now()).await? {
        store::flows::set_rollout(&mut tx, name, version, &rollout).await?;
        tracing::info!(flow = name, version, "a flow was read from its file");
    }
    tx.commit().await?;
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    keep_pictures(app, &flow, &Beside::Folder(folder)).await?;
    Ok(Ok(()))
}

/// `*.yaml` of the folder and `flow.yaml` of each folder in it, with the time of their last change.
fn files_of(dir: &Path) -> Vec<(PathBuf, std::time::SystemTime)> {
    let entries = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten().take(FILES_MAX);
    let paths = entries(dir)
        .map(|entry| entry.path())
        .map(|path| if path.is_dir() { path.join("flow.yaml") } else { path });
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"))
        .filter_map(|path| {
            let meta = std::fs::metadata(&path)
                .ok()
                .filter(|meta| meta.is_file() && meta.len() <= FILE_BYTES_MAX)?;
            Some((path, meta.modified().ok()?))
        })
        .collect();
    files.sort();
    files
}
