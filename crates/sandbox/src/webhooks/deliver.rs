//! Carries webhooks to the business, several at a time, and shakes hands with it first.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::{task::JoinSet, time::Instant};

use super::{
    compose,
    queue::{Delivery, LogRow, QUEUE_MAX, Take, Update},
    wire,
};
use crate::{
    app::{self, App, Event},
    customer::{Customer, Status},
    error::GraphError,
    journal::Row,
    media,
    state::State,
};

const LOG_MAX: usize = 1_000;
/// Of each body, in the log.
const LOGGED_BODY_MAX: usize = 64 * 1_024;

/// Puts one update in the queue. Nothing is queued while the account's app is not subscribed.
pub fn enqueue(app: &App, state: &mut State, update: Update, after: Duration) -> Result<(), GraphError> {
    if state.meta.unsubscribed {
        return Ok(());
    }
    if state.queue.len() >= QUEUE_MAX {
        return Err(GraphError::new(131_016, "too many webhooks wait to be delivered; is the receiver up?"));
    }
    let id = state.next();
    let at = app.now_at(state.meta.clock_offset_s);
    let delivery =
        Delivery { id, at, updates: vec![update], repeats: state.meta.knobs.duplicate, attempts: 0 };
    if state.meta.knobs.drop > 0 {
        state.meta.knobs.drop -= 1;
        let body = wire::body(&compose::envelope(&app.config.waba_id, &delivery.updates));
        log(state, &delivery, (String::new(), body), None, Some("dropped by the knob `drop`"));
        state.record_meta();
        return Ok(());
    }
    state.record(&Row::Queued(Box::new(delivery.clone())));
    let knobs = state.meta.knobs.clone();
    state.queue.push(delivery, &knobs, after);
    app.wake.notify_one();
    Ok(())
}

/// Delivers until the sandbox stops.
pub async fn run(app: App) {
    let mut posts = JoinSet::new();
    let stopped = app::until_stopped(app.stopped.clone());
    tokio::pin!(stopped);
    loop {
        let next = take(&app);
        let pause = match next {
            Take::Ready(group) => {
                let app = app.clone();
                posts.spawn(async move {
                    for delivery in group {
                        post(&app, delivery).await;
                    }
                });
                continue;
            }
            Take::At(due) => Some(due),
            Take::Idle => None,
        };
        let due = async {
            match pause {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = &mut stopped => return,
            () = app.wake.notified() => {}
            () = due => {}
            Some(_) = posts.join_next() => {}
        }
    }
}

fn take(app: &App) -> Take {
    let mut state = app.state();
    if state.webhook_url().is_none() {
        return Take::Idle;
    }
    let knobs = state.meta.knobs.clone();
    let (take, merged) = state.queue.take(Instant::now(), &knobs);
    if let (Take::Ready(group), false) = (&take, merged.is_empty()) {
        for delivery in group {
            state.record(&Row::Queued(Box::new(delivery.clone())));
        }
        for id in merged {
            state.record(&Row::Done(id));
        }
    }
    take
}

async fn post(app: &App, delivery: Delivery) {
    let (url, knobs) = {
        let state = app.state();
        (state.webhook_url().unwrap_or_default().to_owned(), state.meta.knobs.clone())
    };
    let body = wire::body(&compose::envelope(&app.config.waba_id, &delivery.updates));
    let signature = if knobs.bad_signature {
        wire::signature("not the app secret", body.as_bytes())
    } else {
        wire::signature(&app.config.app_secret, body.as_bytes())
    };
    let answer = send(app, &url, body.clone().into_bytes(), Some(signature)).await;
    let (status, note) = match answer {
        Ok((status, _)) => (Some(status), None),
        Err(error) => (None, Some(error)),
    };
    let mut state = app.state();
    log(&mut state, &delivery, (url, body), status, note.as_deref());
    let now = app.now_at(state.meta.clock_offset_s);
    let pause = app
        .config
        .retry_first
        .saturating_mul(2_u32.saturating_pow(delivery.attempts.min(16)))
        .min(app.config.retry_max);
    let over = state.queue.finish(delivery.id, status, now, pause);
    if let Some((delivery, arrived)) = over {
        settle(app, &mut state, &delivery, arrived);
    }
    drop(state);
    app.wake.notify_one();
    app.tell(Event::State);
}

fn settle(app: &App, state: &mut State, delivery: &Delivery, arrived: bool) {
    state.record(&Row::Done(delivery.id));
    for wamid in delivery.updates.iter().filter_map(|u| u.wamid.as_deref()).filter(|_| arrived) {
        let chat = state.change_message(wamid, |m| m.view.status = m.view.status.max(Status::Delivered));
        if let Some(customer) = chat {
            app.tell(Event::Chat(format!("c{customer}")));
        }
    }
}

fn log(
    state: &mut State,
    delivery: &Delivery,
    (url, mut body): (String, String),
    status: Option<u16>,
    note: Option<&str>,
) {
    let id = delivery.id.to_string();
    state.log.retain(|row| row.id != id);
    if state.log.len() >= LOG_MAX {
        state.log.pop_front();
    }
    // The body is ASCII, so any byte is a boundary.
    body.truncate(LOGGED_BODY_MAX);
    let attempts = if url.is_empty() { 0 } else { delivery.attempts.saturating_add(1) };
    let note = note.map(str::to_owned);
    state.log.push_back(LogRow { id, at: delivery.at, url, status, attempts, body, note });
}

/// One POST as Meta makes it; answers status and body.
pub async fn send(
    app: &App,
    url: &str,
    body: Vec<u8>,
    signature: Option<String>,
) -> Result<(u16, String), String> {
    let mut request = app.http.post(url).header(CONTENT_TYPE, "application/json");
    if let Some(signature) = signature {
        request = request.header("X-Hub-Signature-256", signature);
    }
    let response = request.body(body).send().await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    Ok((status, answer_text(response).await))
}

/// The receiver is not trusted to end its answer.
async fn answer_text(mut response: reqwest::Response) -> String {
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        text.extend_from_slice(&chunk);
        if text.len() > LOGGED_BODY_MAX {
            text.truncate(LOGGED_BODY_MAX);
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The verification request; its result is shown in the state.
pub async fn handshake(app: &App) -> bool {
    let Some(url) = app.state().webhook_url().map(str::to_owned) else { return false };
    let result = verify(app, &url, &app.config.verify_token).await;
    let ok = result.is_ok();
    app.state().handshake = Some(result.map_or_else(|why| format!("failed: {why}"), |()| "ok".to_owned()));
    app.tell(Event::State);
    app.wake.notify_one();
    ok
}

/// Asks `url` to prove that it knows the verify token.
pub async fn verify(app: &App, url: &str, token: &str) -> Result<(), String> {
    // Not from the counter: a handshake must not change the ids that come after it.
    let challenge = media::url_hash(&app.config.app_secret, url, app.state().meta.clock_offset_s);
    let query =
        [("hub.mode", "subscribe"), ("hub.challenge", challenge.as_str()), ("hub.verify_token", token)];
    let response = app.http.get(url).query(&query).send().await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let text = answer_text(response).await;
    match (status, text == challenge) {
        (200, true) => Ok(()),
        (200, false) => Err("the answer is not the challenge".to_owned()),
        _ => Err(format!("the receiver answered {status}")),
    }
}

/// `messages` is the field that nearly everything comes in.
pub fn update(value: Value, wamid: Option<String>, customer: &Customer) -> Update {
    let change = serde_json::json!({ "field": "messages", "value": value });
    Update { change, wamid, customer: Some(customer.n) }
}
