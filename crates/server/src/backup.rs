//! A consistent copy of everything while the server runs, and its way back.
//!
//! The desk's database is copied first, the inbox after it: the inbox copy holds at least what the desk has read.
//! What was read while both were copied may be missing from the desk's copy: the inbox copy has it read again,
//! and unique keys find nothing new in what was there already. Blobs are never changed, so those that the copied desk names are all there.

use std::path::Path;

use anyhow::{Context as _, bail};
use model::{Clock as _, Ids, SystemClock, ids::BlobId};
use object_store::{ObjectStore, ObjectStoreExt as _};
use store::{Db, blobs, inbox, keys};

use crate::{app, config::Config, objects};

/// What was copied.
pub struct Report {
    pub blobs: usize,
    /// Contacts whose files no master key that is here opens.
    pub locked_contacts: i64,
}

const DESK: &str = "sportello.sqlite";
const INBOX: &str = "inbox.sqlite";
const KEY: &str = "master.key";

pub async fn write(config: &Config, to: &Path, with_master_key: bool) -> anyhow::Result<Report> {
    if config.database_url().starts_with("postgres") {
        bail!(
            "PostgreSQL is copied with pg_dump, and the blob store with its own tools; this command is for SQLite and a folder"
        );
    }
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    if std::fs::read_dir(to)?.next().is_some() {
        bail!("{} is not empty; choose a new folder", to.display());
    }
    let (desk, inbox) = app::open_databases(config).await?;
    let first_unread = inbox::first_unread(&inbox).await?;
    desk.copy_to(&to.join(DESK)).await?;
    inbox.copy_to(&to.join(INBOX)).await?;
    let inbox_copy = Db::open(&format!("sqlite:{}", to.join(INBOX).display())).await?;
    inbox::read_again_from(&inbox_copy, first_unread).await?;
    inbox_copy.close().await;
    let copy = Db::open(&format!("sqlite:{}", to.join(DESK).display())).await?;
    let source = objects::open(config)?;
    let target = blobs::Blobs::open_local(&format!("file:{}", to.join("blobs").display()))?;
    let ids = blobs::all(&copy).await?;
    for id in &ids {
        copy_blob(source.as_ref(), target.as_ref(), id).await?;
    }
    copy.close().await;
    if with_master_key {
        std::fs::copy(config.master_key_file(), to.join(KEY))
            .context("the master key could not be copied")?;
    }
    Ok(Report { blobs: ids.len(), locked_contacts: 0 })
}

async fn copy_blob(source: &dyn ObjectStore, target: &dyn ObjectStore, id: &BlobId) -> anyhow::Result<()> {
    let path = blobs::object_path(id);
    let bytes = source
        .get(&path)
        .await
        .with_context(|| format!("file {id} is in the database and not in the blob store"))?
        .bytes()
        .await?;
    target.put(&path, bytes.into()).await?;
    Ok(())
}

/// Puts a backup into the configured data folder, which must hold no database yet, and checks it.
pub async fn restore(config: &Config, from: &Path) -> anyhow::Result<Report> {
    let url = config.database_url();
    let Some(desk) = url.strip_prefix("sqlite:").map(Path::new) else {
        bail!("PostgreSQL is restored with pg_restore; this command is for SQLite and a folder");
    };
    refuse_what_is_there(config, desk)?;
    if !from.join(DESK).exists() {
        bail!("{} holds no backup of Sportello ({DESK} is missing)", from.display());
    }
    std::fs::create_dir_all(&config.data.dir)?;
    if let Some(folder) = desk.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from.join(DESK), desk)?;
    std::fs::copy(from.join(INBOX), desk.with_file_name(INBOX))?;
    if from.join(KEY).exists() && !config.master_key_file().exists() {
        std::fs::copy(from.join(KEY), config.master_key_file())?;
    }
    let (db, inbox) = app::open_databases(config).await?;
    db.integrity().await?;
    inbox.integrity().await?;
    let source = blobs::Blobs::open_local(&format!("file:{}", from.join("blobs").display()))?;
    let target = objects::open(config)?;
    let ids = blobs::all(&db).await?;
    for id in &ids {
        copy_blob(source.as_ref(), target.as_ref(), id).await?;
    }
    let ring = app::keyring(config, &Ids::from_os(), SystemClock.now())?;
    let locked_contacts = keys::unopenable(&db, &ring).await?;
    Ok(Report { blobs: ids.len(), locked_contacts })
}

/// A restore writes over nothing: besides the master key the data folder is empty.
fn refuse_what_is_there(config: &Config, desk: &Path) -> anyhow::Result<()> {
    let mut found = vec![desk.to_owned(), desk.with_file_name(INBOX)];
    if let Ok(entries) = std::fs::read_dir(&config.data.dir) {
        let key = config.master_key_file();
        found.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| *path != key));
    }
    match found.into_iter().find(|path| path.exists()) {
        Some(path) => bail!("{} exists; restore into an empty data folder", path.display()),
        None => Ok(()),
    }
}
