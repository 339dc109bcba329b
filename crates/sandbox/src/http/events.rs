//! Server-sent events: they say where there is news, the page fetches it.

use std::convert::Infallible;

use axum::{
    extract::State as Extract,
    response::{
        IntoResponse,
        sse::{Event as Sse, KeepAlive, Sse as Stream},
    },
};
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::app::{self, App, Event};

pub async fn stream(Extract(app): Extract<App>) -> impl IntoResponse {
    let events = stream::unfold(app.listen(), |mut receiver| async move {
        let event = match receiver.recv().await {
            Ok(event) => event,
            // Too slow a reader refetches everything.
            Err(RecvError::Lagged(_)) => Event::State,
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(written(&event)), receiver))
    });
    let until_stop = events.take_until(app::until_stopped(app.stopped.clone()));
    Stream::new(until_stop).keep_alive(KeepAlive::default())
}

fn written(event: &Event) -> Sse {
    let (name, data) = match event {
        Event::Chat(id) => ("chat", json!({ "customer_id": id })),
        Event::Typing(id) => ("typing", json!({ "customer_id": id })),
        Event::State => ("state", json!({})),
    };
    Sse::default().event(name).data(data.to_string())
}
