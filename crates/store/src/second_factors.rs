//! The second factor of an account: the secret that it shares with an authenticator app, and the codes for when the app is gone.
//!
//! The secret is sealed under the key of the house, of a recovery code a SHA-256 is kept. Which code is right is said elsewhere;
//! here stands what makes each work once, and the wrong ones that were tried.

use std::time::Duration;

use model::{Ids, Timestamp, ids::UserId};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    Db, Result, Tx,
    keys::{self, HOUSE, Keyring},
};

/// Wrong codes that cost nothing but themselves. Each one after them doubles the wait.
const FAILURES_FREE: i64 = 5;
const WAIT: Duration = Duration::from_secs(30);
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What is asked of somebody who signs in.
pub struct SecondFactor {
    pub secret: Zeroizing<Vec<u8>>,
    pub confirmed_at: Option<Timestamp>,
    /// The last step whose code was taken.
    pub last_step: i64,
    failures: i64,
    failed_at: Timestamp,
}

impl SecondFactor {
    /// How long no code is looked at because of the wrong ones before.
    pub fn wait(&self, now: Timestamp) -> Option<Duration> {
        let over = self.failures.saturating_sub(FAILURES_FREE);
        if over < 0 {
            return None;
        }
        let doublings = u32::try_from(over).unwrap_or(u32::MAX);
        let wait = WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(WAIT_MAX);
        let until = self.failed_at.plus(wait);
        (now < until).then(|| until.since(now))
    }
}

/// Keeps a secret that no code confirmed yet, in place of one that none confirmed either.
pub async fn begin(
    tx: &mut Tx,
    ring: &Keyring,
    ids: &Ids,
    user: &UserId,
    secret: &[u8],
    now: Timestamp,
) -> Result<()> {
    let house = keys::of_owner(tx, ring, ids, HOUSE, now).await?;
    let sealed = house.seal_bytes(ids, secret, &label(user))?;
    on_tx!(tx, c => sqlx::query("delete from second_factors where user_id = $1 and confirmed_at is null")
        .bind(user).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query("insert into second_factors (user_id, sealed_secret, created_at) values ($1, $2, $3)")
        .bind(user).bind(sealed).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A secret of one person does not open as another's.
fn label(user: &UserId) -> String {
    format!("second-factor:{user}")
}

/// Since when somebody has a second factor; nothing while none is confirmed.
pub async fn since(db: &Db, user: &UserId) -> Result<Option<Timestamp>> {
    Ok(on!(db, c => sqlx::query_scalar(
        "select confirmed_at from second_factors where user_id = $1 and confirmed_at is not null")
        .bind(user).fetch_optional(c).await)?)
}

/// Somebody's second factor, confirmed or not, kept from everybody else until the transaction ends:
/// of two that come with the same code at the same moment one succeeds.
pub async fn hold(
    tx: &mut Tx,
    ring: &Keyring,
    ids: &Ids,
    user: &UserId,
    now: Timestamp,
) -> Result<Option<SecondFactor>> {
    type Row = (Vec<u8>, Option<Timestamp>, i64, i64, Timestamp);
    let row: Option<Row> = on_tx!(tx, c => sqlx::query_as(
        "update second_factors set last_step = last_step where user_id = $1
         returning sealed_secret, confirmed_at, last_step, failures, failed_at")
        .bind(user).fetch_optional(c).await)?;
    let Some((sealed, confirmed_at, last_step, failures, failed_at)) = row else { return Ok(None) };
    let house = keys::of_owner(tx, ring, ids, HOUSE, now).await?;
    let secret = house.open_bytes(&sealed, &label(user))?;
    Ok(Some(SecondFactor { secret, confirmed_at, last_step, failures, failed_at }))
}

/// A code was right: neither it nor an older one is taken again. The first one confirms.
pub async fn taken(tx: &mut Tx, user: &UserId, step: i64, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query(
        "update second_factors set last_step = $2, failures = 0, confirmed_at = coalesce(confirmed_at, $3) where user_id = $1")
        .bind(user).bind(step).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// A code was wrong.
pub async fn failed(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update second_factors set failures = failures + 1, failed_at = $2 where user_id = $1")
        .bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes the second factor away, with its recovery codes; `false` when there was none.
pub async fn remove(tx: &mut Tx, user: &UserId) -> Result<bool> {
    on_tx!(tx, c => sqlx::query("delete from recovery_codes where user_id = $1").bind(user).execute(c).await.map(drop))?;
    let removed = on_tx!(tx, c => sqlx::query("delete from second_factors where user_id = $1")
        .bind(user).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(removed > 0)
}

/// Gives somebody new recovery codes; those they had end.
pub async fn set_recovery_codes(tx: &mut Tx, user: &UserId, codes: &[String], now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from recovery_codes where user_id = $1").bind(user).execute(c).await.map(drop))?;
    for code in codes {
        on_tx!(tx, c => sqlx::query("insert into recovery_codes (code_hash, user_id, created_at) values ($1, $2, $3)")
            .bind(recovery_hash(user, code)).bind(user).bind(now).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Takes a recovery code; `false` when it is none of theirs, or was used. Of two at the same moment one succeeds.
pub async fn use_recovery_code(tx: &mut Tx, user: &UserId, code: &str, now: Timestamp) -> Result<bool> {
    let used = on_tx!(tx, c => sqlx::query(
        "update recovery_codes set used_at = $2 where code_hash = $1 and used_at is null")
        .bind(recovery_hash(user, code)).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(used > 0)
}

/// How many recovery codes somebody has left.
pub async fn recovery_codes_left(db: &Db, user: &UserId) -> Result<i64> {
    Ok(
        on!(db, c => sqlx::query_scalar("select count(*) from recovery_codes where user_id = $1 and used_at is null")
        .bind(user).fetch_one(c).await)?,
    )
}

/// A code has 80 bits of chance: a plain hash of it, with whose it is, is as good as a slow one.
fn recovery_hash(user: &UserId, code: &str) -> String {
    hex::encode(Sha256::digest(format!("{user}:{code}")))
}
