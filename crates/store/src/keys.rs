//! Keys at rest: the master key seals one key an owner (a contact, or the house), and that seals data keys.
//!
//! To erase a contact is to destroy one row here: every blob of theirs is noise from then on.

use std::{collections::BTreeMap, path::Path};

use aes_gcm::{
    Aes256Gcm, Key, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use model::{Ids, Timestamp};
use zeroize::Zeroizing;

use crate::{Db, Result, StoreError, Tx};

/// The owner of what belongs to no contact: files that were uploaded and not yet sent.
pub const HOUSE: &str = "house";

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// A key in memory; wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; KEY_BYTES]>);

impl Secret {
    pub fn generate(ids: &Ids) -> Self {
        Self(Zeroizing::new(ids.bytes()))
    }

    pub(crate) fn key(&self) -> &Key<Aes256Gcm> {
        (&*self.0).into()
    }

    /// Seals a small secret under this one; `label` must be the same to open it.
    pub fn seal(&self, ids: &Ids, secret: &Self, label: &str) -> Result<Vec<u8>> {
        self.seal_bytes(ids, &secret.0[..], label)
    }

    pub fn open(&self, sealed: &[u8], label: &str) -> Result<Self> {
        let plain = self.open_bytes(sealed, label)?;
        let bytes: [u8; KEY_BYTES] = plain
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Sealed("a sealed key has the wrong length"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The same for a few bytes of any length.
    pub fn seal_bytes(&self, ids: &Ids, plain: &[u8], label: &str) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = ids.bytes();
        let payload = Payload { msg: plain, aad: label.as_bytes() };
        let sealed = Aes256Gcm::new(self.key())
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| StoreError::Sealed("a key could not be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    pub fn open_bytes(&self, sealed: &[u8], label: &str) -> Result<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(StoreError::Sealed("a sealed key is too short"))?;
        Aes256Gcm::new(self.key())
            .decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: label.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Sealed("a key was sealed under another master key, or was altered"))
    }
}

/// The master keys: the first seals, all of them open.
#[derive(Clone)]
pub struct Keyring {
    current: String,
    keys: BTreeMap<String, Secret>,
}

impl Keyring {
    /// Reads lines of `id:base64`; the first is the current key. Commas separate as well as line ends.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong =
            |why: &str| StoreError::MasterKey(format!("{why}; each line is `id:` and 32 bytes in base64"));
        let mut keys = BTreeMap::new();
        let mut current = None;
        for line in text.split(['\n', ',']).map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (id, encoded) = line.split_once(':').ok_or_else(|| wrong("a line has no `:`"))?;
            let bytes =
                Zeroizing::new(BASE64.decode(encoded.trim()).map_err(|_| wrong("a key is not base64"))?);
            let bytes: [u8; KEY_BYTES] =
                bytes.as_slice().try_into().map_err(|_| wrong("a key is not 32 bytes long"))?;
            current.get_or_insert_with(|| id.to_owned());
            keys.insert(id.to_owned(), Secret(Zeroizing::new(bytes)));
        }
        Ok(Self { current: current.ok_or_else(|| wrong("no key found"))?, keys })
    }

    /// Reads the key file, or writes a first one that only its owner can read.
    pub fn from_file(path: &Path, ids: &Ids, now: Timestamp) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write_first(path, &Zeroizing::new(new_line(ids, now)), ids, now)?;
                let io = |source| StoreError::Io { path: path.display().to_string(), source };
                Self::parse(&Zeroizing::new(std::fs::read_to_string(path).map_err(io)?))
            }
            Err(source) => Err(StoreError::Io { path: path.display().to_string(), source }),
        }
    }

    /// Puts a new current key before the others in the file; `rewrap` then moves every owner's key to it.
    pub fn rotate_file(path: &Path, ids: &Ids, now: Timestamp) -> Result<Self> {
        let io = |source| StoreError::Io { path: path.display().to_string(), source };
        let old = Zeroizing::new(std::fs::read_to_string(path).map_err(io)?);
        Self::parse(&old)?;
        let text = Zeroizing::new(format!("{}{}", new_line(ids, now), *old));
        let fresh = path.with_extension("new");
        write_private(&fresh, &text)?;
        std::fs::rename(&fresh, path).map_err(io)?;
        sync_folder(path)?;
        Self::parse(&text)
    }

    pub fn current_id(&self) -> &str {
        &self.current
    }

    fn seal(&self, ids: &Ids, secret: &Secret, owner: &str) -> Result<Vec<u8>> {
        self.keys.get(&self.current).ok_or_else(|| self.unknown(&self.current))?.seal(ids, secret, owner)
    }

    fn open(&self, master_key_id: &str, sealed: &[u8], owner: &str) -> Result<Secret> {
        self.keys.get(master_key_id).ok_or_else(|| self.unknown(master_key_id))?.open(sealed, owner)
    }

    fn unknown(&self, id: &str) -> StoreError {
        StoreError::MasterKey(format!("key `{id}` is needed and not among the {} given", self.keys.len()))
    }
}

fn new_line(ids: &Ids, now: Timestamp) -> String {
    let bytes = Zeroizing::new(ids.bytes::<KEY_BYTES>());
    format!("{}:{}\n", ids.ulid(now), BASE64.encode(&bytes[..]))
}

/// Writes the first key file, unless another process that starts at the same moment was first: then its key is everybody's.
fn write_first(path: &Path, text: &str, ids: &Ids, now: Timestamp) -> Result<()> {
    let io = |source| StoreError::Io { path: path.display().to_string(), source };
    let fresh = path.with_extension(ids.ulid(now));
    write_private(&fresh, text)?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh).map_err(io)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(io(error)),
        _ => sync_folder(path),
    }
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let io = |source| StoreError::Io { path: path.display().to_string(), source };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    file.sync_all().map_err(io)
}

fn sync_folder(path: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: path.display().to_string(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(io)
}

/// The owner's key, made on first use.
pub async fn of_owner(tx: &mut Tx, ring: &Keyring, ids: &Ids, owner: &str, now: Timestamp) -> Result<Secret> {
    if let Some(secret) = held(tx, ring, owner).await? {
        return Ok(secret);
    }
    let secret = Secret::generate(ids);
    let sealed = ring.seal(ids, &secret, owner)?;
    let made = on_tx!(tx, c => sqlx::query(
        "insert into keys (owner, sealed_key, master_key_id, created_at) values ($1, $2, $3, $4) on conflict (owner) do nothing")
        .bind(owner).bind(sealed).bind(&ring.current).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    if made > 0 {
        return Ok(secret);
    }
    // Another file of the same owner came at the same moment and was first.
    held(tx, ring, owner)
        .await?
        .ok_or_else(|| StoreError::Unusable(format!("the key of {owner} was erased meanwhile")))
}

async fn held(tx: &mut Tx, ring: &Keyring, owner: &str) -> Result<Option<Secret>> {
    let row = on_tx!(tx, c => sqlx::query_as::<_, (Vec<u8>, String)>(
        "select sealed_key, master_key_id from keys where owner = $1").bind(owner).fetch_optional(c).await)?;
    row.map(|(sealed, master)| ring.open(&master, &sealed, owner)).transpose()
}

/// The owner's key if it exists (it does not after an erasure).
pub async fn find(db: &Db, ring: &Keyring, owner: &str) -> Result<Option<Secret>> {
    let row = on!(db, c => sqlx::query_as::<_, (Vec<u8>, String)>(
        "select sealed_key, master_key_id from keys where owner = $1").bind(owner).fetch_optional(c).await)?;
    row.map(|(sealed, master)| ring.open(&master, &sealed, owner)).transpose()
}

/// Seals every owner's key under the current master key; returns how many contacts' were moved.
pub async fn rewrap(db: &Db, ring: &Keyring, ids: &Ids) -> Result<usize> {
    let mut moved = 0;
    loop {
        let mut tx = db.begin().await?;
        let rows = on_tx!(tx, c => sqlx::query_as::<_, (String, Vec<u8>, String)>(
            "select owner, sealed_key, master_key_id from keys where master_key_id <> $1 order by owner limit 500")
            .bind(&ring.current).fetch_all(c).await)?;
        if rows.is_empty() {
            return Ok(moved);
        }
        for (owner, sealed, master) in &rows {
            let secret = ring.open(master, sealed, owner)?;
            let sealed = ring.seal(ids, &secret, owner)?;
            on_tx!(tx, c => sqlx::query("update keys set sealed_key = $2, master_key_id = $3 where owner = $1")
                .bind(owner).bind(sealed).bind(&ring.current).execute(c).await.map(drop))?;
        }
        tx.commit().await?;
        moved += rows.iter().filter(|(owner, ..)| owner != HOUSE).count();
    }
}

/// How many contacts' keys no master key of the ring opens: their blobs would be lost.
pub async fn unopenable(db: &Db, ring: &Keyring) -> Result<i64> {
    let rows = on!(db, c => sqlx::query_as::<_, (String, i64)>(
        "select master_key_id, count(*) from keys where owner <> $1 group by master_key_id").bind(HOUSE).fetch_all(c).await)?;
    Ok(rows.iter().filter(|(id, _)| !ring.keys.contains_key(id)).map(|(_, count)| count).sum())
}
