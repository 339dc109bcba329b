//! Live updates: server-sent events that say what is stale; the page fetches it.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{Sse, sse},
};
use futures_util::{Stream, stream};
use store::Notice;
use tokio::sync::broadcast::error::RecvError;

use super::{Web, auth::Caller};

const HEARTBEAT: Duration = Duration::from_secs(15);

#[utoipa::path(get, path = "/api/v1/events", tag = "live", responses((status = 200, content_type = "text/event-stream", description = "`change` {ticket_id, what} and `system` {}")))]
pub async fn events(
    State(web): State<Web>,
    _caller: Caller,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let notices = web.app.db.notices();
    let events = stream::unfold(notices, |mut notices| async move {
        loop {
            let event = match notices.recv().await {
                Ok(Notice::Ticket { ticket_id, what }) => {
                    change(&serde_json::json!({ "ticket_id": ticket_id, "what": what }))
                }
                Ok(Notice::System) => sse::Event::default().event("system").data("{}"),
                Ok(Notice::Job | Notice::Inbox) => continue,
                // Too much happened at once: everything is stale.
                Err(RecvError::Lagged(_)) => {
                    change(&serde_json::json!({ "ticket_id": null, "what": "everything" }))
                }
                Err(RecvError::Closed) => return None,
            };
            return Some((Ok(event), notices));
        }
    });
    Sse::new(events).keep_alive(sse::KeepAlive::new().interval(HEARTBEAT))
}

fn change(data: &serde_json::Value) -> sse::Event {
    sse::Event::default().event("change").data(data.to_string())
}
