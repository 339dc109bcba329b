//! What Meta knows about the account, and what a configuration must look like.

use std::sync::atomic::{AtomicUsize, Ordering};

use channels::whatsapp::client::{Client, SubscribedApp};
use serde_json::json;

use crate::graph::{Graph, answer, config};

#[tokio::test]
async fn reads_templates_page_by_page_and_skips_what_is_none() {
    let graph = Graph::start(|seen| {
        let template = |name: &str| json!({"id": "1", "name": name, "language": "it", "status": "APPROVED", "category": "UTILITY"});
        let page = if seen.line.contains("after=c1") {
            json!({"data": [template("b"), {"name": 7}], "paging": {"cursors": {"after": "c2"}}})
        } else {
            // The address of the next page is never asked as it stands.
            json!({"data": [template("a")], "paging": {"cursors": {"after": "c1"}, "next": "http://127.0.0.1:1/steal"}})
        };
        answer(200, page)
    })
    .await;
    let names: Vec<String> = graph.client().templates().await.unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(graph.seen()[0].line.starts_with("GET /v25.0/800000000000001/message_templates?fields="));
    assert_eq!(graph.seen().len(), 2);
}

#[tokio::test]
async fn an_endless_chain_of_pages_ends() {
    let page = AtomicUsize::new(0);
    let graph = Graph::start(move |_| {
        let after = page.fetch_add(1, Ordering::SeqCst).to_string();
        answer(200, json!({"data": [], "paging": {"cursors": {"after": after}, "next": "x"}}))
    })
    .await;
    assert_eq!(graph.client().templates().await, Ok(Vec::new()));
    assert_eq!(graph.seen().len(), 60);
}

#[tokio::test]
async fn reads_number_and_subscribed_apps() {
    let graph = Graph::start(|seen| {
        if seen.line.contains("subscribed_apps") {
            answer(
                200,
                json!({"data": [{"whatsapp_business_api_data": {"id": "67", "name": "Desk", "link": "x"}}, {"id": "68"}]}),
            )
        } else {
            answer(
                200,
                json!({
                    "id": "700000000000001", "display_phone_number": "+39 06 1234 5678",
                    "verified_name": "Officina", "quality_rating": "GREEN"
                }),
            )
        }
    })
    .await;
    let client = graph.client();
    let number = client.phone_number().await.unwrap();
    assert_eq!(number.verified_name.as_deref(), Some("Officina"));
    assert_eq!(number.status, None);
    let app = |id: &str, name: &str| SubscribedApp { id: id.to_owned(), name: name.to_owned() };
    assert_eq!(client.subscribed_apps().await.unwrap(), [app("67", "Desk"), app("68", "")]);
    client.subscribe().await.unwrap();
    let lines: Vec<String> = graph.seen().into_iter().map(|seen| seen.line).collect();
    assert!(lines[0].starts_with("GET /v25.0/700000000000001?fields=id%2Cdisplay_phone_number"), "{lines:?}");
    assert_eq!(lines[1], "GET /v25.0/800000000000001/subscribed_apps");
    assert_eq!(lines[2], "POST /v25.0/800000000000001/subscribed_apps");
}

#[test]
fn says_what_is_wrong_with_a_configuration() {
    type Spoil = fn(&mut channels::whatsapp::client::ClientConfig);
    let table: &[(Spoil, &str)] = &[
        (
            |c| c.base_url = "ftp://x.example".parse().unwrap(),
            "`base_url` is `ftp://x.example/`; write an address",
        ),
        (|c| c.base_url = "https://u@x.example".parse().unwrap(), "`base_url`"),
        (|c| c.base_url = "https://u:p@x.example".parse().unwrap(), "`base_url`"),
        (
            |c| c.base_url = "https://x.example/?a".parse().unwrap(),
            "`base_url` is `https://x.example/?a`; leave out",
        ),
        (|c| c.version = "25".to_owned(), "`version` is `25`; write a version such as v25.0"),
        (|c| c.version = "v25/..".to_owned(), "`version`"),
        (|c| c.phone_number_id = "+39 06".to_owned(), "`phone_number_id` is `+39 06`; copy the id"),
        (|c| c.waba_id = String::new(), "`waba_id` is ``; copy the id"),
        (|c| c.token = "".into(), "`token` is empty"),
        (|c| c.token = "a\nb".into(), "`token` is empty or has characters"),
        (|c| c.media_hosts = vec!["127.0.0.1:1".to_owned()], "`media_hosts` is `127.0.0.1:1`; write a host"),
    ];
    assert!(Client::new(config("https://graph.facebook.com")).is_ok());
    for (spoil, expected) in table {
        let mut config = config("https://graph.facebook.com");
        spoil(&mut config);
        let said = Client::new(config).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
    }
}
