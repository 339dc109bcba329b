//! Making parts of a picture black for good.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use model::{
    access::Right,
    attachment::State as FileState,
    ids::AttachmentId,
    redaction::{AREAS_MAX, Area},
};
use serde::Deserialize;
use store::{
    attachments::{self as files, Attachment as Row},
    findings,
};
use utoipa::ToSchema;

use super::{
    is_revoked, row,
    sight::{self, Known, Wanted},
    told,
};
use crate::{
    app::App,
    http::{
        Web,
        access::Reached,
        auth::Caller,
        error::{ApiError, ApiResult},
        types::Attachment,
    },
    redactions::{self, Refusal},
};

/// What is to be black from now on, for everybody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRedaction {
    /// 1 to 100; what lies beyond the picture is cut off.
    pub boxes: Vec<RedactionBox>,
    /// The file as it came is erased as well, and the view with its boxes takes its place. Needs the right
    /// `personal_data.read`; of pictures only.
    #[serde(default)]
    pub erase_original: bool,
}

/// A rectangle in pixels of the `view` rendition, or of a document's page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionBox {
    /// From 1, of a document.
    pub page: Option<u32>,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// In one request; a file has more in the end.
const BOXES_MAX: usize = 100;

/// Makes parts of a picture black in everything that people are shown of it, for good, and takes what was read there
/// out of the findings and the search. Later looks keep it so.
#[utoipa::path(post, path = "/api/v1/attachments/{id}/redactions", tag = "attachments", params(("id" = String, Path)), request_body = NewRedaction, responses((status = 201, body = Attachment)))]
pub async fn redact(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<AttachmentId>,
    Json(wanted): Json<NewRedaction>,
) -> ApiResult<Response> {
    let app = &web.app;
    let row_before = row(app, &id).await?;
    may_redact(app, &caller, &row_before, wanted.erase_original).await?;
    let areas = areas(app, &row_before, &wanted).await?;
    let order = redactions::Wanted {
        attachment: &row_before,
        areas: &areas,
        erases_original: wanted.erase_original,
        actor: &caller.name,
        user: caller.user_id(),
    };
    redactions::redact(app, &order).await.map_err(refused)?;
    let file = told(app, &caller, row(app, &id).await?).await?;
    Ok((StatusCode::CREATED, Json(file)).into_response())
}

/// Whoever may not see a picture may not paint it either: they could not know what.
async fn may_redact(app: &App, caller: &Caller, row: &Row, erases_original: bool) -> ApiResult<()> {
    if is_revoked(app, row).await? {
        return Err(ApiError::new(StatusCode::GONE, "revoked", "the customer took this message back"));
    }
    let said = findings::current(&app.db, &row.id).await?;
    let known = Known { said: said.as_ref(), masks: &app.config.analysis.mask, is_redacted: false };
    sight::check(caller, row, &known, Wanted::Plain)?;
    if erases_original {
        caller.must(Right::PersonalDataRead)?;
        if !is_picture(row) {
            return Err(ApiError::invalid(
                "only the original of a picture can be erased; of a document the pages are black, and the file stays with those who may see it",
            ));
        }
    }
    let is_underway = said.is_some_and(|said| !said.is_complete);
    if is_underway || FileState::parse(&row.state) != Some(FileState::Ready) {
        let mut error = ApiError::new(
            StatusCode::CONFLICT,
            "being_read",
            "this file is being read; it can be made black in a moment",
        );
        error.retry_after_s = Some(1);
        return Err(error);
    }
    Ok(())
}

fn is_picture(row: &Row) -> bool {
    row.mime_type.as_deref().is_some_and(|mime| mime.starts_with("image/"))
}

/// The boxes in whole pixels of what is drawn, each with something of the picture in it.
async fn areas(app: &App, row: &Row, wanted: &NewRedaction) -> ApiResult<Vec<Area>> {
    if wanted.boxes.is_empty() || wanted.boxes.len() > BOXES_MAX.min(AREAS_MAX) {
        return Err(ApiError::invalid(format!("1 to {BOXES_MAX} boxes are needed")));
    }
    let drawn = files::renditions(&app.db, &[row.id.as_str()]).await?;
    let px = |side: i64| u32::try_from(side).unwrap_or(0);
    let sizes: BTreeMap<&str, (u32, u32)> =
        drawn.iter().map(|r| (r.name.as_str(), (px(r.width), px(r.height)))).collect();
    let mut areas = Vec::new();
    for one in &wanted.boxes {
        let name = one.page.map_or_else(|| "view".to_owned(), files::page_name);
        let is_drawn = one.page.is_some() || is_picture(row);
        let Some(size) = sizes.get(name.as_str()).filter(|_| is_drawn) else {
            return Err(ApiError::invalid(match one.page {
                Some(page) => format!("page {page} of this file is not drawn"),
                None => "this file is no picture that is drawn; of a document name the page".to_owned(),
            }));
        };
        let Some(area) = Area::within(one.page, (one.x, one.y, one.width, one.height), *size) else {
            let (width, height) = size;
            return Err(ApiError::invalid(format!(
                "a box lies beside the picture, which has {width} × {height} pixels; give x, y, width and height in it"
            )));
        };
        areas.push(area);
    }
    areas.sort_unstable();
    areas.dedup();
    Ok(areas)
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::TooMany => ApiError::invalid(refusal.to_string()),
        Refusal::Busy => {
            let mut error = ApiError::new(StatusCode::CONFLICT, "busy", refusal.to_string());
            error.retry_after_s = Some(1);
            error
        }
        Refusal::Unpaintable(_) => {
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unpaintable", refusal.to_string())
        }
        Refusal::App(error) => error.into(),
    }
}
