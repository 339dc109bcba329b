//! What processes say of themselves, and how they are forgotten.

use model::{Timestamp, ids::ProcessId};
use store::processes::{self, Process};

use crate::{NOON, World, later, on_each_engine};

fn process(id: &ProcessId, started_at: Timestamp, seen_at: Timestamp, degraded: &str) -> Process {
    Process {
        id: id.clone(),
        roles: "worker".to_owned(),
        host: "desk-2".to_owned(),
        version: "0.1.0".to_owned(),
        started_at,
        seen_at,
        degraded: degraded.to_owned(),
    }
}

async fn beat(world: &World, process: &Process) {
    let mut tx = world.tx().await;
    processes::beat(&mut tx, process).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_process_is_what_it_said_last_until_it_ends_or_falls_silent() {
    on_each_engine(async |world| {
        let [first, second] = [0, 1].map(|_| ProcessId::new(&world.ids, NOON));
        beat(world, &process(&first, NOON, NOON, "[]")).await;
        beat(world, &process(&second, later(1), later(1), "[]")).await;
        let said = process(&first, NOON, later(20), r#"[{"name":"no_models"}]"#);
        beat(world, &said).await;
        let seen = async |since| processes::seen(&world.db, since).await.unwrap();
        assert_eq!(seen(NOON).await, [said.clone(), process(&second, later(1), later(1), "[]")]);
        assert_eq!(seen(later(2)).await, std::slice::from_ref(&said), "the other one is silent");

        let mut tx = world.tx().await;
        processes::forget(&mut tx, later(2)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seen(NOON).await, [said]);
        let mut tx = world.tx().await;
        processes::remove(&mut tx, &first).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seen(NOON).await, []);

        beat(world, &process(&second, later(1), later(30), "[]")).await;
        processes::clear(&world.db).await.unwrap();
        assert_eq!(seen(NOON).await, []);
    })
    .await;
}
