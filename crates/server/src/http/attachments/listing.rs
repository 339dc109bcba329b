//! The files of a ticket and of a contact: everything that was sent, the newest first.

use axum::{
    Json,
    extract::{Query, State},
};
use model::ids::{ContactId, TicketId, UserId};
use serde::Serialize;
use store::attachments::listing::{self, Of, Placed};
use utoipa::ToSchema;

use crate::http::{
    Web,
    access::Reached,
    auth::Caller,
    error::{ApiError, ApiResult},
    page::{Page, PageQuery},
    tickets::viewer,
    types::{self, Attachment},
};

/// A file and where it stands.
#[derive(Serialize, ToSchema)]
pub struct PlacedFile {
    pub attachment: Attachment,
    pub ticket_id: String,
    pub ticket_number: i64,
    /// `in` or `out`.
    pub direction: String,
}

/// The files of a ticket, the newest first; what the customer took back is left out.
#[utoipa::path(get, path = "/api/v1/tickets/{id}/attachments", tag = "attachments", params(("id" = String, Path), PageQuery), responses((status = 200, body = Page<PlacedFile>)))]
pub async fn of_ticket(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<TicketId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<PlacedFile>>> {
    page(&web, &caller, Of::Ticket(&id), &query).await.map(Json)
}

/// The files of a contact in all of their tickets that the caller sees, the newest first.
#[utoipa::path(get, path = "/api/v1/contacts/{id}/attachments", tag = "attachments", params(("id" = String, Path), PageQuery), responses((status = 200, body = Page<PlacedFile>)))]
pub async fn of_contact(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<ContactId>,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Page<PlacedFile>>> {
    page(&web, &caller, Of::Contact(&id), &query).await.map(Json)
}

async fn page(web: &Web, caller: &Caller, of: Of<'_>, query: &PageQuery) -> ApiResult<Page<PlacedFile>> {
    let is_known = match of {
        Of::Ticket(id) => store::tickets::get(&web.app.db, id).await?.is_some(),
        Of::Contact(id) => listing::is_known(&web.app.db, id, None).await?,
    };
    if !is_known {
        let what = if matches!(of, Of::Ticket(_)) { "ticket" } else { "contact" };
        return Err(ApiError::not_found(what));
    }
    let point = query.point()?;
    let before = point.as_ref().map(|(at, id)| (*at, id.as_str()));
    let visited_by: Option<UserId> = viewer(caller)?.visited_by;
    let rows = listing::list(&web.app.db, of, visited_by.as_ref(), before, query.limit() + 1).await?;
    let Page { items, next } = Page::cut(rows, query.limit(), |row: &Placed| {
        (row.attachment.created_at, row.attachment.id.0.clone())
    });
    let files = items.iter().map(|row| row.attachment.clone()).collect();
    let files = types::attachments(&web.app.db, files, &caller.rights).await?;
    let placed = items.into_iter().zip(files).map(|(row, attachment)| PlacedFile {
        attachment,
        ticket_id: row.attachment.ticket_id.map(|id| id.0).unwrap_or_default(),
        ticket_number: row.ticket_number,
        direction: row.direction,
    });
    Ok(Page { items: placed.collect(), next })
}
