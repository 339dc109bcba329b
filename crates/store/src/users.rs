//! People who work at the desk, and tokens for programs.
//!
//! Of a token only a SHA-256 is stored: who reads the database cannot come in with it.

use model::{
    Ids, Timestamp,
    access::{Reach, Rights, Role},
    ids::{TokenId, UserId},
};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use crate::{Db, Notice, Result, StoreError, Tx, sessions};

#[derive(Clone, Debug, FromRow)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: String,
    /// JSON: the rights given beside those of the role.
    pub(crate) granted: String,
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

/// Sets a new password. Which sessions end with the old one is the caller's to say.
pub async fn change_password(tx: &mut Tx, id: &UserId, password_hash: &str) -> Result<()> {
    on_tx!(tx, c => sqlx::query("update users set password_hash = $2 where id = $1").bind(id).bind(password_hash).execute(c).await.map(drop))?;
    Ok(())
}

/// Sets a new password and ends every session of that user.
pub async fn set_password(tx: &mut Tx, id: &UserId, password_hash: &str) -> Result<()> {
    change_password(tx, id, password_hash).await?;
    sessions::end_all(tx, id).await
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
    pub created_at: Timestamp,
    pub has_second_factor: bool,
    /// When one of their open sessions was last used.
    pub seen_at: Option<Timestamp>,
}

impl Account {
    /// What was given to them beside what their role brings.
    pub fn granted(&self) -> Result<Rights> {
        listed(&self.granted)
    }
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        let Account { id, email, name, role, granted, .. } = account;
        Self { id, email, name, role, granted }
    }
}

const ACCOUNT: &str = "select u.id, u.email, u.name, u.role, u.granted, u.disabled_at, u.created_at,
       exists (select 1 from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as has_second_factor,
       (select max(s.seen_at) from sessions s where s.user_id = u.id) as seen_at
     from users u";

/// Every account, the disabled ones too.
pub async fn accounts(db: &Db) -> Result<Vec<Account>> {
    let sql = format!("{ACCOUNT} order by u.email");
    Ok(on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await)?)
}

/// The account of an address, disabled or not.
pub async fn account(db: &Db, email: &str) -> Result<Option<Account>> {
    let sql = format!("{ACCOUNT} where u.email = $1");
    Ok(
        on!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(email.to_lowercase()).fetch_optional(c).await)?,
    )
}

/// An account by its id, disabled or not.
pub async fn account_of(tx: &mut Tx, id: &UserId) -> Result<Option<Account>> {
    let sql = format!("{ACCOUNT} where u.id = $1");
    Ok(on_tx!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// Shuts somebody out: no sign-in, and every session and token of theirs ends for good.
pub async fn disable(tx: &mut Tx, id: &UserId, now: Timestamp) -> Result<()> {
    for sql in [
        "update users set disabled_at = $2 where id = $1 and disabled_at is null",
        "update api_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null",
    ] {
        on_tx!(tx, c => sqlx::query(sql).bind(id).bind(now).execute(c).await.map(drop))?;
    }
    sessions::end_all(tx, id).await
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

/// What is kept of a secret.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// A token as it is asked for.
pub struct NewToken<'a> {
    pub name: &'a str,
    /// Acts as this user.
    pub user: Option<&'a UserId>,
    /// Only these; all that its person may do (or, of nobody's token, all there is) when left out.
    pub scopes: Option<&'a Rights>,
    /// From when on it opens nothing.
    pub expires_at: Option<Timestamp>,
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
    on_tx!(tx, c => sqlx::query("insert into api_tokens (token_hash, id, name, user_id, scopes, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (token_hash) do nothing")
        .bind(hash(secret)).bind(&id).bind(new.name).bind(new.user).bind(scopes).bind(now).bind(new.expires_at).execute(c).await.map(drop))?;
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
pub async fn by_token(db: &Db, secret: &str, now: Timestamp) -> Result<Option<Token>> {
    let row: Option<(TokenId, Option<UserId>, Option<String>)> = on!(db, c => sqlx::query_as(
        "select id, user_id, scopes from api_tokens
         where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)")
        .bind(hash(secret)).bind(now).fetch_optional(c).await)?;
    let Some((id, user, scopes)) = row else { return Ok(None) };
    let scopes = scopes.as_deref().map_or_else(|| Ok(Rights::all()), listed)?;
    let Some(user) = user else { return Ok(Some(Token { id, user: None, rights: scopes })) };
    let user: Option<User> = on!(db, c => sqlx::query_as("select id, email, name, role, granted from users where id = $1 and disabled_at is null")
        .bind(user).fetch_optional(c).await)?;
    user.map(|user| Ok(Token { id, rights: user.rights()?.within(&scopes), user: Some(user) })).transpose()
}

/// A token as it is listed: what it may do, not what opens.
#[derive(Clone, Debug, FromRow)]
pub struct ListedToken {
    pub id: TokenId,
    pub name: String,
    pub user_id: Option<UserId>,
    pub user_name: Option<String>,
    scopes: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl ListedToken {
    /// The rights that it is cut down to, if it is.
    pub fn scopes(&self) -> Result<Option<Rights>> {
        self.scopes.as_deref().map(listed).transpose()
    }
}

/// The tokens that open, the newest first.
pub async fn tokens(db: &Db, now: Timestamp) -> Result<Vec<ListedToken>> {
    Ok(on!(db, c => sqlx::query_as(
        "select t.id, t.name, t.user_id, u.name as user_name, t.scopes, t.created_at, t.expires_at
         from api_tokens t left join users u on u.id = t.user_id
         where t.revoked_at is null and (t.expires_at is null or t.expires_at > $1) order by t.id desc")
        .bind(now).fetch_all(c).await)?)
}

/// Ends a token for good; returns its name, or nothing when there was none to end.
pub async fn revoke_token(tx: &mut Tx, id: &TokenId, now: Timestamp) -> Result<Option<String>> {
    let name = on_tx!(tx, c => sqlx::query_scalar(
        "update api_tokens set revoked_at = $2 where id = $1 and revoked_at is null returning name")
        .bind(id).bind(now).fetch_optional(c).await)?;
    tx.notify(Notice::Access);
    Ok(name)
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
