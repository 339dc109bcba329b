//! Signing in and out.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{Timestamp, ids::SessionId};
use serde::{Deserialize, Serialize};
use store::{
    sessions::{self, NewSession},
    users::{self, User},
};
use utoipa::ToSchema;

use super::{
    Web,
    auth::{Caller, cookie, session_secret},
    error::{ApiError, ApiResult},
    types::{UserInfo, names},
};
use crate::{
    app::App,
    password,
    second_factor::{self, Answer},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// A code of the authenticator app or a recovery code: when the answer without one was `second_factor_needed`.
    pub code: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SessionInfo {
    pub user: UserInfo,
    /// What they may do.
    pub rights: Vec<String>,
    /// To be sent back as `X-CSRF-Token` with every request that changes something.
    pub csrf_token: String,
}

/// Signs somebody in. Who has a second factor is told `second_factor_needed` first, and sends the same again with `code`.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses((status = 200, body = SessionInfo)))]
pub async fn sign_in(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(given): Json<SignIn>,
) -> ApiResult<Response> {
    let now = web.app.clock.now();
    let keys = [format!("ip:{}", peer.ip()), format!("email:{}", given.email.to_lowercase())];
    slow_down(&web, &keys, now)?;
    let found = users::by_email(&web.app.db, &given.email).await?;
    // A stranger costs as much time as a wrong password: the answer does not tell who has an account.
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let is_right = password::verify(hash, given.password).await;
    let Some((user, _)) = found.filter(|_| is_right) else {
        return Err(refused(
            &web,
            &keys,
            "invalid_credentials",
            "this address and password do not belong together",
        ));
    };
    match second_factor::ask(&web.app, &user, given.code.as_deref()).await? {
        Answer::NotNeeded | Answer::Right => {}
        Answer::Missing => {
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "second_factor_needed",
                "send the same again with `code`: the six digits that your authenticator app shows, or a recovery code",
            ));
        }
        Answer::Wrong => {
            let why =
                "this code is wrong, too old or used already; wait for the next one, or use a recovery code";
            return Err(refused(&web, &keys, "invalid_code", why));
        }
        Answer::Wait(wait) => return Err(codes_wait(wait)),
    }
    keys.iter().for_each(|key| web.logins.succeeded(key));
    metrics::counter!("sportello_sign_ins_total", "result" => "accepted").increment(1);
    enter(&web.app, user, peer, &headers).await
}

/// After too many wrong codes the app's codes are not looked at for a while.
pub fn codes_wait(wait: Duration) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "too many wrong codes; wait, use a recovery code, or ask an administrator to reset the second factor",
    );
    error.retry_after_s = Some(wait.as_secs().max(1));
    error
}

/// Refuses for a while who was wrong too often.
pub fn slow_down(web: &Web, keys: &[String], now: Timestamp) -> ApiResult<()> {
    let Some(wait) = keys.iter().filter_map(|key| web.logins.wait(key, now)).max() else { return Ok(()) };
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "too many failed sign-ins; wait a few minutes",
    );
    error.retry_after_s = Some(wait.as_secs().max(1));
    Err(error)
}

fn refused(web: &Web, keys: &[String], code: &'static str, why: &'static str) -> ApiError {
    let now = web.app.clock.now();
    keys.iter().for_each(|key| web.logins.failed(key, now));
    metrics::counter!("sportello_sign_ins_total", "result" => "refused").increment(1);
    ApiError::new(StatusCode::UNAUTHORIZED, code, why)
}

/// Begins a session of somebody who has shown who they are.
pub async fn enter(app: &App, user: User, peer: SocketAddr, headers: &HeaderMap) -> ApiResult<Response> {
    let now = app.clock.now();
    let (secret, csrf_token) = (users::new_secret(&app.ids), users::new_secret(&app.ids));
    let life = Duration::from_secs(app.config.server.session_hours.saturating_mul(3_600));
    let new = NewSession {
        id: &SessionId::new(&app.ids, now),
        secret: &secret,
        csrf_token: &csrf_token,
        user: &user.id,
        user_agent: headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()),
        address: &peer.ip().to_string(),
        life,
    };
    let mut tx = app.db.begin().await?;
    sessions::begin(&mut tx, &new, now).await?;
    tx.commit().await?;
    let rights = names(&user.rights()?);
    let body = Json(SessionInfo { user: UserInfo::of(user)?, rights, csrf_token });
    Ok(([(header::SET_COOKIE, cookie(app, &secret, life))], body).into_response())
}

#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = SessionInfo)))]
pub async fn current(caller: Caller) -> ApiResult<Json<SessionInfo>> {
    match (caller.user, caller.csrf_token) {
        (Some(user), Some(csrf_token)) => {
            let rights = names(&caller.rights);
            Ok(Json(SessionInfo { user: UserInfo::of(user)?, rights, csrf_token }))
        }
        _ => Err(ApiError::unauthorized()),
    }
}

#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
pub async fn sign_out(State(web): State<Web>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(secret) = session_secret(&web.app, &headers) {
        let mut tx = web.app.db.begin().await?;
        sessions::end(&mut tx, &secret).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&web.app, "", Duration::ZERO))]).into_response())
}
