//! Live updates: server-sent events that say what is stale; the page fetches it.
//!
//! Who was let in when the line was opened may be shut out while it is open. A line asks again when something about
//! people's access changed here, and every few seconds, because another program may have changed it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{Sse, sse},
};
use futures_util::{Stream, StreamExt as _, stream};
use model::ids::TicketId;
use store::Notice;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{self, Instant, MissedTickBehavior},
};

use super::{
    Web, access,
    auth::{Caller, Credential},
};
use crate::app::App;

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a line may outlive a session that another process ended.
const ASK_AGAIN: Duration = Duration::from_secs(5);

#[utoipa::path(get, path = "/api/v1/events", tag = "live", responses((status = 200, content_type = "text/event-stream", description = "`change` {ticket_id, what} and `system` {}; ends with the session or the token that opened it")))]
pub async fn events(
    State(web): State<Web>,
    caller: Caller,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let notices = web.app.db.notices();
    let (app, credential, asking) = (web.app.clone(), caller.credential.clone(), caller);
    let may_listen = move || may_listen(app.clone(), credential.clone());
    let told = line(notices, Box::pin(ticks()), may_listen);
    let events = told.filter_map(move |told| {
        let (web, caller) = (web.clone(), asking.clone());
        async move { is_for(&web.app, &caller, &told).await.then_some(Ok(told.event)) }
    });
    Sse::new(events).keep_alive(sse::KeepAlive::new().interval(HEARTBEAT))
}

/// One event of a line, and the ticket that it tells of.
struct Told {
    ticket: Option<TicketId>,
    event: sse::Event,
}

/// Whether it tells of something that this caller sees. What cannot be found out now is not told.
async fn is_for(app: &App, caller: &Caller, told: &Told) -> bool {
    match &told.ticket {
        Some(ticket) => access::reach(&app.db, caller, ticket).await.is_ok(),
        None => true,
    }
}

/// Whether who opened a line may still hear. While the database does not answer, nothing new is told to anybody.
async fn may_listen(app: Arc<App>, credential: Credential) -> bool {
    match credential.caller(&app).await {
        Ok(caller) => caller.is_some(),
        Err(error) => {
            tracing::debug!(%error, "whether a line may go on is asked again in a moment");
            true
        }
    }
}

fn ticks() -> impl Stream<Item = ()> + Send {
    let mut interval = time::interval_at(Instant::now() + ASK_AGAIN, ASK_AGAIN);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold(interval, |mut interval| async move {
        interval.tick().await;
        Some(((), interval))
    })
}

/// The events of one line, until whoever opened it may hear no more.
fn line<May: Future<Output = bool> + Send>(
    notices: Receiver<Notice>,
    ticks: impl Stream<Item = ()> + Send + Unpin,
    may_listen: impl Fn() -> May + Send,
) -> impl Stream<Item = Told> + Send {
    stream::unfold((notices, ticks, may_listen), |(mut notices, mut ticks, may_listen)| async move {
        loop {
            let heard = tokio::select! {
                // Ticks are rare and come first: no flood of notices puts the question off.
                biased;
                Some(()) = ticks.next() => Heard::Doubt,
                heard = notices.recv() => of_notice(heard),
            };
            match heard {
                Heard::Event(told) => return Some((told, (notices, ticks, may_listen))),
                Heard::Nothing => {}
                Heard::Doubt if may_listen().await => {}
                Heard::Doubt | Heard::End => return None,
            }
        }
    })
}

/// What a notice means to a line.
enum Heard {
    Event(Told),
    Nothing,
    /// Somebody may have been shut out: ask before anything more is told.
    Doubt,
    End,
}

fn of_notice(notice: Result<Notice, RecvError>) -> Heard {
    match notice {
        Ok(Notice::Ticket { ticket_id, what }) => {
            let event = change(&serde_json::json!({ "ticket_id": ticket_id, "what": what }));
            Heard::Event(Told { ticket: Some(ticket_id), event })
        }
        Ok(Notice::System) => {
            Heard::Event(Told { ticket: None, event: sse::Event::default().event("system").data("{}") })
        }
        Ok(Notice::Job | Notice::Inbox | Notice::Flows) => Heard::Nothing,
        Ok(Notice::Access) => Heard::Doubt,
        // Too much happened at once: everything is stale.
        Err(RecvError::Lagged(_)) => {
            let event = change(&serde_json::json!({ "ticket_id": null, "what": "everything" }));
            Heard::Event(Told { ticket: None, event })
        }
        Err(RecvError::Closed) => Heard::End,
    }
}

fn change(data: &serde_json::Value) -> sse::Event {
    sse::Event::default().event("change").data(data.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    };

    use futures_util::{StreamExt as _, stream};
    use store::Notice;
    use tokio::sync::{broadcast, mpsc};

    /// A line whose ticks come from a hand, over a door that remembers how often it was asked.
    #[tokio::test]
    async fn a_line_asks_at_ticks_and_at_changes_of_access_and_not_for_each_event() {
        for last in ["tick", "access"] {
            let (notices, heard) = broadcast::channel(1_024);
            let (tick, ticks) = mpsc::unbounded_channel();
            let ticks = stream::unfold(ticks, |mut ticks| async move { Some((ticks.recv().await?, ticks)) });
            let (is_open, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
            let door = (is_open.clone(), asked.clone());
            let may_listen = move || {
                door.1.fetch_add(1, Ordering::SeqCst);
                std::future::ready(door.0.load(Ordering::SeqCst))
            };
            let mut line = Box::pin(super::line(heard, Box::pin(ticks), may_listen));
            for _ in 0..100 {
                notices.send(Notice::System).unwrap();
                assert!(line.next().await.is_some());
            }
            assert_eq!(asked.load(Ordering::SeqCst), 0, "an event costs no question");
            tick.send(()).unwrap();
            for notice in [Notice::Access, Notice::Job, Notice::System] {
                notices.send(notice).unwrap();
            }
            assert!(line.next().await.is_some(), "still let in");
            assert_eq!(asked.load(Ordering::SeqCst), 2, "once for the tick, once for the change");

            is_open.store(false, Ordering::SeqCst);
            match last {
                "tick" => tick.send(()).unwrap(),
                _ => drop(notices.send(Notice::Access).unwrap()),
            }
            notices.send(Notice::System).unwrap();
            assert!(line.next().await.is_none(), "nothing is told after the {last}");
        }
    }
}
