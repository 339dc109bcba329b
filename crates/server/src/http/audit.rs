//! Who saw and did what.

use axum::{
    Json,
    extract::{Query, State},
};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::audit as kept;
use utoipa::{IntoParams, ToSchema};

use super::{
    Web,
    error::ApiResult,
    page::{Page, PageQuery},
};

/// Something that was looked at or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `user:…` or `token:…` with an id, or `cli`.
    pub actor: String,
    /// Such as `attachment.original`, `attachment.unmasked`, `user.role`.
    pub action: String,
    /// The id of what it was done to.
    pub object: String,
    pub detail: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only of this object: a ticket (with all its files), an attachment, a user.
    pub object: Option<String>,
    /// Only what this one did: `user:…` or `token:…`.
    pub actor: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// The newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery), responses((status = 200, body = Page<AuditEntry>)))]
pub async fn list(
    State(web): State<Web>,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Json<Page<AuditEntry>>> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor, order: None };
    let point = page.point()?;
    let wanted = kept::Wanted {
        object: query.object.as_deref(),
        actor: query.actor.as_deref(),
        before: point.as_ref().map(|(at, id)| (*at, id.as_str())),
    };
    let rows = kept::list(&web.app.db, &wanted, page.limit() + 1).await?;
    let rows = Page::cut(rows, page.limit(), |row| (row.at, row.id.0.clone()));
    Ok(Json(rows.map(|row| AuditEntry {
        id: row.id.0,
        at: row.at,
        actor: row.actor,
        action: row.action,
        object: row.object,
        detail: row.detail,
    })))
}
