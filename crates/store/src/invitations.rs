//! Invitations: a link with which somebody makes their own account, once and within its time.
//!
//! Of the secret in the link only a SHA-256 is stored.

use model::{Timestamp, access::Role, ids::InvitationId};
use sqlx::FromRow;

use crate::{Db, Result, Tx, users::hash};

/// An invitation that is sent.
pub struct NewInvitation<'a> {
    pub id: &'a InvitationId,
    pub secret: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub role: Role,
    /// As in the audit: `user:…` or `token:…`.
    pub invited_by: &'a str,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, FromRow)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub name: String,
    pub role: String,
    pub invited_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Keeps an invitation; one that was open for the same address ends, so that there is one link and not two.
pub async fn add(tx: &mut Tx, new: &NewInvitation<'_>, now: Timestamp) -> Result<()> {
    let email = new.email.to_lowercase();
    on_tx!(tx, c => sqlx::query(
        "update invitations set revoked_at = $2 where email = $1 and accepted_at is null and revoked_at is null")
        .bind(&email).bind(now).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query(
        "insert into invitations (id, secret_hash, email, name, role, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id).bind(hash(new.secret)).bind(&email).bind(new.name).bind(new.role.as_str())
        .bind(new.invited_by).bind(now).bind(new.expires_at)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Those that can be accepted, the newest first.
pub async fn open(db: &Db, now: Timestamp) -> Result<Vec<Invitation>> {
    Ok(on!(db, c => sqlx::query_as(
        "select id, email, name, role, invited_by, created_at, expires_at from invitations
         where accepted_at is null and revoked_at is null and expires_at > $1 order by id desc")
        .bind(now).fetch_all(c).await)?)
}

/// The invitation that a secret opens, while it does.
pub async fn by_secret(db: &Db, secret: &str, now: Timestamp) -> Result<Option<Invitation>> {
    Ok(on!(db, c => sqlx::query_as(
        "select id, email, name, role, invited_by, created_at, expires_at from invitations
         where secret_hash = $1 and accepted_at is null and revoked_at is null and expires_at > $2")
        .bind(hash(secret)).bind(now).fetch_optional(c).await)?)
}

/// Takes an invitation; `false` when it cannot be accepted any more. Of two at the same moment one succeeds.
pub async fn accept(tx: &mut Tx, id: &InvitationId, now: Timestamp) -> Result<bool> {
    let taken = on_tx!(tx, c => sqlx::query(
        "update invitations set accepted_at = $2
         where id = $1 and accepted_at is null and revoked_at is null and expires_at > $2")
        .bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(taken > 0)
}

/// Takes an invitation back; returns whose it was, or nothing when there was none to take back.
pub async fn revoke(tx: &mut Tx, id: &InvitationId, now: Timestamp) -> Result<Option<String>> {
    Ok(on_tx!(tx, c => sqlx::query_scalar(
        "update invitations set revoked_at = $2
         where id = $1 and accepted_at is null and revoked_at is null and expires_at > $2 returning email")
        .bind(id).bind(now).fetch_optional(c).await)?)
}
