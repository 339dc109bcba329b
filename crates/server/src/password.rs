//! Passwords: Argon2id with the library's defaults (19 MiB, two passes), off the async threads.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB: a flood of sign-ins must not take them all at once.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Stands in for the hash of somebody who has no account.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

pub const LENGTH_MIN: usize = 10;
/// Longer ones only cost time.
const LENGTH_MAX: usize = 1_024;

/// The hash to store, or why the password will not do.
pub fn hash(password: &str) -> Result<String, String> {
    if password.len() > LENGTH_MAX {
        return Err(format!("the password has more than {LENGTH_MAX} bytes"));
    }
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| e.to_string())
}

/// Whether `password` belongs to `stored`; takes as long when nothing is stored.
pub async fn verify(stored: Option<String>, password: String) -> bool {
    let Ok(_leave) = AT_ONCE.acquire().await else { return false };
    let task = tokio::task::spawn_blocking(move || {
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let Ok(parsed) = PasswordHash::new(&stored) else { return false };
        password.len() <= LENGTH_MAX
            && Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
            && is_known
    });
    task.await.unwrap_or(false)
}
