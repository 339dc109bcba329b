//! A desk of several processes, as its system page shows it: who is there, how they are, and who is missing.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use server::{
    config::Config,
    serve::{Roles, Server},
};

use crate::support::{Desk, Engine, engines, serve_as};

const WEB: Roles = Roles { web: true, worker: false };
const WORKER: Roles = Roles { web: false, worker: true };
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A process that answers and does no work.
async fn web(engine: Engine) -> Desk {
    Desk::start_as(engine, WEB, |_| {}).await
}

/// A process that works on the same desk, from a folder of its own.
async fn worker(desk: &Desk, name: &str) -> Server {
    let mut config: Config = desk.config.clone();
    config.database.url = Some(desk.config.database_url());
    config.blobs.url = Some(desk.config.blobs_url());
    config.data.master_key_file = Some(desk.config.master_key_file());
    config.data.dir = desk.dir.path().join(name);
    serve_as(&config, WORKER, desk.clock.clone()).await
}

async fn processes(desk: &Desk) -> Vec<Value> {
    desk.system().await["processes"].as_array().unwrap().clone()
}

async fn worker_row(desk: &Desk) -> Value {
    let all = processes(desk).await;
    all.into_iter().find(|process| process["roles"] == json!(["worker"])).unwrap()
}

async fn ready(desk: &Desk) -> (u16, String) {
    let response = desk.http.get(format!("{}/readyz", desk.server.url())).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_workers_troubles_are_seen_at_the_web_process_and_end_with_it() {
    for engine in engines() {
        let desk = web(engine).await;
        assert_eq!(desk.degraded().await, ["no_worker"]);
        let told = desk.system().await["degraded"][0]["message"].as_str().unwrap().to_owned();
        assert!(told.contains("come in safely") && told.contains("serve --role worker"), "{told}");
        assert_eq!(ready(&desk).await, (200, "ready\ndegraded: no_worker\n".to_owned()));

        let worker = worker(&desk, "worker").await;
        // Found out by the worker alone: its folder has no models.
        desk.until_degraded("models_missing", true).await;
        assert!(!desk.degraded().await.contains(&"no_worker".to_owned()));
        worker.app.health.enter("token_refused", "WhatsApp refuses our access token");
        desk.until_degraded("token_refused", true).await;
        let row = worker_row(&desk).await;
        assert_eq!((&row["is_alive"], &row["is_this"]), (&json!(true), &json!(false)));
        assert!(row["degraded"].to_string().contains("token_refused"), "{row:#}");
        assert_eq!(row["version"], env!("CARGO_PKG_VERSION"));
        assert!(!row["host"].as_str().unwrap().is_empty(), "{row:#}");
        let own = processes(&desk).await.into_iter().find(|process| process["is_this"] == true).unwrap();
        assert_eq!((&own["roles"], &own["degraded"]), (&json!(["web"]), &json!([])));
        let (_, text) = ready(&desk).await;
        assert!(text.contains("degraded: token_refused\n") && !text.contains("WhatsApp"), "{text}");

        worker.app.health.leave("token_refused");
        desk.until_degraded("token_refused", false).await;
        worker.shutdown().await;
        assert_eq!(desk.degraded().await, ["no_worker"]);
        assert_eq!(processes(&desk).await.len(), 1, "who ends as it should leaves the list");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_process_that_was_killed_is_not_seen_and_then_forgotten() {
    for engine in engines() {
        let desk = web(engine).await;
        let killed = worker(&desk, "worker").await;
        desk.until_degraded("models_missing", true).await;
        // Its tasks end where they are, and nobody says goodbye. Time moves only once all of them have ended.
        let app = Arc::downgrade(&killed.app);
        drop(killed);
        while app.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
        desk.advance(Duration::from_secs(60));
        assert_eq!(worker_row(&desk).await["is_alive"], true, "it may be about to say something");
        desk.advance(Duration::from_secs(1));
        let row = worker_row(&desk).await;
        assert_eq!((&row["is_alive"], &row["seen_at"]), (&json!(false), &json!("2026-11-22T12:00:00Z")));
        assert_eq!(desk.degraded().await, ["no_worker"], "what it said of itself holds no longer");

        // Another one takes the work; the dead one is still shown.
        let second = worker(&desk, "second").await;
        desk.until_degraded("no_worker", false).await;
        let alive = |all: &[Value]| all.iter().filter(|process| process["is_alive"] == true).count();
        let all = processes(&desk).await;
        if engine == Engine::Postgres {
            assert_eq!((all.len(), alive(&all)), (3, 2), "{all:#?}");
        } else {
            assert_eq!(
                (all.len(), alive(&all)),
                (2, 2),
                "alone on its file, it knows that the others are gone"
            );
        }
        second.shutdown().await;
        desk.advance(DAY);
        assert_eq!(processes(&desk).await.len(), 1);
        desk.close().await;
    }
}
