//! Tokens for programs: made, listed and ended by those who keep the accounts. What opens is told once.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use model::{
    Timestamp,
    access::Right,
    ids::{TokenId, UserId},
};
use serde::{Deserialize, Serialize};
use store::{
    audit,
    users::{self, NewToken},
};
use utoipa::ToSchema;

use super::{
    Web,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::Page,
    people,
    types::{Named, names},
};

const NAME_CHARS_MAX: usize = 100;
const TOKENS_MAX: usize = 500;

/// A token, without what opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenInfo {
    pub id: String,
    pub name: String,
    /// As whom it acts; nobody's does what its scopes say.
    pub user: Option<Named>,
    /// The rights that it is cut down to; absent when it may do all that its person may.
    pub scopes: Option<Vec<String>>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// The tokens that open, the newest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses((status = 200, body = Page<TokenInfo>)))]
pub async fn list(State(web): State<Web>) -> ApiResult<Json<Page<TokenInfo>>> {
    let rows = users::tokens(&web.app.db, web.app.clock.now()).await?;
    let all = rows.into_iter().map(|row| {
        Ok(TokenInfo {
            scopes: row.scopes()?.as_ref().map(names),
            user: row.user_id.zip(row.user_name).map(|(id, name)| Named { id: id.0, name }),
            id: row.id.0,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    });
    Ok(Json(Page::whole(all.collect::<ApiResult<_>>()?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSpec {
    /// What it is for.
    pub name: String,
    /// Acts as this person.
    pub user_id: Option<String>,
    /// Only these rights. A token of nobody needs some; one of a person may do all that the person may without any.
    pub scopes: Option<Vec<String>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    pub id: String,
    /// What opens; it is told once.
    pub token: String,
}

#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = TokenSpec, responses((status = 201, body = MadeToken)))]
pub async fn add(
    State(web): State<Web>,
    caller: Caller,
    Json(spec): Json<TokenSpec>,
) -> ApiResult<(StatusCode, Json<MadeToken>)> {
    let (app, now) = (&web.app, web.app.clock.now());
    let name = spec.name.trim();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Err(ApiError::invalid(format!(
            "a name has between 1 and {NAME_CHARS_MAX} characters; say what the token is for"
        )));
    }
    let scopes = spec.scopes.as_deref().map(people::rights).transpose()?;
    match (&scopes, &spec.user_id) {
        (Some(scopes), _) if scopes.iter().next().is_none() => {
            return Err(ApiError::invalid(
                "a token without any scope may do nothing; name the rights that it needs",
            ));
        }
        (None, None) => {
            return Err(ApiError::invalid("say as whom the token acts, or name the rights that it needs"));
        }
        _ => {}
    }
    if spec.expires_at.is_some_and(|at| at <= now) {
        return Err(ApiError::invalid("the token would have ended already; choose a later time"));
    }
    if users::tokens(&app.db, now).await?.len() >= TOKENS_MAX {
        return Err(ApiError::invalid(format!("there are {TOKENS_MAX} tokens; revoke some first")));
    }
    let user = spec.user_id.map(UserId);
    let mut tx = app.db.begin().await?;
    if let Some(user) = &user {
        users::get(&mut tx, user).await?.ok_or_else(|| ApiError::not_found("user"))?;
    }
    let secret = users::new_secret(&app.ids);
    let new = NewToken { name, user: user.as_ref(), scopes: scopes.as_ref(), expires_at: spec.expires_at };
    let id = users::add_token(&mut tx, &app.ids, &secret, &new, now).await?;
    let may = scopes.map(|scopes| scopes.iter().map(Right::as_str).collect::<Vec<_>>().join(", "));
    let whose = user.map_or_else(|| "nobody".to_owned(), |user| format!("user:{user}"));
    let detail = format!("{name}, as {whose}: {}", may.as_deref().unwrap_or("all that they may"));
    audit::add(&mut tx, &app.ids, &caller.name, "token.made", id.as_str(), &detail, now).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id: id.0, token: secret })))
}

/// Ends a token for good, from its next request on.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)), responses((status = 204)))]
pub async fn revoke(State(web): State<Web>, caller: Caller, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let (app, id, now) = (&web.app, TokenId(id), web.app.clock.now());
    let mut tx = app.db.begin().await?;
    let name = users::revoke_token(&mut tx, &id, now).await?.ok_or_else(|| ApiError::not_found("token"))?;
    audit::add(&mut tx, &app.ids, &caller.name, "token.revoked", id.as_str(), &name, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
