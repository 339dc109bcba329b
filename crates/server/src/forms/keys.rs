//! The keys of our numbers, from the database into memory and back.

use crate::{app::App, error::AppError};
use channels::whatsapp::forms::FormKey;
use model::{Ids, Timestamp};
use store::{
    Db, Tx,
    forms::{self, NewKey},
    keys::Keyring,
};

/// Makes a key for a number and keeps it; answers its public half. Those before it still open what was sealed for them.
pub async fn make(
    tx: &mut Tx,
    ring: &Keyring,
    ids: &Ids,
    account: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    let key = FormKey::generate()?;
    let (private, public_key) = (key.to_pkcs8()?, key.public_pem()?);
    let new = NewKey { account, private_key: private.as_ref(), public_key: &public_key };
    forms::add_key(tx, ring, ids, new, now).await?;
    Ok(public_key)
}

/// Every key that a request may have been sealed for.
pub async fn all(app: &App) -> Result<Vec<FormKey>, AppError> {
    read(&app.db, app.blobs.ring()).await
}

pub async fn read(db: &Db, ring: &Keyring) -> Result<Vec<FormKey>, AppError> {
    let stored = forms::private_keys(db, ring).await?;
    Ok(stored.iter().map(|der| FormKey::from_pkcs8(der)).collect::<Result<_, _>>()?)
}

/// Whether two PEM texts hold the same key, whatever their line ends.
pub fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    plain(one) == plain(other)
}
