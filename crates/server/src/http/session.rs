//! Signing in and out.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use store::users;
use utoipa::ToSchema;

use super::{
    Web,
    auth::{Caller, cookie, session_secret},
    error::{ApiError, ApiResult},
    types::{UserInfo, names},
};
use crate::password;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

#[derive(Serialize, ToSchema)]
pub struct SessionInfo {
    pub user: UserInfo,
    /// What they may do.
    pub rights: Vec<String>,
    /// To be sent back as `X-CSRF-Token` with every request that changes something.
    pub csrf_token: String,
}

#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses((status = 200, body = SessionInfo)))]
pub async fn sign_in(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(given): Json<SignIn>,
) -> ApiResult<Response> {
    let now = web.app.clock.now();
    let keys = [format!("ip:{}", peer.ip()), format!("email:{}", given.email.to_lowercase())];
    if let Some(wait) = keys.iter().filter_map(|key| web.logins.wait(key, now)).max() {
        let mut error = ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "too many failed sign-ins; wait a few minutes",
        );
        error.retry_after_s = Some(wait.as_secs().max(1));
        return Err(error);
    }
    let found = users::by_email(&web.app.db, &given.email).await?;
    // A stranger costs as much time as a wrong password: the answer does not tell who has an account.
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let is_right = password::verify(hash, given.password).await;
    let Some((user, _)) = found.filter(|_| is_right) else {
        keys.iter().for_each(|key| web.logins.failed(key, now));
        metrics::counter!("sportello_sign_ins_total", "result" => "refused").increment(1);
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "this address and password do not belong together",
        ));
    };
    keys.iter().for_each(|key| web.logins.succeeded(key));
    metrics::counter!("sportello_sign_ins_total", "result" => "accepted").increment(1);
    let secret = users::new_secret(&web.app.ids);
    let csrf_token = users::new_secret(&web.app.ids);
    let life = Duration::from_secs(web.app.config.server.session_hours.saturating_mul(3_600));
    let mut tx = web.app.db.begin().await?;
    users::begin_session(&mut tx, &secret, &csrf_token, &user.id, life, now).await?;
    tx.commit().await?;
    let rights = names(&user.rights()?);
    let body = Json(SessionInfo { user: UserInfo::of(user)?, rights, csrf_token });
    Ok(([(header::SET_COOKIE, cookie(&web.app, &secret, life))], body).into_response())
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
        users::end_session(&mut tx, &secret).await?;
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&web.app, "", Duration::ZERO))]).into_response())
}
