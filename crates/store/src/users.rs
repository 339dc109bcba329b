//! People who work at the desk, their sessions, and tokens for programs.
//!
//! Of a session or a token only a SHA-256 is stored: who reads the database cannot sign in with it.

use std::time::Duration;

use model::{
    Ids, Timestamp,
    ids::{TokenId, UserId},
};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use crate::{Db, Notice, Result, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
}

/// Adds a user; `Duplicate` when the address is taken.
pub async fn insert(
    tx: &mut Tx,
    ids: &Ids,
    email: &str,
    name: &str,
    role: &str,
    password_hash: &str,
    now: Timestamp,
) -> Result<UserId> {
    let id = UserId::new(ids, now);
    on_tx!(tx, c => sqlx::query("insert into users (id, email, name, role, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(&id).bind(email.to_lowercase()).bind(name).bind(role).bind(password_hash).bind(now)
        .execute(c).await.map(drop))?;
    Ok(id)
}

/// Sets a new password and ends every session of that user.
pub async fn set_password(tx: &mut Tx, id: &UserId, password_hash: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update users set password_hash = $2 where id = $1").bind(id).bind(password_hash).execute(c).await.map(drop))?;
    end_sessions(tx, id).await
}

async fn end_sessions(tx: &mut Tx, id: &UserId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where user_id = $1").bind(id).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}

/// The user behind an address and the hash of their password.
pub async fn by_email(db: &Db, email: &str) -> Result<Option<(User, String)>> {
    let row: Option<(UserId, String, String, String, String)> = on!(db, c => sqlx::query_as(
        "select id, email, name, role, password_hash from users where email = $1 and disabled_at is null")
        .bind(email.to_lowercase()).fetch_optional(c).await)?;
    Ok(row.map(|(id, email, name, role, hash)| (User { id, email, name, role }, hash)))
}

pub async fn list(db: &Db) -> Result<Vec<User>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, email, name, role from users where disabled_at is null order by name, id").fetch_all(c).await)?,
    )
}

/// An account as whoever runs the desk lists it.
#[derive(Clone, Debug, FromRow)]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
    pub disabled_at: Option<Timestamp>,
}

/// Every account, the disabled ones too.
pub async fn accounts(db: &Db) -> Result<Vec<Account>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, email, name, role, disabled_at from users order by email").fetch_all(c).await)?,
    )
}

/// The account of an address, disabled or not.
pub async fn account(db: &Db, email: &str) -> Result<Option<Account>> {
    Ok(on!(db, c => sqlx::query_as("select id, email, name, role, disabled_at from users where email = $1")
        .bind(email.to_lowercase()).fetch_optional(c).await)?)
}

/// Shuts somebody out: no sign-in, and every session and token of theirs ends for good.
pub async fn disable(tx: &mut Tx, id: &UserId, now: Timestamp) -> Result<()> {
    for sql in [
        "update users set disabled_at = $2 where id = $1 and disabled_at is null",
        "update api_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(id).bind(now).execute(c).await.map(drop))?;
    }
    end_sessions(tx, id).await
}

/// Lets somebody sign in again, with the password they had. Their tokens stay ended.
pub async fn enable(tx: &mut Tx, id: &UserId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update users set disabled_at = null where id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

pub async fn exists(db: &Db, id: &UserId) -> Result<bool> {
    let count: i64 = on!(db, c => sqlx::query_scalar("select count(*) from users where id = $1 and disabled_at is null").bind(id).fetch_one(c).await)?;
    Ok(count > 0)
}

/// A fresh secret in base64url without padding: 256 bits.
pub fn new_secret(ids: &Ids) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(ids.bytes::<32>())
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

#[derive(Clone, Debug)]
pub struct Session {
    pub user: User,
    pub csrf_token: String,
}

/// Begins a session that `secret` opens.
pub async fn begin_session(
    tx: &mut Tx,
    secret: &str,
    csrf_token: &str,
    user: &UserId,
    life: Duration,
    now: Timestamp,
) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where expires_at < $1").bind(now).execute(c).await.map(drop))?;
    on_tx!(tx, c => sqlx::query("insert into sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)")
        .bind(hash(secret)).bind(user).bind(csrf_token).bind(now).bind(now.plus(life))
        .execute(c).await.map(drop))?;
    Ok(())
}

pub async fn session(db: &Db, secret: &str, now: Timestamp) -> Result<Option<Session>> {
    let row: Option<(UserId, String, String, String, String)> = on!(db, c => sqlx::query_as(
        "select u.id, u.email, u.name, u.role, s.csrf_token from sessions s join users u on u.id = s.user_id
         where s.token_hash = $1 and s.expires_at > $2 and u.disabled_at is null")
        .bind(hash(secret)).bind(now).fetch_optional(c).await)?;
    Ok(row.map(|(id, email, name, role, csrf_token)| Session {
        user: User { id, email, name, role },
        csrf_token,
    }))
}

pub async fn end_session(tx: &mut Tx, secret: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where token_hash = $1").bind(hash(secret)).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}

/// Makes a token for programs; the secret is shown once, to the caller.
pub async fn add_token(
    tx: &mut Tx,
    ids: &Ids,
    secret: &str,
    name: &str,
    user: Option<&UserId>,
    now: Timestamp,
) -> Result<TokenId> {
    let id = TokenId::new(ids, now);
    on_tx!(tx, c => sqlx::query("insert into api_tokens (token_hash, id, name, user_id, created_at) values ($1, $2, $3, $4, $5)
         on conflict (token_hash) do nothing")
        .bind(hash(secret)).bind(&id).bind(name).bind(user).bind(now).execute(c).await.map(drop))?;
    Ok(id)
}

/// Whom a token speaks for.
pub async fn by_token(db: &Db, secret: &str) -> Result<Option<(TokenId, Option<User>)>> {
    let row: Option<(TokenId, Option<UserId>)> = on!(db, c => sqlx::query_as("select id, user_id from api_tokens where token_hash = $1 and revoked_at is null")
        .bind(hash(secret)).fetch_optional(c).await)?;
    let Some((id, user)) = row else { return Ok(None) };
    let Some(user) = user else { return Ok(Some((id, None))) };
    let user: Option<User> = on!(db, c => sqlx::query_as("select id, email, name, role from users where id = $1 and disabled_at is null")
        .bind(user).fetch_optional(c).await)?;
    Ok(user.map(|user| (id, Some(user))))
}
