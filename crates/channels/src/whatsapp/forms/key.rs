//! The RSA key of a number: phones seal under its public half, which is uploaded to Meta.
//!
//! Made and used by aws-lc, whose padding check takes the same time whatever is wrong.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Meta takes keys of 2,048 bits and no others.
const BITS: usize = 2_048;
pub(super) const SESSION_KEY_BYTES: usize = 16;
const PEM_LINE_CHARS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the machine could not make an RSA key")]
    NotMade,
    #[error("the stored key is no RSA key of 2,048 bits; make a new one with `sportello keys forms make`")]
    NotAKey,
}

/// Without `Debug`: it is a secret.
pub struct FormKey(PrivateDecryptingKey);

impl FormKey {
    pub fn generate() -> Result<Self, KeyError> {
        PrivateDecryptingKey::generate(KeySize::Rsa2048).map(Self).map_err(|_| KeyError::NotMade)
    }

    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let key = PrivateDecryptingKey::from_pkcs8(der).map_err(|_| KeyError::NotAKey)?;
        if key.key_size_bits() == BITS { Ok(Self(key)) } else { Err(KeyError::NotAKey) }
    }

    /// The private half, to be sealed and stored. It wipes itself when dropped.
    pub fn to_pkcs8(&self) -> Result<Pkcs8V1Der<'static>, KeyError> {
        self.0.as_der().map_err(|_| KeyError::NotAKey)
    }

    /// The public half as Meta wants it uploaded.
    pub fn public_pem(&self) -> Result<String, KeyError> {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().map_err(|_| KeyError::NotAKey)?;
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for (n, char) in STANDARD.encode(der.as_ref()).chars().enumerate() {
            if n > 0 && n % PEM_LINE_CHARS == 0 {
                pem.push('\n');
            }
            pem.push(char);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        Ok(pem)
    }

    /// The AES key that a phone sealed for us; `None` when it was sealed for another key or altered.
    pub(super) fn session_key(&self, sealed: &[u8]) -> Option<[u8; SESSION_KEY_BYTES]> {
        let key = OaepPrivateDecryptingKey::new(self.0.clone()).ok()?;
        let mut room = [0; BITS / 8];
        let plain = key.decrypt(&OAEP_SHA256_MGF1SHA256, sealed, &mut room, None).ok()?;
        (&*plain).try_into().ok()
    }
}
