//! Native forms of WhatsApp: the keys under which phones seal, the forms that wait for an answer, and what opens the
//! files of an answer until they are here.

use model::{
    Ids, Timestamp,
    ids::{AttachmentId, ContactId, FormKeyId, TicketId},
};
use sqlx::FromRow;
use zeroize::Zeroizing;

use crate::{
    Db, Result, StoreError, Tx,
    keys::{self, HOUSE, Keyring},
};

/// Older keys are kept for what phones sealed before they heard of the new one.
const KEYS_TRIED: i64 = 4;

/// The public side of a number's key.
#[derive(Clone, Debug, FromRow)]
pub struct PublicKey {
    pub account: String,
    pub public_key: String,
    pub created_at: Timestamp,
}

/// Keeps a key of a number: from now on it is the one that is shown to Meta.
pub async fn add_key(tx: &mut Tx, ring: &Keyring, ids: &Ids, key: NewKey<'_>, now: Timestamp) -> Result<()> {
    let id = FormKeyId::new(ids, now);
    let owner = keys::of_owner(tx, ring, ids, HOUSE, now).await?;
    let sealed = owner.seal_bytes(ids, key.private_key, id.as_str())?;
    on_tx!(tx, c => sqlx::query("insert into form_keys (id, account, sealed_key, public_key, created_at) values ($1, $2, $3, $4, $5)")
        .bind(&id).bind(key.account).bind(sealed).bind(key.public_key).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

pub struct NewKey<'a> {
    pub account: &'a str,
    /// PKCS #8; stored sealed.
    pub private_key: &'a [u8],
    /// PEM.
    pub public_key: &'a str,
}

/// The newest key of a number.
pub async fn public_key(db: &Db, account: &str) -> Result<Option<PublicKey>> {
    Ok(on!(db, c => sqlx::query_as(
        "select account, public_key, created_at from form_keys where account = $1 order by id desc limit 1")
        .bind(account).fetch_optional(c).await)?)
}

/// The newest private keys of all numbers: a request does not say for which number it was sealed.
pub async fn private_keys(db: &Db, ring: &Keyring) -> Result<Vec<Zeroizing<Vec<u8>>>> {
    let rows: Vec<(FormKeyId, Vec<u8>)> = on!(db, c => sqlx::query_as(
        "select id, sealed_key from form_keys k where
           (select count(*) from form_keys newer where newer.account = k.account and newer.id > k.id) < $1
         order by id desc")
        .bind(KEYS_TRIED).fetch_all(c).await)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let owner =
        keys::find(db, ring, HOUSE).await?.ok_or(StoreError::Sealed("the key of the house is gone"))?;
    rows.iter().map(|(id, sealed)| owner.open_bytes(sealed, id.as_str())).collect()
}

/// A form that was offered to a customer.
#[derive(Clone, Debug, FromRow)]
pub struct Offer {
    pub token: String,
    /// Its name in the configuration.
    pub form: String,
    pub language: String,
    pub ticket_id: TicketId,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

pub async fn offer(tx: &mut Tx, offer: &Offer, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "insert into form_offers (token, form, language, ticket_id, expires_at, created_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(&offer.token).bind(&offer.form).bind(&offer.language).bind(&offer.ticket_id).bind(offer.expires_at).bind(now)
        .execute(c).await.map(drop))?;
    Ok(())
}

const SELECT: &str =
    "select token, form, language, ticket_id, expires_at, used_at from form_offers where token = $1";

pub async fn get(db: &Db, token: &str) -> Result<Option<Offer>> {
    Ok(on!(db, c => sqlx::query_as(SELECT).bind(token).fetch_optional(c).await)?)
}

pub async fn get_in(tx: &mut Tx, token: &str) -> Result<Option<Offer>> {
    Ok(on_tx!(tx, c => sqlx::query_as(SELECT).bind(token).fetch_optional(c).await)?)
}

/// Uses the offer up; `false` when it was used or is over.
pub async fn take(tx: &mut Tx, token: &str, now: Timestamp) -> Result<bool> {
    let taken = on_tx!(tx, c => sqlx::query(
        "update form_offers set used_at = $2 where token = $1 and used_at is null and expires_at > $2")
        .bind(token).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(taken > 0)
}

/// Keeps what opens a file that lies sealed at the channel.
pub async fn keep_seals(
    tx: &mut Tx,
    ring: &Keyring,
    ids: &Ids,
    file: &SealedFile<'_>,
    now: Timestamp,
) -> Result<()> {
    let owner = keys::of_owner(tx, ring, ids, file.contact_id.as_str(), now).await?;
    let sealed = owner.seal_bytes(ids, file.seals.as_bytes(), file.attachment_id.as_str())?;
    on_tx!(tx, c => sqlx::query("insert into form_files (attachment_id, sealed_seals, created_at) values ($1, $2, $3)")
        .bind(file.attachment_id).bind(sealed).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

pub struct SealedFile<'a> {
    pub attachment_id: &'a AttachmentId,
    pub contact_id: &'a ContactId,
    /// As JSON.
    pub seals: &'a str,
}

/// What opens the file; `None` when it needs no opening.
pub async fn seals(
    db: &Db,
    ring: &Keyring,
    id: &AttachmentId,
    contact: Option<&ContactId>,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let sealed: Option<Vec<u8>> = on!(db, c => sqlx::query_scalar("select sealed_seals from form_files where attachment_id = $1")
        .bind(id).fetch_optional(c).await)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let owner = match contact {
        Some(contact) => keys::find(db, ring, contact.as_str()).await?,
        None => None,
    };
    let owner = owner.ok_or(StoreError::Sealed("its owner was erased; nobody can open it any more"))?;
    owner.open_bytes(&sealed, id.as_str()).map(Some)
}

/// The file is here.
pub async fn forget_seals(tx: &mut Tx, id: &AttachmentId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from form_files where attachment_id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}
