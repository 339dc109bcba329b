//! One's own account: where one is signed in, the password, the second factor. For the person alone, never for a token.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::{Timestamp, ids::SessionId};
use serde::{Deserialize, Serialize};
use store::{audit, second_factors, sessions, users};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    session::{codes_wait, slow_down},
    types::UserInfo,
};
use crate::{
    password,
    second_factor::{self, Answer},
    totp::{self, Typed},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccount {
    pub user: UserInfo,
    /// Since when a code is asked for at sign-in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub second_factor_since: Option<Timestamp>,
    pub recovery_codes_left: i64,
}

#[utoipa::path(get, path = "/api/v1/account", tag = "account", responses((status = 200, body = OwnAccount)))]
pub async fn get(State(web): State<Web>, caller: Caller) -> ApiResult<Json<OwnAccount>> {
    let (user, _) = caller.own_session()?;
    let db = &web.app.db;
    Ok(Json(OwnAccount {
        second_factor_since: second_factors::since(db, &user.id).await?,
        recovery_codes_left: second_factors::recovery_codes_left(db, &user.id).await?,
        user: UserInfo::of(user.clone())?,
    }))
}

/// A place where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenSession {
    pub id: String,
    /// The one that asks.
    pub is_current: bool,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Where it was last seen; behind a proxy, the proxy's.
    pub address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Noted every few minutes.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// One's open sessions, the last used first.
#[utoipa::path(get, path = "/api/v1/account/sessions", tag = "account", operation_id = "sessions", responses((status = 200, body = Page<OpenSession>)))]
pub async fn list_sessions(State(web): State<Web>, caller: Caller) -> ApiResult<Json<Page<OpenSession>>> {
    let (user, current) = caller.own_session()?;
    let rows = sessions::of_user(&web.app.db, &user.id, web.app.clock.now()).await?;
    let all = rows.into_iter().map(|row| OpenSession {
        is_current: row.id == *current,
        id: row.id.0,
        user_agent: row.user_agent,
        address: row.address.filter(|address| !address.is_empty()),
        created_at: row.created_at,
        seen_at: row.seen_at,
        expires_at: row.expires_at,
    });
    Ok(Json(Page::whole(all.collect())))
}

/// Ends one of one's own sessions: it is out at its next request.
#[utoipa::path(delete, path = "/api/v1/account/sessions/{id}", tag = "account", operation_id = "end_session", params(("id" = String, Path)), responses((status = 204)))]
pub async fn end_session(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let (user, _) = caller.own_session()?;
    let (app, now) = (&web.app, web.app.clock.now());
    let mut tx = app.db.begin().await?;
    if !sessions::end_one(&mut tx, &user.id, &SessionId(id.clone())).await? {
        return Err(ApiError::not_found("session"));
    }
    audit::add(&mut tx, &app.ids, &caller.name, "account.session_ended", user.id.as_str(), &id, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsEnded {
    pub ended: u64,
}

/// Ends all of one's sessions but the one that asks.
#[utoipa::path(delete, path = "/api/v1/account/sessions", tag = "account", operation_id = "end_other_sessions", responses((status = 200, body = SessionsEnded)))]
pub async fn end_other_sessions(State(web): State<Web>, caller: Caller) -> ApiResult<Json<SessionsEnded>> {
    let (user, current) = caller.own_session()?;
    let (app, now) = (&web.app, web.app.clock.now());
    let mut tx = app.db.begin().await?;
    let ended = sessions::end_others(&mut tx, &user.id, current).await?;
    let detail = format!("{ended} others");
    audit::add(&mut tx, &app.ids, &caller.name, "account.sessions_ended", user.id.as_str(), &detail, now)
        .await?;
    tx.commit().await?;
    Ok(Json(SessionsEnded { ended }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one until now.
    pub password: String,
    pub new_password: String,
}

/// Sets a new password. Every other session of the account ends.
#[utoipa::path(post, path = "/api/v1/account/password", tag = "account", operation_id = "password", request_body = PasswordChange, responses((status = 200, body = SessionsEnded)))]
pub async fn change_password(
    State(web): State<Web>,
    caller: Caller,
    Json(change): Json<PasswordChange>,
) -> ApiResult<Json<SessionsEnded>> {
    let (user, current) = caller.own_session()?;
    let app = &web.app;
    confirm(&web, &caller, change.password).await?;
    let hash = new_hash(change.new_password, &[&user.name, &user.email]).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    users::change_password(&mut tx, &user.id, &hash).await?;
    let ended = sessions::end_others(&mut tx, &user.id, current).await?;
    let detail = format!("{ended} other sessions ended");
    audit::add(&mut tx, &app.ids, &caller.name, "account.password", user.id.as_str(), &detail, now).await?;
    tx.commit().await?;
    Ok(Json(SessionsEnded { ended }))
}

/// The hash of a new password that will do.
pub async fn new_hash(new: String, about: &[&str]) -> ApiResult<String> {
    password::check(&new, about)
        .map_err(|why| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", why))?;
    password::hash_in_turn(new).await.map_err(ApiError::invalid)
}

/// Asks for the password again before what protects the account is changed: a session that was left open is not enough.
async fn confirm(web: &Web, caller: &Caller, given: String) -> ApiResult<()> {
    let (user, _) = caller.own_session()?;
    let (now, keys) = (web.app.clock.now(), [format!("password:{}", user.id)]);
    slow_down(web, &keys, now)?;
    let hash = users::by_email(&web.app.db, &user.email).await?.map(|(_, hash)| hash);
    if password::verify(hash, given).await {
        keys.iter().for_each(|key| web.logins.succeeded(key));
        return Ok(());
    }
    keys.iter().for_each(|key| web.logins.failed(key, now));
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "wrong_password",
        "this is not your password; nothing was changed",
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    pub password: String,
}

/// What an authenticator app needs. It is told once.
#[derive(Serialize, ToSchema)]
pub struct Enrolment {
    /// To be typed where no camera is: base32.
    pub secret: String,
    /// `otpauth://…`
    pub link: String,
    /// The link as a QR code, an SVG picture.
    pub qr_svg: String,
}

/// Begins a second factor: nothing is asked at sign-in until a code of the app confirmed it.
#[utoipa::path(post, path = "/api/v1/account/second-factor", tag = "account", operation_id = "second_factor_begin", request_body = PasswordAgain, responses((status = 200, body = Enrolment)))]
pub async fn begin_second_factor(
    State(web): State<Web>,
    caller: Caller,
    Json(given): Json<PasswordAgain>,
) -> ApiResult<Json<Enrolment>> {
    let (user, _) = caller.own_session()?;
    let (app, now) = (&web.app, web.app.clock.now());
    confirm(&web, &caller, given.password).await?;
    if second_factors::since(&app.db, &user.id).await?.is_some() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "second_factor_is_on",
            "you have a second factor already; switch it off to begin with another app",
        ));
    }
    let secret = totp::new_secret(&app.ids);
    let link = totp::link(&issuer(&web), &user.email, &secret);
    let qr_svg = totp::qr(&link).map_err(|error| {
        tracing::error!(%error, "a QR code could not be drawn");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the QR code could not be drawn")
    })?;
    let mut tx = app.db.begin().await?;
    second_factors::begin(&mut tx, app.blobs.ring(), &app.ids, &user.id, &secret, now).await?;
    tx.commit().await?;
    Ok(Json(Enrolment { secret: totp::base32(&secret), link, qr_svg }))
}

/// What the app shows above the code: which desk it is for.
fn issuer(web: &Web) -> String {
    let host = web.app.config.server.public_url.as_ref().and_then(|url| url.host_str());
    host.map_or_else(|| "Sportello".to_owned(), |host| format!("Sportello {host}"))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGiven {
    /// Six digits.
    pub code: String,
}

/// Codes for when the app is gone; each works once, and they are told once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// Confirms a second factor with a code of the app: it is asked for from now on. Every other session of the account ends.
#[utoipa::path(post, path = "/api/v1/account/second-factor/confirm", tag = "account", operation_id = "second_factor_confirm", request_body = CodeGiven, responses((status = 200, body = RecoveryCodes)))]
pub async fn confirm_second_factor(
    State(web): State<Web>,
    caller: Caller,
    Json(given): Json<CodeGiven>,
) -> ApiResult<Json<RecoveryCodes>> {
    let (user, current) = caller.own_session()?;
    let app = &web.app;
    if second_factors::since(&app.db, &user.id).await?.is_some() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "second_factor_is_on",
            "your second factor is on already",
        ));
    }
    let Typed::Code(code) = Typed::of(&given.code) else {
        return Err(wrong_code("the code of the app has six digits"));
    };
    match second_factor::take_code(app, user, &code).await? {
        Answer::Right => {}
        Answer::Wait(wait) => return Err(codes_wait(wait)),
        Answer::NotNeeded => return Err(wrong_code("begin with the QR code first")),
        Answer::Wrong | Answer::Missing => {
            return Err(wrong_code("this code is wrong or too old; is the clock of the phone right?"));
        }
    }
    let (codes, now) = (totp::recovery_codes(&app.ids), app.clock.now());
    let mut tx = app.db.begin().await?;
    second_factors::set_recovery_codes(&mut tx, &user.id, &codes, now).await?;
    sessions::end_others(&mut tx, &user.id, current).await?;
    audit::add(&mut tx, &app.ids, &caller.name, "account.second_factor", user.id.as_str(), "on", now).await?;
    tx.commit().await?;
    Ok(Json(shown(&codes)))
}

fn wrong_code(why: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_code", why)
}

fn shown(codes: &[String]) -> RecoveryCodes {
    RecoveryCodes { recovery_codes: codes.iter().map(|code| totp::grouped(code)).collect() }
}

/// Switches the second factor off.
#[utoipa::path(post, path = "/api/v1/account/second-factor/off", tag = "account", operation_id = "second_factor_off", request_body = PasswordAgain, responses((status = 204)))]
pub async fn drop_second_factor(
    State(web): State<Web>,
    caller: Caller,
    Json(given): Json<PasswordAgain>,
) -> ApiResult<StatusCode> {
    let (user, _) = caller.own_session()?;
    let (app, now) = (&web.app, web.app.clock.now());
    confirm(&web, &caller, given.password).await?;
    let mut tx = app.db.begin().await?;
    if second_factors::remove(&mut tx, &user.id).await? {
        audit::add(&mut tx, &app.ids, &caller.name, "account.second_factor", user.id.as_str(), "off", now)
            .await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes ten new recovery codes; those from before end.
#[utoipa::path(post, path = "/api/v1/account/recovery-codes", tag = "account", operation_id = "recovery_codes", request_body = PasswordAgain, responses((status = 200, body = RecoveryCodes)))]
pub async fn new_recovery_codes(
    State(web): State<Web>,
    caller: Caller,
    Json(given): Json<PasswordAgain>,
) -> ApiResult<Json<RecoveryCodes>> {
    let (user, _) = caller.own_session()?;
    let app = &web.app;
    confirm(&web, &caller, given.password).await?;
    if second_factors::since(&app.db, &user.id).await?.is_none() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "second_factor_is_off",
            "recovery codes come with a second factor; switch it on first",
        ));
    }
    let (codes, now) = (totp::recovery_codes(&app.ids), app.clock.now());
    let mut tx = app.db.begin().await?;
    second_factors::set_recovery_codes(&mut tx, &user.id, &codes, now).await?;
    audit::add(&mut tx, &app.ids, &caller.name, "account.recovery_codes", user.id.as_str(), "made anew", now)
        .await?;
    tx.commit().await?;
    Ok(Json(shown(&codes)))
}
