//! Jobs and leases: each job runs once, whoever dies.

use std::{collections::BTreeMap, time::Duration};

use store::{
    Notice, StoreError,
    jobs::{self, Job, NewJob},
    leases,
};

use crate::{NOON, World, later, on_each_engine};

const LEASE: Duration = Duration::from_secs(60);

async fn enqueue(world: &World, number: u32, key: Option<&str>, run_at: model::Timestamp) -> bool {
    let mut tx = world.tx().await;
    let job = NewJob { kind: "test", payload: &number, run_at, dedup_key: key };
    let is_new = jobs::enqueue(&mut tx, &world.ids, NOON, job).await.unwrap();
    tx.commit().await.unwrap();
    is_new
}

async fn claim(world: &World, now: model::Timestamp, limit: i64) -> Vec<Job> {
    jobs::claim(&world.db, &world.ids, now, LEASE, limit).await.unwrap()
}

#[tokio::test]
async fn four_workers_share_two_hundred_jobs_and_nothing_runs_twice() {
    on_each_engine(async |world| {
        for number in 0..200 {
            enqueue(world, number, None, NOON).await;
        }
        enqueue(world, 999, None, later(1)).await;
        let worker = async || {
            let mut ran: Vec<u32> = Vec::new();
            loop {
                let taken = claim(world, NOON, 7).await;
                if taken.is_empty() {
                    return ran;
                }
                assert!(taken.len() <= 7);
                for job in taken {
                    assert_eq!(job.attempts, 1);
                    ran.push(job.read().unwrap());
                    let mut tx = world.tx().await;
                    jobs::done(&mut tx, &job).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
        };
        let (a, b, c, d) = futures_util::join!(worker(), worker(), worker(), worker());
        let mut times: BTreeMap<u32, u32> = BTreeMap::new();
        for number in [a, b, c, d].concat() {
            *times.entry(number).or_default() += 1;
        }
        assert_eq!(times.len(), 200);
        assert!(times.values().all(|times| *times == 1));
        assert_eq!(jobs::next_run_at(&world.db).await.unwrap(), Some(later(1)));
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_cannot_end_the_job() {
    on_each_engine(async |world| {
        enqueue(world, 1, None, NOON).await;
        let slow = claim(world, NOON, 1).await.remove(0);
        assert!(jobs::extend(&world.db, &slow, later(120)).await.unwrap());
        assert_eq!(jobs::rescue(&world.db, later(119), false).await.unwrap(), 0, "still ours");
        assert_eq!(jobs::rescue(&world.db, later(121), false).await.unwrap(), 1);
        let quick = claim(world, later(121), 1).await.remove(0);
        assert_eq!(quick.attempts, 2);

        assert!(!jobs::extend(&world.db, &slow, later(500)).await.unwrap());
        let mut tx = world.tx().await;
        assert!(matches!(jobs::done(&mut tx, &slow).await, Err(StoreError::Unusable(_))));
        drop(tx);
        let mut tx = world.tx().await;
        jobs::again(&mut tx, &slow, NOON, Some("late")).await.unwrap();
        assert!(!jobs::bury(&mut tx, &slow, "late").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(jobs::count(&world.db, "running").await.unwrap(), 1, "the late one changed nothing");
        assert_eq!(jobs::unfinished(&world.db, NOON).await.unwrap(), 1, "running, whenever it is due");

        let mut tx = world.tx().await;
        jobs::done(&mut tx, &quick).await.unwrap();
        tx.commit().await.unwrap();
        for state in ["ready", "running", "dead"] {
            assert_eq!(jobs::count(&world.db, state).await.unwrap(), 0, "{state}");
        }
        enqueue(world, 2, None, later(5)).await;
        assert_eq!(jobs::unfinished(&world.db, later(4)).await.unwrap(), 0, "not due yet");
        assert_eq!(jobs::unfinished(&world.db, later(5)).await.unwrap(), 1);
        claim(world, later(5), 1).await;
        assert_eq!(jobs::rescue(&world.db, NOON, true).await.unwrap(), 1, "at the start all of them");
    })
    .await;
}

#[tokio::test]
async fn keys_dead_letters_and_second_chances() {
    on_each_engine(async |world| {
        let mut notices = world.db.notices();
        assert!(enqueue(world, 1, Some("k"), later(600)).await);
        assert!(!enqueue(world, 2, Some("k"), NOON).await, "one job a key");
        if world.url.starts_with("sqlite") {
            assert_eq!(notices.try_recv().unwrap(), Notice::Job);
        }
        assert!(claim(world, NOON, 9).await.is_empty());
        let mut tx = world.tx().await;
        assert!(jobs::hasten(&mut tx, "k", NOON).await.unwrap());
        assert!(!jobs::hasten(&mut tx, "other", NOON).await.unwrap());
        tx.commit().await.unwrap();

        let job = claim(world, NOON, 9).await.remove(0);
        let mut tx = world.tx().await;
        jobs::again(&mut tx, &job, later(5), Some("the first reason")).await.unwrap();
        tx.commit().await.unwrap();
        let job = claim(world, later(5), 9).await.remove(0);
        let mut tx = world.tx().await;
        jobs::again(&mut tx, &job, later(9), None).await.unwrap();
        tx.commit().await.unwrap();
        let kept = jobs::list(&world.db, "ready", "", 10).await.unwrap().remove(0);
        assert_eq!(
            (kept.last_error.as_deref(), kept.attempts, kept.run_at),
            (Some("the first reason"), 2, later(9))
        );

        let job = claim(world, later(9), 9).await.remove(0);
        let mut tx = world.tx().await;
        jobs::bury(&mut tx, &job, "hopeless").await.unwrap();
        tx.commit().await.unwrap();
        assert!(enqueue(world, 3, Some("k"), later(700)).await, "a dead letter gives its key free");
        let dead = jobs::list(&world.db, "dead", "", 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].last_error.as_deref()), (1, Some("hopeless")));
        assert!(
            jobs::list(&world.db, "dead", dead[0].id.as_str(), 10).await.unwrap().is_empty(),
            "after the cursor"
        );
        let mut tx = world.tx().await;
        assert!(jobs::retry(&mut tx, &dead[0].id, later(10)).await.unwrap());
        assert!(!jobs::retry(&mut tx, &"none".into(), later(10)).await.unwrap());
        tx.commit().await.unwrap();
        let job = claim(world, later(10), 9).await.remove(0);
        assert_eq!(job.attempts, 1, "counted anew");

        let mut tx = world.tx().await;
        jobs::bury(&mut tx, &job, "again").await.unwrap();
        jobs::forget_dead(&mut tx, "test", &2).await.unwrap();
        jobs::forget_dead(&mut tx, "other", &1).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(jobs::count(&world.db, "dead").await.unwrap(), 1, "other work's dead letters stay");
        let mut tx = world.tx().await;
        jobs::forget_dead(&mut tx, "test", &1).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(jobs::count(&world.db, "dead").await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_runs_out() {
    on_each_engine(async |world| {
        let hold = async |owner: &'static str, at| {
            leases::hold(&world.db, "reader", owner, at, LEASE).await.unwrap()
        };
        assert!(hold("a", NOON).await);
        assert!(!hold("b", later(59)).await);
        assert!(hold("a", later(59)).await, "kept");
        assert!(!hold("b", later(100)).await);
        assert!(hold("b", later(120)).await, "run out");
        leases::release(&world.db, "reader", "a").await.unwrap();
        assert!(!hold("a", later(121)).await, "only the holder can release");
        leases::release(&world.db, "reader", "b").await.unwrap();
        assert!(hold("a", later(121)).await);
        assert!(!hold("b", later(121)).await);
        leases::clear(&world.db).await.unwrap();
        assert!(hold("b", later(121)).await);
    })
    .await;
}
