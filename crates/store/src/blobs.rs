//! Sealed blobs over `object_store`: a folder, S3 or memory.
//!
//! A blob is written whole and synced before the row that points to it is committed; what a crash leaves
//! between the two is an object without a row, which nobody sees and `orphans` finds.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use model::{Ids, Timestamp, ids::BlobId};
use object_store::{
    MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, local::LocalFileSystem, memory::InMemory,
    path::Path as ObjectPath,
};
use sqlx::FromRow;

use crate::{
    Db, Result, StoreError, Tx,
    keys::{self, Keyring, Secret},
    seal::{HEADER_BYTES, Opener, Sealer},
};

/// S3 asks for parts of at least 5 MiB.
const PART_BYTES: usize = 5 * 1024 * 1024;

#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    ring: Keyring,
    ids: Arc<Ids>,
}

/// The row of a blob.
#[derive(Clone, Debug, FromRow)]
pub struct Blob {
    pub id: BlobId,
    pub owner: String,
    pub sealed_key: Vec<u8>,
    pub size_bytes: i64,
}

impl Blobs {
    pub fn new(objects: Arc<dyn ObjectStore>, ring: Keyring, ids: Arc<Ids>) -> Self {
        Self { objects, ring, ids }
    }

    /// `file:PATH` (synced, created when absent) or `memory:`. S3 is built by the caller, who knows its settings.
    pub fn open_local(url: &str) -> Result<Arc<dyn ObjectStore>> {
        if url == "memory:" {
            return Ok(Arc::new(InMemory::new()));
        }
        let path = url.strip_prefix("file:").ok_or_else(|| {
            StoreError::Unusable("the blobs url must begin with `file:`, `s3:` or be `memory:`".to_owned())
        })?;
        std::fs::create_dir_all(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Ok(Arc::new(LocalFileSystem::new_with_prefix(Path::new(path))?.with_fsync(true)))
    }

    pub const fn ring(&self) -> &Keyring {
        &self.ring
    }

    /// Begins a blob whose key belongs to `owner`. Nothing is visible until `insert`.
    pub async fn create(&self, now: Timestamp) -> Result<Writer> {
        let id = BlobId::new(&self.ids, now);
        let data_key = Secret::generate(&self.ids);
        let sealer = Sealer::new(&data_key, &self.ids, id.clone());
        let objects = self.objects.clone();
        let (pending, pending_bytes) = (Vec::new(), 0);
        Ok(Writer { id, data_key, sealer: Some(sealer), objects, upload: None, pending, pending_bytes })
    }

    /// Writes a blob that is in memory already.
    pub async fn put(&self, bytes: &[u8], now: Timestamp) -> Result<Written> {
        let mut writer = self.create(now).await?;
        writer.push(bytes).await?;
        writer.finish().await
    }

    /// Makes the row of a written blob, in the transaction that points to it.
    pub async fn insert(&self, tx: &mut Tx, written: &Written, owner: &str, now: Timestamp) -> Result<()> {
        let owner_key = keys::of_owner(tx, &self.ring, &self.ids, owner, now).await?;
        let sealed = owner_key.seal(&self.ids, &written.data_key, written.id.as_str())?;
        on_tx!(tx, c => sqlx::query("insert into blobs (id, owner, sealed_key, size_bytes, created_at) values ($1, $2, $3, $4, $5)")
            .bind(&written.id).bind(owner).bind(sealed).bind(written.size_bytes).bind(now)
            .execute(c).await.map(drop))?;
        Ok(())
    }

    /// Gives a blob to another owner: its key is sealed anew, its bytes stay where they are.
    pub async fn hand_over(&self, tx: &mut Tx, id: &BlobId, to: &str, now: Timestamp) -> Result<()> {
        let blob: Blob = on_tx!(tx, c => sqlx::query_as("select id, owner, sealed_key, size_bytes from blobs where id = $1")
            .bind(id).fetch_one(c).await)?;
        let from_key = keys::of_owner(tx, &self.ring, &self.ids, &blob.owner, now).await?;
        let data_key = from_key.open(&blob.sealed_key, id.as_str())?;
        let to_key = keys::of_owner(tx, &self.ring, &self.ids, to, now).await?;
        let sealed = to_key.seal(&self.ids, &data_key, id.as_str())?;
        on_tx!(tx, c => sqlx::query("update blobs set owner = $2, sealed_key = $3 where id = $1")
            .bind(id).bind(to).bind(sealed).execute(c).await.map(drop))?;
        Ok(())
    }

    /// Opens `range` of the plain bytes; chunks are fetched and opened as the stream is read.
    pub async fn read(
        &self,
        db: &Db,
        id: &BlobId,
        range: std::ops::Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + 'static> {
        let blob = find(db, id).await?;
        let owner_key = keys::find(db, &self.ring, &blob.owner)
            .await?
            .ok_or(StoreError::Sealed("its owner was erased; nobody can open it any more"))?;
        let data_key = owner_key.open(&blob.sealed_key, id.as_str())?;
        let path = object_path(id);
        let size_bytes = u64::try_from(blob.size_bytes).unwrap_or(0);
        let header = self.objects.get_range(&path, 0..HEADER_BYTES).await?;
        let opener = Arc::new(Opener::new(&data_key, id.clone(), size_bytes, &header)?);
        let range = range.start.min(size_bytes)..range.end.min(size_bytes);
        let first = range.start / crate::seal::CHUNK_BYTES;
        let last = range.end.saturating_sub(1).max(range.start) / crate::seal::CHUNK_BYTES;
        let numbers = first..=last.min(opener.chunk_count().saturating_sub(1));
        let objects = self.objects.clone();
        Ok(futures_util::stream::iter(numbers).then(move |number| {
            let (objects, path, opener, range) =
                (objects.clone(), path.clone(), opener.clone(), range.clone());
            async move {
                let sealed = objects.get_range(&path, opener.sealed_range(number)).await?;
                Ok(cut(opener.open(number, &sealed)?, number * crate::seal::CHUNK_BYTES, &range))
            }
        }))
    }

    /// The whole blob in memory; refused when it is larger than `bytes_max`.
    pub async fn read_all(&self, db: &Db, id: &BlobId, bytes_max: u64) -> Result<Vec<u8>> {
        let size = u64::try_from(find(db, id).await?.size_bytes).unwrap_or(0);
        if size > bytes_max {
            return Err(StoreError::Unusable(format!(
                "{size} bytes are more than the {bytes_max} that fit here"
            )));
        }
        let stream = self.read(db, id, 0..size).await?;
        let parts: Vec<Bytes> = stream.try_collect().await?;
        Ok(parts.concat())
    }

    /// Removes the bytes; the caller removed the row.
    pub async fn delete(&self, id: &BlobId) -> Result<()> {
        match self.objects.delete(&object_path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the object store answers and keeps what it is given.
    pub async fn healthcheck(&self, now: Timestamp) -> Result<()> {
        let written = self.put(b"healthcheck", now).await?;
        self.delete(&written.id).await
    }

    /// Objects without a row and rows without an object.
    pub async fn orphans(&self, db: &Db) -> Result<(Vec<BlobId>, Vec<BlobId>)> {
        let mut rows: std::collections::BTreeSet<BlobId> = all(db).await?.into_iter().collect();
        let mut objects = self.objects.list(None);
        let mut strays = Vec::new();
        while let Some(meta) = objects.next().await {
            let id = BlobId::from(meta?.location.filename().unwrap_or_default());
            if !rows.remove(&id) {
                strays.push(id);
            }
        }
        Ok((strays, rows.into_iter().collect()))
    }

    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        self.objects.clone()
    }
}

pub async fn find(db: &Db, id: &BlobId) -> Result<Blob> {
    Ok(on!(db, c => sqlx::query_as("select id, owner, sealed_key, size_bytes from blobs where id = $1")
        .bind(id).fetch_one(c).await)?)
}

/// Every blob that the database knows.
pub async fn all(db: &Db) -> Result<Vec<BlobId>> {
    Ok(on!(db, c => sqlx::query_scalar("select id from blobs order by id").fetch_all(c).await)?)
}

/// A name that says nothing about the content; the last two characters spread the files over folders.
pub fn object_path(id: &BlobId) -> ObjectPath {
    let spread = id.as_str().get(id.as_str().len().saturating_sub(2)..).unwrap_or("00");
    ObjectPath::from(format!("{spread}/{id}"))
}

fn cut(plain: Bytes, offset: u64, range: &std::ops::Range<u64>) -> Bytes {
    let len = u64::try_from(plain.len()).unwrap_or(0);
    let start = range.start.saturating_sub(offset).min(len);
    let end = range.end.saturating_sub(offset).min(len);
    plain.slice(usize::try_from(start).unwrap_or(0)..usize::try_from(end.max(start)).unwrap_or(0))
}

/// A blob that is being written.
pub struct Writer {
    id: BlobId,
    data_key: Secret,
    sealer: Option<Sealer>,
    objects: Arc<dyn ObjectStore>,
    /// Begun with the first full part: what fits into one part is one request.
    upload: Option<Box<dyn MultipartUpload>>,
    pending: Vec<Bytes>,
    pending_bytes: usize,
}

/// A blob that is complete and synced, and not yet in the database.
pub struct Written {
    pub id: BlobId,
    pub size_bytes: i64,
    data_key: Secret,
}

impl Writer {
    pub async fn push(&mut self, plain: &[u8]) -> Result<()> {
        let sealer = self.sealer.as_mut().ok_or(StoreError::Sealed("written after its end"))?;
        let sealed = sealer.push(plain)?;
        self.take(sealed);
        if self.pending_bytes >= PART_BYTES { self.flush().await } else { Ok(()) }
    }

    pub async fn finish(mut self) -> Result<Written> {
        crate::error::fault("blobs.finish")?;
        let sealer = self.sealer.take().ok_or(StoreError::Sealed("ended twice"))?;
        let size_bytes = i64::try_from(sealer.size_bytes).unwrap_or(i64::MAX);
        let sealed = sealer.finish()?;
        self.take(sealed);
        if self.upload.is_some() {
            self.flush().await?;
        }
        match &mut self.upload {
            Some(upload) => upload.complete().await?,
            None => {
                let whole = PutPayload::from_iter(std::mem::take(&mut self.pending));
                self.objects.put(&object_path(&self.id), whole).await?
            }
        };
        Ok(Written { id: self.id, size_bytes, data_key: self.data_key })
    }

    /// Gives up; what was written so far is removed.
    pub async fn abort(mut self) {
        let Some(upload) = &mut self.upload else { return };
        if let Err(error) = upload.abort().await {
            tracing::warn!(%error, "an unfinished blob could not be removed; it holds no readable data");
        }
    }

    fn take(&mut self, sealed: Vec<Bytes>) {
        self.pending_bytes += sealed.iter().map(Bytes::len).sum::<usize>();
        self.pending.extend(sealed);
    }

    async fn flush(&mut self) -> Result<()> {
        let parts = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        if parts.is_empty() {
            return Ok(());
        }
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => self.upload.insert(self.objects.put_multipart(&object_path(&self.id)).await?),
        };
        upload.put_part(PutPayload::from_iter(parts)).await?;
        Ok(())
    }
}
