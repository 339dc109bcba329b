//! Sending: what is known about a message after everything that can happen to the request.

use std::time::Duration;

use bytes::Bytes;
use channels::whatsapp::{
    client::{Accepted, Client, SendError},
    errors::Class,
    render::Recipient,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::graph::{Graph, TOKEN, answer, client, config, cut_off, graph_error, plain};

fn hello() -> Value {
    json!({"messaging_product": "whatsapp", "to": "+393331112223", "type": "text", "text": {"body": "ciao"}})
}

#[tokio::test]
async fn an_accepted_message_has_an_id() {
    let graph = Graph::start(|_| {
        answer(
            200,
            json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": "+393331112223", "wa_id": "393331112223", "user_id": "IT.44"}],
                "messages": [{"id": "wamid.O", "message_status": "accepted"}]
            }),
        )
    })
    .await;
    let accepted = graph.client().send(&hello()).await.unwrap();
    assert_eq!(
        accepted,
        Accepted {
            external_id: "wamid.O".to_owned(),
            message_status: Some("accepted".to_owned()),
            wa_id: Some("393331112223".to_owned()),
            user_id: Some("IT.44".to_owned()),
        }
    );
    let seen = graph.only();
    assert_eq!(seen.line, "POST /v25.0/700000000000001/messages");
    assert_eq!(seen.header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(seen.header("user-agent"), "Sportello/0.1.0");
    assert_eq!(seen.json(), hello());
}

#[tokio::test]
async fn a_refusal_says_its_class_and_how_long_to_wait() {
    let details = || {
        answer(
            400,
            json!({"error": {"message": "(#131056) Pair rate limit hit", "code": 131_056,
                "error_data": {"messaging_product": "whatsapp", "details": "Too many to one"}}}),
        )
    };
    let wait = || {
        let mut answer = graph_error(400, 130_429, None, "Rate limit hit");
        answer.headers_mut().insert("retry-after", "17".parse().unwrap());
        answer
    };
    let redirect = || {
        let mut answer = plain(302, "");
        answer.headers_mut().insert("location", "http://127.0.0.1:9/".parse().unwrap());
        answer
    };
    type Make = Box<dyn Fn() -> axum::response::Response + Send + Sync>;
    let table: Vec<(Make, Class, i64, &str, Option<u64>)> = vec![
        (Box::new(details), Class::RetryPair, 131_056, "Too many to one", None),
        (Box::new(wait), Class::Retry, 130_429, "Rate limit hit", Some(17)),
        (Box::new(|| graph_error(401, 190, None, "Expired")), Class::Credentials, 190, "Expired", None),
        (Box::new(|| graph_error(403, 131_005, None, "No")), Class::Operator, 131_005, "No", None),
        (Box::new(|| graph_error(400, 131_047, None, "24 h")), Class::NeedsTemplate, 131_047, "24 h", None),
        (Box::new(|| graph_error(200, 131_026, None, "No")), Class::Permanent, 131_026, "No", None),
        (Box::new(|| graph_error(500, 131_000, None, "Oops")), Class::Retry, 131_000, "Oops", None),
        (Box::new(|| graph_error(404, 132_001, None, "None")), Class::Permanent, 132_001, "None", None),
        (Box::new(redirect), Class::Operator, 302, "answered with a redirect", None),
        (Box::new(|| plain(429, "slow")), Class::Retry, 429, "HTTP 429 without an explanation", None),
        (Box::new(|| plain(403, "<html>")), Class::Operator, 403, "HTTP 403 without an explanation", None),
        (Box::new(|| plain(413, "")), Class::Permanent, 413, "HTTP 413 without an explanation", None),
    ];
    for (make, expected_class, expected_code, says, wait) in table {
        let graph = Graph::start(move |_| make()).await;
        let SendError::Refused { class, code, message, retry_after } =
            graph.client().send(&hello()).await.unwrap_err()
        else {
            panic!("{expected_code} is a refusal");
        };
        assert_eq!((class, code), (expected_class, expected_code));
        assert!(message.starts_with(says), "{message}");
        assert_eq!(retry_after, wait.map(Duration::from_secs), "{expected_code}");
        graph.only();
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_the_fate_unknown() {
    let cut = [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"messages\":[{\"id\":\"wamid.O\"}",
        "not http at all\r\n\r\n",
    ];
    for text in cut {
        let address = cut_off(text).await;
        let error = client(&format!("http://{address}")).send(&hello()).await.unwrap_err();
        assert!(matches!(error, SendError::Unknown { .. }), "{text:?}: {error:?}");
    }
    for (status, body) in
        [(200, "<html>"), (200, "{}"), (200, r#"{"messages":[]}"#), (500, ""), (502, "<html>"), (408, "")]
    {
        let graph = Graph::start(move |_| plain(status, body)).await;
        let error = graph.client().send(&hello()).await.unwrap_err();
        assert!(matches!(error, SendError::Unknown { .. }), "{status} {body}: {error:?}");
        assert_eq!(graph.seen().len(), 1, "never repeated by itself");
    }
}

#[tokio::test]
async fn no_answer_in_time_leaves_the_fate_unknown() {
    // Accepts (by the kernel's backlog) and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(&format!("http://{}", silent.local_addr().unwrap()));
    config.timeouts.call = Duration::from_millis(200);
    let error = Client::new(config).unwrap().send(&hello()).await.unwrap_err();
    assert_eq!(error, SendError::Unknown { why: "no answer in time".to_owned() });
}

#[tokio::test]
async fn an_answer_beyond_its_limit_is_not_read_to_its_end() {
    // What stands behind the blanks would mean something else.
    let graph = Graph::start(|seen| {
        let (status, blanks, end) = if seen.line.contains("subscribed_apps") {
            (200, 3 * 1024 * 1024, json!({"data": []}))
        } else {
            (400, 65 * 1024, json!({"error": {"code": 131_047, "message": "late"}}))
        };
        let mut answer = axum::response::Response::new(format!("{}{end}", " ".repeat(blanks)).into());
        *answer.status_mut() = axum::http::StatusCode::from_u16(status).unwrap();
        answer
    })
    .await;
    let error = graph.client().subscribed_apps().await.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
    let error = graph.client().send(&hello()).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { code: 400, .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_never_was_sent_nothing() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    for base in [format!("http://{closed}"), "http://nowhere.invalid".to_owned()] {
        let error = client(&base).send(&hello()).await.unwrap_err();
        assert!(matches!(error, SendError::Unreachable { .. }), "{base}: {error:?}");
    }
}

#[tokio::test]
async fn the_token_appears_in_no_error_and_no_debug_output() {
    let graph = Graph::start(|_| graph_error(401, 190, None, "Malformed access token EAAGsecretToken")).await;
    let client = graph.client();
    let error = client.send(&hello()).await.unwrap_err();
    let said = format!("{error} {error:?} {client:?}");
    assert!(said.contains("Malformed access token [token]"), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn uploads_under_a_name_and_type_that_meta_understands() {
    let graph = Graph::start(|_| answer(200, json!({"id": "1234567890"}))).await;
    let id = graph.client().upload("note.opus", "audio/ogg", Bytes::from_static(b"OggS...")).await.unwrap();
    assert_eq!(id, "1234567890");
    let seen = graph.only();
    assert_eq!(seen.line, "POST /v25.0/700000000000001/media");
    assert!(seen.header("content-type").starts_with("multipart/form-data; boundary="));
    assert!(seen.headers.contains_key("content-length"), "Meta does not take chunked uploads for granted");
    let body = String::from_utf8(seen.body.to_vec()).unwrap();
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
        "name=\"type\"\r\n\r\naudio/ogg; codecs=opus\r\n",
        "name=\"file\"; filename=\"voice.ogg\"\r\nContent-Type: audio/ogg; codecs=opus\r\n",
        "\r\n\r\nOggS...\r\n",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn an_upload_may_take_longer_than_an_idle_connection() {
    let graph = Graph::start(|_| answer(200, json!({"id": "1"}))).await;
    let mut config = config(&graph.url(""));
    config.timeouts.idle = Duration::from_millis(1);
    let file = Bytes::from(vec![0; 32 * 1024 * 1024]);
    let id = Client::new(config).unwrap().upload("film.mp4", "video/mp4", file).await;
    assert_eq!(id, Ok("1".to_owned()));
}

#[tokio::test]
async fn an_upload_with_an_unusable_answer_or_type_is_told_apart() {
    let graph = Graph::start(|_| answer(200, json!({"id": "../1"}))).await;
    let upload = |mime: &'static str| {
        let client = graph.client();
        async move { client.upload("a.pdf", mime, Bytes::from_static(b"%PDF")).await.unwrap_err() }
    };
    assert!(matches!(upload("application/pdf").await, SendError::Unknown { .. }));
    assert!(matches!(upload("no type").await, SendError::Unreachable { .. }));
}

#[tokio::test]
async fn marks_as_read_and_blocks() {
    let graph = Graph::start(|_| answer(200, json!({"success": true}))).await;
    let client = graph.client();
    client.mark_read("wamid.A", false).await.unwrap();
    client.mark_read("wamid.A", true).await.unwrap();
    let users = [Recipient::Phone("393331112223".to_owned()), Recipient::UserId("IT.44".to_owned())];
    client.block_users(&users).await.unwrap();
    client.unblock_users(&users).await.unwrap();
    let seen = graph.seen();
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"});
    assert_eq!(seen[0].json(), read);
    assert_eq!(seen[1].json()["typing_indicator"], json!({"type": "text"}));
    let blocked = json!({"messaging_product": "whatsapp", "block_users": [{"user": "+393331112223"}, {"user_id": "IT.44"}]});
    assert_eq!(
        (seen[2].line.as_str(), seen[2].json()),
        ("POST /v25.0/700000000000001/block_users", blocked.clone())
    );
    assert_eq!(
        (seen[3].line.as_str(), seen[3].json()),
        ("DELETE /v25.0/700000000000001/block_users", blocked)
    );
}
