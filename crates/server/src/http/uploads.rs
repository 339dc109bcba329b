//! Uploads that answers will carry. Nothing of the sender's word is believed but the file's name.

use axum::{
    Json,
    extract::{Multipart, State, multipart::Field},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};
use store::{StoreError, attachments::Attachment as Row};
use utoipa::ToSchema;

use super::{
    Web,
    attachments::{row, told},
    auth::Caller,
    error::{ApiError, ApiResult},
    types::Attachment,
};
use crate::{
    app::App,
    uploads::{self, HEAD_BYTES, Kept},
};

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a multipart form to the API document")]
pub struct UploadForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A file to be sent with a later message. Nothing of the sender's word is believed but its name.
#[utoipa::path(post, path = "/api/v1/uploads", tag = "attachments", request_body(content = UploadForm, content_type = "multipart/form-data"), responses((status = 201, body = Attachment)))]
pub async fn upload(State(web): State<Web>, caller: Caller, mut form: Multipart) -> ApiResult<Response> {
    while let Some(field) = form.next_field().await.map_err(|e| unreadable(&e))? {
        if field.name() == Some("file") {
            let row = keep(&web.app, field).await?;
            return Ok((StatusCode::CREATED, Json(told(&web.app, &caller, row).await?)).into_response());
        }
    }
    Err(ApiError::invalid("the form has no field `file`"))
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> ApiError {
    ApiError::new(error.status(), "upload", format!("the upload could not be read: {}", error.body_text()))
}

/// What became of the file is all that whoever sends it needs; why it did is for the log and the system's page.
fn not_kept(app: &App, error: StoreError) -> ApiError {
    if !error.is_of_files() {
        return error.into();
    }
    app.health.files_failed(&error);
    tracing::warn!(%error, "an upload could not be kept");
    ApiError::files(
        "The file was not taken, because the place where files are kept does not answer for the moment. It is still with you; send it again in a moment",
    )
}

async fn keep(app: &App, mut field: Field<'_>) -> ApiResult<Row> {
    let file_name =
        field.file_name().map(|name| name.chars().filter(|c| !c.is_control()).take(240).collect::<String>());
    let mut writer = app.blobs.create(app.clock.now()).await?;
    let mut hash = Sha256::new();
    let mut head = Vec::new();
    loop {
        let part = match field.chunk().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => {
                writer.abort().await;
                return Err(unreadable(&error));
            }
        };
        hash.update(&part);
        let room = HEAD_BYTES.saturating_sub(head.len());
        head.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        if let Err(error) = writer.push(&part).await {
            writer.abort().await;
            return Err(not_kept(app, error));
        }
    }
    let written = writer.finish().await.map_err(|error| not_kept(app, error))?;
    let kept = Kept {
        written: &written,
        sha256: &hex::encode(hash.finalize()),
        head: &head,
        file_name: file_name.as_deref(),
    };
    let id = uploads::keep(app, &kept).await?;
    row(app, &id).await
}
