//! A flow asks another system: what it is asked, and what becomes of every kind of answer.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::config::Connector;

use crate::{
    close_without_debts,
    guided::{flow, says, switch_on},
    support::{Desk, engines},
};

const PARCEL: &str = r#"
flow: parcel
version: 1
about: Says where an order is.
rollout: on
triggers: [first_message]
greeting: { en: "{notice}", it: "{notice}", es: "{notice}", pt: "{notice}", hi: "{notice}" }
steps:
  order:
    ask:
      text: { en: Which order?, it: Quale ordine?, es: ¿Qué pedido?, pt: Qual pedido?, hi: कौन सा ऑर्डर? }
      for: text
      save: order
  find:
    look_up: { in: { http: shop }, with: { order: "{order}" }, save: shop, found: told, missing: none }
  told:
    end: { text: { en: "It is {shop.state}.", it: "È {shop.state}.", es: "Está {shop.state}.", pt: "Está {shop.state}.", hi: "वह {shop.state} है।" } }
  none:
    end: { text: { en: "No such order.", it: "Non c'è.", es: "No existe.", pt: "Não existe.", hi: "नहीं मिला।" } }
"#;

/// The shop behind the connector.
async fn shop(headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given != "Bearer shop-token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match asked["order"].as_str() {
        Some("A-1") => Json(json!({ "state": "in viaggio", "parts": [1, 2] })).into_response(),
        Some("A-2") => StatusCode::NOT_FOUND.into_response(),
        Some("A-3") => "<html>Sign in</html>".into_response(),
        Some("A-4") => Json(json!({ "state": "x".repeat(70_000) })).into_response(),
        Some("A-5") => (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:1/")]).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[tokio::test]
async fn a_shop_is_asked_and_what_is_no_answer_goes_to_a_person() {
    for engine in engines() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(shop))).await });
        let desk = Desk::start_with(engine, |config| {
            let token = Some(SecretString::from("shop-token"));
            config.flows.connectors.insert("shop".to_owned(), Connector { url, token });
        })
        .await;
        desk.post("/flows", json!({ "source": PARCEL })).await;
        switch_on(&desk, "parcel").await;
        for (n, order) in (1..).zip(["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"]) {
            let customer = desk.customer(&format!("+39333111000{n}"), order).await;
            says(&desk, &customer, "Buongiorno").await;
            says(&desk, &customer, order).await;
            let tickets = desk.tickets().await;
            let ticket = tickets.iter().find(|ticket| ticket["contact"]["name"] == order).unwrap();
            let ending = flow(&desk, ticket).await["ending"].clone();
            let chat = desk.chat(&customer).await;
            let last = chat.last().unwrap()["text"].as_str().unwrap();
            match order {
                "A-1" => assert_eq!((&ending, last), (&json!("ended"), "È in viaggio.")),
                "A-2" => assert_eq!((&ending, last), (&json!("ended"), "Non c'è.")),
                _ => {
                    assert_eq!(ending, "handed_over", "{order}");
                    let transcript = desk.transcript(ticket).await;
                    assert!(transcript.contains(r#"why="look_up_failed""#), "{order}: {transcript}");
                }
            }
        }
        close_without_debts(desk).await;
    }
}
