//! Fetching files: from an id to an address to bytes, through everything that goes wrong or is done on purpose.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::Response,
};
use channels::whatsapp::{
    client::{Client, Descriptor, FetchError, Refusal},
    errors::Class,
};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::graph::{Graph, TOKEN, answer, client, config, cut_off, graph_error, plain};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const LIMIT: u64 = 1_000_000;

/// The whole file, or the first error on the way.
async fn fetch(client: &Client, url: &str) -> Result<Vec<u8>, FetchError> {
    let mut download = client.download(url, LIMIT).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = download.bytes.next().await {
        bytes.extend_from_slice(&chunk?);
        assert!(u64::try_from(bytes.len()).unwrap() <= LIMIT);
    }
    Ok(bytes)
}

#[tokio::test]
async fn resolves_an_id_in_every_writing_of_the_answer() {
    for (sha256, size) in
        [(json!(HEX), json!(1_234)), (json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), json!("1234"))]
    {
        let graph = Graph::start(move |_| {
            answer(
                200,
                json!({
                    "messaging_product": "whatsapp", "url": "https://lookaside.fbsbx.com/x", "mime_type": "image/jpeg",
                    "sha256": sha256, "file_size": size, "id": "555"
                }),
            )
        })
        .await;
        let expected = Descriptor {
            url: "https://lookaside.fbsbx.com/x".to_owned(),
            mime_type: Some("image/jpeg".to_owned()),
            sha256: Some(HEX.to_owned()),
            file_size: Some(1_234),
        };
        assert_eq!(graph.client().resolve("555").await, Ok(expected));
        assert_eq!(graph.only().line, "GET /v25.0/555?phone_number_id=700000000000001");
    }
}

#[tokio::test]
async fn a_failed_look_up_says_what_to_do() {
    let gone = "Unsupported get request. Object with ID '555' does not exist";
    type Make = fn() -> Response<Body>;
    let busy = |secs: Option<u64>| FetchError::Busy { retry_after: secs.map(Duration::from_secs) };
    let credentials = FetchError::Credentials { code: 190, message: "Expired".to_owned() };
    let table: Vec<(Make, FetchError)> = vec![
        (|| graph_error(400, 100, Some(33), "Unsupported get request"), FetchError::Gone),
        (|| graph_error(401, 190, None, "Expired"), credentials.clone()),
        (|| graph_error(200, 190, None, "Expired"), credentials),
        (|| graph_error(500, 131_000, None, "Oops"), busy(None)),
        (|| plain(503, ""), busy(None)),
        (
            || {
                let mut answer = graph_error(400, 4, None, "Limit");
                answer.headers_mut().insert("retry-after", "9".parse().unwrap());
                answer
            },
            busy(Some(9)),
        ),
        (
            || graph_error(400, 100, None, "Invalid parameter"),
            FetchError::Rejected {
                class: Class::Permanent,
                code: 100,
                message: "Invalid parameter".to_owned(),
            },
        ),
        (
            || graph_error(403, 10, None, "Permission"),
            FetchError::Rejected { class: Class::Operator, code: 10, message: "Permission".to_owned() },
        ),
        (|| plain(301, ""), FetchError::Refused(Refusal::Redirect)),
        (|| plain(200, "{}"), FetchError::Network { why: "the answer names no address".to_owned() }),
        (
            || plain(200, "<html>"),
            FetchError::Network { why: "the answer was cut off or is not JSON".to_owned() },
        ),
    ];
    assert!(gone.contains("555"));
    for (make, expected) in table {
        let graph = Graph::start(move |_| make()).await;
        assert_eq!(graph.client().resolve("555").await, Err(expected));
    }
    for id in ["", "../me", "1?x", "1/2", "è", &"1".repeat(129)] {
        let refused = client("http://127.0.0.1:1").resolve(id).await;
        assert_eq!(refused, Err(FetchError::Refused(Refusal::NotAMediaId)), "{id}");
    }
}

#[tokio::test]
async fn downloads_bytes_with_our_token_and_name() {
    let graph = Graph::start(|_| {
        let mut answer = plain(200, "bytes of a photo");
        answer.headers_mut().insert("content-type", "image/jpeg".parse().unwrap());
        answer
    })
    .await;
    let client = graph.client();
    let url = graph.url("/media/1?hash=x");
    let download = client.download(&url, LIMIT).await.unwrap();
    assert_eq!((download.content_type.as_deref(), download.length), (Some("image/jpeg"), Some(16)));
    drop(download);
    assert_eq!(fetch(&client, &url).await.unwrap(), b"bytes of a photo");
    let seen = &graph.seen()[0];
    assert_eq!(seen.line, "GET /media/1?hash=x");
    assert_eq!(seen.header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(seen.header("user-agent"), "Sportello/0.1.0");
    assert_eq!(seen.header("accept-encoding"), "identity");
}

#[tokio::test]
async fn a_host_that_does_not_know_us_gets_a_second_try_under_a_known_name() {
    let graph = Graph::start(|seen| {
        if seen.header("user-agent").starts_with("curl/") { plain(200, "voice") } else { plain(403, "") }
    })
    .await;
    assert_eq!(fetch(&graph.client(), &graph.url("/media/1")).await.unwrap(), b"voice");
    assert_eq!(graph.seen().len(), 2);
}

#[tokio::test]
async fn every_answer_but_200_is_no_file() {
    type Make = fn() -> Response<Body>;
    let busy = |secs: Option<u64>| FetchError::Busy { retry_after: secs.map(Duration::from_secs) };
    let table: Vec<(Make, FetchError, usize)> = vec![
        (|| plain(404, ""), FetchError::LinkExpired, 2),
        (|| plain(410, ""), FetchError::LinkExpired, 2),
        (|| plain(403, "URL signature expired"), FetchError::LinkExpired, 2),
        (|| graph_error(401, 190, None, "Expired"), FetchError::LinkExpired, 2),
        (|| graph_error(400, 100, Some(33), "Gone"), FetchError::Gone, 2),
        (|| plain(429, ""), busy(None), 1),
        (|| plain(500, ""), busy(None), 1),
        (
            || {
                let mut answer = plain(503, "");
                answer.headers_mut().insert("retry-after", "30".parse().unwrap());
                answer
            },
            busy(Some(30)),
            1,
        ),
        (|| plain(204, ""), FetchError::Network { why: "HTTP 204 No Content".to_owned() }, 1),
        (|| plain(206, "half"), FetchError::Network { why: "HTTP 206 Partial Content".to_owned() }, 1),
    ];
    for (make, expected, tries) in table {
        let graph = Graph::start(move |_| make()).await;
        let error = fetch(&graph.client(), &graph.url("/media/1")).await.unwrap_err();
        assert_eq!((error, graph.seen().len()), (expected, tries));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let inside = Graph::start(|_| plain(200, "secret of the inside")).await;
    let target = inside.url("/latest/meta-data/");
    let graph = Graph::start(move |_| {
        let mut answer = plain(302, "");
        answer.headers_mut().insert("location", target.parse().unwrap());
        answer
    })
    .await;
    let error = fetch(&graph.client(), &graph.url("/media/1")).await.unwrap_err();
    assert_eq!(error, FetchError::Refused(Refusal::Redirect));
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn peer_cve_2024_39713_nothing_is_asked_of_a_host_that_is_not_listed() {
    let inside = Graph::start(|_| plain(200, "secret of the inside")).await;
    let graph = Graph::start(|_| plain(200, "")).await;
    let client = graph.client();
    let port = inside.address.port();
    for (url, refusal) in [
        (inside.url("/"), Refusal::PrivateAddress),
        (format!("http://2130706433:{port}/"), Refusal::PrivateAddress),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), Refusal::PrivateAddress),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), Refusal::PrivateAddress),
        (format!("http://localhost:{port}/"), Refusal::Host),
        ("https://evil.example/".to_owned(), Refusal::Host),
        ("http://lookaside.fbsbx.com/".to_owned(), Refusal::NotHttps),
        ("file:///etc/passwd".to_owned(), Refusal::NotAUrl),
    ] {
        assert_eq!(fetch(&client, &url).await, Err(FetchError::Refused(refusal)), "{url}");
    }
    assert!(inside.seen().is_empty() && graph.seen().is_empty());
}

#[tokio::test]
async fn a_further_origin_is_trusted_when_the_operator_names_it() {
    let cdn = Graph::start(|_| plain(200, "photo")).await;
    let mut config = config("https://graph.facebook.com");
    config.media_hosts = vec![cdn.url("")];
    assert_eq!(fetch(&Client::new(config).unwrap(), &cdn.url("/1")).await.unwrap(), b"photo");
}

#[tokio::test]
async fn an_endless_file_ends_at_the_limit() {
    let graph = Graph::start(|_| {
        let endless =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 65_536])));
        Response::new(Body::from_stream(endless))
    })
    .await;
    let error = fetch(&graph.client(), &graph.url("/media/1")).await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge { limit: LIMIT });
}

#[tokio::test]
async fn a_file_that_says_it_is_too_large_is_not_begun() {
    let address = cut_off("HTTP/1.1 200 OK\r\ncontent-length: 1000001\r\n\r\n").await;
    let client = client(&format!("http://{address}"));
    let error = client.download(&format!("http://{address}/1"), LIMIT).await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge { limit: LIMIT });
    let exact = Graph::start(|_| Response::new(Body::from(vec![0; 1_000_000]))).await;
    assert_eq!(fetch(&exact.client(), &exact.url("/1")).await.unwrap().len(), 1_000_000);
}

#[tokio::test]
async fn a_file_that_breaks_off_or_stalls_is_an_error_not_a_short_file() {
    for cut in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nonly this\r\n",
    ] {
        let address = cut_off(cut).await;
        let error =
            fetch(&client(&format!("http://{address}")), &format!("http://{address}/1")).await.unwrap_err();
        assert!(matches!(error, FetchError::Network { .. }), "{error:?}");
    }
    let graph = Graph::start(|_| {
        let first = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"first"))]);
        Response::new(Body::from_stream(first.chain(futures_util::stream::pending())))
    })
    .await;
    let mut config = config(&graph.url(""));
    config.timeouts.idle = Duration::from_millis(100);
    config.timeouts.transfer = Duration::from_secs(60 * 60);
    let (client, url) = (Client::new(config).unwrap(), graph.url("/1"));
    let stalled = tokio::time::timeout(Duration::from_secs(20), fetch(&client, &url)).await;
    let error = stalled.unwrap().unwrap_err();
    assert_eq!(error, FetchError::Network { why: "no answer in time".to_owned() });
}

#[tokio::test]
async fn errors_do_not_repeat_the_signed_address() {
    let address = cut_off("").await;
    let url = format!("http://{address}/1?hash=signature");
    let error = fetch(&client(&format!("http://{address}")), &url).await.unwrap_err();
    assert!(matches!(error, FetchError::Network { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("signature"));
}
