//! A server that speaks as much S3 as a blob store needs: one bucket in memory, every request signed with the right key.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub const KEY_ID: &str = "desk-key";

#[derive(Clone, Default)]
pub struct S3 {
    pub objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    uploads: Arc<Mutex<HashMap<String, BTreeMap<u32, Bytes>>>>,
    /// So many requests are answered with 503 before the next one works.
    pub refusals: Arc<AtomicUsize>,
    pub multiparts: Arc<AtomicUsize>,
}

type Asked = HashMap<String, String>;

impl S3 {
    /// Serves the bucket `desk`; returns the endpoint.
    pub async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/desk", axum::routing::get(list))
            .route("/desk/{*key}", axum::routing::any(object))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }
}

/// Why a request is not answered at all, if it is not.
fn refusal(s3: &S3, headers: &HeaderMap) -> Option<StatusCode> {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !signed.starts_with(&format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/")) {
        return Some(StatusCode::FORBIDDEN);
    }
    let spent = s3.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    spent.ok().map(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn list(State(s3): State<S3>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if let Some(status) = refusal(&s3, &headers) {
        return status.into_response();
    }
    let prefix = asked.get("prefix").cloned().unwrap_or_default();
    let objects = s3.objects.lock().unwrap();
    let items: String = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(key, bytes)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-22T12:00:00.000Z</LastModified><Size>{}</Size></Contents>",
                bytes.len()
            )
        })
        .collect();
    format!("<ListBucketResult>{items}</ListBucketResult>").into_response()
}

async fn object(
    State(s3): State<S3>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(status) = refusal(&s3, &headers) {
        return status.into_response();
    }
    match (method.as_str(), asked.get("uploadId")) {
        ("POST", None) => begin(&s3, &key),
        ("PUT", Some(upload)) => {
            let number = asked["partNumber"].parse().unwrap();
            s3.uploads.lock().unwrap().get_mut(upload).unwrap().insert(number, body);
            ([(header::ETAG, format!("\"{number}\""))], ()).into_response()
        }
        ("POST", Some(upload)) => {
            let parts = s3.uploads.lock().unwrap().remove(upload).unwrap();
            let whole: Vec<u8> = parts.into_values().flatten().collect();
            s3.objects.lock().unwrap().insert(key, whole.into());
            "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        ("PUT", None) => {
            s3.objects.lock().unwrap().insert(key, body);
            ([(header::ETAG, "\"whole\"")], ()).into_response()
        }
        ("DELETE", _) => {
            s3.objects.lock().unwrap().remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match s3.objects.lock().unwrap().get(&key) {
            Some(bytes) => part_of(bytes, &headers),
            None => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response(),
        },
    }
}

fn begin(s3: &S3, key: &str) -> Response {
    let id = format!("upload-{}", s3.multiparts.fetch_add(1, Ordering::SeqCst));
    s3.uploads.lock().unwrap().insert(id.clone(), BTreeMap::new());
    format!(
        "<InitiateMultipartUploadResult><Bucket>desk</Bucket><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
    )
    .into_response()
}

fn part_of(bytes: &Bytes, headers: &HeaderMap) -> Response {
    let about = [(header::ETAG, "\"whole\""), (header::LAST_MODIFIED, "Sun, 22 Nov 2026 12:00:00 GMT")];
    let Some(range) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else {
        return (about, bytes.clone()).into_response();
    };
    let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
    let end = end.min(bytes.len() - 1);
    let told = [(header::CONTENT_RANGE, format!("bytes {start}-{end}/{}", bytes.len()))];
    (StatusCode::PARTIAL_CONTENT, about, told, bytes.slice(start..=end)).into_response()
}
