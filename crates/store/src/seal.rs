//! The sealed form of a blob: AES-256-GCM over chunks (the STREAM construction), so that a large file is
//! sealed while it arrives and any part of it can be opened alone.
//!
//! Layout: magic `SPB1`, 7 random bytes, then chunks of 64 KiB of plain text with a 16-byte tag each.
//! The chunk's number and whether it is the last are part of its nonce, the blob's id is authenticated
//! with it: chunks cannot be swapped, dropped, appended or moved to another blob.

use aead_stream::{NewStream as _, Nonce, StreamBE32, StreamPrimitive as _};
use aes_gcm::{Aes256Gcm, aead::Payload};
use bytes::{Bytes, BytesMut};
use model::{Ids, ids::BlobId};

use crate::{Result, StoreError, keys::Secret};

const MAGIC: &[u8; 4] = b"SPB1";
const PREFIX_BYTES: usize = 7;
pub const HEADER_BYTES: u64 = 11;
/// Plain bytes in a chunk.
pub const CHUNK_BYTES: u64 = 64 * 1024;
const TAG_BYTES: u64 = 16;

type Stream = StreamBE32<Aes256Gcm>;

/// Seals a stream of bytes; memory stays at one chunk.
pub struct Sealer {
    stream: Stream,
    id: BlobId,
    next: u32,
    buffer: BytesMut,
    header: Option<Bytes>,
    /// Plain bytes so far.
    pub size_bytes: u64,
}

const CHUNK: usize = 64 * 1024;

impl Sealer {
    pub fn new(data_key: &Secret, ids: &Ids, id: BlobId) -> Self {
        let prefix: [u8; PREFIX_BYTES] = ids.bytes();
        let header = Bytes::from([&MAGIC[..], &prefix].concat());
        let stream = Stream::new(data_key.key(), &Nonce::<Aes256Gcm, Stream>::from(prefix));
        Self { stream, id, next: 0, buffer: BytesMut::new(), header: Some(header), size_bytes: 0 }
    }

    /// Takes plain bytes and returns the sealed bytes that are ready.
    pub fn push(&mut self, plain: &[u8]) -> Result<Vec<Bytes>> {
        self.size_bytes = self.size_bytes.saturating_add(u64::try_from(plain.len()).unwrap_or(u64::MAX));
        self.buffer.extend_from_slice(plain);
        let mut out: Vec<Bytes> = self.header.take().into_iter().collect();
        // The last chunk is sealed as such, so one is always held back.
        while self.buffer.len() > CHUNK {
            let chunk = self.buffer.split_to(CHUNK);
            out.push(self.chunk(&chunk, false)?);
        }
        Ok(out)
    }

    /// The end of the sealed form.
    pub fn finish(mut self) -> Result<Vec<Bytes>> {
        let mut out: Vec<Bytes> = self.header.take().into_iter().collect();
        let last = self.buffer.split();
        out.push(self.chunk(&last, true)?);
        Ok(out)
    }

    fn chunk(&mut self, plain: &[u8], is_last: bool) -> Result<Bytes> {
        let payload = Payload { msg: plain, aad: self.id.as_str().as_bytes() };
        let sealed = self
            .stream
            .encrypt(self.next, is_last, payload)
            .map_err(|_| StoreError::Sealed("a chunk could not be sealed"))?;
        self.next = self.next.checked_add(1).ok_or(StoreError::Sealed("too many chunks"))?;
        Ok(sealed.into())
    }
}

/// Opens chunks of one blob, in any order.
pub struct Opener {
    stream: Stream,
    id: BlobId,
    size_bytes: u64,
}

impl Opener {
    /// `header` is the first `HEADER_BYTES` of the sealed form, `size_bytes` the plain size.
    pub fn new(data_key: &Secret, id: BlobId, size_bytes: u64, header: &[u8]) -> Result<Self> {
        let prefix = header
            .strip_prefix(MAGIC)
            .and_then(|rest| <[u8; PREFIX_BYTES]>::try_from(rest).ok())
            .ok_or(StoreError::Sealed("it is not one of our blobs"))?;
        let stream = Stream::new(data_key.key(), &Nonce::<Aes256Gcm, Stream>::from(prefix));
        Ok(Self { stream, id, size_bytes })
    }

    pub const fn chunk_count(&self) -> u64 {
        chunk_count(self.size_bytes)
    }

    /// Where chunk `number` stands in the sealed form.
    pub fn sealed_range(&self, number: u64) -> std::ops::Range<u64> {
        let start = HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES);
        let plain = (self.size_bytes - number * CHUNK_BYTES).min(CHUNK_BYTES);
        start..start + plain + TAG_BYTES
    }

    pub fn open(&self, number: u64, sealed: &[u8]) -> Result<Bytes> {
        let position = u32::try_from(number).map_err(|_| StoreError::Sealed("too many chunks"))?;
        let is_last = number + 1 == self.chunk_count();
        let payload = Payload { msg: sealed, aad: self.id.as_str().as_bytes() };
        self.stream
            .decrypt(position, is_last, payload)
            .map(Bytes::from)
            .map_err(|_| StoreError::Sealed("the blob was altered, cut short or belongs to another key"))
    }
}

/// An empty blob has one empty chunk.
const fn chunk_count(size_bytes: u64) -> u64 {
    if size_bytes == 0 { 1 } else { size_bytes.div_ceil(CHUNK_BYTES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8], step: usize) -> (Secret, Vec<u8>) {
        let ids = Ids::from_seed(1);
        let key = Secret::generate(&ids);
        let mut sealer = Sealer::new(&key, &ids, "B1".into());
        let mut out = Vec::new();
        for part in plain.chunks(step) {
            out.extend(sealer.push(part).unwrap().concat());
        }
        out.extend(sealer.finish().unwrap().concat());
        (key, out)
    }

    fn opened(key: &Secret, id: &str, size: usize, sealed: &[u8]) -> Result<Vec<u8>> {
        let header = sealed.get(..11).unwrap_or_default();
        let opener = Opener::new(key, id.into(), size.try_into().unwrap(), header)?;
        let mut plain = Vec::new();
        for number in 0..opener.chunk_count() {
            let range = opener.sealed_range(number);
            let part = sealed
                .get(range.start.try_into().unwrap()..range.end.try_into().unwrap())
                .unwrap_or_default();
            plain.extend(opener.open(number, part)?);
        }
        Ok(plain)
    }

    #[test]
    fn opens_what_it_sealed_at_every_chunk_border() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let (key, out) = sealed(&plain, 10_007);
            assert_eq!(opened(&key, "B1", size, &out).unwrap(), plain, "{size}");
        }
    }

    #[test]
    fn refuses_what_was_altered() {
        let plain = vec![7; 2 * CHUNK + 5];
        let (key, out) = sealed(&plain, CHUNK);
        let mut flipped = out.clone();
        flipped[100] ^= 1;
        assert!(opened(&key, "B1", plain.len(), &flipped).is_err());
        assert!(opened(&key, "B2", plain.len(), &out).is_err(), "moved to another blob");
        assert!(opened(&key, "B1", 2 * CHUNK, &out).is_err(), "cut short");
        assert!(opened(&Secret::generate(&Ids::from_seed(2)), "B1", plain.len(), &out).is_err());
    }
}
