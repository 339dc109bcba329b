//! Invitations: an administrator gives somebody a link, and they make their own account with it.
//!
//! The link is told once. Its secret stands behind the `#`, so that no server's log holds it.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use model::{Timestamp, access::Role, ids::InvitationId};
use serde::{Deserialize, Serialize};
use store::{
    StoreError, audit,
    invitations::{self as kept, NewInvitation},
    users,
};
use utoipa::ToSchema;

use super::{
    Web,
    account::new_hash,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    people,
    session::{self, SessionInfo},
};

const LIFE: Duration = Duration::from_secs(7 * 24 * 3_600);
const NAME_CHARS_MAX: usize = 100;
const EMAIL_CHARS_MAX: usize = 254;
const OPEN_MAX: usize = 500;

#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationInfo {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// `user:…` or `token:…`, as in the audit.
    pub invited_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<kept::Invitation> for InvitationInfo {
    fn from(row: kept::Invitation) -> Self {
        Self {
            id: row.id.0,
            email: row.email,
            name: row.name,
            role: row.role,
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// Those that can be accepted, the newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "invitations", responses((status = 200, body = Page<InvitationInfo>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<InvitationInfo>>> {
    let rows = kept::open(&web.app.db, web.app.clock.now()).await?;
    Ok(Json(Page::whole(rows.into_iter().map(InvitationInfo::from).collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationSpec {
    pub email: String,
    /// They may change it when they join.
    pub name: String,
    /// `agent`, `supervisor`, `administrator`, `auditor` or `technician`.
    pub role: String,
}

/// An invitation and its link, which is told once.
#[derive(Serialize, ToSchema)]
pub struct Invited {
    pub invitation: InvitationInfo,
    /// From `server.public_url` on; without one, from the desk's own address on (`/#/join/…`).
    pub link: String,
}

/// Invites somebody. The link holds for seven days; an earlier one for the same address ends.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "invitations", request_body = InvitationSpec, responses((status = 201, body = Invited)))]
pub async fn invite(
    State(web): State<Web>,
    caller: Caller,
    Json(spec): Json<InvitationSpec>,
) -> ApiResult<(StatusCode, Json<Invited>)> {
    let (app, now) = (&web.app, web.app.clock.now());
    let role = people::role(&spec.role)?;
    let (email, name) = (address(&spec.email)?, named(&spec.name)?);
    if users::account(&app.db, &email).await?.is_some() {
        return Err(exists());
    }
    if kept::open(&app.db, now).await?.len() >= OPEN_MAX {
        return Err(ApiError::invalid(format!(
            "there are {OPEN_MAX} open invitations; take some back first"
        )));
    }
    let (id, secret) = (InvitationId::new(&app.ids, now), users::new_secret(&app.ids));
    let new = NewInvitation {
        id: &id,
        secret: &secret,
        email: &email,
        name: &name,
        role,
        invited_by: &caller.name,
        expires_at: now.plus(LIFE),
    };
    let mut tx = app.db.begin().await?;
    kept::add(&mut tx, &new, now).await?;
    let detail = format!("{email} as {}", role.as_str());
    audit::add(&mut tx, &app.ids, &caller.name, "invitation.sent", id.as_str(), &detail, now).await?;
    tx.commit().await?;
    let base = app.config.server.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    let invitation = InvitationInfo {
        id: id.0,
        email,
        name,
        role: spec.role,
        invited_by: caller.name,
        created_at: now,
        expires_at: now.plus(LIFE),
    };
    let link = format!("{}/#/join/{secret}", base.unwrap_or_default());
    Ok((StatusCode::CREATED, Json(Invited { invitation, link })))
}

fn exists() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "account_exists",
        "this address has an account already; who forgot the password is given a new one with `sportello user password`",
    )
}

fn address(text: &str) -> ApiResult<String> {
    let text = text.trim().to_lowercase();
    let is_one = text.chars().count() <= EMAIL_CHARS_MAX
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if is_one { Ok(text) } else { Err(ApiError::invalid(format!("`{text}` is no e-mail address"))) }
}

fn named(text: &str) -> ApiResult<String> {
    let text = text.trim();
    let is_one = (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.contains(char::is_control);
    if is_one {
        Ok(text.to_owned())
    } else {
        Err(ApiError::invalid(format!("a name has between 1 and {NAME_CHARS_MAX} characters")))
    }
}

/// Takes an invitation back: its link opens nothing any more.
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "invitations", params(("id" = String, Path)), responses((status = 204)))]
pub async fn revoke(State(web): State<Web>, caller: Caller, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let (app, now) = (&web.app, web.app.clock.now());
    let mut tx = app.db.begin().await?;
    let email = kept::revoke(&mut tx, &InvitationId(id.clone()), now).await?;
    let email = email.ok_or_else(|| ApiError::not_found("invitation"))?;
    audit::add(&mut tx, &app.ids, &caller.name, "invitation.revoked", &id, &email, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationSecret {
    /// What stands behind `#/join/` in the link.
    pub secret: String,
}

/// What an invitation says to whoever has its link.
#[derive(Serialize, ToSchema)]
pub struct OpenInvitation {
    pub email: String,
    pub name: String,
    pub role: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Shows an invitation to whoever has its link.
#[utoipa::path(post, path = "/api/v1/invitations/open", tag = "invitations", request_body = InvitationSecret, responses((status = 200, body = OpenInvitation)))]
pub async fn open(
    State(web): State<Web>,
    Json(given): Json<InvitationSecret>,
) -> ApiResult<Json<OpenInvitation>> {
    let row = of_secret(&web, &given.secret).await?;
    Ok(Json(OpenInvitation { email: row.email, name: row.name, role: row.role, expires_at: row.expires_at }))
}

async fn of_secret(web: &Web, secret: &str) -> ApiResult<kept::Invitation> {
    kept::by_secret(&web.app.db, secret, web.app.clock.now()).await?.ok_or_else(over)
}

fn over() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "invitation_over",
        "this invitation was used, taken back or is older than seven days; ask whoever invited you for a new one",
    )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    pub secret: String,
    pub name: String,
    pub password: String,
}

/// Makes the account of an invitation and signs its owner in.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "invitations", request_body = Acceptance, responses((status = 200, body = SessionInfo)))]
pub async fn accept(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(given): Json<Acceptance>,
) -> ApiResult<Response> {
    let app = &web.app;
    // First of all, so that a stranger makes nobody hash passwords.
    let invitation = of_secret(&web, &given.secret).await?;
    let name = named(&given.name)?;
    let role = Role::parse(&invitation.role).ok_or_else(over)?;
    let hash = new_hash(given.password, &[&name, &invitation.email]).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !kept::accept(&mut tx, &invitation.id, now).await? {
        return Err(over());
    }
    let id = match users::insert(&mut tx, &app.ids, &invitation.email, &name, role, &hash, now).await {
        Ok(id) => id,
        Err(StoreError::Duplicate(_)) => return Err(exists()),
        Err(error) => return Err(error.into()),
    };
    let (actor, detail) =
        (format!("user:{id}"), format!("as {}, invited by {}", role.as_str(), invitation.invited_by));
    audit::add(&mut tx, &app.ids, &actor, "user.joined", id.as_str(), &detail, now).await?;
    let user = users::get(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    tx.commit().await?;
    session::enter(app, user, peer, &headers).await
}
