//! The phone's side of a form's encryption (Meta, "Implementing Endpoints for Flows", "Media upload components").

use aes_gcm::{
    AesGcm, KeyInit as _, Nonce,
    aead::{Aead as _, consts::U16},
    aes::{Aes128, Aes256},
};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7},
};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::knobs::FormFault;

const BLOCK: usize = 16;
const MAC: usize = 10;

type Gcm = AesGcm<Aes128, U16>;

/// A request under way: the body, and what opens its answer.
pub struct Request {
    pub body: String,
    cipher: Gcm,
    iv: [u8; BLOCK],
}

/// Seals `plain` for the key in `public_pem`, or for a key that nobody has.
pub fn request(plain: &Value, public_pem: Option<&str>, secrets: &[u8; 32]) -> Result<Request, String> {
    let [key, iv] = halves(secrets);
    let cipher = Gcm::new(&key.into());
    let data = cipher
        .encrypt(&Nonce::from(iv), plain.to_string().as_bytes())
        .map_err(|_| "the request could not be sealed")?;
    let body = json!({
        "encrypted_flow_data": STANDARD.encode(data),
        "encrypted_aes_key": STANDARD.encode(wrap(&key, public_pem)?),
        "initial_vector": STANDARD.encode(iv),
    });
    Ok(Request { body: body.to_string(), cipher, iv })
}

impl Request {
    pub fn open(&self, text: &str) -> Result<Value, String> {
        let sealed = STANDARD.decode(text.trim()).map_err(|_| "the answer is not base64")?;
        let flipped = self.iv.map(|byte| !byte);
        let plain = self
            .cipher
            .decrypt(&Nonce::from(flipped), &*sealed)
            .map_err(|_| "the answer is not sealed with the key of the request and its IV flipped")?;
        serde_json::from_slice(&plain).map_err(|_| "the answer is not JSON".to_owned())
    }
}

fn wrap(key: &[u8], public_pem: Option<&str>) -> Result<Vec<u8>, String> {
    let public = match public_pem {
        Some(pem) => {
            let base64: String =
                pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
            let der = STANDARD.decode(base64).map_err(|_| "the public key is no PEM")?;
            PublicEncryptingKey::from_der(&der).map_err(|_| "the public key is no RSA key")?
        }
        None => {
            PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| "no key could be made")?.public_key()
        }
    };
    let public = OaepPublicEncryptingKey::new(public).map_err(|_| "the public key is no RSA key")?;
    let mut sealed = vec![0; public.ciphertext_size()];
    let wrapped = public
        .encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut sealed, None)
        .map_err(|_| "the key could not be sealed")?
        .len();
    sealed.truncate(wrapped);
    Ok(sealed)
}

/// A file as it lies on WhatsApp's network, and how a request describes it.
pub struct SealedFile {
    pub bytes: Bytes,
    pub metadata: Value,
}

pub fn file(plain: &[u8], secrets: &[u8; 32], fault: FormFault) -> Result<SealedFile, String> {
    let key: [u8; 32] = Sha256::digest([&secrets[..], b"key"].concat()).into();
    let mac_key: [u8; 32] = Sha256::digest([&secrets[..], b"mac"].concat()).into();
    let [iv, _] = halves(secrets);
    let mut bytes = plain.to_vec();
    bytes.resize(plain.len() + BLOCK - plain.len() % BLOCK, 0);
    Encryptor::<Aes256>::new(&key.into(), &iv.into())
        .encrypt_padded::<Pkcs7>(&mut bytes, plain.len())
        .map_err(|_| "the file could not be sealed")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&mac_key).map_err(|_| "the file could not be sealed")?;
    mac.update(&iv);
    mac.update(&bytes);
    bytes.extend(mac.finalize().into_bytes().iter().take(MAC));
    if let (FormFault::TamperedMedia, Some(first)) = (fault, bytes.first_mut()) {
        *first ^= 1;
    }
    let mut hash = Sha256::digest(&bytes).to_vec();
    let mut plain_hash = Sha256::digest(plain).to_vec();
    match fault {
        FormFault::WrongHash => hash.reverse(),
        FormFault::OtherFile => plain_hash.reverse(),
        _ => {}
    }
    let metadata = json!({
        "encrypted_hash": STANDARD.encode(hash),
        "iv": STANDARD.encode(iv),
        "encryption_key": STANDARD.encode(key),
        "hmac_key": STANDARD.encode(mac_key),
        "plaintext_hash": STANDARD.encode(plain_hash),
    });
    Ok(SealedFile { bytes: bytes.into(), metadata })
}

fn halves(secrets: &[u8; 32]) -> [[u8; BLOCK]; 2] {
    let (mut first, mut second) = ([0; BLOCK], [0; BLOCK]);
    let (front, back) = secrets.split_at(BLOCK);
    first.copy_from_slice(front);
    second.copy_from_slice(back);
    [first, second]
}
