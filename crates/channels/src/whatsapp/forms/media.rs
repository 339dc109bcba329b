//! A file that a picker left on WhatsApp's network, sealed for the endpoint: AES-256-CBC under keys that came with the
//! request, behind it the first ten bytes of an HMAC (Meta, "Media upload components").
//!
//! Nothing is decrypted before both checks of the cipher text have passed.

use aes_gcm::aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::Pkcs7},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The largest file of a picker (`max-file-size-kb` goes up to 25,600).
pub const FILE_BYTES_MAX: usize = 25 * 1024 * 1024;
const BLOCK_BYTES: usize = 16;
const MAC_BYTES: usize = 10;
/// The same file sealed: padded to whole blocks, the MAC behind it.
pub const CIPHER_BYTES_MAX: usize = FILE_BYTES_MAX + BLOCK_BYTES + MAC_BYTES;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the keys of the file are not what they should be; ask the customer to send it again")]
    BadKeys,
    #[error("the file is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// On its way or at its source: another try may bring the right bytes.
    #[error("the file that came is not the one that was announced (its SHA-256 differs)")]
    WrongBytes,
    #[error("the file was altered after it was sealed; ask the customer to send it again")]
    Altered,
    #[error("what was sealed is not the file that was announced; ask the customer to send it again")]
    OtherFile,
}

/// `encryption_metadata` as it came: five values in base64. Without `Debug`: two of them are keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seals {
    encrypted_hash: String,
    iv: String,
    encryption_key: String,
    hmac_key: String,
    plaintext_hash: String,
}

/// The file that `sealed` holds.
pub fn open(mut sealed: Vec<u8>, seals: &Seals) -> Result<Vec<u8>, MediaError> {
    if sealed.len() > CIPHER_BYTES_MAX {
        return Err(MediaError::TooLarge);
    }
    if !is_same(&Sha256::digest(&sealed), &exactly::<32>(&seals.encrypted_hash)?) {
        return Err(MediaError::WrongBytes);
    }
    let mac_at = sealed.len().checked_sub(MAC_BYTES).ok_or(MediaError::Altered)?;
    let mac = sealed.split_off(mac_at);
    let iv = exactly::<BLOCK_BYTES>(&seals.iv)?;
    let expected = mac_of(seals, &iv, &sealed)?;
    if !is_same(expected.get(..MAC_BYTES).unwrap_or_default(), &mac) {
        return Err(MediaError::Altered);
    }
    let key = exactly::<32>(&seals.encryption_key)?;
    let plain = Decryptor::<Aes256>::new(&key.into(), &iv.into()).decrypt_padded::<Pkcs7>(&mut sealed);
    let length = plain.map_err(|_| MediaError::Altered)?.len();
    sealed.truncate(length);
    if !is_same(&Sha256::digest(&sealed), &exactly::<32>(&seals.plaintext_hash)?) {
        return Err(MediaError::OtherFile);
    }
    Ok(sealed)
}

fn mac_of(seals: &Seals, iv: &[u8], cipher_text: &[u8]) -> Result<[u8; 32], MediaError> {
    let key = exactly::<32>(&seals.hmac_key)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| MediaError::BadKeys)?;
    mac.update(iv);
    mac.update(cipher_text);
    Ok(mac.finalize().into_bytes().into())
}

fn exactly<const N: usize>(text: &str) -> Result<[u8; N], MediaError> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(MediaError::BadKeys)
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    bool::from(one.ct_eq(other))
}
