//! People who work at the desk: who they are, what they may do, and whether they come in at all.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    access::{Right, Rights, Role},
    ids::UserId,
};
use serde::{Deserialize, Serialize};
use store::{Tx, audit, second_factors, sessions, users};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    types::{UserInfo, names},
};

/// Those who can sign in, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "people", responses((status = 200, body = Page<UserInfo>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<UserInfo>>> {
    let all = users::list(&web.app.db).await?.into_iter().map(UserInfo::of);
    Ok(Json(Page::whole(all.collect::<ApiResult<_>>()?)))
}

/// An account as those see it who keep the accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountInfo {
    pub id: String,
    pub name: String,
    pub email: String,
    /// `agent`, `supervisor`, `administrator`, `auditor` or `technician`.
    pub role: String,
    /// The rights that they have beside those of the role.
    pub granted: Vec<String>,
    pub has_second_factor: bool,
    /// Since when they cannot sign in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When one of their open sessions was last used; absent when they are signed in nowhere.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub seen_at: Option<Timestamp>,
}

impl AccountInfo {
    fn of(row: users::Account) -> ApiResult<Self> {
        Ok(Self {
            granted: names(&row.granted()?),
            id: row.id.0,
            name: row.name,
            email: row.email,
            role: row.role,
            has_second_factor: row.has_second_factor,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            seen_at: row.seen_at,
        })
    }
}

/// Every account, the disabled ones too.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "people", operation_id = "accounts", responses((status = 200, body = Page<AccountInfo>)))]
pub async fn accounts(State(web): State<Web>) -> ApiResult<Json<Page<AccountInfo>>> {
    let all = users::accounts(&web.app.db).await?.into_iter().map(AccountInfo::of);
    Ok(Json(Page::whole(all.collect::<ApiResult<_>>()?)))
}

/// What somebody may do; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// `agent`, `supervisor`, `administrator`, `auditor` or `technician`.
    pub role: Option<String>,
    /// The rights that they have beside those of the role, such as `identity_documents.read`.
    pub granted: Option<Vec<String>>,
    /// `true` shuts them out: no sign-in, and their sessions and tokens end. `false` lets them sign in again.
    pub is_disabled: Option<bool>,
}

/// Changes what somebody may do, from their next request on, or shuts them out. The last administrator stays one.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "people", params(("id" = String, Path)), request_body = UserChange, responses((status = 200, body = UserInfo)))]
pub async fn change(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Json(change): Json<UserChange>,
) -> ApiResult<Json<UserInfo>> {
    let (app, id) = (&web.app, UserId(id));
    let role = change.role.as_deref().map(role).transpose()?;
    let granted = change.granted.map(|names| rights(&names)).transpose()?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let before = users::account_of(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    if let Some(role) = role {
        users::set_role(&mut tx, &id, role).await?;
        let detail = format!("{} became {}", before.role, role.as_str());
        audit::add(&mut tx, &app.ids, &caller.name, "user.role", id.as_str(), &detail, now).await?;
    }
    if let Some(granted) = granted {
        users::set_granted(&mut tx, &id, &granted).await?;
        let names: Vec<&str> = granted.iter().map(Right::as_str).collect();
        audit::add(&mut tx, &app.ids, &caller.name, "user.granted", id.as_str(), &names.join(", "), now)
            .await?;
    }
    if let Some(is_disabled) = change.is_disabled.filter(|wanted| *wanted != before.disabled_at.is_some()) {
        shut_out_or_let_in(&web, &mut tx, &caller, &before, is_disabled).await?;
    }
    if users::administrators(&mut tx).await? == 0 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "last_administrator",
            "nobody could give rights any more; make somebody else an administrator first",
        ));
    }
    let after = users::account_of(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    tx.commit().await?;
    UserInfo::of(after.into()).map(Json)
}

async fn shut_out_or_let_in(
    web: &Web,
    tx: &mut Tx,
    caller: &Caller,
    before: &users::Account,
    is_disabled: bool,
) -> ApiResult<()> {
    let (app, id, now) = (&web.app, &before.id, web.app.clock.now());
    if is_disabled && caller.user_id() == Some(id) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "own_account",
            "you would shut yourself out; somebody else can disable your account",
        ));
    }
    let action = if is_disabled {
        users::disable(tx, id, now).await?;
        "user.disabled"
    } else {
        users::enable(tx, id).await?;
        "user.enabled"
    };
    audit::add(tx, &app.ids, &caller.name, action, id.as_str(), &before.email, now).await?;
    Ok(())
}

/// Ends every session of somebody; they sign in again.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", tag = "people", operation_id = "end_sessions", params(("id" = String, Path)), responses((status = 204)))]
pub async fn end_sessions(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let (app, id, now) = (&web.app, UserId(id), web.app.clock.now());
    let mut tx = app.db.begin().await?;
    let account = users::account_of(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    sessions::end_all(&mut tx, &id).await?;
    audit::add(&mut tx, &app.ids, &caller.name, "user.sessions_ended", id.as_str(), &account.email, now)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes somebody's second factor away, who lost their phone and their recovery codes; their sessions end.
#[utoipa::path(delete, path = "/api/v1/users/{id}/second-factor", tag = "people", operation_id = "reset_second_factor", params(("id" = String, Path)), responses((status = 204)))]
pub async fn reset_second_factor(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let (app, id, now) = (&web.app, UserId(id), web.app.clock.now());
    let mut tx = app.db.begin().await?;
    let account = users::account_of(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    if second_factors::remove(&mut tx, &id).await? {
        sessions::end_all(&mut tx, &id).await?;
        let detail = format!("of {}", account.email);
        audit::add(&mut tx, &app.ids, &caller.name, "user.second_factor_reset", id.as_str(), &detail, now)
            .await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub fn role(name: &str) -> ApiResult<Role> {
    Role::parse(name).ok_or_else(|| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        ApiError::invalid(format!("role `{name}` is unknown; one of {known} is needed"))
    })
}

pub fn rights(names: &[String]) -> ApiResult<Rights> {
    let parse = |name: &String| {
        Right::parse(name).ok_or_else(|| {
            let known = Right::ALL.map(Right::as_str).join(", ");
            ApiError::invalid(format!("right `{name}` is unknown; these exist: {known}"))
        })
    };
    names.iter().map(parse).collect()
}
