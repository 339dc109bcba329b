//! Who is asking: a person with a session cookie, or a program with a token.
//!
//! A request that changes something and comes with a cookie must carry the session's CSRF token in a header,
//! which no other site can set.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use model::{
    Timestamp,
    access::{Reach, Right, Rights},
    ids::{SessionId, UserId},
};
use store::{
    StoreError, sessions,
    users::{self, User},
};
use subtle::ConstantTimeEq as _;

use super::{
    Web, access,
    error::{ApiError, ApiResult},
    is_secure,
};
use crate::app::App;

pub const CSRF_HEADER: &str = "x-csrf-token";

/// What a request shows to be let in. It may open nothing any more a moment later.
#[derive(Clone)]
pub enum Credential {
    Token(String),
    Session(String),
}

impl Credential {
    fn of(app: &App, headers: &HeaderMap) -> Option<Self> {
        match bearer(headers) {
            Some(token) => Some(Self::Token(token.to_owned())),
            None => session_secret(app, headers).map(Self::Session),
        }
    }

    /// Who comes with it, while it lets anybody in.
    pub async fn caller(&self, app: &App) -> Result<Option<Caller>, StoreError> {
        let credential = self.clone();
        Ok(match self {
            Self::Token(token) => {
                users::by_token(&app.db, token, app.clock.now()).await?.map(|token| Caller {
                    name: format!("token:{}", token.id),
                    csrf_token: None,
                    session: None,
                    credential,
                    reach: token.user.as_ref().map_or(Reach::Everything, User::reach),
                    rights: token.rights,
                    user: token.user,
                })
            }
            Self::Session(secret) => match sessions::by_secret(&app.db, secret, app.clock.now()).await? {
                None => None,
                Some(session) => Some(Caller {
                    name: format!("user:{}", session.user.id),
                    csrf_token: Some(session.csrf_token),
                    session: Some((session.id, session.seen_at)),
                    credential,
                    reach: session.user.reach(),
                    rights: session.user.rights()?,
                    user: Some(session.user),
                }),
            },
        })
    }
}

/// Who is asking.
#[derive(Clone)]
pub struct Caller {
    pub user: Option<User>,
    pub rights: Rights,
    pub reach: Reach,
    /// For the audit: `user:…` or `token:…`.
    pub name: String,
    /// Of a session; a token needs none.
    pub csrf_token: Option<String>,
    /// The session that they came with, and when it was last noted as used.
    pub session: Option<(SessionId, Timestamp)>,
    pub credential: Credential,
}

impl Caller {
    pub fn user_id(&self) -> Option<&UserId> {
        self.user.as_ref().map(|user| &user.id)
    }

    /// The person and the session of a request that only they may make: of their own account.
    pub fn own_session(&self) -> ApiResult<(&User, &SessionId)> {
        match (&self.user, &self.session) {
            (Some(user), Some((session, _))) => Ok((user, session)),
            _ => Err(ApiError::new(
                axum::http::StatusCode::FORBIDDEN,
                "session_needed",
                "a person's own account is changed by the person: sign in; a token cannot do this",
            )),
        }
    }

    pub fn may(&self, right: Right) -> bool {
        self.rights.has(right)
    }

    /// Refuses who has not this right, and says what would help.
    pub fn must(&self, right: Right) -> ApiResult<()> {
        if self.may(right) {
            return Ok(());
        }
        let right = right.as_str();
        let why = match (&self.user, &self.credential) {
            (Some(user), Credential::Session(_)) => {
                format!(
                    "this needs the right `{right}`, which your account ({}) has not; an administrator can give it",
                    user.role
                )
            }
            _ => format!("this needs the right `{right}`, which this token has not"),
        };
        Err(ApiError::new(axum::http::StatusCode::FORBIDDEN, "right_needed", why))
    }
}

impl FromRequestParts<Web> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> ApiResult<Self> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let credential = Credential::of(&web.app, &parts.headers).ok_or_else(ApiError::unauthorized)?;
        let caller = credential.caller(&web.app).await?.ok_or_else(ApiError::unauthorized)?;
        if let Some(expected) = caller.csrf_token.as_ref().filter(|_| !is_safe(&parts.method)) {
            check_csrf(&parts.headers, expected)?;
        }
        access::check(&caller, parts.extensions.get().copied())?;
        note_use(&web.app, &caller, parts).await;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// Sessions tell when they were last used; a moment more or less does not matter, and saves a write with each request.
const NOTED_EVERY: Duration = Duration::from_secs(5 * 60);

async fn note_use(app: &App, caller: &Caller, parts: &Parts) {
    let now = app.clock.now();
    let Some((id, _)) = caller.session.as_ref().filter(|(_, seen)| now.since(*seen) >= NOTED_EVERY) else {
        return;
    };
    let noted = async {
        let mut tx = app.db.begin().await?;
        sessions::seen(&mut tx, id, &address(parts), now).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        // Nothing is decided by it.
        tracing::debug!(%error, "when a session was used could not be noted");
    }
}

fn address(parts: &Parts) -> String {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip().to_string()).unwrap_or_default()
}

const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn check_csrf(headers: &HeaderMap, expected: &str) -> ApiResult<()> {
    let given = headers.get(CSRF_HEADER).map(|v| v.as_bytes()).unwrap_or_default();
    if bool::from(given.ct_eq(expected.as_bytes())) {
        return Ok(());
    }
    Err(ApiError::new(
        axum::http::StatusCode::FORBIDDEN,
        "csrf",
        "the X-CSRF-Token header is missing or old; reload the page",
    ))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// `__Host-` binds the cookie to this host over https; without https a browser would refuse it.
fn cookie_name(app: &App) -> &'static str {
    if is_secure(app) { "__Host-sportello" } else { "sportello" }
}

pub fn session_secret(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(app);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The cookie that keeps (or, with an empty secret, ends) a session.
pub fn cookie(app: &App, secret: &str, life: Duration) -> String {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    format!(
        "{}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}",
        cookie_name(app),
        life.as_secs()
    )
}

/// Failed sign-ins by address and by account; a few a minute, then a pause.
#[derive(Default)]
pub struct LoginLimits(Mutex<HashMap<String, Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    since: Timestamp,
}

impl LoginLimits {
    const FAILURES_MAX: u32 = 8;
    const WINDOW: Duration = Duration::from_secs(5 * 60);
    const KEYS_MAX: usize = 10_000;

    /// How long this key has to wait.
    pub fn wait(&self, key: &str, now: Timestamp) -> Option<Duration> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = failures.get(key)?;
        let over = entry.since.plus(Self::WINDOW);
        (entry.count >= Self::FAILURES_MAX && now < over).then(|| over.since(now))
    }

    pub fn failed(&self, key: &str, now: Timestamp) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= Self::KEYS_MAX {
            failures.retain(|_, entry| now < entry.since.plus(Self::WINDOW));
        }
        let entry = failures.entry(key.to_owned()).or_insert(Failures { count: 0, since: now });
        if now >= entry.since.plus(Self::WINDOW) {
            *entry = Failures { count: 0, since: now };
        }
        entry.count = entry.count.saturating_add(1);
    }

    pub fn succeeded(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
