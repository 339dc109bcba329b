//! People who work at the desk: who they are, and what they may do.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::{
    access::{Right, Rights, Role},
    ids::UserId,
};
use serde::Deserialize;
use store::{audit, users};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    types::UserInfo,
};

/// Those who can sign in, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "people", responses((status = 200, body = Page<UserInfo>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<UserInfo>>> {
    let all = users::list(&web.app.db).await?.into_iter().map(UserInfo::of);
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
}

/// Changes what somebody may do, from their next request on. The last administrator stays one.
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
    let before = users::get(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
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
    if users::administrators(&mut tx).await? == 0 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "last_administrator",
            "nobody could give rights any more; make somebody else an administrator first",
        ));
    }
    let after = users::get(&mut tx, &id).await?.ok_or_else(|| ApiError::not_found("user"))?;
    tx.commit().await?;
    UserInfo::of(after).map(Json)
}

fn role(name: &str) -> ApiResult<Role> {
    Role::parse(name).ok_or_else(|| {
        let known = Role::ALL.map(Role::as_str).join(", ");
        ApiError::invalid(format!("role `{name}` is unknown; one of {known} is needed"))
    })
}

fn rights(names: &[String]) -> ApiResult<Rights> {
    let parse = |name: &String| {
        Right::parse(name).ok_or_else(|| {
            let known = Right::ALL.map(Right::as_str).join(", ");
            ApiError::invalid(format!("right `{name}` is unknown; these exist: {known}"))
        })
    };
    names.iter().map(parse).collect()
}
