//! How a request to the endpoint is sealed, and its answer: a fresh AES key each time, sealed for our RSA key.
//!
//! AES-128-GCM with an IV of 16 bytes, the tag behind the text; the answer goes under the same key and the IV with
//! all its bits flipped, as base64 (Meta, "Implementing Endpoints for Flows").

use aes_gcm::{
    AesGcm, KeyInit as _, Nonce,
    aead::{Aead as _, consts::U16},
    aes::Aes128,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::key::FormKey;

const IV_BYTES: usize = 16;

type Cipher = AesGcm<Aes128, U16>;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the body is not a sealed request of a form")]
    NotAnEnvelope,
    /// The phone fetches the public key again and tries once more.
    #[error("the request was sealed for another key, or altered")]
    Sealed,
}

#[derive(Deserialize)]
struct Envelope {
    encrypted_flow_data: String,
    encrypted_aes_key: String,
    initial_vector: String,
}

/// What is needed to answer one request. It seals once: two answers under one IV would betray both.
pub struct Session {
    cipher: Cipher,
    iv: [u8; IV_BYTES],
}

/// Opens a request with the first of `keys` that fits; answers its plain JSON.
pub fn open(body: &[u8], keys: &[FormKey]) -> Result<(Vec<u8>, Session), EnvelopeError> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| EnvelopeError::NotAnEnvelope)?;
    let bytes = |text: &str| STANDARD.decode(text).map_err(|_| EnvelopeError::NotAnEnvelope);
    let sealed = bytes(&envelope.encrypted_flow_data)?;
    let sealed_key = bytes(&envelope.encrypted_aes_key)?;
    let iv: [u8; IV_BYTES] =
        bytes(&envelope.initial_vector)?.try_into().map_err(|_| EnvelopeError::NotAnEnvelope)?;
    for session_key in keys.iter().filter_map(|key| key.session_key(&sealed_key)) {
        let cipher = Cipher::new(&session_key.into());
        if let Ok(plain) = cipher.decrypt(&Nonce::from(iv), &*sealed) {
            return Ok((plain, Session { cipher, iv }));
        }
    }
    Err(EnvelopeError::Sealed)
}

impl Session {
    /// The answer as it goes out: base64, as plain text.
    #[expect(clippy::expect_used, reason = "AES-GCM fails beyond 64 GiB only")]
    pub fn seal(self, answer: &Value) -> String {
        let flipped = self.iv.map(|byte| !byte);
        let plain = answer.to_string();
        let sealed = self.cipher.encrypt(&Nonce::from(flipped), plain.as_bytes());
        STANDARD.encode(sealed.expect("an answer is short"))
    }
}
