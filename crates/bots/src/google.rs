//! A service account of Google: a signed claim is exchanged for an access token, which is kept until shortly
//! before its end (RFC 7523; Google, "Using OAuth 2.0 for server to server applications").

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use model::{Clock, Timestamp};
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use crate::{
    config,
    error::{Error, OpenError},
    http,
};

const SCOPE: &str = "https://www.googleapis.com/auth/dialogflow";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLAIM_LASTS: Duration = Duration::from_secs(60 * 60);
/// A token is asked for anew so long before its end.
const MARGIN: Duration = Duration::from_secs(60);
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The file from Google's console.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: SecretString,
    private_key_id: Option<String>,
    token_uri: Url,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: u64,
}

struct Token {
    secret: SecretString,
    until: Timestamp,
}

pub struct Account {
    http: Client,
    clock: Arc<dyn Clock>,
    email: String,
    key: RsaKeyPair,
    key_id: Option<String>,
    token_uri: Url,
    kept: Mutex<Option<Token>>,
}

impl Account {
    pub fn open(path: &Path, http: Client, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let file = read(path).and_then(|file| Ok((key_of(&file)?, file)));
        let (key, file) =
            file.map_err(|why| OpenError::Credentials { path: path.display().to_string(), why })?;
        Ok(Self {
            http,
            clock,
            email: file.client_email,
            key,
            key_id: file.private_key_id,
            token_uri: file.token_uri,
            kept: Mutex::new(None),
        })
    }

    /// Sends with a token, and reads a 2xx as JSON.
    pub async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let token = self.token().await.map_err(|why| Error::NoAccess(Box::new(why)))?;
        let answer = http::answer(request.bearer_auth(token.expose_secret())).await;
        if matches!(answer, Err(Error::Status(StatusCode::UNAUTHORIZED))) {
            // Taken back before its time.
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        answer
    }

    async fn token(&self) -> Result<SecretString, Error> {
        if let Some(token) = self.kept() {
            return Ok(token);
        }
        let form = [("grant_type", GRANT), ("assertion", &self.claim()?)];
        let granted: Granted = http::answer(self.http.post(self.token_uri.clone()).form(&form)).await?;
        let lasts = Duration::from_secs(granted.expires_in).saturating_sub(MARGIN);
        let token = Token { secret: granted.access_token.clone(), until: self.clock.now().plus(lasts) };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        Ok(granted.access_token)
    }

    fn kept(&self) -> Option<SecretString> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|token| self.clock.now() < token.until).map(|token| token.secret.clone())
    }

    /// The signed claim: header, claims and signature.
    fn claim(&self) -> Result<String, Error> {
        let now = self.clock.now();
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email, "scope": SCOPE, "aud": self.token_uri,
            "iat": now.secs(), "exp": now.plus(CLAIM_LASTS).secs(),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Error::Unsigned)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn read(path: &Path) -> Result<KeyFile, String> {
    let meta = std::fs::metadata(path).map_err(|e| e.to_string())?;
    if meta.len() > FILE_BYTES_MAX {
        return Err(format!(
            "it has more than {FILE_BYTES_MAX} bytes; the key of a service account has some 2,000"
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    // Serde's own text may quote the key.
    let file: KeyFile = serde_json::from_str(&text).map_err(|e| {
        format!(
            "it is no key of a service account (line {}); make one in Google's console and download it as JSON",
            e.line()
        )
    })?;
    config::is_safe("token_uri", &file.token_uri)?;
    Ok(file)
}

/// PKCS #8 in PEM's armour.
fn key_of(file: &KeyFile) -> Result<RsaKeyPair, String> {
    let wrong = || "its private_key is no RSA key in PEM (PKCS #8); download the file again".to_owned();
    let text = file.private_key.expose_secret();
    let armoured = text
        .trim()
        .strip_prefix("-----BEGIN PRIVATE KEY-----")
        .and_then(|text| text.strip_suffix("-----END PRIVATE KEY-----"))
        .ok_or_else(wrong)?;
    let encoded: String = armoured.split_whitespace().collect();
    let der = STANDARD.decode(encoded).map_err(|_| wrong())?;
    RsaKeyPair::from_pkcs8(&der).map_err(|_| wrong())
}
