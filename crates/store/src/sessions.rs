//! Who is signed in, and from where. A session ends by itself, by hand, or with what it rested on: the password, the account.
//!
//! Of what opens a session only a SHA-256 is stored: who reads the database cannot sign in with it.

use std::time::Duration;

use model::{
    Timestamp,
    ids::{SessionId, UserId},
};
use sqlx::FromRow;

use crate::{
    Db, Notice, Result, Tx,
    users::{User, hash},
};

/// What browsers call themselves is theirs to say, so no more than this is kept of it.
pub const USER_AGENT_CHARS_MAX: usize = 200;

/// A session that begins.
pub struct NewSession<'a> {
    pub id: &'a SessionId,
    /// What opens it.
    pub secret: &'a str,
    pub csrf_token: &'a str,
    pub user: &'a UserId,
    pub user_agent: Option<&'a str>,
    pub address: &'a str,
    pub life: Duration,
}

/// Begins a session, and forgets those that ran out.
pub async fn begin(tx: &mut Tx, new: &NewSession<'_>, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where expires_at < $1").bind(now).execute(c).await.map(drop))?;
    let user_agent = new.user_agent.map(shortened);
    on_tx!(tx, c => sqlx::query(
        "insert into sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at, id, user_agent, address)
         values ($1, $2, $3, $4, $4, $5, $6, $7, $8)")
        .bind(hash(new.secret)).bind(new.user).bind(new.csrf_token).bind(now).bind(now.plus(new.life))
        .bind(new.id).bind(user_agent).bind(new.address)
        .execute(c).await.map(drop))?;
    Ok(())
}

fn shortened(user_agent: &str) -> String {
    user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARS_MAX).collect()
}

/// A session that opens.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user: User,
    pub csrf_token: String,
    pub seen_at: Timestamp,
}

/// What a secret opens, while it does.
pub async fn by_secret(db: &Db, secret: &str, now: Timestamp) -> Result<Option<Session>> {
    type Row = (SessionId, String, Timestamp, UserId, String, String, String, String);
    let row: Option<Row> = on!(db, c => sqlx::query_as(
        "select s.id, s.csrf_token, s.seen_at, u.id, u.email, u.name, u.role, u.granted
         from sessions s join users u on u.id = s.user_id
         where s.token_hash = $1 and s.expires_at > $2 and u.disabled_at is null")
        .bind(hash(secret)).bind(now).fetch_optional(c).await)?;
    Ok(row.map(|(id, csrf_token, seen_at, user, email, name, role, granted)| Session {
        id,
        user: User { id: user, email, name, role, granted },
        csrf_token,
        seen_at,
    }))
}

/// Notes that a session is in use, and from where.
pub async fn seen(tx: &mut Tx, id: &SessionId, address: &str, now: Timestamp) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update sessions set seen_at = $2, address = $3 where id = $1")
        .bind(id).bind(now).bind(address).execute(c).await.map(drop))?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    pub id: SessionId,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Somebody's open sessions, the last used first.
pub async fn of_user(db: &Db, user: &UserId, now: Timestamp) -> Result<Vec<Listed>> {
    Ok(on!(db, c => sqlx::query_as(
        "select id, user_agent, address, created_at, seen_at, expires_at from sessions
         where user_id = $1 and expires_at > $2 order by seen_at desc, id desc")
        .bind(user).bind(now).fetch_all(c).await)?)
}

/// Ends the session that a secret opens.
pub async fn end(tx: &mut Tx, secret: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where token_hash = $1").bind(hash(secret)).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}

/// Ends one of somebody's sessions; `false` when they have none of that name.
pub async fn end_one(tx: &mut Tx, user: &UserId, id: &SessionId) -> Result<bool> {
    let ended = on_tx!(tx, c => sqlx::query("delete from sessions where user_id = $1 and id = $2")
        .bind(user).bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Access);
    Ok(ended > 0)
}

/// Ends all of somebody's sessions but one; returns how many.
pub async fn end_others(tx: &mut Tx, user: &UserId, kept: &SessionId) -> Result<u64> {
    let ended = on_tx!(tx, c => sqlx::query("delete from sessions where user_id = $1 and id <> $2")
        .bind(user).bind(kept).execute(c).await.map(|done| done.rows_affected()))?;
    tx.notify(Notice::Access);
    Ok(ended)
}

/// Ends all of somebody's sessions.
pub async fn end_all(tx: &mut Tx, user: &UserId) -> Result<()> {
    on_tx!(tx, c => sqlx::query("delete from sessions where user_id = $1").bind(user).execute(c).await.map(drop))?;
    tx.notify(Notice::Access);
    Ok(())
}
