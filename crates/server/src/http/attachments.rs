//! Files: their state and their bytes.

pub(super) mod listing;
pub(super) mod redaction;
pub(super) mod sight;

use axum::{
    Json,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::TryStreamExt as _;
use model::{
    attachment::State as FileState,
    ids::{AttachmentId, BlobId},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use store::{
    attachments::{self as files, Attachment as Row},
    audit, findings,
    jobs::{self, NewJob},
    redactions,
};
use utoipa::IntoParams;

use self::sight::{Known, Wanted};
use super::{
    Web,
    access::{Reached, reach},
    auth::Caller,
    error::{ApiError, ApiResult},
    types::{self, Attachment},
};
use crate::{
    app::App,
    clamd,
    jobs::{MediaFetch, MediaRender},
};

pub(super) async fn row(app: &App, id: &AttachmentId) -> ApiResult<Row> {
    files::get(&app.db, id).await?.ok_or_else(|| ApiError::not_found("attachment"))
}

pub(super) async fn told(app: &App, caller: &Caller, row: Row) -> ApiResult<Attachment> {
    types::attachments(&app.db, vec![row], &caller.rights)
        .await?
        .pop()
        .ok_or_else(|| ApiError::not_found("attachment"))
}

#[utoipa::path(get, path = "/api/v1/attachments/{id}", tag = "attachments", params(("id" = String, Path)), responses((status = 200, body = Attachment)))]
pub async fn get(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<AttachmentId>,
) -> ApiResult<Json<Attachment>> {
    let row = row(&web.app, &id).await?;
    told(&web.app, &caller, row).await.map(Json)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContentQuery {
    /// `thumb`, `view` (both with personal data black, where the configuration says so), `view_unmasked`, `page-1` and on (of a document) or `original`. Default: `view`.
    pub rendition: Option<String>,
}

/// What is to be sent of a file.
struct Chosen {
    blob_id: BlobId,
    mime_type: String,
    size_bytes: u64,
    is_original: bool,
    /// What is written down about this look.
    audited: Option<&'static str>,
    cached: &'static str,
}

/// Bytes of a file. Renditions are shown; the original is only ever downloaded, and that is written down, as is a look behind a mask.
#[utoipa::path(get, path = "/api/v1/attachments/{id}/content", tag = "attachments", params(("id" = String, Path), ContentQuery), responses((status = 200, content_type = "application/octet-stream"), (status = 206, description = "with a Range header")))]
pub async fn content(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<AttachmentId>,
    Query(query): Query<ContentQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let app = &*web.app.clone();
    let row = row(app, &id).await?;
    if is_revoked(app, &row).await? {
        return Err(ApiError::new(StatusCode::GONE, "revoked", "the customer took this message back"));
    }
    let name = query.rendition.as_deref().unwrap_or("view");
    let chosen = choose(app, &caller, &row, name).await?;
    if let Some(look) = chosen.audited {
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        audit::add(&mut tx, &app.ids, &caller.name, look, row.id.as_str(), "", now).await?;
        tx.commit().await?;
    }
    let range = match headers.get(header::RANGE).and_then(|v| v.to_str().ok()) {
        None => None,
        Some(text) => Some(range(text, chosen.size_bytes).ok_or_else(|| unsatisfiable(chosen.size_bytes))?),
    };
    let wanted = range.clone().unwrap_or(0..chosen.size_bytes);
    let stream = app.blobs.read(&app.db, &chosen.blob_id, wanted.clone()).await;
    let stream = stream.inspect_err(|error| app.health.files_failed(error))?;
    // The answer is under way by then: who asked sees it break off, and the reason is here.
    let stream = stream.inspect_err(move |error| {
        web.app.health.files_failed(error);
        tracing::warn!(%error, "a file broke off while it was sent");
    });
    let mut response = Response::new(Body::from_stream(stream));
    let out = response.headers_mut();
    out.insert(header::CONTENT_LENGTH, (wanted.end - wanted.start).into());
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(header::CONTENT_TYPE, content_type(&chosen.mime_type));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(chosen.cached));
    if chosen.is_original && !plays_inline(&chosen.mime_type) {
        out.insert(header::CONTENT_DISPOSITION, disposition(&row, &chosen.mime_type));
    }
    if let Some(range) = range {
        let text = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), chosen.size_bytes);
        out.insert(
            header::CONTENT_RANGE,
            HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("bytes */*")),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

pub(super) async fn is_revoked(app: &App, row: &Row) -> ApiResult<bool> {
    let Some(message) = &row.message_id else { return Ok(false) };
    Ok(store::messages::get(&app.db, message).await?.is_some_and(|message| message.revoked_at.is_some()))
}

async fn choose(app: &App, caller: &Caller, row: &Row, name: &str) -> ApiResult<Chosen> {
    let said = findings::current(&app.db, &row.id).await?;
    let is_redacted = !redactions::of(&app.db, &row.id).await?.is_empty();
    let known = Known { said: said.as_ref(), masks: &app.config.analysis.mask, is_redacted };
    let all = files::renditions(&app.db, &[row.id.as_str()]).await?;
    if name == "original" {
        let is_masked = all.iter().any(|rendition| files::MASKED.contains(&rendition.name.as_str()));
        sight::check(caller, row, &known, Wanted::Original { is_masked })?;
        refuse_malware(said.as_ref())?;
        let blob_id = row.blob_id.clone().ok_or_else(|| not_here(row))?;
        let mime_type = row.mime_type.clone().unwrap_or_default();
        let size_bytes = u64::try_from(row.size_bytes.unwrap_or(0)).unwrap_or(0);
        let audited = Some("attachment.original");
        return Ok(Chosen { blob_id, mime_type, size_bytes, is_original: true, audited, cached: KEPT });
    }
    let (plain, wants_unmasked) = match name {
        "thumb" | "view" => (name, false),
        "view_unmasked" => ("view", true),
        page if is_page(page) => (page, false),
        _ => {
            return Err(ApiError::invalid(format!(
                "rendition is `{name}`; thumb, view, view_unmasked, page-1 (of a document) or original is needed"
            )));
        }
    };
    let named = |name: &str| all.iter().find(|rendition| rendition.name == name).cloned();
    let masked = files::MASKED.into_iter().find(|masked| masked.starts_with(plain)).and_then(named);
    let is_masked = masked.is_some();
    let wanted = match (is_masked, wants_unmasked) {
        (true, false) => Wanted::Masked,
        (true, true) => Wanted::Unmasked,
        (false, _) => Wanted::Plain,
    };
    sight::check(caller, row, &known, wanted)?;
    let found = masked.filter(|_| !wants_unmasked).or_else(|| named(plain)).ok_or_else(|| not_here(row))?;
    // While it is still being looked at, it may be masked in a moment.
    let is_settled = said.as_ref().is_none_or(|said| said.is_complete);
    Ok(Chosen {
        blob_id: found.blob_id,
        mime_type: found.mime_type,
        size_bytes: u64::try_from(found.size_bytes).unwrap_or(0),
        is_original: false,
        audited: (wants_unmasked && is_masked).then_some("attachment.unmasked"),
        cached: if is_settled && !wants_unmasked { KEPT } else { NOT_KEPT },
    })
}

/// A file goes out as it came: who may not see it so may not send it.
pub(super) async fn may_send(app: &App, caller: &Caller, row: &Row) -> ApiResult<()> {
    if row.ticket_id.is_some() {
        reach(&app.db, caller, &row.id).await?;
        choose(app, caller, row, "original").await?;
    }
    Ok(())
}

fn is_page(name: &str) -> bool {
    name.strip_prefix("page-").is_some_and(|number| number.parse::<u32>().is_ok())
}

fn refuse_malware(said: Option<&findings::Kept>) -> ApiResult<()> {
    let known = said.and_then(|said| said.analysis.findings.iter().find_map(clamd::known));
    known.map_or(Ok(()), |signature| {
        let why =
            format!("ClamAV knows this file as “{signature}”: it is kept sealed, and it is not handed out");
        Err(ApiError::new(StatusCode::FORBIDDEN, "malware", why))
    })
}

/// The browser of the person who may see it keeps it; nobody in between does.
const KEPT: &str = "private, max-age=3600";
const NOT_KEPT: &str = "no-store";

fn not_here(row: &Row) -> ApiError {
    let why = row.reason.clone().unwrap_or_else(|| match FileState::parse(&row.state) {
        Some(FileState::Pending | FileState::Fetched) => {
            "it is being fetched; try again in a moment".to_owned()
        }
        _ => "there is no such rendition of this file".to_owned(),
    });
    ApiError::new(StatusCode::NOT_FOUND, "not_available", why)
}

/// Sound and film are played in the page, whose policy keeps everything else from running.
fn plays_inline(mime: &str) -> bool {
    matches!(
        base(mime),
        "audio/ogg"
            | "audio/mpeg"
            | "audio/mp4"
            | "audio/aac"
            | "audio/amr"
            | "audio/wav"
            | "audio/webm"
            | "video/mp4"
            | "video/3gpp"
            | "video/webm"
            | "video/quicktime"
    )
}

/// The type without its parameters.
pub(super) fn base(mime: &str) -> &str {
    mime.split(';').next().unwrap_or_default().trim()
}

/// Only types that were told from the bytes; markup is never called what a browser would run.
fn content_type(mime: &str) -> HeaderValue {
    if matches!(
        mime,
        "text/html" | "image/svg+xml" | "application/xhtml+xml" | "text/xml" | "application/xml" | ""
    ) {
        return HeaderValue::from_static("application/octet-stream");
    }
    HeaderValue::from_str(mime).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// Always a download, under a name that no header can be split with.
fn disposition(row: &Row, mime: &str) -> HeaderValue {
    let name = row.file_name.as_deref().and_then(plain_name);
    let name = name.unwrap_or_else(|| format!("{}.{}", row.kind, extension(mime)));
    let encoded = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// The sender's name for a file without what could hide its ending or leave its folder; `None` when nothing is left.
fn plain_name(name: &str) -> Option<String> {
    let kept = name.chars().filter(|c| !c.is_control() && !is_invisible(*c) && !matches!(c, '/' | '\\'));
    let kept: String = kept.collect();
    let kept = kept.trim_start_matches(['.', ' ']).trim_end();
    // The ending tells people what they open: of a long name the middle goes.
    let cut = kept.chars().count().saturating_sub(NAME_CHARS_MAX);
    let ending = kept.rsplit_once('.').map_or(0, |(_, ending)| ending.chars().count() + 1);
    let ending = ending.min(ENDING_CHARS_MAX);
    let head: String = kept.chars().take(NAME_CHARS_MAX - ending).collect();
    let name = if cut == 0 {
        kept.to_owned()
    } else {
        head.chars().chain(kept.chars().skip(NAME_CHARS_MAX + cut - ending)).collect()
    };
    (!name.is_empty()).then_some(name)
}

const NAME_CHARS_MAX: usize = 120;
const ENDING_CHARS_MAX: usize = 12;

/// Characters that show nothing or turn the writing around: `gpj.exe` must not look like `exe.jpg`.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

fn extension(mime: &str) -> &str {
    match mime {
        "image/jpeg" => "jpg",
        "audio/mpeg" => "mp3",
        "text/plain" => "txt",
        _ => mime.rsplit(['/', '+', '.', '-']).next().filter(|e| e.len() <= 5).unwrap_or("bin"),
    }
}

/// One range of bytes, as browsers ask for when they seek.
fn range(text: &str, size: u64) -> Option<std::ops::Range<u64>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (from.trim(), to.trim()) {
        ("", suffix) => size.saturating_sub(suffix.parse().ok()?)..size,
        (from, "") => from.parse().ok()?..size,
        (from, to) => from.parse().ok()?..to.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    (range.start < range.end).then_some(range)
}

fn unsatisfiable(size: u64) -> ApiError {
    ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", format!("the file has {size} bytes"))
}

/// A person wants another try at a file that did not come.
#[utoipa::path(post, path = "/api/v1/attachments/{id}/retry", tag = "attachments", params(("id" = String, Path)), responses((status = 200, body = Attachment)))]
pub async fn retry(
    State(web): State<Web>,
    caller: Caller,
    Reached(id): Reached<AttachmentId>,
) -> ApiResult<Json<Attachment>> {
    let app = &web.app;
    let row_before = row(app, &id).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if files::again(&mut tx, &id, now).await? {
        if row_before.blob_id.is_some() {
            let payload = MediaRender { attachment_id: id.clone() };
            order(&mut tx, app, MediaRender::KIND, &MediaRender::key(&id), &payload).await?;
        } else {
            let payload = MediaFetch { attachment_id: id.clone() };
            order(&mut tx, app, MediaFetch::KIND, &MediaFetch::key(&id), &payload).await?;
        }
        if let Some(ticket) = &row_before.ticket_id {
            store::events::add(
                &mut tx,
                &app.ids,
                ticket,
                "attachment.retried",
                caller.user_id(),
                &serde_json::json!({ "attachment_id": id }),
                now,
            )
            .await?;
        }
    }
    tx.commit().await?;
    let row = row(app, &id).await?;
    told(app, &caller, row).await.map(Json)
}

/// Has a job run at once, in place of the dead letters of the same work.
async fn order<P: Serialize>(
    tx: &mut store::Tx,
    app: &App,
    kind: &str,
    key: &str,
    payload: &P,
) -> ApiResult<()> {
    let now = app.clock.now();
    jobs::forget_dead(tx, kind, payload).await?;
    let job = NewJob { kind, payload, run_at: now, dedup_key: Some(key) };
    if !jobs::enqueue(tx, &app.ids, now, job).await? {
        jobs::hasten(tx, key, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn reads_the_ranges_that_browsers_send() {
        for (text, expect) in [
            ("bytes=0-", Some(0..100)),
            ("bytes=10-19", Some(10..20)),
            ("bytes=90-500", Some(90..100)),
            ("bytes=-5", Some(95..100)),
            ("bytes=100-", None),
            ("bytes=5-4", None),
            ("chunks=1-2", None),
            ("bytes=a-b", None),
        ] {
            assert_eq!(range(text, 100), expect, "{text}");
        }
    }
}
