//! People who work at the desk, their sessions, and tokens for programs.
//!
//! Of a session or a token only a SHA-256 is stored: who reads the database cannot sign in with it.

use std::time::Duration;

use model::{
    Ids, Timestamp,
    access::{Reach, Rights, Role},
    ids::{TokenId, UserId},
};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use crate::{Db, Notice, Result, StoreError, Tx};

#[derive(Clone, Debug, FromRow)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
    /// JSON: the rights given beside those of the role.
    granted: String,
}

impl User {
    /// What was given to them beside what their role brings.
    pub fn granted(&self) -> Result<Rights> {
        listed(&self.granted)
    }

    /// What they may do. A role that this version does not know brings nothing.
    pub fn rights(&self) -> Result<Rights> {
        rights(&self.role, &self.granted)
    }

    /// Whose tickets they see. With a role that this version does not know: nobody's but their own.
    pub fn reach(&self) -> Reach {
        Role::parse(&self.role).map_or(Reach::OwnVisits, Role::reach)
    }
}

fn rights(role: &str, granted: &str) -> Result<Rights> {
    let granted: Rights = listed(granted)?;
    Ok(Role::parse(role).map(Role::rights).unwrap_or_default().with(&granted))
}

fn listed(text: &str) -> Result<Rights> {
    serde_json::from_str(text).map_err(|e| StoreError::corrupt("list of rights", e))
}

/// Adds a user; `Duplicate` when the address is taken.
pub async fn insert(
    tx: &mut Tx,
    ids: &Ids,
    email: &str,
    name: &str,
    role: Role,
    password_hash: &str,
    now: Timestamp,
) -> Result<UserId> {
    let id = UserId::new(ids, now);
    on_tx!(tx, c => sqlx::query("insert into users (id, email, name, role, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(&id).bind(email.to_lowercase()).bind(name).bind(role.as_str()).bind(password_hash).bind(now)
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
    let row: Option<(UserId, String, String, String, String, String)> = on!(db, c => sqlx::query_as(
        "select id, email, name, role, granted, password_hash from users where email = $1 and disabled_at is null")
        .bind(email.to_lowercase()).fetch_optional(c).await)?;
    Ok(row.map(|(id, email, name, role, granted, hash)| (User { id, email, name, role, granted }, hash)))
}

pub async fn list(db: &Db) -> Result<Vec<User>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, email, name, role, granted from users where disabled_at is null order by name, id").fetch_all(c).await)?,
    )
}

/// An account as whoever runs the desk lists it.
#[derive(Clone, Debug, FromRow)]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
    granted: String,
    pub disabled_at: Option<Timestamp>,
}

impl Account {
    /// What was given to them beside what their role brings.
    pub fn granted(&self) -> Result<Rights> {
        listed(&self.granted)
    }
}

/// Every account, the disabled ones too.
pub async fn accounts(db: &Db) -> Result<Vec<Account>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, email, name, role, granted, disabled_at from users order by email").fetch_all(c).await)?,
    )
}

/// The account of an address, disabled or not.
pub async fn account(db: &Db, email: &str) -> Result<Option<Account>> {
    Ok(
        on!(db, c => sqlx::query_as("select id, email, name, role, granted, disabled_at from users where email = $1")
        .bind(email.to_lowercase()).fetch_optional(c).await)?,
    )
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
    let row: Option<(UserId, String, String, String, String, String)> = on!(db, c => sqlx::query_as(
        "select u.id, u.email, u.name, u.role, u.granted, s.csrf_token from sessions s join users u on u.id = s.user_id
         where s.token_hash = $1 and s.expires_at > $2 and u.disabled_at is null")
        .bind(hash(secret)).bind(now).fetch_optional(c).await)?;
    Ok(row.map(|(id, email, name, role, granted, csrf_token)| Session {
        user: User { id, email, name, role, granted },
        csrf_token,
    }))
}

pub async fn end_session(tx: &mut Tx, secret: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where token_hash = $1").bind(hash(secret)).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}

/// A token as it is asked for.
pub struct NewToken<'a> {
    pub name: &'a str,
    /// Acts as this user.
    pub user: Option<&'a UserId>,
    /// Only these; all that its person may do (or, of nobody's token, all there is) when left out.
    pub scopes: Option<&'a Rights>,
}

/// Makes a token for programs; the secret is shown once, to the caller.
pub async fn add_token(
    tx: &mut Tx,
    ids: &Ids,
    secret: &str,
    new: &NewToken<'_>,
    now: Timestamp,
) -> Result<TokenId> {
    let id = TokenId::new(ids, now);
    let scopes = new
        .scopes
        .map(serde_json::to_string)
        .transpose()
        .map_err(|e| StoreError::corrupt("list of rights", e))?;
    on_tx!(tx, c => sqlx::query("insert into api_tokens (token_hash, id, name, user_id, scopes, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (token_hash) do nothing")
        .bind(hash(secret)).bind(&id).bind(new.name).bind(new.user).bind(scopes).bind(now).execute(c).await.map(drop))?;
    Ok(id)
}

/// A token that opens.
#[derive(Clone, Debug)]
pub struct Token {
    pub id: TokenId,
    pub user: Option<User>,
    pub rights: Rights,
}

/// What a token opens, while it does.
pub async fn by_token(db: &Db, secret: &str) -> Result<Option<Token>> {
    let row: Option<(TokenId, Option<UserId>, Option<String>)> = on!(db, c => sqlx::query_as("select id, user_id, scopes from api_tokens where token_hash = $1 and revoked_at is null")
        .bind(hash(secret)).fetch_optional(c).await)?;
    let Some((id, user, scopes)) = row else { return Ok(None) };
    let scopes = scopes.as_deref().map_or_else(|| Ok(Rights::all()), listed)?;
    let Some(user) = user else { return Ok(Some(Token { id, user: None, rights: scopes })) };
    let user: Option<User> = on!(db, c => sqlx::query_as("select id, email, name, role, granted from users where id = $1 and disabled_at is null")
        .bind(user).fetch_optional(c).await)?;
    user.map(|user| Ok(Token { id, rights: user.rights()?.within(&scopes), user: Some(user) })).transpose()
}

/// Somebody who can sign in.
pub async fn get(tx: &mut Tx, id: &UserId) -> Result<Option<User>> {
    Ok(
        on_tx!(tx, c => sqlx::query_as("select id, email, name, role, granted from users where id = $1 and disabled_at is null")
        .bind(id).fetch_optional(c).await)?,
    )
}

/// How many can give rights.
pub async fn administrators(tx: &mut Tx) -> Result<i64> {
    Ok(
        on_tx!(tx, c => sqlx::query_scalar("select count(*) from users where role = $1 and disabled_at is null")
        .bind(Role::Administrator.as_str()).fetch_one(c).await)?,
    )
}

/// Gives an account another role. What was given to it beside stays.
pub async fn set_role(tx: &mut Tx, id: &UserId, role: Role) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update users set role = $2 where id = $1").bind(id).bind(role.as_str()).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}

/// Writes down what an account may do beside what its role brings.
pub async fn set_granted(tx: &mut Tx, id: &UserId, granted: &Rights) -> Result<()> {
    let granted = serde_json::to_string(granted).map_err(|e| StoreError::corrupt("list of rights", e))?;
    on_tx!(tx, c => sqlx::query("update users set granted = $2 where id = $1").bind(id).bind(granted).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}
