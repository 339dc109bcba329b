//! A customer fills in a form, and the network on which its files lie.

use axum::{
    Json,
    extract::{Multipart, Path, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::control::Refusal;
use crate::{
    app::{App, Event},
    forms::{self, Filled},
    graph::ranged,
    knobs::FormFault,
    phone::draft::Attached,
};

const FIELDS_MAX: usize = 60;
const WORDS_MAX: usize = 16 * 1_024;

/// The fields are the inputs of the form, by name; a picker's files are parts of its name.
pub async fn fill(
    Extract(app): Extract<App>,
    Path((id, wamid)): Path<(String, String)>,
    form: Multipart,
) -> Result<Json<Value>, Refusal> {
    let _permit = app.uploads.acquire().await.ok();
    let filled = read(form).await?;
    let sent = forms::fill(&app, &id, &wamid, filled).await.map_err(Refusal::bad)?;
    app.tell(Event::Chat(id));
    app.tell(Event::State);
    Ok(Json(serde_json::to_value(sent).unwrap_or_default()))
}

async fn read(mut form: Multipart) -> Result<Filled, Refusal> {
    let mut filled = Filled::default();
    while let Some(field) = form.next_field().await.map_err(|e| Refusal(e.status(), e.body_text()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let mime_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|e| Refusal(e.status(), e.body_text()))?;
        if file_name.is_some() {
            filled.files.push((name, Attached { file_name, mime_type, bytes }));
        } else if bytes.len() <= WORDS_MAX {
            filled.words.insert(name, String::from_utf8_lossy(&bytes).into_owned().into());
        } else {
            return Err(Refusal::bad(format!("{name} is longer than {WORDS_MAX} bytes")));
        }
        if filled.files.len() + filled.words.len() > FIELDS_MAX {
            return Err(Refusal::bad(format!("a form has at most {FIELDS_MAX} fields and files")));
        }
    }
    Ok(filled)
}

/// `GET /cdn/{id}.enc`: nobody is asked for a token, the bytes are sealed.
pub async fn sealed(Extract(app): Extract<App>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let state = app.state();
    if state.meta.knobs.form == FormFault::Html {
        let page = "<!doctype html><title>Log in</title><p>Please log in to continue.</p>";
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    let now = app.now_at(state.meta.clock_offset_s);
    let id = name.strip_suffix(".enc").unwrap_or_default();
    let media = state.alive_media(now, id).cloned();
    match media.and_then(|media| Some((state.bytes.read(&media.id)?, media))) {
        Some((bytes, media)) => ranged(&media, bytes, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
